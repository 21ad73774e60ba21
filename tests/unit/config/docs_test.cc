#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "adieu/config/v1/access.pb.h"
#include "adieu/config/v1/config.pb.h"
#include "server/config/flags.h"
#include "tests/unit/base/source_file.h"

namespace adieu::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The keys of a message of the schema, as the documents write them.
void AddKeys(const Descriptor& type, const std::string& prefix, bool not_built, std::set<std::string>* built,
             std::set<std::string>* unbuilt) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.options().GetExtension(v1::secret)) continue;
    const bool field_not_built = not_built || field.options().GetExtension(v1::not_built);
    std::set<std::string>* const keys = field_not_built ? unbuilt : built;
    const std::string path = prefix + field.name();
    keys->insert(path);
    if (field.is_map()) {
      keys->insert(path + ".<key>");
    } else if (field.message_type() != nullptr && field.message_type()->file() == type.file()) {
      AddKeys(*field.message_type(), path + (field.is_repeated() ? "[]." : "."), field_not_built, built,
              unbuilt);
    }
  }
}

// The first cells of the rows that begin with a text in backquotes, in this section.
std::set<std::string> Rows(const std::string& section, const std::string& page = "docs/configuration.md") {
  std::set<std::string> rows;
  std::istringstream text(base::SourceFile(page));
  std::string current;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("#", 0) == 0) current = line;
    if (current == section && line.rfind("| `", 0) == 0) rows.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return rows;
}

TEST(Docs, ListEveryKeyAndNoOther) {
  std::set<std::string> built;
  std::set<std::string> unbuilt;
  AddKeys(*v1::Config::descriptor(), "", false, &built, &unbuilt);
  EXPECT_GT(built.size(), 30U);
  EXPECT_EQ(Rows("## Keys"), built);
  EXPECT_EQ(Rows("### Not built yet"), unbuilt);
}

TEST(Docs, ListEveryKeyOfTheTokensFileAndNoOther) {
  std::set<std::string> built;
  std::set<std::string> unbuilt;
  AddKeys(*v1::Access::descriptor(), "", false, &built, &unbuilt);
  EXPECT_GT(built.size(), 15U);
  EXPECT_EQ(Rows("## The tokens file", "docs/security.md"), built);
  EXPECT_TRUE(unbuilt.empty());
}

TEST(Docs, ListEveryFlagAndNoOther) {
  const char* const arguments[] = {"adieud", "--help"};
  std::istringstream help(ParseCommandLine(2, arguments).exit->text);
  std::set<std::string> in_help;
  for (std::string word; help >> word;) {
    if (word.rfind("--", 0) == 0) in_help.insert(word.substr(0, word.find_first_of(" ,=")));
  }
  std::set<std::string> in_docs;
  for (const std::string& row : Rows("## Flags")) in_docs.insert(row.substr(0, row.find(' ')));
  EXPECT_EQ(in_docs, in_help);
}

}  // namespace
}  // namespace adieu::config
