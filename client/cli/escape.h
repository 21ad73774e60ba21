#pragma once

#include <string>
#include <string_view>

namespace adieu::cli {

// Makes text from SIP or from a server safe for a terminal: control characters (C0, DEL, C1), the marks that
// turn the direction of writing, line separators and bytes that are not UTF-8 become `\n`, `\x1b`, `\u202e`.
// Other text, backslashes too, stays as it is.
std::string Escape(std::string_view text);

// How many characters a terminal shows for UTF-8 text that Escape() made. Wide and combining characters count
// as one.
size_t Width(std::string_view text);

}  // namespace adieu::cli
