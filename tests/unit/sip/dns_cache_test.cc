#include "server/sip/dns_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace adieu::sip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const DnsCache::Clock::time_point kNow{std::chrono::hours(1)};

DnsAnswer Good(seconds ttl, const std::string& address = "192.0.2.1") {
  return {.services = {{.addresses = {address}}}, .ttl = ttl};
}

struct Case {
  DnsAnswer answer;
  seconds life;
};

TEST(DnsCache, KeepsWhatHolds) {
  const Case cases[] = {
      {Good(seconds(60)), seconds(60)}, {Good(seconds(0)), seconds(1)},
      {Good(seconds(-1)), seconds(1)},  {Good(seconds(86400)), seconds(300)},
      {DnsAnswer{}, seconds(5)},        {{.ttl = seconds(60)}, seconds(5)},
  };
  const DnsQuestion question{.name = "a.test"};
  for (const Case& c : cases) {
    DnsCache cache;
    EXPECT_EQ(cache.Find(question, kNow), nullptr);
    cache.Put(question, c.answer, kNow);
    const DnsAnswer* found = cache.Find(question, kNow + c.life - milliseconds(1));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(*found, c.answer);
    EXPECT_EQ(cache.Find(question, kNow + c.life), nullptr);
  }
}

TEST(DnsCache, TellsQuestionsApart) {
  DnsCache cache;
  cache.Put({.name = "a.test"}, Good(seconds(60)), kNow);
  EXPECT_EQ(cache.Find({.name = "b.test"}, kNow), nullptr);
  EXPECT_EQ(cache.Find({.name = "a.test", .kind = DnsQuestion::Kind::kSrvUdp}, kNow), nullptr);
}

TEST(DnsCache, TakesTheLatest) {
  DnsCache cache(1);
  const DnsQuestion question{.name = "a.test"};
  cache.Put(question, Good(seconds(60)), kNow);
  cache.Put(question, Good(seconds(2), "192.0.2.2"), kNow);
  EXPECT_EQ(*cache.Find(question, kNow), Good(seconds(2), "192.0.2.2"));
  EXPECT_EQ(cache.Find(question, kNow + seconds(2)), nullptr);
}

TEST(DnsCache, IsBounded) {
  DnsCache cache(2);
  cache.Put({.name = "long.test"}, Good(seconds(60)), kNow);
  cache.Put({.name = "short.test"}, Good(seconds(10)), kNow);
  cache.Put({.name = "new.test"}, Good(seconds(1)), kNow);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.Find({.name = "short.test"}, kNow), nullptr);
  EXPECT_NE(cache.Find({.name = "long.test"}, kNow), nullptr);
  EXPECT_NE(cache.Find({.name = "new.test"}, kNow), nullptr);
}

}  // namespace
}  // namespace adieu::sip
