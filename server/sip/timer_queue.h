#pragma once

#include <sofia-sip/su_wait.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace adieu::sip {

// The timers of one agent, on its thread: any number of them behind one timer of the stack. Nothing ticks
// while nothing is due. Whoever schedules a timer owns it and cancels it before what it captures dies.
class TimerQueue {
 public:
  using Clock = std::chrono::steady_clock;
  // Names one scheduled timer; a default one names none.
  struct Id {
    Clock::time_point due;
    uint64_t serial = 0;
    auto operator<=>(const Id&) const = default;
  };

  explicit TimerQueue(su_root_t* root);
  ~TimerQueue();
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  // Runs `action` once, `after` from now.
  Id Schedule(std::chrono::milliseconds after, std::function<void()> action);
  // Does nothing when it ran already or is none; makes `id` none.
  void Cancel(Id& id);

 private:
  static void OnTimer(su_root_magic_t*, su_timer_t*, su_timer_arg_t* self);
  void RunDue();
  void Arm();

  su_timer_t* timer_;
  uint64_t last_serial_ = 0;
  Clock::time_point armed_for_ = Clock::time_point::max();
  std::map<Id, std::function<void()>> pending_;
};

}  // namespace adieu::sip
