#include "server/engine/watch.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "server/engine/errors.h"

namespace adieu::engine {
namespace {

// Changes read from the log at once.
constexpr size_t kBatch = 256;

}  // namespace

Watch::Watch(Options options, CallRegistry* registry, metrics::Metrics* metrics)
    : options_(options), registry_(registry), metrics_(metrics) {
  registry_->SetListener([this] {
    if (wanted_.load(std::memory_order_relaxed)) Nudge();
  });
  thread_ = std::thread([this] { Run(); });
}

Watch::~Watch() {
  Shutdown();
  thread_.join();
}

void Watch::Nudge() {
  std::lock_guard lock(mutex_);
  if (dirty_) return;
  dirty_ = true;
  changed_.notify_one();
}

void Watch::Shutdown() {
  std::lock_guard lock(mutex_);
  stop_ = true;
  changed_.notify_one();
}

base::Result<std::shared_ptr<Watcher>> Watch::Open(const v1::WatchCallsRequest& request,
                                                   std::function<void()> ready) {
  base::Result<policy::Matcher> matcher =
      request.has_match() ? policy::Matcher::Compile(request.match(), "match") : policy::Matcher::Every();
  if (!matcher.ok()) return matcher.error();
  const bool resumed = !request.resume_token().empty();
  ResumePoint point;
  if (resumed) {
    const auto decoded = DecodeResumeToken(request.resume_token());
    if (!decoded) return base::InvalidField("resume_token", "not a resume token of this service");
    point = *decoded;
    if (point.boot_id != registry_->boot_id() || !registry_->ChangesAfter(point.revision, 0)) {
      return ResumeTokenExpired();
    }
  }

  std::lock_guard lock(mutex_);
  if (watchers_.size() >= options_.watchers) {
    return base::Error{
        .code = absl::StatusCode::kResourceExhausted,
        .reason = "TOO_MANY_WATCHERS",
        .message = "this server serves " + std::to_string(options_.watchers) + " WatchCalls streams already",
        .retry_after = std::chrono::seconds(10)};
  }
  // From here on every change nudges: none is missed between the snapshot and the first look at the log.
  wanted_.store(true);
  CallSnapshot snapshot;
  if (!resumed) {
    snapshot = registry_->Snapshot();
    point = {registry_->boot_id(), snapshot.revision, snapshot.as_of};
  }
  auto watcher = std::make_shared<Watcher>(
      std::move(*matcher), std::move(point), resumed, std::move(snapshot.calls), options_.queue,
      Watcher::Bells{.ready = std::move(ready), .drained = [this] { Nudge(); }});
  if (stop_) {
    watcher->End();
    return watcher;
  }
  watchers_.push_back(watcher);
  metrics_->AddWatchers(1);
  dirty_ = true;
  changed_.notify_one();
  return watcher;
}

void Watch::Run() {
  pthread_setname_np(pthread_self(), "watch");
  // A bookmark comes at most this much late.
  const auto tick = std::clamp<std::chrono::milliseconds>(options_.silence / 10, std::chrono::milliseconds(1),
                                                          std::chrono::milliseconds(1000));
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait_for(lock, tick, [this] { return dirty_ || stop_; });
    dirty_ = false;
    DropClosed();
    const Watchers watchers = watchers_;
    lock.unlock();
    Distribute(watchers);
    const auto now = Watcher::Clock::now();
    for (const auto& watcher : watchers) watcher->BookmarkAfter(options_.silence, now);
    lock.lock();
  }
  const Watchers watchers = std::move(watchers_);
  watchers_.clear();
  wanted_.store(false);
  lock.unlock();
  Distribute(watchers);
  for (const auto& watcher : watchers) watcher->End();
  metrics_->AddWatchers(-static_cast<int>(watchers.size()));
}

void Watch::DropClosed() {
  const size_t dropped = std::erase_if(watchers_, [](const auto& watcher) { return watcher->closed(); });
  if (dropped > 0) metrics_->AddWatchers(-static_cast<int>(dropped));
  if (watchers_.empty()) wanted_.store(false);
}

void Watch::Distribute(const Watchers& watchers) {
  for (;;) {
    const int64_t newest = registry_->revision();
    int64_t from = newest;
    for (const auto& watcher : watchers) {
      if (!watcher->WantsMore()) continue;
      from = std::min(from, watcher->cursor());
      if (watcher->cursor() == newest) watcher->CaughtUp(Watcher::Clock::now());
    }
    if (from == newest) return;
    const auto changes = registry_->ChangesAfter(from, kBatch);
    if (!changes) {
      for (const auto& watcher : watchers) {
        if (watcher->WantsMore() && watcher->cursor() == from) watcher->Fail(WatcherTooSlow());
      }
      continue;
    }
    for (const Change& change : *changes) {
      UnpackedChange unpacked(change);
      for (const auto& watcher : watchers) watcher->Offer(&unpacked);
    }
  }
}

}  // namespace adieu::engine
