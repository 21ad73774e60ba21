#include "client/adieu/request_id.h"

#include <cstdint>
#include <cstdio>
#include <random>

namespace adieu::client {

std::string NewRequestId() {
  std::random_device random;
  const auto word = [&random] { return static_cast<uint32_t>(random()); };
  const uint32_t a = word(), b = word(), c = word(), d = word();
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                ((c >> 16) & 0x3fff) | 0x8000, c & 0xffff, d);
  return text;
}

}  // namespace adieu::client
