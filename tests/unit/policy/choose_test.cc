#include "server/policy/choose.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/policy/shipped.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/policies.h"
#include "tests/unit/policy/told.h"

namespace adieu::policy {
namespace {

using Policies = PolicySet::Policies;

constexpr char kEnforced[] = "mode: CANCEL_POLICY_MODE_ENFORCED ";
constexpr char kShadow[] = "mode: CANCEL_POLICY_MODE_SHADOW ";
constexpr char kDisabled[] = "mode: CANCEL_POLICY_MODE_DISABLED ";

// A rule for one trigger; `rest` are further fields.
std::string Rule(const std::string& id, const std::string& trigger, const std::string& treatment,
                 const std::string& rest = "") {
  return "rules { id: '" + id + "' triggers: TRIGGER_" + trigger + " treatment { " + treatment + " } " +
         rest + " } ";
}

std::string Send(int code) { return "final_response { status_code: " + std::to_string(code) + " }"; }

// A call whose callee failed with this status and Reason.
v1::Call Failed(int status, const std::string& reason = "", const std::string& user_agent = "Foo/1.0") {
  v1::Call call = From(user_agent);
  call.mutable_callee()->set_last_status_code(status);
  call.mutable_callee()->set_state(v1::CALL_STATE_TERMINATED);
  if (!reason.empty()) {
    v1::Header* header = call.mutable_callee()->add_headers();
    header->set_name("Reason");
    header->set_value(reason);
  }
  return call;
}

std::string Ask(const Policies& policies, const v1::Call& call, v1::Trigger trigger,
                v1::Intent intent = v1::INTENT_UNSPECIFIED,
                std::shared_ptr<const CompiledPolicy> first = nullptr) {
  return Told(
      Choose(PolicySet(policies),
             {.call = &call, .trigger = trigger, .intent = intent, .now = {}, .first = std::move(first)}));
}

TEST(ChooseTest, BuiltinAnswersEveryTrigger) {
  const v1::Call call = From("Foo/1.0");
  const Policies none;
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_REQUEST), "builtin/quiet_soft_client: 487 Call ended");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY), "builtin/busy: 486 Busy Here");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_REQUEST, static_cast<v1::Intent>(77)),
            "builtin/quiet_soft_client: 487 Call ended");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_REQUEST, v1::INTENT_ELSEWHERE),
            "builtin/elsewhere: 487 Call ended; CANCEL SIP;cause=200;text=\"Call completed elsewhere\"");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_ARRIVAL), "builtin/proceed: proceed");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_RING_TIMEOUT, v1::INTENT_BUSY),
            "builtin/try_later: 480 Temporarily Unavailable|Retry-After: 120");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_DRAIN, v1::INTENT_BUSY),
            "builtin/maintenance: 480 Temporarily Unavailable|Retry-After: 60");
  EXPECT_EQ(Ask(none, call, v1::TRIGGER_CALLER_CANCEL), "builtin/relay_cancel: relay");
  for (const int status : {300, 302, 401, 407, 422, 480, 486, 503, 603}) {
    EXPECT_EQ(Ask(none, Failed(status), v1::TRIGGER_FAR_END_FAILURE), "builtin/relay_failure: relay");
  }
}

TEST(ChooseTest, TheFirstRuleThatMatchesDecides) {
  const Policies policies = {Policy(
      "a", kEnforced + Rule("other_trigger", "DRAIN", Send(500)) +
               Rule("other_intent", "REQUEST", Send(501), "intents: INTENT_BUSY intents: INTENT_MOVED") +
               Rule("other_phone", "REQUEST", Send(502), "match { caller_user_agent { prefix: 'Bar' } }") +
               Rule("this", "REQUEST", Send(481), "intents: INTENT_QUIET match { every_call {} }") +
               Rule("late", "REQUEST", Send(504)))};
  EXPECT_EQ(Ask(policies, From("Foo"), v1::TRIGGER_REQUEST), "a/this: 481 Call/Transaction Does Not Exist");
  EXPECT_EQ(Ask(policies, From("Foo"), v1::TRIGGER_REQUEST, v1::INTENT_DECLINED),
            "a/late: 504 Server Time-out; CANCEL SIP;cause=603");
  EXPECT_EQ(Ask(policies, From("Foo"), v1::TRIGGER_REQUEST, v1::INTENT_MOVED),
            "a/other_intent: 501 Not Implemented");
  EXPECT_EQ(Ask(policies, From("Bar"), v1::TRIGGER_REQUEST), "a/other_phone: 502 Bad Gateway");
  EXPECT_EQ(Ask(policies, From("Foo"), v1::TRIGGER_DRAIN), "a/other_trigger: 500 Server Internal Error");
}

TEST(ChooseTest, ByPriorityThenByName) {
  const auto policy = [](const std::string& id, int priority, int code) {
    return Policy(
        id, kEnforced + ("priority: " + std::to_string(priority) + " ") + Rule("r", "REQUEST", Send(code)));
  };
  const auto low = policy("a", -5, 400);
  const auto b = policy("b", 0, 402);
  const auto c = policy("c", 0, 403);
  const auto high = policy("z", 7, 404);
  const v1::Call call = From("");
  EXPECT_EQ(Ask({low, c, b, high}, call, v1::TRIGGER_REQUEST), "z/r: 404 Not Found");
  EXPECT_EQ(Ask({low, c, b}, call, v1::TRIGGER_REQUEST), "b/r: 402 Payment Required");
  EXPECT_EQ(Ask({c, low}, call, v1::TRIGGER_REQUEST), "c/r: 403 Forbidden");
  EXPECT_EQ(Ask({low}, call, v1::TRIGGER_REQUEST), "a/r: 400 Bad Request");

  const PolicySet set({low, c, b, high});
  std::string order;
  for (const auto& one : set.policies()) order += one->policy().name().substr(15) + ' ';
  EXPECT_EQ(order, "z b c a builtin ");
  EXPECT_EQ(set.Find("cancelPolicies/c"), c);
  EXPECT_EQ(set.Find("cancelPolicies/builtin"), BuiltinPolicy());
  EXPECT_EQ(set.Find("cancelPolicies/d"), nullptr);
}

TEST(ChooseTest, Modes) {
  const auto on = [](const std::string& id, const std::string& mode, int code) {
    return Policy(id, mode + Rule("r", "REQUEST", Send(code), "intents: INTENT_BUSY"));
  };
  const v1::Call call = From("");
  const auto ask = [&](const Policies& policies) {
    return Ask(policies, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY);
  };
  EXPECT_EQ(ask({on("a", kDisabled, 404)}), "builtin/busy: 486 Busy Here");
  EXPECT_EQ(ask({on("a", "", 404)}), "builtin/busy: 486 Busy Here");
  EXPECT_EQ(ask({on("a", kShadow, 404)}), "(a/r: 404 Not Found) builtin/busy: 486 Busy Here");
  EXPECT_EQ(ask({on("a", kShadow, 404), on("b", kShadow, 410), on("c", kEnforced, 403)}),
            "(a/r: 404 Not Found) (b/r: 410 Gone) c/r: 403 Forbidden");
  // What would be asked after the one that decides is not.
  EXPECT_EQ(ask({on("a", kEnforced, 404), on("b", kShadow, 410)}), "a/r: 404 Not Found");
  // A policy of which no rule matches has no say, whatever its mode.
  EXPECT_EQ(Ask({on("a", kShadow, 404), on("b", kEnforced, 410)}, call, v1::TRIGGER_REQUEST),
            "builtin/quiet_no_user_agent: 480 Call ended|Reason: Q.850;cause=16;text=\"Normal call "
            "clearing\"");
}

TEST(ChooseTest, AShadowTellsItsEtagAndWholeTreatment) {
  const v1::Call call = From("baresip");
  const auto shadow = Policy("a", kShadow + Rule("r", "REQUEST", "as_intent: INTENT_ELSEWHERE"));
  const Choice choice =
      Choose(PolicySet({shadow}),
             {.call = &call, .trigger = v1::TRIGGER_REQUEST, .intent = v1::INTENT_BUSY, .now = {}});
  ASSERT_EQ(choice.shadows.size(), 1u);
  EXPECT_EQ(choice.shadows[0].policy_etag(), "etag-a");
  EXPECT_EQ(Told(choice.shadows[0].treatment()),
            "487 Call ended; CANCEL SIP;cause=200;text=\"Call completed elsewhere\"");
}

TEST(ChooseTest, TheFirstPolicyIsAskedWhateverItsModeAndOnlyOnce) {
  const v1::Call call = From("");
  const std::string busy = "intents: INTENT_BUSY";
  for (const std::string mode : {kEnforced, kShadow, kDisabled}) {
    const auto first = Policy("f", mode + Rule("r", "REQUEST", Send(410), busy));
    const auto other = Policy("a", kEnforced + ("priority: 9 " + Rule("r", "REQUEST", Send(404), busy)));
    EXPECT_EQ(Ask({other}, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY, first), "f/r: 410 Gone");
    EXPECT_EQ(Ask({other, first}, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY, first), "f/r: 410 Gone");
    // It does not match: the others are asked.
    EXPECT_EQ(Ask({other, first}, call, v1::TRIGGER_REQUEST, v1::INTENT_MOVED, first),
              "builtin/moved: 410 Gone");
  }
  // An edited copy stands in for the one of its name, which is not asked, not even as a shadow.
  const auto kept = Policy("f", kShadow + Rule("old", "REQUEST", Send(404)));
  const auto edited = Policy("f", kEnforced + Rule("new", "REQUEST", Send(410), busy));
  EXPECT_EQ(Ask({kept}, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY, edited), "f/new: 410 Gone");
  EXPECT_EQ(Ask({kept}, call, v1::TRIGGER_REQUEST, v1::INTENT_MOVED, edited), "builtin/moved: 410 Gone");
  // One that is only called like the built-in one does not stand in for it.
  const auto pretender = Policy("builtin", kEnforced + Rule("r", "REQUEST", Send(404), busy));
  EXPECT_EQ(Ask({}, call, v1::TRIGGER_REQUEST, v1::INTENT_MOVED, pretender), "builtin/moved: 410 Gone");
  // The built-in one may be the first: it decides before all others.
  const auto all = Policy("a", kEnforced + Rule("r", "REQUEST", Send(404)));
  EXPECT_EQ(Ask({all}, call, v1::TRIGGER_REQUEST, v1::INTENT_BUSY, BuiltinPolicy()),
            "builtin/busy: 486 Busy Here");
}

TEST(ChooseTest, WhatARuleLeavesOutIsTheBuiltins) {
  struct Case {
    std::string trigger;
    v1::Trigger asked;
    std::string treatment;
    v1::Intent intent;
    std::string told;
  };
  const std::string elsewhere = "; CANCEL SIP;cause=200;text=\"Call completed elsewhere\"";
  const Case cases[] = {
      {"REQUEST", v1::TRIGGER_REQUEST, "", v1::INTENT_BUSY, "486 Busy Here"},
      {"REQUEST", v1::TRIGGER_REQUEST, Send(404), v1::INTENT_ELSEWHERE, "404 Not Found" + elsewhere},
      {"REQUEST", v1::TRIGGER_REQUEST, Send(404), v1::INTENT_DECLINED, "404 Not Found; CANCEL SIP;cause=603"},
      {"REQUEST", v1::TRIGGER_REQUEST, "as_intent: INTENT_ELSEWHERE", v1::INTENT_DECLINED,
       "487 Call ended" + elsewhere},
      {"REQUEST", v1::TRIGGER_REQUEST, "as_intent: INTENT_BUSY cancel_reasons { q850_cause: 17 }",
       v1::INTENT_ELSEWHERE, "486 Busy Here; CANCEL Q.850;cause=17"},
      {"REQUEST", v1::TRIGGER_REQUEST, "bye_reasons { q850_cause: 31 }", v1::INTENT_QUIET,
       "487 Call ended; BYE Q.850;cause=31"},
      {"REQUEST", v1::TRIGGER_REQUEST, "answer_then_bye {}", v1::INTENT_QUIET, "200 OK"},
      {"REQUEST", v1::TRIGGER_REQUEST, "redirect { contacts: 'sip:a@b' }", v1::INTENT_QUIET,
       "302 Moved Temporarily|Contact: <sip:a@b>;q=1.0"},
      {"RING_TIMEOUT", v1::TRIGGER_RING_TIMEOUT, "", v1::INTENT_UNSPECIFIED,
       "480 Temporarily Unavailable|Retry-After: 120"},
      {"RING_TIMEOUT", v1::TRIGGER_RING_TIMEOUT, "as_intent: INTENT_QUIET", v1::INTENT_UNSPECIFIED,
       "487 Call ended"},
      {"DRAIN", v1::TRIGGER_DRAIN, "", v1::INTENT_UNSPECIFIED, "480 Temporarily Unavailable|Retry-After: 60"},
      {"ARRIVAL", v1::TRIGGER_ARRIVAL, "", v1::INTENT_UNSPECIFIED, "487 Call ended"},
      {"ARRIVAL", v1::TRIGGER_ARRIVAL, Send(603), v1::INTENT_UNSPECIFIED, "603 Decline"},
      {"ARRIVAL", v1::TRIGGER_ARRIVAL, "as_intent: INTENT_BLOCKED", v1::INTENT_UNSPECIFIED, "603 Decline"},
      {"ARRIVAL", v1::TRIGGER_ARRIVAL, "proceed {}", v1::INTENT_UNSPECIFIED, "proceed"},
      {"ARRIVAL", v1::TRIGGER_ARRIVAL, "proceed {} cancel_reasons { sip_status: 600 }",
       v1::INTENT_UNSPECIFIED, "proceed; CANCEL SIP;cause=600"},
      {"FAR_END_FAILURE", v1::TRIGGER_FAR_END_FAILURE, "", v1::INTENT_UNSPECIFIED, "487 Call ended"},
      {"FAR_END_FAILURE", v1::TRIGGER_FAR_END_FAILURE, Send(486), v1::INTENT_UNSPECIFIED, "486 Busy Here"},
      {"FAR_END_FAILURE", v1::TRIGGER_FAR_END_FAILURE, "relay {}", v1::INTENT_UNSPECIFIED, "relay"},
      {"CALLER_CANCEL", v1::TRIGGER_CALLER_CANCEL, "relay {}", v1::INTENT_UNSPECIFIED, "relay"},
      {"CALLER_CANCEL", v1::TRIGGER_CALLER_CANCEL, "", v1::INTENT_UNSPECIFIED, "relay"},
      {"CALLER_CANCEL", v1::TRIGGER_CALLER_CANCEL, "cancel_reasons { sip_status: 600 }",
       v1::INTENT_UNSPECIFIED, "relay; CANCEL SIP;cause=600"},
      {"CALLER_CANCEL", v1::TRIGGER_CALLER_CANCEL, "relay {} cancel_reasons { sip_status: 600 }",
       v1::INTENT_UNSPECIFIED, "relay; CANCEL SIP;cause=600"},
  };
  for (const Case& c : cases) {
    const Policies policies = {Policy("a", kEnforced + Rule("r", c.trigger, c.treatment))};
    EXPECT_EQ(Ask(policies, Failed(480), c.asked, c.intent), "a/r: " + c.told) << c.trigger << c.treatment;
  }
}

TEST(ChooseTest, SomeCodesMustBeNamed) {
  const std::string trigger = "FAR_END_FAILURE";
  const auto with = [&](const std::string& match) {
    return Policies{Policy("a", kEnforced + Rule("r", trigger, Send(486), match))};
  };
  const std::string relayed = "builtin/relay_failure: relay";
  const std::string ours = "a/r: 486 Busy Here";
  struct Case {
    std::string match;
    int status;
    std::string told;
  };
  const Case cases[] = {
      {"", 480, ours},
      {"", 401, relayed},
      {"", 407, relayed},
      {"", 422, relayed},
      {"", 302, relayed},
      {"", 402, ours},
      {"match { every_call {} }", 401, relayed},
      {"match { far_end_status { min: 300 max: 699 } }", 401, relayed},
      {"match { far_end_status { min: 300 max: 699 } }", 423, ours},
      {"match { far_end_status { min: 401 } }", 401, ours},
      {"match { far_end_status { min: 401 max: 401 } }", 401, ours},
      {"match { far_end_status { min: 401 } }", 407, relayed},
      {"match { far_end_status { min: 302 } }", 302, ours},
      {"match { far_end_status { min: 302 } }", 301, relayed},
      {"match { any_of { matches { far_end_status { min: 401 } } matches { every_call {} } } }", 401, ours},
      {"match { any_of { matches { far_end_status { min: 401 } } matches { every_call {} } } }", 407,
       relayed},
      {"match { none_of { matches { far_end_status { min: 401 } } } }", 401, relayed},
      {"match { none_of { matches { far_end_status { min: 401 } } } }", 480, ours},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Ask(with(c.match), Failed(c.status), v1::TRIGGER_FAR_END_FAILURE), c.told)
        << c.status << c.match;
  }
  // Asked by a request, the status is that of a call that goes on to the next target: nothing is guarded.
  EXPECT_EQ(Ask({Policy("a", kEnforced + Rule("r", "REQUEST", Send(486)))}, Failed(401), v1::TRIGGER_REQUEST),
            ours);
}

TEST(ChooseTest, QuietKills) {
  auto quiet_kills = ShippedPolicies().at(0)->policy();
  EXPECT_EQ(Ask(ShippedPolicies(), Failed(480, "Q.850;cause=16"), v1::TRIGGER_FAR_END_FAILURE),
            "builtin/relay_failure: relay");
  quiet_kills.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
  const Policies policies = {*CompiledPolicy::Compile(quiet_kills, "", {})};
  const std::string killed = "Q.850;cause=16;text=\"NORMAL_CLEARING\"";
  struct Case {
    int status;
    std::string reason;
    std::string user_agent;
    std::string told;
  };
  const std::string relayed = "builtin/relay_failure: relay";
  const Case cases[] = {
      {480, killed, "baresip v1.0.0", "quiet-kills/killed: 487 Call ended"},
      {480, killed, "Linphonec/5.1.65 (belle-sip/5.1.65)", "quiet-kills/killed: 480 Call ended"},
      {480, "SIP;cause=480, " + killed, "baresip v1.0.0", "quiet-kills/killed: 487 Call ended"},
      {480, "", "baresip v1.0.0", relayed},
      {480, "Q.850;cause=19;text=\"NO_ANSWER\"", "baresip v1.0.0", relayed},
      {480, "Q.850;cause=18;text=\", Q.850;cause=16\"", "baresip v1.0.0", relayed},
      {486, "Q.850;cause=17", "baresip v1.0.0", relayed},
      {487, killed, "baresip v1.0.0", relayed},
      {480, "SIP;cause=16", "baresip v1.0.0", relayed},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Ask(policies, Failed(c.status, c.reason, c.user_agent), v1::TRIGGER_FAR_END_FAILURE), c.told)
        << c.status << c.reason;
  }
}

TEST(PolicySetTest, HearsWhatItsPoliciesDo) {
  const PolicySet empty;
  for (int trigger = 0; trigger <= v1::Trigger_MAX; ++trigger) {
    EXPECT_FALSE(empty.Hears(static_cast<v1::Trigger>(trigger)));
  }
  const PolicySet set({Policy("a", kShadow + Rule("r", "ARRIVAL", "proceed {}")),
                       Policy("b", kDisabled + Rule("r", "DRAIN", Send(480)))});
  EXPECT_TRUE(set.Hears(v1::TRIGGER_ARRIVAL));
  EXPECT_FALSE(set.Hears(v1::TRIGGER_DRAIN));
  EXPECT_FALSE(set.Hears(v1::TRIGGER_REQUEST));
}

}  // namespace
}  // namespace adieu::policy
