#include "server/sip/dialog_record.h"

#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

#include <utility>

#include "server/sip/header_text.h"
#include "server/sip/pass_on.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

template <typename Header>
std::string Encoded(const Header* header) {
  return EncodedValue(*reinterpret_cast<const sip_header_t*>(header));
}

std::string UrlOf(const url_t* url) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const char* text = url_as_string(home, url);
  std::string copy = text != nullptr ? text : "";
  su_home_deinit(home);
  return copy;
}

std::string ViasOf(const sip_t& sip) {
  std::string vias;
  for (const sip_via_t* via = sip.sip_via; via != nullptr; via = via->v_next) {
    if (!vias.empty()) vias += ", ";
    vias += Encoded(via);
  }
  return vias;
}

void CopyRoutes(const sip_t& sip, journal::v1::Dialog* dialog) {
  dialog->clear_record_routes();
  for (const sip_record_route_t* route = sip.sip_record_route; route != nullptr; route = route->r_next) {
    dialog->add_record_routes(Encoded(route));
  }
}

void CopyInvite(const sip_t& sip, journal::v1::Dialog* dialog) {
  dialog->set_request_uri(UrlOf(sip.sip_request->rq_url));
  dialog->set_via(ViasOf(sip));
  dialog->set_call_id(sip.sip_call_id->i_id);
  dialog->set_invite_cseq(sip.sip_cseq->cs_seq);
  dialog->set_offered(sip.sip_payload != nullptr);
}

bool RefreshesTarget(sip_method_t method) {
  return method == sip_method_invite || method == sip_method_update;
}

}  // namespace

DialogRecord::DialogRecord(journal::v1::Dialog dialog) : dialog_(std::move(dialog)) { OnWritten(); }

journal::v1::Dialog DialogRecord::OfCaller(const sip_t& invite, const std::string& local_tag) {
  journal::v1::Dialog dialog;
  CopyInvite(invite, &dialog);
  CopyRoutes(invite, &dialog);
  dialog.set_local(WithoutTag(*invite.sip_to) + (local_tag.empty() ? "" : ";tag=" + local_tag));
  dialog.set_remote(Encoded(invite.sip_from));
  if (invite.sip_contact != nullptr) dialog.set_contact(Encoded(invite.sip_contact));
  return dialog;
}

void DialogRecord::BeginAsCallee(const sip_t& invite) {
  CopyInvite(invite, &dialog_);
  dialog_.set_local(Encoded(invite.sip_from));
  dialog_.set_remote(Encoded(invite.sip_to));
  dialog_.set_local_cseq(invite.sip_cseq->cs_seq);
}

void DialogRecord::Establish(const sip_t& answer) {
  if (!dialog_.contact().empty()) return;
  dialog_.set_remote(Encoded(answer.sip_to));
  if (answer.sip_contact != nullptr) dialog_.set_contact(Encoded(answer.sip_contact));
  CopyRoutes(answer, &dialog_);
}

void DialogRecord::LearnLocalTag(const sip_t& response) {
  const char* tag = response.sip_to != nullptr ? response.sip_to->a_tag : nullptr;
  if (tag == nullptr || dialog_.local().find(";tag=") != std::string::npos) return;
  dialog_.set_local(dialog_.local() + ";tag=" + tag);
}

bool DialogRecord::Learn(v1::Direction direction, const sip_t& sip) {
  const sip_method_t method = sip.sip_cseq->cs_method;
  if (direction == v1::DIRECTION_SENT) {
    const bool counts = sip.sip_request != nullptr && method != sip_method_ack && method != sip_method_cancel;
    if (!counts || sip.sip_cseq->cs_seq <= dialog_.local_cseq()) return false;
    dialog_.set_local_cseq(sip.sip_cseq->cs_seq);
    return written_cseq_ == 0 || dialog_.local_cseq() - written_cseq_ > kCseqMargin / 2;
  }
  if (!RefreshesTarget(method) || sip.sip_contact == nullptr) return false;
  if (sip.sip_status != nullptr && (sip.sip_status->st_status < 200 || sip.sip_status->st_status >= 300)) {
    return false;
  }
  std::string contact = Encoded(sip.sip_contact);
  if (contact == dialog_.contact()) return false;
  dialog_.set_contact(std::move(contact));
  return true;
}

bool DialogRecord::Acknowledge() {
  if (dialog_.acknowledged()) return false;
  dialog_.set_acknowledged(true);
  return true;
}

}  // namespace adieu::sip
