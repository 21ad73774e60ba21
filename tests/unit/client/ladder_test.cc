#include "client/cli/ladder.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/client/text.h"

namespace adieu::cli {
namespace {

std::string Draw(const v1::Call& call, bool colour = false) {
  std::ostringstream out;
  PrintLadder(call, out, colour);
  return out.str();
}

// caller          adieu
//   |---INVITE----->|
//   |<--100---------|
//   |<--180---------|
//   |<--480---------|
//   |---ACK-------->|
TEST(LadderTest, AParkedCallThatWasEnded) {
  const auto call = FromText<v1::Call>(R"(
    messages { time { seconds: 10 } side: LEG_SIDE_CALLER direction: DIRECTION_RECEIVED method: "INVITE" cseq: 1 }
    messages { time { seconds: 10 nanos: 400000 } side: LEG_SIDE_CALLER direction: DIRECTION_SENT method: "INVITE"
               status_code: 100 reason_phrase: "Trying" }
    messages { time { seconds: 10 nanos: 900000 } side: LEG_SIDE_CALLER direction: DIRECTION_SENT method: "INVITE"
               status_code: 180 reason_phrase: "Ringing" }
    messages { time { seconds: 15 nanos: 12300000 } side: LEG_SIDE_CALLER direction: DIRECTION_SENT method: "INVITE"
               status_code: 480 reason_phrase: "Temporarily Unavailable" reason: "Q.850;cause=31" }
    messages { time { seconds: 15 nanos: 13000000 } side: LEG_SIDE_CALLER direction: DIRECTION_RECEIVED method: "ACK" }
  )");
  EXPECT_EQ(Draw(call),
            "      MS  BETWEEN           MESSAGE                      REASON\n"
            "     0.0  caller --> adieu  INVITE                       -\n"
            "     0.4  caller <-- adieu  100 Trying                   -\n"
            "     0.9  caller <-- adieu  180 Ringing                  -\n"
            "  5012.3  caller <-- adieu  480 Temporarily Unavailable  Q.850;cause=31\n"
            "  5013.0  caller --> adieu  ACK                          -\n");
}

// caller          adieu          callee
//   |               |---BYE-------->|
//   |               |<--200---------|
TEST(LadderTest, TheCalleeStandsOnTheOtherSide) {
  const auto call = FromText<v1::Call>(R"(
    messages { side: LEG_SIDE_CALLEE direction: DIRECTION_SENT method: "BYE" reason: "Q.850;cause=16" }
    messages { side: LEG_SIDE_CALLEE direction: DIRECTION_RECEIVED method: "BYE" status_code: 200 reason_phrase: "OK" }
  )");
  EXPECT_EQ(Draw(call),
            "      MS  BETWEEN           MESSAGE       REASON\n"
            "     0.0  adieu --> callee  BYE           Q.850;cause=16\n"
            "     0.0  adieu <-- callee  200 OK (BYE)  -\n");
}

TEST(LadderTest, TextFromSipIsEscaped) {
  const auto call = FromText<v1::Call>(
      R"(messages { side: LEG_SIDE_CALLER direction: DIRECTION_RECEIVED method: "\033[2J" reason: "a\nb" })");
  const std::string drawn = Draw(call, true);
  EXPECT_EQ(drawn.find("\x1b[2J"), std::string::npos);
  EXPECT_NE(drawn.find("\\x1b[2J"), std::string::npos);
  EXPECT_NE(drawn.find("a\\nb"), std::string::npos);
}

TEST(LadderTest, NoMessagesNoLadder) { EXPECT_EQ(Draw({}), ""); }

}  // namespace
}  // namespace adieu::cli
