#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "server/metrics/metrics.h"
#include "tests/unit/base/source_file.h"
#include "tests/unit/metrics/count_everything.h"

namespace adieu::metrics {
namespace {

// What a metric is: its type and the names of its labels.
struct Shape {
  std::string type;
  std::set<std::string> labels;

  bool operator==(const Shape&) const = default;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.type;
  for (const std::string& label : shape.labels) *out << " " << label;
}

// `a="x",b="y"` -> a, b.
std::set<std::string> LabelNames(const std::string& labels) {
  std::set<std::string> names;
  std::istringstream stream(labels);
  for (std::string pair; std::getline(stream, pair, ',');) {
    const std::string name = pair.substr(0, pair.find('='));
    if (name != "le") names.insert(name);
  }
  return names;
}

std::map<std::string, Shape> InCode() {
  Metrics metrics("0");
  CountEverything(&metrics);
  std::map<std::string, Shape> shapes;
  std::istringstream text(metrics.Text());
  std::string family;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("# TYPE ", 0) == 0) {
      std::istringstream words(line.substr(7));
      words >> family >> shapes[family].type;
    } else if (line.rfind(family, 0) == 0 && !family.empty()) {
      const size_t open = line.find('{');
      if (open == std::string::npos) continue;
      shapes[family].labels.merge(LabelNames(line.substr(open + 1, line.find('}') - open - 1)));
    }
  }
  return shapes;
}

// The texts in backquotes of one cell of a table.
std::set<std::string> Quoted(const std::string& cell) {
  std::set<std::string> texts;
  std::istringstream stream(cell);
  std::string text;
  while (std::getline(stream, text, '`') && std::getline(stream, text, '`')) texts.insert(text);
  return texts;
}

std::map<std::string, Shape> InDocs() {
  std::map<std::string, Shape> shapes;
  std::istringstream text(base::SourceFile("docs/metrics.md"));
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line);
    std::string name;
    std::string type;
    std::string labels;
    std::getline(cells, name, '|');
    std::getline(cells, name, '|');
    std::getline(cells, type, '|');
    std::getline(cells, labels, '|');
    type = type.size() > 2 ? type.substr(1, type.size() - 2) : "";
    if (type != "counter" && type != "gauge" && type != "histogram") continue;
    shapes[name.substr(2, name.size() - 4)] = {type, Quoted(labels)};
  }
  return shapes;
}

TEST(Docs, ListEveryMetricWithItsTypeAndLabels) {
  const auto in_code = InCode();
  EXPECT_GT(in_code.size(), 20U);
  EXPECT_EQ(InDocs(), in_code);
}

TEST(Docs, ListEveryRejectReason) {
  const std::string text = base::SourceFile("docs/metrics.md");
  for (size_t i = 0; i < kRejectReasons; ++i) {
    const std::string reason(Label(static_cast<RejectReason>(i)));
    EXPECT_THAT(text, testing::HasSubstr("| `" + reason + "` |"));
  }
}

TEST(Docs, ListEveryDenial) {
  const std::string text = base::SourceFile("docs/metrics.md");
  for (size_t i = 0; i < kApiDenials; ++i) {
    const std::string reason(Label(static_cast<ApiDenial>(i)));
    EXPECT_THAT(text, testing::HasSubstr("| `" + reason + "` |"));
  }
}

}  // namespace
}  // namespace adieu::metrics
