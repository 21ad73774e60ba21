#include "server/engine/engine.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "server/base/log.h"
#include "server/engine/errors.h"
#include "server/engine/explain_policy.h"
#include "server/engine/list_calls.h"
#include "server/engine/policy_count.h"
#include "server/policy/matcher.h"
#include "server/policy/request_check.h"

namespace adieu::engine {
namespace {

constexpr std::chrono::seconds kTick{1};
// Changes and explanations of policies that wait.
constexpr size_t kMaxSlow = 1'000;
// A page ends before it gets larger, so that a client takes it with gRPC's default limit of 4 MiB.
constexpr size_t kMaxPageBytes = 3 << 20;

}  // namespace

Engine::Engine(Options options, store::Store* store, metrics::Metrics* metrics)
    : store_(store),
      metrics_(metrics),
      registry_(std::move(options.registry), metrics),
      policies_(store),
      decider_(&policies_, metrics),
      watch_(options.watch, &registry_, metrics),
      pool_(options.workers, options.queue, metrics),
      terminator_(options.terminator, &registry_, &policies_, &decider_, &pool_, store, metrics),
      triggers_(&registry_, &decider_, &terminator_),
      sweeps_(options.sweeps, &registry_, &policies_, &terminator_, metrics),
      slow_lane_(kMaxSlow) {
  house_keeper_ = std::thread([this] { KeepHouse(); });
}

Engine::~Engine() { Stop(); }

void Engine::Connect(sip::CallPort* port, std::vector<std::string> own_addresses) {
  policies_.SetOwn(own_addresses);
  terminator_.Connect(port, std::move(own_addresses));
}

void Engine::OnCall(const v1::Call& call) { registry_.Update(call); }

void Engine::OnMessage(const std::string& call, const v1::SipMessage& message) {
  registry_.AppendMessage(call, message);
}

void Engine::OnLegEnding(const std::string& termination, const std::string&, const v1::LegEnding& leg) {
  terminator_.OnLegEnding(termination, leg);
}

void Engine::OnRingTimeout(const std::string& call) { terminator_.OnRingTimeout(call); }

sip::Verdict Engine::OnArrival(const std::string& call) { return triggers_.OnArrival(call); }

sip::Verdict Engine::OnFarEndFailure(const std::string& call, int status_code, const std::string& reason) {
  base::LogInfo("far end failed", {{"call", call}, {"status_code", status_code}, {"reason", reason}});
  return triggers_.OnFarEndFailure(call, status_code, reason);
}

std::optional<std::string> Engine::OnCallerCancel(const std::string& call) {
  return triggers_.OnCallerCancel(call);
}

void Engine::OnDialogs(const std::string& call, std::string dialogs, std::function<void(bool)> stored) {
  store::CallWrite write{.name = call, .record = std::nullopt, .done = nullptr};
  if (!dialogs.empty()) {
    write.record = store::CallRecord{.call = registry_.Packed(call), .dialogs = std::move(dialogs)};
  }
  if (stored) write.done = [stored](const std::optional<base::Error>& error) { stored(!error); };
  if (!store_->PutCall(std::move(write)) && stored) stored(false);
}

base::Result<std::vector<sip::JournaledCall>> Engine::JournaledCalls() {
  auto records = store_->Calls();
  if (!records.ok()) return records.error();
  std::vector<sip::JournaledCall> calls;
  for (auto& [name, record] : *records) {
    sip::JournaledCall journaled{.call = {}, .dialogs = std::move(record.dialogs)};
    if (journaled.call.ParseFromString(record.call) && journaled.call.name() == name) {
      calls.push_back(std::move(journaled));
    } else {
      base::LogError("call in the journal is damaged", {{"call", name}});
      store_->PutCall({.name = name, .record = std::nullopt, .done = nullptr});
    }
  }
  return calls;
}

base::Result<v1::ListCallsResponse> Engine::List(const v1::ListCallsRequest& request) const {
  return ListCalls(registry_, request);
}

base::Result<v1::Call> Engine::Get(const v1::GetCallRequest& request) const {
  if (!policy::IsCallName(request.name())) {
    return base::InvalidField("name", "must be calls/{call}, {call} 1 to 64 letters, digits and hyphens");
  }
  std::optional<v1::Call> call = registry_.FindWithLadder(request.name());
  if (!call) return CallNotFound(request.name());
  return std::move(*call);
}

base::Result<v1::ListTerminationsResponse> Engine::ListTerminations(
    const v1::ListTerminationsRequest& request) {
  terminator_.Record();
  store::Store::CallFilter filter;
  if (request.has_match()) {
    base::Result<policy::Matcher> matcher = policy::Matcher::Compile(request.match(), "match");
    if (!matcher.ok()) return matcher.error();
    filter = [this, matcher = std::move(*matcher), now = registry_.Now()](const std::string& name) {
      const std::optional<v1::Call> call = registry_.Find(name);
      return call && matcher.Matches(*call, now);
    };
  }
  v1::ListTerminationsRequest smaller = request;
  for (;;) {
    base::Result<v1::ListTerminationsResponse> page = store_->List(smaller, filter);
    if (!page.ok() || page->terminations_size() < 2 || page->ByteSizeLong() <= kMaxPageBytes) return page;
    smaller.set_page_size(page->terminations_size() / 2);
  }
}

base::Result<v1::ExplainCancelPolicyResponse> Engine::Explain(
    const v1::ExplainCancelPolicyRequest& request) const {
  return ExplainPolicy(registry_, policies_, request);
}

void Engine::KeepHouse() {
  pthread_setname_np(pthread_self(), "house-keeper");
  std::shared_ptr<const policy::PolicySet> counted;
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, kTick, [this] { return stop_; })) {
    lock.unlock();
    registry_.ForgetOld();
    if (auto current = policies_.Current(); current != counted) {
      CountPolicies(*current, metrics_);
      counted = std::move(current);
    }
    terminator_.Tick(Terminator::Clock::now());
    lock.lock();
  }
}

void Engine::Stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  if (house_keeper_.joinable()) house_keeper_.join();
  watch_.Shutdown();
  sweeps_.Stop();
  terminator_.Stop();
  slow_lane_.Stop();
  // Its last answers refer to the terminator.
  store_->Close();
  pool_.Stop();
}

}  // namespace adieu::engine
