#include "client/adieu/ask.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::ExplainCancelPolicyResponse> Client::ExplainCancelPolicy(
    const v1::ExplainCancelPolicyRequest& request) const {
  return Ask(*policies_, &v1::CancelPolicyService::Stub::ExplainCancelPolicy, request, NewDeadline());
}

}  // namespace adieu::client
