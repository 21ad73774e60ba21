#include "server/config/duration.h"

#include <gtest/gtest.h>

namespace adieu::config {
namespace {

TEST(Duration, ParsesAndFormats) {
  const struct {
    std::string text;
    std::string formatted;  // Empty: refused.
  } kCases[] = {
      {"180s", "180s"},
      {"0s", "0s"},
      {"1.5s", "1.5s"},
      {"500ms", "0.5s"},
      {"1500ms", "1.5s"},
      {"0.5ms", "0.0005s"},
      {"1.000000001s", "1.000000001s"},
      {"999999999.999999999s", "999999999.999999999s"},
      {"0.000000001ms", "0s"},
      {"007s", "7s"},
      {"", ""},
      {"s", ""},
      {"1", ""},
      {"1 s", ""},
      {" 1s", ""},
      {"1s ", ""},
      {"1S", ""},
      {"-1s", ""},
      {"+1s", ""},
      {"1.s", ""},
      {".5s", ""},
      {"1..5s", ""},
      {"1m", ""},
      {"1h", ""},
      {"1us", ""},
      {"1s500ms", ""},
      {"1e3s", ""},
      {"nans", ""},
      {"1000000000s", ""},
      {"1.0000000001s", ""},
      {"1,5s", ""},
  };
  for (const auto& test : kCases) {
    const auto duration = ParseDuration(test.text);
    EXPECT_EQ(duration ? FormatDuration(*duration) : "", test.formatted) << test.text;
  }
}

}  // namespace
}  // namespace adieu::config
