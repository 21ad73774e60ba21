#include "server/sip/stateless_refusal.h"

#include <arpa/inet.h>

#include <charconv>
#include <string_view>

#include "server/sip/header_text.h"
#include "server/sip/wire_tap.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

constexpr uint16_t kSipPort = 5060;

// The port, which is at the same place for both families.
uint16_t& PortOf(sockaddr_storage& address) { return reinterpret_cast<sockaddr_in&>(address).sin_port; }

// `192.0.2.1` of `192.0.2.1:5060`, `2001:db8::1` of `[2001:db8::1]:5060`.
std::string HostOf(const sockaddr_storage& address) {
  std::string text = FormatAddress(address);
  text.resize(text.rfind(':'));
  return text.starts_with('[') ? text.substr(1, text.size() - 2) : text;
}

std::string TopVia(const sip_via_t& via, const sockaddr_storage& source) {
  std::string text = std::string(via.v_protocol) + " " + via.v_host;
  if (via.v_port != nullptr) text += std::string(":") + via.v_port;
  for (const msg_param_t* param = via.v_params; param != nullptr && *param != nullptr; ++param) {
    const std::string_view name = std::string_view(*param).substr(0, std::string_view(*param).find('='));
    if (name != "rport" && name != "received") text += std::string(";") + *param;
  }
  text += ";received=" + HostOf(source);
  sockaddr_storage shown = source;
  if (via.v_rport != nullptr) text += ";rport=" + std::to_string(ntohs(PortOf(shown)));
  return text;
}

// Appends the header field. False: its value is unfit.
bool Append(std::string_view name, std::string_view value, std::string* text) {
  text->append(name).append(": ");
  if (value.empty() || !AppendOnOneLine(value, text)) return false;
  text->append("\r\n");
  return true;
}

template <typename Header>
std::string ValueOf(const Header* header) {
  return EncodedValue(*reinterpret_cast<const sip_header_t*>(header));
}

sockaddr_storage Destination(const sip_via_t& via, const sockaddr_storage& source) {
  sockaddr_storage to = source;
  if (via.v_rport != nullptr) return to;
  uint16_t port = kSipPort;
  if (via.v_port != nullptr) {
    const std::string_view text = via.v_port;
    std::from_chars(text.data(), text.data() + text.size(), port);
  }
  PortOf(to) = htons(port);
  return to;
}

}  // namespace

std::optional<StatelessRefusal> RefuseStatelessly(const sip_t& request, const sockaddr_storage& source,
                                                  const std::string& tag, const NoEntry& answer) {
  const sip_via_t* via = request.sip_via;
  if (via == nullptr || via->v_protocol == nullptr || via->v_host == nullptr) return std::nullopt;
  if (source.ss_family != AF_INET && source.ss_family != AF_INET6) return std::nullopt;
  StatelessRefusal refusal{.text = "SIP/2.0 " + std::to_string(answer.status) + " " + answer.phrase + "\r\n",
                           .to = Destination(*via, source)};
  std::string* text = &refusal.text;
  bool fit = Append("Via", TopVia(*via, source), text);
  for (via = via->v_next; via != nullptr; via = via->v_next) fit = fit && Append("Via", ValueOf(via), text);
  fit = fit && Append("From", ValueOf(request.sip_from), text) &&
        Append("To", ValueOf(request.sip_to) + ";tag=" + tag, text) &&
        Append("Call-ID", ValueOf(request.sip_call_id), text) &&
        Append("CSeq", ValueOf(request.sip_cseq), text) &&
        (answer.contact.empty() ? Append("Retry-After", answer.retry_after, text)
                                : Append("Contact", answer.contact, text)) &&
        Append("Content-Length", "0", text);
  if (!fit) return std::nullopt;
  text->append("\r\n");
  return refusal;
}

}  // namespace adieu::sip
