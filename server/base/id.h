#pragma once

#include <string>

namespace adieu::base {

// A new resource id: 128 bits from the kernel's random source, as 26 characters of a-z and 2-7 (RFC 4648
// base32 in lower case), the first of them a letter. Any thread; never the same twice. Ends the process when
// the kernel gives no random bytes.
std::string NewId();

}  // namespace adieu::base
