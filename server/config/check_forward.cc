#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "server/base/address.h"
#include "server/base/sip_target.h"
#include "server/base/utf8.h"
#include "server/config/check.h"

namespace adieu::config {
namespace {

constexpr int kMaxTargets = 16;
constexpr int kMaxCredentials = 16;
constexpr size_t kMaxRealm = 256;
constexpr size_t kMaxUsername = 256;
constexpr int kDefaultPort = 5060;

std::string Item(const std::string& path, int i) { return path + "[" + std::to_string(i) + "]"; }

// The listener with exactly this address; -1: none.
int FindListener(const base::SipTarget& target, const v1::Sip& sip) {
  const auto ip = base::ParseIp(target.host);
  if (!ip) return -1;
  const int port = target.port == 0 ? kDefaultPort : target.port;
  for (int i = 0; i < sip.listeners_size(); ++i) {
    const auto own = base::ParseHostPort(sip.listeners(i).address());
    const auto own_ip = own ? base::ParseIp(own->host) : std::nullopt;
    if (own_ip && own->port == port && base::Unmapped(*own_ip) == base::Unmapped(*ip)) return i;
  }
  return -1;
}

void CheckTarget(const std::string& text, const v1::Sip& sip, const std::string& path, Problems* problems) {
  const auto target = base::ParseSipTarget(text);
  if (!target.ok()) {
    problems->Add(path, target.error().message);
  } else if (const int own = FindListener(*target, sip); own >= 0) {
    problems->Add(path, "points at this server: it is the address of " + Item("sip.listeners", own));
  }
}

void CheckTargets(const v1::Forward& forward, const v1::Sip& sip, const std::string& path,
                  Problems* problems) {
  if (forward.targets().empty()) problems->Add(path, "is required");
  if (forward.targets_size() > kMaxTargets) {
    problems->Add(path, "must be at most " + std::to_string(kMaxTargets) + ", are " +
                            std::to_string(forward.targets_size()));
    return;
  }
  for (int i = 0; i < forward.targets_size(); ++i) {
    CheckTarget(forward.targets(i), sip, Item(path, i), problems);
  }
}

void CheckUsername(const std::string& username, const std::string& path, Problems* problems) {
  if (username.empty()) {
    problems->Add(path, "is required");
  } else if (username.size() > kMaxUsername || username.find_first_of("\"\\:") != std::string::npos ||
             base::HasControl(username)) {
    problems->Add(path, "must be at most " + std::to_string(kMaxUsername) +
                            " bytes without `\"`, `\\`, `:` and control characters, is " + Quote(username));
  }
}

void CheckCredentials(const v1::Forward& forward, const std::string& path, Problems* problems) {
  if (forward.credentials_size() > kMaxCredentials) {
    problems->Add(path, "must be at most " + std::to_string(kMaxCredentials) + ", are " +
                            std::to_string(forward.credentials_size()));
    return;
  }
  if (!forward.credentials().empty() && forward.request_uri() == v1::REQUEST_URI_KEEP) {
    problems->Add(path, "cannot be given together with request_uri KEEP, which leaves digest to the caller");
  }
  std::map<std::string, int> realms;
  for (int i = 0; i < forward.credentials_size(); ++i) {
    const v1::Credential& credential = forward.credentials(i);
    const std::string item = Item(path, i);
    const auto [same, is_new] = realms.emplace(credential.realm(), i);
    if (credential.realm().empty()) {
      problems->Add(item + ".realm", "is required");
    } else if (credential.realm().size() > kMaxRealm) {
      problems->Add(item + ".realm", "must be at most " + std::to_string(kMaxRealm) + " bytes, is " +
                                         std::to_string(credential.realm().size()));
    } else if (!is_new) {
      problems->Add(item + ".realm", "is also the realm of " + Item(path, same->second));
    }
    CheckUsername(credential.username(), item + ".username", problems);
    if (credential.password_file().empty()) problems->Add(item + ".password_file", "is required");
  }
}

}  // namespace

void CheckForward(const v1::Forward& forward, const v1::Sip& sip, const std::string& path,
                  Problems* problems) {
  CheckTargets(forward, sip, path + ".targets", problems);
  CheckDuration(forward.no_answer_timeout(), std::chrono::milliseconds(500), std::chrono::minutes(1),
                path + ".no_answer_timeout", problems);
  CheckDuration(forward.ring_timeout(), std::chrono::seconds(1), std::chrono::hours(1),
                path + ".ring_timeout", problems);
  CheckCredentials(forward, path + ".credentials", problems);
}

void CheckRedirect(const std::string& redirect, const v1::Sip& sip, Problems* problems) {
  constexpr char kPath[] = "drain.redirect";
  if (redirect.empty()) return;
  CheckTarget(redirect, sip, kPath, problems);
  const auto target = base::ParseSipTarget(redirect);
  if (target.ok() && !target->user.empty()) problems->Add(kPath, "must have no user part");
}

}  // namespace adieu::config
