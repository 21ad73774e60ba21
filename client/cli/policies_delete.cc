#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/escape.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_name.h"

namespace adieu::cli {
namespace {

int DeletePolicy(const Session& session, const v1::DeleteCancelPolicyRequest& request) {
  if (const auto error = session.Connect().DeleteCancelPolicy(request)) return Fail(session, *error);
  if (session.output != Output::kTable) return PrintMachine(session, google::protobuf::Empty());
  session.out << Escape(request.name()) << (request.validate_only() ? " can be deleted\n" : " deleted\n");
  return kOk;
}

}  // namespace

void AddPoliciesDelete(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("delete", "Remove one policy");
  auto request = std::make_shared<v1::DeleteCancelPolicyRequest>();
  command
      ->add_option_function<std::string>(
          "name", [request](const std::string& name) { request->set_name(FullPolicyName(name)); },
          "The policy, with or without cancelPolicies/")
      ->required()
      ->type_name("NAME");
  command
      ->add_option_function<std::string>(
          "--etag", [request](const std::string& etag) { request->set_etag(etag); },
          "Only when it still has this etag")
      ->type_name("ETAG");
  command->add_flag_callback(
      "--dry-run", [request] { request->set_validate_only(true); }, "Check, but keep it");
  command->callback([&session, request] {
    session.command = [&session, request] { return DeletePolicy(session, *request); };
  });
}

}  // namespace adieu::cli
