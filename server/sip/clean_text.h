#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace adieu::sip {

// Octets.
inline constexpr size_t kMaxCleanText = 256;

// Text from the wire as a protobuf string may hold it: valid UTF-8, cut at kMaxCleanText without breaking a
// character; each octet that is not UTF-8 becomes `?`. Pure.
std::string CleanText(std::string_view text);

}  // namespace adieu::sip
