#include "client/cli/source.h"

namespace adieu::cli {
namespace {

// Whether `field` is `prefix` or a part of it.
bool IsBelow(const std::string& field, const std::string& prefix) {
  return field.compare(0, prefix.size(), prefix) == 0 &&
         (field.size() == prefix.size() || field[prefix.size()] == '.');
}

}  // namespace

std::string Source::Place(const std::string& field) const {
  const int line = lines.Find(field);
  return line > 0 ? file + ":" + std::to_string(line) : file;
}

client::Error Placed(client::Error error, const std::string& prefix, const Source& source) {
  for (auto& violation : error.violations) {
    if (!IsBelow(violation.field, prefix)) continue;
    const bool whole = violation.field == prefix;
    const std::string field = whole ? "" : violation.field.substr(prefix.size() + 1);
    const std::string placed = source.Place(field) + (whole ? "" : ": " + field);
    if (error.message == violation.field + ": " + violation.description) {
      error.message = placed + ": " + violation.description;
    }
    violation.field = placed;
  }
  return error;
}

}  // namespace adieu::cli
