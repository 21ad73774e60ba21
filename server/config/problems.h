#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/config/origins.h"

namespace adieu::config {

// Collects what is wrong with a configuration, one line each: `adieud.yaml:12: routes[0].park.timeout: must
// be ...`. One thread.
class Problems {
 public:
  // `origins` must outlive it.
  explicit Problems(const Origins& origins) : origins_(origins) {}

  // `path` may be empty: the whole. After 20 problems more are only counted.
  void Add(const std::string& path, const std::string& description);

  bool empty() const { return count_ == 0; }

  // INVALID_ARGUMENT (CONFIG_INVALID): every line in `message`, every path in `violations`. Only when not
  // empty.
  base::Error ToError() const;

 private:
  const Origins& origins_;
  size_t count_ = 0;
  std::vector<std::string> lines_;
  std::vector<base::FieldViolation> violations_;
};

// A value for a message: in backquotes, on one line, cut at 64 bytes.
std::string Quote(std::string_view value);

}  // namespace adieu::config
