#pragma once

#include <optional>
#include <string>

#include "adieu/config/v1/access.pb.h"
#include "adieu/config/v1/config.pb.h"
#include "server/access/door.h"
#include "server/api/tls_credentials.h"
#include "server/base/error.h"
#include "server/config/file_watch.h"
#include "server/config/read_tls.h"
#include "server/metrics/metrics.h"

namespace adieu::api {

// Reads the files of the API again when they change, the certificate and its key apart from the tokens: what
// is good is put to use at once, what is not is logged, and the old one counts on. Owns a thread (FileWatch).
// Owned by Server; what it is given must outlive it.
class FreshFiles {
 public:
  // `tls` and `access`: what is in use. `door` and `credentials` get the new ones; null: without TLS.
  FreshFiles(config::v1::Api api, std::optional<config::TlsFiles> tls,
             std::optional<config::v1::Access> access, access::Door* door, TlsCredentials* credentials,
             metrics::Metrics* metrics);

 private:
  // True: they are good, and in use.
  bool ReadTls();
  bool ReadAccess();
  std::vector<std::string> AccessFiles() const;
  bool Refuse(const base::Error& error, std::string* told);
  void UseTls(const config::TlsFiles& tls);

  const config::v1::Api api_;
  access::Door* const door_;
  TlsCredentials* const credentials_;
  metrics::Metrics* const metrics_;
  // In use. Belong to the thread, as all below, once it runs.
  std::optional<config::TlsFiles> tls_;
  std::optional<config::v1::Access> access_;
  // The error that was logged last; empty: they were good.
  std::string tls_error_;
  std::string access_error_;
  std::optional<config::FileWatch> watch_;
};

}  // namespace adieu::api
