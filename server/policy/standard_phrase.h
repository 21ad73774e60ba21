#pragma once

#include <string_view>

namespace adieu::policy {

// The reason phrase that the RFCs give for a status code (RFC 3261 21 and its extensions); for a code they do
// not name, one for its class. Never empty, ends in NUL, lives as long as
// the process. Pure.
std::string_view StandardPhrase(int status_code);

}  // namespace adieu::policy
