#include "server/sip/srv_reply.h"

#include <ares.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace adieu::sip {
namespace {

// RFC 1035 4.1.1-4.1.3. Octets.
constexpr size_t kHeaderSize = 12;
constexpr size_t kQuestionTail = 4;
constexpr size_t kRecordTail = 10;

size_t Read16(std::span<const unsigned char> reply, size_t at) {
  return static_cast<size_t>(reply[at]) << 8 | reply[at + 1];
}

// Behind the name at `at`; past the end: there is none.
size_t SkipName(std::span<const unsigned char> reply, size_t at) {
  if (at >= reply.size()) return reply.size() + 1;
  char* name = nullptr;
  long length = 0;
  const int status =
      ares_expand_name(reply.data() + at, reply.data(), static_cast<int>(reply.size()), &name, &length);
  if (status != ARES_SUCCESS) return reply.size() + 1;
  ares_free_string(name);
  return at + static_cast<size_t>(length);
}

// Of the records of the answer; zero: there are none.
std::chrono::seconds LowestTtl(std::span<const unsigned char> reply) {
  if (reply.size() < kHeaderSize) return {};
  const size_t questions = Read16(reply, 4);
  const size_t answers = Read16(reply, 6);
  size_t at = kHeaderSize;
  for (size_t i = 0; i < questions && at <= reply.size(); ++i) at = SkipName(reply, at) + kQuestionTail;
  uint32_t lowest = std::numeric_limits<uint32_t>::max();
  size_t read = 0;
  for (; read < answers; ++read) {
    at = SkipName(reply, at);
    if (at + kRecordTail > reply.size()) break;
    const auto ttl = static_cast<uint32_t>(Read16(reply, at + 4) << 16 | Read16(reply, at + 6));
    lowest = std::min(lowest, ttl);
    at += kRecordTail + Read16(reply, at + 8);
  }
  return std::chrono::seconds(read == 0 ? 0 : lowest);
}

}  // namespace

SrvReply SrvReply::Parse(std::span<const unsigned char> reply) {
  SrvReply parsed;
  ares_srv_reply* first = nullptr;
  if (ares_parse_srv_reply(reply.data(), static_cast<int>(reply.size()), &first) != ARES_SUCCESS)
    return parsed;
  for (const ares_srv_reply* srv = first; srv != nullptr; srv = srv->next) {
    const bool root = srv->host == nullptr || srv->host[0] == '\0';
    parsed.refused = parsed.refused || root;
    if (root || srv->port == 0) continue;
    parsed.records.push_back(
        {.priority = srv->priority, .weight = srv->weight, .port = srv->port, .host = srv->host});
  }
  ares_free_data(first);
  parsed.refused = parsed.refused && parsed.records.empty();
  std::stable_sort(parsed.records.begin(), parsed.records.end(),
                   [](const Record& a, const Record& b) { return a.priority < b.priority; });
  if (parsed.records.size() > kMaxRecords) parsed.records.resize(kMaxRecords);
  parsed.ttl = LowestTtl(reply);
  return parsed;
}

}  // namespace adieu::sip
