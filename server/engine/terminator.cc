#include "server/engine/terminator.h"

#include <algorithm>
#include <utility>

#include "server/base/clock.h"
#include "server/base/id.h"
#include "server/engine/errors.h"
#include "server/engine/policy_errors.h"
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

}  // namespace

Terminator::Terminator(Options options, CallRegistry* registry, const PolicyBook* policies,
                       const Decider* decider, WorkerPool* pool, store::Store* store,
                       metrics::Metrics* metrics)
    : options_(options),
      registry_(registry),
      policies_(policies),
      decider_(decider),
      pool_(pool),
      store_(store),
      metrics_(metrics),
      reports_([this](std::vector<Report> reports) { return TakeReports(std::move(reports)); }) {}

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
  auto ticket = pool_->RunOrSubmit(
      key, [this, deadline, request = std::move(request), done = std::move(done)]() mutable {
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
  const std::string key = RequestKey(request.principal, id);
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
  if (const auto known = FindRequest(request.principal, id)) {
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
                                .resource = name,
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

std::optional<Terminator::Known> Terminator::FindRequest(const std::string& principal,
                                                         const std::string& request_id) const {
  {
    std::lock_guard lock(mutex_);
    const auto in_flight = requests_in_flight_.find(RequestKey(principal, request_id));
    if (in_flight != requests_in_flight_.end()) {
      return Known{in_flight->second, orders_.at(in_flight->second).request->fingerprint};
    }
  }
  // In this order: a request leaves the orders when the store has it.
  auto stored = store_->FindRequest(kMethod, principal, request_id);
  if (!stored) return std::nullopt;
  return Known{std::move(stored->resource), std::move(stored->fingerprint)};
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
  std::shared_ptr<const policy::CompiledPolicy> first;
  if (!message.policy().empty()) {
    first = policies_->Current()->Find(message.policy());
    if (first == nullptr) return PolicyNotFound(message.policy());
  }
  std::vector<std::string> own;
  {
    std::lock_guard lock(mutex_);
    own = own_addresses_;
  }
  base::Result<Decision> decision =
      decider_->Decide({.call = &*call,
                        .trigger = v1::TRIGGER_REQUEST,
                        .intent = message.intent(),
                        .now = registry_->Now(),
                        .first = std::move(first)},
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
  const bool has_callee = call.has_callee() && call.callee().state() != v1::CALL_STATE_TERMINATED;
  {
    const auto patience = Clock::now() + options_.patience + decision.ending.bye_after;
    std::lock_guard lock(mutex_);
    port = port_;
    if (record) requests_in_flight_.emplace(RequestKey(record->principal, record->request_id), name);
    orders_.emplace(name, Pending{.order = Order(decision.termination, call),
                                  .request = std::move(record),
                                  .patience = patience_.emplace(patience, name),
                                  .far_end_status = decision.far_end_status});
  }
  const bool taken =
      port != nullptr &&
      port->End(
          {.termination = name, .call = call.name(), .ending = decision.ending, .has_callee = has_callee});
  std::unique_lock lock(mutex_);
  const auto it = orders_.find(name);
  Pending& pending = it->second;
  if (!taken) {
    if (const auto& request = pending.request) {
      requests_in_flight_.erase(RequestKey(request->principal, request->request_id));
    }
    patience_.erase(pending.patience);
    orders_.erase(it);
    lock.unlock();
    registry_->Unclaim(call.name(), name);
    return QueueFull();
  }
  if (waiter->done) pending.order.Add(std::move(*waiter));
  pending.placed = true;
  unrecorded_.emplace_back(Clock::now() + kRecordAfter, name);
  // Reports that were faster made no record.
  const bool reported = pending.order.reported();
  lock.unlock();
  decider_->Tell(decision);
  if (reported) reports_.Add({.termination = name, .kind = Report::Kind::kPlaced});
  return std::nullopt;
}

void Terminator::Join(const std::string& termination, Waiter waiter) {
  {
    std::unique_lock lock(mutex_);
    const auto it = orders_.find(termination);
    if (it != orders_.end()) {
      it->second.order.Add(std::move(waiter));
      Answers answers = Advance(it);
      lock.unlock();
      answers.Give();
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

void Terminator::EndByTrigger(const std::string& call, v1::Trigger trigger, TerminateDone done) {
  pool_->Post(call, [this, call, trigger, done = std::move(done)]() mutable {
    Waiter waiter{v1::WAIT_SENT, std::move(done)};
    const std::optional<v1::Call> found = registry_->Find(call);
    std::optional<base::Error> error;
    if (found) {
      error = PlaceOwn(
          *found, *decider_->Decide({.call = &*found, .trigger = trigger, .now = registry_->Now()}), &waiter);
    } else {
      error = CallNotFound(call);
    }
    if (error && waiter.done) waiter.done(std::move(*error));
  });
}

std::optional<base::Error> Terminator::PlaceOwn(const v1::Call& call, Decision decision, Waiter* waiter) {
  decision.termination.set_name(NewTerminationName());
  decision.termination.set_principal(kOwnPrincipal);
  *decision.termination.mutable_request_time() = base::ToTimestamp(system_clock::now());
  return Place(call, std::move(decision), std::nullopt, waiter);
}

void Terminator::EndHeld(v1::Call call, Decision decision) {
  const std::string name = call.name();
  pool_->Post(name, [this, call = std::move(call), decision = std::move(decision)]() mutable {
    Waiter nobody;
    const auto error = PlaceOwn(call, std::move(decision), &nobody);
    if (!error || error->code != absl::StatusCode::kResourceExhausted) return;
    sip::CallPort* port;
    {
      std::lock_guard lock(mutex_);
      port = port_;
    }
    if (port != nullptr) port->Release(call.name());
  });
}

void Terminator::OnRingTimeout(const std::string& call) {
  EndByTrigger(call, v1::TRIGGER_RING_TIMEOUT, [this, call](const base::Result<v1::Termination>& result) {
    if (result.ok() || result.error().code != absl::StatusCode::kResourceExhausted) return;
    std::lock_guard lock(mutex_);
    refused_ring_timeouts_.push_back(call);
  });
}

size_t Terminator::pending() const {
  std::lock_guard lock(mutex_);
  return orders_.size();
}

}  // namespace adieu::engine
