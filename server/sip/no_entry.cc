#include "server/sip/no_entry.h"

#include <algorithm>
#include <cctype>
#include <string_view>

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

// Whoever drains is soon gone or back; whoever has too much to do needs longer.
constexpr char kRetryWhenDraining[] = "5";
constexpr char kRetryWhenBusy[] = "10";

bool IsPlainUser(std::string_view user) {
  constexpr std::string_view kMarks = "-_.!~*'()&=+$,;?/%";
  return !user.empty() && std::all_of(user.begin(), user.end(), [&](char c) {
    return (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string ContactAt(const base::SipTarget& target, const char* user) {
  std::string contact = "<sip:";
  if (user != nullptr && IsPlainUser(user)) contact += std::string(user) + "@";
  contact += target.bracketed ? "[" + target.host + "]" : target.host;
  if (target.port != 0) contact += ":" + std::to_string(target.port);
  if (target.transport == base::SipTarget::Transport::kTcp) contact += ";transport=tcp";
  if (target.transport == base::SipTarget::Transport::kUdp) contact += ";transport=udp";
  return contact + ">";
}

}  // namespace

NoEntry NoEntryFor(metrics::RejectReason reason, const std::optional<base::SipTarget>& elsewhere,
                   const sip_t& invite) {
  const bool draining = reason == metrics::RejectReason::kDraining;
  if (draining && elsewhere) {
    return {.status = 302,
            .phrase = "Moved Temporarily",
            .contact = ContactAt(*elsewhere, invite.sip_request->rq_url->url_user),
            .retry_after = ""};
  }
  return {.status = 503,
          .phrase = "Service Unavailable",
          .contact = "",
          .retry_after = draining ? kRetryWhenDraining : kRetryWhenBusy};
}

}  // namespace adieu::sip
