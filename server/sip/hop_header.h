#pragma once

#include <string_view>

namespace adieu::sip {

// The private header of a forwarded INVITE that tells which Adieus it passed (see CheckHops). It goes from us
// to the callee only.
inline constexpr std::string_view kHopHeader = "X-Adieu-Hops";

}  // namespace adieu::sip
