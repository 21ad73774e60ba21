#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace adieu::sip {

// A scripted SIP phone on a UDP socket of its own, on loopback. It sends and receives what it is told to,
// nothing by itself.
class UdpPeer {
 public:
  // The server's port on 127.0.0.1.
  explicit UdpPeer(int server_port);
  ~UdpPeer();
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  // From now on it talks to this port.
  void TalkTo(int server_port);

  void Send(const std::string& message);
  // The next message; empty when none came within 20 s.
  std::string Receive();
  // The next message that begins with `start`, others are skipped; empty when none came within 20 s.
  std::string ReceiveStarting(const std::string& start);
  // Whether anything waits already.
  bool HasMessage() const;

  int port() const { return port_; }
  int server_port() const { return server_port_; }

 private:
  int fd_;
  int port_ = 0;
  int server_port_;
};

// One call of a scripted phone, as text.
struct PhoneCall {
  PhoneCall(const UdpPeer& peer, std::string id);

  std::string Invite(const std::string& more_headers = "", const std::string& body = "") const;
  // The ACK of a non-2xx response: of the INVITE's own transaction.
  std::string AckRefusal(const std::string& response) const;
  // The ACK of a 2xx response.
  std::string AckAnswer(const std::string& response) const;
  std::string Cancel() const;
  std::string Prack(const std::string& response) const;
  std::string Bye(const std::string& response) const;

  std::string contact;
  std::string user_agent = "test";

  std::string id;
  std::string branch;
  std::string from;
  std::string uri;
  std::string via_host;
};

// The value of the first header of that name; empty: none.
std::string HeaderOf(const std::string& message, const std::string& name);
// Every value of that header.
std::vector<std::string> HeadersOf(const std::string& message, const std::string& name);
// A response to a request that was received; `status` as `486 Busy Here`, `headers` as whole lines.
std::string ResponseTo(const std::string& request, const std::string& status,
                       const std::string& headers = "");
// 200 OK to it.
std::string OkTo(const std::string& request);

}  // namespace adieu::sip
