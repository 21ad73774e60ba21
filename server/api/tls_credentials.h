#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <mutex>
#include <string>

#include "server/config/read_tls.h"

namespace adieu::api {

// TLS for a server, with files that change: gRPC asks for them at each new connection, and connections that
// are there go on with what they began with. gRPC's own watcher would take files that do not belong together.
// Any thread. Must outlive the server.
class TlsCredentials : public grpc::ServerCredentials {
 public:
  // With `client_cas` a client must show a certificate that one of them signed, now and after each Change.
  explicit TlsCredentials(config::TlsFiles files);
  ~TlsCredentials() override;

  // From the next connection on.
  void Change(config::TlsFiles files);

  // Not used: who asks is found out by the Door.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override;

  static grpc_ssl_certificate_config_reload_status Fetch(void* self,
                                                         grpc_ssl_server_certificate_config** config);

  std::mutex mutex_;
  // Guarded by mutex_.
  config::TlsFiles files_;
  // Guarded by mutex_: gRPC does not have them yet.
  bool fresh_ = true;
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace adieu::api
