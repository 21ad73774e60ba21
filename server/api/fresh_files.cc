#include "server/api/fresh_files.h"

#include <chrono>
#include <utility>
#include <vector>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/config/origins.h"
#include "server/config/read_access.h"

namespace adieu::api {
namespace {

constexpr std::chrono::milliseconds kPause{500};

}  // namespace

FreshFiles::FreshFiles(config::v1::Api api, std::optional<config::TlsFiles> tls,
                       std::optional<config::v1::Access> access, access::Door* door,
                       TlsCredentials* credentials, metrics::Metrics* metrics)
    : api_(std::move(api)),
      door_(door),
      credentials_(credentials),
      metrics_(metrics),
      tls_(std::move(tls)),
      access_(std::move(access)) {
  std::vector<config::FileWatch::Group> groups;
  if (tls_) {
    UseTls(*tls_);
    std::vector<std::string> files = {api_.tls().certificate_file(), api_.tls().private_key_file()};
    if (!api_.tls().client_ca_file().empty()) files.push_back(api_.tls().client_ca_file());
    groups.push_back({.files = [files] { return files; }, .read = [this] { return ReadTls(); }});
  }
  if (access_) {
    groups.push_back({.files = [this] { return AccessFiles(); }, .read = [this] { return ReadAccess(); }});
  }
  if (!groups.empty()) watch_.emplace(std::move(groups), kPause);
}

bool FreshFiles::ReadTls() {
  auto tls = config::ReadTls(api_.tls(), config::Origins());
  if (!tls.ok()) return Refuse(tls.error(), &tls_error_);
  tls_error_.clear();
  if (*tls == *tls_) return true;
  credentials_->Change(*tls);
  UseTls(*tls);
  tls_ = *std::move(tls);
  return true;
}

void FreshFiles::UseTls(const config::TlsFiles& tls) {
  metrics_->SetCertificateExpiry("api", tls.end);
  const std::string end = base::FormatTime(tls.end);
  if (tls.end <= std::chrono::system_clock::now()) {
    base::LogWarn("api certificate in use has ended", {{"end", end}});
  } else {
    base::LogInfo("api certificate in use", {{"end", end}});
  }
}

bool FreshFiles::ReadAccess() {
  auto access = config::ReadAccess(api_.tokens_file(), !api_.tls().client_ca_file().empty());
  if (!access.ok()) return Refuse(access.error(), &access_error_);
  access_error_.clear();
  if (access->SerializeAsString() == access_->SerializeAsString()) return true;
  door_->Change(*access);
  access_ = *std::move(access);
  base::LogInfo("api tokens in use", {{"tokens", access_->tokens_size()},
                                      {"issuers", access_->issuers_size()},
                                      {"certificates", access_->certificates_size()}});
  return true;
}

std::vector<std::string> FreshFiles::AccessFiles() const {
  std::vector<std::string> files = {api_.tokens_file()};
  for (const config::v1::TokenIssuer& issuer : access_->issuers()) {
    for (const config::v1::TokenKey& key : issuer.keys()) files.push_back(key.file());
  }
  return files;
}

bool FreshFiles::Refuse(const base::Error& error, std::string* told) {
  // It is tried again and again.
  if (*told == error.message) return false;
  *told = error.message;
  base::LogError("api files refused, the old ones count on", {{"error", error.message}});
  return false;
}

}  // namespace adieu::api
