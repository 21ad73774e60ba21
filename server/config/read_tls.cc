#include "server/config/read_tls.h"

#include <optional>
#include <utility>

#include "server/config/pem.h"
#include "server/config/problems.h"
#include "server/config/read_file.h"

namespace adieu::config {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

// Empty, and a problem, when it cannot be read.
std::string Read(const std::string& file, const std::string& key, Problems* problems) {
  auto text = ReadFile(file, kMaxBytes);
  if (text.ok()) return *std::move(text);
  problems->Add(key, text.error().message);
  return "";
}

void Refuse(const std::string& file, const std::string& key, const base::Error& why, Problems* problems) {
  problems->Add(key, "the file " + Quote(file) + " " + why.message);
}

}  // namespace

base::Result<TlsFiles> ReadTls(const v1::ApiTls& tls, const Origins& origins) {
  Problems problems(origins);
  TlsFiles files;
  files.certificates = Read(tls.certificate_file(), "api.tls.certificate_file", &problems);
  files.private_key = Read(tls.private_key_file(), "api.tls.private_key_file", &problems);
  if (!tls.client_ca_file().empty()) {
    files.client_cas = Read(tls.client_ca_file(), "api.tls.client_ca_file", &problems);
  }
  if (!problems.empty()) return problems.ToError();

  const auto end = CertificatesEnd(files.certificates);
  if (!end.ok()) {
    Refuse(tls.certificate_file(), "api.tls.certificate_file", end.error(), &problems);
  } else if (const auto wrong = CheckPrivateKey(files.private_key, files.certificates)) {
    Refuse(tls.private_key_file(), "api.tls.private_key_file", *wrong, &problems);
  } else {
    files.end = *end;
  }
  if (!tls.client_ca_file().empty()) {
    const auto ca_end = CertificatesEnd(files.client_cas);
    if (!ca_end.ok()) Refuse(tls.client_ca_file(), "api.tls.client_ca_file", ca_end.error(), &problems);
  }
  if (!problems.empty()) return problems.ToError();
  return files;
}

}  // namespace adieu::config
