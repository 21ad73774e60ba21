#include "server/sip/replay_message.h"

#include <string_view>

namespace adieu::sip {
namespace {

void Add(std::string_view name, std::string_view value, std::string* text) {
  text->append(name).append(": ").append(value).append("\r\n");
}

// Where the parameters of From or To begin, behind the URI.
size_t ParametersIn(std::string_view header) {
  const size_t bracket = header.rfind('>');
  return bracket == std::string_view::npos ? 0 : bracket;
}

// Where the value of `;name=` begins and ends. npos: there is none.
struct Span {
  size_t begin = std::string_view::npos;
  size_t end = 0;
};
Span Find(std::string_view text, size_t from, std::string_view parameter) {
  const size_t at = text.find(parameter, from);
  if (at == std::string_view::npos) return {};
  const size_t begin = at + parameter.size();
  const size_t end = text.find_first_of(";, \t", begin);
  return {.begin = begin, .end = end == std::string_view::npos ? text.size() : end};
}

constexpr std::string_view kTag = ";tag=";

}  // namespace

std::string InviteOf(const journal::v1::Dialog& dialog) {
  std::string text = "INVITE " + dialog.request_uri() + " SIP/2.0\r\n";
  Add("Via", dialog.via(), &text);
  Add("From", dialog.remote(), &text);
  Add("To", WithoutTagIn(dialog.local()), &text);
  Add("Call-ID", dialog.call_id(), &text);
  Add("CSeq", std::to_string(dialog.invite_cseq()) + " INVITE", &text);
  Add("Max-Forwards", "70", &text);
  if (!dialog.contact().empty()) Add("Contact", dialog.contact(), &text);
  for (const std::string& route : dialog.record_routes()) Add("Record-Route", route, &text);
  return text + "Content-Length: 0\r\n\r\n";
}

std::string ResponseOf(const journal::v1::Dialog& dialog, int status, const std::string& via,
                       const std::string& cseq, bool by_caller) {
  std::string text = "SIP/2.0 " + std::to_string(status) + (status < 200 ? " Ringing\r\n" : " OK\r\n");
  Add("Via", via, &text);
  Add("From", dialog.local(), &text);
  Add("To", TagIn(dialog.remote()).empty() ? dialog.remote() + ";tag=none" : dialog.remote(), &text);
  Add("Call-ID", dialog.call_id(), &text);
  Add("CSeq", cseq, &text);
  if (!dialog.contact().empty()) Add("Contact", dialog.contact(), &text);
  const int routes = dialog.record_routes_size();
  for (int i = 0; i < routes; ++i) {
    Add("Record-Route", dialog.record_routes(by_caller ? routes - 1 - i : i), &text);
  }
  return text + "Content-Length: 0\r\n\r\n";
}

std::string TagIn(const std::string& header) {
  const Span span = Find(header, ParametersIn(header), kTag);
  return span.begin == std::string::npos ? "" : header.substr(span.begin, span.end - span.begin);
}

std::string WithoutTagIn(const std::string& header) {
  const Span span = Find(header, ParametersIn(header), kTag);
  if (span.begin == std::string::npos) return header;
  return header.substr(0, span.begin - kTag.size()) + header.substr(span.end);
}

std::string BranchIn(const std::string& via) {
  const Span span = Find(via, 0, ";branch=");
  return span.begin == std::string::npos ? "" : via.substr(span.begin, span.end - span.begin);
}

std::string UriIn(const std::string& contact) {
  const size_t begin = contact.find('<');
  if (begin == std::string::npos) return contact.substr(0, contact.find(';'));
  return contact.substr(begin + 1, contact.find('>', begin) - begin - 1);
}

}  // namespace adieu::sip
