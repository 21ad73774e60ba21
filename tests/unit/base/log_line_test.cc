#include "server/base/log_line.h"

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <limits>

#include "server/base/utf8.h"

namespace adieu::base {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::system_clock::time_point kTime{};

google::protobuf::Struct Parse(const std::string& line) {
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(line, &parsed);
  EXPECT_TRUE(status.ok()) << line;
  return parsed;
}

TEST(LogLine, JsonHasTheEventAndTypedFields) {
  EXPECT_EQ(
      FormatLogLine(LogFormat::kJson, kTime, LogLevel::kInfo, "call began",
                    {{"call", "calls/a"}, {"code", 486}, {"size", size_t{7}}, {"ok", true}, {"rate", 1.5}}),
      R"({"time":"1970-01-01T00:00:00.000000Z","level":"info","event":"call began",)"
      R"("call":"calls/a","code":486,"size":7,"ok":true,"rate":1.5})");
}

TEST(LogLine, TextQuotesWhatItMust) {
  EXPECT_EQ(
      FormatLogLine(LogFormat::kText, kTime, LogLevel::kWarn, "call ended",
                    {{"call", "calls/a"}, {"phrase", "Busy Here"}, {"empty", ""}, {"odd", "a=\"b\""}}),
      R"(1970-01-01T00:00:00.000000Z warn call ended call=calls/a phrase="Busy Here" empty="" odd="a=\"b\"")");
}

TEST(LogLine, AnyBytesAreOneLineOfStrictJson) {
  const std::string cases[] = {
      "a\r\nb",   std::string("a\0b", 3), "\x1b[31m\x7f",       "quote \" and \\ back",
      "\xff\xfe", "\xed\xa0\x80",         "gr\xc3\xbc\xc3\x9f", "{\"event\":\"forged\"}"};
  for (const std::string& text : cases) {
    for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
      const std::string line = FormatLogLine(format, kTime, LogLevel::kInfo, text, {{"key", text}});
      EXPECT_FALSE(HasControl(line)) << line;
      EXPECT_TRUE(IsUtf8(line)) << line;
      if (format == LogFormat::kText) continue;
      const auto parsed = Parse(line);
      EXPECT_EQ(parsed.fields_size(), 4) << line;
      if (IsUtf8(text)) {
        EXPECT_EQ(parsed.fields().at("key").string_value(), text);
      }
    }
  }
}

TEST(LogLine, NumbersThatJsonLacksAreNull) {
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_THAT(FormatLogLine(LogFormat::kJson, kTime, LogLevel::kInfo, "e", {{"rate", infinite}}),
              HasSubstr("\"rate\":null"));
}

TEST(LogLine, IsBounded) {
  const std::string long_text(100'000, 'x');
  const std::string line =
      FormatLogLine(LogFormat::kJson, kTime, LogLevel::kInfo, long_text, {{"key", long_text}});
  EXPECT_EQ(Parse(line).fields().at("key").string_value(), std::string(kMaxLogText, 'x') + "...");

  const std::string worst(kMaxLogText, '\x01');
  const std::string full = FormatLogLine(LogFormat::kJson, kTime, LogLevel::kInfo, worst,
                                         {{"a", worst}, {"b", worst}, {"c", worst}, {"last", worst}});
  EXPECT_LE(full.size(), kMaxLogLine);
  EXPECT_TRUE(Parse(full).fields().at("truncated").bool_value());
  EXPECT_THAT(full, Not(HasSubstr("last")));
}

}  // namespace
}  // namespace adieu::base
