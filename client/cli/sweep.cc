#include <chrono>
#include <memory>
#include <string>

#include "client/adieu/request_id.h"
#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/flag.h"
#include "client/cli/interrupt.h"
#include "client/cli/machine_output.h"
#include "client/cli/match_flags.h"
#include "client/cli/policy_name.h"
#include "client/cli/progress_bar.h"
#include "client/cli/sweep_table.h"

namespace adieu::cli {
namespace {

struct Flags {
  MatchFlags match;
  std::string intent;
  std::string policy;
  std::string inline_policy;
  int max_calls = 0;
  double rate = 0;
  std::string note;
  std::string request_id;
  bool dry_run = false;
};

v1::ApplyCancelPolicyRequest Build(const Flags& flags) {
  v1::ApplyCancelPolicyRequest request;
  if (!flags.policy.empty() && !flags.inline_policy.empty()) {
    throw CLI::ValidationError("--policy, --policy-file", "only one of them may be given");
  }
  if (!flags.policy.empty()) request.set_policy(FullPolicyName(flags.policy));
  if (!flags.inline_policy.empty()) {
    FileFlag("--policy-file", flags.inline_policy, *request.mutable_inline_policy());
  }
  if (auto match = flags.match.Build()) {
    *request.mutable_match() = *std::move(match);
  } else {
    request.mutable_match()->mutable_every_call();
  }
  if (!flags.intent.empty()) request.set_intent(EnumFlag<v1::Intent>("--intent", flags.intent));
  request.set_max_calls(flags.max_calls);
  request.set_calls_per_second(flags.rate);
  request.set_note(flags.note);
  request.set_validate_only(flags.dry_run);
  request.set_request_id(flags.request_id);
  if (flags.request_id.empty() && !flags.dry_run) request.set_request_id(client::NewRequestId());
  return request;
}

int Plan(const Session& session, const v1::ApplyCancelPolicyRequest& request) {
  v1::ApplyCancelPolicyResponse plan;
  const auto answer = session.Connect().ApplyCancelPolicy(request, [&](const auto& response) {
    plan = response;
    return true;
  });
  if (!answer.ok()) return Fail(session, answer.error());
  if (session.output != Output::kTable) return PrintMachine(session, plan, true);
  PrintPlan(plan, session.out, session.colour);
  return kOk;
}

int Sweep(const Session& session, const v1::ApplyCancelPolicyRequest& request) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const bool for_person = session.output == Output::kTable;
  // Before the client makes its threads.
  Interrupt interrupt;
  SweepTable table;
  const auto answer = [&] {
    ProgressBar bar(session.err, for_person && session.progress);
    return session.Connect().ApplyCancelPolicy(
        request,
        [&](const v1::ApplyCancelPolicyResponse& progress) {
          table.Add(progress);
          bar.Show(progress);
          if (!for_person) PrintMachine(session, progress, true);
          // Nobody reads the output any more.
          return session.out.good();
        },
        interrupt.token());
  }();
  const bool begun = !table.last().sweep().empty();
  if (for_person && begun) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    table.Print(took, session.out, session.colour);
    session.out.flush();
  }
  const bool stopped = interrupt.requested();
  if (stopped || (begun && !answer.ok())) {
    session.err << "adieu: not all was done; --request-id " << request.request_id()
                << " with the same flags goes on\n";
  }
  if (!answer.ok()) return Fail(session, answer.error());
  return stopped ? kInterrupted : kOk;
}

}  // namespace

void AddSweep(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("sweep", "End every call that matches");
  auto flags = std::make_shared<Flags>();
  const std::string intents = EnumChoices(*google::protobuf::GetEnumDescriptor<v1::Intent>());
  command->add_option("--intent", flags->intent, "What the people shall experience: " + intents)
      ->type_name("INTENT");
  command->add_option("--max", flags->max_calls, "Do nothing when more calls match, 1 to 100000")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--rate", flags->rate, "Calls per second, up to 10000; else as fast as it goes")
      ->type_name("R")
      ->check(CLI::Range(0.0, 10'000.0));
  command->add_option("--policy", flags->policy, "The policy to ask before all others, whatever its mode")
      ->type_name("POLICY");
  command
      ->add_option("--policy-file", flags->inline_policy,
                   "A CancelPolicy in YAML or JSON to ask first, which the server does not keep")
      ->type_name("FILE");
  command->add_option("--note", flags->note, "For the record")->type_name("TEXT");
  command->add_option("--request-id", flags->request_id, "Goes on with the sweep of this id; else a new one")
      ->type_name("ID");
  command->add_flag("--dry-run", flags->dry_run, "Show what would be done, but send nothing");
  flags->match.AddTo(*command);
  command->callback([&session, flags] {
    session.command = [&session, request = Build(*flags)] {
      return request.validate_only() ? Plan(session, request) : Sweep(session, request);
    };
  });
}

}  // namespace adieu::cli
