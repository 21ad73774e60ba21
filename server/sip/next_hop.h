#pragma once

#include <string>

struct sip_s;

namespace adieu::sip {

// Where requests go. Our own version of the library's nta_outgoing_mcreate, defined in this executable under
// the library's name as the wire tap is, asks the next hop of each request from whoever made it: the library
// looks up no name by itself (Debian's lacks the fixes for its DNS crashes), a Request-URI can stay what it
// is while the request goes elsewhere, and no Route shows it. One source per thread.
class NextHops {
 public:
  virtual ~NextHops() = default;

  // `sip:192.0.2.1:5060;transport=udp`. Empty: where the library would send it.
  virtual std::string NextHop(const sip_s& request) const = 0;
};

// Makes `hops` the source of the calling thread; nullptr: none. The caller owns it.
void SetNextHops(const NextHops* hops);

// Whether the library's own calls come to our version.
bool NextHopsAreAsked();

}  // namespace adieu::sip
