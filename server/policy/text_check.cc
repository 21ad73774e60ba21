#include "server/policy/text_check.h"

#include <algorithm>
#include <cstdint>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

constexpr uint32_t kInvalid = 0xFFFFFFFF;

// How many bytes a sequence with this first byte has; zero: no sequence begins so.
size_t SequenceLength(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// Takes one character off the front (RFC 3629); kInvalid: there is none.
uint32_t TakeCharacter(std::string_view& text) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = SequenceLength(first);
  if (length == 0 || length > text.size()) return kInvalid;
  uint32_t character = length == 1 ? first : first & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return kInvalid;
    character = (character << 6) | (next & 0x3FU);
  }
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest[length] || character > 0x10FFFF || surrogate) return kInvalid;
  text.remove_prefix(length);
  return character;
}

bool IsControl(uint32_t character) { return character < 0x20 || (character >= 0x7F && character <= 0x9F); }

}  // namespace

bool IsCleanText(std::string_view text) {
  while (!text.empty()) {
    const uint32_t character = TakeCharacter(text);
    if (character == kInvalid || IsControl(character)) return false;
  }
  return true;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlnum(c) || std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
  });
}

std::optional<base::Error> CheckText(std::string_view text, size_t max_bytes, const std::string& path) {
  if (text.size() > max_bytes) {
    return base::InvalidField(
        path, "must be at most " + std::to_string(max_bytes) + " bytes, is " + std::to_string(text.size()));
  }
  if (!IsCleanText(text)) return base::InvalidField(path, "must be UTF-8 without control characters");
  return std::nullopt;
}

std::string Join(const std::string& path, std::string_view field) {
  return path.empty() ? std::string(field) : path + '.' + std::string(field);
}

std::string At(const std::string& path, int index) { return path + '[' + std::to_string(index) + ']'; }

}  // namespace adieu::policy
