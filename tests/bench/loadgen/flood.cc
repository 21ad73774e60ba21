#include "tests/bench/loadgen/flood.h"

#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/sip_text.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {
namespace {

constexpr size_t kBatches = 256;
// Few enough that a slow flood comes evenly.
constexpr size_t kBatch = 16;

}  // namespace

Flood::Flood(const std::string& server, const FloodLoad& load)
    : rate_(load.rate), socket_(server, load.from) {
  const SipText text(NewRun(), socket_.local(), server, load.user_agent);
  for (size_t i = 0; i < kBatches; ++i) {
    Batch& batch = batches_.emplace_back();
    for (size_t k = 0; k < kBatch; ++k) batch.push_back(text.Invite(i * kBatch + k));
  }
  thread_ = std::thread(&Flood::Run, this);
}

Flood::~Flood() { Stop(); }

size_t Flood::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return sent_;
}

void Flood::Run() {
  const int64_t begin = Now();
  for (size_t i = 0; !stop_; ++i) {
    if (rate_ > 0)
      SleepUntil(begin + static_cast<int64_t>(static_cast<double>(i * kBatch) * kSecond / rate_));
    if (socket_.Send(batches_[i % kBatches])) sent_ += kBatch;
  }
}

}  // namespace adieu::bench
