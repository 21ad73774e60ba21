#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/base/error.h"

namespace adieu::policy {

// Texts that may go into a SIP message. Pure.

// Valid UTF-8 without control characters (U+0000-U+001F, U+007F-U+009F).
bool IsCleanText(std::string_view text);

// A token (RFC 3261 25.1), not empty.
bool IsToken(std::string_view text);

// A clean text of at most `max_bytes`; may be empty. `path`: of the field.
std::optional<base::Error> CheckText(std::string_view text, size_t max_bytes, const std::string& path);

// The path of a field in the message at `path`; the field's name when `path` is empty.
std::string Join(const std::string& path, std::string_view field);

// The path of an element of the repeated field at `path`.
std::string At(const std::string& path, int index);

}  // namespace adieu::policy
