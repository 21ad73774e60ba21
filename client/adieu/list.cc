#include <utility>

#include "client/adieu/all_pages.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::ListCallsResponse> Client::ListCalls(v1::ListCallsRequest request) const {
  return AllPages(*calls_, &v1::CallControlService::Stub::ListCalls, std::move(request),
                  &v1::ListCallsResponse::mutable_calls, NewDeadline());
}

Result<v1::ListTerminationsResponse> Client::ListTerminations(v1::ListTerminationsRequest request) const {
  return AllPages(*calls_, &v1::CallControlService::Stub::ListTerminations, std::move(request),
                  &v1::ListTerminationsResponse::mutable_terminations, NewDeadline());
}

Result<v1::ListCancelPoliciesResponse> Client::ListCancelPolicies(
    v1::ListCancelPoliciesRequest request) const {
  return AllPages(*policies_, &v1::CancelPolicyService::Stub::ListCancelPolicies, std::move(request),
                  &v1::ListCancelPoliciesResponse::mutable_cancel_policies, NewDeadline());
}

}  // namespace adieu::client
