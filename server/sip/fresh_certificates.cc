#include "server/sip/fresh_certificates.h"

#include <chrono>
#include <utility>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/config/origins.h"
#include "server/config/pem.h"
#include "server/config/read_sip_tls.h"

namespace adieu::sip {
namespace {

constexpr std::chrono::milliseconds kPause{500};

std::vector<std::string> FilesOf(const config::v1::ListenerTls& tls) {
  std::vector<std::string> files = {tls.certificate_dir() + "/" + config::kAgentPem};
  if (tls.require_client_certificate()) files.push_back(tls.certificate_dir() + "/" + config::kCafilePem);
  return files;
}

}  // namespace

FreshCertificates::FreshCertificates(const config::v1::Sip& sip,
                                     std::vector<std::shared_ptr<TlsIdentity>> identities,
                                     metrics::Metrics& metrics)
    : metrics_(metrics) {
  std::vector<config::FileWatch::Group> groups;
  for (int i = 0; i < sip.listeners_size(); ++i) {
    auto& identity = identities[static_cast<size_t>(i)];
    if (identity == nullptr) continue;
    Use(sip.listeners(i));
    Watched* const watched =
        watched_
            .emplace_back(std::make_unique<Watched>(
                Watched{.listener = sip.listeners(i), .identity = std::move(identity), .error = ""}))
            .get();
    groups.push_back({.files = [watched] { return FilesOf(watched->listener.tls()); },
                      .read = [this, watched] { return Read(watched); }});
  }
  if (!groups.empty()) watch_.emplace(std::move(groups), kPause);
}

bool FreshCertificates::Read(Watched* watched) {
  config::v1::Listener fresh = watched->listener;
  const config::Origins origins;
  config::Problems problems(origins);
  config::ReadListenerTls("sip.listeners." + fresh.name() + ".tls", fresh.mutable_tls(), &problems);
  std::optional<base::Error> error;
  if (!problems.empty()) {
    error = problems.ToError();
  } else if (fresh.SerializeAsString() != watched->listener.SerializeAsString()) {
    error = watched->identity->Change(fresh.tls());
    if (!error) {
      Use(fresh);
      watched->listener = std::move(fresh);
    }
  }
  // It is tried again and again.
  if (error && watched->error != error->message) {
    base::LogError("sip certificate refused, the old one counts on",
                   {{"listener", watched->listener.name()}, {"error", error->message}});
  }
  watched->error = error ? error->message : "";
  return !error;
}

void FreshCertificates::Use(const config::v1::Listener& listener) {
  const auto end = config::CertificatesEnd(listener.tls().agent_pem());
  if (!end.ok()) return;
  metrics_.SetCertificateExpiry("sip:" + listener.name(), *end);
  const std::string text = base::FormatTime(*end);
  if (*end <= std::chrono::system_clock::now()) {
    base::LogWarn("sip certificate in use has ended", {{"listener", listener.name()}, {"end", text}});
  } else {
    base::LogInfo("sip certificate in use", {{"listener", listener.name()}, {"end", text}});
  }
}

}  // namespace adieu::sip
