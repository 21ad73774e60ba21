#include <optional>
#include <string>

#include "server/base/address.h"
#include "server/config/check.h"

namespace adieu::config {
namespace {

// sun_path with its NUL.
constexpr size_t kMaxSocketPath = 107;
constexpr char kUnix[] = "unix:";

bool IsUnix(const std::string& listen) { return listen.rfind(kUnix, 0) == 0; }

std::optional<base::HostPort> CheckHostPort(const std::string& listen, const std::string& path,
                                            const char* wanted, Problems* problems) {
  const auto parts = base::ParseHostPort(listen);
  if (parts && (base::ParseIp(parts->host) || base::IsHostName(parts->host))) return parts;
  problems->Add(path, std::string("must be ") + wanted + ", is " + Quote(listen));
  return std::nullopt;
}

bool IsLoopbackHost(const std::string& host) {
  const auto ip = base::ParseIp(host);
  return ip ? base::IsLoopback(*ip) : host == "localhost";
}

void CheckSocketPath(const std::string& listen, Problems* problems) {
  const size_t length = listen.size() - (sizeof(kUnix) - 1);
  if (length > 0 && length <= kMaxSocketPath) return;
  problems->Add("api.listen",
                "must have a path of 1 to 107 bytes after `unix:`, has " + std::to_string(length));
}

void CheckTls(const v1::Api& api, Problems* problems) {
  if (!api.has_tls()) return;
  if (api.tls().certificate_file().empty()) problems->Add("api.tls.certificate_file", "is required");
  if (api.tls().private_key_file().empty()) problems->Add("api.tls.private_key_file", "is required");
}

// Off loopback nobody may listen in, and nobody may come in unasked, unless that is said.
void CheckExposed(const v1::Api& api, Problems* problems) {
  if (api.insecure()) return;
  const std::string where = "is not a loopback address: give ";
  if (!api.has_tls()) {
    problems->Add("api.listen", where + "api.tls, or api.insecure or --insecure-api to serve plaintext on " +
                                    Quote(api.listen()));
  } else if (api.tls().client_ca_file().empty() && api.tokens_file().empty()) {
    problems->Add("api.listen", where +
                                    "api.tokens_file or api.tls.client_ca_file, or api.insecure or "
                                    "--insecure-api to make an admin of whoever reaches " +
                                    Quote(api.listen()));
  }
}

}  // namespace

void CheckServing(const v1::Config& config, Problems* problems) {
  const std::string& api = config.api().listen();
  std::optional<base::HostPort> api_parts;
  if (IsUnix(api)) {
    CheckSocketPath(api, problems);
  } else {
    api_parts = CheckHostPort(api, "api.listen",
                              "host:port such as 127.0.0.1:50051 or [::1]:50051, or unix:PATH", problems);
    if (api_parts && !IsLoopbackHost(api_parts->host)) CheckExposed(config.api(), problems);
  }
  CheckTls(config.api(), problems);
  const auto metrics_parts = CheckHostPort(config.metrics().listen(), "metrics.listen",
                                           "host:port such as 127.0.0.1:9464 or [::1]:9464", problems);
  if (api_parts && metrics_parts && api_parts->port != 0 && api_parts->port == metrics_parts->port &&
      api_parts->host == metrics_parts->host) {
    problems->Add("metrics.listen", "is also the address of api.listen");
  }
}

}  // namespace adieu::config
