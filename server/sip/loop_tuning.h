#pragma once

namespace adieu::sip {

// Two functions of the library's event loop, replaced by our own under the library's names as the parser
// guards are. Process-wide, any thread.
//  - su_timer_expire: the library rounds the time to its next timer down to whole milliseconds and so spins
//  through
//    the last one, millions of empty polls at a few hundred calls per second. Ours rounds up: timers come up
//    to 1 ms late.
//  - su_root_yield: once a second the library polls its sockets once for every handle it has, several
//  milliseconds
//    in which nothing else is done when thousands of calls ring. Ours polls for one handle in
//    kHandlesPerPoll.

inline constexpr unsigned kHandlesPerPoll = 64;

// Whether the library's loop calls our functions on this thread.
bool LoopIsTuned();

}  // namespace adieu::sip
