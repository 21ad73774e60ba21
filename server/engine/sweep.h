#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "adieu/v1/call_control_service.pb.h"
#include "server/base/error.h"
#include "server/engine/sweep_pace.h"
#include "server/engine/sweep_terms.h"
#include "server/metrics/labels.h"

namespace adieu::engine {

// One sweep: the calls that are left, what became of the others, and what its stream is told. Any thread.
// Shared by Sweeps, whose thread takes the calls out, by the orders, which bring what came of them, and by
// the stream, which says where it stands; whichever goes last frees it. Without a stream no call is given
// out, and what comes of those under way is only counted.
class Sweep {
 public:
  using Clock = std::chrono::steady_clock;
  using Result = metrics::SweepResult;

  enum class Next {
    // Nothing now: `ready` will be called once when there is something.
    kNothing,
    // There was a response.
    kResponse,
    // The stream ends: with the error, or without one.
    kEnd,
  };

  // The stream hears something after this at the latest, and when there is news after kNews.
  static constexpr std::chrono::milliseconds kSilence{1000};
  static constexpr std::chrono::milliseconds kNews{200};
  // Of terminations, in one message: less than what clients take by default, 4 MiB.
  static constexpr size_t kMessage = 1'000;
  static constexpr size_t kMessageBytes = 3 << 20;
  // When so many terminations wait for the client the sweep waits for it too.
  static constexpr size_t kBacklog = 2 * kMessage;
  static constexpr size_t kBacklogBytes = 2 * kMessageBytes;

  // `rate`: calls per second; zero: as fast as it goes.
  Sweep(SweepTerms terms, double rate);
  Sweep(const Sweep&) = delete;
  Sweep& operator=(const Sweep&) = delete;

  const SweepTerms& terms() const { return terms_; }
  bool paced() const { return rate_ > 0; }

  // Called with no lock held; must not block.
  struct Bells {
    // There is something to take: once for each Next::kNothing. On any thread.
    std::function<void()> ready;
    // The client took something that the sweep waited for, or is gone. On the stream's thread.
    std::function<void()> moved;
  };

  // The stream's side. Open: no other one is open; the answer names it. What a stream asks that is not open
  // any more is ignored.
  int64_t Open(Bells bells, Clock::time_point now);
  Next Take(int64_t stream, Clock::time_point now, v1::ApplyCancelPolicyResponse* response,
            std::optional<base::Error>* error);
  // The client is gone, or has everything. `ready` may be running on another thread.
  void Close(int64_t stream);
  bool open() const;

  // The side of Sweeps. Begin: these are the calls. Show: so many match, and this would be done.
  void Begin(std::deque<std::string> calls, Clock::time_point now);
  void Show(size_t matched, std::deque<v1::Termination> planned);
  // Ends the stream with the error.
  void Fail(base::Error error);
  // The next call, when it is due and the client keeps up; Came or PutBack follows for each.
  std::optional<std::string> TakeCall(Clock::time_point now);
  // Nothing was done: it is the next one again, now and for the pace.
  void PutBack(std::string call);
  // What came of a call: `termination` when there is one.
  void Came(Result result, std::optional<v1::Termination> termination);
  // Those of the calls left that `over` names are skipped.
  void Skip(const std::function<bool(const std::string&)>& over);
  // When TakeCall may have one, whatever the client does meanwhile; the end of time: not by itself.
  Clock::time_point NextCall() const;
  // Rings when something has to be said by now. When to come again for that.
  Clock::time_point Tick(Clock::time_point now);

  bool begun() const;
  // Nothing is left and nothing under way.
  bool finished() const;
  size_t left() const;

 private:
  // The rest is called with mutex_ held.
  bool Finished() const { return begun_ && left_.empty() && under_way_ == 0; }
  bool Crowded() const { return backlog_.size() >= kBacklog || backlog_bytes_ >= kBacklogBytes; }
  bool IsDue(Clock::time_point now) const;
  void Count(Result result);
  void Fill(v1::ApplyCancelPolicyResponse* response);
  // The bell, when it has to be rung.
  std::function<void()> Bell(bool due);

  const SweepTerms terms_;
  const double rate_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  SweepPace pace_;
  bool begun_ = false;
  std::deque<std::string> left_;
  size_t under_way_ = 0;
  int matched_ = 0;
  int ended_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
  // Zero: none is open.
  int64_t stream_ = 0;
  int64_t streams_ = 0;
  Bells bells_;
  bool waiting_ = false;
  // Nothing was said on this stream, or the last message was.
  bool first_ = true;
  bool last_said_ = false;
  // Since the last message.
  bool news_ = false;
  Clock::time_point said_;
  std::deque<v1::Termination> backlog_;
  size_t backlog_bytes_ = 0;
  std::optional<base::Error> error_;
};

}  // namespace adieu::engine
