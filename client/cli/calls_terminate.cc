#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/flag.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_name.h"
#include "client/cli/termination_table.h"

namespace adieu::cli {
namespace {

struct Flags {
  std::string name;
  std::string sip_call_id;
  std::string intent;
  std::string treatment;
  std::string policy;
  std::string wait;
  std::string note;
  std::string request_id;
  bool dry_run = false;
};

v1::TerminateCallRequest Build(const Flags& flags) {
  if (flags.name.empty() == flags.sip_call_id.empty()) {
    throw CLI::ValidationError("NAME, --sip-call-id", "exactly one of them must be given");
  }
  v1::TerminateCallRequest request;
  if (flags.name.empty()) {
    request.set_sip_call_id(flags.sip_call_id);
  } else {
    request.set_name(flags.name);
  }
  if (!flags.intent.empty()) request.set_intent(EnumFlag<v1::Intent>("--intent", flags.intent));
  if (!flags.wait.empty()) request.set_wait(EnumFlag<v1::Wait>("--wait", flags.wait));
  if (!flags.treatment.empty()) FileFlag("--treatment", flags.treatment, *request.mutable_treatment());
  request.set_policy(FullPolicyName(flags.policy));
  request.set_note(flags.note);
  request.set_request_id(flags.request_id);
  request.set_validate_only(flags.dry_run);
  return request;
}

int Terminate(const Session& session, const v1::TerminateCallRequest& request) {
  // WAIT_ENDED may take 64*T1, 32 s (RFC 3261 17).
  const std::chrono::seconds patience(request.wait() == v1::WAIT_ENDED ? 45 : 10);
  const auto termination = session.Connect(patience).TerminateCall(request);
  if (!termination.ok()) return Fail(session, termination.error());
  if (session.output != Output::kTable) return PrintMachine(session, *termination);
  PrintTermination(*termination, session.out, session.colour);
  return kOk;
}

}  // namespace

void AddCallsTerminate(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("terminate", "End one call");
  auto flags = std::make_shared<Flags>();
  const std::string intents = EnumChoices(*google::protobuf::GetEnumDescriptor<v1::Intent>());
  command->add_option("name", flags->name, "calls/{call}")->type_name("NAME");
  command->add_option("--sip-call-id", flags->sip_call_id, "The Call-ID of one of its legs")->type_name("ID");
  command->add_option("--intent", flags->intent, "What the people shall experience: " + intents)
      ->type_name("INTENT");
  command->add_option("--treatment", flags->treatment, "A Treatment in YAML or JSON: what the legs shall get")
      ->type_name("FILE");
  command->add_option("--policy", flags->policy, "The policy to ask before all others, whatever its mode")
      ->type_name("POLICY");
  command->add_option("--wait", flags->wait, "How long to wait: sent (the default) or ended")
      ->type_name("WAIT");
  command->add_option("--note", flags->note, "For the record")->type_name("TEXT");
  command
      ->add_option("--request-id", flags->request_id,
                   "Makes it safe to give the command twice; else a new one")
      ->type_name("ID");
  command->add_flag("--dry-run", flags->dry_run, "Check and decide, but send nothing");
  command->callback([&session, flags] {
    session.command = [&session, request = Build(*flags)] { return Terminate(session, request); };
  });
}

}  // namespace adieu::cli
