#include "tests/unit/sip/udp_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace adieu::sip {
namespace {

constexpr std::chrono::milliseconds kPatience{20000};

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

UdpPeer::UdpPeer(int server_port)
    : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), server_port_(server_port) {
  const int buffer = 4 << 20;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  const sockaddr_in any = Loopback(0);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) std::abort();
  TalkTo(server_port);
  sockaddr_in bound{};
  socklen_t length = sizeof bound;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &length);
  port_ = ntohs(bound.sin_port);
}

UdpPeer::~UdpPeer() { close(fd_); }

void UdpPeer::TalkTo(int server_port) {
  server_port_ = server_port;
  const sockaddr_in server = Loopback(server_port);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) std::abort();
}

void UdpPeer::Send(const std::string& message) { send(fd_, message.data(), message.size(), MSG_NOSIGNAL); }

std::string UdpPeer::Receive() {
  pollfd poller{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&poller, 1, static_cast<int>(kPatience.count())) != 1) return "";
  char buffer[65536];
  const ssize_t length = recv(fd_, buffer, sizeof buffer, 0);
  return length > 0 ? std::string(buffer, static_cast<size_t>(length)) : "";
}

std::string UdpPeer::ReceiveStarting(const std::string& start) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    std::string message = Receive();
    if (message.empty() || message.starts_with(start)) return message;
  }
  return "";
}

bool UdpPeer::HasMessage() const {
  pollfd poller{.fd = fd_, .events = POLLIN, .revents = 0};
  return poll(&poller, 1, 0) == 1;
}

PhoneCall::PhoneCall(const UdpPeer& peer, std::string call_id)
    : contact("<sip:alice@127.0.0.1:" + std::to_string(peer.port()) + ">"),
      id(std::move(call_id)),
      branch("z9hG4bK-" + id),
      from("\"Alice\" <sip:alice@example.org>;tag=from-" + id),
      uri("sip:bob@127.0.0.1:" + std::to_string(peer.server_port())),
      via_host("127.0.0.1:" + std::to_string(peer.port())) {}

std::string PhoneCall::Invite(const std::string& more_headers, const std::string& body) const {
  std::string text = "INVITE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
                     "\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: <" + uri + ">\r\nCall-ID: " + id +
                     "\r\nCSeq: 1 INVITE\r\n";
  if (!contact.empty()) text += "Contact: " + contact + "\r\n";
  if (!user_agent.empty()) text += "User-Agent: " + user_agent + "\r\n";
  text += more_headers;
  if (!body.empty()) text += "Content-Type: application/sdp\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string PhoneCall::AckRefusal(const std::string& response) const {
  return "ACK " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
         "\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + HeaderOf(response, "To") +
         "\r\nCall-ID: " + id + "\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n";
}

std::string PhoneCall::AckAnswer(const std::string& response) const {
  return "ACK " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
         "-ack\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + HeaderOf(response, "To") +
         "\r\nCall-ID: " + id + "\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n";
}

std::string PhoneCall::Cancel() const {
  return "CANCEL " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
         "\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: <" + uri + ">\r\nCall-ID: " + id +
         "\r\nCSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n";
}

std::string PhoneCall::Prack(const std::string& response) const {
  return "PRACK " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
         "-prack\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + HeaderOf(response, "To") +
         "\r\nCall-ID: " + id + "\r\nCSeq: 2 PRACK\r\nRAck: " + HeaderOf(response, "RSeq") +
         " 1 INVITE\r\nContent-Length: 0\r\n\r\n";
}

std::string PhoneCall::Bye(const std::string& response) const {
  return "BYE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + via_host + ";branch=" + branch +
         "-bye\r\nMax-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + HeaderOf(response, "To") +
         "\r\nCall-ID: " + id + "\r\nCSeq: 3 BYE\r\nContent-Length: 0\r\n\r\n";
}

std::vector<std::string> HeadersOf(const std::string& message, const std::string& name) {
  std::vector<std::string> values;
  for (size_t at = message.find("\r\n"); at != std::string::npos; at = message.find("\r\n", at)) {
    at += 2;
    if (message.compare(at, 2, "\r\n") == 0) break;
    if (strncasecmp(message.c_str() + at, (name + ":").c_str(), name.size() + 1) != 0) continue;
    size_t begin = at + name.size() + 1;
    while (begin < message.size() && message[begin] == ' ') ++begin;
    values.push_back(message.substr(begin, message.find("\r\n", begin) - begin));
  }
  return values;
}

std::string HeaderOf(const std::string& message, const std::string& name) {
  const std::vector<std::string> values = HeadersOf(message, name);
  return values.empty() ? "" : values.front();
}

std::string ResponseTo(const std::string& request, const std::string& status, const std::string& headers) {
  std::string text = "SIP/2.0 " + status + "\r\n";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    text += std::string(name) + ": " + HeaderOf(request, name);
    const bool tagless = std::string(name) == "To" && text.find(";tag=", text.rfind("To: ")) == text.npos;
    text += tagless ? ";tag=callee\r\n" : "\r\n";
  }
  return text + headers + "Content-Length: 0\r\n\r\n";
}

std::string OkTo(const std::string& request) { return ResponseTo(request, "200 OK"); }

}  // namespace adieu::sip
