#include "server/sip/dns_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "tests/unit/sip/dns_server.h"

namespace adieu::sip {
namespace {

TEST(DnsThread, ReportsNothingOnceItIsStopped) {
  DnsServer server;
  server.Ignore("_sip._udp.pbx.test", DnsRecord::kSrv);
  server.Ignore("pbx.test", DnsRecord::kA);
  std::atomic<int> reports = 0;
  auto dns = DnsThread::Start({.servers = server.address(),
                               .deadline = std::chrono::seconds(20),
                               .query_timeout = std::chrono::seconds(20)},
                              [&](const DnsQuestion&, const DnsAnswer&) { ++reports; });
  ASSERT_NE(dns, nullptr);
  dns->Ask({.name = "pbx.test"});
  dns->Ask({.name = "pbx.test", .kind = DnsQuestion::Kind::kSrvUdp});
  EXPECT_TRUE(server.WaitAsked("pbx.test", DnsRecord::kA));
  EXPECT_TRUE(server.WaitAsked("_sip._udp.pbx.test", DnsRecord::kSrv));
  dns.reset();
  EXPECT_EQ(reports, 0);
}

}  // namespace
}  // namespace adieu::sip
