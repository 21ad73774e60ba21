// docs/metrics.md lists every metric with what the program says of it. This test makes the list again and
// compares; with ADIEU_WRITE_DOCS=1 in the environment it writes it instead.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "server/metrics/metrics.h"
#include "tests/unit/base/source_file.h"
#include "tests/unit/metrics/count_everything.h"

namespace adieu::metrics {
namespace {

constexpr char kFile[] = "docs/metrics.md";
constexpr char kBegin[] = "<!-- made by scripts/docs from here -->\n";
constexpr char kEnd[] = "<!-- to here -->\n";

// What the text for Prometheus says of one metric.
struct Family {
  std::string name;
  std::string help;
  std::string type;
  std::set<std::string> labels;
};

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

// `# HELP name text` -> name, text.
std::pair<std::string, std::string> Comment(const std::string& line) {
  const size_t space = line.find(' ', 7);
  return {line.substr(7, space - 7), line.substr(space + 1)};
}

// In the order of their names.
std::vector<Family> Families() {
  Metrics metrics("0");
  CountEverything(&metrics);
  std::vector<Family> families;
  std::istringstream text(metrics.Text());
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# HELP ")) {
      const auto [name, help] = Comment(line);
      families.push_back({.name = name, .help = help, .type = {}, .labels = {}});
    } else if (line.starts_with("# TYPE ")) {
      families.back().type = Comment(line).second;
    } else if (const size_t open = line.find('{'); open != std::string::npos) {
      families.back().labels.merge(LabelNames(line.substr(open + 1, line.find('}') - open - 1)));
    }
  }
  std::ranges::sort(families, {}, &Family::name);
  return families;
}

std::string Quoted(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "`" : ", `") + name + '`';
  return list;
}

std::string Table() {
  std::string table = "| Name | Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const Family& family : Families()) {
    const std::string labels = Quoted(family.labels);
    table += "| `" + family.name + "` | " + family.type + " |" + (labels.empty() ? "" : ' ' + labels) +
             " | " + family.help + " |\n";
  }
  return table;
}

// The page with the list as it must be.
std::string Page() {
  const std::string page = base::SourceFile(kFile);
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return "no marks in " + std::string(kFile);
  return page.substr(0, begin + sizeof(kBegin) - 1) + Table() + page.substr(end);
}

TEST(Docs, ListEveryMetricAsTheProgramSaysIt) {
  EXPECT_GT(Families().size(), 20U);
  if (std::getenv("ADIEU_WRITE_DOCS") != nullptr) {
    const std::string page = Page();
    std::ofstream(base::SourceRoot() / kFile) << page;
    return;
  }
  EXPECT_EQ(base::SourceFile(kFile), Page()) << kFile << " is stale: run scripts/docs";
}

// A family without a series is not in the text, so CountEverything must know each.
TEST(Docs, EveryMetricOfTheSourceIsCounted) {
  std::set<std::string> counted;
  for (const Family& family : Families()) counted.insert(family.name);
  const std::string source = base::SourceFile("server/metrics/metrics.cc");
  const std::regex name("\"((adieu|grpc_server)_[a-z_]+)\"");
  for (auto at = std::sregex_iterator(source.begin(), source.end(), name); at != std::sregex_iterator();
       ++at) {
    EXPECT_TRUE(counted.contains((*at)[1])) << (*at)[1] << " is not in count_everything.h";
  }
}

TEST(Docs, ExplainEveryLabel) {
  const std::string text = base::SourceFile(kFile);
  const std::string values = text.substr(text.find("## Values of the labels"));
  for (const Family& family : Families()) {
    for (const std::string& label : family.labels) {
      EXPECT_THAT(values, testing::ContainsRegex("\n\\| [^|]*`" + label + "`")) << label;
    }
  }
}

TEST(Docs, ListEveryRejectReason) {
  const std::string text = base::SourceFile(kFile);
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
