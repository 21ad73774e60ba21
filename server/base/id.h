#pragma once

#include <string>

namespace adieu::base {

// A new resource id: 48 bits of time (milliseconds since 1970) and 80 bits from the kernel's random source,
// as 26 characters of 0-9 and a-v (RFC 4648 7, in lower case). Ids sort by the millisecond they were made in,
// so that what is kept under them grows at its end. Any thread; never the same twice. Ends the process when
// the kernel gives no random bytes.
std::string NewId();

}  // namespace adieu::base
