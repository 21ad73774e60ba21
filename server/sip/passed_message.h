#pragma once

#include <string>

namespace adieu::sip {

// What of a message goes on to the other leg, byte for byte: header lines (`Name: value\r\n`, those of the
// body included) and the body.
struct PassedMessage {
  std::string headers;
  std::string body;
};

}  // namespace adieu::sip
