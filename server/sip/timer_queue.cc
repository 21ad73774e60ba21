#include "server/sip/timer_queue.h"

#include <algorithm>

namespace adieu::sip {

TimerQueue::TimerQueue(su_root_t* root) : timer_(su_timer_create(su_root_task(root), 1000)) {}

TimerQueue::~TimerQueue() { su_timer_destroy(timer_); }

TimerQueue::Id TimerQueue::Schedule(std::chrono::milliseconds after, std::function<void()> action) {
  const Id id{.due = Clock::now() + after, .serial = ++last_serial_};
  pending_.emplace(id, std::move(action));
  Arm();
  return id;
}

void TimerQueue::Cancel(Id& id) {
  if (id.serial != 0) pending_.erase(id);
  id = {};
}

void TimerQueue::OnTimer(su_root_magic_t*, su_timer_t*, su_timer_arg_t* self) {
  reinterpret_cast<TimerQueue*>(self)->RunDue();
}

void TimerQueue::RunDue() {
  armed_for_ = Clock::time_point::max();
  const Clock::time_point now = Clock::now();
  while (!pending_.empty() && pending_.begin()->first.due <= now) {
    auto due = pending_.extract(pending_.begin());
    due.mapped()();
  }
  Arm();
}

void TimerQueue::Arm() {
  if (pending_.empty()) return;
  const Clock::time_point first = pending_.begin()->first.due;
  if (first >= armed_for_) return;
  armed_for_ = first;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now());
  su_timer_set_interval(timer_, &OnTimer, reinterpret_cast<su_timer_arg_t*>(this),
                        static_cast<su_duration_t>(std::max<int64_t>(1, wait.count())));
}

}  // namespace adieu::sip
