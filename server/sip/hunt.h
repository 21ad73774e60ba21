#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/metrics/metrics.h"
#include "server/sip/call_context.h"
#include "server/sip/callee_leg.h"
#include "server/sip/forward_plan.h"
#include "server/sip/passed_message.h"
#include "server/sip/resolver.h"
#include "server/sip/target.h"

namespace adieu::sip {

class Call;

// What every target of a forwarded call gets.
struct ForwardSeed {
  const ForwardPlan* plan = nullptr;
  // The listener that the caller came by.
  nua_t* came_by = nullptr;
  // Values of the headers; From without the tag.
  std::string from;
  std::string to;
  // The caller's Request-URI and its user part.
  std::string request_uri;
  std::string user;
  int max_forwards = 70;
  PassedMessage content;
};

// Tries the targets of a route one after the other: resolves names, chooses the listener, waits for the first
// response. Owned by its call; the agent's thread. Stop ends it for good.
class Hunt {
 public:
  Hunt(CallContext& context, Call& call, ForwardSeed seed);
  ~Hunt();
  Hunt(const Hunt&) = delete;
  Hunt& operator=(const Hunt&) = delete;

  // Calls Call::Invite for the first target, now or when its name is resolved, or Call::OnNoTarget.
  void Begin();
  // Whether there is a target left.
  bool has_more() const { return !stopped_ && (!endpoints_.empty() || next_target_ < plan().targets.size()); }
  // The target in hand failed: the next one.
  void Next(metrics::FailoverReason why);
  // The target in hand answers: no more waiting.
  void OnHeard();
  // No further target, whatever comes.
  void Stop();

  const ForwardPlan& plan() const { return *seed_.plan; }

 private:
  // `last`: why the one before it failed.
  void Try(std::optional<metrics::FailoverReason> last);
  void OnResolved(std::vector<Endpoint> endpoints);
  bool Invite(const Endpoint& endpoint);
  std::string RequestUri(const Target& target) const;

  CallContext& context_;
  Call& call_;
  ForwardSeed seed_;
  // Of plan().targets.
  size_t next_target_ = 0;
  // Further addresses of the target before it, the next one last.
  std::vector<Endpoint> endpoints_;
  bool stopped_ = false;
  // A question to the resolver is being asked; it may answer at once.
  bool asking_ = false;
  // Zero: no answer is awaited.
  uint64_t resolving_ = 0;
  TimerQueue::Id no_answer_timer_;
};

}  // namespace adieu::sip
