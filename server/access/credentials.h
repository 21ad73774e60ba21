#pragma once

#include <string>
#include <vector>

namespace adieu::access {

// What a client shows of itself with a request. A value type.
struct Credentials {
  // The values of its `authorization` metadata.
  std::vector<std::string> authorization;
  // It showed a certificate that one of `api.tls.client_ca_file` signed.
  bool has_certificate = false;
  // The certificate's subject alternative names; when it has none its common name.
  std::vector<std::string> certificate_names;
  // Where it comes from: an IP address, or `unix`.
  std::string address;
};

}  // namespace adieu::access
