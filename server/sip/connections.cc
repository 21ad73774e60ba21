#include "server/sip/connections.h"

#include <sofia-sip/tport.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace adieu::sip {
namespace {

constexpr std::chrono::seconds kPause{1};

// What is left is for the API, the store and the calls that go out.
size_t MaxOfThisProcess() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return Connections::kMax;
  return std::min<size_t>(Connections::kMax, files.rlim_cur / 3);
}

}  // namespace

Connections::Connections(TimerQueue& timers, metrics::Metrics& metrics)
    : timers_(timers), metrics_(metrics), max_(MaxOfThisProcess()) {}

Connections::~Connections() { timers_.Cancel(watch_); }

void Connections::OnConnected(tport_s* connection, const std::string& source, bool tls, bool allowed) {
  if (connections_.empty()) watch_ = timers_.Schedule(kPause, [this] { Watch(); });
  connections_.emplace(connection, Connection{.source = source, .tls = tls, .opened = Clock::now()});
  const size_t of_source = ++per_source_[source];
  if (!allowed) return Refuse(connection, metrics::RejectReason::kNotAllowed);
  if (connections_.size() <= max_ && of_source <= kMaxPerSource) return;
  Refuse(connection, metrics::RejectReason::kConnections);
}

void Connections::OnMessage(tport_s* connection) {
  const auto found = connections_.find(connection);
  if (found != connections_.end()) found->second.spoke = true;
}

void Connections::OnBroken(tport_s* connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end() || found->second.broken != Clock::time_point::max()) return;
  found->second.broken = Clock::now();
}

void Connections::OnClosed(tport_s* connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  const Connection state = std::move(found->second);
  connections_.erase(found);
  if (--per_source_[state.source] == 0) per_source_.erase(state.source);
  if (connections_.empty()) timers_.Cancel(watch_);
  const bool failed = state.tls && !state.refused && tport_is_connected(connection) == 0;
  if (failed) metrics_.SipRejected(metrics::RejectReason::kHandshake);
}

bool Connections::IsOver(tport_s* connection, const Connection& state, Clock::time_point now) const {
  if (state.broken != Clock::time_point::max()) return now - state.broken >= kLastAnswer;
  if (state.spoke) return false;
  const bool greeted = !state.tls || tport_is_connected(connection) != 0;
  return now - state.opened >= (greeted ? kFirstMessage : kHandshake);
}

void Connections::Watch() {
  watch_ = timers_.Schedule(kPause, [this] { Watch(); });
  const Clock::time_point now = Clock::now();
  std::vector<std::pair<tport_s*, bool>> over;
  for (const auto& [connection, state] : connections_) {
    if (IsOver(connection, state, now)) over.emplace_back(connection, state.spoke);
  }
  for (const auto& [connection, spoke] : over) {
    if (spoke) {
      tport_shutdown(connection, 2);
    } else {
      Refuse(connection, metrics::RejectReason::kSilent);
    }
  }
}

void Connections::Refuse(tport_s* connection, metrics::RejectReason reason) {
  metrics_.SipRejected(reason);
  connections_.at(connection).refused = true;
  tport_shutdown(connection, 2);
}

}  // namespace adieu::sip
