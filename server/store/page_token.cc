#include "server/store/page_token.h"

#include <absl/strings/escaping.h>

#include <charconv>
#include <utility>

#include "server/store/fingerprint.h"

namespace adieu::store {
namespace {

// A token is the web-safe base64 of this many bytes of a hash, the time in decimal, a blank and the name.
constexpr std::size_t kHashSize = 8;

std::string Hash(v1::ListTerminationsRequest request, const std::string& body) {
  request.clear_page_size();
  // In hex, because a string field holds UTF-8 only.
  request.set_page_token(absl::BytesToHexString(body));
  return Fingerprint(request).substr(0, kHashSize);
}

}  // namespace

std::string MakePageToken(const v1::ListTerminationsRequest& request, const Position& last) {
  const std::string body = std::to_string(last.request_time) + ' ' + last.name;
  return absl::WebSafeBase64Escape(Hash(request, body) + body);
}

base::Result<Position> ReadPageToken(const v1::ListTerminationsRequest& request) {
  if (request.page_token().empty()) return BeyondNewest();
  const base::Error wrong = base::InvalidField(
      "page_token", "must be the next_page_token of a request that differs in page_size and page_token only");

  std::string bytes;
  if (!absl::WebSafeBase64Unescape(request.page_token(), &bytes) || bytes.size() <= kHashSize) return wrong;
  const std::string body = bytes.substr(kHashSize);
  if (Hash(request, body) != bytes.substr(0, kHashSize)) return wrong;

  Position last;
  const char* end = body.data() + body.size();
  const auto [rest, error] = std::from_chars(body.data(), end, last.request_time);
  if (error != std::errc() || rest == end || *rest != ' ') return wrong;
  last.name.assign(rest + 1, end);
  return last;
}

}  // namespace adieu::store
