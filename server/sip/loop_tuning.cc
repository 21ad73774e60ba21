#include "server/sip/loop_tuning.h"

#include <dlfcn.h>
#include <sofia-sip/su_wait.h>

namespace adieu::sip {
namespace {

thread_local bool expire_called = false;
thread_local unsigned yields = 0;

}  // namespace

bool LoopIsTuned() { return expire_called; }

}  // namespace adieu::sip

extern "C" {

int su_timer_expire(su_timer_queue_t* const timers, su_duration_t* timeout, su_time_t now) {
  using Expire = int(su_timer_queue_t*, su_duration_t*, su_time_t);
  static Expire* const original = reinterpret_cast<Expire*>(dlsym(RTLD_NEXT, "su_timer_expire"));
  adieu::sip::expire_called = true;
  const su_duration_t before = *timeout;
  const int expired = original(timers, timeout, now);
  if (*timeout != before) ++*timeout;
  return expired;
}

int su_root_yield(su_root_t* root) {
  using Yield = int(su_root_t*);
  static Yield* const original = reinterpret_cast<Yield*>(dlsym(RTLD_NEXT, "su_root_yield"));
  return ++adieu::sip::yields % adieu::sip::kHandlesPerPoll == 0 ? original(root) : 0;
}

}  // extern "C"
