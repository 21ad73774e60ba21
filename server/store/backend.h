#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/cancel_policy.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/base/error.h"
#include "server/store/pending_writes.h"
#include "server/store/position.h"
#include "server/store/selection.h"

namespace adieu::store {

// Where a QueuedStore, which owns it, puts terminations, policies and calls. Write is called on the writer's
// thread only, the rest on any thread, also during a Write. Errors are UNAVAILABLE (STORE_UNAVAILABLE).
class Backend {
 public:
  // What is removed: everything older.
  struct Retention {
    std::chrono::system_clock::time_point terminations;
    std::chrono::system_clock::time_point requests;
  };

  // A part of a list, newest first.
  struct Rows {
    std::vector<std::shared_ptr<const v1::Termination>> found;
    // The oldest one looked at: the next part is before it.
    Position last;
    // How many were looked at.
    std::size_t examined = 0;
    // There are no further ones.
    bool end = false;
  };

  virtual ~Backend() = default;

  // Commits all of it, or nothing. Removes what is too old and too much.
  virtual std::optional<base::Error> Write(const std::list<PendingWrite>& writes,
                                           const Retention& retention) = 0;

  virtual base::Result<std::optional<v1::Termination>> Get(const std::string& name) = 0;

  // Stops after `max_found` or `max_examined` terminations, each at least 1.
  virtual base::Result<Rows> Read(const Selection& selection, std::size_t max_found,
                                  std::size_t max_examined) = 0;

  // In the order of names.
  virtual base::Result<std::vector<v1::CancelPolicy>> Policies() = 0;

  virtual base::Result<std::map<std::string, CallRecord>> Calls() = 0;
};

inline base::Error Unavailable(std::string message) {
  return {
      .code = absl::StatusCode::kUnavailable, .reason = "STORE_UNAVAILABLE", .message = std::move(message)};
}

}  // namespace adieu::store
