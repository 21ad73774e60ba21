#pragma once

#include <string>
#include <string_view>

namespace adieu::sip {

// Session descriptions (RFC 4566, RFC 3264) for calls that are answered only to be ended. No media ever
// flows. Pure.

// The answer to `offer`: each RTP/AVP or RTP/AVPF stream is taken with its first format and held `inactive`;
// what cannot be held (encrypted, not RTP) is refused with port 0 (RFC 3264 6). `host`: our address, as in a
// Contact; `[2001:db8::1]` makes an IP6 description. An offer without streams gives an answer without any.
std::string AnswerTo(std::string_view offer, std::string_view host);

// An offer of one inactive audio stream, for an INVITE that had none.
std::string InactiveOffer(std::string_view host);

}  // namespace adieu::sip
