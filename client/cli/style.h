#pragma once

#include <string>

namespace adieu::cli {

enum class Style { kPlain, kHeading, kGood, kBusy, kBad, kFaint };

// The text, which must be escaped (escape.h), in this style's colour when `colour` is set.
std::string Paint(const std::string& text, Style style, bool colour);

}  // namespace adieu::cli
