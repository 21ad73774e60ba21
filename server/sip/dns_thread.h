#pragma once

#include <ares.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/sip/dns_answer.h"
#include "server/sip/dns_lookup.h"

namespace adieu::sip {

struct DnsOptions {
  // `host[:port]` divided by commas; empty: those of the system.
  std::string servers;
  // For one question in all.
  std::chrono::milliseconds deadline{2000};
  // For the first try of a query; the second and last one waits twice as long.
  std::chrono::milliseconds query_timeout{500};
};

// One thread that answers questions by DNS, any number of them at a time; who asks bounds them. Owned by the
// resolver; its destructor stops it, and nothing is reported after that.
class DnsThread {
 public:
  // Null: out of descriptors or memory. `report` is called on the thread, once for each question that is not
  // answered when the thread stops.
  static std::unique_ptr<DnsThread> Start(const DnsOptions& options, DnsLookup::Done report);
  ~DnsThread();
  DnsThread(const DnsThread&) = delete;
  DnsThread& operator=(const DnsThread&) = delete;

  // Any thread.
  void Ask(DnsQuestion question);

 private:
  using Clock = std::chrono::steady_clock;

  DnsThread(const DnsOptions& options, DnsLookup::Done report);
  bool Open(const DnsOptions& options);
  static void OnSocketState(void* self, ares_socket_t socket, int readable, int writable);
  void Wake() const;
  void Run();
  void Wait();
  int WaitTime() const;
  // False: it is to stop.
  bool TakeQuestions();
  void SettleDue();

  const std::chrono::milliseconds deadline_;
  const DnsLookup::Done report_;
  // An eventfd.
  int wake_ = -1;

  // The next four: the thread only, once it runs.
  ares_channel channel_ = nullptr;
  // The events that c-ares waits for on its sockets, as of poll.
  std::map<ares_socket_t, short> sockets_;
  // The first one is due first.
  std::deque<std::pair<Clock::time_point, std::shared_ptr<DnsLookup>>> lookups_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<DnsQuestion> asked_;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace adieu::sip
