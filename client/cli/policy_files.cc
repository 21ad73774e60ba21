#include "client/cli/policy_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "client/cli/message_file.h"

namespace adieu::cli {
namespace {

namespace fs = std::filesystem;

void ReadFile(const std::string& path, std::istream& in, PolicyFiles& read) {
  const std::string name = path == "-" ? "stdin" : path;
  auto& documents = read.documents;
  const size_t first = documents.size();
  const auto problem = ReadMessagesFile(path, in, [&documents, &name] {
    auto& document = documents.emplace_back();
    document.source.file = name;
    return MessageSlot{document.policy, document.source.lines};
  });
  if (problem) {
    read.problems.push_back(*problem);
  } else if (documents.size() == first) {
    read.problems.push_back(name + ": holds no policy");
  }
  for (size_t i = first; i < documents.size(); ++i) {
    documents[i].policy.clear_create_time();
    documents[i].policy.clear_update_time();
    documents[i].policy.clear_origin();
  }
}

void ReadDirectory(const std::string& path, std::istream& in, PolicyFiles& read) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto entry = fs::directory_iterator(path, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if ((file.extension() == ".yaml" || file.extension() == ".yml") && file.filename().string()[0] != '.')
      files.push_back(file.string());
  }
  if (error) {
    read.problems.push_back(path + ": cannot be read: " + error.message());
  } else if (files.empty()) {
    read.problems.push_back(path + ": holds no *.yaml or *.yml");
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) ReadFile(file, in, read);
}

void CheckNames(PolicyFiles& read) {
  std::map<std::string, const Source*> seen;
  for (const auto& [source, policy] : read.documents) {
    if (policy.name().empty()) {
      read.problems.push_back(source.Place("name") + ": name: is required, cancelPolicies/{cancel_policy}");
      continue;
    }
    const auto [before, first] = seen.emplace(policy.name(), &source);
    if (first) continue;
    read.problems.push_back(source.Place("name") + ": name: " + policy.name() + " is already in " +
                            before->second->Place("name"));
  }
}

}  // namespace

PolicyFiles ReadPolicies(const std::vector<std::string>& paths, std::istream& in) {
  PolicyFiles read;
  for (const auto& path : paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      ReadDirectory(path, in, read);
    } else {
      ReadFile(path, in, read);
    }
  }
  if (read.problems.empty()) CheckNames(read);
  return read;
}

}  // namespace adieu::cli
