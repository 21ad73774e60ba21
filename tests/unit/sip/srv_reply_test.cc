#include "server/sip/srv_reply.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/sip/dns_server.h"

namespace adieu::sip {
namespace {

using std::chrono::seconds;

SrvReply Parse(const std::string& reply) {
  return SrvReply::Parse({reinterpret_cast<const unsigned char*>(reply.data()), reply.size()});
}

std::string Reply(const std::vector<DnsRecord>& records) {
  return DnsReply(DnsQuery("_sip._udp.a.test", DnsRecord::kSrv), 0, records);
}

TEST(SrvReply, IsRead) {
  const SrvReply reply =
      Parse(Reply({DnsRecord::Srv(20, 5, 5080, "b.test", 30), DnsRecord::Srv(10, 0, 5060, "a.test", 90),
                   DnsRecord::Srv(10, 1, 0, "portless.test", 90)}));
  const std::vector<SrvReply::Record> expected = {
      {.priority = 10, .weight = 0, .port = 5060, .host = "a.test"},
      {.priority = 20, .weight = 5, .port = 5080, .host = "b.test"}};
  EXPECT_EQ(reply.records, expected);
  EXPECT_EQ(reply.ttl, seconds(30));
  EXPECT_FALSE(reply.refused);
}

TEST(SrvReply, TellsThatThereIsNoService) {
  EXPECT_TRUE(Parse(Reply({DnsRecord::Srv(0, 0, 0, "")})).refused);
  EXPECT_FALSE(Parse(Reply({DnsRecord::Srv(0, 0, 0, ""), DnsRecord::Srv(0, 0, 1, "a.test")})).refused);
  EXPECT_FALSE(Parse(Reply({})).refused);
}

TEST(SrvReply, IsBounded) {
  std::vector<DnsRecord> records;
  for (int i = 0; i < 40; ++i) records.push_back(DnsRecord::Srv(40 - i, 0, 1 + i, "a.test"));
  const SrvReply reply = Parse(Reply(records));
  ASSERT_EQ(reply.records.size(), SrvReply::kMaxRecords);
  EXPECT_EQ(reply.records.front().priority, 1);
  EXPECT_EQ(reply.records.back().priority, 16);
}

TEST(SrvReply, CanBeAnything) {
  const std::string good =
      Reply({DnsRecord::Srv(1, 2, 3, "a.test", 30), DnsRecord::Srv(1, 2, 4, "b.test", 60)});
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_LE(Parse(good.substr(0, size)).records.size(), 2U);
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', '\x01', '\x7f', '\x80', '\xc0', '\xff'}) {
      std::string bad = good;
      bad[at] = byte;
      EXPECT_LE(Parse(bad).records.size(), 2U);
    }
  }
}

}  // namespace
}  // namespace adieu::sip
