#include "server/sip/answer_here.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

namespace adieu::sip {

void AnswerHere(const NuaEvent& event, nua_handle_t* handle, bool busy) {
  const sip_method_t method = event.sip->sip_request->rq_method;
  const bool changes_session = method == sip_method_invite || method == sip_method_update;
  const auto answer = [&](int status, const char* phrase) {
    nua_respond(handle, status, phrase, NUTAG_WITH_THIS(event.nua),
                TAG_IF(busy && status == 500, SIPTAG_RETRY_AFTER_STR("1")), TAG_END());
  };
  if (busy) {
    changes_session ? answer(SIP_491_REQUEST_PENDING) : answer(SIP_500_INTERNAL_SERVER_ERROR);
  } else if (method == sip_method_info || method == sip_method_options) {
    answer(SIP_200_OK);
  } else if (method == sip_method_refer) {
    answer(SIP_603_DECLINE);
  } else {
    answer(SIP_488_NOT_ACCEPTABLE);
  }
}

}  // namespace adieu::sip
