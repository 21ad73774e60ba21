#include "server/sip/recovery_plan.h"

#include <gtest/gtest.h>

#include <optional>

#include "server/base/clock.h"

namespace adieu::sip {
namespace {

using Kind = Replay::Kind;
using std::chrono::system_clock;

const system_clock::time_point kNow = system_clock::time_point(std::chrono::hours(500'000));

struct Case {
  const char* name;
  const char* transport = "udp";
  bool has_callee = true;
  // Seconds ago; none: it rings.
  std::optional<int> answered;
  bool caller_acknowledged = false;
  bool callee_acknowledged = false;
  bool offered = true;
  std::optional<Kind> caller;
  std::optional<Kind> callee;
  bool answer_again = false;
};

constexpr Case kCases[] = {
    {.name = "ringing", .caller = Kind::kUnansweredCaller, .callee = Kind::kRingingCallee},
    {.name = "ringing, parked", .has_callee = false, .caller = Kind::kUnansweredCaller},
    {.name = "ringing, a connection", .transport = "tcp", .callee = Kind::kRingingCallee},
    {.name = "ringing, parked, a connection", .transport = "tcp", .has_callee = false},
    {.name = "answered",
     .answered = 1,
     .caller_acknowledged = true,
     .callee_acknowledged = true,
     .caller = Kind::kAnswered,
     .callee = Kind::kAnswered},
    {.name = "answered, a connection",
     .transport = "tcp",
     .answered = 1,
     .caller_acknowledged = true,
     .callee_acknowledged = true,
     .caller = Kind::kAnswered,
     .callee = Kind::kAnswered},
    {.name = "no ACK",
     .answered = 31,
     .caller = Kind::kUnansweredCaller,
     .callee = Kind::kAnsweredNoAck,
     .answer_again = true},
    {.name = "no ACK of the caller",
     .answered = 1,
     .callee_acknowledged = true,
     .caller = Kind::kUnansweredCaller,
     .callee = Kind::kAnswered,
     .answer_again = true},
    {.name = "no ACK, long ago", .answered = 32, .caller = Kind::kAnswered, .callee = Kind::kAnsweredNoAck},
    {.name = "no ACK, a connection",
     .transport = "tcp",
     .answered = 1,
     .caller = Kind::kAnswered,
     .callee = Kind::kAnsweredNoAck},
    {.name = "the offer was in the answer",
     .answered = 1,
     .offered = false,
     .caller = Kind::kUnansweredCaller,
     .callee = Kind::kAnsweredAckHeld,
     .answer_again = true},
    {.name = "the offer was in the answer, long ago",
     .answered = 40,
     .offered = false,
     .caller = Kind::kAnswered,
     .callee = Kind::kAnsweredNoAck},
    {.name = "answered, parked",
     .has_callee = false,
     .answered = 1,
     .caller_acknowledged = true,
     .caller = Kind::kAnswered},
};

TEST(PlanRecovery, EachLegByItsState) {
  for (const Case& wanted : kCases) {
    journal::v1::Dialogs dialogs;
    dialogs.mutable_caller()->set_via("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
    dialogs.mutable_caller()->set_transport(wanted.transport);
    dialogs.mutable_caller()->set_acknowledged(wanted.caller_acknowledged);
    if (wanted.has_callee) {
      dialogs.mutable_callee()->set_via("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK2");
      dialogs.mutable_callee()->set_acknowledged(wanted.callee_acknowledged);
      dialogs.mutable_callee()->set_offered(wanted.offered);
    }
    if (wanted.answered) {
      *dialogs.mutable_answer()->mutable_time() =
          base::ToTimestamp(kNow - std::chrono::seconds(*wanted.answered));
    }
    const RecoveryPlan plan = PlanRecovery(dialogs, kNow);
    EXPECT_EQ(plan.caller, wanted.caller) << wanted.name;
    EXPECT_EQ(plan.callee, wanted.callee) << wanted.name;
    EXPECT_EQ(plan.answer_again, wanted.answer_again) << wanted.name;
  }
}

TEST(PlanRecovery, NothingIsDoneAboutNothing) {
  const RecoveryPlan plan = PlanRecovery({}, kNow);
  EXPECT_FALSE(plan.caller || plan.callee || plan.answer_again);
}

}  // namespace
}  // namespace adieu::sip
