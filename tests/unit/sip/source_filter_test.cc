#include "server/sip/source_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace adieu::sip {
namespace {

using base::IpAddress;
using base::Network;

// What the kernel makes of the program for a datagram from this source: whether it is admitted.
bool Admits(const std::vector<sock_filter>& program, const IpAddress& source) {
  std::array<uint8_t, 40> header{};
  const size_t size = source.version == 4 ? 4 : 16;
  std::copy_n(source.bytes.begin(), size, header.begin() + (source.version == 4 ? 12 : 8));
  uint32_t a = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program[at];
    const size_t offset = step.k - static_cast<uint32_t>(SKF_NET_OFF);
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        a = uint32_t{header.at(offset)} << 24 | uint32_t{header.at(offset + 1)} << 16 |
            uint32_t{header.at(offset + 2)} << 8 | header.at(offset + 3);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += a == step.k ? step.jt : step.jf;
        break;
      case BPF_RET | BPF_K:
        return step.k != 0;
      default:
        ADD_FAILURE() << "unknown step " << step.code;
        return false;
    }
  }
  ADD_FAILURE() << "no end";
  return false;
}

IpAddress RandomAddress(int version, std::mt19937* random) {
  IpAddress address{.version = version};
  // Few values, so that prefixes are often shared.
  for (int i = 0; i < (version == 4 ? 4 : 16); ++i) {
    address.bytes[static_cast<size_t>(i)] = static_cast<uint8_t>((*random)() % 3 == 0 ? 0x80 : 0xa5);
  }
  return address;
}

TEST(SourceFilter, AdmitsWhatTheNetworksContain) {
  std::mt19937 random(7);
  int admitted = 0;
  for (int round = 0; round < 2'000; ++round) {
    const int version = random() % 2 == 0 ? 4 : 6;
    std::vector<Network> networks;
    for (unsigned i = random() % 4; i > 0; --i) {
      const int of = random() % 4 == 0 ? 10 - version : version;
      const int length = static_cast<int>(random() % (of == 4 ? 33 : 129));
      networks.push_back({.address = RandomAddress(of, &random), .prefix_length = length});
    }
    const auto program = SourceFilter(networks, version);
    for (int i = 0; i < 20; ++i) {
      const IpAddress source = RandomAddress(version, &random);
      const bool wanted = std::any_of(networks.begin(), networks.end(),
                                      [&](const Network& network) { return network.Contains(source); });
      admitted += wanted ? 1 : 0;
      ASSERT_EQ(Admits(program, source), wanted) << FormatIp(source) << " round " << round;
    }
  }
  EXPECT_GT(admitted, 1'000);
}

TEST(SourceFilter, HasRoomForAThousandNetworksOfIpv4) {
  const std::vector<Network> many(1'023, {.address = *base::ParseIp("192.0.2.0"), .prefix_length = 24});
  EXPECT_EQ(SourceFilter(many, 4).size(), 4U * 1'023 + 1);
}

TEST(SourceFilter, IsEmptyWhenThereAreTooMany) {
  const std::vector<Network> many(1'024, {.address = *base::ParseIp("2001:db8::"), .prefix_length = 64});
  EXPECT_TRUE(SourceFilter(many, 6).empty());
  EXPECT_EQ(SourceFilter(many, 4).size(), 1U);
}

}  // namespace
}  // namespace adieu::sip
