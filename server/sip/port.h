#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "adieu/v1/call.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/policy/render.h"

namespace adieu::sip {

// The port between the engine and SIP, both ways. A call is its name, never a pointer.

// One order to end a call.
struct EndOrder {
  // The termination's name; every report about this order carries it.
  std::string termination;
  // `calls/{call}`.
  std::string call;
  // What may leave.
  policy::Rendered ending;
  // A callee leg was there, and not over, when the order was given: it is reported even if it is gone by now.
  bool has_callee = false;
};

// Whether what is asked about may go on.
enum class Verdict { kGoOn, kHold };

// How long an agent holds a call without an order.
inline constexpr std::chrono::seconds kHoldPatience{2};

// A call that the journal has: of the process before this one.
struct JournaledCall {
  // Without its ladder.
  v1::Call call;
  // As it was given to CallEvents::OnDialogs.
  std::string dialogs;
};

// What the agents tell. Called on an agent's thread, in the order of the events of each call; must not block
// and must not call back into CallPort synchronously except End().
class CallEvents {
 public:
  virtual ~CallEvents() = default;

  // A call began or changed. The first one of a name begins the call, before anything but 100 was sent, and
  // has all of it but `messages` and `termination`; each later one has the name and only what changed: merge
  // it. One with CALL_STATE_TERMINATED is the last.
  virtual void OnCall(const v1::Call& call) = 0;

  // One message of a call's ladder was sent or received. May come after the last OnCall (an ACK).
  virtual void OnMessage(const std::string& call, const v1::SipMessage& message) = 0;

  // How one leg of an order stands: once or more per order, each time the whole LegEnding. The last one has
  // `end_time`. An order for a call that the agent does not know (any more) is answered with action NONE and
  // outcome PEER_FIRST when the peer had ended it, FAILED otherwise.
  virtual void OnLegEnding(const std::string& termination, const std::string& call,
                           const v1::LegEnding& leg) = 0;

  // The call rang longer than its route allows. Told once; the engine decides.
  virtual void OnRingTimeout(const std::string& call) = 0;

  // A call arrived: told after its first OnCall, before anything rings or is called. kHold: an EndOrder
  // follows at once; without one the call goes on after kHoldPatience, or when it is released.
  virtual Verdict OnArrival(const std::string& call) = 0;

  // The far end of a forwarded call failed for good, with this final status, or with what the caller gets
  // where nobody was reached; `reason`: its Reason header. Told once, before the caller gets anything of it.
  // kHold: an EndOrder follows at once; without one the failure is relayed after kHoldPatience, or when it is
  // released.
  virtual Verdict OnFarEndFailure(const std::string& call, int status_code, const std::string& reason) = 0;

  // The caller gave up while the callee rings. The value of the Reason header of the CANCEL that the callee
  // gets, empty for none; no value: the caller's own Reason.
  virtual std::optional<std::string> OnCallerCancel(const std::string& call) = 0;

  // What the next process needs of this call, in the agent's own form, replaces what was told before. Empty:
  // nothing any more. `stored` may be null; else it is called once, on any thread, maybe before this returns:
  // true: it outlives this process.
  virtual void OnDialogs(const std::string& call, std::string dialogs, std::function<void(bool)> stored) = 0;
};

// What can be asked of the agents. Any thread.
class CallPort {
 public:
  virtual ~CallPort() = default;

  // Queues an order. False: the agent's queue is full, nothing will be done or reported.
  virtual bool End(EndOrder order) = 0;

  // Queues the word that no order follows the kHold that was answered for this call: it goes on. Nothing for
  // a call that is not held. False: the queue is full; the call goes on after kHoldPatience.
  virtual bool Release(const std::string& call) = 0;

  // New INVITEs are refused with 503 and Retry-After from now on. Calls that exist go on.
  virtual void StopIntake() = 0;

  // Answered calls that wait for the time of their BYE (AnswerThenBye.after) get it now, and so do those that
  // are answered from now on.
  virtual void HastenByes() = 0;
};

}  // namespace adieu::sip
