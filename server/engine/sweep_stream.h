#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "server/engine/sweep.h"

namespace adieu::engine {

// One ApplyCancelPolicy stream as the engine sees it. Any thread.
class SweepStream {
 public:
  using Next = Sweep::Next;

  SweepStream(std::shared_ptr<Sweep> sweep, int64_t id) : sweep_(std::move(sweep)), id_(id) {}

  // After kNothing the stream's `ready` is called once when there is something.
  Next Take(v1::ApplyCancelPolicyResponse* response, std::optional<base::Error>* error) {
    return sweep_->Take(id_, Sweep::Clock::now(), response, error);
  }
  // The client is gone, or has all: no further call is ordered.
  void Close() { sweep_->Close(id_); }

 private:
  const std::shared_ptr<Sweep> sweep_;
  const int64_t id_;
};

}  // namespace adieu::engine
