#include "server/sip/passed_options.h"

#include <array>
#include <string_view>

#include "server/policy/ascii.h"

namespace adieu::sip {
namespace {

// End to end: the header fields, bodies and methods that these need go through. Not among them, for what is
// not the same on both legs or not passed on:
//  - Contact and its parameters: gruu (RFC 5627), outbound (5626), path (3327), pref (3840);
//  - the next hop: sec-agree (3329), policy (6794), recipient-list-* (5363);
//  - dialogs and their early forms: tdialog (4538), join (3911), 199 (6228; the caller sees one early dialog
//    whatever forks), from-change (4916; From and To of a leg stay);
//  - subscriptions of a REFER, which the library makes: norefersub (4488), nosub and explicitsub (7614).
constexpr std::array<std::string_view, 16> kEndToEnd = {
    "100rel",             // RFC 3262: PRACK goes through, RSeq and RAck are made for each leg.
    "answermode",         // RFC 5373: Answer-Mode.
    "early-session",      // RFC 3959: a disposition of bodies.
    "geolocation-http",   // RFC 6442: Geolocation.
    "geolocation-sip",    // RFC 6442.
    "histinfo",           // RFC 7044: History-Info.
    "ice",                // RFC 5768: SDP.
    "precondition",       // RFC 3312: SDP, with PRACK and UPDATE.
    "privacy",            // RFC 3323: Privacy; in Proxy-Require it is for the proxies behind us.
    "record-aware",       // RFC 7866: SDP.
    "replaces",           // RFC 3891: the ids in Replaces are translated.
    "resource-priority",  // RFC 4412: Resource-Priority.
    "sdp-anat",           // RFC 4092: SDP.
    "timer",              // RFC 4028: Session-Expires and Min-SE; the ends refresh.
    "trickle-ice",        // RFC 8840: INFO with Info-Package.
    "uui"};               // RFC 7433: User-to-User.

bool Has(const msg_list_t* list, std::string_view tag) {
  for (; list != nullptr; list = list->k_next) {
    for (const msg_param_t* item = list->k_items; item != nullptr && *item != nullptr; ++item) {
      if (policy::EqualIgnoringCase(*item, tag)) return true;
    }
  }
  return false;
}

std::string KeptTags(const msg_list_t* list) {
  std::string tags;
  for (const std::string_view tag : kEndToEnd) {
    if (!Has(list, tag)) continue;
    tags.append(tags.empty() ? "" : ", ").append(tag);
  }
  return tags;
}

}  // namespace

std::string PassedOptions(const sip_t& sip) {
  std::string text = "Supported: " + KeptTags(sip.sip_supported) + "\r\n";
  if (const std::string tags = KeptTags(sip.sip_require); !tags.empty()) text += "Require: " + tags + "\r\n";
  if (const std::string tags = KeptTags(sip.sip_proxy_require); !tags.empty()) {
    text += "Proxy-Require: " + tags + "\r\n";
  }
  return text;
}

}  // namespace adieu::sip
