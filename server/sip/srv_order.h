#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/sip/dns_answer.h"

namespace adieu::sip {

// The order in which services are tried (RFC 2782): by priority, and within one at random in proportion to
// the weights. `pick(n)` is a random number, 0 to n. Pure but for `pick`.
std::vector<DnsService> InSrvOrder(std::vector<DnsService> services,
                                   const std::function<uint32_t(uint32_t)>& pick);

}  // namespace adieu::sip
