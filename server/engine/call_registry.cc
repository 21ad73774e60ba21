#include "server/engine/call_registry.h"

#include <algorithm>
#include <utility>

#include "server/base/id.h"
#include "server/engine/errors.h"

namespace adieu::engine {
namespace {

bool HasCallId(const CallVersion& version, const std::string& sip_call_id) {
  const v1::Call call = version.Unpack();
  return call.caller().sip_call_id() == sip_call_id || call.callee().sip_call_id() == sip_call_id;
}

}  // namespace

CallRegistry::CallRegistry(Options options, metrics::Metrics* metrics)
    : options_(std::move(options)), metrics_(metrics), boot_id_(base::NewId()) {}

size_t CallRegistry::HashCallId(const std::string& sip_call_id) const {
  if (sip_call_id.empty()) return 0;
  // Salted: whoever chooses Call-IDs must not be able to choose collisions.
  const size_t hash = std::hash<std::string>()(boot_id_ + sip_call_id);
  return hash == 0 ? 1 : hash;
}

void CallRegistry::Update(const v1::Call& call) {
  std::string varying = PackVarying(call);
  // Only the first one of a call has a Call-ID, as a rule.
  std::shared_ptr<const std::string> fixed;
  const auto pack_fixed = [&] { fixed = std::make_shared<const std::string>(PackFixed(call)); };
  if (!call.caller().sip_call_id().empty()) pack_fixed();
  {
    std::lock_guard lock(mutex_);
    const auto [it, is_new] = calls_.try_emplace(call.name());
    Entry& entry = it->second;
    if (entry.state == v1::CALL_STATE_TERMINATED) return;
    if (is_new) order_.emplace(&it->first, &entry);
    if (!call.caller().sip_call_id().empty()) Index(&entry.caller_hash, call.caller(), it->first);
    if (!call.callee().sip_call_id().empty()) Index(&entry.callee_hash, call.callee(), it->first);
    const v1::EndedBy ended_by =
        entry.ring_timeout && call.ended_by() == v1::ENDED_BY_ADIEU ? v1::ENDED_BY_TIMEOUT : call.ended_by();
    const v1::CallState state = call.state() == v1::CALL_STATE_UNSPECIFIED ? entry.state : call.state();
    Count(entry.state, state, ended_by);
    entry.state = state;

    auto version = std::make_shared<CallVersion>();
    if (is_new) {
      if (!fixed) pack_fixed();
      version->fixed = std::move(fixed);
    } else {
      // A later one says only what changed; one packed message after another is their merger.
      version->fixed = entry.version->fixed;
      version->varying = entry.version->varying;
    }
    version->varying += varying;
    if (ended_by != call.ended_by()) version->varying += PackEndedBy(ended_by);
    Publish(&entry, std::move(version));
    if (entry.state == v1::CALL_STATE_TERMINATED) {
      ended_.push_back({options_.now(), it->first});
      if (ended_.size() > options_.ended_calls) ForgetOldest();
    }
  }
  Changed();
}

void CallRegistry::Count(v1::CallState from, v1::CallState to, v1::EndedBy ended_by) {
  if (from == v1::CALL_STATE_UNSPECIFIED) {
    from = to == v1::CALL_STATE_TERMINATED ? v1::CALL_STATE_RINGING : to;
    metrics_->CallBegan(from);
  }
  if (to == from) return;
  if (to == v1::CALL_STATE_TERMINATED) {
    metrics_->CallEnded(from, ended_by);
  } else {
    metrics_->CallMoved(from, to);
  }
}

void CallRegistry::Publish(Entry* entry, std::shared_ptr<CallVersion> after) {
  ++revision_;
  if (after) {
    after->revision = revision_;
    after->since = options_.now();
  }
  changes_.push_back({revision_, entry->version, after});
  if (changes_.size() > options_.changes) changes_.pop_front();
  entry->version = std::move(after);
}

void CallRegistry::Index(size_t* hash, const v1::Leg& leg, const std::string& name) {
  const size_t now = HashCallId(leg.sip_call_id());
  if (now == *hash) return;
  if (*hash != 0) Unindex(*hash, name);
  if (now != 0) by_call_id_.emplace(now, &name);
  *hash = now;
}

void CallRegistry::Unindex(size_t hash, const std::string& name) {
  const auto [begin, end] = by_call_id_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (*it->second == name) {
      by_call_id_.erase(it);
      return;
    }
  }
}

void CallRegistry::ForgetOldest() {
  const auto it = calls_.find(ended_.front().name);
  ended_.pop_front();
  if (it == calls_.end()) return;
  Entry& entry = it->second;
  Publish(&entry, nullptr);
  if (entry.caller_hash != 0) Unindex(entry.caller_hash, it->first);
  if (entry.callee_hash != 0) Unindex(entry.callee_hash, it->first);
  order_.erase(&it->first);
  calls_.erase(it);
}

void CallRegistry::ForgetOld() {
  bool forgot = false;
  {
    const auto oldest = options_.now() - kEndedKept;
    std::lock_guard lock(mutex_);
    while (!ended_.empty() && ended_.front().time <= oldest) {
      ForgetOldest();
      forgot = true;
    }
  }
  if (forgot) Changed();
}

void CallRegistry::AppendMessage(const std::string& call, const v1::SipMessage& message) {
  std::lock_guard lock(mutex_);
  const auto it = calls_.find(call);
  if (it != calls_.end()) it->second.ladder.Append(message);
}

std::optional<v1::Call> CallRegistry::Find(const std::string& name) const {
  std::shared_ptr<const CallVersion> version;
  {
    std::lock_guard lock(mutex_);
    const auto it = calls_.find(name);
    if (it == calls_.end()) return std::nullopt;
    version = it->second.version;
  }
  return version->Unpack();
}

std::optional<v1::Call> CallRegistry::FindWithLadder(const std::string& name) const {
  std::shared_ptr<const CallVersion> version;
  Ladder ladder;
  {
    std::lock_guard lock(mutex_);
    const auto it = calls_.find(name);
    if (it == calls_.end()) return std::nullopt;
    version = it->second.version;
    ladder = it->second.ladder;
  }
  v1::Call call = version->Unpack();
  ladder.CopyTo(&call);
  return call;
}

std::string CallRegistry::Packed(const std::string& name) const {
  std::shared_ptr<const CallVersion> version;
  {
    std::lock_guard lock(mutex_);
    const auto it = calls_.find(name);
    if (it == calls_.end()) return "";
    version = it->second.version;
  }
  return *version->fixed + version->varying;
}

base::Result<std::string> CallRegistry::Resolve(const std::string& sip_call_id) const {
  const size_t hash = HashCallId(sip_call_id);
  std::vector<std::string> live;
  const std::string* ended = nullptr;
  int64_t ended_revision = 0;
  std::lock_guard lock(mutex_);
  const auto [begin, end] = by_call_id_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const Entry& entry = calls_.at(*it->second);
    if (!HasCallId(*entry.version, sip_call_id)) continue;
    if (entry.state != v1::CALL_STATE_TERMINATED) {
      live.push_back(*it->second);
    } else if (entry.version->revision > ended_revision) {
      ended = it->second;
      ended_revision = entry.version->revision;
    }
  }
  if (live.size() > 1) {
    std::sort(live.begin(), live.end());
    return Ambiguous(live);
  }
  if (live.size() == 1) return live.front();
  if (ended != nullptr) return *ended;
  return SipCallIdNotFound(sip_call_id);
}

std::optional<base::Error> CallRegistry::Claim(const std::string& name, const std::string& termination,
                                               v1::Trigger trigger) {
  {
    std::lock_guard lock(mutex_);
    const auto it = calls_.find(name);
    if (it == calls_.end()) return CallNotFound(name);
    Entry& entry = it->second;
    if (entry.state == v1::CALL_STATE_TERMINATED) return CallTerminated(name);
    if (entry.state == v1::CALL_STATE_TERMINATING || !entry.termination.empty()) {
      return CallTerminating(name, entry.termination);
    }
    entry.termination = termination;
    entry.ring_timeout = trigger == v1::TRIGGER_RING_TIMEOUT;
    PublishTermination(&entry);
  }
  Changed();
  return std::nullopt;
}

void CallRegistry::Unclaim(const std::string& name, const std::string& termination) {
  {
    std::lock_guard lock(mutex_);
    const auto it = calls_.find(name);
    if (it == calls_.end() || it->second.termination != termination) return;
    it->second.termination.clear();
    it->second.ring_timeout = false;
    PublishTermination(&it->second);
  }
  Changed();
}

void CallRegistry::PublishTermination(Entry* entry) {
  v1::Call varying;
  varying.ParseFromString(entry->version->varying);
  varying.set_termination(entry->termination);
  auto version = std::make_shared<CallVersion>();
  version->fixed = entry->version->fixed;
  version->varying = varying.SerializeAsString();
  Publish(entry, std::move(version));
}

std::vector<std::shared_ptr<const CallVersion>> CallRegistry::Page(const std::string& after,
                                                                   size_t limit) const {
  std::vector<std::shared_ptr<const CallVersion>> page;
  std::lock_guard lock(mutex_);
  for (auto it = order_.upper_bound(&after); it != order_.end() && page.size() < limit; ++it) {
    page.push_back(it->second->version);
  }
  return page;
}

CallSnapshot CallRegistry::Snapshot() const {
  CallSnapshot snapshot;
  std::lock_guard lock(mutex_);
  snapshot.revision = revision_;
  snapshot.as_of = options_.now();
  snapshot.calls.reserve(order_.size());
  for (const auto& [name, entry] : order_) snapshot.calls.push_back(entry->version);
  return snapshot;
}

std::vector<LiveCall> CallRegistry::Live() const {
  std::vector<LiveCall> live;
  std::lock_guard lock(mutex_);
  for (const auto& [name, entry] : order_) {
    if (entry->state == v1::CALL_STATE_TERMINATED) continue;
    live.push_back({*name, entry->state, !entry->termination.empty()});
  }
  return live;
}

size_t CallRegistry::live_count() const {
  std::lock_guard lock(mutex_);
  return calls_.size() - ended_.size();
}

int64_t CallRegistry::revision() const {
  std::lock_guard lock(mutex_);
  return revision_;
}

std::optional<std::vector<Change>> CallRegistry::ChangesAfter(int64_t revision, size_t limit) const {
  std::lock_guard lock(mutex_);
  const int64_t oldest = revision_ - static_cast<int64_t>(changes_.size());
  if (revision < oldest || revision > revision_) return std::nullopt;
  const auto begin = changes_.begin() + (revision - oldest);
  const size_t count = std::min(limit, static_cast<size_t>(revision_ - revision));
  return std::vector<Change>(begin, begin + static_cast<std::ptrdiff_t>(count));
}

}  // namespace adieu::engine
