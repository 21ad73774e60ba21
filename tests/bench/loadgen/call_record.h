#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace adieu::bench {

// What is known of one call. Each field has one writer; every thread may read. Times are of Now(), 0 is
// never.
struct CallRecord {
  // The INVITE was sent.
  std::atomic<int64_t> invited{0};
  // The first response came.
  std::atomic<int64_t> heard{0};
  // The first 180 came.
  std::atomic<int64_t> rang{0};
  // TerminateCall was started for the first time.
  std::atomic<int64_t> asked{0};
  // The first final response came.
  std::atomic<int64_t> ended{0};
  // TerminateCall was answered, last.
  std::atomic<int64_t> replied{0};
  // The status code of the first final response.
  std::atomic<int> status{0};
  // Whether the first final response had a Retry-After.
  std::atomic<bool> retry_after{false};
  // Final responses that came; each beyond the first is a retransmission.
  std::atomic<int> finals{0};
  // The gRPC status code of the first TerminateCall; -1 before it is answered.
  std::atomic<int> reply_code{-1};
};

// The calls of one trial; a call is its index. Must outlive everything that fills it.
class CallRecords {
 public:
  explicit CallRecords(size_t size) : records_(new CallRecord[size]), size_(size) {}
  size_t size() const { return size_; }
  CallRecord& operator[](size_t i) { return records_[i]; }
  const CallRecord& operator[](size_t i) const { return records_[i]; }
  std::span<const CallRecord> first(size_t count) const { return {records_.get(), count}; }
  std::span<const CallRecord> all() const { return first(size_); }

 private:
  std::unique_ptr<CallRecord[]> records_;
  size_t size_;
};

}  // namespace adieu::bench
