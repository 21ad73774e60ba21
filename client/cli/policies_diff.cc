#include <google/protobuf/struct.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/escape.h"
#include "client/cli/failure.h"
#include "client/cli/line_diff.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_files.h"
#include "client/cli/policy_yaml.h"
#include "client/cli/style.h"

namespace adieu::cli {
namespace {

Style StyleOf(const std::string& line) {
  switch (line[0]) {
    case '-':
      return Style::kBad;
    case '+':
      return Style::kGood;
    case '@':
      return Style::kFaint;
    default:
      return Style::kPlain;
  }
}

// The whole diff with its two headings. Empty: no difference.
std::vector<std::string> Diff(const std::optional<v1::CancelPolicy>& current,
                              const PolicyDocument& document) {
  const auto hunks = LineDiff(current ? ToYaml(Essence(*current)) : "", ToYaml(Essence(document.policy)));
  if (hunks.empty()) return {};
  std::vector<std::string> lines = {"--- " + (current ? current->name() : "/dev/null"),
                                    "+++ " + document.source.file};
  lines.insert(lines.end(), hunks.begin(), hunks.end());
  return lines;
}

int Print(const Session& session, const PolicyDocument& document, const std::vector<std::string>& lines) {
  if (session.output == Output::kTable) {
    for (const auto& line : lines) {
      session.out << Paint(Escape(line), StyleOf(line), session.colour) << '\n';
    }
    return kOk;
  }
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  google::protobuf::Struct difference;
  auto& fields = *difference.mutable_fields();
  fields["name"].set_string_value(document.policy.name());
  fields["file"].set_string_value(document.source.file);
  fields["differs"].set_bool_value(!lines.empty());
  fields["diff"].set_string_value(text);
  return PrintMachine(session, difference, true);
}

int DiffPolicies(const Session& session, const std::vector<std::string>& paths) {
  const auto files = ReadPolicies(paths, session.in);
  if (!files.problems.empty()) return FailFiles(session, files.problems);
  const auto server = session.Connect();
  bool differs = false;
  for (const auto& document : files.documents) {
    const auto current = server.GetCancelPolicy(document.policy.name());
    const bool missing = !current.ok() && current.error().reason == "POLICY_NOT_FOUND";
    if (!current.ok() && !missing) return Fail(session, current.error());
    const auto lines = Diff(missing ? std::nullopt : std::make_optional(*current), document);
    differs = differs || !lines.empty();
    if (const int exit = Print(session, document, lines)) return exit;
  }
  return differs ? kRefused : kOk;
}

}  // namespace

void AddPoliciesDiff(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand(
      "diff", "Show what apply would change; exit 0: nothing, 1: something, or the server said no");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("-f,--file", *files, "Policies, as for apply")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->callback(
      [&session, files] { session.command = [&session, files] { return DiffPolicies(session, *files); }; });
}

}  // namespace adieu::cli
