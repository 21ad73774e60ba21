#include "server/sip/local_tags.h"

#include <dlfcn.h>
#include <sofia-sip/nta.h>

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

thread_local LocalTags* local_tags = nullptr;

// Empty: the library's own affair.
std::string TagOf(nta_incoming_t* request) {
  if (local_tags == nullptr || nta_incoming_method(request) != sip_method_invite) return "";
  if (nta_incoming_gettag(request) != nullptr) return "";
  msg_t* message = nta_incoming_getrequest(request);
  const sip_t* sip = sip_object(message);
  std::string tag;
  if (sip != nullptr && sip->sip_to != nullptr && sip->sip_to->a_tag == nullptr) {
    tag = local_tags->TagFor(*sip);
  }
  msg_destroy(message);
  return tag;
}

}  // namespace

void SetLocalTags(LocalTags* tags) { local_tags = tags; }

bool LocalTagsAreAsked() {
  return dlsym(RTLD_DEFAULT, "nta_incoming_tag") == reinterpret_cast<void*>(&nta_incoming_tag);
}

}  // namespace adieu::sip

extern "C" {

char const* nta_incoming_tag(nta_incoming_t* request, char const* tag) {
  using Tag = char const*(nta_incoming_t*, char const*);
  static Tag* const original = reinterpret_cast<Tag*>(dlsym(RTLD_NEXT, "nta_incoming_tag"));
  if (request == nullptr || tag != nullptr) return original(request, tag);
  const std::string ours = adieu::sip::TagOf(request);
  return original(request, ours.empty() ? nullptr : ours.c_str());
}

}  // extern "C"
