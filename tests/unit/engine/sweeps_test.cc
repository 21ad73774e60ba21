#include "server/engine/sweeps.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <thread>

#include "server/engine/engine.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Next = SweepStream::Next;

// One stream as a client reads it.
class Client {
 public:
  Client(Sweeps& sweeps, const v1::ApplyCancelPolicyRequest& request, const std::string& principal = "me") {
    auto opened = sweeps.Open(request, principal, [bell = bell_] { bell->Put(1); });
    if (opened.ok()) {
      stream_ = *opened;
    } else {
      error_ = opened.error();
    }
  }
  ~Client() { Close(); }

  void Close() {
    if (stream_) stream_->Close();
  }
  // False: it ended, error() says why.
  bool Read() {
    while (stream_) {
      v1::ApplyCancelPolicyResponse response;
      const Next next = stream_->Take(&response, &error_);
      if (next == Next::kResponse) {
        for (const auto& termination : response.terminations()) told_.push_back(termination);
        last_ = std::move(response);
        return true;
      }
      if (next == Next::kEnd) {
        Close();
        stream_ = nullptr;
        return false;
      }
      if (!bell_->Take()) {
        ADD_FAILURE() << "nothing came";
        return false;
      }
    }
    return false;
  }
  // Its end, in words: the error's reason, or matched, ended, failed, skipped.
  std::string ReadAll() {
    while (Read()) {
    }
    return error_ ? error_->reason : Counts();
  }
  std::string Counts() const {
    return std::to_string(last_.matched_count()) + " " + std::to_string(last_.ended_count()) + " " +
           std::to_string(last_.failed_count()) + " " + std::to_string(last_.skipped_count());
  }
  const v1::ApplyCancelPolicyResponse& last() const { return last_; }
  const std::vector<v1::Termination>& told() const { return told_; }
  const base::Error& error() const { return *error_; }
  std::string reason() const { return error_ ? error_->reason : ""; }

 private:
  std::shared_ptr<Inbox<int>> bell_ = std::make_shared<Inbox<int>>();
  std::shared_ptr<SweepStream> stream_;
  std::optional<base::Error> error_;
  v1::ApplyCancelPolicyResponse last_;
  std::vector<v1::Termination> told_;
};

class SweepsTest : public testing::Test {
 protected:
  SweepsTest() { engine_.Connect(&port_, {"192.0.2.1:5060"}); }

  void Ring(int count, int from = 0) {
    for (int i = from; i < from + count; ++i) engine_.OnCall(MakeCall(std::to_string(i)));
  }
  static v1::ApplyCancelPolicyRequest Request(const std::string& request_id = "", int max_calls = 100'000) {
    v1::ApplyCancelPolicyRequest request;
    request.mutable_match()->mutable_every_call();
    request.set_max_calls(max_calls);
    request.set_request_id(request_id);
    return request;
  }
  // The agent ends one more call.
  void Obey() {
    const auto order = port_.orders.Take();
    ASSERT_TRUE(order);
    engine_.OnLegEnding(order->termination, order->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  }
  size_t Terminations(const std::string& sweep) {
    v1::ListTerminationsRequest request;
    request.set_sweep(sweep);
    request.set_page_size(1000);
    return static_cast<size_t>(engine_.ListTerminations(request)->terminations_size());
  }
  bool CountsSoon(const std::string& line) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (metrics_.Text().find(line) == std::string::npos) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  metrics::Metrics metrics_{"test"};
  FakePort port_;
  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  Engine engine_{Engine::Options{.queue = 10, .workers = 1}, store_.get(), &metrics_};
};

TEST_F(SweepsTest, EndsEveryCallOnceAndTellsOfEach) {
  Ring(2'500);
  auto request = Request();
  request.set_intent(v1::INTENT_BUSY);
  request.set_note("all of them");
  ObedientAgent agent(&port_, &engine_);
  Client client(engine_.sweeps(), request);
  ASSERT_TRUE(client.Read());
  EXPECT_EQ(client.last().matched_count(), 2'500);
  EXPECT_EQ(client.ReadAll(), "2500 2500 0 0");
  std::set<std::string> calls;
  for (const auto& termination : client.told()) {
    calls.insert(termination.call());
    EXPECT_EQ(termination.sweep(), client.last().sweep());
    EXPECT_EQ(termination.trigger(), v1::TRIGGER_REQUEST);
    EXPECT_EQ(termination.intent(), v1::INTENT_BUSY);
    EXPECT_EQ(termination.note(), "all of them");
    EXPECT_EQ(termination.principal(), "me");
    EXPECT_EQ(termination.policy(), "cancelPolicies/builtin");
    EXPECT_FALSE(termination.name().empty());
  }
  EXPECT_EQ(calls.size(), 2'500u);
  EXPECT_EQ(client.told().size(), 2'500u);
  EXPECT_EQ(client.last().sweep().substr(0, 7), "sweeps/");
  EXPECT_TRUE(CountsSoon("adieu_sweep_calls_total{result=\"ended\"} 2500"));
  EXPECT_TRUE(CountsSoon("adieu_sweeps 0"));
}

TEST_F(SweepsTest, OnlyLiveUnclaimedCallsThatMatchAreMeant) {
  Ring(2);
  engine_.OnCall(MakeCall("answered", v1::CALL_STATE_ANSWERED));
  engine_.OnCall(MakeCall("terminating", v1::CALL_STATE_TERMINATING));
  engine_.OnCall(MakeCall("over", v1::CALL_STATE_TERMINATED));
  engine_.registry().Claim("calls/1", "terminations/other", v1::TRIGGER_REQUEST);
  Client client(engine_.sweeps(), Request());
  ASSERT_TRUE(client.Read());
  EXPECT_EQ(client.last().matched_count(), 2);
  std::set<std::string> calls{port_.orders.Take()->call, port_.orders.Take()->call};
  EXPECT_EQ(calls, (std::set<std::string>{"calls/0", "calls/answered"}));
  auto request = Request();
  request.mutable_match()->mutable_from_uri()->set_exact("sip:nobody@example.com");
  EXPECT_EQ(Client(engine_.sweeps(), request).ReadAll(), "0 0 0 0");
}

TEST_F(SweepsTest, MoreThanMaxCallsAreRefusedBeforeTheFirst) {
  Ring(6);
  Client client(engine_.sweeps(), Request("id", 5));
  EXPECT_EQ(client.ReadAll(), "TOO_MANY_MATCHES");
  EXPECT_EQ(client.error().code, absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client.error().metadata.at("matched_count"), "6");
  EXPECT_EQ(client.error().metadata.at("max_calls"), "5");
  EXPECT_EQ(port_.orders.size(), 0u);
  ObedientAgent agent(&port_, &engine_);
  EXPECT_EQ(Client(engine_.sweeps(), Request("id", 6)).ReadAll(), "6 6 0 0") << "the id was not used up";
}

TEST_F(SweepsTest, ValidateOnlyShowsAHundredAndDoesNothing) {
  Ring(150);
  auto request = Request("id", 150);
  request.set_validate_only(true);
  request.set_intent(v1::INTENT_BUSY);
  Client client(engine_.sweeps(), request);
  EXPECT_EQ(client.ReadAll(), "150 0 0 0");
  EXPECT_EQ(client.last().sweep(), "");
  ASSERT_EQ(client.told().size(), 100u);
  EXPECT_EQ(client.told()[0].call(), "calls/0");
  EXPECT_EQ(client.told()[0].name(), "");
  ASSERT_EQ(client.told()[0].legs_size(), 1);
  EXPECT_EQ(client.told()[0].legs(0).status_code(), 486);
  EXPECT_EQ(client.told()[0].legs(0).outcome(), v1::LEG_OUTCOME_UNSPECIFIED);
  EXPECT_EQ(port_.orders.size(), 0u);
  EXPECT_EQ(Client(engine_.sweeps(), request).ReadAll(), "150 0 0 0") << "it is no sweep";
  request.set_max_calls(149);
  EXPECT_EQ(Client(engine_.sweeps(), request).ReadAll(), "TOO_MANY_MATCHES");
}

TEST_F(SweepsTest, NewCallsAreNotTouched) {
  Ring(3);
  auto request = Request();
  request.set_calls_per_second(200);
  Client client(engine_.sweeps(), request);
  ASSERT_TRUE(client.Read());
  Ring(3, 3);
  for (int i = 0; i < 3; ++i) Obey();
  EXPECT_EQ(client.ReadAll(), "3 3 0 0");
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(SweepsTest, ACallThatEndsBeforeItsTurnIsSkipped) {
  Ring(4);
  auto request = Request();
  request.set_calls_per_second(2);
  Client client(engine_.sweeps(), request);
  Obey();
  engine_.OnCall(MakeCall("1", v1::CALL_STATE_TERMINATED));
  engine_.registry().Claim("calls/2", "terminations/other", v1::TRIGGER_REQUEST);
  Obey();
  EXPECT_EQ(client.ReadAll(), "4 2 0 2");
  EXPECT_EQ(client.told().size(), 2u);
  EXPECT_TRUE(CountsSoon("adieu_sweep_calls_total{result=\"skipped\"} 2"));
}

TEST_F(SweepsTest, TheOutcomesAreCounted) {
  Ring(3);
  Client client(engine_.sweeps(), Request());
  for (const auto outcome : {v1::LEG_OUTCOME_HELD, v1::LEG_OUTCOME_FAILED, v1::LEG_OUTCOME_PEER_FIRST}) {
    const auto order = port_.orders.Take();
    ASSERT_TRUE(order);
    engine_.OnLegEnding(order->termination, order->call, MakeLeg(outcome));
  }
  EXPECT_EQ(client.ReadAll(), "3 1 1 1");
  EXPECT_EQ(client.told().size(), 3u);
}

TEST_F(SweepsTest, OrdersInFlightAreBoundedAndOthersFindRoom) {
  Ring(2'000);
  Client client(engine_.sweeps(), Request());
  const size_t window = Sweeps::Options().window;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (port_.orders.size() < window - window / 4 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  // The one of the other sweep, with a pace, comes next: nothing further came of the first.
  engine_.OnCall(MakeCall("paced"));
  auto request = Request();
  request.set_calls_per_second(1);
  request.mutable_match()->mutable_names()->add_values("calls/paced");
  Client other(engine_.sweeps(), request);
  std::vector<std::string> calls;
  do {
    calls.push_back(port_.orders.Take()->call);
  } while (calls.back() != "calls/paced" && calls.size() < 2'000);
  EXPECT_EQ(calls.size(), window - window / 4 + 1);
}

TEST_F(SweepsTest, AFullQueueOfTheAgentsIsWaitedFor) {
  Ring(10);
  port_.Refuse(3);
  ObedientAgent agent(&port_, &engine_);
  EXPECT_EQ(Client(engine_.sweeps(), Request()).ReadAll(), "10 10 0 0");
}

TEST_F(SweepsTest, APacedSweepKeepsItsRate) {
  Ring(101);
  auto request = Request();
  request.set_calls_per_second(200);
  ObedientAgent agent(&port_, &engine_);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Client(engine_.sweeps(), request).ReadAll(), "101 101 0 0");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(500)) << "the last is due after 100/200 s";
}

TEST_F(SweepsTest, AClosedStreamStopsItAndTheSameIdContinuesIt) {
  Ring(5);
  auto request = Request("id");
  request.set_calls_per_second(1'000);
  std::string sweep;
  {
    Client client(engine_.sweeps(), request);
    ASSERT_TRUE(client.Read());
    sweep = client.last().sweep();
    const auto first = port_.orders.Take();
    ASSERT_TRUE(first);
    EXPECT_EQ(Client(engine_.sweeps(), request).reason(), "SWEEP_RUNNING");
    client.Close();
    engine_.OnLegEnding(first->termination, first->call, MakeLeg(v1::LEG_OUTCOME_ENDED));
  }
  auto another = request;
  another.set_max_calls(6);
  EXPECT_EQ(Client(engine_.sweeps(), another).reason(), "REQUEST_ID_REUSED");
  auto lost = request;
  lost.set_sweep("sweeps/lost");
  EXPECT_EQ(Client(engine_.sweeps(), lost).reason(), "SWEEP_NOT_FOUND");

  Ring(3, 10);
  ObedientAgent agent(&port_, &engine_);
  request.set_sweep(sweep);
  Client client(engine_.sweeps(), request);
  EXPECT_EQ(client.ReadAll(), "5 5 0 0");
  EXPECT_EQ(client.last().sweep(), sweep);
  EXPECT_EQ(Terminations(sweep), 5u);
  EXPECT_EQ(engine_.registry().Find("calls/10")->termination(), "");

  Client again(engine_.sweeps(), request);
  EXPECT_EQ(again.ReadAll(), "5 5 0 0");
  EXPECT_EQ(again.last().sweep(), sweep);
  EXPECT_TRUE(again.told().empty());

  request.clear_sweep();
  EXPECT_EQ(Client(engine_.sweeps(), request, "another").ReadAll(), "3 3 0 0") << "ids belong to a principal";
}

TEST_F(SweepsTest, ALostSweepIsNotBegunAgain) {
  Ring(1);
  auto request = Request("id");
  request.set_sweep("sweeps/lost");
  EXPECT_EQ(Client(engine_.sweeps(), request).reason(), "SWEEP_NOT_FOUND");
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(SweepsTest, AfterTheCloseNothingIsOrdered) {
  Ring(1'000);
  Client client(engine_.sweeps(), Request("id"));
  ASSERT_TRUE(port_.orders.Take());
  client.Close();
  // A sweep that begins now has its turn after what the first one still did.
  engine_.OnCall(MakeCall("last"));
  auto request = Request();
  request.set_calls_per_second(1);
  request.mutable_match()->mutable_names()->add_values("calls/last");
  Client other(engine_.sweeps(), request);
  std::string call;
  while (call != "calls/last") {
    const auto order = port_.orders.Take();
    ASSERT_TRUE(order);
    call = order->call;
  }
  EXPECT_EQ(port_.orders.size(), 0u);
}

TEST_F(SweepsTest, SixteenRun) {
  Ring(17);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 16; ++i) {
    auto request = Request();
    request.mutable_match()->mutable_names()->add_values("calls/" + std::to_string(i));
    clients.push_back(std::make_unique<Client>(engine_.sweeps(), request));
    EXPECT_EQ(clients.back()->reason(), "");
  }
  EXPECT_TRUE(CountsSoon("adieu_sweeps 16"));
  Client refused(engine_.sweeps(), Request());
  EXPECT_EQ(refused.reason(), "TOO_MANY_SWEEPS");
  EXPECT_EQ(refused.error().code, absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(refused.error().retry_after);
  clients.pop_back();
  EXPECT_EQ(Client(engine_.sweeps(), Request()).reason(), "");
}

TEST_F(SweepsTest, TwoSweepsOverTheSameCallsEndEachOnce) {
  Ring(1'000);
  ObedientAgent agent(&port_, &engine_);
  Client a(engine_.sweeps(), Request());
  Client b(engine_.sweeps(), Request());
  std::string other;
  std::thread thread([&] { other = b.ReadAll(); });
  a.ReadAll();
  thread.join();
  EXPECT_EQ(a.last().ended_count() + b.last().ended_count(), 1'000) << a.Counts() << " and " << b.Counts();
  EXPECT_EQ(a.told().size() + b.told().size(), 1'000u);
}

TEST_F(SweepsTest, ClientsThatComeAndGo) {
  Ring(2'000);
  ObedientAgent agent(&port_, &engine_);
  for (int i = 0; i < 50; ++i) {
    Client client(engine_.sweeps(), Request("id"));
    if (!client.Read()) break;
    client.Read();
  }
  EXPECT_EQ(Client(engine_.sweeps(), Request("id")).ReadAll(), "2000 2000 0 0");
}

TEST_F(SweepsTest, ShutdownEndsStreamsWithWhatIsLeft) {
  Ring(3);
  auto request = Request("id");
  request.set_calls_per_second(0.001);
  Client left(engine_.sweeps(), request);
  ASSERT_TRUE(left.Read());
  Obey();
  engine_.sweeps().Shutdown();
  EXPECT_EQ(left.ReadAll(), "SHUTTING_DOWN");
  EXPECT_EQ(left.Counts(), "3 1 0 0");
  EXPECT_EQ(Client(engine_.sweeps(), Request()).reason(), "SHUTTING_DOWN");
}

TEST_F(SweepsTest, ShutdownAfterTheLastCallIsTheEndOfTheSweep) {
  Ring(3);
  auto request = Request("id");
  request.set_calls_per_second(0.001);
  Client client(engine_.sweeps(), request);
  Obey();
  for (const char* call : {"1", "2"}) engine_.OnCall(MakeCall(call, v1::CALL_STATE_TERMINATED));
  engine_.sweeps().Shutdown();
  EXPECT_EQ(client.ReadAll(), "3 1 0 2");
}

struct BadRequest {
  const char* field;
  std::function<void(v1::ApplyCancelPolicyRequest*)> spoil;
};

TEST_F(SweepsTest, BadRequestsNameTheFieldAndDoNothing) {
  Ring(1);
  using R = v1::ApplyCancelPolicyRequest;
  const BadRequest bad[] = {
      {"match", [](R* r) { r->clear_match(); }},
      {"match", [](R* r) { r->mutable_match()->Clear(); }},
      {"match.from_uri.regex", [](R* r) { r->mutable_match()->mutable_from_uri()->set_regex("("); }},
      {"intent", [](R* r) { r->set_intent(static_cast<v1::Intent>(99)); }},
      {"max_calls", [](R* r) { r->clear_max_calls(); }},
      {"max_calls", [](R* r) { r->set_max_calls(-1); }},
      {"max_calls", [](R* r) { r->set_max_calls(100'001); }},
      {"calls_per_second", [](R* r) { r->set_calls_per_second(-0.1); }},
      {"calls_per_second", [](R* r) { r->set_calls_per_second(10'000.1); }},
      {"calls_per_second", [](R* r) { r->set_calls_per_second(std::numeric_limits<double>::quiet_NaN()); }},
      {"note", [](R* r) { r->set_note(std::string(257, 'n')); }},
      {"note", [](R* r) { r->set_note("a\nb"); }},
      {"request_id", [](R* r) { r->set_request_id(std::string(129, 'i')); }},
      {"request_id", [](R* r) { r->set_request_id("a\nb"); }},
      {"sweep", [](R* r) { r->set_sweep("sweeps/a"); }},
  };
  for (const BadRequest& one : bad) {
    auto request = Request();
    one.spoil(&request);
    Client client(engine_.sweeps(), request);
    ASSERT_EQ(client.reason(), "INVALID_FIELD") << one.field;
    EXPECT_EQ(client.error().violations[0].field, one.field);
  }
  EXPECT_EQ(port_.orders.size(), 0u);
}

}  // namespace
}  // namespace adieu::engine
