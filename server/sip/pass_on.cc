#include "server/sip/pass_on.h"

#include <sofia-sip/msg_header.h>
#include <sofia-sip/su_alloc.h>

#include "server/sip/header_text.h"
#include "server/sip/passed_options.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

bool IsAck(const sip_t& sip) {
  return sip.sip_request != nullptr && sip.sip_request->rq_method == sip_method_ack;
}

// The lines of header text that describe a body.
std::string ContentLines(const std::string& headers) {
  std::string lines;
  for (size_t begin = 0; begin < headers.size();) {
    const size_t end = headers.find("\r\n", begin) + 2;
    if (headers.compare(begin, 8, "Content-") == 0) lines.append(headers, begin, end - begin);
    begin = end;
  }
  return lines;
}

}  // namespace

PassedMessage PassOn(const sip_t& sip, PassedFor what) {
  PassedMessage passed{.headers = PassedHeaders(sip, what)};
  // The stack gives an ACK the credentials of its INVITE; options have no place in it.
  passed.headers = IsAck(sip) ? ContentLines(passed.headers) : passed.headers + PassedOptions(sip);
  if (sip.sip_payload != nullptr) passed.body.assign(sip.sip_payload->pl_data, sip.sip_payload->pl_len);
  return passed;
}

std::string PassedReason(const sip_t& sip) {
  std::string reasons;
  VisitHeaders(sip, [&reasons](const HeaderText& header) {
    if (header.name != "Reason" || header.broken) return;
    const size_t before = reasons.size();
    if (before > 0) reasons += ", ";
    if (!AppendOnOneLine(header.value, &reasons)) reasons.resize(before);
  });
  return reasons;
}

std::string WithoutTag(const sip_addr_t& header) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  sip_from_t* copy = sip_from_dup(home, &header);
  msg_header_remove_param(copy->a_common, "tag");
  copy->a_tag = nullptr;
  const std::string text = EncodedValue(*reinterpret_cast<const sip_header_t*>(copy));
  su_home_deinit(home);
  std::string clean;
  if (text.empty() || !AppendOnOneLine(text, &clean)) clean = "<sip:anonymous@anonymous.invalid>";
  return clean;
}

}  // namespace adieu::sip
