#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/call_state.pb.h"
#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/termination.pb.h"
#include "adieu/v1/treatment.pb.h"

namespace adieu::metrics {

// The closed sets that label values come from: no label ever carries user data. Pure, any thread.

// A SIP method. What is not in this list is kOther.
enum class SipMethod : uint8_t {
  kInvite,
  kAck,
  kBye,
  kCancel,
  kOptions,
  kRegister,
  kInfo,
  kUpdate,
  kPrack,
  kMessage,
  kSubscribe,
  kNotify,
  kRefer,
  kPublish,
  kOther,
};
inline constexpr size_t kSipMethods = static_cast<size_t>(SipMethod::kOther) + 1;

// Why a SIP message was not served.
enum class RejectReason : uint8_t {
  // Not SIP, or without what RFC 3261 8.1.1 requires.
  kMalformed,
  // From a network that `sip.allow` does not name.
  kNotAllowed,
  // `limits.max_ringing` calls ring.
  kMaxRinging,
  // A new INVITE while the server goes down.
  kDraining,
  // A Contact that no request can be sent to.
  kBadContact,
  // A Record-Route that no request can be sent along.
  kBadRecordRoute,
  // An INVITE that was here before with the same URIs and Route (482).
  kLoop,
  // An INVITE whose Max-Forwards is used up (483).
  kTooManyHops,
  // `limits.invites_per_second`.
  kRate,
  // `limits.per_source_invites_per_second`.
  kSourceRate,
  // More messages came than could be served.
  kOverload,
  // A program that searches for servers to abuse.
  kScanner,
  // A message of more than 64 kB.
  kTooLarge,
  // A connection over the limit of them.
  kConnections,
  // A connection that brought no message in time, or no TLS handshake.
  kSilent,
  // A TLS handshake that failed: no TLS, or not the certificate that is wanted.
  kHandshake,
};
inline constexpr size_t kRejectReasons = static_cast<size_t>(RejectReason::kHandshake) + 1;

// What crossed an ending of ours.
enum class GlareKind : uint8_t {
  // The callee's 2xx crossed a CANCEL, or came while it was held.
  kAnsweredFirst,
  // The peer's own ending of an unanswered leg: CANCEL, or a final response to the INVITE.
  kPeerFirst,
  // The peer's BYE crossed ours.
  kByeCrossed,
};
inline constexpr size_t kGlareKinds = static_cast<size_t>(GlareKind::kByeCrossed) + 1;

// Why a target was given up for the next one.
enum class FailoverReason : uint8_t {
  // It said 503.
  kUnavailable,
  // The connection or the address was refused, or no listener reaches it.
  kUnreachable,
  // It said nothing.
  kNoAnswer,
  // Its name has no address.
  kUnresolved,
};
inline constexpr size_t kFailoverReasons = static_cast<size_t>(FailoverReason::kUnresolved) + 1;

// What became of one call of a sweep.
enum class SweepResult : uint8_t {
  // It got its ending.
  kEnded,
  // It was to get one, and did not.
  kFailed,
  // It had ended, or something else ended it, before its turn.
  kSkipped,
};
inline constexpr size_t kSweepResults = static_cast<size_t>(SweepResult::kSkipped) + 1;

// What became of one call of the process before this one.
enum class Recovery : uint8_t {
  // It goes on.
  kResumed,
  // It rang, or was being ended: it gets its ending.
  kLetGo,
  // Nothing can be done about it.
  kLost,
};
inline constexpr size_t kRecoveries = static_cast<size_t>(Recovery::kLost) + 1;

// Why a request over the API was not let in.
enum class ApiDenial : uint8_t {
  // Nothing says who asks.
  kCredentialsMissing,
  // No known token, and no JSON Web Token of a known issuer.
  kTokenUnknown,
  // No key of its issuer has its algorithm.
  kTokenAlgorithm,
  kTokenSignature,
  // It has not what it needs.
  kTokenClaims,
  kTokenExpired,
  kTokenNotYetValid,
  kTokenAudience,
  // Its claims give no role.
  kNoRole,
  // The method needs a higher one.
  kRoleTooLow,
  // A viewer compares what is masked for it otherwise than as a whole.
  kPersonalMatch,
  // The client makes too many requests.
  kRateLimited,
  // The client has too many watches.
  kTooManyWatchers,
};
inline constexpr size_t kApiDenials = static_cast<size_t>(ApiDenial::kTooManyWatchers) + 1;

// What kind of method an RPC is: the values of `grpc_type` that the dashboards of other gRPC servers know.
enum class RpcType : uint8_t { kUnary, kClientStream, kServerStream, kBidiStream };

// Methods are case-sensitive (RFC 3261 7.1).
SipMethod SipMethodOf(std::string_view method);

std::string_view Label(SipMethod method);
std::string_view Label(RejectReason reason);
std::string_view Label(RpcType type);
std::string_view Label(GlareKind kind);
std::string_view Label(FailoverReason reason);
std::string_view Label(SweepResult result);
std::string_view Label(Recovery recovery);
std::string_view Label(ApiDenial denial);
// `caller`, `callee`; `none` for messages of no call.
std::string_view Label(v1::LegSide side);
// The enum value without its prefix, in lower case; `unspecified` for zero and for numbers unknown here.
std::string Label(v1::Direction direction);
std::string Label(v1::CallState state);
std::string Label(v1::EndedBy ended_by);
std::string Label(v1::Trigger trigger);
std::string Label(v1::Intent intent);
std::string Label(v1::LegAction action);
std::string Label(v1::LegOutcome outcome);
std::string Label(v1::CancelPolicyMode mode);
std::string Label(v1::CancelPolicyOrigin origin);

// `486`, or `other` outside 100-699.
std::string CodeLabel(int status_code);
// `4xx`, or `other` outside 100-699.
std::string ClassLabel(int status_code);

}  // namespace adieu::metrics
