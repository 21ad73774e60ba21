#include "client/cli/made_up_call.h"

#include <utility>

#include "client/cli/flag.h"

namespace adieu::cli {
namespace {

// Both sides of the first `mark`, without spaces around them.
std::pair<std::string, std::string> Halves(const std::string& option, const std::string& text, char mark,
                                           const std::string& form) {
  const auto trim = [](std::string part) {
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
    return part;
  };
  const size_t at = text.find(mark);
  const std::string name = trim(text.substr(0, std::min(at, text.size())));
  if (at == std::string::npos || name.empty()) {
    throw CLI::ValidationError(option, "\"" + text + "\" is not " + form);
  }
  return {name, trim(text.substr(at + 1))};
}

}  // namespace

void MadeUpCall::AddTo(CLI::App& command) {
  const auto add = [this, &command](const char* name, std::string& value, const char* what,
                                    const char* type) {
    options_.push_back(command.add_option(name, value, what)->type_name(type));
  };
  add("--user-agent", user_agent_, "A made-up call: the caller's User-Agent; \"\" for none", "TEXT");
  add("--state", state_, "Its state; ringing unless given", "STATE");
  add("--from", from_, "The URI in its From", "URI");
  add("--to", to_, "The URI in its To", "URI");
  add("--request-uri", request_uri_, "The Request-URI of its INVITE", "URI");
  add("--address", address_, "Where its INVITE came from, host:port", "ADDRESS");
  add("--route", route_, "The route that took it", "ROUTE");
  add("--target", target_, "The target that it was forwarded to", "URI");
  add("--callee-user-agent", callee_user_agent_, "The callee's User-Agent", "TEXT");
  options_.push_back(command.add_option("--label", labels_, "A label of it; may be repeated")
                         ->allow_extra_args(false)
                         ->type_name("KEY=VALUE"));
  options_.push_back(command.add_option("--header", headers_, "A header of its INVITE; may be repeated")
                         ->allow_extra_args(false)
                         ->type_name("NAME:VALUE"));
  auto* status = command
                     .add_option("--status", status_,
                                 "The far end failed with this status, 300-699; makes the trigger "
                                 "far-end-failure")
                     ->check(CLI::Range(300, 699).description(""))
                     ->type_name("CODE");
  command.add_option("--reason", reason_, "The far end's Reason header: Q.850;cause=16")
      ->needs(status)
      ->type_name("TEXT");
}

bool MadeUpCall::Given() const {
  return std::any_of(options_.begin(), options_.end(),
                     [](const auto* option) { return option->count() > 0; });
}

void MadeUpCall::Describe(v1::Call& call) const {
  if (!state_.empty()) call.set_state(EnumFlag<v1::CallState>("--state", state_));
  auto& caller = *call.mutable_caller();
  if (!user_agent_.empty()) caller.set_user_agent(user_agent_);
  if (!from_.empty()) caller.set_from_uri(from_);
  if (!to_.empty()) caller.set_to_uri(to_);
  if (!request_uri_.empty()) caller.set_request_uri(request_uri_);
  if (!address_.empty()) caller.set_remote_address(address_);
  if (!route_.empty()) call.set_route(route_);
  if (!target_.empty()) call.mutable_callee()->set_request_uri(target_);
  if (!callee_user_agent_.empty()) call.mutable_callee()->set_user_agent(callee_user_agent_);
  for (const auto& text : labels_) {
    const auto [key, value] = Halves("--label", text, '=', "KEY=VALUE");
    (*call.mutable_labels())[key] = value;
  }
  for (const auto& text : headers_) {
    const auto [name, value] = Halves("--header", text, ':', "NAME:VALUE");
    auto& header = *caller.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  if (status_ != 0) call.mutable_callee()->set_last_status_code(status_);
  if (!reason_.empty()) {
    auto& header = *call.mutable_callee()->add_headers();
    header.set_name("Reason");
    header.set_value(reason_);
  }
}

}  // namespace adieu::cli
