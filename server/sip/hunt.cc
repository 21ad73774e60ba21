#include "server/sip/hunt.h"

#include <algorithm>
#include <utility>

#include "server/base/id.h"
#include "server/sip/call.h"

namespace adieu::sip {

using metrics::FailoverReason;

Hunt::Hunt(CallContext& context, Call& call, ForwardSeed seed)
    : context_(context), call_(call), seed_(std::move(seed)) {}

Hunt::~Hunt() { Stop(); }

void Hunt::Begin() { Try(std::nullopt); }

void Hunt::Next(FailoverReason why) {
  context_.timers.Cancel(no_answer_timer_);
  Try(why);
}

void Hunt::OnHeard() { context_.timers.Cancel(no_answer_timer_); }

void Hunt::Stop() {
  stopped_ = true;
  context_.timers.Cancel(no_answer_timer_);
  if (resolving_ != 0) context_.resolver.Forget(std::exchange(resolving_, 0));
}

void Hunt::Try(std::optional<FailoverReason> last) {
  while (!stopped_) {
    if (last && has_more()) context_.metrics.FailedOver(*last);
    while (!endpoints_.empty()) {
      const Endpoint endpoint = std::move(endpoints_.back());
      endpoints_.pop_back();
      if (Invite(endpoint)) return;
      last = FailoverReason::kUnreachable;
      if (has_more()) context_.metrics.FailedOver(*last);
    }
    if (next_target_ == plan().targets.size()) {
      stopped_ = true;
      call_.OnNoTarget(*last);
      return;
    }
    asking_ = true;
    resolving_ = context_.resolver.Resolve(plan().targets[next_target_++],
                                           [this](auto found) { OnResolved(std::move(found)); });
    // Still set: the answer comes later.
    if (std::exchange(asking_, false)) return;
    last = endpoints_.empty() ? std::optional(FailoverReason::kUnresolved) : std::nullopt;
  }
}

void Hunt::OnResolved(std::vector<Endpoint> endpoints) {
  endpoints_ = std::move(endpoints);
  std::reverse(endpoints_.begin(), endpoints_.end());
  resolving_ = 0;
  if (std::exchange(asking_, false)) return;
  Try(endpoints_.empty() ? std::optional(FailoverReason::kUnresolved) : std::nullopt);
}

bool Hunt::Invite(const Endpoint& endpoint) {
  const Listener* listener = context_.listener_for(endpoint, seed_.came_by);
  if (listener == nullptr) return false;
  no_answer_timer_ = context_.timers.Schedule(plan().no_answer, [this] { call_.OnNoAnswer(); });
  CalleeSeed seed{.nua = listener->nua(),
                  .contact = listener->ContactOver(endpoint.transport),
                  .call_id = base::NewId(),
                  .tag = base::NewId(),
                  .from = seed_.from,
                  .to = seed_.to,
                  .request_uri = RequestUri(plan().targets[next_target_ - 1]),
                  .max_forwards = seed_.max_forwards,
                  .content = seed_.content,
                  .credentials = plan().has_credentials ? &plan().credentials : nullptr};
  seed.next_hop =
      "sip:" + endpoint.host + ":" + std::to_string(endpoint.port) + ";transport=" + endpoint.transport;
  seed.listener = listener->address().name;
  call_.Invite(std::move(seed));
  return true;
}

std::string Hunt::RequestUri(const Target& target) const {
  if (plan().keep_request_uri) return seed_.request_uri;
  const std::string& user = target.user.empty() ? seed_.user : target.user;
  std::string uri = "sip:";
  if (!user.empty()) uri += user + "@";
  uri += target.HostPort();
  if (!target.transport.empty()) uri += ";transport=" + target.transport;
  return uri;
}

}  // namespace adieu::sip
