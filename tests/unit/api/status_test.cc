#include "server/api/status.h"

#include "tests/unit/api/fixture.h"

namespace adieu::api {
namespace {

TEST(StatusTest, DetailsCarryEverything) {
  base::Error error = base::InvalidField("treatment.final_response.status_code", "must be 400 to 699");
  error.metadata = {{"limit", "699"}};
  error.retry_after = std::chrono::milliseconds(1500);
  const grpc::Status status = ToStatus(error);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "treatment.final_response.status_code: must be 400 to 699");
  const Details details = DetailsOf(status);
  EXPECT_EQ(details.info.domain(), "adieu.v1");
  EXPECT_EQ(details.info.reason(), "INVALID_FIELD");
  EXPECT_EQ(details.info.metadata().at("limit"), "699");
  ASSERT_EQ(details.bad_request.field_violations_size(), 1);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "treatment.final_response.status_code");
  EXPECT_EQ(details.bad_request.field_violations(0).description(), "must be 400 to 699");
  EXPECT_EQ(details.retry.retry_delay().seconds(), 1);
  EXPECT_EQ(details.retry.retry_delay().nanos(), 500'000'000);
}

TEST(StatusTest, OnlyWhatThereIs) {
  const grpc::Status status =
      ToStatus({.code = absl::StatusCode::kNotFound, .reason = "CALL_NOT_FOUND", .message = "gone"});
  google::rpc::Status rpc;
  ASSERT_TRUE(rpc.ParseFromString(status.error_details()));
  EXPECT_EQ(rpc.details_size(), 1);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace adieu::api
