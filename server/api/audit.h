#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "server/access/caller.h"
#include "server/base/error.h"

namespace adieu::api {

// What a request changes, as far as the request says it.
struct Change {
  // The call or the policy: its name, or the SIP Call-ID of the call. Empty: what matches.
  std::string resource;
  // The policy that it asks to be applied.
  std::string policy;
  std::string request_id;
  // Nothing is changed.
  bool validate_only = false;
};

// Of a request of any method that changes something. Pure.
Change ChangeOf(const google::protobuf::Message& request);

// What came of it: the name of the termination, the policy or the sweep that a response tells. Pure.
std::string ResultOf(const google::protobuf::Message& response);

// Writes the line about one request to change something (docs/security.md). `address`: where the caller is.
// `error`: absent: it was done.
void Audit(const std::string& method, const access::Caller& caller, const std::string& address,
           const Change& change, const std::string& result, const base::Error* error);

}  // namespace adieu::api
