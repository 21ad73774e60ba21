#include <utility>

#include "client/adieu/ask_again.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::CancelPolicy> Client::CreateCancelPolicy(v1::CreateCancelPolicyRequest request) const {
  return AskAgain(*policies_, &v1::CancelPolicyService::Stub::CreateCancelPolicy, std::move(request),
                  NewDeadline());
}

}  // namespace adieu::client
