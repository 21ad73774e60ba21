#include "server/store/fingerprint.h"

#include <absl/strings/escaping.h>
#include <gtest/gtest.h>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/call_control_service.pb.h"

namespace adieu::store {
namespace {

TEST(Fingerprint, IsSha256) {
  EXPECT_EQ(absl::BytesToHexString(Fingerprint(v1::TerminateCallRequest())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Fingerprint, TellsRequestsApart) {
  v1::TerminateCallRequest left;
  left.set_name("calls/1");
  v1::TerminateCallRequest right = left;
  EXPECT_EQ(Fingerprint(left), Fingerprint(right));
  right.set_note("x");
  EXPECT_NE(Fingerprint(left), Fingerprint(right));
}

TEST(Fingerprint, DoesNotDependOnTheOrderOfAMap) {
  v1::Call left;
  v1::Call right;
  for (int i = 0; i < 50; ++i) {
    (*left.mutable_labels())[std::to_string(i)] = "x";
    (*right.mutable_labels())[std::to_string(49 - i)] = "x";
  }
  EXPECT_EQ(Fingerprint(left), Fingerprint(right));
}

}  // namespace
}  // namespace adieu::store
