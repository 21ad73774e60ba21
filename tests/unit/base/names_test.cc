#include <gtest/gtest.h>

#include <string>

#include "server/base/status_name.h"
#include "server/base/version.h"
#include "tests/unit/base/source_file.h"

namespace adieu::base {
namespace {

TEST(StatusName, NamesEveryCode) {
  const std::string kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  int code = 0;
  for (const std::string& name : kNames) EXPECT_EQ(StatusName(static_cast<absl::StatusCode>(code++)), name);
  EXPECT_EQ(StatusName(absl::StatusCode::kUnauthenticated), "UNAUTHENTICATED");
  EXPECT_EQ(StatusName(static_cast<absl::StatusCode>(17)), "UNKNOWN");
  EXPECT_EQ(StatusName(static_cast<absl::StatusCode>(-1)), "UNKNOWN");
  EXPECT_EQ(GrpcCodeLabel(absl::StatusCode::kCancelled), "Canceled");
  EXPECT_EQ(GrpcCodeLabel(absl::StatusCode::kResourceExhausted), "ResourceExhausted");
}

TEST(Version, IsTheProjects) {
  EXPECT_NE(SourceFile("CMakeLists.txt").find("VERSION " + std::string(kVersion) + " "), std::string::npos);
}

}  // namespace
}  // namespace adieu::base
