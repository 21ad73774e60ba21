#pragma once

#include <string>

#include "client/adieu/result.h"
#include "client/cli/field_lines.h"

namespace adieu::cli {

// Where a message was read from. A plain value.
struct Source {
  // The file, `stdin` for standard input.
  std::string file;
  FieldLines lines;

  // `night.yaml:17`: the place of a field (`rules[2].id`), or of the nearest one around it.
  std::string Place(const std::string& field) const;
};

// The error with the fields below `prefix` (`cancel_policy`) named by their places in the file:
// `cancel_policy.rules[2].id` becomes `night.yaml:17: rules[2].id`. Others stay.
client::Error Placed(client::Error error, const std::string& prefix, const Source& source);

}  // namespace adieu::cli
