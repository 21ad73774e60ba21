#include "server/config/read_policies.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "server/config/from_yaml.h"
#include "server/config/problems.h"
#include "server/config/read_yaml_file.h"
#include "server/config/yaml_tree.h"

namespace adieu::config {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 1'000;
constexpr char kDirectory[] = "policies.directory";

bool IsPolicyFile(const fs::path& path) {
  const std::string name = path.filename();
  if (name.starts_with(".")) return false;
  std::error_code ignored;
  return (path.extension() == ".yaml" || path.extension() == ".yml") && !fs::is_directory(path, ignored);
}

// In the order of their names. False: `why` says why not.
bool FindFiles(const std::string& directory, std::vector<std::string>* files, std::string* why) {
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (IsPolicyFile(entry->path())) files->push_back(entry->path());
  }
  if (error) {
    *why = "cannot be read: " + error.message();
  } else if (files->size() > kMaxFiles) {
    *why = "must have at most " + std::to_string(kMaxFiles) + " policy files, has " +
           std::to_string(files->size());
  }
  std::sort(files->begin(), files->end());
  return why->empty();
}

base::Result<PolicyFile> ReadPolicy(const std::string& path) {
  const auto text = ReadYamlFile(path);
  if (!text.ok()) return text.error();
  const auto tree = ParseYaml(*text, path);
  if (!tree.ok()) return tree.error();
  PolicyFile file;
  Problems problems(file.origins);
  FromYaml(*tree, path, &file.policy, &file.origins, &problems, Texts::kLineBreaks);
  if (file.policy.name().empty() && problems.empty()) problems.Add("name", "is required");
  if (!problems.empty()) return problems.ToError();
  file.policy.clear_etag();
  file.policy.clear_create_time();
  file.policy.clear_update_time();
  file.policy.clear_origin();
  return file;
}

void Append(const base::Error& more, std::optional<base::Error>* error) {
  if (!*error) {
    *error = more;
    return;
  }
  (*error)->message += "\n" + more.message;
  (*error)->violations.insert((*error)->violations.end(), more.violations.begin(), more.violations.end());
}

base::Error Problem(const Origins& origins, const std::string& path, const std::string& description) {
  Problems problems(origins);
  problems.Add(path, description);
  return problems.ToError();
}

// `policies.directory[12].rules[0]` is 12 and `rules[0]`. Nothing: it is another path.
std::optional<std::pair<size_t, std::string>> PathInFile(std::string_view path) {
  constexpr std::string_view kPrefix = "policies.directory[";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  size_t index = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), index);
  if (error != std::errc()) return std::nullopt;
  path.remove_prefix(static_cast<size_t>(end - path.data()));
  if (path.starts_with("]")) path.remove_prefix(1);
  if (path.starts_with(".")) path.remove_prefix(1);
  return std::pair(index, std::string(path));
}

}  // namespace

std::optional<base::Error> ReadPolicies(Settings* settings) {
  const std::string& directory = settings->config.policies().directory();
  if (directory.empty()) return std::nullopt;
  std::vector<std::string> paths;
  std::string why;
  if (!FindFiles(directory, &paths, &why)) {
    return Problem(settings->origins, kDirectory, Quote(directory) + " " + why);
  }
  std::optional<base::Error> error;
  std::map<std::string, std::string> names;
  for (const std::string& path : paths) {
    base::Result<PolicyFile> file = ReadPolicy(path);
    if (!file.ok()) {
      Append(file.error(), &error);
      continue;
    }
    const auto [same, is_new] = names.emplace(file->policy.name(), file->origins.Find("name"));
    if (is_new) {
      settings->policies.push_back(std::move(*file));
    } else {
      Append(Problem(file->origins, "name", "is also the name in " + same->second), &error);
    }
  }
  return error;
}

base::Error AtOrigin(const Settings& settings, const base::Error& error) {
  std::optional<base::Error> located;
  for (const base::FieldViolation& violation : error.violations) {
    const auto in_file = PathInFile(violation.field);
    if (in_file && in_file->first < settings.policies.size()) {
      Append(Problem(settings.policies[in_file->first].origins, in_file->second, violation.description),
             &located);
    } else {
      Append(Problem(settings.origins, violation.field, violation.description), &located);
    }
  }
  return located ? *std::move(located) : error;
}

}  // namespace adieu::config
