#pragma once

#include <string>

struct sip_s;

namespace adieu::sip {

// The tags of our side in dialogs that a peer begins. Our own version of the library's nta_incoming_tag,
// defined in this executable under the library's name as the wire tap is, asks for the tag of each new
// request: it is known before anything is answered, and can be that of another process. One source per
// thread.
class LocalTags {
 public:
  virtual ~LocalTags() = default;

  // Of an INVITE that begins a dialog. Empty: the library makes one.
  virtual std::string TagFor(const sip_s& invite) = 0;
};

// Makes `tags` the source of the calling thread; nullptr: none. The caller owns it.
void SetLocalTags(LocalTags* tags);

// Whether the library's own calls come to our version.
bool LocalTagsAreAsked();

}  // namespace adieu::sip
