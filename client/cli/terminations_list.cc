#include <chrono>
#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/flag.h"
#include "client/cli/machine_output.h"
#include "client/cli/match_flags.h"
#include "client/cli/policy_name.h"
#include "client/cli/termination_table.h"
#include "client/cli/when.h"

namespace adieu::cli {
namespace {

struct Flags {
  MatchFlags match;
  std::string sweep;
  std::string policy;
  std::string outcome;
  std::string since;
  std::string until;
};

google::protobuf::Timestamp TimeFlag(const std::string& option, const std::string& text) {
  const auto time = ParseTime(text, std::chrono::system_clock::now());
  if (!time) {
    throw CLI::ValidationError(
        option, "\"" + text + "\" is neither a time (2025-03-01T12:00:00Z) nor a duration (10m)");
  }
  return *time;
}

v1::ListTerminationsRequest Build(const Flags& flags) {
  v1::ListTerminationsRequest request;
  if (auto match = flags.match.Build()) *request.mutable_match() = *std::move(match);
  request.set_sweep(flags.sweep);
  request.set_policy(FullPolicyName(flags.policy));
  if (!flags.outcome.empty()) request.set_outcome(EnumFlag<v1::LegOutcome>("--outcome", flags.outcome));
  if (!flags.since.empty()) *request.mutable_start_time() = TimeFlag("--since", flags.since);
  if (!flags.until.empty()) *request.mutable_end_time() = TimeFlag("--until", flags.until);
  return request;
}

int ListTerminations(const Session& session, const v1::ListTerminationsRequest& request) {
  const auto terminations = session.Connect().ListTerminations(request);
  if (!terminations.ok()) return Fail(session, terminations.error());
  if (session.output != Output::kTable) return PrintMachine(session, *terminations);
  PrintTerminations(*terminations, session.out, session.colour);
  return kOk;
}

}  // namespace

void AddTerminationsList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "List what was ended and how, the newest first");
  auto flags = std::make_shared<Flags>();
  const std::string outcomes = EnumChoices(*google::protobuf::GetEnumDescriptor<v1::LegOutcome>());
  flags->match.AddTo(*command);
  command->add_option("--outcome", flags->outcome, "With a leg that is " + outcomes)->type_name("OUTCOME");
  command->add_option("--since", flags->since, "Requested at or after this time, or so long ago (10m)")
      ->type_name("TIME");
  command->add_option("--until", flags->until, "Requested before this time, or longer ago")
      ->type_name("TIME");
  command->add_option("--policy", flags->policy, "Chosen by this policy")->type_name("POLICY");
  command->add_option("--sweep", flags->sweep, "Of this sweep")->type_name("SWEEP");
  command->callback([&session, flags] {
    session.command = [&session, request = Build(*flags)] { return ListTerminations(session, request); };
  });
}

}  // namespace adieu::cli
