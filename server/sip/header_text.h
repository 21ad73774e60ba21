#pragma once

#include <sofia-sip/sip.h>

#include <functional>
#include <string>
#include <string_view>

namespace adieu::sip {

// The header fields of a parsed message as text. Pure.

struct HeaderText {
  // The long form where the library knows the header, otherwise as sent. Empty: there was no name.
  std::string_view name;
  // Without outer white space. As sent, folds included, where the library kept the text
  // (MSG_FLG_EXTRACT_COPY, and always for headers that it does not know); otherwise written anew from what it
  // read.
  std::string_view value;
  // The library could not read it; the name is a known one or empty, the value is empty.
  bool broken = false;
};

// Visits the header fields in the order of the message. A field with a list of values is visited once where
// the library kept the text, once for each value otherwise. The views are good during the visit.
void VisitHeaders(const sip_t& sip, const std::function<void(const HeaderText&)>& visit);

// The value of one header as the library writes it. Its own sip_header_as_string loses the last member of a
// list that does not fit into its first buffer.
std::string EncodedValue(const sip_header_t& header);

// Appends the value on one line: a fold (RFC 3261 7.3.1) becomes one space, a tab stays. False, and `text`
// as it was: the value has another octet below 0x20, or 0x7f. The library would bring those to the wire.
bool AppendOnOneLine(std::string_view value, std::string* text);

}  // namespace adieu::sip
