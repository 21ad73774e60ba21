#pragma once

#include <string_view>

namespace adieu::policy {

// Phones and switches that take an ending in the same way.
enum class PhoneFamily {
  kNone,  // no User-Agent, or an empty one
  kBaresip,
  kLinphone5,  // Linphone whose version, and whose core's version, is 5.1 at most
  kLinphone6,  // a later Linphone, or one that does not say its version
  kTwinkle,
  kPjsua,
  kJsSip,
  kSipJs,
  kJami,
  kAsterisk,
  kFreeSwitch,
  kSwitch,      // any other known switch, session border controller, gateway or trunk
  kDeskPhone,   // a known desk phone or analogue adapter
  kSoftClient,  // anything else
};

// Tells the family by the value of a User-Agent header (RFC 3261 20.41). ASCII case-insensitive; any bytes.
// Pure.
PhoneFamily FamilyOf(std::string_view user_agent);

// `baresip`, `desk_phone`, ...: from a fixed set, fit for a metric's label.
std::string_view FamilyName(PhoneFamily family);

}  // namespace adieu::policy
