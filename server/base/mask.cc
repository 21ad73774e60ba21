#include "server/base/mask.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "server/base/utf8.h"

namespace adieu::base {
namespace {

constexpr std::string_view kStars = "*****";
constexpr size_t kKeptFront = 5;
constexpr size_t kKeptBack = 2;
constexpr size_t kLongerThan = 9;

// The byte at which each character of `text` begins. A byte that is not UTF-8 counts as a character.
size_t CharacterOffset(std::string_view text, size_t characters) {
  size_t offset = 0;
  while (characters-- > 0 && offset < text.size()) {
    offset += std::max<size_t>(1, Utf8Length(text.substr(offset)));
  }
  return offset;
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(std::max<size_t>(1, Utf8Length(text)));
  return count;
}

std::string MaskUser(std::string_view user) {
  if (user.empty()) return "";
  const size_t count = CountCharacters(user);
  if (count <= kLongerThan) return std::string(kStars);
  std::string masked(user.substr(0, CharacterOffset(user, kKeptFront)));
  masked += kStars;
  masked += user.substr(CharacterOffset(user, count - kKeptBack));
  return masked;
}

// The scheme with its colon, or empty when `uri` has none of ours.
std::string_view SchemeOf(std::string_view uri) {
  constexpr std::array<std::string_view, 3> kSchemes = {"sip:", "sips:", "tel:"};
  for (const std::string_view scheme : kSchemes) {
    if (uri.size() < scheme.size()) continue;
    const bool same = std::equal(scheme.begin(), scheme.end(), uri.begin(), [](char a, char b) {
      return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
    });
    if (same) return uri.substr(0, scheme.size());
  }
  return {};
}

bool LooksLikeNumber(std::string_view host) {
  if (host.empty()) return false;
  if (host.front() == '+') return true;
  return std::all_of(host.begin(), host.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string_view UpTo(std::string_view text, std::string_view stops) {
  return text.substr(0, text.find_first_of(stops));
}

}  // namespace

std::string MaskUri(std::string_view uri) {
  const std::string_view scheme = SchemeOf(uri);
  if (scheme.empty()) return MaskUser(uri);
  std::string masked(scheme);
  std::string_view rest = uri.substr(scheme.size());
  const size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    masked += MaskUser(UpTo(rest.substr(0, at), ":;"));
    masked += '@';
    return masked += UpTo(rest.substr(at + 1), ";?>");
  }
  rest = UpTo(rest, ";?>");
  const bool is_tel = std::tolower(static_cast<unsigned char>(scheme.front())) == 't';
  return masked += is_tel || LooksLikeNumber(rest) ? MaskUser(rest) : std::string(rest);
}

}  // namespace adieu::base
