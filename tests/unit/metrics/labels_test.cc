#include "server/metrics/labels.h"

#include <gtest/gtest.h>

#include <set>

namespace adieu::metrics {
namespace {

TEST(Labels, KnowsTheMethodsAndNothingElse) {
  const struct {
    std::string_view text;
    std::string_view label;
  } kCases[] = {
      {"INVITE", "INVITE"},
      {"ACK", "ACK"},
      {"BYE", "BYE"},
      {"CANCEL", "CANCEL"},
      {"OPTIONS", "OPTIONS"},
      {"REGISTER", "REGISTER"},
      {"INFO", "INFO"},
      {"UPDATE", "UPDATE"},
      {"PRACK", "PRACK"},
      {"MESSAGE", "MESSAGE"},
      {"SUBSCRIBE", "SUBSCRIBE"},
      {"NOTIFY", "NOTIFY"},
      {"REFER", "REFER"},
      {"PUBLISH", "PUBLISH"},
      {"invite", "other"},
      {"INVITE ", "other"},
      {"other", "other"},
      {"", "other"},
      {"+4930123456712", "other"},
  };
  for (const auto& test : kCases) EXPECT_EQ(Label(SipMethodOf(test.text)), test.label) << test.text;
}

TEST(Labels, EveryReasonHasItsOwn) {
  std::set<std::string_view> labels;
  for (size_t i = 0; i < kRejectReasons; ++i) labels.insert(Label(static_cast<RejectReason>(i)));
  EXPECT_EQ(labels.size(), kRejectReasons);
  EXPECT_EQ(labels.count(""), 0U);
  EXPECT_EQ(Label(RejectReason::kBadRecordRoute), "bad_record_route");
  EXPECT_EQ(Label(RejectReason::kMaxRinging), "max_ringing");
}

TEST(Labels, EveryDenialHasItsOwn) {
  std::set<std::string_view> labels;
  for (size_t i = 0; i < kApiDenials; ++i) labels.insert(Label(static_cast<ApiDenial>(i)));
  EXPECT_EQ(labels.size(), kApiDenials);
  EXPECT_EQ(labels.count(""), 0U);
  EXPECT_EQ(Label(ApiDenial::kTooManyWatchers), "too_many_watchers");
  EXPECT_EQ(Label(ApiDenial::kTokenAudience), "token_audience_mismatch");
}

TEST(Labels, EnumsLoseTheirPrefix) {
  EXPECT_EQ(Label(v1::DIRECTION_SENT), "sent");
  EXPECT_EQ(Label(v1::CALL_STATE_RINGING), "ringing");
  EXPECT_EQ(Label(v1::ENDED_BY_ADIEU), "adieu");
  EXPECT_EQ(Label(v1::TRIGGER_RING_TIMEOUT), "ring_timeout");
  EXPECT_EQ(Label(v1::INTENT_TRY_LATER), "try_later");
  EXPECT_EQ(Label(v1::LEG_ACTION_FINAL_RESPONSE), "final_response");
  EXPECT_EQ(Label(v1::LEG_OUTCOME_PEER_FIRST), "peer_first");
  EXPECT_EQ(Label(v1::INTENT_UNSPECIFIED), "unspecified");
  EXPECT_EQ(Label(static_cast<v1::Intent>(99)), "unspecified");
}

TEST(Labels, CodesAreBounded) {
  const struct {
    int code;
    std::string label;
    std::string class_label;
  } kCases[] = {{100, "100", "1xx"},     {486, "486", "4xx"},   {699, "699", "6xx"},   {99, "other", "other"},
                {700, "other", "other"}, {0, "other", "other"}, {-1, "other", "other"}};
  for (const auto& test : kCases) {
    EXPECT_EQ(CodeLabel(test.code), test.label);
    EXPECT_EQ(ClassLabel(test.code), test.class_label);
  }
}

}  // namespace
}  // namespace adieu::metrics
