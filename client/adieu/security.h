#pragma once

#include <functional>
#include <string>

namespace adieu::client {

// How a client knows its server, and says who it is.
struct Security {
  // TLS instead of plaintext.
  bool tls = false;
  // The CAs that the server's certificate may come from, PEM. Empty: those of the system.
  std::string cas = {};
  // The client's own certificate with its chain, and its key, PEM. Empty: it shows none.
  std::string certificate = {};
  std::string private_key = {};
  // The name that the server's certificate must have. Empty: the host of the address.
  std::string server_name = {};
  // Gives the token to send with a request; called for each one, by the thread that makes it. Empty: no token
  // is sent. In plaintext the token can be read on the way.
  std::function<std::string()> token = {};
};

}  // namespace adieu::client
