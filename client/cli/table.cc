#include "client/cli/table.h"

#include <algorithm>
#include <utility>

#include "client/cli/escape.h"

namespace adieu::cli {
Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

bool Table::HasHeadings() const {
  return std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return !c.heading.empty(); });
}

void Table::Add(std::vector<Cell> row) {
  row.resize(columns_.size());
  for (Cell& cell : row) {
    cell.text = Escape(cell.text);
    if (cell.text.empty() && HasHeadings()) cell = {"-", Style::kFaint};
  }
  rows_.push_back(std::move(row));
}

void Table::Print(std::ostream& out, bool colour, bool headings) const {
  std::vector<Cell> heading;
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    heading.push_back({columns_[i].heading, Style::kHeading});
    size_t width = std::max(columns_[i].min_width, Width(columns_[i].heading));
    for (const auto& row : rows_) width = std::max(width, Width(row[i].text));
    widths.push_back(width);
  }
  const auto print = [&](const std::vector<Cell>& row) {
    std::string line;
    // Spaces that only count when text follows.
    size_t owed = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t pad = widths[i] - Width(row[i].text);
      if (columns_[i].right) owed += pad;
      if (!row[i].text.empty()) {
        line.append(owed, ' ');
        line += Paint(row[i].text, row[i].style, colour);
        owed = 0;
      }
      owed += (columns_[i].right ? 0 : pad) + 2;
    }
    out << line << '\n';
  };
  if (headings && HasHeadings()) print(heading);
  for (const auto& row : rows_) print(row);
}

}  // namespace adieu::cli
