#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <string>

struct sip_s;
struct tport_s;

namespace adieu::sip {

// The wire tap: own versions of the library's tport_tsend and tport_deliver, defined in this executable,
// through which every SIP message passes in both directions, retransmissions and what the stack answers by
// itself included; and of tport_register_secondary, tport_close and tport_zap_secondary, for the connections.
// They hand on to the originals. One listener per thread: what a thread's stack sends and
// receives is told to the listener of that thread, synchronously.

// One message, valid during the call only.
struct WireMessage {
  // The parsed form; never null.
  const sip_s* sip;
  // Where it came from or went to: `192.0.2.1:5060`, `[2001:db8::1]:5060`.
  const sockaddr_storage* address;
  // `udp`, `tcp` or `tls`.
  const char* transport;
  // The library's transport that it came or went by.
  tport_s* tport;
  // The own address where it was received; null for one that is sent.
  const sockaddr* local = nullptr;
};

// What becomes of a received message.
enum class Passage {
  // The stack sees it next.
  kOn,
  // It does not.
  kDropped,
  // Not yet: it is received once more by DeliverKept.
  kKept,
};

// What is told.
class WireListener {
 public:
  virtual ~WireListener() = default;

  // May a message from this source be looked at at all? False drops it before any state exists.
  virtual bool Admits(const sockaddr_storage& source) = 0;
  // A message was received.
  virtual Passage OnReceived(const WireMessage& message) = 0;
  // A message that the parser could not read was received.
  virtual void OnMalformed() = 0;
  // A stream of which nothing more is read: what came is too large, or no SIP.
  virtual void OnBroken(tport_s* connection) = 0;
  // A peer opened a connection. Messages that come by it have it as their `tport`.
  virtual void OnConnected(tport_s* connection) = 0;
  // It, or one that we opened, is being closed.
  virtual void OnClosed(tport_s* connection) = 0;
  // May a message leave? False: the stack takes it for sent, and nothing more is told of it.
  virtual bool Sends(const sip_s& sip) = 0;
  // A message was handed to the transport.
  virtual void OnSent(const WireMessage& message) = 0;
};

// Makes `listener` the one of the calling thread; nullptr: none. The caller owns it.
void SetWireListener(WireListener* listener);

// Messages that are kept at a time; further ones are dropped.
inline constexpr size_t kMaxKeptMessages = 10'000;

// Receives what was kept on this thread, in the order of coming.
void DeliverKept();

// Forgets it.
void DropKept();

// Gives the stack a message as if it had come by this transport from this address, `192.0.2.1:5060`. The
// listener is not told. False: the text or the address is none.
bool Deliver(tport_s* tport, const std::string& text, const std::string& from);

// `192.0.2.1:5060`, `[2001:db8::1]:5060`; empty for another family.
std::string FormatAddress(const sockaddr_storage& address);

}  // namespace adieu::sip
