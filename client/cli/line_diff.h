#pragma once

#include <string>
#include <vector>

namespace adieu::cli {

// The unified diff of two texts, line by line, with three lines of context: `@@ -1,4 +1,5 @@` and lines that
// begin with ` `, `-` or `+`. Empty: the texts are equal. As short as can be found with at most 1,000 changed
// lines; beyond that everything between the first and the last change is replaced. Pure.
std::vector<std::string> LineDiff(const std::string& before, const std::string& after);

}  // namespace adieu::cli
