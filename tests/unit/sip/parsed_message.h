#pragma once

#include <sofia-sip/msg_types.h>
#include <sofia-sip/sip.h>

#include <string>

namespace adieu::sip {

// A message that the SIP library parsed from its text.
class ParsedMessage {
 public:
  // Whether the library keeps the text of each header (MSG_FLG_EXTRACT_COPY), or only what it read.
  enum class Text { kKept, kDropped };

  explicit ParsedMessage(const std::string& text, Text kept = Text::kKept);
  ~ParsedMessage();
  ParsedMessage(const ParsedMessage&) = delete;
  ParsedMessage& operator=(const ParsedMessage&) = delete;

  const sip_t& sip() const { return *sip_; }

 private:
  msg_t* msg_;
  sip_t* sip_;
};

// An INVITE with the headers that each must have, followed by `headers` (each line with CRLF) and `body`.
std::string InviteWith(const std::string& headers, const std::string& body = "");

// A response to that INVITE.
std::string ResponseWith(int status, const std::string& headers, const std::string& body = "");

}  // namespace adieu::sip
