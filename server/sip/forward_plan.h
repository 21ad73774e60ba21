#pragma once

#include <sofia-sip/sip.h>

#include <chrono>
#include <string>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "server/sip/target.h"

namespace adieu::sip {

// Who we are to targets that ask (RFC 3261 22). The stack knows MD5 only.
class Credentials {
 public:
  struct Entry {
    std::string realm;
    std::string username;
    std::string password;
  };

  explicit Credentials(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  // What nua_authenticate takes for the challenges of a 401 or 407. Empty: none of them has one of our
  // realms and an algorithm that the stack knows.
  std::string AnswerTo(const sip_t& challenge) const;

 private:
  std::vector<Entry> entries_;
};

// How the calls of one route are forwarded. Immutable; owned by the router, which outlives every call.
struct ForwardPlan {
  // At least one, tried in this order.
  std::vector<Target> targets;
  // The Request-URI of the caller stays, the target only says where it goes.
  bool keep_request_uri = false;
  // A target that says nothing for this long is given up for the next.
  std::chrono::milliseconds no_answer{4000};
  Credentials credentials{{}};
  bool has_credentials = false;

  static ForwardPlan From(const config::v1::Forward& forward);
};

}  // namespace adieu::sip
