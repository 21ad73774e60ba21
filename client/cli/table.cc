#include "client/cli/table.h"

#include <algorithm>
#include <utility>

#include "client/cli/escape.h"

namespace adieu::cli {
namespace {

// ANSI SGR sequences (ECMA-48 8.3.117).
const char* Start(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kHeading:
      return "\x1b[1m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBusy:
      return "\x1b[33m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kFaint:
      return "\x1b[2m";
  }
  return "";
}

std::string Painted(const Cell& cell, bool colour) {
  if (!colour || cell.style == Style::kPlain || cell.text.empty()) return cell.text;
  return Start(cell.style) + cell.text + "\x1b[0m";
}

}  // namespace

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
        line += Painted(row[i], colour);
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
