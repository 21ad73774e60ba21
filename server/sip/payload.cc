#include "server/sip/payload.h"

#include <sofia-sip/sip_header.h>

namespace adieu::sip {

Payload::Payload(const std::string& body) {
  sip_payload_init(&payload_);
  payload_.pl_data = const_cast<char*>(body.data());
  payload_.pl_len = static_cast<unsigned>(body.size());
}

}  // namespace adieu::sip
