#include <utility>

#include "client/adieu/ask_again.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::CancelPolicy> Client::UpdateCancelPolicy(v1::UpdateCancelPolicyRequest request) const {
  return AskAgain(*policies_, &v1::CancelPolicyService::Stub::UpdateCancelPolicy, std::move(request),
                  NewDeadline());
}

}  // namespace adieu::client
