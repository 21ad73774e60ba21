#include "server/sip/srv_order.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace adieu::sip {

std::vector<DnsService> InSrvOrder(std::vector<DnsService> services,
                                   const std::function<uint32_t(uint32_t)>& pick) {
  // Weight 0 first, so that it has a small chance beside others.
  std::stable_sort(services.begin(), services.end(), [](const DnsService& a, const DnsService& b) {
    return std::make_tuple(a.priority, a.weight != 0) < std::make_tuple(b.priority, b.weight != 0);
  });
  for (auto next = services.begin(); next != services.end(); ++next) {
    const auto end = std::find_if(
        next, services.end(), [&](const DnsService& service) { return service.priority != next->priority; });
    uint32_t sum = 0;
    std::for_each(next, end,
                  [&](const DnsService& service) { sum += static_cast<uint32_t>(service.weight); });
    const uint32_t picked = pick(sum);
    uint32_t running = 0;
    const auto chosen = std::find_if(next, end, [&](const DnsService& service) {
      running += static_cast<uint32_t>(service.weight);
      return running >= picked;
    });
    std::rotate(next, chosen, std::next(chosen));
  }
  return services;
}

}  // namespace adieu::sip
