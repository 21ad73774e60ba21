#pragma once

#include <sofia-sip/nua.h>
#include <sofia-sip/sip.h>

#include <string>
#include <vector>

namespace adieu::sip {

// The Replaces of an INVITE (RFC 3891) for the leg that it goes on to: one that names a dialog of ours names
// the dialog of the other leg of that call instead, as that peer knows it; one of others stays what it is.
// Empty: there is none, or the other leg is no more. The agent's thread; `stacks`: those of its listeners.
std::string ReplacesFor(const sip_t& invite, const std::vector<nua_t*>& stacks);

}  // namespace adieu::sip
