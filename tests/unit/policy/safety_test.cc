// Whatever the checks accept is safe on the wire: thousands of treatments made at random of good, bad and odd
// parts.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/policy/builtin.h"
#include "server/policy/render.h"
#include "server/policy/treatment_check.h"
#include "tests/unit/policy/calls.h"
#include "tests/unit/policy/dice.h"

namespace adieu::policy {
namespace {

// Mostly harmless; now and then something that must never leave.
std::string Text(Dice& dice, int max_pieces) {
  static const std::vector<std::string> kGood = {"a", "Call ended", " ",  "\"", "\\", "\\\"", ";",
                                                 ",", "é",          "電", "<",  ">",  "%0d"};
  static const std::vector<std::string> kBad = {"\r\nVia: x", "\n",   "\t",       std::string(1, '\0'),
                                                "\x7f",       "\xff", "\xc2\x85", "\xc0\x8a"};
  std::string text;
  for (int n = dice.Upto(max_pieces); n > 0; --n) text += dice.OneIn(80) ? dice.Of(kBad) : dice.Of(kGood);
  return text;
}

void FillReason(Dice& dice, v1::Reason* reason) {
  if (dice.OneIn(2)) {
    reason->set_sip_status(dice.OneIn(20) ? dice.Upto(900) : 480 + dice.Upto(9));
  } else {
    reason->set_q850_cause(dice.OneIn(20) ? dice.Upto(200) : 16 + dice.Upto(3));
  }
  if (dice.OneIn(2)) reason->set_text(Text(dice, 8));
  if (dice.OneIn(8)) reason->set_location(dice.OneIn(8) ? Text(dice, 3) : "RLN");
}

void FillFinalResponse(Dice& dice, v1::FinalResponse* response) {
  static const std::vector<int> kCodes = {0,   200, 400, 401, 403, 405, 480, 480,
                                          480, 486, 487, 503, 603, 608, 700};
  static const std::vector<std::string> kNames = {"X-A",       "Server", "Allow",  "Via",
                                                  "Call-Info", "X A",    "X-B\r\n"};
  static const std::vector<std::string> kUris = {"sip:a@b", "https://a/b", "sip:a@b>\r\n",
                                                 "tel:+1",  "<sip:a@b>",   ""};
  response->set_status_code(dice.Of(kCodes));
  response->set_reason_phrase(Text(dice, 8));
  if (dice.OneIn(3)) FillReason(dice, response->add_reasons());
  if (dice.OneIn(4)) response->set_derive_reason(static_cast<v1::CauseMap>(dice.Upto(5)));
  if (dice.OneIn(4)) response->mutable_retry_after()->set_seconds(dice.Upto(100) - 5);
  if (dice.OneIn(3)) {
    response->mutable_warning()->set_code(300 + dice.Upto(110));
    response->mutable_warning()->set_text(Text(dice, 8));
    if (dice.OneIn(3))
      response->mutable_warning()->set_agent(dice.OneIn(2) ? "a.example:5060" : Text(dice, 3));
  }
  if (dice.OneIn(4)) response->set_error_info(dice.Of(kUris));
  for (int n = dice.Upto(3); n > 0; --n) {
    v1::Header* header = response->add_headers();
    header->set_name(dice.OneIn(2) ? "X-A" : dice.Of(kNames));
    header->set_value(Text(dice, 8));
  }
}

v1::Treatment AnyTreatment(Dice& dice) {
  static const std::vector<std::string> kContacts = {"sip:a@b",
                                                     "sips:a@[2001:db8::1]:5061;transport=tls",
                                                     "tel:+1",
                                                     "sip:a@b\r\nVia: x",
                                                     "sip:a@b>,<sip:c@d",
                                                     "sip:\"a\"@b",
                                                     "sip:a@b?x=%0d%0a"};
  v1::Treatment treatment;
  switch (dice.Upto(6)) {
    case 0:
      treatment.mutable_redirect()->set_status_code(dice.OneIn(4) ? dice.Upto(400) : 302);
      for (int n = dice.Upto(10); n > 0; --n) {
        treatment.mutable_redirect()->add_contacts(dice.OneIn(8) ? dice.Of(kContacts) : kContacts[0]);
      }
      break;
    case 1:
      treatment.mutable_answer_then_bye()->mutable_after()->set_seconds(dice.Upto(70) - 5);
      break;
    case 2:
      treatment.set_as_intent(static_cast<v1::Intent>(dice.Upto(13)));
      break;
    default:
      FillFinalResponse(dice, treatment.mutable_final_response());
      break;
  }
  if (dice.OneIn(4)) FillReason(dice, treatment.add_cancel_reasons());
  if (dice.OneIn(4)) FillReason(dice, treatment.add_bye_reasons());
  return treatment;
}

bool HasControlByte(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return true;
  }
  return false;
}

// Every quoted-string is closed, and outside of them is plain ASCII.
bool QuotesAreBalanced(const std::string& text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      if (++i == text.size()) return false;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && static_cast<unsigned char>(text[i]) >= 0x80) {
      return false;
    }
  }
  return !quoted;
}

void ExpectSafe(const Rendered& rendered, const v1::Treatment& treatment) {
  EXPECT_FALSE(rendered.reason_phrase.empty());
  EXPECT_FALSE(HasControlByte(rendered.reason_phrase));
  EXPECT_FALSE(rendered.bye_reason.empty());
  for (const std::string& reason : {rendered.bye_reason, rendered.cancel_reason}) {
    EXPECT_FALSE(HasControlByte(reason));
    EXPECT_TRUE(QuotesAreBalanced(reason));
  }
  const int ours = static_cast<int>(rendered.headers.size()) - treatment.final_response().headers_size();
  for (int i = 0; i < static_cast<int>(rendered.headers.size()); ++i) {
    const v1::Header& header = rendered.headers[static_cast<size_t>(i)];
    EXPECT_FALSE(HasControlByte(header.name() + header.value())) << header.name();
    if (i < ours) {
      EXPECT_TRUE(QuotesAreBalanced(header.value())) << header.value();
    }
  }
}

TEST(SafetyTest, WhatIsAcceptedIsSafeOnTheWire) {
  Dice dice(20261126);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 30000 && !testing::Test::HasFailure(); ++i) {
    const v1::Treatment treatment = AnyTreatment(dice);
    if (CheckTreatment(treatment, v1::TRIGGER_REQUEST, "treatment")) {
      ++refused;
      continue;
    }
    ++accepted;
    const v1::Treatment complete = Complete(treatment, v1::INTENT_QUIET, From("Foo/1.0"));
    // What was made complete is a treatment that anybody could have given.
    EXPECT_FALSE(CheckTreatment(complete, v1::TRIGGER_REQUEST, "treatment"));
    EXPECT_EQ(Complete(complete, v1::INTENT_BUSY, From("")).SerializeAsString(),
              complete.SerializeAsString());
    ExpectSafe(Render(complete), complete);
  }
  // The dice make both kinds; else this test would test nothing.
  EXPECT_GT(accepted, 5000);
  EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace adieu::policy
