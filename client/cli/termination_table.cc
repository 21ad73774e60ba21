#include "client/cli/termination_table.h"

#include <string>

#include "client/cli/call_cells.h"
#include "client/cli/details.h"
#include "client/cli/enums.h"
#include "client/cli/policy_name.h"
#include "client/cli/table.h"
#include "client/cli/treatment_text.h"
#include "client/cli/when.h"

namespace adieu::cli {
namespace {

std::string Headers(const v1::LegEnding& leg) {
  std::string text;
  for (const auto& header : leg.headers()) {
    if (!text.empty()) text += " | ";
    text += header.name() + ": " + header.value();
  }
  return text;
}

std::string Policy(const v1::Termination& termination) {
  if (termination.policy().empty()) return "none, the treatment was given";
  return termination.rule().empty() ? termination.policy()
                                    : termination.policy() + ", rule " + termination.rule();
}

}  // namespace

void PrintTermination(const v1::Termination& termination, std::ostream& out, bool colour) {
  Details details;
  details.Add("Termination", termination.name().empty() ? "none: nothing was sent" : termination.name());
  details.Add("Call", termination.call());
  details.Add("Sweep", termination.sweep());
  details.Add("Trigger", ShortName(termination.trigger()));
  details.Add("Intent", ShortName(termination.intent()));
  details.Add("Policy", Policy(termination));
  for (const auto& shadow : termination.shadow_decisions()) details.Add("In shadow", ShadowText(shadow));
  details.Add("Requested", FormatTime(termination.has_request_time(), termination.request_time()));
  details.Add("By", termination.principal());
  details.Add("Note", termination.note());
  details.Print(out, colour);
  if (termination.legs().empty()) return;
  out << '\n';
  Table table({{"LEG"}, {"ACTION"}, {"MESSAGE"}, {"OUTCOME"}, {"SENT"}, {"SETTLED"}, {"HEADERS"}});
  for (const auto& leg : termination.legs()) {
    table.Add({{ShortName(leg.side())},
               {ShortName(leg.action())},
               {Message(leg)},
               OutcomeCell(leg.outcome()),
               {FormatTime(leg.has_send_time(), leg.send_time())},
               {FormatTime(leg.has_end_time(), leg.end_time())},
               {Headers(leg)}});
  }
  table.Print(out, colour);
}

void PrintTerminations(const v1::ListTerminationsResponse& terminations, std::ostream& out, bool colour) {
  Table table({{"NAME"},
               {"CALL"},
               {"REQUESTED"},
               {"TRIGGER"},
               {"INTENT"},
               {"POLICY"},
               {"RULE"},
               {"LEG"},
               {"MESSAGE"},
               {"OUTCOME"},
               {"NOTE"}});
  const auto add = [&table](const v1::Termination& t, const v1::LegEnding& leg) {
    table.Add({{t.name()},
               {t.call()},
               {FormatTime(t.has_request_time(), t.request_time())},
               {ShortName(t.trigger())},
               {ShortName(t.intent())},
               {ShortPolicyName(t.policy())},
               {t.rule()},
               {ShortName(leg.side())},
               {Message(leg)},
               OutcomeCell(leg.outcome()),
               {t.note()}});
  };
  for (const auto& termination : terminations.terminations()) {
    for (const auto& leg : termination.legs()) add(termination, leg);
    if (termination.legs().empty()) add(termination, {});
  }
  if (table.empty()) {
    out << "No terminations.\n";
  } else {
    table.Print(out, colour);
  }
}

}  // namespace adieu::cli
