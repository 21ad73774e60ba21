#include "server/sip/srv_order.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace adieu::sip {
namespace {

struct Case {
  std::vector<DnsService> services;
  // What the dice show, one for each that is chosen.
  std::vector<uint32_t> dice;
  // What they could have shown at most.
  std::vector<uint32_t> most;
  // The ports, in order.
  std::vector<int> ports;
};

DnsService Service(int priority, int weight, int port) {
  return {.priority = priority, .weight = weight, .port = port};
}

TEST(SrvOrder, FollowsPriorityAndWeight) {
  const Case cases[] = {
      {{}, {}, {}, {}},
      {{Service(0, 0, 1)}, {0}, {0}, {1}},
      {{Service(20, 0, 3), Service(10, 0, 2), Service(0, 0, 1)}, {0, 0, 0}, {0, 0, 0}, {1, 2, 3}},
      // 1: weights 1-30, 2: 31-100.
      {{Service(5, 30, 1), Service(5, 70, 2)}, {30, 0}, {100, 70}, {1, 2}},
      {{Service(5, 30, 1), Service(5, 70, 2)}, {31, 0}, {100, 30}, {2, 1}},
      // Weight 0 has the 0.
      {{Service(5, 10, 1), Service(5, 0, 2)}, {0, 0}, {10, 10}, {2, 1}},
      {{Service(5, 10, 1), Service(5, 0, 2)}, {1, 0}, {10, 0}, {1, 2}},
      {{Service(9, 1, 4), Service(5, 1, 1), Service(5, 1, 2), Service(5, 1, 3)},
       {2, 2, 0, 1},
       {3, 2, 1, 1},
       {2, 3, 1, 4}},
      {{Service(0, 65535, 1), Service(0, 65535, 2)}, {131070, 65535}, {131070, 65535}, {2, 1}},
  };
  for (const Case& c : cases) {
    size_t thrown = 0;
    const auto ordered = InSrvOrder(c.services, [&](uint32_t most) {
      EXPECT_LT(thrown, c.dice.size());
      if (thrown >= c.dice.size()) return 0U;
      EXPECT_EQ(most, c.most[thrown]);
      return c.dice[thrown++];
    });
    std::vector<int> ports;
    for (const DnsService& service : ordered) ports.push_back(service.port);
    EXPECT_EQ(ports, c.ports);
    EXPECT_EQ(thrown, c.dice.size());
  }
}

TEST(SrvOrder, SpreadsByWeight) {
  std::minstd_rand random(1);
  int first = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto ordered = InSrvOrder({Service(0, 1, 1), Service(0, 3, 2)}, [&](uint32_t most) {
      return std::uniform_int_distribution<uint32_t>(0, most)(random);
    });
    if (ordered.front().port == 2) ++first;
  }
  // 0 belongs to the first one too: 3 of 5.
  EXPECT_GT(first, 5500);
  EXPECT_LT(first, 8000);
}

}  // namespace
}  // namespace adieu::sip
