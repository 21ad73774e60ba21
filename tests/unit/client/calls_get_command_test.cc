#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/command.h"
#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

using ::testing::HasSubstr;

void ServeACall(client::FakeServer& server) {
  server.get_call = [](const v1::GetCallRequest& request, v1::Call* call) {
    if (request.name() != "calls/1") {
      return client::Refusal({grpc::StatusCode::NOT_FOUND, "there is no call calls/9", "CALL_NOT_FOUND"});
    }
    *call = FromText<v1::Call>(R"(
      name: "calls/1" instance: "a" state: CALL_STATE_TERMINATED ended_by: ENDED_BY_ADIEU
      termination: "terminations/7" create_time { seconds: 10 } end_time { seconds: 15 }
      labels { key: "z" value: "1" } labels { key: "b" value: "2" }
      caller { sip_call_id: "x@y" from_uri: "sip:a@x" to_uri: "sip:b@y" request_uri: "sip:b@y:5060"
               user_agent: "snom" remote_address: "192.0.2.1:5060" transport: "udp"
               state: CALL_STATE_TERMINATED last_status_code: 480 }
      messages { time { seconds: 10 } side: LEG_SIDE_CALLER direction: DIRECTION_RECEIVED method: "INVITE" }
      messages { time { seconds: 15 } side: LEG_SIDE_CALLER direction: DIRECTION_SENT method: "INVITE"
                 status_code: 480 reason_phrase: "Gone for now" })");
    return grpc::Status::OK;
  };
}

TEST(CallsGetCommandTest, FactsAndLadder) {
  client::FakeServer server;
  ServeACall(server);
  const Ran ran = Command(server, {"calls", "get", "calls/1"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out,
            "Call           calls/1\n"
            "State          TERMINATED\n"
            "Ended by       ADIEU\n"
            "Termination    terminations/7\n"
            "Created        1970-01-01T00:00:10.000Z\n"
            "Ended          1970-01-01T00:00:15.000Z\n"
            "Instance       a\n"
            "Labels         b=2, z=1\n"
            "Caller         192.0.2.1:5060 udp\n"
            "  Call-ID      x@y\n"
            "  From         sip:a@x\n"
            "  To           sip:b@y\n"
            "  Request-URI  sip:b@y:5060\n"
            "  User-Agent   snom\n"
            "  State        TERMINATED\n"
            "  Last status  480\n"
            "\n"
            "      MS  BETWEEN           MESSAGE           REASON\n"
            "     0.0  caller --> adieu  INVITE            -\n"
            "  5000.0  caller <-- adieu  480 Gone for now  -\n");
}

TEST(CallsGetCommandTest, JsonHasProtoNames) {
  client::FakeServer server;
  ServeACall(server);
  const Ran ran = Command(server, {"calls", "get", "calls/1", "-o", "json"});
  EXPECT_THAT(ran.out, HasSubstr("\"last_status_code\": 480"));
  EXPECT_THAT(ran.out, HasSubstr("\"direction\": \"DIRECTION_RECEIVED\""));
  EXPECT_THAT(Command(server, {"calls", "get", "calls/1", "-o", "yaml"}).out,
              HasSubstr("  last_status_code: 480\n"));
}

TEST(CallsGetCommandTest, AnAnswerThatJsonCannotHold) {
  client::FakeServer server;
  server.get_call = [](const v1::GetCallRequest&, v1::Call* call) {
    call->mutable_create_time()->set_seconds(int64_t{1} << 60);
    return grpc::Status::OK;
  };
  const Ran ran = Command(server, {"calls", "get", "calls/1", "-o", "json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("does not fit into JSON"));
}

TEST(CallsGetCommandTest, AnUnknownCall) {
  client::FakeServer server;
  ServeACall(server);
  const Ran ran = Command(server, {"calls", "get", "calls/9"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "adieu: NOT_FOUND (CALL_NOT_FOUND): there is no call calls/9\n");
}

}  // namespace
}  // namespace adieu::cli
