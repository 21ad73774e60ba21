#pragma once

#include <chrono>
#include <string>

#include "adieu/config/v1/config.pb.h"
#include "server/base/error.h"
#include "server/config/origins.h"

namespace adieu::config {

// What the files of `api.tls` hold, in PEM: good, and the key goes with the certificate.
struct TlsFiles {
  // The server's certificate and its chain.
  std::string certificates;
  // Secret.
  std::string private_key;
  // Empty: clients need no certificate.
  std::string client_cas;
  // When the first of `certificates` ends. May be over.
  std::chrono::system_clock::time_point end;

  bool operator==(const TlsFiles&) const = default;
};

// CONFIG_INVALID with every file that is no good (problems.h). `tls` is complete and checked. Reads the
// files, blocking.
base::Result<TlsFiles> ReadTls(const v1::ApiTls& tls, const Origins& origins);

}  // namespace adieu::config
