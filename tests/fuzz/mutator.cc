#include "tests/fuzz/mutator.h"

#include <algorithm>

namespace adieu::fuzz {

std::string Mutator::Mutate(std::string text, const std::string& other) {
  for (size_t n = 1 + Upto(6); n > 0; --n) Step(other, text);
  constexpr size_t kMaxBytes = 1 << 16;
  return text.substr(0, kMaxBytes);
}

void Mutator::Step(const std::string& other, std::string& text) {
  const size_t at = Upto(text.size() + 1);
  const size_t length = Upto(1 + std::min<size_t>(text.size() - at, Upto(4) == 0 ? 2000 : 20));
  switch (Upto(7)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, Of(words_));
      break;
    case 2:
      text.replace(at, length, Of(words_));
      break;
    case 3:
      text.insert(at, text.substr(at, length));
      break;
    case 4:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Upto(8)));
      break;
    case 5: {
      const size_t from = Upto(other.size() + 1);
      text.insert(at, other.substr(from, Upto(400)));
      break;
    }
    default:
      std::swap(text[Upto(text.size() + 1)], text[at]);
      break;
  }
}

}  // namespace adieu::fuzz
