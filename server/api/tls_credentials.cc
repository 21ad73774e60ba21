#include "server/api/tls_credentials.h"

#include <grpc/grpc.h>

#include <utility>

namespace adieu::api {

TlsCredentials::TlsCredentials(config::TlsFiles files) : files_(std::move(files)) {
  const auto request = files_.client_cas.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                 : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  credentials_ = grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(request, &Fetch, this));
}

TlsCredentials::~TlsCredentials() { grpc_server_credentials_release(credentials_); }

void TlsCredentials::Change(config::TlsFiles files) {
  std::lock_guard lock(mutex_);
  files_ = std::move(files);
  fresh_ = true;
}

int TlsCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  return grpc_server_add_http2_port(server, address.c_str(), credentials_);
}

grpc_ssl_certificate_config_reload_status TlsCredentials::Fetch(void* self,
                                                                grpc_ssl_server_certificate_config** config) {
  auto* const credentials = static_cast<TlsCredentials*>(self);
  std::lock_guard lock(credentials->mutex_);
  if (!credentials->fresh_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const config::TlsFiles& files = credentials->files_;
  const grpc_ssl_pem_key_cert_pair pair = {.private_key = files.private_key.c_str(),
                                           .cert_chain = files.certificates.c_str()};
  // gRPC wants CAs also where no client is asked for a certificate.
  const std::string& cas = files.client_cas.empty() ? files.certificates : files.client_cas;
  *config = grpc_ssl_server_certificate_config_create(cas.c_str(), &pair, 1);
  credentials->fresh_ = false;
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace adieu::api
