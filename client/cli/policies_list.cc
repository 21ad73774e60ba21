#include <string>

#include "client/cli/commands.h"
#include "client/cli/enums.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/policy_cells.h"
#include "client/cli/policy_name.h"
#include "client/cli/table.h"
#include "client/cli/wrap.h"

namespace adieu::cli {
namespace {

constexpr size_t kDescriptionWidth = 60;

int ListPolicies(const Session& session) {
  const auto policies = session.Connect().ListCancelPolicies({});
  if (!policies.ok()) return Fail(session, policies.error());
  if (session.output != Output::kTable) return PrintMachine(session, *policies);
  Table table({{.heading = "#", .right = true},
               {"NAME"},
               {"MODE"},
               {.heading = "PRIORITY", .right = true},
               {.heading = "RULES", .right = true},
               {"ORIGIN"},
               {"DESCRIPTION"}});
  int place = 0;
  for (const auto& policy : policies->cancel_policies()) {
    table.Add({{std::to_string(++place)},
               {ShortPolicyName(policy.name())},
               ModeCell(policy.mode()),
               {std::to_string(policy.priority())},
               {std::to_string(policy.rules_size())},
               {ShortName(policy.origin())},
               {Cut(policy.description(), kDescriptionWidth)}});
  }
  table.Print(session.out, session.colour);
  return kOk;
}

}  // namespace

void AddPoliciesList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "List the policies in the order in which they are asked");
  command->callback([&session] { session.command = [&session] { return ListPolicies(session); }; });
}

}  // namespace adieu::cli
