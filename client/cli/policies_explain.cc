#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/explanation.h"
#include "client/cli/failure.h"
#include "client/cli/flag.h"
#include "client/cli/machine_output.h"
#include "client/cli/made_up_call.h"
#include "client/cli/message_file.h"
#include "client/cli/policy_files.h"

namespace adieu::cli {
namespace {

struct Flags {
  std::string call;
  std::string file;
  MadeUpCall made_up;
  std::string trigger;
  std::string intent;
  std::vector<std::string> candidates;
};

// What the command line alone says.
v1::ExplainCancelPolicyRequest Build(const Flags& flags) {
  const int subjects = !flags.call.empty() + !flags.file.empty() + flags.made_up.Given();
  if (subjects > 1 || (subjects == 0 && !flags.made_up.Failed())) {
    throw CLI::ValidationError("CALL, --file, --user-agent and the other flags of a made-up call",
                               "exactly one kind of them must be given");
  }
  if (!flags.call.empty() && flags.made_up.Failed()) {
    throw CLI::ValidationError("--status", "is for a made-up call; a call has its own");
  }
  v1::ExplainCancelPolicyRequest request;
  if (flags.made_up.Failed()) request.set_trigger(v1::TRIGGER_FAR_END_FAILURE);
  if (!flags.trigger.empty()) request.set_trigger(EnumFlag<v1::Trigger>("--trigger", flags.trigger));
  if (!flags.intent.empty()) request.set_intent(EnumFlag<v1::Intent>("--intent", flags.intent));
  if (!flags.call.empty()) {
    request.set_call(flags.call);
  } else {
    flags.made_up.Describe(*request.mutable_hypothetical_call());
  }
  return request;
}

int Explain(const Session& session, const Flags& flags, v1::ExplainCancelPolicyRequest request) {
  Source call{.file = flags.file, .lines = {}};
  std::vector<std::string> problems;
  if (!flags.file.empty()) {
    v1::Call read;
    if (const auto problem = ReadMessageFile(flags.file, read, &call.lines)) problems.push_back(*problem);
    read.MergeFrom(request.hypothetical_call());
    *request.mutable_hypothetical_call() = std::move(read);
  }
  auto candidates = ReadPolicies(flags.candidates, session.in);
  problems.insert(problems.end(), candidates.problems.begin(), candidates.problems.end());
  if (!problems.empty()) return FailFiles(session, problems);
  for (auto& candidate : candidates.documents) {
    candidate.policy.clear_etag();
    *request.add_candidate_policies() = candidate.policy;
  }

  const auto explanation = session.Connect().ExplainCancelPolicy(request);
  if (!explanation.ok()) {
    client::Error error = explanation.error();
    if (!flags.file.empty()) error = Placed(std::move(error), "hypothetical_call", call);
    for (size_t i = 0; i < candidates.documents.size(); ++i) {
      const std::string field = "candidate_policies[" + std::to_string(i) + "]";
      error = Placed(std::move(error), field, candidates.documents[i].source);
    }
    return Fail(session, error);
  }
  if (session.output != Output::kTable) return PrintMachine(session, *explanation);
  PrintExplanation(*explanation, session.out, session.colour);
  return kOk;
}

}  // namespace

void AddPoliciesExplain(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("explain", "Tell what would be decided for a call, and why");
  auto flags = std::make_shared<Flags>();
  const std::string triggers = EnumChoices(*google::protobuf::GetEnumDescriptor<v1::Trigger>());
  const std::string intents = EnumChoices(*google::protobuf::GetEnumDescriptor<v1::Intent>());
  command->add_option("call", flags->call, "A call of the server, calls/{call}")->type_name("CALL");
  command->add_option("-f,--file", flags->file, "A made-up Call in YAML or JSON")->type_name("FILE");
  flags->made_up.AddTo(*command);
  command->add_option("--trigger", flags->trigger, "What asks: " + triggers)->type_name("TRIGGER");
  command->add_option("--intent", flags->intent, "The intent of a request: " + intents)->type_name("INTENT");
  command
      ->add_option("--candidate", flags->candidates,
                   "Policies to ask beside the server's, or in place of those with the same names; as for "
                   "apply; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->callback([&session, flags] {
    session.command = [&session, flags, request = Build(*flags)] {
      return Explain(session, *flags, request);
    };
  });
}

}  // namespace adieu::cli
