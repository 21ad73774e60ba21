#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/call_registry.h"
#include "server/engine/resume_point.h"
#include "server/policy/matcher.h"

namespace adieu::engine {

// A change with its calls unpacked when somebody asks for them.
class UnpackedChange {
 public:
  explicit UnpackedChange(Change change) : change_(std::move(change)) {}

  const Change& change() const { return change_; }
  // Only when change().before, or .after, is set.
  const v1::Call& before() { return Unpacked(*change_.before, &before_); }
  const v1::Call& after() { return Unpacked(*change_.after, &after_); }

 private:
  static const v1::Call& Unpacked(const CallVersion& version, std::optional<v1::Call>* call) {
    if (!*call) *call = version.Unpack();
    return **call;
  }

  Change change_;
  std::optional<v1::Call> before_;
  std::optional<v1::Call> after_;
};

// One WatchCalls stream as the engine sees it: what waits for the client. Shared by Watch, which fills it on
// its thread, and by the stream, which empties it on any thread; whichever goes last frees it.
class Watcher {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Next {
    // Nothing now: `ready` will be called once when there is something.
    kNothing,
    // There was a response.
    kResponse,
    // The stream ends: with the error, or without one.
    kEnd,
  };

  // Called without a lock; must not block.
  struct Bells {
    // There is something to take: once for each Next::kNothing. On Watch's thread.
    std::function<void()> ready;
    // A watcher that catches up has room again. On the stream's thread.
    std::function<void()> drained;
  };

  // `first`: the calls to begin with; none for a resumed stream. `limit`: changes that may wait.
  Watcher(policy::Matcher matcher, ResumePoint point, bool resumed,
          std::vector<std::shared_ptr<const CallVersion>> first, size_t limit, Bells bells);

  // The stream's side.
  Next Take(v1::WatchCallsResponse* response, std::optional<base::Error>* error);
  // The stream is gone: nothing is wanted any more. `ready` may be running on another thread.
  void Close();

  // The side of Watch's thread.
  bool closed() const;
  // Whether changes can be offered, and those after which revision.
  bool WantsMore() const;
  int64_t cursor() const;
  // A change. Taken when it is the one after the cursor and there is room; else it must be offered again.
  void Offer(UnpackedChange* change);
  // Every change so far was offered. `now` begins the silence of a watcher that had none yet.
  void CaughtUp(Clock::time_point now);
  // Ends the stream after what waits already, with a last bookmark, or at once with an error.
  void End();
  void Fail(base::Error error);
  // A bookmark, when nothing was said since `silence` ago.
  void BookmarkAfter(Clock::duration silence, Clock::time_point now);

 private:
  // What waits: a call, the name of a removed one, or a bookmark when both are null.
  struct Item {
    int64_t revision = 0;
    std::shared_ptr<const CallVersion> call;
    std::shared_ptr<const CallVersion> removed;
  };

  bool Matched(const CallVersion& version, const v1::Call& call) const;
  // Called without mutex_; rings when the stream waits.
  void Wake();
  // Called with mutex_ held.
  Next TakeLocked(v1::WatchCallsResponse* response, std::optional<base::Error>* error);
  void Push(Item item);
  std::string Token(int64_t revision) const;

  const policy::Matcher matcher_;
  const ResumePoint point_;
  const size_t limit_;
  const Bells bells_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::shared_ptr<const CallVersion>> first_;
  size_t first_taken_ = 0;
  std::deque<Item> items_;
  int64_t cursor_;
  // Had every change once: from then on it must keep up.
  bool caught_up_;
  bool waiting_ = false;
  bool ended_ = false;
  bool closed_ = false;
  std::optional<base::Error> error_;
  Clock::time_point last_said_ = Clock::now();
};

}  // namespace adieu::engine
