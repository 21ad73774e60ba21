#include <memory>
#include <string>

#include "client/cli/call_cells.h"
#include "client/cli/commands.h"
#include "client/cli/details.h"
#include "client/cli/enums.h"
#include "client/cli/failure.h"
#include "client/cli/ladder.h"
#include "client/cli/machine_output.h"
#include "client/cli/when.h"

namespace adieu::cli {
namespace {

std::string Labels(const v1::Call& call) {
  std::map<std::string, std::string> sorted(call.labels().begin(), call.labels().end());
  std::string text;
  for (const auto& [key, value] : sorted) text += (text.empty() ? "" : ", ") + key + "=" + value;
  return text;
}

void AddLeg(const std::string& side, const v1::Leg& leg, Details& details) {
  details.Add(side, leg.remote_address() + (leg.transport().empty() ? "" : " " + leg.transport()));
  details.Add("  Call-ID", leg.sip_call_id());
  details.Add("  From", leg.from_uri());
  details.Add("  To", leg.to_uri());
  details.Add("  Request-URI", leg.request_uri());
  details.Add("  User-Agent", leg.user_agent());
  details.Add("  State", StateCell(leg.state()));
  details.Add("  Last status", leg.last_status_code() == 0 ? "" : std::to_string(leg.last_status_code()));
}

void PrintCall(const Session& session, const v1::Call& call) {
  Details details;
  details.Add("Call", call.name());
  details.Add("State", StateCell(call.state()));
  details.Add("Ended by", ShortName(call.ended_by()));
  details.Add("Termination", call.termination());
  details.Add("Created", FormatTime(call.has_create_time(), call.create_time()));
  details.Add("Answered", FormatTime(call.has_answer_time(), call.answer_time()));
  details.Add("Ended", FormatTime(call.has_end_time(), call.end_time()));
  details.Add("Instance", call.instance());
  details.Add("Route", call.route());
  details.Add("Labels", Labels(call));
  if (call.has_caller()) AddLeg("Caller", call.caller(), details);
  if (call.has_callee()) AddLeg("Callee", call.callee(), details);
  details.Print(session.out, session.colour);
  if (!call.messages().empty()) session.out << '\n';
  PrintLadder(call, session.out, session.colour);
}

int GetCall(const Session& session, const std::string& name) {
  const auto call = session.Connect().GetCall(name);
  if (!call.ok()) return Fail(session, call.error());
  if (session.output != Output::kTable) return PrintMachine(session, *call);
  PrintCall(session, *call);
  return kOk;
}

}  // namespace

void AddCallsGet(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("get", "Show one call and its SIP ladder");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "calls/{call}")->required()->type_name("NAME");
  command->callback(
      [&session, name] { session.command = [&session, name] { return GetCall(session, *name); }; });
}

}  // namespace adieu::cli
