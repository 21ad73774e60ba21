#include "client/cli/line_diff.h"

#include <algorithm>
#include <sstream>

namespace adieu::cli {
namespace {

using Lines = std::vector<std::string>;

constexpr size_t kContext = 3;
constexpr int kMostChanges = 1000;

Lines Split(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Every line of both texts in order, marked ` `, `-` or `+`.
Lines Replace(const Lines& before, const Lines& after) {
  Lines script;
  for (const auto& line : before) script.push_back("-" + line);
  for (const auto& line : after) script.push_back("+" + line);
  return script;
}

// The shortest edit script (Myers, "An O(ND) Difference Algorithm and Its Variations").
class Myers {
 public:
  Myers(const Lines& before, const Lines& after)
      : before_(before),
        after_(after),
        n_(static_cast<int>(before.size())),
        m_(static_cast<int>(after.size())),
        limit_(std::min(n_ + m_, kMostChanges)),
        furthest_(2 * static_cast<size_t>(limit_) + 3, 0) {}

  Lines Script() {
    for (int d = 0; d <= limit_; ++d) {
      trace_.push_back(furthest_);
      for (int k = -d; k <= d; k += 2) {
        int x = Down(furthest_, d, k) ? At(furthest_, k + 1) : At(furthest_, k - 1) + 1;
        while (x < n_ && x - k < m_ && before_[static_cast<size_t>(x)] == after_[static_cast<size_t>(x - k)])
          ++x;
        At(furthest_, k) = x;
        if (x >= n_ && x - k >= m_) return Back(d);
      }
    }
    return Replace(before_, after_);
  }

 private:
  int& At(std::vector<int>& v, int k) const { return v[static_cast<size_t>(k + limit_ + 1)]; }
  bool Down(std::vector<int>& v, int d, int k) const {
    return k == -d || (k != d && At(v, k - 1) < At(v, k + 1));
  }

  Lines Back(int d) {
    Lines script;
    int x = n_, y = m_;
    const auto take = [&](char mark, const std::string& line) { script.push_back(mark + line); };
    for (; d >= 0; --d) {
      auto& v = trace_[static_cast<size_t>(d)];
      const int k = x - y;
      const bool down = Down(v, d, k);
      const int from_x = d == 0 ? 0 : At(v, down ? k + 1 : k - 1);
      const int from_y = d == 0 ? 0 : from_x - (down ? k + 1 : k - 1);
      while (x > from_x && y > from_y) take(' ', before_[static_cast<size_t>((--y, --x))]);
      if (d == 0) break;
      if (down) {
        take('+', after_[static_cast<size_t>(--y)]);
      } else {
        take('-', before_[static_cast<size_t>(--x)]);
      }
    }
    std::reverse(script.begin(), script.end());
    return script;
  }

  const Lines& before_;
  const Lines& after_;
  const int n_;
  const int m_;
  const int limit_;
  // By diagonal k + limit_ + 1: the furthest x.
  std::vector<int> furthest_;
  std::vector<std::vector<int>> trace_;
};

// `1,4`; a range without lines names the line before it.
std::string Range(size_t first, size_t count) {
  if (count == 0) return std::to_string(first) + ",0";
  return std::to_string(first + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

bool Changed(const std::string& line) { return line[0] != ' '; }

// The script cut into hunks.
Lines Hunks(const Lines& script) {
  Lines hunks;
  size_t before = 0, after = 0;
  for (size_t i = 0; i < script.size();) {
    const auto next = std::find_if(script.begin() + static_cast<ptrdiff_t>(i), script.end(), Changed);
    if (next == script.end()) break;
    const auto first = static_cast<size_t>(next - script.begin());
    const size_t begin = first - i > kContext ? first - kContext : i;
    before += begin - i;
    after += begin - i;
    // Goes on while the next change is so near that the contexts would touch.
    size_t last = first;
    for (size_t j = first; j < script.size() && j <= last + 2 * kContext + 1; ++j) {
      if (Changed(script[j])) last = j;
    }
    const size_t end = std::min(script.size(), last + kContext + 1);
    size_t removed = 0, added = 0;
    for (size_t j = begin; j < end; ++j) {
      removed += script[j][0] != '+';
      added += script[j][0] != '-';
    }
    hunks.push_back("@@ -" + Range(before, removed) + " +" + Range(after, added) + " @@");
    hunks.insert(hunks.end(), script.begin() + static_cast<ptrdiff_t>(begin),
                 script.begin() + static_cast<ptrdiff_t>(end));
    before += removed;
    after += added;
    i = end;
  }
  return hunks;
}

}  // namespace

Lines LineDiff(const std::string& before, const std::string& after) {
  const Lines old_lines = Split(before), new_lines = Split(after);
  // What is equal at both ends needs no search.
  const size_t shorter = std::min(old_lines.size(), new_lines.size());
  size_t head = 0, tail = 0;
  while (head < shorter && old_lines[head] == new_lines[head]) ++head;
  while (tail < shorter - head && *(old_lines.rbegin() + static_cast<ptrdiff_t>(tail)) ==
                                      *(new_lines.rbegin() + static_cast<ptrdiff_t>(tail))) {
    ++tail;
  }
  const auto middle = [head, tail](const Lines& lines) {
    return Lines(lines.begin() + static_cast<ptrdiff_t>(head), lines.end() - static_cast<ptrdiff_t>(tail));
  };
  Lines script;
  for (size_t i = 0; i < head; ++i) script.push_back(" " + old_lines[i]);
  const Lines removed = middle(old_lines), added = middle(new_lines);
  for (auto& line : Myers(removed, added).Script()) script.push_back(std::move(line));
  for (size_t i = old_lines.size() - tail; i < old_lines.size(); ++i) script.push_back(" " + old_lines[i]);
  return Hunks(script);
}

}  // namespace adieu::cli
