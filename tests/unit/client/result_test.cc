#include "client/adieu/result.h"

#include <gtest/gtest.h>

#include "tests/unit/client/fake_service.h"

namespace adieu::client {
namespace {

TEST(ResultTest, DetailsOfAnError) {
  const Error error = FromStatus(Refusal({.code = grpc::StatusCode::INVALID_ARGUMENT,
                                          .message = "two fields are wrong",
                                          .reason = "INVALID_FIELD",
                                          .metadata = {{"key", "value"}},
                                          .violations = {{"note", "too long"}, {"wait", "unknown"}},
                                          .retry_after = std::chrono::milliseconds(1500)}));
  EXPECT_EQ(error.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.message, "two fields are wrong");
  EXPECT_EQ(error.reason, "INVALID_FIELD");
  EXPECT_EQ(error.metadata.at("key"), "value");
  ASSERT_EQ(error.violations.size(), 2u);
  EXPECT_EQ(error.violations[1].field, "wait");
  EXPECT_EQ(error.violations[1].description, "unknown");
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(1500));
}

TEST(ResultTest, AnErrorWithoutOrWithBrokenDetails) {
  for (const char* details : {"", "\xff\xff"}) {
    const Error error = FromStatus({grpc::StatusCode::UNAVAILABLE, "gone", details});
    EXPECT_EQ(error.code, grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(error.message, "gone");
    EXPECT_EQ(error.reason, "");
    EXPECT_FALSE(error.retry_after);
  }
}

TEST(ResultTest, CodeNames) {
  EXPECT_EQ(CodeName(grpc::StatusCode::CANCELLED), "CANCELLED");
  EXPECT_EQ(CodeName(grpc::StatusCode::NOT_FOUND), "NOT_FOUND");
  EXPECT_EQ(CodeName(grpc::StatusCode::UNAUTHENTICATED), "UNAUTHENTICATED");
  EXPECT_EQ(CodeName(grpc::StatusCode::UNAVAILABLE), "UNAVAILABLE");
  EXPECT_EQ(CodeName(static_cast<grpc::StatusCode>(99)), "CODE_99");
}

}  // namespace
}  // namespace adieu::client
