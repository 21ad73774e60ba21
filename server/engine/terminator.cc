#include "server/engine/terminator.h"

#include <algorithm>
#include <utility>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/base/log.h"
#include "server/engine/errors.h"
#include "server/policy/request_check.h"
#include "server/store/fingerprint.h"

namespace adieu::engine {
namespace {

using std::chrono::system_clock;

constexpr char kMethod[] = "TerminateCall";
constexpr char kOwnPrincipal[] = "adieu";

std::string NewTerminationName() { return "terminations/" + base::NewId(); }

// Of what is asked for: a retry may wait in another way.
std::string FingerprintOf(v1::TerminateCallRequest request) {
  request.clear_request_id();
  request.clear_wait();
  return store::Fingerprint(request);
}

base::Error RequestIdReused() {
  return {.code = absl::StatusCode::kInvalidArgument,
          .reason = "REQUEST_ID_REUSED",
          .message = "request_id: was used for another request",
          .violations = {{"request_id", "was used for another request"}}};
}

base::Error DeadlineExceeded() {
  return {.code = absl::StatusCode::kDeadlineExceeded,
          .reason = "DEADLINE_EXCEEDED",
          .message = "the deadline passed before a worker was free; nothing was done"};
}

base::Error FirstAnswerLost() {
  return {.code = absl::StatusCode::kUnavailable,
          .reason = "STORE_UNAVAILABLE",
          .message = "this request was carried out before, but its termination cannot be read"};
}

void LogStoreFailure(const std::string& termination, const std::string& message) {
  base::LogError("termination not stored", {{"termination", termination}, {"error", message}});
}

}  // namespace

Terminator::Terminator(Options options, CallRegistry* registry, WorkerPool* pool, store::Store* store,
                       metrics::Metrics* metrics)
    : options_(options), registry_(registry), pool_(pool), store_(store), metrics_(metrics) {}

void Terminator::Connect(sip::CallPort* port, std::vector<std::string> own_addresses) {
  std::lock_guard lock(mutex_);
  port_ = port;
  own_addresses_ = std::move(own_addresses);
}

std::shared_ptr<Ticket> Terminator::Terminate(v1::TerminateCallRequest message, std::string principal,
                                              system_clock::time_point deadline, TerminateDone done) {
  // Requests for one call meet on one worker, however they name it.
  std::string key = message.name();
  if (message.has_sip_call_id()) {
    const base::Result<std::string> name = registry_->Resolve(message.sip_call_id());
    key = name.ok() ? *name : message.sip_call_id();
  }
  Request request{std::move(message), std::move(principal), system_clock::now()};
  auto ticket =
      pool_->Submit(key, [this, deadline, request = std::move(request), done = std::move(done)]() mutable {
        if (system_clock::now() >= deadline) {
          done(DeadlineExceeded());
          return;
        }
        Handle(request, {request.message.wait(), std::move(done)});
      });
  if (!ticket) metrics_->QueueRejected();
  return ticket;
}

void Terminator::Handle(const Request& request, Waiter waiter) {
  const v1::TerminateCallRequest& message = request.message;
  std::optional<base::Error> error = policy::CheckTerminateRequest(message);
  if (!error) {
    error = message.request_id().empty() || message.validate_only()
                ? Execute(request, NewTerminationName(), std::nullopt, &waiter)
                : HandleWithId(request, &waiter);
  }
  if (!error) return;
  if (error->code == absl::StatusCode::kResourceExhausted) metrics_->QueueRejected();
  waiter.done(std::move(*error));
}

std::optional<base::Error> Terminator::HandleWithId(const Request& request, Waiter* waiter) {
  const std::string& id = request.message.request_id();
  const std::string fingerprint = FingerprintOf(request.message);
  const std::string key = request.principal + '\n' + id;
  switch (gate_.Enter(key, fingerprint, waiter)) {
    case RequestGate::Entry::kJoined:
      return std::nullopt;
    case RequestGate::Entry::kOther:
      return RequestIdReused();
    case RequestGate::Entry::kFirst:
      break;
  }
  std::optional<base::Error> error;
  std::string name;
  if (auto known = store_->FindRequest(kMethod, request.principal, id)) {
    name = known->termination;
    if (known->fingerprint == fingerprint) {
      Join(name, std::move(*waiter));
    } else {
      error = RequestIdReused();
    }
  } else {
    name = NewTerminationName();
    store::RequestRecord record{.method = kMethod,
                                .principal = request.principal,
                                .request_id = id,
                                .fingerprint = fingerprint,
                                .termination = name,
                                .time = request.time};
    error = Execute(request, name, std::move(record), waiter);
  }
  for (Waiter& joined : gate_.Leave(key)) {
    if (!error) {
      Join(name, std::move(joined));
      continue;
    }
    if (error->code == absl::StatusCode::kResourceExhausted) metrics_->QueueRejected();
    joined.done(*error);
  }
  return error;
}

base::Result<v1::Call> Terminator::FindCall(const v1::TerminateCallRequest& request) const {
  std::string name = request.name();
  if (request.has_sip_call_id()) {
    base::Result<std::string> resolved = registry_->Resolve(request.sip_call_id());
    if (!resolved.ok()) return resolved.error();
    name = std::move(*resolved);
  }
  std::optional<v1::Call> call = registry_->Find(name);
  if (!call) return CallNotFound(name);
  return std::move(*call);
}

std::optional<base::Error> Terminator::Execute(const Request& request, const std::string& name,
                                               std::optional<store::RequestRecord> record, Waiter* waiter) {
  const v1::TerminateCallRequest& message = request.message;
  const base::Result<v1::Call> call = FindCall(message);
  if (!call.ok()) return call.error();
  if (call->state() == v1::CALL_STATE_TERMINATED) return CallTerminated(call->name());
  if (call->state() == v1::CALL_STATE_TERMINATING || !call->termination().empty()) {
    return CallTerminating(call->name(), call->termination());
  }
  std::vector<std::string> own;
  {
    std::lock_guard lock(mutex_);
    own = own_addresses_;
  }
  base::Result<Decision> decision = Decide(*call, v1::TRIGGER_REQUEST, message.intent(),
                                           message.has_treatment() ? &message.treatment() : nullptr, own);
  if (!decision.ok()) return decision.error();
  v1::Termination& termination = decision->termination;
  termination.set_note(message.note());
  termination.set_principal(request.principal);
  *termination.mutable_request_time() = base::ToTimestamp(request.time);
  if (message.validate_only()) {
    for (v1::LegEnding& leg : PlannedLegs(*call, decision->ending)) *termination.add_legs() = std::move(leg);
    waiter->done(std::move(termination));
    return std::nullopt;
  }
  termination.set_name(name);
  return Place(*call, std::move(*decision), std::move(record), waiter);
}

std::optional<base::Error> Terminator::Place(const v1::Call& call, Decision decision,
                                             std::optional<store::RequestRecord> record, Waiter* waiter) {
  const std::string name = decision.termination.name();
  if (auto error = registry_->Claim(call.name(), name, decision.termination.trigger())) return error;
  sip::CallPort* port;
  {
    const auto patience = Clock::now() + options_.patience + decision.ending.bye_after;
    std::lock_guard lock(mutex_);
    port = port_;
    orders_.emplace(name, Pending{.order = Order(std::move(decision.termination), call),
                                  .patience = patience_.emplace(patience, name)});
  }
  if (port == nullptr || !port->End({name, call.name(), std::move(decision.ending)})) {
    {
      std::lock_guard lock(mutex_);
      const auto it = orders_.find(name);
      patience_.erase(it->second.patience);
      orders_.erase(it);
    }
    registry_->Unclaim(call.name(), name);
    return QueueFull();
  }
  // The first record goes out under the lock, so that no report overtakes it.
  std::lock_guard lock(mutex_);
  const auto it = orders_.find(name);
  Pending& pending = it->second;
  if (waiter->done) pending.order.Add(std::move(*waiter));
  pending.stored = true;
  if (!store_->Put(pending.order.termination(), std::move(record),
                   [this, name](const std::optional<base::Error>& error) { OnStored(name, error); })) {
    LogStoreFailure(name, "the store's queue is full");
    metrics_->StoreFailed();
    pending.order.Commit();
    Advance(it);
  }
  return std::nullopt;
}

void Terminator::OnStored(const std::string& termination, const std::optional<base::Error>& error) {
  if (error) LogStoreFailure(termination, error->message);
  std::lock_guard lock(mutex_);
  const auto it = orders_.find(termination);
  if (it == orders_.end()) return;
  it->second.order.Commit();
  Advance(it);
}

void Terminator::Join(const std::string& termination, Waiter waiter) {
  {
    std::lock_guard lock(mutex_);
    const auto it = orders_.find(termination);
    if (it != orders_.end()) {
      it->second.order.Add(std::move(waiter));
      Advance(it);
      return;
    }
  }
  std::optional<v1::Termination> stored = store_->Get(termination);
  if (stored) {
    waiter.done(std::move(*stored));
  } else {
    waiter.done(FirstAnswerLost());
  }
}

void Terminator::EndByTrigger(const std::string& call, v1::Trigger trigger, v1::Intent intent,
                              TerminateDone done) {
  pool_->Post(call, [this, call, trigger, intent, done = std::move(done)]() mutable {
    Waiter waiter{v1::WAIT_SENT, std::move(done)};
    const std::optional<v1::Call> found = registry_->Find(call);
    std::optional<base::Error> error;
    if (found) {
      Decision decision = *Decide(*found, trigger, intent, nullptr, {});
      decision.termination.set_name(NewTerminationName());
      decision.termination.set_principal(kOwnPrincipal);
      *decision.termination.mutable_request_time() = base::ToTimestamp(system_clock::now());
      error = Place(*found, std::move(decision), std::nullopt, &waiter);
    } else {
      error = CallNotFound(call);
    }
    if (error && waiter.done) waiter.done(std::move(*error));
  });
}

void Terminator::OnRingTimeout(const std::string& call) {
  EndByTrigger(call, v1::TRIGGER_RING_TIMEOUT, v1::INTENT_TRY_LATER,
               [this, call](const base::Result<v1::Termination>& result) {
                 if (result.ok() || result.error().code != absl::StatusCode::kResourceExhausted) return;
                 std::lock_guard lock(mutex_);
                 refused_ring_timeouts_.push_back(call);
               });
}

void Terminator::OnLegEnding(const std::string& termination, const v1::LegEnding& leg) {
  std::lock_guard lock(mutex_);
  const auto it = orders_.find(termination);
  if (it == orders_.end()) return;
  Order& order = it->second.order;
  const Order::Step step = order.Report(leg);
  if (step.first_sent) {
    metrics_->TerminationSentAfter(base::FromTimestamp(leg.send_time()) -
                                   base::FromTimestamp(order.termination().request_time()));
  }
  if (step.leg_ended) CountEnd(order, leg);
  if (step.settled) {
    Settle(&it->second);
  } else {
    Keep(it->second);
  }
  Advance(it);
}

void Terminator::CountEnd(const Order& order, const v1::LegEnding& leg) const {
  const v1::Termination& termination = order.termination();
  metrics_->TerminationEnded(termination.trigger(), termination.intent(), leg.action(), leg.outcome());
  base::LogInfo("leg ended", {{"call", termination.call()},
                              {"termination", termination.name()},
                              {"trigger", metrics::Label(termination.trigger())},
                              {"intent", metrics::Label(termination.intent())},
                              {"principal", termination.principal()},
                              {"side", v1::LegSide_Name(leg.side())},
                              {"action", metrics::Label(leg.action())},
                              {"status_code", leg.status_code()},
                              {"outcome", metrics::Label(leg.outcome())}});
}

void Terminator::Settle(Pending* pending) {
  const v1::Termination& termination = pending->order.termination();
  patience_.erase(pending->patience);
  auto ended = base::FromTimestamp(termination.request_time());
  for (const v1::LegEnding& leg : termination.legs()) {
    ended = std::max(ended, base::FromTimestamp(leg.end_time()));
  }
  metrics_->TerminationEndedAfter(ended - base::FromTimestamp(termination.request_time()));
  Keep(*pending);
}

void Terminator::Keep(const Pending& pending) {
  // Not stored yet: the first record will be this one.
  if (!pending.stored) return;
  const v1::Termination& termination = pending.order.termination();
  if (!store_->Put(termination)) {
    LogStoreFailure(termination.name(), "the store's queue is full");
    metrics_->StoreFailed();
  }
}

void Terminator::Advance(Orders::iterator it) {
  Order& order = it->second.order;
  for (TerminateDone& done : order.TakeReady()) {
    pool_->Post(order.termination().call(),
                [done = std::move(done), termination = order.termination()] { done(termination); });
  }
  if (order.finished()) orders_.erase(it);
}

void Terminator::Tick(Clock::time_point now) {
  std::vector<std::string> ring_timeouts;
  {
    std::lock_guard lock(mutex_);
    ring_timeouts.swap(refused_ring_timeouts_);
    while (!patience_.empty() && patience_.begin()->first <= now) {
      const auto it = orders_.find(patience_.begin()->second);
      Order& order = it->second.order;
      base::LogError("termination given up",
                     {{"call", order.termination().call()}, {"termination", order.termination().name()}});
      for (const v1::LegEnding& leg : order.Abandon(system_clock::now())) CountEnd(order, leg);
      Settle(&it->second);
      Advance(it);
    }
  }
  for (const std::string& call : ring_timeouts) OnRingTimeout(call);
}

size_t Terminator::pending() const {
  std::lock_guard lock(mutex_);
  return orders_.size();
}

}  // namespace adieu::engine
