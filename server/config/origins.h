#pragma once

#include <map>
#include <string>
#include <string_view>

namespace adieu::config {

// Where the values of a configuration come from: `adieud.yaml:12` or `--sip-listen`, by the path of their
// keys
// (`routes[0].park.timeout`). A value type.
class Origins {
 public:
  // `path` and what is under it comes from `origin`, until something under it is set.
  void Set(const std::string& path, std::string origin);

  // The origin of `path`, or of the nearest key above it. Empty: a default.
  std::string Find(std::string_view path) const;

  // True when the key itself was written.
  bool Has(std::string_view path) const { return origins_.find(path) != origins_.end(); }

 private:
  std::map<std::string, std::string, std::less<>> origins_;
};

}  // namespace adieu::config
