#include "server/sip/stack_log.h"

#include <sofia-sip/su_log.h>

#include <cstdarg>

namespace adieu::sip {

void SilenceStackLog() {
  su_log_redirect(
      nullptr, [](void*, const char*, va_list) {}, nullptr);
  su_log_set_level(nullptr, 0);
}

}  // namespace adieu::sip
