#include "server/engine/drain.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "server/base/log.h"

namespace adieu::engine {
namespace {

// How often live calls are looked at.
constexpr std::chrono::milliseconds kLook{20};

// How often the log says how far it is.
constexpr std::chrono::seconds kWord{5};

}  // namespace

Drain::Drain(Options options, Engine* engine, sip::CallPort* port, metrics::Metrics* metrics)
    : options_(options), engine_(engine), port_(port), metrics_(metrics) {}

Drain::~Drain() {
  Hurry();
  if (thread_.joinable()) thread_.join();
}

void Drain::Begin(std::function<void()> done) {
  metrics_->SetDraining(true);
  engine_->policies().RefuseWrites();
  port_->StopIntake();
  begin_ = last_order_ = Clock::now();
  next_word_ = begin_ + kWord;
  thread_ = std::thread([this, done = std::move(done)] { Run(done); });
}

void Drain::Hurry() {
  std::lock_guard lock(progress_->mutex);
  if (!progress_->hurried) progress_->hurried = Clock::now();
  progress_->woken.notify_one();
}

bool Drain::finished() const {
  std::lock_guard lock(progress_->mutex);
  return progress_->finished;
}

void Drain::Run(const std::function<void()>& done) {
  pthread_setname_np(pthread_self(), "drain");
  while (Look(Clock::now())) {
    while (!OrderSome()) {
      std::unique_lock lock(progress_->mutex);
      // An order that is never reported must not hold up the others.
      progress_->woken.wait_for(lock, options_.hurried_patience, [this] {
        return progress_->hurried || progress_->unsent <= options_.window / 2;
      });
      if (progress_->unsent > options_.window / 2) progress_->unsent = 0;
    }
    std::unique_lock lock(progress_->mutex);
    progress_->woken.wait_for(lock, kLook, [] { return false; });
  }
  {
    std::lock_guard lock(progress_->mutex);
    progress_->finished = true;
  }
  done();
}

bool Drain::Look(Clock::time_point now) {
  const std::vector<LiveCall> live = engine_->registry().Live();
  if (live.empty()) return false;
  if (now >= next_word_) {
    base::LogInfo("still draining", {{"live_calls", live.size()}});
    next_word_ = now + kWord;
  }
  std::lock_guard lock(progress_->mutex);
  Clock::time_point over = last_order_;
  const Clock::time_point byes_due = begin_ + options_.answered_after;
  if (!hastened_ && (progress_->hurried || now >= byes_due)) {
    port_->HastenByes();
    hastened_ = true;
  }
  for (const LiveCall& call : live) {
    if (call.state == v1::CALL_STATE_TERMINATING) over = std::max(over, byes_due);
    if (call.claimed || call.state == v1::CALL_STATE_TERMINATING || progress_->asked.contains(call.name)) {
      continue;
    }
    const bool answered = call.state == v1::CALL_STATE_ANSWERED;
    const auto due = begin_ + (answered ? options_.answered_after : options_.ringing_after);
    over = std::max(over, due);
    if (progress_->hurried || now >= due) due_.push_back(call.name);
  }
  if (progress_->hurried) {
    over = *progress_->hurried + options_.hurried_patience;
  } else {
    over += options_.patience;
  }
  if (now < over) return true;
  base::LogWarn("drain gave up", {{"live_calls", live.size()}});
  return false;
}

bool Drain::OrderSome() {
  while (!due_.empty()) {
    {
      std::lock_guard lock(progress_->mutex);
      if (!progress_->hurried && progress_->unsent >= options_.window) return false;
      progress_->asked.insert(due_.front());
      ++progress_->unsent;
    }
    Order(due_.front());
    due_.pop_front();
  }
  return true;
}

void Drain::Order(const std::string& call) {
  last_order_ = Clock::now();
  engine_->terminator().EndByTrigger(
      call, v1::TRIGGER_DRAIN, [progress = progress_, call](const base::Result<v1::Termination>& result) {
        std::lock_guard lock(progress->mutex);
        if (progress->unsent > 0) --progress->unsent;
        if (!result.ok()) progress->asked.erase(call);
        progress->woken.notify_one();
      });
}

}  // namespace adieu::engine
