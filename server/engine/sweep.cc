#include "server/engine/sweep.h"

#include <algorithm>
#include <utility>

namespace adieu::engine {

Sweep::Sweep(SweepTerms terms, double rate) : terms_(std::move(terms)), rate_(rate), pace_(rate, {}) {}

int64_t Sweep::Open(Bells bells, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  stream_ = ++streams_;
  bells_ = std::move(bells);
  pace_ = SweepPace(rate_, now);
  waiting_ = false;
  first_ = true;
  last_said_ = false;
  said_ = now;
  return stream_;
}

void Sweep::Close(int64_t stream) {
  Bells bells;
  {
    std::lock_guard lock(mutex_);
    if (stream != stream_) return;
    stream_ = 0;
    waiting_ = false;
    backlog_.clear();
    backlog_bytes_ = 0;
    std::swap(bells, bells_);
  }
  bells.moved();
}

bool Sweep::open() const {
  std::lock_guard lock(mutex_);
  return stream_ != 0;
}

void Sweep::Begin(std::deque<std::string> calls, Clock::time_point now) {
  std::function<void()> bell;
  {
    std::lock_guard lock(mutex_);
    begun_ = true;
    matched_ = static_cast<int>(calls.size());
    left_ = std::move(calls);
    pace_ = SweepPace(rate_, now);
    bell = Bell(true);
  }
  if (bell) bell();
}

void Sweep::Show(size_t matched, std::deque<v1::Termination> planned) {
  std::function<void()> bell;
  {
    std::lock_guard lock(mutex_);
    begun_ = true;
    matched_ = static_cast<int>(matched);
    backlog_ = std::move(planned);
    bell = Bell(true);
  }
  if (bell) bell();
}

void Sweep::Fail(base::Error error) {
  std::function<void()> bell;
  {
    std::lock_guard lock(mutex_);
    error_ = std::move(error);
    bell = Bell(true);
  }
  if (bell) bell();
}

std::optional<std::string> Sweep::TakeCall(Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (stream_ == 0 || error_ || left_.empty() || Crowded() || !pace_.Take(now)) return std::nullopt;
  std::string call = std::move(left_.front());
  left_.pop_front();
  ++under_way_;
  return call;
}

void Sweep::PutBack(std::string call) {
  std::lock_guard lock(mutex_);
  left_.push_front(std::move(call));
  --under_way_;
  pace_.GiveBack();
}

void Sweep::Came(Result result, std::optional<v1::Termination> termination) {
  std::function<void()> bell;
  {
    std::lock_guard lock(mutex_);
    --under_way_;
    Count(result);
    if (!termination) {
      pace_.GiveBack();
    } else if (stream_ != 0) {
      backlog_bytes_ += termination->ByteSizeLong();
      backlog_.push_back(std::move(*termination));
    }
    bell = Bell(Finished() || backlog_.size() >= kMessage);
  }
  if (bell) bell();
}

void Sweep::Skip(const std::function<bool(const std::string&)>& over) {
  std::function<void()> bell;
  {
    std::lock_guard lock(mutex_);
    for (size_t skipped = std::erase_if(left_, over); skipped > 0; --skipped) Count(Result::kSkipped);
    bell = Bell(Finished());
  }
  if (bell) bell();
}

void Sweep::Count(Result result) {
  ++(result == Result::kEnded ? ended_ : result == Result::kFailed ? failed_ : skipped_);
  news_ = true;
}

Sweep::Clock::time_point Sweep::NextCall() const {
  std::lock_guard lock(mutex_);
  const bool none = stream_ == 0 || error_ || left_.empty() || Crowded();
  return none ? Clock::time_point::max() : pace_.Next();
}

Sweep::Clock::time_point Sweep::Tick(Clock::time_point now) {
  std::function<void()> bell;
  Clock::time_point next;
  {
    std::lock_guard lock(mutex_);
    bell = Bell(IsDue(now));
    next = now + kSilence;
    if (stream_ != 0 && begun_) {
      next = std::max(now + std::chrono::milliseconds(1), said_ + (news_ ? kNews : kSilence));
    }
  }
  if (bell) bell();
  return next;
}

bool Sweep::IsDue(Clock::time_point now) const {
  if (error_) return true;
  if (!begun_) return false;
  return first_ || Finished() || backlog_.size() >= kMessage || backlog_bytes_ >= kMessageBytes ||
         now - said_ >= (news_ ? kNews : kSilence);
}

std::function<void()> Sweep::Bell(bool due) {
  if (!due || !waiting_ || stream_ == 0) return nullptr;
  waiting_ = false;
  return bells_.ready;
}

Sweep::Next Sweep::Take(int64_t stream, Clock::time_point now, v1::ApplyCancelPolicyResponse* response,
                        std::optional<base::Error>* error) {
  response->Clear();
  std::function<void()> moved;
  {
    std::lock_guard lock(mutex_);
    if (stream != stream_ || last_said_) return Next::kEnd;
    // What is known comes before the error.
    if (error_ && !(begun_ && (news_ || !backlog_.empty()))) {
      *error = error_;
      return Next::kEnd;
    }
    if (!IsDue(now)) {
      waiting_ = true;
      return Next::kNothing;
    }
    if (Crowded()) moved = bells_.moved;
    Fill(response);
    first_ = news_ = false;
    said_ = now;
    last_said_ = Finished() && backlog_.empty();
  }
  if (moved) moved();
  return Next::kResponse;
}

void Sweep::Fill(v1::ApplyCancelPolicyResponse* response) {
  response->set_sweep(terms_.sweep);
  response->set_matched_count(matched_);
  response->set_ended_count(ended_);
  response->set_failed_count(failed_);
  response->set_skipped_count(skipped_);
  size_t bytes = 0;
  for (size_t count = 0; count < kMessage && !backlog_.empty(); ++count) {
    const size_t size = backlog_.front().ByteSizeLong();
    bytes += size;
    if (count > 0 && bytes > kMessageBytes) return;
    *response->add_terminations() = std::move(backlog_.front());
    backlog_.pop_front();
    backlog_bytes_ -= std::min(backlog_bytes_, size);
  }
}

bool Sweep::begun() const {
  std::lock_guard lock(mutex_);
  return begun_;
}

bool Sweep::finished() const {
  std::lock_guard lock(mutex_);
  return Finished();
}

size_t Sweep::left() const {
  std::lock_guard lock(mutex_);
  return left_.size();
}

}  // namespace adieu::engine
