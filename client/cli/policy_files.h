#pragma once

#include <istream>
#include <string>
#include <vector>

#include "adieu/v1/cancel_policy.pb.h"
#include "client/cli/source.h"

namespace adieu::cli {

// A policy that somebody wrote. A plain value.
struct PolicyDocument {
  Source source;
  // Without what only the server says: times and origin.
  v1::CancelPolicy policy;
};

// Policies from files, or what is wrong with them. A plain value.
struct PolicyFiles {
  std::vector<PolicyDocument> documents;
  // One line each, beginning with the file and the line. Empty: every file was read and every policy has a
  // name of its own.
  std::vector<std::string> problems;
};

// Reads the policies of these paths in their order. A path is a file with one or several YAML documents, `-`
// for `in`, or a directory, of which every *.yaml and *.yml is read in the order of the names. Of each file
// the first problem is told.
PolicyFiles ReadPolicies(const std::vector<std::string>& paths, std::istream& in);

}  // namespace adieu::cli
