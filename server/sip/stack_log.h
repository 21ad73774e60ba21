#pragma once

namespace adieu::sip {

// Silences the SIP library's own log, which writes whole messages and three lines per refused packet to
// stderr. Process-wide; call it before the first root is made.
void SilenceStackLog();

}  // namespace adieu::sip
