#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace adieu::base {

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.

// The length in bytes of the character at the front of `text`; 0: `text` is empty or does not begin with one.
size_t Utf8Length(std::string_view text);

bool IsUtf8(std::string_view text);

// True when `text` has a control character: below 0x20, or 0x7f.
bool HasControl(std::string_view text);

// The front of `text`, at most `max_bytes`, not cut within a character.
std::string_view CutUtf8(std::string_view text, size_t max_bytes);

}  // namespace adieu::base
