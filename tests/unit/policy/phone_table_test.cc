// The measured table of phones as data: what each phone does with each ending, and what the built-in policy
// therefore sends it.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "server/policy/choose.h"
#include "server/policy/explain.h"
#include "server/policy/intent.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/told.h"

namespace adieu::policy {
namespace {

// What a person hears and reads.
enum class Effect {
  kNothing,    // silence, no words; the phone shows the phrase at most
  kHangUp,     // the soft beep of a normal hang-up
  kBusy,       // a busy tone, or "busy"
  kNotFound,   // a tone or words for a wrong number
  kDeclined,   // words for a call that was declined
  kErrorTone,  // the phone's error or "call lost" tone
  kWords,      // words for an error, no tone
  kFailure,    // the client's way for failures, where that was read in its source
};

bool IsError(Effect effect) {
  return effect == Effect::kErrorTone || effect == Effect::kWords || effect == Effect::kFailure;
}

// The key of an ending: its code, and its Reason where it has one: `487 Q.850;16`.
using Effects = std::map<std::string, Effect>;

// baresip 1.0: recorded, and the tone files that it opened.
const Effects kBaresip10 = {
    {"480", Effect::kErrorTone}, {"486", Effect::kBusy},      {"487", Effect::kNothing},
    {"403", Effect::kErrorTone}, {"404", Effect::kNotFound},  {"410", Effect::kErrorTone},
    {"503", Effect::kErrorTone}, {"603", Effect::kErrorTone}, {"480 Q.850;16", Effect::kErrorTone},
    {"200", Effect::kNothing},   {"608", Effect::kErrorTone}, {"487 Q.850;16", Effect::kNothing},
};
// baresip 4.10: as 1.0 but for 603.
const Effects kBaresip410 = {
    {"480", Effect::kErrorTone}, {"486", Effect::kBusy},      {"487", Effect::kNothing},
    {"403", Effect::kErrorTone}, {"404", Effect::kNotFound},  {"410", Effect::kErrorTone},
    {"503", Effect::kErrorTone}, {"603", Effect::kBusy},      {"480 Q.850;16", Effect::kErrorTone},
    {"200", Effect::kNothing},   {"608", Effect::kErrorTone}, {"487 Q.850;16", Effect::kNothing},
};
// linphonec 5.1: recorded.
const Effects kLinphonec = {
    {"480", Effect::kNothing},   {"486", Effect::kBusy},      {"487", Effect::kHangUp},
    {"403", Effect::kNothing},   {"404", Effect::kNothing},   {"410", Effect::kHangUp},
    {"503", Effect::kErrorTone}, {"603", Effect::kHangUp},    {"480 Q.850;16", Effect::kNothing},
    {"200", Effect::kHangUp},    {"608", Effect::kErrorTone}, {"487 Q.850;16", Effect::kErrorTone},
};
// Linphone Desktop 4.4: what stood on the screen.
const Effects kLinphoneDesktop = {
    {"480", Effect::kNothing}, {"486", Effect::kBusy},     {"487", Effect::kNothing},
    {"403", Effect::kNothing}, {"404", Effect::kNotFound}, {"410", Effect::kNothing},
    {"503", Effect::kNothing}, {"603", Effect::kDeclined}, {"200", Effect::kNothing},
};
// Linphone Desktop 6: read.
const Effects kLinphoneDesktop6 = {
    {"480", Effect::kWords},
    {"487", Effect::kNothing},
};
// Twinkle, pjsua and SIP.js: every code alike, no tone.
const Effects kAlike = {
    {"480", Effect::kNothing},          {"486", Effect::kNothing},          {"487", Effect::kNothing},
    {"403", Effect::kNothing},          {"404", Effect::kNothing},          {"410", Effect::kNothing},
    {"603", Effect::kNothing},          {"200", Effect::kNothing},          {"608", Effect::kNothing},
    {"480 Q.850;16", Effect::kNothing}, {"487 Q.850;16", Effect::kNothing},
};
// JsSIP: the cause that its application sees. 480 is "Unavailable"; 487 has the generic failure.
const Effects kJsSip = {
    {"480", Effect::kNothing},  {"486", Effect::kBusy},
    {"487", Effect::kFailure},  {"403", Effect::kFailure},
    {"404", Effect::kNotFound}, {"410", Effect::kNothing},
    {"603", Effect::kFailure},  {"480 Q.850;16", Effect::kNothing},
};
// Jami: read.
const Effects kJami = {
    {"480", Effect::kFailure}, {"486", Effect::kBusy},    {"487", Effect::kNothing},
    {"403", Effect::kFailure}, {"404", Effect::kFailure}, {"410", Effect::kFailure},
    {"603", Effect::kNothing}, {"503", Effect::kFailure},
};
// Asterisk as the caller: read. 480 is NO_ANSWER; a bare 487, 404 and others become CHANUNAVAIL.
const Effects kAsterisk = {
    {"480", Effect::kNothing}, {"486", Effect::kBusy},    {"487", Effect::kFailure},
    {"404", Effect::kFailure}, {"603", Effect::kFailure}, {"487 Q.850;16", Effect::kNothing},
};
// FreeSWITCH as the caller: read. 487 is ORIGINATOR_CANCEL; a Q.850 Reason overrides the code.
const Effects kFreeSwitch = {
    {"480", Effect::kFailure}, {"486", Effect::kBusy},    {"487", Effect::kNothing},
    {"503", Effect::kFailure}, {"603", Effect::kFailure}, {"480 Q.850;16", Effect::kNothing},
};

struct Phone {
  std::string user_agent;
  const Effects* effects;  // null: neither measured nor read
  std::string quiet;       // the rule
  std::string told;        // what a QUIET caller is told
};

constexpr char kNormal[] = "|Reason: Q.850;cause=16;text=\"Normal call clearing\"";
constexpr char kEnded[] = "|Reason: Q.850;cause=16;text=\"Call ended\"";

const std::vector<Phone>& Phones() {
  static const std::vector<Phone> phones = {
      {"baresip v1.0.0 (x86_64/linux)", &kBaresip10, "quiet_baresip", "487 Call ended"},
      {"baresip v4.10.0 (x86_64/Linux)", &kBaresip410, "quiet_baresip", "487 Call ended"},
      {"Linphonec/5.1.65 (belle-sip/5.1.65)", &kLinphonec, "quiet_linphone_5", "480 Call ended"},
      {"Linphone Desktop/4.4.10 (desk) Debian GNU/Linux 12, Qt 5.15.8 LinphoneCore/5.1.65", &kLinphoneDesktop,
       "quiet_linphone_5", "480 Call ended"},
      {"LinphoneDesktop/6.0.0 (desk) Windows 11 LinphoneSDK/5.4.0", &kLinphoneDesktop6, "quiet_linphone_6",
       "487 Call ended"},
      {"Twinkle/1.10.2", &kAlike, "quiet_twinkle", "487 Call ended"},
      {"PJSUA v2.17-dev Linux-6.1", &kAlike, "quiet_pjsua", "487 Call ended"},
      {"JsSIP 3.13.8", &kJsSip, "quiet_jssip", "480 Call ended"},
      {"SIP.js/0.21.2", &kAlike, "quiet_sipjs", "480 Call ended"},
      {"Jami Daemon 13.0.0 (linux)", &kJami, "quiet_jami", "487 Call ended"},
      {"Asterisk PBX 20.5.0", &kAsterisk, "quiet_asterisk", "480 Call ended"},
      {"FreeSWITCH-mod_sofia/1.10.9-release~64bit", &kFreeSwitch, "quiet_freeswitch", "487 Call ended"},
      {"Mitel-6867i", nullptr, "quiet_mitel", std::string("480 Call ended") + kEnded},
      {"Yealink SIP-T46S 66.86.0.15", nullptr, "quiet_yealink", std::string("480 Call ended") + kEnded},
      {"Cisco/SPA504G-7.6.2f", nullptr, "quiet_cisco", std::string("480 Call ended") + kEnded},
      {"snomD785/10.1.64.14", nullptr, "quiet_desk_phone", std::string("480 Call ended") + kEnded},
      {"AUDIOCODES-IPPHONE-405/2.2", nullptr, "quiet_audiocodes_phone",
       std::string("480 Call ended") + kEnded},
      {"kamailio (5.6.3 (x86_64/linux))", nullptr, "quiet_switch", std::string("480 Call ended") + kNormal},
      {"Cisco-CSF", nullptr, "quiet_cisco_jabber", "487 Call ended"},
      {"", nullptr, "quiet_no_user_agent", std::string("480 Call ended") + kNormal},
      {"MicroSIP/3.21.3", nullptr, "quiet_soft_client", "487 Call ended"},
  };
  return phones;
}

struct Answer {
  v1::Intent intent;
  std::string rule;  // empty: the phone's own
  std::string told;  // empty: the phone's own
  std::string cancel;
};

const std::vector<Answer>& Answers() {
  static const std::vector<Answer> answers = {
      {v1::INTENT_QUIET, "", "", ""},
      {v1::INTENT_BUSY, "busy", "486 Busy Here", ""},
      {v1::INTENT_DECLINED, "declined", "603 Decline", "; CANCEL SIP;cause=603"},
      {v1::INTENT_TRY_LATER, "try_later", "480 Temporarily Unavailable|Retry-After: 120", ""},
      {v1::INTENT_MAINTENANCE, "maintenance", "480 Temporarily Unavailable|Retry-After: 60", ""},
      {v1::INTENT_NOT_FOUND, "not_found", "404 Not Found", ""},
      {v1::INTENT_FORBIDDEN, "forbidden", "403 Forbidden", ""},
      {v1::INTENT_MOVED, "moved", "410 Gone", ""},
      {v1::INTENT_BLOCKED, "blocked", "603 Decline", ""},
      {v1::INTENT_ELSEWHERE, "elsewhere", "", "; CANCEL SIP;cause=200;text=\"Call completed elsewhere\""},
  };
  return answers;
}

// Every phone with every intent, chosen and explained.
TEST(PhoneTableTest, WhatIsSent) {
  const PolicySet set;
  int cases = 0;
  for (const Phone& phone : Phones()) {
    const v1::Call call = From(phone.user_agent);
    for (const Answer& answer : Answers()) {
      const Question question{.call = &call, .intent = answer.intent, .now = {}};
      const std::string rule = answer.rule.empty() ? phone.quiet : answer.rule;
      const std::string told = (answer.told.empty() ? phone.told : answer.told) + answer.cancel;
      EXPECT_EQ(Told(Choose(set, question)), "builtin/" + rule + ": " + told)
          << phone.user_agent << ' ' << IntentName(answer.intent);
      const v1::ExplainCancelPolicyResponse explained = Explain(set, question);
      EXPECT_EQ(explained.rule(), rule) << phone.user_agent;
      EXPECT_EQ(Told(explained.treatment()), told) << phone.user_agent;
      ++cases;
    }
  }
  EXPECT_GE(cases, 150);
}

std::string KeyOf(const v1::Treatment& treatment) {
  const v1::FinalResponse& response = treatment.final_response();
  std::string key = std::to_string(response.status_code());
  for (const v1::Reason& reason : response.reasons()) key += " Q.850;" + std::to_string(reason.q850_cause());
  return key;
}

// No ending that QUIET or ELSEWHERE chooses is one that the table says plays an error tone, shows error words
// or counts as a failure on that phone.
TEST(PhoneTableTest, QuietIsQuiet) {
  int known = 0;
  for (const Phone& phone : Phones()) {
    if (phone.effects == nullptr) continue;
    const v1::Call call = From(phone.user_agent);
    for (const v1::Intent intent : {v1::INTENT_QUIET, v1::INTENT_ELSEWHERE}) {
      const std::string key =
          KeyOf(Choose(PolicySet(), {.call = &call, .intent = intent, .now = {}}).treatment);
      ASSERT_TRUE(phone.effects->contains(key)) << phone.user_agent << ": " << key << " was not measured";
      EXPECT_FALSE(IsError(phone.effects->at(key))) << phone.user_agent << ": " << key;
      ++known;
    }
  }
  EXPECT_GE(known, 24);
}

// A person who shall hear "busy" does, where the phone has a way to say it.
TEST(PhoneTableTest, BusyIsBusy) {
  for (const Phone& phone : Phones()) {
    if (phone.effects == nullptr || phone.effects == &kAlike) continue;
    const auto busy = phone.effects->find("486");
    if (busy == phone.effects->end()) continue;
    EXPECT_EQ(busy->second, Effect::kBusy) << phone.user_agent;
  }
}

// 503 makes Twinkle ring again at once and trunks fail over: no intent leads to it.
TEST(PhoneTableTest, NobodyIsSentA503) {
  for (const Phone& phone : Phones()) {
    const v1::Call call = From(phone.user_agent);
    for (const Answer& answer : Answers()) {
      const auto treatment =
          Choose(PolicySet(), {.call = &call, .intent = answer.intent, .now = {}}).treatment;
      EXPECT_NE(treatment.final_response().status_code(), 503) << phone.user_agent;
    }
  }
}

}  // namespace
}  // namespace adieu::policy
