#pragma once

#include <cstdint>
#include <string>

struct sip_s;

namespace adieu::sip {

// Where requests go. Our own version of the library's nta_outgoing_mcreate, defined in this executable under
// the library's name as the wire tap is, asks the next hop of each request from whoever made it: the library
// looks up no name by itself (Debian's lacks the fixes for its DNS crashes), a Request-URI can stay what it
// is while the request goes elsewhere, and no Route shows it. It also lets requests go on from those of
// another process (replay.h): with its branch and its CSeq. One source per thread.
class NextHops {
 public:
  virtual ~NextHops() = default;

  // `sip:192.0.2.1:5060;transport=udp`. Empty: where the library would send it.
  virtual std::string NextHop(const sip_s& request) const = 0;
  // The branch of its Via. Empty: the library makes one.
  virtual std::string Branch(const sip_s& request) const = 0;
  // What its CSeq is more than the library counts.
  virtual uint32_t CseqShift(const sip_s& request) const = 0;
};

// The next hop of a request within a dialog: where the peer's messages come from, `192.0.2.1:5060` over this
// transport, when its Contact or Route shows a name. Empty: where the library would send it, or nobody knows.
std::string HopToPeer(const sip_s& request, const std::string& peer_address, const std::string& transport);

// Makes `hops` the source of the calling thread; nullptr: none. The caller owns it.
void SetNextHops(const NextHops* hops);

// Whether the library's own calls come to our version.
bool NextHopsAreAsked();

}  // namespace adieu::sip
