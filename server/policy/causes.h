#pragma once

#include <string_view>

#include "adieu/v1/treatment.pb.h"

namespace adieu::policy {

// How SIP status codes and Q.850 causes belong together. Pure.

// The status code that a gateway makes of a cause (RFC 3398 7.2.4.1). Zero: none (16, normal clearing).
int StatusOfCauseRfc3398(int q850_cause);

// The cause that a gateway makes of a status code (RFC 3398 8.2.6.1). Zero: none, or it depends on more.
int CauseOfStatusRfc3398(int status_code);

// What FreeSWITCH and Asterisk make of a cause as the called side, and of a status code as the calling side.
// Zero: nothing, or a cause that is not of Q.850.
int StatusOfCauseFreeSwitch(int q850_cause);
int CauseOfStatusFreeSwitch(int status_code);
int StatusOfCauseAsterisk(int q850_cause);
int CauseOfStatusAsterisk(int status_code);

// The cause that this map gives for a status code. Zero: none; CAUSE_MAP_UNSPECIFIED has none for any.
int CauseOfStatus(v1::CauseMap map, int status_code);

// What Q.850 calls a cause: `Normal call clearing`. Empty: it has no name there.
std::string_view CauseText(int q850_cause);

// Whether a response with this status code may carry this Reason value without contradicting itself. A SIP
// cause: only when equal. A Q.850 cause: when the pair is in one of the maps above, in either direction, or
// is one of {480, 487} with one of {16, 31}. A Reason without a cause: false.
bool AgreesWithCode(int status_code, const v1::Reason& reason);

}  // namespace adieu::policy
