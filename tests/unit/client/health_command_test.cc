#include <gtest/gtest.h>

#include "tests/unit/client/command.h"

namespace adieu::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

TEST(HealthCommandTest, TheExitCodeIsTheAnswer) {
  client::FakeServer server;
  server.health = {{"", HealthCheckResponse::NOT_SERVING}, {"adieu.live", HealthCheckResponse::SERVING}};
  const Ran live = Command(server, {"health", "--service", "adieu.live"});
  EXPECT_EQ(live.exit, 0);
  EXPECT_EQ(live.out, "SERVING\n");
  const Ran ready = Command(server, {"health"});
  EXPECT_EQ(ready.exit, 1);
  EXPECT_EQ(ready.out, "NOT_SERVING\n");
  const Ran unknown = Command(server, {"health", "--service", "x"});
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_EQ(unknown.err, "adieu: NOT_FOUND: unknown service\n");
}

TEST(HealthCommandTest, ForMachines) {
  client::FakeServer server;
  server.health = {{"", HealthCheckResponse::SERVING}};
  EXPECT_EQ(Command(server, {"health", "-o", "yaml"}).out, "status: SERVING\n");
  EXPECT_EQ(Command(server, {"health", "-o", "json"}).out, "{\n \"status\": \"SERVING\"\n}\n");
}

}  // namespace
}  // namespace adieu::cli
