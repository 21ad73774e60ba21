#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace adieu::sip {

// The SRV records of one reply of a DNS server (RFC 1035 4, RFC 2782).
struct SrvReply {
  struct Record {
    int priority = 0;
    int weight = 0;
    // 1-65535.
    int port = 0;
    // Not empty.
    std::string host;
    bool operator==(const Record&) const = default;
  };
  // The first kMaxRecords by priority.
  std::vector<Record> records;
  // The lowest of all records of the answer, aliases too.
  std::chrono::seconds ttl{0};
  // The service is decidedly not there (RFC 2782: the target is the root).
  bool refused = false;

  static constexpr size_t kMaxRecords = 16;

  // Any bytes; what cannot be read has no records. Pure.
  static SrvReply Parse(std::span<const unsigned char> reply);
};

}  // namespace adieu::sip
