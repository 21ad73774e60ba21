#pragma once

#include <map>
#include <string>
#include <string_view>

namespace adieu::cli {

// On which lines of a file the fields of a message stand, by their paths in proto field names
// (`rules[2].match.state`). A plain value.
class FieldLines {
 public:
  // Lines count from 1. The empty path is the message itself.
  void Add(const std::string& path, int line) { lines_[path] = line; }

  // The line of this field, or of the nearest field around it that the file has. Zero: not known.
  int Find(std::string_view path) const {
    while (true) {
      const auto found = lines_.find(path);
      if (found != lines_.end()) return found->second;
      if (path.empty()) return 0;
      const size_t last = path.find_last_of(".[");
      path = path.substr(0, last == std::string_view::npos ? 0 : last);
    }
  }

 private:
  std::map<std::string, int, std::less<>> lines_;
};

}  // namespace adieu::cli
