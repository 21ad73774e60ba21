#include "server/config/origins.h"

#include <utility>

namespace adieu::config {

void Origins::Set(const std::string& path, std::string origin) {
  // Keys under `path` sort behind it, up to the first that does not begin with it.
  for (auto it = origins_.lower_bound(path);
       it != origins_.end() && it->first.compare(0, path.size(), path) == 0;) {
    const std::string& key = it->first;
    const bool under = key.size() == path.size() || key[path.size()] == '.' || key[path.size()] == '[';
    it = under ? origins_.erase(it) : std::next(it);
  }
  origins_.emplace(path, std::move(origin));
}

std::string Origins::Find(std::string_view path) const {
  while (true) {
    if (const auto it = origins_.find(path); it != origins_.end()) return it->second;
    const size_t cut = path.find_last_of(".[");
    if (path.empty()) return "";
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
  }
}

}  // namespace adieu::config
