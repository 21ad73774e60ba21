#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "adieu/v1/termination.pb.h"
#include "adieu/v1/treatment.pb.h"

namespace adieu::policy {

// What may leave for one call, as text that is safe on the wire (no control characters, quotes escaped,
// within its limits). The SIP room chooses by the leg's state which part of it leaves.
struct Rendered {
  // FINAL_RESPONSE, REDIRECT or ANSWER_THEN_BYE: what an unanswered caller gets.
  v1::LegAction action = v1::LEG_ACTION_FINAL_RESPONSE;
  // 300-699; 200 for ANSWER_THEN_BYE.
  int status_code = 0;
  // Never empty.
  std::string reason_phrase;
  // What leaves with the final response, in this order: Reason, Retry-After, Warning, Error-Info, Contact (of
  // a redirect, one header with all of them), further headers.
  std::vector<v1::Header> headers;
  // ANSWER_THEN_BYE: how long after the ACK.
  std::chrono::milliseconds bye_after{0};
  // The value of the Reason header of a BYE; never empty.
  std::string bye_reason;
  // The value of the Reason header of a CANCEL; empty: none.
  std::string cancel_reason;
};

// Renders a treatment that CheckTreatment accepted and that is complete (builtin.h: Complete). Pure.
Rendered Render(const v1::Treatment& treatment);

}  // namespace adieu::policy
