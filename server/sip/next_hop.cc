#include "server/sip/next_hop.h"

#include <dlfcn.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/url.h>

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

thread_local const NextHops* next_hops = nullptr;

std::string NextHopOf(msg_t* message) {
  const sip_t* sip = sip_object(message);
  const bool complete = sip != nullptr && sip->sip_request != nullptr && sip->sip_call_id != nullptr &&
                        sip->sip_from != nullptr && sip->sip_to != nullptr;
  return next_hops != nullptr && complete ? next_hops->NextHop(*sip) : std::string();
}

}  // namespace

void SetNextHops(const NextHops* hops) { next_hops = hops; }

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
  const std::string hop = route_url == nullptr ? adieu::sip::NextHopOf(message) : std::string();
  if (!hop.empty()) route_url = reinterpret_cast<url_string_t*>(url_make(home, hop.c_str()));
  ta_list ta;
  ta_start(ta, tag, value);
  nta_outgoing_t* outgoing = original(agent, callback, magic, route_url, message, ta_tags(ta));
  ta_end(ta);
  su_home_deinit(home);
  return outgoing;
}

}  // extern "C"
