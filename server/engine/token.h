#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adieu::engine {

// Opaque texts that clients hand back to us: page tokens and resume tokens. Pure.

// `kind` keeps tokens of different uses apart. The fields may hold any bytes but '\n'.
std::string EncodeToken(char kind, const std::vector<std::string>& fields);

// The fields of a token. No value: not a token of this kind with this many fields, or damaged.
std::optional<std::vector<std::string>> DecodeToken(char kind, std::string_view token, size_t field_count);

// A whole decimal number. No value: it is none.
std::optional<int64_t> ParseNumber(std::string_view text);

// A 64-bit FNV-1a hash: the same in every process. Not for secrets.
uint64_t Fingerprint(std::string_view bytes);

}  // namespace adieu::engine
