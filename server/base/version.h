#pragma once

#include <string_view>

namespace adieu::base {

// The version of the programs: the same as project(VERSION) in the CMakeLists.txt of the root (a test
// compares).
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace adieu::base
