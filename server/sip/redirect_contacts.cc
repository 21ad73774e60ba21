#include "server/sip/redirect_contacts.h"

#include "server/sip/header_text.h"
#include "server/sip/passed_headers.h"

namespace adieu::sip {
namespace {

constexpr int kAmbiguous = 485;

bool Redirects(const sip_status_t* status) {
  return status != nullptr &&
         ((status->st_status >= 300 && status->st_status < 400) || status->st_status == kAmbiguous);
}

}  // namespace

std::string RedirectContacts(const sip_t& sip) {
  std::string contacts;
  if (!Redirects(sip.sip_status)) return contacts;
  VisitHeaders(sip, [&](const HeaderText& header) {
    if (header.name != "Contact" || header.broken || header.value.empty()) return;
    const size_t begin = contacts.size();
    if (begin != 0) contacts.append(", ");
    if (!AppendOnOneLine(header.value, &contacts) || contacts.size() > kMaxPassedHeaders) {
      contacts.resize(begin);
    }
  });
  return contacts;
}

}  // namespace adieu::sip
