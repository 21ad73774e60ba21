#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "server/base/token_bucket.h"
#include "server/metrics/labels.h"

namespace adieu::sip {

// Lets new INVITEs in or says why not, before anything is made of them. Calls that exist never come here. Its
// memory is bounded: of the sources it knows the latest 65,536. Not synchronised: the agent's thread.
class InviteGate {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    // Zero: no limit.
    uint32_t per_second = 0;
    uint32_t per_source_per_second = 0;
  };

  InviteGate(Limits limits, Clock::time_point now);

  // `source`: `192.0.2.1:5060` or `[2001:db8::1]:5060`; the port does not count, and of IPv6 the first 64
  // bits. `queued`: bytes that wait behind this INVITE. Nothing: it may come in.
  std::optional<metrics::RejectReason> Refuses(const std::string& source, size_t queued,
                                               Clock::time_point now);

 private:
  static constexpr size_t kSources = 65'536;

  struct Source {
    base::TokenBucket bucket;
    std::list<std::string>::iterator place;
  };

  bool IsOverloaded(size_t queued, Clock::time_point now);
  bool SourceHasToken(const std::string& source, Clock::time_point now);

  const Limits limits_;
  std::optional<base::TokenBucket> all_;
  std::unordered_map<std::string, Source> sources_;
  // The keys of sources_, the latest first.
  std::list<std::string> latest_;
  // Since when the queue was long whenever it was looked at.
  std::optional<Clock::time_point> long_since_;
};

}  // namespace adieu::sip
