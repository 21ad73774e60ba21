#include "server/sip/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sofia-sip/su.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/sip/dns_server.h"

namespace adieu::sip {
namespace {

using Endpoints = std::vector<Endpoint>;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::UnorderedElementsAre;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    su_init();
    root_ = su_root_create(nullptr);
    su_root_threading(root_, 0);
    options_.dns.servers = server_.address();
    // No test waits for them; those that do set their own.
    options_.dns.deadline = seconds(20);
    options_.dns.query_timeout = seconds(20);
  }
  ~ResolverTest() override {
    resolver_.reset();
    // What is under way to the root.
    su_root_step(root_, 0);
    su_root_destroy(root_);
    su_deinit();
  }

  Resolver& resolver() {
    if (!resolver_) resolver_ = std::make_unique<Resolver>(root_, options_);
    return *resolver_;
  }

  uint64_t Ask(const std::string& uri, std::optional<Endpoints>* result) {
    return resolver().Resolve(*Target::Parse(uri), [result](Endpoints endpoints) {
      EXPECT_FALSE(result->has_value());
      *result = std::move(endpoints);
    });
  }

  // False: not within 20 s.
  bool RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (!done() && std::chrono::steady_clock::now() < deadline) su_root_step(root_, 10);
    return done();
  }

  std::optional<Endpoints> Found(const std::string& uri) {
    std::optional<Endpoints> result;
    Ask(uri, &result);
    RunUntil([&] { return result.has_value(); });
    return result;
  }

  DnsServer server_;
  ResolverOptions options_;
  su_root_t* root_ = nullptr;
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(ResolverTest, AnswersAddressesAtOnce) {
  struct Case {
    const char* uri;
    Endpoint endpoint;
  };
  const Case cases[] = {
      {"sip:192.0.2.1", {"192.0.2.1", 5060, "udp"}},
      {"sip:desk@192.0.2.1:5080;transport=tcp", {"192.0.2.1", 5080, "tcp"}},
      {"sip:[2001:db8::1];transport=udp", {"[2001:db8::1]", 5060, "udp"}},
      {"sip:[2001:db8::1]:5062", {"[2001:db8::1]", 5062, "udp"}},
  };
  for (const Case& c : cases) {
    std::optional<Endpoints> result;
    EXPECT_EQ(Ask(c.uri, &result), 0U);
    EXPECT_THAT(result, Optional(ElementsAre(c.endpoint))) << c.uri;
  }
}

TEST_F(ResolverTest, FindsAddressesWhereAPortIsGiven) {
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(0, 0, 5090, "other.test"));
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Add("pbx.test", DnsRecord::A("192.0.2.2"));
  server_.Add("pbx.test", DnsRecord::Aaaa("2001:db8::1"));
  EXPECT_THAT(
      Found("sip:pbx.test:5080;transport=tcp"),
      Optional(UnorderedElementsAre(Endpoint{"192.0.2.1", 5080, "tcp"}, Endpoint{"192.0.2.2", 5080, "tcp"},
                                    Endpoint{"[2001:db8::1]", 5080, "tcp"})));
  EXPECT_EQ(server_.Asked("_sip._udp.pbx.test", DnsRecord::kSrv), 0);
  EXPECT_EQ(server_.Asked("_sip._tcp.pbx.test", DnsRecord::kSrv), 0);
}

TEST_F(ResolverTest, FindsOneFamilyAlone) {
  server_.Add("six.test", DnsRecord::Aaaa("2001:db8::6"));
  server_.Add("four.test", DnsRecord::A("192.0.2.4"));
  EXPECT_THAT(Found("sip:six.test:5060"), Optional(ElementsAre(Endpoint{"[2001:db8::6]", 5060, "udp"})));
  EXPECT_THAT(Found("sip:four.test:5060"), Optional(ElementsAre(Endpoint{"192.0.2.4", 5060, "udp"})));
}

TEST_F(ResolverTest, FollowsSrvInItsOrder) {
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(20, 0, 5082, "b.test"));
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(10, 0, 5081, "a.test"));
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(15, 0, 5083, "nowhere.test"));
  server_.Add("_sip._tcp.pbx.test", DnsRecord::Srv(1, 0, 5084, "b.test"));
  server_.Add("pbx.test", DnsRecord::A("192.0.2.9"));
  server_.Add("a.test", DnsRecord::A("192.0.2.1"));
  server_.Add("b.test", DnsRecord::A("192.0.2.2"));
  EXPECT_THAT(Found("sip:pbx.test"),
              Optional(ElementsAre(Endpoint{"192.0.2.1", 5081, "udp"}, Endpoint{"192.0.2.2", 5082, "udp"})));
  EXPECT_THAT(Found("sip:pbx.test;transport=tcp"), Optional(ElementsAre(Endpoint{"192.0.2.2", 5084, "tcp"})));
  EXPECT_EQ(server_.Asked("pbx.test", DnsRecord::kA), 0);
}

TEST_F(ResolverTest, DrawsBetweenEqualsAnewForEachCall) {
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(1, 1, 5081, "a.test"));
  server_.Add("_sip._udp.pbx.test", DnsRecord::Srv(1, 1, 5082, "a.test"));
  server_.Add("a.test", DnsRecord::A("192.0.2.1"));
  std::vector<int> first(2);
  for (int i = 0; i < 200; ++i) {
    const auto result = Found("sip:pbx.test");
    ASSERT_TRUE(result && result->size() == 2U);
    ++first.at(static_cast<size_t>(result->front().port - 5081));
  }
  EXPECT_GT(first[0], 0);
  EXPECT_GT(first[1], 0);
}

TEST_F(ResolverTest, TakesTheAddressesOfTheNameWithoutSrv) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  EXPECT_THAT(Found("sip:pbx.test"), Optional(ElementsAre(Endpoint{"192.0.2.1", 5060, "udp"})));
  EXPECT_EQ(server_.Asked("_sip._udp.pbx.test", DnsRecord::kSrv), 1);
}

TEST_F(ResolverTest, TakesTheAddressesOfTheNameWhereNobodyAnswersForSrv) {
  options_.dns.query_timeout = milliseconds(150);
  server_.Ignore("_sip._udp.pbx.test", DnsRecord::kSrv);
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Add("pbx.test", DnsRecord::Aaaa("2001:db8::1"));
  const auto result = Found("sip:pbx.test");
  ASSERT_TRUE(result && !result->empty());
  EXPECT_EQ(result->front().port, 5060);
}

TEST_F(ResolverTest, TakesOneFamilyWhereNobodyAnswersForTheOther) {
  options_.dns.query_timeout = milliseconds(150);
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Ignore("pbx.test", DnsRecord::kAaaa);
  EXPECT_THAT(Found("sip:pbx.test:5060"), Optional(ElementsAre(Endpoint{"192.0.2.1", 5060, "udp"})));
}

TEST_F(ResolverTest, FindsNothing) {
  server_.Add("_sip._udp.closed.test", DnsRecord::Srv(0, 0, 0, ""));
  server_.Add("closed.test", DnsRecord::A("192.0.2.1"));
  server_.Add("empty.test", DnsRecord::Srv(0, 0, 1, "a.test"));
  server_.Add("nobody.test", DnsRecord::A("0.0.0.0"));
  EXPECT_THAT(Found("sip:unknown.test"), Optional(IsEmpty()));
  EXPECT_THAT(Found("sip:unknown.test:5060"), Optional(IsEmpty()));
  EXPECT_THAT(Found("sip:closed.test"), Optional(IsEmpty()));
  EXPECT_THAT(Found("sip:empty.test:5060"), Optional(IsEmpty()));
  EXPECT_THAT(Found("sip:nobody.test:5060"), Optional(IsEmpty()));
}

TEST_F(ResolverTest, GivesUpAtTheDeadline) {
  options_.dns.deadline = milliseconds(20);
  server_.Ignore("pbx.test", DnsRecord::kA);
  server_.Ignore("pbx.test", DnsRecord::kAaaa);
  EXPECT_THAT(Found("sip:pbx.test:5060"), Optional(IsEmpty()));
  // The failure is known for a while.
  std::optional<Endpoints> again;
  EXPECT_EQ(Ask("sip:pbx.test:5080", &again), 0U);
  EXPECT_THAT(again, Optional(IsEmpty()));
  EXPECT_EQ(server_.Asked("pbx.test", DnsRecord::kA), 1);
}

TEST_F(ResolverTest, KeepsWhatItLearned) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  EXPECT_TRUE(Found("sip:pbx.test:5060"));
  std::optional<Endpoints> again;
  EXPECT_EQ(Ask("sip:pbx.test:5080;transport=tcp", &again), 0U);
  EXPECT_THAT(again, Optional(ElementsAre(Endpoint{"192.0.2.1", 5080, "tcp"})));
  EXPECT_EQ(server_.Asked("pbx.test", DnsRecord::kA), 1);
}

TEST_F(ResolverTest, SharesALookup) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Hold();
  std::optional<Endpoints> one;
  std::optional<Endpoints> two;
  EXPECT_NE(Ask("sip:pbx.test:5060", &one), 0U);
  EXPECT_TRUE(server_.WaitAsked("pbx.test", DnsRecord::kA));
  EXPECT_NE(Ask("sip:pbx.test:5080", &two), 0U);
  server_.Release();
  EXPECT_TRUE(RunUntil([&] { return one && two; }));
  EXPECT_THAT(one, Optional(ElementsAre(Endpoint{"192.0.2.1", 5060, "udp"})));
  EXPECT_THAT(two, Optional(ElementsAre(Endpoint{"192.0.2.1", 5080, "udp"})));
  EXPECT_EQ(server_.Asked("pbx.test", DnsRecord::kA), 1);
}

TEST_F(ResolverTest, BoundsTheNamesThatWait) {
  options_.max_names = 2;
  server_.Hold();
  server_.Add("a.test", DnsRecord::A("192.0.2.1"));
  std::optional<Endpoints> a;
  std::optional<Endpoints> b;
  std::optional<Endpoints> full;
  std::optional<Endpoints> shared;
  EXPECT_NE(Ask("sip:a.test:5060", &a), 0U);
  EXPECT_NE(Ask("sip:b.test:5060", &b), 0U);
  EXPECT_EQ(Ask("sip:c.test:5060", &full), 0U);
  EXPECT_THAT(full, Optional(IsEmpty()));
  EXPECT_NE(Ask("sip:a.test:5080", &shared), 0U);
  server_.Release();
  EXPECT_TRUE(RunUntil([&] { return a && b && shared; }));
  // There is room again, and the failure before was none of the name.
  server_.Add("c.test", DnsRecord::A("192.0.2.3"));
  EXPECT_THAT(Found("sip:c.test:5060"), Optional(ElementsAre(Endpoint{"192.0.2.3", 5060, "udp"})));
}

TEST_F(ResolverTest, ForgetsWhoDoesNotWaitAnyMore) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Hold();
  std::optional<Endpoints> forgotten;
  std::optional<Endpoints> other;
  const uint64_t id = Ask("sip:pbx.test:5060", &forgotten);
  Ask("sip:pbx.test:5060", &other);
  resolver().Forget(id);
  resolver().Forget(id);
  resolver().Forget(0);
  server_.Release();
  EXPECT_TRUE(RunUntil([&] { return other.has_value(); }));
  EXPECT_FALSE(forgotten);
}

TEST_F(ResolverTest, ForgetsWithinACallback) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Hold();
  int called = 0;
  uint64_t second = 0;
  const Target target = *Target::Parse("sip:pbx.test:5060");
  resolver().Resolve(target, [&](const Endpoints&) {
    ++called;
    resolver().Forget(second);
  });
  second = resolver().Resolve(target, [&](const Endpoints&) { called += 100; });
  std::optional<Endpoints> third;
  Ask("sip:pbx.test:5060", &third);
  server_.Release();
  EXPECT_TRUE(RunUntil([&] { return third.has_value(); }));
  EXPECT_EQ(called, 1);
}

TEST_F(ResolverTest, CanBeAskedWithinACallback) {
  server_.Add("a.test", DnsRecord::A("192.0.2.1"));
  server_.Add("b.test", DnsRecord::A("192.0.2.2"));
  std::optional<Endpoints> known;
  std::optional<Endpoints> next;
  resolver().Resolve(*Target::Parse("sip:a.test:5060"), [&](const Endpoints&) {
    Ask("sip:a.test:5060", &known);
    Ask("sip:b.test:5060", &next);
  });
  EXPECT_TRUE(RunUntil([&] { return known && next; }));
  EXPECT_THAT(next, Optional(ElementsAre(Endpoint{"192.0.2.2", 5060, "udp"})));
}

TEST_F(ResolverTest, DiesWithALookupUnderWay) {
  server_.Ignore("pbx.test", DnsRecord::kA);
  std::optional<Endpoints> result;
  Ask("sip:pbx.test:5060", &result);
  EXPECT_TRUE(server_.WaitAsked("pbx.test", DnsRecord::kA));
  resolver_.reset();
  su_root_step(root_, 0);
  EXPECT_FALSE(result);
}

// The answer of the first name is read before the second one is asked, so its message waits in the root.
TEST_F(ResolverTest, DiesWithAMessageUnderWay) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Hold();
  std::optional<Endpoints> result;
  Ask("sip:pbx.test:5060", &result);
  EXPECT_TRUE(server_.WaitAsked("pbx.test", DnsRecord::kA));
  EXPECT_TRUE(server_.WaitAsked("pbx.test", DnsRecord::kAaaa));
  server_.Release();
  std::optional<Endpoints> second;
  Ask("sip:second.test:5060", &second);
  EXPECT_TRUE(server_.WaitAsked("second.test", DnsRecord::kA));
  resolver_.reset();
  su_root_step(root_, 0);
  EXPECT_FALSE(result);
  EXPECT_FALSE(second);
}

TEST_F(ResolverTest, DiesWithinACallback) {
  server_.Add("pbx.test", DnsRecord::A("192.0.2.1"));
  server_.Hold();
  int called = 0;
  const Target target = *Target::Parse("sip:pbx.test:5060");
  for (int i = 0; i < 2; ++i) {
    resolver().Resolve(target, [&](const Endpoints&) {
      ++called;
      resolver_.reset();
    });
  }
  server_.Release();
  EXPECT_TRUE(RunUntil([&] { return called > 0; }));
  su_root_step(root_, 0);
  EXPECT_EQ(called, 1);
}

TEST_F(ResolverTest, FailsWithServersThatAreNone) {
  options_.dns.servers = "not an address";
  std::optional<Endpoints> result;
  EXPECT_EQ(Ask("sip:pbx.test", &result), 0U);
  EXPECT_THAT(result, Optional(IsEmpty()));
}

TEST_F(ResolverTest, KnowsLocalhost) {
  std::optional<Endpoints> local;
  Ask("sip:localhost:5060", &local);
  EXPECT_TRUE(RunUntil([&] { return local.has_value(); }));
  EXPECT_FALSE(local->empty());
}

}  // namespace
}  // namespace adieu::sip
