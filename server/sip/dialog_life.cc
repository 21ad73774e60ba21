#include "server/sip/dialog_life.h"

#include <dlfcn.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>
#include <strings.h>

#include <utility>

// Not in the library's public headers.
struct nua_client_methods_s;
struct nua_client_request_s;
extern "C" {
int nua_client_create(nua_handle_t* handle, int event, nua_client_methods_s const* methods,
                      tagi_t const* tags);
int nua_client_request_queue(nua_client_request_s* request);
}

namespace adieu::sip {
namespace {

template <typename Function>
bool IsOurs(const char* name, Function* ours) {
  return dlsym(RTLD_DEFAULT, name) == reinterpret_cast<void*>(ours);
}

thread_local bool making_bye = false;

}  // namespace

bool DialogsAreOurs() {
  return IsOurs("nua_client_create", &nua_client_create) &&
         IsOurs("nua_client_request_queue", &nua_client_request_queue) &&
         IsOurs("sip_response_terminates_dialog", &sip_response_terminates_dialog) &&
         IsOurs("sip_has_feature", &sip_has_feature);
}

}  // namespace adieu::sip

extern "C" {

int sip_response_terminates_dialog(int, sip_method_t, int* graceful) {
  if (graceful != nullptr) *graceful = 0;
  return 0;
}

int sip_has_feature(msg_list_t const* features, char const* feature) {
  using HasFeature = int(msg_list_t const*, char const*);
  static HasFeature* const original = reinterpret_cast<HasFeature*>(dlsym(RTLD_NEXT, "sip_has_feature"));
  return strcasecmp(feature, "timer") == 0 ? 0 : original(features, feature);
}

int nua_client_create(nua_handle_t* handle, int event, nua_client_methods_s const* methods,
                      tagi_t const* tags) {
  using Create = int(nua_handle_t*, int, nua_client_methods_s const*, tagi_t const*);
  static Create* const original = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "nua_client_create"));
  adieu::sip::making_bye = event == nua_r_bye;
  const int created = original(handle, event, methods, tags);
  adieu::sip::making_bye = false;
  return created;
}

int nua_client_request_queue(nua_client_request_s* request) {
  using Queue = int(nua_client_request_s*);
  static Queue* const original = reinterpret_cast<Queue*>(dlsym(RTLD_NEXT, "nua_client_request_queue"));
  const bool bye = std::exchange(adieu::sip::making_bye, false);
  const int waits = original(request);
  return bye ? 0 : waits;
}

}  // extern "C"
