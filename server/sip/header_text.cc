#include "server/sip/header_text.h"

#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

std::string_view ViewOf(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

bool EndsHeaders(const sip_header_t& header) {
  return header.sh_class == sip_separator_class || header.sh_class == sip_payload_class;
}

std::string_view NameOf(const sip_header_t& header) {
  if (header.sh_class == sip_unknown_class) return ViewOf(header.sh_unknown->un_name);
  if (header.sh_class == sip_error_class) return ViewOf(header.sh_error->er_name);
  return ViewOf(header.sh_class->hc_name);
}

// What is behind the colon of the text that the library kept.
std::string_view KeptValue(const sip_header_t& header) {
  const std::string_view line(static_cast<const char*>(header.sh_data), header.sh_len);
  const size_t colon = line.find(':');
  return colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
}

// The first value of a list has the text of all of them, the others have none.
bool IsContinuation(const sip_header_t& header) { return header.sh_data != nullptr && header.sh_len == 0; }

}  // namespace

std::string EncodedValue(const sip_header_t& header) {
  // What the library counts on is more than what it says that it needs.
  constexpr size_t kSpare = 64;
  std::string text(512, '\0');
  for (;;) {
    const issize_t size = sip_header_field_e(text.data(), text.size(), &header, 0);
    if (size < 0) return "";
    if (static_cast<size_t>(size) + kSpare <= text.size()) {
      text.resize(static_cast<size_t>(size));
      return text;
    }
    text.resize(static_cast<size_t>(size) + 2 * kSpare);
  }
}

void VisitHeaders(const sip_t& sip, const std::function<void(const HeaderText&)>& visit) {
  std::string encoded;
  const auto* header = reinterpret_cast<const sip_header_t*>(sip.sip_request);
  if (header == nullptr) header = reinterpret_cast<const sip_header_t*>(sip.sip_status);
  if (header != nullptr) header = reinterpret_cast<const sip_header_t*>(header->sh_succ);
  for (; header != nullptr && !EndsHeaders(*header);
       header = reinterpret_cast<const sip_header_t*>(header->sh_succ)) {
    if (IsContinuation(*header)) continue;
    HeaderText text{.name = NameOf(*header), .broken = header->sh_class == sip_error_class};
    if (header->sh_data != nullptr) {
      text.value = KeptValue(*header);
    } else if (header->sh_class == sip_unknown_class) {
      text.value = ViewOf(header->sh_unknown->un_value);
    } else if (!text.broken) {
      encoded = EncodedValue(*header);
      text.value = encoded;
    }
    text.value = text.broken ? std::string_view() : Trimmed(text.value);
    visit(text);
  }
}

bool AppendOnOneLine(std::string_view value, std::string* text) {
  const size_t begin = text->size();
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\r' && value.substr(i, 2) == "\r\n" && i + 2 < value.size() && IsSpace(value[i + 2])) {
      while (text->size() > begin && IsSpace(text->back())) text->pop_back();
      text->push_back(' ');
      i += 2;
      while (i + 1 < value.size() && IsSpace(value[i + 1])) ++i;
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
      text->resize(begin);
      return false;
    } else {
      text->push_back(c);
    }
  }
  return true;
}

}  // namespace adieu::sip
