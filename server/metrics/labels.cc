#include "server/metrics/labels.h"

#include <array>
#include <cctype>

namespace adieu::metrics {
namespace {

constexpr std::array<std::string_view, kSipMethods> kMethodLabels = {
    "INVITE", "ACK",     "BYE",       "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE",
    "PRACK",  "MESSAGE", "SUBSCRIBE", "NOTIFY", "REFER",   "PUBLISH",  "other"};

constexpr std::array<std::string_view, kRejectReasons> kReasonLabels = {
    "malformed", "not_allowed",   "max_ringing", "draining",    "bad_contact", "bad_record_route",
    "loop",      "too_many_hops", "rate",        "source_rate", "overload",    "scanner",
    "too_large", "connections",   "silent",      "handshake"};

constexpr std::array<std::string_view, kGlareKinds> kGlareLabels = {"answered_first", "peer_first",
                                                                    "bye_crossed"};

constexpr std::array<std::string_view, kFailoverReasons> kFailoverLabels = {"unavailable", "unreachable",
                                                                            "no_answer", "unresolved"};

constexpr std::array<std::string_view, kSweepResults> kSweepLabels = {"ended", "failed", "skipped"};

constexpr std::array<std::string_view, kRecoveries> kRecoveryLabels = {"resumed", "let_go", "lost"};
constexpr std::array<std::string_view, kApiDenials> kDenialLabels = {"credentials_missing",
                                                                     "token_unknown",
                                                                     "token_algorithm_refused",
                                                                     "token_signature_invalid",
                                                                     "token_claims_invalid",
                                                                     "token_expired",
                                                                     "token_not_yet_valid",
                                                                     "token_audience_mismatch",
                                                                     "no_role",
                                                                     "role_too_low",
                                                                     "personal_match",
                                                                     "rate_limited",
                                                                     "too_many_watchers"};

constexpr std::array<std::string_view, 4> kTypeLabels = {"unary", "client_stream", "server_stream",
                                                         "bidi_stream"};

// `LEG_ACTION_FINAL_RESPONSE`, `LEG_ACTION_` -> `final_response`.
std::string WithoutPrefix(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return "unspecified";
  std::string label(name.substr(prefix.size()));
  for (char& c : label) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return label;
}

bool IsStatusCode(int code) { return code >= 100 && code <= 699; }

}  // namespace

SipMethod SipMethodOf(std::string_view method) {
  for (size_t i = 0; i + 1 < kSipMethods; ++i) {
    if (kMethodLabels[i] == method) return static_cast<SipMethod>(i);
  }
  return SipMethod::kOther;
}

std::string_view Label(SipMethod method) { return kMethodLabels[static_cast<size_t>(method)]; }
std::string_view Label(RejectReason reason) { return kReasonLabels[static_cast<size_t>(reason)]; }
std::string_view Label(RpcType type) { return kTypeLabels[static_cast<size_t>(type)]; }
std::string_view Label(GlareKind kind) { return kGlareLabels[static_cast<size_t>(kind)]; }
std::string_view Label(FailoverReason reason) { return kFailoverLabels[static_cast<size_t>(reason)]; }
std::string_view Label(SweepResult result) { return kSweepLabels[static_cast<size_t>(result)]; }
std::string_view Label(Recovery recovery) { return kRecoveryLabels[static_cast<size_t>(recovery)]; }
std::string_view Label(ApiDenial denial) { return kDenialLabels[static_cast<size_t>(denial)]; }

std::string_view Label(v1::LegSide side) {
  switch (side) {
    case v1::LEG_SIDE_CALLER:
      return "caller";
    case v1::LEG_SIDE_CALLEE:
      return "callee";
    default:
      return "none";
  }
}

std::string Label(v1::Direction direction) {
  return WithoutPrefix(v1::Direction_Name(direction), "DIRECTION_");
}
std::string Label(v1::CallState state) { return WithoutPrefix(v1::CallState_Name(state), "CALL_STATE_"); }
std::string Label(v1::EndedBy ended_by) { return WithoutPrefix(v1::EndedBy_Name(ended_by), "ENDED_BY_"); }
std::string Label(v1::Trigger trigger) { return WithoutPrefix(v1::Trigger_Name(trigger), "TRIGGER_"); }
std::string Label(v1::Intent intent) { return WithoutPrefix(v1::Intent_Name(intent), "INTENT_"); }
std::string Label(v1::LegAction action) { return WithoutPrefix(v1::LegAction_Name(action), "LEG_ACTION_"); }
std::string Label(v1::LegOutcome outcome) {
  return WithoutPrefix(v1::LegOutcome_Name(outcome), "LEG_OUTCOME_");
}
std::string Label(v1::CancelPolicyMode mode) {
  return WithoutPrefix(v1::CancelPolicyMode_Name(mode), "CANCEL_POLICY_MODE_");
}
std::string Label(v1::CancelPolicyOrigin origin) {
  return WithoutPrefix(v1::CancelPolicyOrigin_Name(origin), "CANCEL_POLICY_ORIGIN_");
}

std::string CodeLabel(int status_code) {
  return IsStatusCode(status_code) ? std::to_string(status_code) : "other";
}

std::string ClassLabel(int status_code) {
  return IsStatusCode(status_code) ? std::to_string(status_code / 100) + "xx" : "other";
}

}  // namespace adieu::metrics
