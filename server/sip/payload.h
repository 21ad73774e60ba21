#pragma once

#include <sofia-sip/sip.h>

#include <string>

namespace adieu::sip {

// A body as the stack takes it in SIPTAG_PAYLOAD; NUL octets are kept. Refers to `body`, which must outlive
// it.
class Payload {
 public:
  explicit Payload(const std::string& body);
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  const sip_payload_t* get() const { return &payload_; }

 private:
  sip_payload_t payload_;
};

}  // namespace adieu::sip
