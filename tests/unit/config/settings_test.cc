#include "server/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/base/source_file.h"
#include "tests/unit/config/temporary_file.h"

namespace adieu::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "adieud");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

base::Result<Settings> Load(const std::vector<const char*>& arguments) {
  const CommandLine line = Parse(arguments);
  EXPECT_FALSE(line.exit) << line.exit->text;
  return LoadSettings(line.flags);
}

TEST(CommandLine, ReadsEveryFlag) {
  const CommandLine line =
      Parse({"--config", "f.yaml", "--sip-listen", "127.0.0.1:0", "--sip-listen=[::1]:0", "--grpc-listen",
             "a:1", "--metrics-listen", "b:2", "--instance", "i", "--store", "memory", "--insecure-api",
             "--log-level", "debug", "--log-format", "text", "--check"});
  ASSERT_FALSE(line.exit) << line.exit->text;
  const Flags& flags = line.flags;
  EXPECT_EQ(flags.config, "f.yaml");
  EXPECT_THAT(flags.sip_listen, testing::ElementsAre("127.0.0.1:0", "[::1]:0"));
  EXPECT_EQ(flags.grpc_listen, "a:1");
  EXPECT_EQ(flags.metrics_listen, "b:2");
  EXPECT_EQ(flags.instance, "i");
  EXPECT_EQ(flags.store, "memory");
  EXPECT_TRUE(flags.insecure_api);
  EXPECT_EQ(flags.log_level, "debug");
  EXPECT_EQ(flags.log_format, "text");
  EXPECT_TRUE(flags.check);

  const CommandLine none = Parse({});
  EXPECT_FALSE(none.exit);
  EXPECT_FALSE(none.flags.config);
  EXPECT_FALSE(none.flags.check);
}

TEST(CommandLine, HelpAndVersionExitWithZero) {
  const auto help = Parse({"--help"}).exit;
  ASSERT_TRUE(help);
  EXPECT_EQ(help->code, 0);
  for (const char* flag :
       {"--config", "--sip-listen", "--grpc-listen", "--metrics-listen", "--instance", "--store",
        "--insecure-api", "--log-level", "--log-format", "--check", "--version", "--help"}) {
    EXPECT_THAT(help->text, HasSubstr(flag));
  }
  const auto version = Parse({"--version"}).exit;
  ASSERT_TRUE(version);
  EXPECT_EQ(version->code, 0);
  EXPECT_THAT(version->text, testing::MatchesRegex("adieud [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, WrongUseExitsWithTwoAndOneLine) {
  const std::vector<std::vector<const char*>> kCases = {
      {"--unknown"},    {"extra"},
      {"--config"},     {"--config", "a", "--config", "b"},
      {"--sip-listen"}, {"--sip-listen", "a", "b"},
      {"--store"},      {"--insecure-api=maybe"},
      {"-c", "f"},      {"--conf", "f"},
  };
  for (const auto& arguments : kCases) {
    const auto exit = Parse(arguments).exit;
    ASSERT_TRUE(exit) << arguments[0];
    EXPECT_EQ(exit->code, 2) << arguments[0];
    EXPECT_THAT(exit->text, StartsWith("adieud: ")) << arguments[0];
    EXPECT_EQ(exit->text.find('\n'), exit->text.size() - 1) << exit->text;
  }
}

TEST(LoadSettings, NoFileAndNoFlagsIsTheDefault) {
  const auto settings = Load({});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->config.sip().listeners(0).address(), "127.0.0.1:5060");
  EXPECT_EQ(settings->config.routes_size(), 0);
}

TEST(LoadSettings, FlagsOverrideTheFile) {
  const TemporaryFile file(
      "instance: from-file\nsip: {listeners: [{name: a, address: 0.0.0.0:1, advertise: b}]}\n"
      "api: {listen: 0.0.0.0:1}\nmetrics: {listen: bad}\nstore: {memory: {}}\nlog: {level: bad, format: "
      "bad}\n");
  const auto settings =
      Load({"--config", file.path(), "--sip-listen", "127.0.0.1:0", "--sip-listen", "[::1]:0",
            "--grpc-listen", "0.0.0.0:0", "--insecure-api", "--metrics-listen", "127.0.0.1:0", "--instance",
            "flag", "--store", "sqlite:/tmp/a.db", "--log-level", "warn", "--log-format", "text"});
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  const v1::Config& config = settings->config;
  EXPECT_EQ(config.instance(), "flag");
  ASSERT_EQ(config.sip().listeners_size(), 2);
  EXPECT_EQ(config.sip().listeners(0).name(), "default");
  EXPECT_EQ(config.sip().listeners(0).advertise(), "");
  EXPECT_EQ(config.sip().listeners(1).name(), "default-2");
  EXPECT_EQ(config.sip().listeners(1).address(), "[::1]:0");
  EXPECT_EQ(config.sip().listeners(1).transports_size(), 2);
  EXPECT_EQ(config.api().listen(), "0.0.0.0:0");
  EXPECT_TRUE(config.api().insecure());
  EXPECT_EQ(config.store().sqlite().path(), "/tmp/a.db");
  const base::LogOptions log = LogOptionsOf(config.log());
  EXPECT_EQ(log.level, base::LogLevel::kWarn);
  EXPECT_EQ(log.format, base::LogFormat::kText);
  EXPECT_FALSE(log.personal_data);
}

TEST(LoadSettings, InsecureInTheFileCountsForTheFlag) {
  const TemporaryFile file("api: {insecure: true}");
  EXPECT_TRUE(Load({"--config", file.path(), "--grpc-listen", "0.0.0.0:0"}).ok());
}

TEST(LoadSettings, ErrorsNameTheFlag) {
  const struct {
    std::vector<const char*> arguments;
    std::string message;
  } kCases[] = {
      {{"--store", "redis://localhost"}, "--store: store: redis is not built yet in this version"},
      {{"--store", "disk"}, "--store: store: must be memory or sqlite:PATH, is `disk`"},
      {{"--store", "sqlite:"}, "--store: store: must be memory or sqlite:PATH, is `sqlite:`"},
      {{"--store", "sqlite::memory:"}, "--store: store.sqlite.path: must be the path of a file"},
      {{"--instance", ""}, "--instance: instance: is empty"},
      {{"--instance", "A"}, "--instance: instance: must be 1 to 63 characters"},
      {{"--instance", "a\nb"}, "--instance: instance: has a control character or is not UTF-8"},
      {{"--sip-listen", ""}, "--sip-listen: sip.listeners[0].address: is empty"},
      {{"--sip-listen", "127.0.0.1:1", "--sip-listen", "0.0.0.0:5060"},
       "--sip-listen: sip.listeners[1].address: must be one address of this machine, is the wildcard"},
      {{"--grpc-listen", "0.0.0.0:1"}, "--grpc-listen: api.listen: is not a loopback address"},
      {{"--metrics-listen", "1"}, "--metrics-listen: metrics.listen: must be host:port"},
      {{"--log-level", "loud"}, "--log-level: log.level: must be debug, info, warn or error"},
      {{"--log-format", "xml"}, "--log-format: log.format: must be json or text"},
  };
  for (const auto& test : kCases) {
    const auto settings = Load(test.arguments);
    ASSERT_FALSE(settings.ok()) << test.message;
    EXPECT_THAT(settings.error().message, StartsWith(test.message));
    EXPECT_EQ(settings.error().message.find('\n'), std::string::npos) << settings.error().message;
  }
}

TEST(LoadConfig, SaysWhyAFileCannotBeRead) {
  const auto missing = LoadConfig("/nonexistent/adieud.yaml");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().reason, "CONFIG_UNREADABLE");
  EXPECT_EQ(missing.error().message, "/nonexistent/adieud.yaml: cannot be read: No such file or directory");
  const auto directory = LoadConfig(testing::TempDir());
  ASSERT_FALSE(directory.ok());
  EXPECT_THAT(directory.error().message, HasSubstr("cannot be read: Is a directory"));
  const TemporaryFile large(std::string((1 << 20) + 1, '#'));
  const auto too_large = LoadConfig(large.path());
  ASSERT_FALSE(too_large.ok());
  EXPECT_THAT(too_large.error().message, HasSubstr(":1: is larger than 1048576 bytes"));
}

TEST(LoadConfig, TakesTheShippedExample) {
  const auto path = base::SourceRoot() / "deploy/config/adieud.yaml";
  const auto config = LoadConfig(path);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_GT(config->routes_size(), 0);
}

}  // namespace
}  // namespace adieu::config
