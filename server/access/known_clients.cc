#include "server/access/known_clients.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "server/access/jwt.h"
#include "server/base/clock.h"

namespace adieu::access {
namespace {

using metrics::ApiDenial;

// JSON Web Tokens that are remembered.
constexpr size_t kMaxVerified = 10'000;

std::string Sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned size = 0;
  // It fails only without memory; the hash is then one that nobody has.
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

// RFC 6750 2.1, with the name of the scheme in any case (RFC 9110 11.1). Empty: the metadata has another
// form.
std::string TokenOf(const Credentials& credentials) {
  constexpr std::string_view kScheme = "bearer ";
  if (credentials.authorization.size() != 1) return "";
  const std::string& value = credentials.authorization.front();
  const bool is_bearer =
      value.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char wanted, char given) {
        return wanted == (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given);
      });
  return is_bearer ? value.substr(kScheme.size()) : "";
}

}  // namespace

KnownClients::KnownClients(config::v1::Access access) : access_(std::move(access)) {
  for (const config::v1::StaticToken& token : access_.tokens()) {
    Caller caller{.principal = "token:" + token.name(), .role = token.role()};
    if (token.has_expire_time()) caller.end = base::FromTimestamp(token.expire_time());
    tokens_.emplace(token.sha256(), std::move(caller));
  }
  for (const config::v1::ClientCertificate& certificate : access_.certificates()) {
    certificates_.emplace(certificate.name(), Caller{.principal = "certificate:" + certificate.name(),
                                                     .role = certificate.role()});
  }
}

std::optional<KnownClients::Answer> KnownClients::Find(const Credentials& credentials, Time now) {
  if (credentials.authorization.empty()) {
    for (const std::string& name : credentials.certificate_names) {
      const auto known = certificates_.find(name);
      if (known != certificates_.end()) return known->second;
    }
    return ApiDenial::kCredentialsMissing;
  }
  const std::string token = TokenOf(credentials);
  if (token.empty()) return ApiDenial::kTokenUnknown;
  const std::string hash = Sha256(token);
  if (const auto known = tokens_.find(hash); known != tokens_.end()) {
    if (now >= known->second.end) return ApiDenial::kTokenExpired;
    return known->second;
  }
  if (access_.issuers().empty()) return ApiDenial::kTokenUnknown;
  std::lock_guard lock(mutex_);
  const auto verified = verified_.find(hash);
  if (verified == verified_.end()) return std::nullopt;
  if (now < verified->second.end) return verified->second;
  verified_.erase(verified);
  return ApiDenial::kTokenExpired;
}

KnownClients::Answer KnownClients::Verify(const Credentials& credentials, Time now) {
  const std::string token = TokenOf(credentials);
  Answer answer = ReadJwt(token, access_.issuers(), now);
  if (const auto* caller = std::get_if<Caller>(&answer)) Remember(Sha256(token), *caller, now);
  return answer;
}

void KnownClients::Remember(const std::string& hash, const Caller& caller, Time now) {
  std::lock_guard lock(mutex_);
  if (verified_.size() >= kMaxVerified) {
    std::erase_if(verified_, [&](const auto& entry) { return entry.second.end <= now; });
  }
  if (verified_.size() >= kMaxVerified) verified_.clear();
  verified_.emplace(hash, caller);
}

}  // namespace adieu::access
