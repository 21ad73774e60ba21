#include <utility>

#include "client/adieu/ask_again.h"
#include "client/adieu/client.h"

namespace adieu::client {

std::optional<Error> Client::DeleteCancelPolicy(v1::DeleteCancelPolicyRequest request) const {
  const auto answer = AskAgain(*policies_, &v1::CancelPolicyService::Stub::DeleteCancelPolicy,
                               std::move(request), NewDeadline());
  if (!answer.ok()) return answer.error();
  return std::nullopt;
}

}  // namespace adieu::client
