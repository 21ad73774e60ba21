#include "client/cli/match_flags.h"

#include <utility>

#include "client/cli/flag.h"
#include "client/cli/message_file.h"

namespace adieu::cli {
namespace {

void Contain(const std::string& text, v1::StringMatch& match) {
  match.set_contains(text);
  match.set_ignore_case(true);
}

v1::CallMatch InState(const std::string& text) {
  v1::CallMatch match;
  match.set_state(EnumFlag<v1::CallState>("--state", text));
  return match;
}

}  // namespace

void MatchFlags::AddTo(CLI::App& command) {
  const auto text = [](const std::string& value) {
    return value.empty() ? std::string("must not be empty") : "";
  };
  command.add_option("--state", states_, "In this state; repeated: in one of these")
      ->type_name("STATE")
      ->allow_extra_args(false);
  command
      .add_option("--caller-user-agent", caller_user_agent_,
                  "The caller's User-Agent contains this, in any case")
      ->check(text, "");
  command.add_option("--from", from_, "The URI in From contains this, in any case")->check(text, "");
  command.add_option("--to", to_, "The URI in To contains this, in any case")->check(text, "");
  command.add_option("--match", file_, "A CallMatch in YAML or JSON")->type_name("FILE");
}

std::optional<v1::CallMatch> MatchFlags::Build() const {
  std::vector<v1::CallMatch> parts;
  if (states_.size() == 1) {
    parts.push_back(InState(states_[0]));
  } else if (states_.size() > 1) {
    auto& any = *parts.emplace_back().mutable_any_of();
    for (const auto& state : states_) *any.add_matches() = InState(state);
  }
  if (!caller_user_agent_.empty()) {
    Contain(caller_user_agent_, *parts.emplace_back().mutable_caller_user_agent());
  }
  if (!from_.empty()) Contain(from_, *parts.emplace_back().mutable_from_uri());
  if (!to_.empty()) Contain(to_, *parts.emplace_back().mutable_to_uri());
  if (!file_.empty()) FileFlag("--match", file_, parts.emplace_back());

  if (parts.empty()) return std::nullopt;
  if (parts.size() == 1) return std::move(parts[0]);
  v1::CallMatch all;
  for (auto& part : parts) *all.mutable_all_of()->add_matches() = std::move(part);
  return all;
}

}  // namespace adieu::cli
