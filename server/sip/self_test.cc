#include "server/sip/self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "server/base/id.h"
#include "server/sip/tls_stream.h"

namespace adieu::sip {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr su_duration_t kStep = 20;

const char* ViaTransport(const ListenAddress& address) {
  if (address.tls) return "TLS ";
  return address.udp ? "UDP " : "TCP ";
}

std::string OptionsRequest(const ListenAddress& address) {
  const std::string id = base::NewId();
  const std::string uri = "sip:" + address.host + ":" + std::to_string(address.port);
  return "OPTIONS " + uri + " SIP/2.0\r\nVia: SIP/2.0/" + ViaTransport(address) + address.host +
         ";branch=z9hG4bK" + id + ";rport\r\nFrom: <" + uri + ">;tag=" + id + "\r\nTo: <" + uri +
         ">\r\nCall-ID: " + id + "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n";
}

// A socket that is connected to the listener, or -1.
int Connect(const ListenAddress& address) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (address.host.starts_with('[')) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(static_cast<uint16_t>(address.port));
    inet_pton(AF_INET6, address.host.substr(1, address.host.size() - 2).c_str(), &in6->sin6_addr);
    length = sizeof *in6;
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(static_cast<uint16_t>(address.port));
    inet_pton(AF_INET, address.host.c_str(), &in->sin_addr);
    length = sizeof *in;
  }
  const int fd = socket(storage.ss_family, (address.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&storage), length) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

// The client's side of TLS over a socket.
class TlsClient {
 public:
  explicit TlsClient(int fd)
      : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
        connection_(SSL_new(context_.get()), &SSL_free) {
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
    TrustTlsFrom(own);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    SSL_set_fd(connection_.get(), fd);
  }
  ~TlsClient() { TrustTlsFrom({}); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Goes on with the handshake and sends `text`, once. True: it is sent.
  bool Send(const std::string& text) {
    sent_ = sent_ || (SSL_connect(connection_.get()) == 1 &&
                      SSL_write(connection_.get(), text.data(), static_cast<int>(text.size())) > 0);
    ERR_clear_error();
    return sent_;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> connection_;
  bool sent_ = false;
};

}  // namespace

std::optional<std::string> ProveTap(su_root_t* root, const ListenAddress& address,
                                    const std::function<bool()>& seen) {
  const int fd = Connect(address);
  const std::string request = OptionsRequest(address);
  const auto send_plainly = [&] {
    return send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
  };
  if (fd < 0 || (!address.tls && !send_plainly())) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) close(fd);
    return "cannot send to " + address.Text() + ": " + why;
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::optional<TlsClient> tls;
  if (address.tls) tls.emplace(fd);
  while (!seen() && std::chrono::steady_clock::now() < deadline) {
    if (tls) tls->Send(request);
    su_root_step(root, kStep);
  }
  tls.reset();
  close(fd);
  if (seen()) return std::nullopt;
  return "the wire tap does not see the messages of " + address.Text();
}

}  // namespace adieu::sip
