#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "adieu/v1/call_control_service.pb.h"
#include "adieu/v1/termination.pb.h"
#include "server/store/store.h"

namespace adieu::store {

// How long a test waits for what must come.
inline constexpr std::chrono::seconds kPatience{30};

inline std::chrono::steady_clock::time_point Deadline() {
  return std::chrono::steady_clock::now() + kPatience;
}

// The name of the termination with this number; greater numbers have greater names.
std::string NameOf(int number);

// One requested `seconds` after 2023-11-14.
v1::Termination Sample(int number, int seconds, v1::LegOutcome outcome = v1::LEG_OUTCOME_SENT);
std::chrono::system_clock::time_point SampleTime(int seconds);

RequestRecord SampleRequest(const std::string& request_id, int termination, int seconds = 0);

std::vector<std::string> NamesOf(const v1::ListTerminationsResponse& response);

// A directory of its own, gone with the object.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The answer of one Put. Must outlive the call of Done.
class Answer {
 public:
  Store::Done Done() {
    return [this](std::optional<base::Error> error) { promise_.set_value(std::move(error)); };
  }
  // The error when none came in time.
  std::optional<base::Error> Wait() {
    if (future_.wait_for(kPatience) == std::future_status::ready) return future_.get();
    return base::Error{.message = "no answer in time"};
  }
  bool Came() { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::promise<std::optional<base::Error>> promise_;
  std::future<std::optional<base::Error>> future_ = promise_.get_future();
};

// Holds a store's writer between two commits until Release or destroyed.
class HeldWriter {
 public:
  // Puts `number` and returns when it is stored and the writer stands still.
  HeldWriter(Store& store, int number);
  ~HeldWriter() { Release(); }
  HeldWriter(const HeldWriter&) = delete;
  HeldWriter& operator=(const HeldWriter&) = delete;
  void Release();

 private:
  std::promise<void> release_;
  bool released_ = false;
};

// A clock that stands still.
class Clock {
 public:
  std::function<std::chrono::system_clock::time_point()> Read() {
    return [this] { return SampleTime(seconds_.load()); };
  }
  void Set(int seconds) { seconds_ = seconds; }

 private:
  std::atomic<int> seconds_ = 0;
};

}  // namespace adieu::store
