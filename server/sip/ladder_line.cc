#include "server/sip/ladder_line.h"

#include <chrono>

#include "server/base/clock.h"
#include "server/sip/clean_text.h"
#include "server/sip/message_text.h"

namespace adieu::sip {

v1::SipMessage LadderLine(v1::LegSide side, v1::Direction direction, const sip_t& sip) {
  v1::SipMessage line;
  *line.mutable_time() = base::ToTimestamp(std::chrono::system_clock::now());
  line.set_side(side);
  line.set_direction(direction);
  if (sip.sip_cseq != nullptr) {
    line.set_cseq(sip.sip_cseq->cs_seq);
    line.set_method(CleanText(sip.sip_cseq->cs_method_name));
  }
  if (sip.sip_status != nullptr) {
    line.set_status_code(sip.sip_status->st_status);
    line.set_reason_phrase(CleanText(sip.sip_status->st_phrase));
  }
  line.set_reason(ReasonText(sip));
  return line;
}

}  // namespace adieu::sip
