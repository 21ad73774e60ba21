#include "client/adieu/ask.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::CancelPolicy> Client::GetCancelPolicy(const std::string& name) const {
  v1::GetCancelPolicyRequest request;
  request.set_name(name);
  return Ask(*policies_, &v1::CancelPolicyService::Stub::GetCancelPolicy, request, NewDeadline());
}

}  // namespace adieu::client
