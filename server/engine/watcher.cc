#include "server/engine/watcher.h"

#include <algorithm>
#include <utility>

#include "server/engine/errors.h"

namespace adieu::engine {

Watcher::Watcher(policy::Matcher matcher, ResumePoint point, bool resumed,
                 std::vector<std::shared_ptr<const CallVersion>> first, size_t limit, Bells bells)
    : matcher_(std::move(matcher)),
      point_(std::move(point)),
      limit_(limit),
      bells_(std::move(bells)),
      first_(std::move(first)),
      cursor_(point_.revision),
      caught_up_(!resumed) {
  // The end of the first calls. A resumed stream gets its first bookmark when it has caught up.
  if (!resumed) items_.push_back({.revision = cursor_});
}

std::string Watcher::Token(int64_t revision) const {
  return EncodeResumeToken({point_.boot_id, revision, point_.as_of});
}

bool Watcher::Matched(const CallVersion& version, const v1::Call& call) const {
  return matcher_.Matches(call, std::max(version.since, point_.as_of));
}

Watcher::Next Watcher::Take(v1::WatchCallsResponse* response, std::optional<base::Error>* error) {
  response->Clear();
  bool drained = false;
  Next next;
  {
    std::lock_guard lock(mutex_);
    next = TakeLocked(response, error);
    drained = !caught_up_ && items_.size() == limit_ / 2;
  }
  if (drained) bells_.drained();
  return next;
}

Watcher::Next Watcher::TakeLocked(v1::WatchCallsResponse* response, std::optional<base::Error>* error) {
  if (error_ || closed_) {
    *error = error_;
    return Next::kEnd;
  }
  while (first_taken_ < first_.size()) {
    const std::shared_ptr<const CallVersion> version = std::move(first_[first_taken_++]);
    v1::Call call = version->Unpack();
    if (!matcher_.Matches(call, point_.as_of)) continue;
    *response->mutable_call() = std::move(call);
    return Next::kResponse;
  }
  first_ = {};
  if (items_.empty()) {
    if (ended_) return Next::kEnd;
    waiting_ = true;
    return Next::kNothing;
  }
  const Item item = std::move(items_.front());
  items_.pop_front();
  response->set_resume_token(Token(item.revision));
  if (item.call) {
    *response->mutable_call() = item.call->Unpack();
  } else if (item.removed) {
    response->set_removed_name(item.removed->Unpack().name());
  } else {
    response->mutable_bookmark();
  }
  return Next::kResponse;
}

void Watcher::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  first_ = {};
  first_taken_ = 0;
  items_.clear();
}

bool Watcher::closed() const {
  std::lock_guard lock(mutex_);
  return closed_ || error_ || ended_;
}

bool Watcher::WantsMore() const {
  std::lock_guard lock(mutex_);
  return !closed_ && !error_ && !ended_ && (caught_up_ || items_.size() < limit_);
}

int64_t Watcher::cursor() const {
  std::lock_guard lock(mutex_);
  return cursor_;
}

void Watcher::Offer(UnpackedChange* offered) {
  const Change& change = offered->change();
  {
    std::lock_guard lock(mutex_);
    // One that had no room for a change must not take the ones after it either.
    if (closed_ || error_ || change.revision != cursor_ + 1) return;
    if (!caught_up_ && items_.size() >= limit_) return;
  }
  Item item{.revision = change.revision};
  if (change.after && Matched(*change.after, offered->after())) {
    item.call = change.after;
  } else if (change.before && Matched(*change.before, offered->before())) {
    item.removed = change.before;
  }
  {
    std::lock_guard lock(mutex_);
    cursor_ = change.revision;
    if (closed_ || (!item.call && !item.removed)) return;
    Push(std::move(item));
  }
  Wake();
}

void Watcher::Push(Item item) {
  if (items_.size() >= limit_) {
    items_.clear();
    first_ = {};
    first_taken_ = 0;
    error_ = WatcherTooSlow();
    return;
  }
  items_.push_back(std::move(item));
  last_said_ = Clock::now();
}

void Watcher::Wake() {
  {
    std::lock_guard lock(mutex_);
    if (!waiting_ || closed_) return;
    waiting_ = false;
  }
  bells_.ready();
}

void Watcher::CaughtUp(Clock::time_point now) {
  {
    std::lock_guard lock(mutex_);
    if (caught_up_ || closed_ || error_) return;
    caught_up_ = true;
    last_said_ = now;
    // The queue may be full to the brim: the bookmark is one above the limit, once.
    items_.push_back({.revision = cursor_});
  }
  Wake();
}

void Watcher::End() {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || ended_ || error_) return;
    items_.push_back({.revision = cursor_});
    ended_ = true;
  }
  Wake();
}

void Watcher::Fail(base::Error error) {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || ended_ || error_) return;
    items_.clear();
    error_ = std::move(error);
  }
  Wake();
}

void Watcher::BookmarkAfter(Clock::duration silence, Clock::time_point now) {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || ended_ || error_ || !caught_up_ || !items_.empty() || now - last_said_ < silence) return;
    items_.push_back({.revision = cursor_});
    last_said_ = now;
  }
  Wake();
}

}  // namespace adieu::engine
