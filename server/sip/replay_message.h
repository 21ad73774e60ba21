#pragma once

#include <string>

#include "adieu/journal/v1/dialogs.pb.h"

namespace adieu::sip {

// The messages that a replay gives to the stack, and what is read from the journal's text for it. Pure.

// The caller's INVITE, without its body.
std::string InviteOf(const journal::v1::Dialog& dialog);

// What answers an INVITE of ours: a 2xx or a 1xx of the peer, without a body. `via` and `cseq` are the
// INVITE's. `by_caller`: the route set was made by the caller's INVITE, and so runs the other way.
std::string ResponseOf(const journal::v1::Dialog& dialog, int status, const std::string& via,
                       const std::string& cseq, bool by_caller);

// The tag of From or To. Empty: none.
std::string TagIn(const std::string& header);
// The header without it.
std::string WithoutTagIn(const std::string& header);
// The branch of the first Via. Empty: none.
std::string BranchIn(const std::string& via);
// The URI of a Contact.
std::string UriIn(const std::string& contact);

}  // namespace adieu::sip
