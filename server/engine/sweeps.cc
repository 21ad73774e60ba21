#include "server/engine/sweeps.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "server/base/id.h"
#include "server/base/log.h"
#include "server/engine/errors.h"
#include "server/engine/sweep_request.h"
#include "server/policy/sweep_check.h"

namespace adieu::engine {
namespace {

using std::chrono::milliseconds;

// What one sweep does before the others have their turn: calls looked at, and orders given.
constexpr size_t kLookAtOnce = 256;
constexpr size_t kOrderAtOnce = 64;
// How long the agents get when their queue is full.
constexpr milliseconds kRest{5};
// The thread looks around this often.
constexpr milliseconds kTick{1000};
// For answers to the last orders.
constexpr milliseconds kLastWait{1000};
constexpr size_t kShown = 100;

Sweep::Result ResultOf(const v1::Termination& termination) {
  const auto& legs = termination.legs();
  if (std::any_of(legs.begin(), legs.end(),
                  [](const auto& leg) { return leg.outcome() == v1::LEG_OUTCOME_FAILED; }))
    return Sweep::Result::kFailed;
  // The caller was faster.
  const bool lost = std::all_of(legs.begin(), legs.end(),
                                [](const auto& leg) { return leg.outcome() == v1::LEG_OUTCOME_PEER_FIRST; });
  return lost && !legs.empty() ? Sweep::Result::kSkipped : Sweep::Result::kEnded;
}

// The call had ended, or another termination has it.
bool WasLate(const base::Error& error) {
  return error.code == absl::StatusCode::kNotFound || error.code == absl::StatusCode::kFailedPrecondition;
}

std::string KeyOf(const std::string& principal, const v1::ApplyCancelPolicyRequest& request) {
  if (request.request_id().empty() || request.validate_only()) return "";
  // Unambiguous: a request id has no line break.
  return principal + '\n' + request.request_id();
}

}  // namespace

void Sweeps::Flow::Wake() {
  std::lock_guard lock(mutex);
  dirty = true;
  woken.notify_one();
}

Sweeps::Sweeps(Options options, CallRegistry* registry, const PolicyBook* policies, Terminator* terminator,
               metrics::Metrics* metrics)
    : options_(options),
      registry_(registry),
      policies_(policies),
      terminator_(terminator),
      metrics_(metrics) {
  thread_ = std::thread([this] { Run(); });
}

Sweeps::~Sweeps() { Stop(); }

void Sweeps::Shutdown() {
  std::lock_guard lock(flow_->mutex);
  flow_->stop = true;
  flow_->woken.notify_one();
}

void Sweeps::Stop() {
  Shutdown();
  if (thread_.joinable()) thread_.join();
}

base::Result<Sweeps::Stream> Sweeps::Open(const v1::ApplyCancelPolicyRequest& request,
                                          const std::string& principal, std::function<void()> ready) {
  if (auto error = policy::CheckApplyRequest(request)) return std::move(*error);
  const std::string key = KeyOf(principal, request);
  const std::string fingerprint = FingerprintOf(request);
  {
    std::lock_guard lock(mutex_);
    if (auto known = Continue(request, key, fingerprint, ready)) return std::move(*known);
  }
  base::Result<policy::Matcher> matcher = policy::Matcher::Compile(request.match(), "match");
  if (!matcher.ok()) return matcher.error();
  base::Result<std::shared_ptr<const policy::CompiledPolicy>> first = FirstPolicyOf(request, *policies_);
  if (!first.ok()) return first.error();
  SweepTerms terms{.sweep = request.validate_only() ? "" : "sweeps/" + base::NewId(),
                   .intent = request.intent(),
                   .policy = std::move(*first),
                   .note = request.note(),
                   .principal = principal};
  auto running = std::make_shared<Running>();
  running->sweep = std::make_shared<Sweep>(std::move(terms), request.calls_per_second());
  running->search = std::make_unique<SweepSearch>(*registry_, std::move(*matcher));
  running->max_calls = static_cast<size_t>(request.max_calls());

  std::lock_guard lock(mutex_);
  // Another one with this id may have been faster.
  if (auto known = Continue(request, key, fingerprint, ready)) return std::move(*known);
  if (!key.empty()) book_.Add(key, running->sweep, fingerprint);
  return Start(std::move(running), std::move(ready));
}

std::optional<base::Result<Sweeps::Stream>> Sweeps::Continue(const v1::ApplyCancelPolicyRequest& request,
                                                             const std::string& key,
                                                             const std::string& fingerprint,
                                                             const std::function<void()>& ready) {
  DropClosed();
  book_.Forget(Clock::now());
  const SweepBook::Entry* entry = key.empty() ? nullptr : book_.Find(key);
  if (entry != nullptr) {
    const std::string& name = entry->sweep->terms().sweep;
    if (entry->fingerprint != fingerprint) return RequestIdReused();
    if (!request.sweep().empty() && request.sweep() != name) return SweepNotFound(request.sweep());
    if (entry->sweep->open()) return SweepRunning(name);
  } else if (!request.sweep().empty()) {
    return SweepNotFound(request.sweep());
  }
  {
    std::lock_guard lock(flow_->mutex);
    if (flow_->stop) return ShuttingDown();
  }
  if (running_.size() >= options_.running) return TooManySweeps(running_.size());
  if (entry == nullptr) return std::nullopt;
  return Start(std::make_shared<Running>(Running{.sweep = entry->sweep}), ready);
}

Sweeps::Stream Sweeps::Start(std::shared_ptr<Running> running, std::function<void()> ready) {
  const int64_t id = running->sweep->Open(
      {.ready = std::move(ready), .moved = [flow = flow_] { flow->Wake(); }}, Clock::now());
  const auto stream = std::make_shared<SweepStream>(running->sweep, id);
  running_.push_back(std::move(running));
  metrics_->AddSweeps(1);
  flow_->Wake();
  return stream;
}

void Sweeps::DropClosed() {
  const auto now = Clock::now();
  const size_t dropped = std::erase_if(running_, [&](const auto& running) {
    if (running->sweep->open()) return false;
    book_.Closed(running->sweep, now);
    return true;
  });
  if (dropped == 0) return;
  metrics_->AddSweeps(-static_cast<int>(dropped));
  book_.Forget(now);
}

void Sweeps::Run() {
  pthread_setname_np(pthread_self(), "sweeps");
  for (;;) {
    std::vector<std::shared_ptr<Running>> running;
    {
      std::lock_guard lock(mutex_);
      DropClosed();
      running = running_;
    }
    auto next = Clock::now() + kTick;
    for (const auto& one : running) next = std::min(next, Advance(one.get(), Clock::now()));
    std::unique_lock lock(flow_->mutex);
    flow_->woken.wait_until(lock, next, [this] { return flow_->dirty || flow_->stop; });
    flow_->dirty = false;
    if (flow_->stop) break;
  }
  End();
}

Sweeps::Clock::time_point Sweeps::Advance(Running* running, Clock::time_point now) {
  if (running->search) {
    Search(running, now);
    return now;
  }
  const std::shared_ptr<Sweep>& sweep = running->sweep;
  const Clock::time_point tick = sweep->Tick(now);
  for (size_t i = 0; i < kOrderAtOnce; ++i) {
    if (now < rest_until_) return std::min(tick, rest_until_);
    if (!TakePlace(sweep->paced())) return tick;
    std::optional<std::string> call = sweep->TakeCall(now);
    if (!call) {
      flow_->Answered();
      return std::min(tick, sweep->NextCall());
    }
    if (!Order(sweep, std::move(*call))) rest_until_ = now + kRest;
  }
  return now;
}

bool Sweeps::TakePlace(bool paced) {
  std::lock_guard lock(flow_->mutex);
  const size_t window = paced ? options_.window : options_.window - options_.window / 4;
  if (flow_->under_way >= window) {
    flow_->wanted = options_.window / 2;
    return false;
  }
  ++flow_->under_way;
  return true;
}

void Sweeps::Flow::Answered() {
  std::lock_guard lock(mutex);
  --under_way;
  if (!wanted || under_way > *wanted) return;
  wanted.reset();
  dirty = true;
  woken.notify_one();
}

bool Sweeps::Order(const std::shared_ptr<Sweep>& sweep, std::string call) {
  metrics::Metrics* const metrics = metrics_;
  const auto error = terminator_->EndForSweep(
      call, sweep->terms(), [sweep, flow = flow_, metrics](base::Result<v1::Termination> result) {
        const Sweep::Result came = result.ok() ? ResultOf(*result) : Sweep::Result::kFailed;
        metrics->SweepCall(came);
        sweep->Came(came, result.ok() ? std::optional(std::move(*result)) : std::nullopt);
        flow->Answered();
      });
  if (!error) return true;
  flow_->Answered();
  if (error->code == absl::StatusCode::kResourceExhausted) {
    sweep->PutBack(std::move(call));
    return false;
  }
  const Sweep::Result came = WasLate(*error) ? Sweep::Result::kSkipped : Sweep::Result::kFailed;
  metrics_->SweepCall(came);
  sweep->Came(came, std::nullopt);
  return true;
}

void Sweeps::Search(Running* running, Clock::time_point now) {
  if (!running->search->Look(kLookAtOnce)) return;
  std::deque<std::string> found = std::move(running->search->found());
  running->search.reset();
  Sweep& sweep = *running->sweep;
  base::LogInfo("sweep", {{"sweep", sweep.terms().sweep},
                          {"principal", sweep.terms().principal},
                          {"matched_count", found.size()},
                          {"max_calls", running->max_calls}});
  if (found.size() > running->max_calls) {
    sweep.Fail(TooManyMatches(found.size(), running->max_calls));
  } else if (sweep.terms().sweep.empty()) {
    Show(&sweep, found);
  } else {
    sweep.Begin(std::move(found), now);
  }
}

void Sweeps::Show(Sweep* sweep, const std::deque<std::string>& found) {
  std::deque<v1::Termination> planned;
  size_t bytes = 0;
  for (size_t i = 0; i < std::min(found.size(), kShown); ++i) {
    base::Result<v1::Termination> termination = terminator_->ShowForSweep(found[i], sweep->terms());
    if (!termination.ok()) continue;
    bytes += termination->ByteSizeLong();
    if (bytes > Sweep::kMessageBytes) break;
    planned.push_back(std::move(*termination));
  }
  sweep->Show(found.size(), std::move(planned));
}

void Sweeps::End() {
  std::vector<std::shared_ptr<Running>> running;
  {
    std::lock_guard lock(mutex_);
    DropClosed();
    running = running_;
  }
  if (running.empty()) return;
  for (const auto& one : running) {
    one->sweep->Skip([this](const std::string& name) {
      const std::optional<v1::Call> call = registry_->Find(name);
      return !call || call->state() == v1::CALL_STATE_TERMINATED || !call->termination().empty();
    });
  }
  {
    std::unique_lock lock(flow_->mutex);
    flow_->wanted = 0;
    flow_->dirty = false;
    flow_->woken.wait_for(lock, kLastWait, [this] { return flow_->dirty || flow_->under_way == 0; });
  }
  for (const auto& one : running) {
    if (!one->sweep->finished()) one->sweep->Fail(ShuttingDown());
  }
}

}  // namespace adieu::engine
