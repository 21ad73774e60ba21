#pragma once

#include <sofia-sip/nua.h>

#include "server/sip/leg.h"

namespace adieu::sip {

// Answers a request within a dialog that is not passed on: nobody is there to take it, or (`busy`) another
// one of its kind is under way. None of the answers ends a leg (RFC 5057).
void AnswerHere(const NuaEvent& event, nua_handle_t* handle, bool busy);

}  // namespace adieu::sip
