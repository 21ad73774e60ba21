#include "server/sip/in_dialog_status.h"

#include <algorithm>
#include <array>

namespace adieu::sip {
namespace {

// RFC 5057 5: these destroy the dialog, whatever was asked.
constexpr std::array kDestroyDialog = {404, 410, 416, 482, 483, 484, 485, 502, 604};
// ... and these the session, when they answer a request that would change it.
constexpr std::array kEndSession = {405, 408, 480, 481, 501, 503, 504, 600};

template <size_t N>
bool Has(const std::array<int, N>& codes, int status) {
  return std::find(codes.begin(), codes.end(), status) != codes.end();
}

bool ChangesSession(sip_method_t method) {
  return method == sip_method_invite || method == sip_method_update;
}

}  // namespace

int PassedStatus(int status, sip_method_t method) {
  const int harmless = ChangesSession(method) ? 488 : 500;
  if (status < 300) return status;
  if (status >= 700 || Has(kDestroyDialog, status)) return harmless;
  if (ChangesSession(method) && Has(kEndSession, status)) return harmless;
  // RFC 4321 4.1: a 408 to a request that is no INVITE is worse than none.
  return status == 408 || status == 480 || status == 481 || status == 503 ? harmless : status;
}

bool EndsDialog(int status, bool by_stack, sip_method_t method) {
  if (status == 481) return !by_stack;
  return status == 408 && (by_stack || ChangesSession(method));
}

}  // namespace adieu::sip
