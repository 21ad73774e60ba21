#include "server/policy/reason_header.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace adieu::policy {
namespace {

// `SIP 480, Q.850 16`.
std::string Read(const std::string& field) {
  std::string read;
  for (const ReasonValue& value : ParseReasonHeader(field)) {
    if (!read.empty()) read += ", ";
    read += value.protocol + ' ' + std::to_string(value.cause);
  }
  return read;
}

struct Case {
  std::string field;
  std::string read;
};

TEST(ReasonHeaderTest, Values) {
  const Case cases[] = {
      {"Q.850;cause=16;text=\"NORMAL_CLEARING\"", "Q.850 16"},
      {"SIP;cause=480;text=\"x, y\", Q.850;cause=16", "SIP 480, Q.850 16"},
      {"SIP ;cause=200 ;text=\"Call completed elsewhere\"", "SIP 200"},
      {"  sip ; CAUSE = 486 ", "sip 486"},
      {"Q.850;text=\"a;cause=1, SIP;cause=2\";cause=17", "Q.850 17"},
      {"Q.850;text=\"a \\\" ;cause=3, b\";cause=18", "Q.850 18"},
      {"Q.850;location=LN;cause=19;x", "Q.850 19"},
      {"Q.850;cause=016", "Q.850 16"},
      {"Q.850;cause=16;cause=17", "Q.850 16"},
      {"preemption ;cause=1 ;text=\"UA Preemption\"", "preemption 1"},
      {"Q.850;cause=16,\tSIP;cause=480", "Q.850 16, SIP 480"},
      {"Q.850;cause=16,SIP;cause=480,X;cause=1", "Q.850 16, SIP 480, X 1"},
  };
  for (const Case& c : cases) EXPECT_EQ(Read(c.field), c.read) << c.field;
}

TEST(ReasonHeaderTest, OddInput) {
  const Case cases[] = {
      {"", ""},
      {" ", ""},
      {",", ""},
      {",,Q.850;cause=16,,", "Q.850 16"},
      {";cause=16", ""},
      {"=;cause=16", ""},
      {"Q 850;cause=16", ""},
      {"Q.850", "Q.850 0"},
      {"Q.850;", "Q.850 0"},
      {"Q.850;cause", "Q.850 0"},
      {"Q.850;cause=", "Q.850 0"},
      {"Q.850;cause=x", "Q.850 0"},
      {"Q.850;cause=-1", "Q.850 0"},
      {"Q.850;cause=16x", "Q.850 0"},
      {"Q.850;cause=\"16\"", "Q.850 0"},
      {"Q.850;cause=1016", "Q.850 0"},
      {"Q.850;cause=99999999999999999999", "Q.850 0"},
      {"Q.850;causes=16", "Q.850 0"},
      {"Q.850;cause=16;text=\"never closed, SIP;cause=480", "Q.850 16"},
      {"Q.850;text=\"\\", "Q.850 0"},
      {"\"Q.850\";cause=16, SIP;cause=480", "SIP 480"},
      {"Q.850;cause=16\r\nVia: x", "Q.850 0"},
      {std::string("Q.850;cause=16\0, SIP;cause=1", 28), "Q.850 0, SIP 1"},
  };
  for (const Case& c : cases) EXPECT_EQ(Read(c.field), c.read) << c.field;
}

TEST(ReasonHeaderTest, AnyBytes) {
  std::mt19937 random(3);
  const std::string pieces[] = {"Q.850", "SIP", ";",     ",",  "=",    "\"",
                                "\\",    " ",   "cause", "16", "\xff", std::string(1, '\0')};
  size_t values = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string field;
    for (unsigned n = random() % 16; n > 0; --n) field += pieces[random() % std::size(pieces)];
    for (const ReasonValue& value : ParseReasonHeader(field)) {
      ++values;
      EXPECT_GE(value.cause, 0);
      EXPECT_LE(value.cause, 999);
    }
  }
  EXPECT_GT(values, 1000u);
}

}  // namespace
}  // namespace adieu::policy
