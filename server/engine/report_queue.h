#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adieu/v1/termination.pb.h"

namespace adieu::engine {

// One piece of news about an order.
struct Report {
  enum class Kind {
    // An agent tells how `leg` stands.
    kLeg,
    // The order was placed: what was reported before counts now.
    kPlaced,
    // Whatever was reported: the record must not wait any longer.
    kOverdue,
    // No patience is left.
    kGivenUp,
  };

  std::string termination;
  Kind kind = Kind::kLeg;
  v1::LegEnding leg;
};

// Brings news about orders from the threads that learn them, which it never holds up, to one thread of its
// own, in groups: the first at once, the next not before kPace is over, so that under load neither a wake-up
// nor a commit is paid for each. Owned by the terminator. Not limited: it holds a few reports per live order.
class ReportQueue {
 public:
  // What is left to do when the reports were taken in: with no lock held. May be null.
  using After = std::function<void()>;
  using Handle = std::function<After(std::vector<Report>)>;
  static constexpr std::chrono::milliseconds kPace{4};

  // `handle` is called on the queue's thread or on that of HandOver, one call at a time, with what came since
  // the last time, in the order of coming.
  explicit ReportQueue(Handle handle);
  ~ReportQueue();
  ReportQueue(const ReportQueue&) = delete;
  ReportQueue& operator=(const ReportQueue&) = delete;

  // Any thread.
  void Add(Report report);

  // Hands over what waits now, on the calling thread.
  void HandOver();

  // Hands over what waits and ends the thread; what comes later is dropped. May be called twice.
  void Stop();

 private:
  void Run();

  const Handle handle_;
  // Held while reports are taken and handled, so that they stay in order.
  std::mutex handling_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Report> reports_;
  // The thread waits for a report, not for the time.
  bool idle_ = false;
  bool stop_ = false;
  std::condition_variable woken_;
  // Last: it uses everything above.
  std::thread thread_;
};

}  // namespace adieu::engine
