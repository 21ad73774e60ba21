#pragma once

#include <sofia-sip/sip.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace adieu::sip {

// Whether an INVITE may go on, and what it then says of its way (RFC 3261 16.3, steps 3 and 4).
struct HopCheck {
  enum class Verdict {
    kPass,
    // 483: Max-Forwards is used up, or it passed kMaxHops already.
    kTooManyHops,
    // 482: it was here before with the same Request-URI, From and To URIs and Route set. One that comes back
    // with others is a spiral and passes.
    kLoop,
  };
  Verdict verdict = Verdict::kPass;
  // The next two count for kPass only. What to send, 0-254: 70 when the INVITE has none.
  int max_forwards = 0;
  // `X-Adieu-Hops: ...` and CRLF, for SIPTAG_HEADER_STR: the tokens that came, and ours.
  std::string header;
};

// Tokens in X-Adieu-Hops, of every Adieu on the way.
inline constexpr size_t kMaxHops = 32;

// `secret` keys our tokens, so that nobody else can make a call look like a loop: random, the same for the
// life of the process. What is no token in X-Adieu-Hops is dropped. Pure.
HopCheck CheckHops(const sip_t& invite, std::string_view secret);

}  // namespace adieu::sip
