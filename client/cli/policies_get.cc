#include <memory>
#include <sstream>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/details.h"
#include "client/cli/enums.h"
#include "client/cli/escape.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_cells.h"
#include "client/cli/policy_name.h"
#include "client/cli/policy_yaml.h"
#include "client/cli/style.h"
#include "client/cli/treatment_text.h"
#include "client/cli/when.h"
#include "client/cli/wrap.h"

namespace adieu::cli {
namespace {

constexpr size_t kWidth = 96;
constexpr size_t kNameWidth = 14;

template <typename Enum>
std::string Names(const google::protobuf::RepeatedField<int>& values) {
  std::string names;
  for (const int value : values) names += (names.empty() ? "" : ", ") + ShortName(static_cast<Enum>(value));
  return names;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void PrintRule(const v1::Rule& rule, const Session& session) {
  session.out << '\n' << Paint("Rule " + Escape(rule.id()), Style::kHeading, session.colour) << '\n';
  Details details;
  details.Add("  Why", Wrap(rule.description(), kWidth - kNameWidth));
  details.Add("  Triggers", Names<v1::Trigger>(rule.triggers()));
  details.Add("  Intents", rule.intents().empty() ? "any" : Names<v1::Intent>(rule.intents()));
  details.Add("  Match", rule.has_match() ? Lines(ToYaml(rule.match())) : Lines("every call"));
  details.Add("  Treatment", Wrap(TreatmentText(rule.treatment()), kWidth - kNameWidth));
  details.Print(session.out, session.colour);
}

void PrintPolicy(const Session& session, const v1::CancelPolicy& policy) {
  Details details;
  details.Add("Policy", policy.name());
  details.Add("Mode", ModeCell(policy.mode()));
  details.Add("Priority", std::to_string(policy.priority()));
  details.Add("Origin", ShortName(policy.origin()));
  details.Add("Etag", policy.etag());
  details.Add("Created", FormatTime(policy.has_create_time(), policy.create_time()));
  details.Add("Updated", FormatTime(policy.has_update_time(), policy.update_time()));
  details.Add("Description", Wrap(policy.description(), kWidth - kNameWidth));
  details.Print(session.out, session.colour);
  for (const auto& rule : policy.rules()) PrintRule(rule, session);
}

int GetPolicy(const Session& session, const std::string& name) {
  const auto policy = session.Connect().GetCancelPolicy(name);
  if (!policy.ok()) return Fail(session, policy.error());
  if (session.output != Output::kTable) return PrintMachine(session, *policy);
  PrintPolicy(session, *policy);
  return kOk;
}

}  // namespace

void AddPoliciesGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one policy; -o yaml is what apply reads");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "The policy, with or without cancelPolicies/")
      ->required()
      ->type_name("NAME");
  command->callback([&session, name] {
    session.command = [&session, name] { return GetPolicy(session, FullPolicyName(*name)); };
  });
}

}  // namespace adieu::cli
