#pragma once

#include <sofia-sip/sip.h>

namespace adieu::sip {

// Responses to requests within a dialog, on their way from one leg to the other (RFC 5057). Pure.

// The status code that goes through. Those that make the peer drop its dialog without a BYE, or end the call
// for a request that merely failed, become 488 (re-INVITE, UPDATE) or 500.
int PassedStatus(int status, sip_method_t method);

// The leg that said this has no dialog any more, or never answers: the call is ended (RFC 3261 12.2.1.2).
// `by_stack`: nobody sent it.
bool EndsDialog(int status, bool by_stack, sip_method_t method);

}  // namespace adieu::sip
