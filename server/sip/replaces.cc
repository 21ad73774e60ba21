#include "server/sip/replaces.h"

#include <sofia-sip/su_alloc.h>

#include "server/sip/header_text.h"
#include "server/sip/leg.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

std::string TextOf(const sip_replaces_t& replaces) {
  std::string clean;
  AppendOnOneLine(EncodedValue(reinterpret_cast<const sip_header_t&>(replaces)), &clean);
  return clean;
}

std::string ReplacesOf(nua_handle_t* handle, bool early_only) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const sip_replaces_t* replaces = nua_handle_make_replaces(handle, home, early_only ? 1 : 0);
  const std::string text = replaces != nullptr ? TextOf(*replaces) : "";
  su_home_deinit(home);
  return text;
}

}  // namespace

std::string ReplacesFor(const sip_t& invite, const std::vector<nua_t*>& stacks) {
  const sip_replaces_t* replaces = sip_replaces(&invite);
  if (replaces == nullptr) return "";
  for (nua_t* stack : stacks) {
    nua_handle_t* replaced = nua_handle_by_replaces(stack, replaces);
    if (replaced == nullptr) continue;
    const auto* leg = reinterpret_cast<const Leg*>(nua_handle_magic(replaced));
    nua_handle_unref(replaced);
    nua_handle_t* other = leg != nullptr ? leg->other_handle() : nullptr;
    return other != nullptr ? ReplacesOf(other, replaces->rp_early_only != 0) : "";
  }
  return TextOf(*replaces);
}

}  // namespace adieu::sip
