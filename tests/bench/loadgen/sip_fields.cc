#include "tests/bench/loadgen/sip_fields.h"

#include <charconv>

namespace adieu::bench {
namespace {

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find("\r\n");
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 2);
  return line;
}

std::string_view UriOf(std::string_view value) {
  const size_t begin = value.find('<');
  if (begin == std::string_view::npos) return value;
  return value.substr(begin + 1, value.find('>') - begin - 1);
}

void Take(std::string_view line, SipFields* fields) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "Call-ID") fields->call_id = value;
  if (name == "To") fields->to = value;
  if (name == "CSeq") fields->method = value.substr(value.rfind(' ') + 1);
  if (name == "X-Bench") fields->bench = value;
  if (name == "Contact") fields->contact = UriOf(value);
  if (name == "Record-Route") fields->record_routes.append(line).append("\r\n");
  if (name == "Via" || name == "From" || name == "Call-ID" || name == "CSeq") {
    fields->repeated.append(line).append("\r\n");
  }
}

}  // namespace

std::optional<SipFields> ParseSip(std::string_view datagram) {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  SipFields fields;
  const std::string_view first = TakeLine(&datagram);
  if (first.starts_with(kVersion)) {
    const std::string_view code = first.substr(kVersion.size(), 3);
    if (std::from_chars(code.data(), code.data() + code.size(), fields.status).ec != std::errc()) {
      return std::nullopt;
    }
  }
  for (std::string_view line = TakeLine(&datagram); !line.empty(); line = TakeLine(&datagram)) {
    Take(line, &fields);
  }
  if (fields.call_id.empty() || fields.method.empty()) return std::nullopt;
  return fields;
}

}  // namespace adieu::bench
