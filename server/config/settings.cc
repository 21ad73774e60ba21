#include "server/config/settings.h"

#include <utility>

#include "server/config/check.h"
#include "server/config/complete.h"
#include "server/config/from_yaml.h"
#include "server/config/override.h"
#include "server/config/read_access.h"
#include "server/config/read_passwords.h"
#include "server/config/read_policies.h"
#include "server/config/read_sip_tls.h"
#include "server/config/read_yaml_file.h"
#include "server/config/yaml_tree.h"

namespace adieu::config {
namespace {

base::Result<Settings> ReadConfig(const std::string& path) {
  const auto text = ReadYamlFile(path);
  if (!text.ok()) return text.error();
  return ParseConfig(*text, path);
}

std::optional<base::Error> ReadApiFiles(Settings* settings) {
  const v1::Api& api = settings->config.api();
  if (api.has_tls()) {
    auto tls = ReadTls(api.tls(), settings->origins);
    if (!tls.ok()) return tls.error();
    settings->tls = *std::move(tls);
  }
  if (!api.tokens_file().empty()) {
    auto access = ReadAccess(api.tokens_file(), !api.tls().client_ca_file().empty());
    if (!access.ok() && access.error().reason == "CONFIG_UNREADABLE") {
      Problems problems(settings->origins);
      problems.Add("api.tokens_file", access.error().message);
      return problems.ToError();
    }
    if (!access.ok()) return access.error();
    settings->access = *std::move(access);
  }
  return std::nullopt;
}

}  // namespace

base::Result<Settings> ParseConfig(std::string_view text, const std::string& name) {
  const auto tree = ParseYaml(text, name);
  if (!tree.ok()) return tree.error();
  Settings settings;
  Problems problems(settings.origins);
  FromYaml(*tree, name, &settings.config, &settings.origins, &problems);
  if (!problems.empty()) return problems.ToError();
  return settings;
}

base::Result<Settings> LoadSettings(const Flags& flags) {
  Settings settings;
  if (flags.config) {
    auto read = ReadConfig(*flags.config);
    if (!read.ok()) return read.error();
    settings = std::move(*read);
  }
  if (auto error = OverrideConfig(flags, &settings)) return *std::move(error);
  CompleteConfig(&settings.config);
  if (auto error = CheckConfig(settings.config, settings.origins)) return *std::move(error);
  if (auto error = ReadPasswords(settings.origins, &settings.config)) return *std::move(error);
  if (auto error = ReadSipTls(settings.origins, &settings.config)) return *std::move(error);
  if (auto error = ReadPolicies(&settings)) return *std::move(error);
  if (auto error = ReadApiFiles(&settings)) return *std::move(error);
  return settings;
}

base::Result<v1::Config> LoadConfig(const std::string& path) {
  auto settings = LoadSettings(Flags{.config = path});
  if (!settings.ok()) return settings.error();
  return std::move(settings->config);
}

base::LogOptions LogOptionsOf(const v1::Log& log) {
  base::LogOptions options;
  if (log.level() == "debug") options.level = base::LogLevel::kDebug;
  if (log.level() == "warn") options.level = base::LogLevel::kWarn;
  if (log.level() == "error") options.level = base::LogLevel::kError;
  options.format = log.format() == "text" ? base::LogFormat::kText : base::LogFormat::kJson;
  options.personal_data = log.personal_data();
  return options;
}

}  // namespace adieu::config
