#include <memory>

#include "client/cli/call_table.h"
#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/match_flags.h"

namespace adieu::cli {
namespace {

int ListCalls(const Session& session, const v1::ListCallsRequest& request) {
  const auto calls = session.Connect().ListCalls(request);
  if (!calls.ok()) return Fail(session, calls.error());
  if (session.output != Output::kTable) return PrintMachine(session, *calls);
  if (calls->calls().empty()) {
    session.out << "No calls.\n";
    return kOk;
  }
  auto columns = CallColumns();
  for (auto& column : columns) column.min_width = 0;
  Table table(std::move(columns));
  for (const auto& call : calls->calls()) table.Add(CallRow(call));
  table.Print(session.out, session.colour);
  return kOk;
}

}  // namespace

void AddCallsList(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("list", "List the calls, ended ones of the last ten minutes too");
  auto match = std::make_shared<MatchFlags>();
  match->AddTo(*command);
  command->callback([&session, match] {
    v1::ListCallsRequest request;
    if (auto built = match->Build()) *request.mutable_match() = *std::move(built);
    session.command = [&session, request] { return ListCalls(session, request); };
  });
}

}  // namespace adieu::cli
