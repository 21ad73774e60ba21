#include "server/sip/dns_thread.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace adieu::sip {
namespace {

constexpr int kTries = 2;

bool InitLibrary() {
  static const bool initialised = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  return initialised;
}

}  // namespace

std::unique_ptr<DnsThread> DnsThread::Start(const DnsOptions& options, DnsLookup::Done report) {
  std::unique_ptr<DnsThread> dns(new DnsThread(options, std::move(report)));
  if (!dns->Open(options)) return nullptr;
  dns->thread_ = std::thread(&DnsThread::Run, dns.get());
  return dns;
}

DnsThread::DnsThread(const DnsOptions& options, DnsLookup::Done report)
    : deadline_(options.deadline), report_(std::move(report)) {}

DnsThread::~DnsThread() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    Wake();
    thread_.join();
  }
  if (channel_ != nullptr) ares_destroy(channel_);
  if (wake_ >= 0) close(wake_);
}

bool DnsThread::Open(const DnsOptions& options) {
  if (!InitLibrary()) return false;
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) return false;
  ares_options wanted = {};
  wanted.timeout = static_cast<int>(options.query_timeout.count());
  wanted.tries = kTries;
  wanted.sock_state_cb = &DnsThread::OnSocketState;
  wanted.sock_state_cb_data = this;
  if (ares_init_options(&channel_, &wanted, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) !=
      ARES_SUCCESS) {
    channel_ = nullptr;
    return false;
  }
  return options.servers.empty() ||
         ares_set_servers_ports_csv(channel_, options.servers.c_str()) == ARES_SUCCESS;
}

void DnsThread::Ask(DnsQuestion question) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(question));
  }
  Wake();
}

void DnsThread::OnSocketState(void* self, ares_socket_t socket, int readable, int writable) {
  auto& sockets = static_cast<DnsThread*>(self)->sockets_;
  if (readable == 0 && writable == 0) {
    sockets.erase(socket);
  } else {
    sockets[socket] = static_cast<short>((readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0));
  }
}

void DnsThread::Wake() const {
  const uint64_t one = 1;
  // A full counter wakes as well.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
}

void DnsThread::Run() {
  pthread_setname_np(pthread_self(), "dns");
  do {
    Wait();
    SettleDue();
  } while (TakeQuestions());
  // The end of the channel ends its queries.
  for (const auto& [due, lookup] : lookups_) lookup->Abandon();
}

// What came is read before new questions are taken.
void DnsThread::Wait() {
  std::vector<pollfd> polled = {{.fd = wake_, .events = POLLIN, .revents = 0}};
  for (const auto& [socket, events] : sockets_)
    polled.push_back({.fd = socket, .events = events, .revents = 0});
  if (poll(polled.data(), polled.size(), WaitTime()) < 0) polled.clear();
  for (size_t i = 1; i < polled.size(); ++i) {
    const short events = polled[i].revents;
    const bool failed = (events & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    const bool read = failed || (events & POLLIN) != 0;
    const bool write = (events & POLLOUT) != 0;
    if (!read && !write) continue;
    ares_process_fd(channel_, read ? polled[i].fd : ARES_SOCKET_BAD, write ? polled[i].fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t emptied = read(wake_, &count, sizeof count);
}

// Milliseconds; -1: until something comes.
int DnsThread::WaitTime() const {
  int64_t wait = -1;
  timeval buffer = {};
  if (const timeval* next = ares_timeout(channel_, nullptr, &buffer); next != nullptr) {
    wait = static_cast<int64_t>(next->tv_sec) * 1000 + (next->tv_usec + 999) / 1000;
  }
  if (!lookups_.empty()) {
    const auto due = std::chrono::ceil<std::chrono::milliseconds>(lookups_.front().first - Clock::now());
    const int64_t until_due = std::max<int64_t>(due.count(), 0);
    wait = wait < 0 ? until_due : std::min(wait, until_due);
  }
  return static_cast<int>(wait);
}

bool DnsThread::TakeQuestions() {
  std::vector<DnsQuestion> questions;
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return false;
    questions.swap(asked_);
  }
  for (DnsQuestion& question : questions) {
    auto lookup = std::make_shared<DnsLookup>(channel_, std::move(question), report_);
    lookups_.emplace_back(Clock::now() + deadline_, lookup);
    lookup->Start();
  }
  return true;
}

void DnsThread::SettleDue() {
  const Clock::time_point now = Clock::now();
  while (!lookups_.empty()) {
    const auto& [due, lookup] = lookups_.front();
    if (due > now && !lookup->settled()) return;
    lookup->Settle();
    lookups_.pop_front();
  }
}

}  // namespace adieu::sip
