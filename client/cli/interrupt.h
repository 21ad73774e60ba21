#pragma once

#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace adieu::cli {

// While it lives SIGINT and SIGTERM of this process ask for a stop instead of ending it; a second one ends it
// at once with 130. Made before the threads that must not get the signals. Owns one thread; the destructor
// ends it.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  bool requested() const { return stop_.stop_requested(); }

 private:
  void Run();

  std::stop_source stop_;
  std::atomic<bool> over_{false};
  sigset_t signals_;
  sigset_t before_;
  std::thread thread_;
};

}  // namespace adieu::cli
