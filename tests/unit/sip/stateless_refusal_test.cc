#include "server/sip/stateless_refusal.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

sockaddr_storage Source(const char* host, int port) {
  sockaddr_storage storage{};
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
  auto* in = reinterpret_cast<sockaddr_in*>(&storage);
  if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
  } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
  }
  in->sin_port = htons(static_cast<uint16_t>(port));
  return storage;
}

std::string Invite(const std::string& via, const std::string& more = "") {
  return "INVITE sip:bob@pbx.example SIP/2.0\r\nVia: " + via +
         "\r\nFrom: \"Alice\" <sip:alice@pbx.example>;tag=a\r\nTo: <sip:bob@pbx.example>\r\n"
         "Call-ID: c1\r\nCSeq: 7 INVITE\r\n" +
         more + "Content-Length: 0\r\n\r\n";
}

const NoEntry kBusy{.status = 503, .phrase = "Service Unavailable", .contact = "", .retry_after = "10"};

struct Case {
  const char* via;
  const char* shown;
  int port;
};

TEST(StatelessRefusal, GoesWhereViaSays) {
  const Case cases[] = {
      {"SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1",
       "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1;received=192.0.2.1", 5070},
      {"SIP/2.0/UDP phone.example;branch=z9hG4bK1",
       "SIP/2.0/UDP phone.example;branch=z9hG4bK1;received=192.0.2.1", 5060},
      {"SIP/2.0/UDP 10.0.0.9;rport;branch=z9hG4bK1;x=y",
       "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1;x=y;received=192.0.2.1;rport=40000", 40000},
      {"SIP/2.0/UDP 10.0.0.9;received=9.9.9.9;rport=1;branch=z9hG4bK1",
       "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1;received=192.0.2.1;rport=40000", 40000},
  };
  for (const Case& c : cases) {
    const ParsedMessage invite(Invite(c.via));
    const auto refusal = RefuseStatelessly(invite.sip(), Source("192.0.2.1", 40000), "t", kBusy);
    ASSERT_TRUE(refusal) << c.via;
    EXPECT_EQ(refusal->text, std::string("SIP/2.0 503 Service Unavailable\r\nVia: ") + c.shown +
                                 "\r\nFrom: \"Alice\" <sip:alice@pbx.example>;tag=a\r\n"
                                 "To: <sip:bob@pbx.example>;tag=t\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n"
                                 "Retry-After: 10\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in&>(refusal->to).sin_port), c.port) << c.via;
  }
}

TEST(StatelessRefusal, KeepsTheOtherVias) {
  const ParsedMessage invite(Invite(
      "SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b;branch=z9hG4bK2\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK3"));
  const auto refusal = RefuseStatelessly(invite.sip(), Source("2001:db8::1", 5060), "t", kBusy);
  ASSERT_TRUE(refusal);
  EXPECT_NE(
      refusal->text.find("Via: SIP/2.0/UDP a;branch=z9hG4bK1;received=2001:db8::1\r\n"
                         "Via: SIP/2.0/TCP b;branch=z9hG4bK2\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK3\r\n"),
      std::string::npos)
      << refusal->text;
}

TEST(StatelessRefusal, SendsElsewhereWhileDraining) {
  const auto target = base::ParseSipTarget("sip:[2001:db8::7]:5080;transport=tcp");
  ASSERT_TRUE(target.ok());
  const ParsedMessage invite(Invite("SIP/2.0/UDP a;branch=z9hG4bK1"));
  const NoEntry answer = NoEntryFor(metrics::RejectReason::kDraining, *target, invite.sip());
  const auto refusal = RefuseStatelessly(invite.sip(), Source("192.0.2.1", 5060), "t", answer);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->text.substr(0, 31), "SIP/2.0 302 Moved Temporarily\r\n");
  EXPECT_NE(refusal->text.find("\r\nContact: <sip:bob@[2001:db8::7]:5080;transport=tcp>\r\n"),
            std::string::npos);
  EXPECT_EQ(refusal->text.find("Retry-After"), std::string::npos);
  EXPECT_EQ(NoEntryFor(metrics::RejectReason::kRate, *target, invite.sip()).status, 503);
  EXPECT_EQ(NoEntryFor(metrics::RejectReason::kDraining, std::nullopt, invite.sip()).status, 503);
}

TEST(StatelessRefusal, NeedsAVia) {
  const ParsedMessage invite(Invite("nonsense"));
  EXPECT_FALSE(RefuseStatelessly(invite.sip(), Source("192.0.2.1", 5060), "t", kBusy));
}

}  // namespace
}  // namespace adieu::sip
