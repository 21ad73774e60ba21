#pragma once

namespace adieu::sip {

// The stack rounds the time to its next timer down to whole milliseconds and so spins through the last one:
// millions of empty polls at a few hundred calls per second. Our own su_timer_expire, defined in this
// executable under the library's name as the parser guards are, hands on to the original and rounds up
// instead. Timers come up to 1 ms late. Process-wide.

// Whether the library called it on this thread since the thread began.
bool RoundsTimersUp();

}  // namespace adieu::sip
