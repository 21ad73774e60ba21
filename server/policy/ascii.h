#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace adieu::policy {

// ASCII rules of SIP texts, whatever the locale. Pure.

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLowerLetter(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsAlnum(char c) { return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'z'); }
constexpr bool IsHexDigit(char c) { return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'f'); }
constexpr bool EqualIgnoringCase(char a, char b) { return Lower(a) == Lower(b); }

inline std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

inline bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return EqualIgnoringCase(x, y); });
}

inline bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return EqualIgnoringCase(text.substr(0, prefix.size()), prefix);
}

// Where `part` begins in `text` at `from` or later; npos: nowhere.
inline size_t FindIgnoringCase(std::string_view text, std::string_view part, size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  const auto found = std::search(text.begin() + from, text.end(), part.begin(), part.end(),
                                 [](char x, char y) { return EqualIgnoringCase(x, y); });
  if (found == text.end() && !part.empty()) return std::string_view::npos;
  return static_cast<size_t>(found - text.begin());
}

}  // namespace adieu::policy
