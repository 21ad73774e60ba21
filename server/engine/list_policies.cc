#include "server/engine/list_policies.h"

#include <optional>
#include <string>
#include <tuple>

#include "server/engine/token.h"
#include "server/policy/shipped.h"

namespace adieu::engine {
namespace {

constexpr char kKind = 'l';
constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
// A page ends before it gets larger, so that a client takes it with gRPC's default limit of 4 MiB.
constexpr size_t kMaxPageBytes = 3 << 20;

// A place in the order.
struct Place {
  int64_t priority = 0;
  std::string name;
};

std::string TokenOf(const v1::CancelPolicy& last) {
  return EncodeToken(kKind, {std::to_string(last.priority()), last.name()});
}

std::optional<Place> PlaceOf(const std::string& token) {
  const auto fields = DecodeToken(kKind, token, 2);
  const auto priority = fields ? ParseNumber((*fields)[0]) : std::nullopt;
  if (!priority) return std::nullopt;
  return Place{*priority, (*fields)[1]};
}

bool IsAfter(const v1::CancelPolicy& policy, const Place& place) {
  if (policy.name() == policy::kBuiltinPolicy) return true;
  if (policy.priority() != place.priority) return policy.priority() < place.priority;
  return policy.name() > place.name;
}

}  // namespace

base::Result<v1::ListCancelPoliciesResponse> ListPolicies(const policy::PolicySet& set,
                                                          const v1::ListCancelPoliciesRequest& request) {
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    return base::InvalidField("page_size", "must be 0 to " + std::to_string(kMaxPageSize));
  }
  const int page_size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  std::optional<Place> after;
  if (!request.page_token().empty()) {
    after = PlaceOf(request.page_token());
    if (!after) return base::InvalidField("page_token", "not a next_page_token of ListCancelPolicies");
  }
  v1::ListCancelPoliciesResponse response;
  size_t bytes = 0;
  for (const auto& compiled : set.policies()) {
    const v1::CancelPolicy& policy = compiled->policy();
    if (after && !IsAfter(policy, *after)) continue;
    const int count = response.cancel_policies_size();
    bytes += policy.ByteSizeLong();
    if (count == page_size || (bytes > kMaxPageBytes && count > 0)) {
      response.set_next_page_token(TokenOf(response.cancel_policies(count - 1)));
      break;
    }
    *response.add_cancel_policies() = policy;
  }
  return response;
}

}  // namespace adieu::engine
