#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adieu::cli {

// Text in lines of at most `width` characters, broken at spaces and at its own line breaks; a longer word has
// a line of its own. Escaped (escape.h). No text: no lines.
std::vector<std::string> Wrap(std::string_view text, size_t width);

// The first line of the text, escaped; cut to `width` characters with `...` at the end. `width` is above 3.
std::string Cut(std::string_view text, size_t width);

}  // namespace adieu::cli
