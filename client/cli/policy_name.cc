#include "client/cli/policy_name.h"

#include <string_view>

namespace adieu::cli {
namespace {

constexpr std::string_view kCollection = "cancelPolicies/";

}  // namespace

std::string FullPolicyName(const std::string& text) {
  const bool whole = text.empty() || text.find('/') != std::string::npos;
  return whole ? text : std::string(kCollection) + text;
}

std::string ShortPolicyName(const std::string& name) {
  return name.rfind(kCollection, 0) == 0 ? name.substr(kCollection.size()) : name;
}

}  // namespace adieu::cli
