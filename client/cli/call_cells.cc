#include "client/cli/call_cells.h"

#include "client/cli/enums.h"

namespace adieu::cli {

Cell StateCell(v1::CallState state) {
  Style style = Style::kPlain;
  if (state == v1::CALL_STATE_RINGING || state == v1::CALL_STATE_TERMINATING) style = Style::kBusy;
  if (state == v1::CALL_STATE_ANSWERED) style = Style::kGood;
  if (state == v1::CALL_STATE_TERMINATED) style = Style::kFaint;
  return {ShortName(state), style};
}

Cell OutcomeCell(v1::LegOutcome outcome) {
  Style style = Style::kPlain;
  if (outcome == v1::LEG_OUTCOME_ENDED) style = Style::kGood;
  if (outcome == v1::LEG_OUTCOME_HELD || outcome == v1::LEG_OUTCOME_SENT) style = Style::kBusy;
  if (outcome == v1::LEG_OUTCOME_FAILED || outcome == v1::LEG_OUTCOME_TIMED_OUT) style = Style::kBad;
  return {ShortName(outcome), style};
}

std::string Message(const v1::LegEnding& ending) {
  if (ending.status_code() != 0) return std::to_string(ending.status_code()) + " " + ending.reason_phrase();
  if (ending.action() == v1::LEG_ACTION_CANCEL || ending.action() == v1::LEG_ACTION_BYE) {
    return ShortName(ending.action());
  }
  return "";
}

}  // namespace adieu::cli
