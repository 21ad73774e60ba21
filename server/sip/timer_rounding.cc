#include "server/sip/timer_rounding.h"

#include <dlfcn.h>
#include <sofia-sip/su_wait.h>

namespace adieu::sip {
namespace {

thread_local bool expire_called = false;

}  // namespace

bool RoundsTimersUp() { return expire_called; }

}  // namespace adieu::sip

extern "C" int su_timer_expire(su_timer_queue_t* const timers, su_duration_t* timeout, su_time_t now) {
  using Expire = int(su_timer_queue_t*, su_duration_t*, su_time_t);
  static Expire* const original = reinterpret_cast<Expire*>(dlsym(RTLD_NEXT, "su_timer_expire"));
  adieu::sip::expire_called = true;
  const su_duration_t before = *timeout;
  const int expired = original(timers, timeout, now);
  if (*timeout != before) ++*timeout;
  return expired;
}
