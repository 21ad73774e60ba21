#include "server/sip/clean_text.h"

#include <algorithm>

#include "server/base/utf8.h"

namespace adieu::sip {

std::string CleanText(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const size_t length = base::Utf8Length(text);
    const size_t step = std::max<size_t>(length, 1);
    if (clean.size() + step > kMaxCleanText) break;
    if (length == 0) {
      clean.push_back('?');
    } else {
      clean.append(text.substr(0, length));
    }
    text.remove_prefix(step);
  }
  return clean;
}

}  // namespace adieu::sip
