#include "server/sip/next_hop.h"

#include <dlfcn.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/url.h>

#include <string_view>

#include "server/base/address.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

thread_local const NextHops* next_hops = nullptr;

// The request of the message, if it is one that somebody may know.
const sip_t* RequestIn(msg_t* message) {
  const sip_t* sip = sip_object(message);
  const bool complete = sip != nullptr && sip->sip_request != nullptr && sip->sip_call_id != nullptr &&
                        sip->sip_from != nullptr && sip->sip_to != nullptr && sip->sip_cseq != nullptr;
  return next_hops != nullptr && complete ? sip : nullptr;
}

void ShiftCseq(const sip_t& request) {
  const uint32_t shift = next_hops->CseqShift(request);
  if (shift == 0) return;
  request.sip_cseq->cs_seq += shift;
  msg_fragment_clear(request.sip_cseq->cs_common);
}

// The URI that the stack would send a request to.
const url_t* TargetOf(const sip_t& request) {
  return request.sip_route != nullptr ? request.sip_route->r_url : request.sip_request->rq_url;
}

bool IsAddress(const char* url_host) {
  std::string_view host = url_host != nullptr ? url_host : "";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return base::ParseIp(host).has_value();
}

}  // namespace

void SetNextHops(const NextHops* hops) { next_hops = hops; }

std::string HopToPeer(const sip_t& request, const std::string& peer_address, const std::string& transport) {
  if (peer_address.empty() || IsAddress(TargetOf(request)->url_host)) return "";
  return "sip:" + peer_address + ";transport=" + transport;
}

bool NextHopsAreAsked() {
  return dlsym(RTLD_DEFAULT, "nta_outgoing_mcreate") == reinterpret_cast<void*>(&nta_outgoing_mcreate);
}

}  // namespace adieu::sip

extern "C" {

nta_outgoing_t* nta_outgoing_mcreate(nta_agent_t* agent, nta_response_f* callback,
                                     nta_outgoing_magic_t* magic, url_string_t const* route_url,
                                     msg_t* message, tag_type_t tag, tag_value_t value, ...) {
  using Create = nta_outgoing_t*(nta_agent_t*, nta_response_f*, nta_outgoing_magic_t*, url_string_t const*,
                                 msg_t*, tag_type_t, tag_value_t, ...);
  static Create* const original = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "nta_outgoing_mcreate"));
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  std::string hop;
  std::string branch;
  if (const sip_t* request = adieu::sip::RequestIn(message)) {
    adieu::sip::ShiftCseq(*request);
    if (route_url == nullptr) hop = adieu::sip::next_hops->NextHop(*request);
    branch = adieu::sip::next_hops->Branch(*request);
  }
  if (!hop.empty()) route_url = reinterpret_cast<url_string_t*>(url_make(home, hop.c_str()));
  ta_list ta;
  ta_start(ta, tag, value);
  nta_outgoing_t* outgoing =
      original(agent, callback, magic, route_url, message,
               TAG_IF(!branch.empty(), NTATAG_BRANCH_KEY(branch.c_str())), ta_tags(ta));
  ta_end(ta);
  su_home_deinit(home);
  return outgoing;
}

}  // extern "C"
