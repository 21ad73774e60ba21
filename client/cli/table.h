#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "client/cli/style.h"

namespace adieu::cli {

struct Cell {
  // As it came: Table escapes it.
  std::string text;
  Style style = Style::kPlain;
};

struct Column {
  // Empty headings in all columns: no heading line.
  std::string heading;
  // In characters.
  size_t min_width = 0;
  bool right = false;
};

// Aligned columns for a person, two spaces apart, without trailing spaces. Everything that a server said and
// a terminal shows goes through here and is escaped. A plain value.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // Missing cells are empty. An empty cell is printed as `-`, unless the table has no headings.
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  // With `headings` false the heading line is left out: for a table that goes on.
  void Print(std::ostream& out, bool colour, bool headings = true) const;

 private:
  bool HasHeadings() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace adieu::cli
