#include "server/access/door.h"

#include <utility>
#include <variant>

#include "server/access/denial.h"
#include "server/base/address.h"
#include "server/base/log.h"
#include "server/base/utf8.h"

namespace adieu::access {
namespace {

using metrics::ApiDenial;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr size_t kMaxName = 256;
// Refusals are logged so often at most.
constexpr std::chrono::seconds kLogPause{1};

constexpr int kClientBits = 64;
// Of one address. To find out takes up to a millisecond each.
constexpr uint32_t kFailuresPerSecond = 100;

std::string NetworkOf(const std::string& address) {
  const auto ip = base::ParseIp(address);
  if (!ip || ip->version == 4) return address;
  return base::Network{*ip, kClientBits}.Canonical().ToString();
}

// Everyone is an admin.
Caller Anyone(const Credentials& credentials) {
  Caller caller{.role = v1::ROLE_ADMIN};
  if (!credentials.has_certificate) return caller;
  caller.principal = "certificate:";
  for (const std::string& name : credentials.certificate_names) {
    if (name.empty() || name.size() > kMaxName || base::HasControl(name) || !base::IsUtf8(name)) continue;
    caller.principal += name;
    break;
  }
  return caller;
}

}  // namespace

Door::Door(Options options, std::optional<config::v1::Access> access, metrics::Metrics* metrics)
    : metrics_(metrics),
      rates_(options.requests_per_second),
      failures_(kFailuresPerSecond),
      watchers_(options.watchers) {
  if (access) known_ = std::make_shared<KnownClients>(*std::move(access));
}

void Door::Change(config::v1::Access access) {
  auto known = std::make_shared<KnownClients>(std::move(access));
  {
    std::lock_guard lock(mutex_);
    known_ = std::move(known);
  }
  ++changes_;
}

std::shared_ptr<KnownClients> Door::Known() const {
  std::lock_guard lock(mutex_);
  return known_;
}

base::Result<Caller> Door::Enter(const Credentials& credentials) {
  const auto known = Known();
  const auto now = system_clock::now();
  std::optional<KnownClients::Answer> answer;
  if (known == nullptr) {
    answer = Anyone(credentials);
  } else {
    answer = known->Find(credentials, now);
  }
  const auto* caller = answer ? std::get_if<Caller>(&*answer) : nullptr;
  const std::string client = ClientOf(caller != nullptr ? *caller : Caller(), credentials);
  auto wait = rates_.Take(client, steady_clock::now());
  if (!wait && !answer) wait = failures_.Wait(client, steady_clock::now());
  if (wait) return Refuse(ToError(ApiDenial::kRateLimited, wait), ApiDenial::kRateLimited, client);
  if (!answer) answer = known->Verify(credentials, now);
  if (const auto* denial = std::get_if<ApiDenial>(&*answer)) {
    if (*denial == ApiDenial::kTokenSignature) failures_.Take(client, steady_clock::now());
    return Refuse(*denial, credentials.address);
  }
  return std::get<Caller>(*std::move(answer));
}

base::Result<Caller> Door::Reenter(const Credentials& credentials, const Caller& before) {
  const auto known = Known();
  if (known == nullptr) return before;
  const auto now = system_clock::now();
  auto answer = known->Find(credentials, now);
  if (!answer) answer = known->Verify(credentials, now);
  if (const auto* denial = std::get_if<ApiDenial>(&*answer)) return Refuse(*denial, before.principal);
  auto& caller = std::get<Caller>(*answer);
  if (caller.principal != before.principal) return Refuse(ApiDenial::kTokenUnknown, before.principal);
  return std::move(caller);
}

base::Error Door::Refuse(ApiDenial denial, const std::string& who) {
  return Refuse(ToError(denial), denial, who);
}

base::Error Door::RefuseRole(const Caller& caller, v1::Role least) {
  return Refuse(RoleTooLow(caller.role, least), ApiDenial::kRoleTooLow, caller.principal);
}

base::Error Door::Refuse(base::Error error, ApiDenial denial, const std::string& who) {
  metrics_->ApiDenied(denial);
  uint64_t unlogged = 0;
  {
    std::lock_guard lock(mutex_);
    ++unlogged_;
    const auto now = steady_clock::now();
    if (now - logged_at_ < kLogPause) return error;
    logged_at_ = now;
    unlogged = std::exchange(unlogged_, 0);
  }
  base::LogWarn("api request denied",
                {{"reason", error.reason}, {"client", who}, {"denied_since_last_line", unlogged}});
  return error;
}

std::string ClientOf(const Caller& caller, const Credentials& credentials) {
  return caller.principal == kAnonymous ? NetworkOf(credentials.address) : caller.principal;
}

}  // namespace adieu::access
