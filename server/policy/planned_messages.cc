#include "server/policy/planned_messages.h"

#include <string>
#include <string_view>
#include <utility>

#include "server/policy/ascii.h"
#include "server/policy/render.h"
#include "server/policy/standard_phrase.h"
#include "server/policy/wire_table.h"

namespace adieu::policy {
namespace {

using Messages = std::vector<v1::PlannedMessage>;

constexpr char kAfterAck[] = "the ACK of the caller";
constexpr char kAfterProvisional[] = "the first provisional response of the callee";

LegPhase PhaseOf(v1::LegSide side, const v1::Leg& leg) {
  switch (leg.state()) {
    case v1::CALL_STATE_RINGING:
      // 100 is a provisional response too (RFC 3261 9.1).
      if (leg.last_status_code() >= 100) return LegPhase::kRinging;
      return side == v1::LEG_SIDE_CALLER ? LegPhase::kReceived : LegPhase::kCalling;
    case v1::CALL_STATE_ANSWERED:
      return LegPhase::kAnswered;
    case v1::CALL_STATE_TERMINATING:
      return LegPhase::kTerminating;
    default:
      return LegPhase::kTerminated;
  }
}

void Append(std::string& text, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  text += '\n';
  text += name;
  text += ": ";
  text += value;
}

std::string StatusLine(int code, std::string_view phrase) {
  return "SIP/2.0 " + std::to_string(code) + ' ' + std::string(phrase);
}

// A request within the leg, with its Reason.
std::string Request(std::string_view method, v1::LegSide side, const v1::Leg& leg,
                    const std::string& reason) {
  const std::string& uri = side == v1::LEG_SIDE_CALLER ? leg.from_uri() : leg.request_uri();
  std::string text = std::string(method) + ' ' + (uri.empty() ? "" : uri + ' ') + "SIP/2.0";
  Append(text, "Reason", reason);
  return text;
}

std::string Response(const Rendered& ending) {
  std::string text = StatusLine(ending.status_code, ending.reason_phrase);
  for (const v1::Header& header : ending.headers) Append(text, header.name(), header.value());
  return text;
}

void Add(v1::LegSide side, std::string text, std::string condition, Messages* messages) {
  v1::PlannedMessage& message = messages->emplace_back();
  message.set_side(side);
  message.set_text(std::move(text));
  message.set_condition(std::move(condition));
}

std::string ByeCondition(std::chrono::milliseconds after) {
  if (after.count() == 0) return kAfterAck;
  return std::string(kAfterAck) + ", then " + std::to_string(after.count()) + " ms";
}

// What ends one leg.
void PlanLeg(v1::LegSide side, const v1::Leg& leg, const Rendered& ending, Messages* messages) {
  switch (StepFor(side, PhaseOf(side, leg), ending.action)) {
    case LegStep::kSendFinal:
      return Add(side, Response(ending), "", messages);
    case LegStep::kAnswerNow:
    case LegStep::kHoldAnswerForPrack:
      Add(side, Response(ending), "", messages);
      return Add(side, Request("BYE", side, leg, ending.bye_reason), ByeCondition(ending.bye_after),
                 messages);
    case LegStep::kByeAfterAck:
      return Add(side, Request("BYE", side, leg, ending.bye_reason), kAfterAck, messages);
    case LegStep::kBye:
      return Add(side, Request("BYE", side, leg, ending.bye_reason), "", messages);
    case LegStep::kCancel:
      return Add(side, Request("CANCEL", side, leg, ending.cancel_reason), "", messages);
    case LegStep::kCancelWhenProvisional:
      return Add(side, Request("CANCEL", side, leg, ending.cancel_reason), kAfterProvisional, messages);
    case LegStep::kNothing:
      return;
  }
}

// The far end's own response. A 503 says something about the target, not about us (RFC 3261 16.7).
std::string Relayed(const v1::Leg& callee) {
  const int code = callee.last_status_code() == 503 ? 500 : callee.last_status_code();
  std::string text = StatusLine(code, StandardPhrase(code));
  for (const v1::Header& header : callee.headers()) {
    if (EqualIgnoringCase(header.name(), "Reason")) Append(text, "Reason", header.value());
  }
  return text;
}

}  // namespace

std::vector<v1::PlannedMessage> PlanMessages(const v1::Call& call, v1::Trigger trigger,
                                             const v1::Treatment& treatment) {
  Messages messages;
  if (treatment.has_proceed()) return messages;
  Rendered ending = Render(treatment);
  if (trigger == v1::TRIGGER_CALLER_CANCEL) {
    // The caller has had its 487; the treatment says nothing to it.
    ending.action = v1::LEG_ACTION_FINAL_RESPONSE;
    if (call.has_callee()) PlanLeg(v1::LEG_SIDE_CALLEE, call.callee(), ending, &messages);
    return messages;
  }
  if (treatment.has_relay()) {
    // Asked about a call whose callee has not failed, there is nothing to relay.
    if (call.callee().last_status_code() < 300) return messages;
    Add(v1::LEG_SIDE_CALLER, Relayed(call.callee()), "", &messages);
    return messages;
  }
  PlanLeg(v1::LEG_SIDE_CALLER, call.caller(), ending, &messages);
  // The callee leg that failed has ended.
  if (call.has_callee() && trigger != v1::TRIGGER_FAR_END_FAILURE) {
    PlanLeg(v1::LEG_SIDE_CALLEE, call.callee(), ending, &messages);
  }
  return messages;
}

}  // namespace adieu::policy
