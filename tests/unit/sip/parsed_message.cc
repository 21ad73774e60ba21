#include "tests/unit/sip/parsed_message.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

#include <cstdlib>

namespace adieu::sip {
namespace {

constexpr const char* kDialog =
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    "From: Alice <sip:alice@example.org>;tag=a\r\n"
    "To: Bob <sip:bob@example.com>\r\n"
    "Call-ID: 1@192.0.2.1\r\n"
    "CSeq: 1 INVITE\r\n";

std::string Ended(const std::string& headers, const std::string& body) {
  return headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

ParsedMessage::ParsedMessage(const std::string& text, Text kept)
    : msg_(msg_make(sip_default_mclass(), kept == Text::kKept ? MSG_DO_EXTRACT_COPY : 0, text.data(),
                    static_cast<ssize_t>(text.size()))),
      sip_(msg_ != nullptr ? sip_object(msg_) : nullptr) {
  if (sip_ == nullptr || (sip_->sip_request == nullptr && sip_->sip_status == nullptr)) std::abort();
}

ParsedMessage::~ParsedMessage() { msg_destroy(msg_); }

std::string InviteWith(const std::string& headers, const std::string& body) {
  return Ended("INVITE sip:bob@192.0.2.2 SIP/2.0\r\n" + std::string(kDialog) + headers, body);
}

std::string ResponseWith(int status, const std::string& headers, const std::string& body) {
  return Ended("SIP/2.0 " + std::to_string(status) + " Phrase\r\n" + std::string(kDialog) + headers, body);
}

}  // namespace adieu::sip
