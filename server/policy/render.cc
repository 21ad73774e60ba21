#include "server/policy/render.h"

#include <string_view>
#include <utility>

#include "server/policy/standard_phrase.h"

namespace adieu::policy {
namespace {

// A quoted-string (RFC 3261 25.1).
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// The value of one Reason header (RFC 3326 2); empty: no values.
std::string ReasonValue(const google::protobuf::RepeatedPtrField<v1::Reason>& reasons) {
  std::string value;
  for (const v1::Reason& reason : reasons) {
    if (!value.empty()) value += ", ";
    value += reason.has_sip_status() ? "SIP;cause=" + std::to_string(reason.sip_status())
                                     : "Q.850;cause=" + std::to_string(reason.q850_cause());
    if (!reason.text().empty()) value += ";text=" + Quoted(reason.text());
    if (!reason.location().empty()) value += ";location=" + reason.location();
  }
  return value;
}

void Add(std::vector<v1::Header>& headers, std::string name, std::string value) {
  v1::Header& header = headers.emplace_back();
  header.set_name(std::move(name));
  header.set_value(std::move(value));
}

void RenderFinalResponse(const v1::FinalResponse& response, Rendered& rendered) {
  rendered.action = v1::LEG_ACTION_FINAL_RESPONSE;
  rendered.status_code = response.status_code();
  rendered.reason_phrase = response.reason_phrase();
  if (!response.reasons().empty()) Add(rendered.headers, "Reason", ReasonValue(response.reasons()));
  if (response.has_retry_after()) {
    Add(rendered.headers, "Retry-After", std::to_string(response.retry_after().seconds()));
  }
  if (response.has_warning()) {
    const v1::Warning& warning = response.warning();
    Add(rendered.headers, "Warning",
        std::to_string(warning.code()) + ' ' + warning.agent() + ' ' + Quoted(warning.text()));
  }
  if (!response.error_info().empty()) Add(rendered.headers, "Error-Info", '<' + response.error_info() + '>');
  rendered.headers.insert(rendered.headers.end(), response.headers().begin(), response.headers().end());
}

// `<uri>;q=1.0, <uri>;q=0.9`: ten contacts at most would fit, eight are allowed.
std::string ContactValue(const v1::Redirect& redirect) {
  std::string value;
  for (int i = 0; i < redirect.contacts_size(); ++i) {
    if (i > 0) value += ", ";
    value += '<' + redirect.contacts(i) + ">;q=" + (i == 0 ? "1.0" : "0." + std::to_string(10 - i));
  }
  return value;
}

std::chrono::milliseconds Milliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + std::chrono::milliseconds(duration.nanos() / 1'000'000);
}

}  // namespace

Rendered Render(const v1::Treatment& treatment) {
  Rendered rendered;
  switch (treatment.caller_case()) {
    case v1::Treatment::kFinalResponse:
      RenderFinalResponse(treatment.final_response(), rendered);
      break;
    case v1::Treatment::kRedirect:
      rendered.action = v1::LEG_ACTION_REDIRECT;
      rendered.status_code = treatment.redirect().status_code();
      Add(rendered.headers, "Contact", ContactValue(treatment.redirect()));
      break;
    case v1::Treatment::kAnswerThenBye:
      rendered.action = v1::LEG_ACTION_ANSWER_THEN_BYE;
      rendered.status_code = 200;
      rendered.bye_after = Milliseconds(treatment.answer_then_bye().after());
      break;
    default:
      // relay and proceed say nothing of their own.
      rendered.action = v1::LEG_ACTION_NONE;
      break;
  }
  if (rendered.reason_phrase.empty()) {
    rendered.reason_phrase = std::string(StandardPhrase(rendered.status_code));
  }
  rendered.bye_reason = ReasonValue(treatment.bye_reasons());
  rendered.cancel_reason = ReasonValue(treatment.cancel_reasons());
  return rendered;
}

}  // namespace adieu::policy
