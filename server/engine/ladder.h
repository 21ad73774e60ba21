#pragma once

#include <cstdint>
#include <string>

#include "adieu/v1/call.pb.h"

namespace adieu::engine {

// The SIP ladder of one call: its first 32 and its last 32 messages, kept as bytes (about 50 per message).
// Not thread-safe: the registry guards it.
class Ladder {
 public:
  static constexpr int kFirst = 32;
  static constexpr int kLast = 32;
  // A phrase or a Reason is cut here, in bytes.
  static constexpr size_t kMaxText = 256;

  void Append(const v1::SipMessage& message);

  // Adds the messages to `call`, oldest first.
  void CopyTo(v1::Call* call) const;

 private:
  // Serialized v1::Call with nothing but `messages`.
  std::string first_;
  std::string last_;
  uint8_t first_count_ = 0;
  uint8_t last_count_ = 0;
};

}  // namespace adieu::engine
