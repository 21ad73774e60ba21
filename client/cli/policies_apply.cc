#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/escape.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_files.h"
#include "client/cli/policy_yaml.h"

namespace adieu::cli {
namespace {

struct Flags {
  std::vector<std::string> files;
  bool if_unchanged = false;
  bool dry_run = false;
};

// A policy on its way to the server.
struct Step {
  const PolicyDocument* document;
  // What the server has. Nothing: no such policy.
  std::optional<v1::CancelPolicy> current;

  bool Changes() const { return !current || ToYaml(Essence(*current)) != ToYaml(Essence(document->policy)); }
};

// What the server said, with its place in the file.
client::Error InFile(const client::Error& error, const Source& source) {
  client::Error placed = Placed(error, "cancel_policy", source);
  if (placed.violations.empty() && !placed.reason.empty()) {
    placed.message = source.Place("name") + ": " + placed.message;
  }
  return placed;
}

client::Result<v1::CancelPolicy> Send(const client::Client& server, const PolicyDocument& document,
                                      bool validate_only) {
  v1::UpdateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = document.policy;
  request.set_allow_missing(true);
  request.set_validate_only(validate_only);
  return server.UpdateCancelPolicy(request);
}

int Report(const Session& session, const Step& step, const v1::CancelPolicy& policy, bool dry_run) {
  if (session.output != Output::kTable) return PrintMachine(session, policy, true);
  const char* done = !step.current ? "created" : step.Changes() ? "updated" : "unchanged";
  session.out << Escape(policy.name()) << ' ' << done << (dry_run ? " (dry run)\n" : "\n");
  session.out.flush();
  return kOk;
}

// Sends what has to be sent; with `check` the server only looks at it and nothing is said. Returns an Exit.
int SendAll(const Session& session, const client::Client& server, const std::vector<Step>& steps, bool check,
            bool dry_run) {
  for (const Step& step : steps) {
    const bool send = step.Changes();
    if (!send && check) continue;
    const auto policy = send ? Send(server, *step.document, check || dry_run)
                             : client::Result<v1::CancelPolicy>(*step.current);
    if (!policy.ok()) return Fail(session, InFile(policy.error(), step.document->source));
    if (check) continue;
    if (const int exit = Report(session, step, *policy, dry_run)) return exit;
  }
  return kOk;
}

int Apply(const Session& session, const Flags& flags) {
  auto files = ReadPolicies(flags.files, session.in);
  for (auto& [source, policy] : files.documents) {
    if (!flags.if_unchanged) policy.clear_etag();
    if (flags.if_unchanged && policy.etag().empty()) {
      files.problems.push_back(source.Place("") + ": etag: is required by --if-unchanged");
    }
  }
  if (!files.problems.empty()) return FailFiles(session, files.problems);
  const auto server = session.Connect();
  std::vector<Step> steps;
  for (const auto& document : files.documents) {
    const auto current = server.GetCancelPolicy(document.policy.name());
    const bool missing = !current.ok() && current.error().reason == "POLICY_NOT_FOUND";
    if (!current.ok() && !missing) return Fail(session, InFile(current.error(), document.source));
    steps.push_back({&document, missing ? std::nullopt : std::make_optional(*current)});
  }
  // One refused policy of several leaves the others unsent.
  if (steps.size() > 1) {
    if (const int exit = SendAll(session, server, steps, true, false)) return exit;
  }
  return SendAll(session, server, steps, false, flags.dry_run);
}

}  // namespace

void AddPoliciesApply(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("apply", "Create policies, or change them to what files say");
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("-f,--file", flags->files,
                   "Policies in YAML, one or several documents; - is standard input, of a directory every "
                   "*.yaml; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_flag(
      "--if-unchanged", flags->if_unchanged,
      "Only when the server's policies still have the etags in the files; else etags are ignored");
  command->add_flag("--dry-run", flags->dry_run, "Check, but keep nothing");
  command->callback(
      [&session, flags] { session.command = [&session, flags] { return Apply(session, *flags); }; });
}

}  // namespace adieu::cli
