#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/config/read_secret_file.h"
#include "server/config/settings.h"
#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

using testing::HasSubstr;

TEST(ReadSecretFile, TakesOneLine) {
  const struct {
    std::string content;
    std::string secret;
  } kCases[] = {
      {"hush", "hush"},
      {"hush\n", "hush"},
      {" a b ", " a b "},
      {"gr\xc3\xbc\xc3\x9f\n", "gr\xc3\xbc\xc3\x9f"},
      {std::string(4096, 'x'), std::string(4096, 'x')},
      {std::string(4095, 'x') + "\n", std::string(4095, 'x')},
  };
  for (const auto& test : kCases) {
    const TemporaryFile file(test.content);
    const auto secret = ReadSecretFile(file.path());
    ASSERT_TRUE(secret.ok()) << test.content << ": " << secret.error().message;
    EXPECT_EQ(*secret, test.secret);
  }
}

TEST(ReadSecretFile, SaysWhatIsWrongAndShowsNothing) {
  const struct {
    std::string content;
    std::string why;
  } kCases[] = {
      {"", "is empty"},
      {"\n", "is empty"},
      {"hush\n\n", "must be one line without control characters"},
      {"hush\r\n", "must be one line without control characters"},
      {"hush\nhush", "must be one line without control characters"},
      {std::string("hush\0", 5), "must be one line without control characters"},
      {"hush\x7f", "must be one line without control characters"},
      {"hush\"", "must not have `\"`, `\\` or `:`"},
      {"hu:sh", "must not have `\"`, `\\` or `:`"},
      {"hush\\", "must not have `\"`, `\\` or `:`"},
      {"hush\xff", "is not UTF-8 text"},
      {"hush" + std::string(4093, 'x'), "is larger than 4096 bytes"},
  };
  for (const auto& test : kCases) {
    const TemporaryFile file(test.content);
    const auto secret = ReadSecretFile(file.path());
    ASSERT_FALSE(secret.ok()) << test.why;
    EXPECT_TRUE(secret.error().reason == "SECRET_INVALID" || secret.error().reason == "FILE_TOO_LARGE");
    EXPECT_THAT(secret.error().message, testing::EndsWith(test.why));
    EXPECT_THAT(secret.error().message, Not(HasSubstr("hush")));
  }
}

TEST(ReadSecretFile, SaysWhyItCannotBeRead) {
  const auto missing = ReadSecretFile("/nonexistent/password");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().reason, "FILE_UNREADABLE");
  EXPECT_EQ(missing.error().message,
            "the file `/nonexistent/password` cannot be read: No such file or directory");
  const auto directory = ReadSecretFile(testing::TempDir());
  ASSERT_FALSE(directory.ok());
  EXPECT_THAT(directory.error().message, HasSubstr("cannot be read: Is a directory"));
}

// A configuration with a parked route and a forward route with these password files.
std::string WithPasswordFiles(const std::string& first, const std::string& second) {
  return "routes:\n- name: a\n- name: b\n  forward:\n    targets: ['sip:h']\n    credentials:\n"
         "    - {realm: r, username: u, password_file: " +
         first + "}\n    - {realm: s, username: u, password_file: " + second + "}\n";
}

TEST(LoadConfig, ReadsThePasswordFiles) {
  const TemporaryFile first("one\n");
  const TemporaryFile second("two");
  const TemporaryFile file(WithPasswordFiles(first.path(), second.path()));
  const auto config = LoadConfig(file.path());
  ASSERT_TRUE(config.ok()) << config.error().message;
  const v1::Forward& forward = config->routes(1).forward();
  EXPECT_EQ(forward.credentials(0).password(), "one");
  EXPECT_EQ(forward.credentials(1).password(), "two");
}

TEST(LoadConfig, TellsEveryPasswordFileThatIsNoGood) {
  const TemporaryFile empty("");
  const TemporaryFile file(WithPasswordFiles("/nonexistent/p", empty.path()));
  const auto config = LoadConfig(file.path());
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().reason, "CONFIG_INVALID");
  const std::string path = "routes[1].forward.credentials";
  EXPECT_EQ(config.error().message,
            file.path() + (":7: " + path + "[0].password_file: the file `/nonexistent/p` cannot be read: ") +
                "No such file or directory\n" + file.path() + ":8: " + path +
                "[1].password_file: the file `" + empty.path() + "` is empty");
}

}  // namespace
}  // namespace adieu::config
