#pragma once

namespace adieu::sip {

// What the library does with a dialog on its own account, taken away from it: functions of our own under
// the library's names, defined in this executable as the parser guards are. Process-wide, no state.
//  - sip_response_terminates_dialog: no response to a request within the dialog makes the library drop the
//    dialog or end the session (it would do so without a BYE, or with one that has no Reason; RFC 5057). What
//    ends a call is decided in in_dialog_status.h.
//  - sip_has_feature: the library finds no `timer` among option tags. It would take Supported, which passes
//    through, for its own word, and send re-INVITEs and BYEs by itself (RFC 4028).
//  - nua_client_create, nua_client_request_queue: a BYE does not wait behind another request of its dialog,
//    which may take 32 s to be given up.

// Whether the library's own calls come to our functions.
bool DialogsAreOurs();

}  // namespace adieu::sip
