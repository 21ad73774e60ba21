#include "server/sip/sdp.h"

#include <cstddef>
#include <vector>

namespace adieu::sip {
namespace {

// A port that discards (RFC 863): what is inactive sends nothing there.
constexpr std::string_view kPort = "9";

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const size_t end = line.find(' ');
    if (end != 0) words.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return words;
}

std::string SessionPart(std::string_view host) {
  const bool ip6 = host.starts_with('[');
  if (ip6) host = host.substr(1, host.size() - 2);
  const std::string address = std::string(ip6 ? "IN IP6 " : "IN IP4 ") + std::string(host);
  return "v=0\r\no=adieu 1 1 " + address + "\r\ns=-\r\nc=" + address + "\r\nt=0 0\r\n";
}

bool CanHold(std::string_view protocol) { return protocol == "RTP/AVP" || protocol == "RTP/AVPF"; }

bool IsTextSafe(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// One stream of the answer; `lines[at]` is its m= line.
std::string StreamPart(const std::vector<std::string_view>& lines, size_t at) {
  const std::vector<std::string_view> words = WordsOf(lines[at].substr(2));
  if (words.size() < 4) return "m=audio 0 RTP/AVP 0\r\n";
  const std::string media(words[0]);
  const std::string protocol(words[2]);
  const std::string format(words[3]);
  if (!CanHold(protocol) || words[1] == "0") return "m=" + media + " 0 " + protocol + " " + format + "\r\n";
  std::string part = "m=" + media + " " + std::string(kPort) + " " + protocol + " " + format + "\r\n";
  for (size_t i = at + 1; i < lines.size() && !lines[i].starts_with("m="); ++i) {
    const bool of_format =
        lines[i].starts_with("a=rtpmap:" + format + " ") || lines[i].starts_with("a=fmtp:" + format + " ");
    if (of_format && IsTextSafe(lines[i])) part.append(lines[i]).append("\r\n");
  }
  return part + "a=inactive\r\n";
}

}  // namespace

std::string AnswerTo(std::string_view offer, std::string_view host) {
  const std::vector<std::string_view> lines = LinesOf(offer);
  std::string answer = SessionPart(host);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("m=") && IsTextSafe(lines[i])) answer += StreamPart(lines, i);
  }
  return answer;
}

std::string InactiveOffer(std::string_view host) {
  return SessionPart(host) + "m=audio " + std::string(kPort) +
         " RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n";
}

}  // namespace adieu::sip
