#include "client/cli/sweep_table.h"

#include <cstdio>

#include "client/cli/call_cells.h"
#include "client/cli/details.h"
#include "client/cli/enums.h"
#include "client/cli/table.h"

namespace adieu::cli {
namespace {

std::string Seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

void SweepTable::Add(const v1::ApplyCancelPolicyResponse& progress) {
  for (const auto& termination : progress.terminations()) {
    for (const auto& leg : termination.legs()) ++legs_[{leg.outcome(), leg.side(), Message(leg)}];
  }
  told_ += progress.terminations_size();
  last_ = progress;
  last_.clear_terminations();
}

void SweepTable::Print(std::chrono::milliseconds took, std::ostream& out, bool colour) const {
  const int left = last_.matched_count() - last_.ended_count() - last_.failed_count() - last_.skipped_count();
  Details details;
  details.Add("Sweep", last_.sweep());
  details.Add("Matched", std::to_string(last_.matched_count()));
  details.Add("Ended", std::to_string(last_.ended_count()));
  if (last_.failed_count() > 0)
    details.Add("Failed", Cell{std::to_string(last_.failed_count()), Style::kBad});
  if (last_.skipped_count() > 0) details.Add("Skipped", std::to_string(last_.skipped_count()));
  if (left > 0) details.Add("Left", Cell{std::to_string(left), Style::kBusy});
  details.Add("Took", Seconds(took));
  details.Print(out, colour);
  if (legs_.empty()) return;
  out << '\n';
  Table table({{"OUTCOME"}, {"LEG"}, {"MESSAGE"}, {.heading = "LEGS", .right = true}});
  for (const auto& [kind, count] : legs_) {
    const auto& [outcome, side, message] = kind;
    table.Add({OutcomeCell(outcome), {ShortName(side)}, {message}, {std::to_string(count)}});
  }
  table.Print(out, colour);
  const int more = last_.ended_count() + last_.failed_count() - told_;
  if (more > 0) {
    out << "and " << more << " more calls: adieu terminations list --sweep " << last_.sweep() << '\n';
  }
}

void PrintPlan(const v1::ApplyCancelPolicyResponse& plan, std::ostream& out, bool colour) {
  Details details;
  details.Add("Matched", std::to_string(plan.matched_count()));
  if (plan.terminations_size() < plan.matched_count()) {
    details.Add("Shown", std::to_string(plan.terminations_size()));
  }
  details.Print(out, colour);
  if (plan.terminations().empty()) return;
  out << '\n';
  Table table({{"CALL"}, {"LEG"}, {"ACTION"}, {"MESSAGE"}, {"POLICY"}, {"RULE"}});
  for (const auto& termination : plan.terminations()) {
    for (const auto& leg : termination.legs()) {
      table.Add({{termination.call()},
                 {ShortName(leg.side())},
                 {ShortName(leg.action())},
                 {Message(leg)},
                 {termination.policy()},
                 {termination.rule()}});
    }
  }
  table.Print(out, colour);
}

}  // namespace adieu::cli
