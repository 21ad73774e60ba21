#include "server/sip/passed_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "server/policy/ascii.h"
#include "server/policy/text_check.h"
#include "server/sip/header_text.h"
#include "server/sip/hop_header.h"

namespace adieu::sip {
namespace {

// Long forms: the library gives the names of those that have a compact one.
constexpr std::array<std::string_view, 29> kNeverPassed = {"Via",
                                                           "From",
                                                           "To",
                                                           "Call-ID",
                                                           "CSeq",
                                                           "Contact",
                                                           "Route",
                                                           "Path",
                                                           "Record-Route",
                                                           "Service-Route",
                                                           "Max-Forwards",
                                                           "Content-Length",
                                                           "RSeq",
                                                           "RAck",
                                                           "Timestamp",
                                                           "User-Agent",
                                                           "Server",
                                                           "Allow",
                                                           "Allow-Events",
                                                           "Supported",
                                                           "Require",
                                                           "Proxy-Require",
                                                           "Replaces",
                                                           "Join",
                                                           "Target-Dialog",
                                                           "Security-Client",
                                                           "Security-Server",
                                                           "Security-Verify",
                                                           kHopHeader};

constexpr int kServiceUnavailable = 503;

bool Is(std::string_view name, std::string_view other) { return policy::EqualIgnoringCase(name, other); }

bool IsPassed(std::string_view name, PassedFor what, int status) {
  if (what == PassedFor::kResponse && status == kServiceUnavailable && Is(name, "Retry-After")) return false;
  return std::none_of(kNeverPassed.begin(), kNeverPassed.end(),
                      [name](std::string_view never) { return Is(name, never); });
}

// False: it cannot go through, and `text` is as it was.
bool AppendLine(const HeaderText& header, std::string* text) {
  const size_t begin = text->size();
  text->append(header.name).append(": ");
  if (header.broken || !policy::IsToken(header.name) || !AppendOnOneLine(header.value, text)) {
    text->resize(begin);
    return false;
  }
  text->append("\r\n");
  return true;
}

}  // namespace

std::string PassedHeaders(const sip_t& sip, PassedFor what, int* left_out) {
  const int status = sip.sip_status != nullptr ? sip.sip_status->st_status : 0;
  std::string text;
  int missing = 0;
  bool full = false;
  VisitHeaders(sip, [&](const HeaderText& header) {
    if (!IsPassed(header.name, what, status)) return;
    const size_t begin = text.size();
    bool passed = !full && AppendLine(header, &text);
    if (passed && text.size() > kMaxPassedHeaders) {
      text.resize(begin);
      full = true;
      passed = false;
    }
    if (!passed) ++missing;
  });
  if (left_out != nullptr) *left_out = missing;
  return text;
}

}  // namespace adieu::sip
