#include "server/sip/message_text.h"

#include <sofia-sip/sip_header.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "server/sip/clean_text.h"
#include "server/sip/header_text.h"

namespace adieu::sip {
namespace {

constexpr int kMaxHeaders = 32;

constexpr std::array<std::string_view, 13> kNotCopied = {"Via",
                                                         "From",
                                                         "To",
                                                         "Call-ID",
                                                         "CSeq",
                                                         "Contact",
                                                         "Route",
                                                         "Record-Route",
                                                         "Max-Forwards",
                                                         "Authorization",
                                                         "Proxy-Authorization",
                                                         "Identity",
                                                         "User-Agent"};

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool IsCopied(std::string_view name) {
  constexpr std::string_view content = "Content-";
  if (name.size() >= content.size() && EqualsIgnoringCase(name.substr(0, content.size()), content))
    return false;
  return std::none_of(kNotCopied.begin(), kNotCopied.end(),
                      [name](std::string_view other) { return EqualsIgnoringCase(name, other); });
}

}  // namespace

std::string UriText(const url_t* url) {
  if (url == nullptr) return "";
  std::string text = url->url_scheme != nullptr ? url->url_scheme : "";
  text += ':';
  if (url->url_user != nullptr) {
    text += url->url_user;
    if (url->url_host != nullptr) text += '@';
  }
  if (url->url_host != nullptr) text += url->url_host;
  if (url->url_port != nullptr && url->url_port[0] != '\0') text.append(":").append(url->url_port);
  return CleanText(text);
}

std::string ReasonText(const sip_t& sip) {
  std::string text;
  for (const sip_reason_t* reason = sip.sip_reason; reason != nullptr; reason = reason->re_next) {
    if (!text.empty()) text += ", ";
    text += reason->re_protocol != nullptr ? reason->re_protocol : "";
    for (msg_param_t const* param = reason->re_params; param != nullptr && *param != nullptr; ++param) {
      text.append(";").append(*param);
    }
  }
  return CleanText(text);
}

std::string BranchOf(const sip_t& sip) {
  const sip_via_t* via = sip.sip_via;
  return via != nullptr && via->v_branch != nullptr ? via->v_branch : "";
}

std::string DialogKey(const sip_t& sip, bool request_by_caller) {
  std::string key = sip.sip_call_id != nullptr ? sip.sip_call_id->i_id : "";
  const char* tag = nullptr;
  if (request_by_caller) {
    tag = sip.sip_from != nullptr ? sip.sip_from->a_tag : nullptr;
  } else {
    tag = sip.sip_to != nullptr ? sip.sip_to->a_tag : nullptr;
  }
  key += '\n';
  if (tag != nullptr) key += tag;
  return key;
}

void CopyHeaders(const sip_t& sip, v1::Leg* leg) {
  const auto* header = reinterpret_cast<const sip_header_t*>(sip.sip_request);
  for (; header != nullptr && leg->headers_size() < kMaxHeaders;
       header = reinterpret_cast<const sip_header_t*>(header->sh_succ)) {
    const bool unknown = header->sh_class == sip_unknown_class;
    const char* name = unknown ? header->sh_unknown->un_name : header->sh_class->hc_name;
    if (name == nullptr || name[0] == '\0' || !IsCopied(name)) continue;
    if (header == reinterpret_cast<const sip_header_t*>(sip.sip_request)) continue;
    v1::Header* copy = leg->add_headers();
    copy->set_name(CleanText(name));
    if (!unknown) {
      copy->set_value(CleanText(EncodedValue(*header)));
    } else if (header->sh_unknown->un_value != nullptr) {
      copy->set_value(CleanText(header->sh_unknown->un_value));
    }
  }
}

}  // namespace adieu::sip
