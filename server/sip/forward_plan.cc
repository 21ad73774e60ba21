#include "server/sip/forward_plan.h"

#include <sofia-sip/auth_client.h>
#include <sofia-sip/msg_header.h>
#include <strings.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/base/clock.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

// The value of a parameter, without quotes.
std::string ParameterOf(const msg_auth_t& challenge, const char* name) {
  const char* value = msg_params_find(challenge.au_params, name);
  std::string_view text = value != nullptr ? value : "";
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

bool IsKnown(const msg_auth_t& challenge) {
  const std::string algorithm = ParameterOf(challenge, "algorithm=");
  return strcasecmp(challenge.au_scheme, "Digest") == 0 &&
         (algorithm.empty() || strcasecmp(algorithm.c_str(), "MD5") == 0);
}

}  // namespace

std::string Credentials::AnswerTo(const sip_t& challenge) const {
  for (const msg_auth_t* first : {challenge.sip_www_authenticate, challenge.sip_proxy_authenticate}) {
    for (const msg_auth_t* one = first; one != nullptr; one = one->au_next) {
      if (!IsKnown(*one)) continue;
      const std::string realm = ParameterOf(*one, "realm=");
      // The stack divides what it is given at quotes.
      if (realm.find_first_of("\"\\") != std::string::npos) continue;
      const auto found = std::find_if(entries_.begin(), entries_.end(),
                                      [&](const Entry& entry) { return entry.realm == realm; });
      if (found == entries_.end()) continue;
      return std::string(one->au_scheme) + ":\"" + realm + "\":" + found->username + ":" + found->password;
    }
  }
  return "";
}

ForwardPlan ForwardPlan::From(const config::v1::Forward& forward) {
  ForwardPlan plan;
  for (const std::string& uri : forward.targets()) {
    if (auto target = Target::Parse(uri)) plan.targets.push_back(std::move(*target));
  }
  plan.keep_request_uri = forward.request_uri() == config::v1::REQUEST_URI_KEEP;
  plan.no_answer =
      std::chrono::duration_cast<std::chrono::milliseconds>(base::FromDuration(forward.no_answer_timeout()));
  std::vector<Credentials::Entry> entries;
  for (const config::v1::Credential& credential : forward.credentials()) {
    entries.push_back({credential.realm(), credential.username(), credential.password()});
  }
  plan.has_credentials = !entries.empty();
  plan.credentials = Credentials(std::move(entries));
  return plan;
}

}  // namespace adieu::sip
