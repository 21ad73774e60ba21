#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "client/cli/table.h"

namespace adieu::cli {

// The facts about one thing, one per line: a bold name and its value. A plain value.
class Details {
 public:
  // An empty value is left out.
  void Add(const std::string& name, Cell value) {
    if (!value.text.empty()) table_.Add({{name, Style::kHeading}, std::move(value)});
  }
  void Add(const std::string& name, std::string value) { Add(name, Cell{std::move(value)}); }
  // One line of the value below the other.
  void Add(const std::string& name, const std::vector<std::string>& lines) {
    for (size_t i = 0; i < lines.size(); ++i) {
      table_.Add({{i == 0 ? name : "", Style::kHeading}, {lines[i]}});
    }
  }

  void Print(std::ostream& out, bool colour) const { table_.Print(out, colour); }

 private:
  Table table_{std::vector<Column>{{.heading = "", .min_width = 12}, {}}};
};

}  // namespace adieu::cli
