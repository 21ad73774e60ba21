#include "server/config/read_sip_tls.h"

#include <utility>

#include "server/config/pem.h"
#include "server/config/read_file.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

// Nothing, and a problem, when it cannot be read or has no certificates.
std::optional<std::string> ReadCertificates(const std::string& directory, const std::string& file,
                                            const std::string& key, Problems* problems) {
  auto text = ReadFile(directory + "/" + file, kMaxBytes);
  if (!text.ok()) {
    problems->Add(key, file + ": " + text.error().message);
    return std::nullopt;
  }
  if (const auto end = CertificatesEnd(*text); !end.ok()) {
    problems->Add(key, file + " " + end.error().message);
    return std::nullopt;
  }
  return *std::move(text);
}

}  // namespace

void ReadListenerTls(const std::string& path, v1::ListenerTls* tls, Problems* problems) {
  const std::string key = path + ".certificate_dir";
  if (auto agent = ReadCertificates(tls->certificate_dir(), kAgentPem, key, problems)) {
    if (CheckPrivateKey(*agent, *agent)) {
      problems->Add(
          key, std::string(kAgentPem) + " must have the key, without a passphrase, of its first certificate");
    }
    tls->set_agent_pem(*std::move(agent));
  }
  if (!tls->require_client_certificate()) return;
  if (auto cas = ReadCertificates(tls->certificate_dir(), kCafilePem, key, problems)) {
    tls->set_cafile_pem(*std::move(cas));
  }
}

std::optional<base::Error> ReadSipTls(const Origins& origins, v1::Config* config) {
  Problems problems(origins);
  for (int i = 0; i < config->sip().listeners_size(); ++i) {
    v1::Listener& listener = *config->mutable_sip()->mutable_listeners(i);
    if (!listener.has_tls()) continue;
    ReadListenerTls("sip.listeners[" + std::to_string(i) + "].tls", listener.mutable_tls(), &problems);
  }
  if (problems.empty()) return std::nullopt;
  return problems.ToError();
}

}  // namespace adieu::config
