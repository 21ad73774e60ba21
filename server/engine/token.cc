#include "server/engine/token.h"

#include <absl/strings/escaping.h>

#include <charconv>
#include <cstring>

namespace adieu::engine {
namespace {

constexpr size_t kChecksumSize = 4;
// Far above what we hand out; keeps the work for a hostile token small.
constexpr size_t kMaxTokenSize = 2048;

std::string Checksum(std::string_view bytes) {
  const uint64_t hash = Fingerprint(bytes);
  std::string checksum(kChecksumSize, '\0');
  std::memcpy(checksum.data(), &hash, kChecksumSize);
  return checksum;
}

}  // namespace

uint64_t Fingerprint(std::string_view bytes) {
  uint64_t hash = 14695981039346656037ULL;
  for (unsigned char byte : bytes) {
    hash ^= byte;
    hash *= 1099511628211ULL;
  }
  return hash;
}

std::string EncodeToken(char kind, const std::vector<std::string>& fields) {
  std::string bytes(1, kind);
  for (const std::string& field : fields) {
    bytes += '\n';
    bytes += field;
  }
  bytes += Checksum(bytes);
  return absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()));
}

std::optional<std::vector<std::string>> DecodeToken(char kind, std::string_view token, size_t field_count) {
  std::string bytes;
  if (token.size() > kMaxTokenSize ||
      !absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) ||
      bytes.size() < 1 + kChecksumSize || bytes[0] != kind) {
    return std::nullopt;
  }
  std::string_view body(bytes);
  const std::string_view checksum = body.substr(body.size() - kChecksumSize);
  body.remove_suffix(kChecksumSize);
  if (checksum != Checksum(body)) return std::nullopt;
  body.remove_prefix(1);
  std::vector<std::string> fields;
  while (!body.empty()) {
    body.remove_prefix(1);
    const std::string_view field = body.substr(0, body.find('\n'));
    fields.emplace_back(field);
    body.remove_prefix(field.size());
  }
  if (fields.size() != field_count) return std::nullopt;
  return fields;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace adieu::engine
