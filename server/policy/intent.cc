#include "server/policy/intent.h"

#include <algorithm>
#include <array>
#include <string>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

struct NamedIntent {
  v1::Intent intent;
  std::string_view name;
};

constexpr std::array kNames = {
    NamedIntent{v1::INTENT_QUIET, "quiet"},
    NamedIntent{v1::INTENT_BUSY, "busy"},
    NamedIntent{v1::INTENT_DECLINED, "declined"},
    NamedIntent{v1::INTENT_TRY_LATER, "try_later"},
    NamedIntent{v1::INTENT_MAINTENANCE, "maintenance"},
    NamedIntent{v1::INTENT_NOT_FOUND, "not_found"},
    NamedIntent{v1::INTENT_FORBIDDEN, "forbidden"},
    NamedIntent{v1::INTENT_MOVED, "moved"},
    NamedIntent{v1::INTENT_BLOCKED, "blocked"},
    NamedIntent{v1::INTENT_ELSEWHERE, "elsewhere"},
};

constexpr std::string_view kPrefix = "intent_";

}  // namespace

v1::Intent ResolveIntent(v1::Intent intent) {
  return intent == v1::INTENT_UNSPECIFIED ? v1::INTENT_QUIET : intent;
}

std::string_view IntentName(v1::Intent intent) {
  const v1::Intent resolved = ResolveIntent(intent);
  for (const NamedIntent& named : kNames) {
    if (named.intent == resolved) return named.name;
  }
  return "unknown";
}

std::optional<v1::Intent> IntentFromName(std::string_view name) {
  std::string wanted = Lower(name);
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  if (wanted.starts_with(kPrefix)) wanted.erase(0, kPrefix.size());
  for (const NamedIntent& named : kNames) {
    if (named.name == wanted) return named.intent;
  }
  return std::nullopt;
}

}  // namespace adieu::policy
