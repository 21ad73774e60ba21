#include "server/sip/header_text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>

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

std::string_view ValueOf(su_home_t* home, const sip_header_t& header) {
  if (header.sh_data != nullptr) return KeptValue(header);
  if (header.sh_class == sip_unknown_class) return ViewOf(header.sh_unknown->un_value);
  return ViewOf(sip_header_as_string(home, &header));
}

}  // namespace

void VisitHeaders(const sip_t& sip, const std::function<void(const HeaderText&)>& visit) {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  const auto* header = reinterpret_cast<const sip_header_t*>(sip.sip_request);
  if (header == nullptr) header = reinterpret_cast<const sip_header_t*>(sip.sip_status);
  if (header != nullptr) header = reinterpret_cast<const sip_header_t*>(header->sh_succ);
  for (; header != nullptr && !EndsHeaders(*header);
       header = reinterpret_cast<const sip_header_t*>(header->sh_succ)) {
    if (IsContinuation(*header)) continue;
    HeaderText text{.name = NameOf(*header), .broken = header->sh_class == sip_error_class};
    if (!text.broken) text.value = Trimmed(ValueOf(home, *header));
    visit(text);
  }
  su_home_deinit(home);
}

bool AppendOnOneLine(std::string_view value, std::string* text) {
  const size_t begin = text->size();
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\r' && value.substr(i, 2) == "\r\n" && i + 2 < value.size() && IsSpace(value[i + 2])) {
      while (text->size() > begin && text->back() == ' ') text->pop_back();
      text->push_back(' ');
      i += 2;
      while (i + 1 < value.size() && IsSpace(value[i + 1])) ++i;
    } else if (c == '\t') {
      text->push_back(' ');
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      text->resize(begin);
      return false;
    } else {
      text->push_back(c);
    }
  }
  return true;
}

}  // namespace adieu::sip
