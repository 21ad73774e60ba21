#include <utility>

#include "client/adieu/ask_again.h"
#include "client/adieu/client.h"

namespace adieu::client {

Result<v1::Termination> Client::TerminateCall(v1::TerminateCallRequest request) const {
  return AskAgain(*calls_, &v1::CallControlService::Stub::TerminateCall, std::move(request), NewDeadline());
}

}  // namespace adieu::client
