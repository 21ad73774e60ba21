#include "tests/bench/loadgen/sip_text.h"

#include <charconv>
#include <utility>

namespace adieu::bench {
namespace {

template <typename T>
std::optional<T> Number(std::string_view text) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find("\r\n");
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 2);
  return line;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

SipText::SipText(std::string run, std::string local, std::string server, std::string user_agent)
    : run_(std::move(run)),
      local_(std::move(local)),
      server_(std::move(server)),
      user_agent_(std::move(user_agent)) {
  sdp_ =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 "
      "101\r\n"
      "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";
}

std::string SipText::CallId(size_t index) const {
  return std::to_string(index) + "-" + run_ + "@bench.invalid";
}

std::optional<size_t> SipText::IndexOf(std::string_view call_id) const {
  const size_t dash = call_id.find('-');
  if (dash == std::string_view::npos || !call_id.substr(dash + 1).starts_with(run_ + "@"))
    return std::nullopt;
  return Number<size_t>(call_id.substr(0, dash));
}

std::string SipText::Start(std::string_view method, size_t index, std::string_view to) const {
  const std::string number = std::to_string(index);
  std::string text;
  text.reserve(1024);
  text.append(method).append(" sip:+4930123456@").append(server_).append(" SIP/2.0\r\nVia: SIP/2.0/UDP ");
  text.append(local_).append(";branch=z9hG4bK-").append(run_).append("-").append(number);
  text.append("\r\nMax-Forwards: 70\r\nFrom: <sip:+4989987654@").append(local_).append(">;tag=").append(run_);
  text.append("-").append(number).append("\r\nTo: ").append(to).append("\r\nCall-ID: ").append(CallId(index));
  text.append("\r\nCSeq: 1 ").append(method).append("\r\n");
  return text;
}

std::string SipText::Invite(size_t index) const {
  std::string text = Start("INVITE", index, "<sip:+4930123456@" + server_ + ">");
  text.append("Contact: <sip:caller@").append(local_);
  text.append(">\r\nUser-Agent: ").append(user_agent_);
  text.append("\r\nAllow: INVITE,ACK,BYE,CANCEL,OPTIONS\r\nSupported: replaces\r\n");
  text.append("Content-Type: application/sdp\r\nContent-Length: ").append(std::to_string(sdp_.size()));
  return text.append("\r\n\r\n").append(sdp_);
}

std::string SipText::Ack(size_t index, std::string_view to) const {
  return Start("ACK", index, to).append("Content-Length: 0\r\n\r\n");
}

std::optional<Response> ParseResponse(std::string_view datagram) {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  if (!datagram.starts_with(kVersion)) return std::nullopt;
  const auto status = Number<int>(TakeLine(&datagram).substr(kVersion.size(), 3));
  if (!status) return std::nullopt;
  Response response = {.status = *status};
  while (true) {
    const std::string_view line = TakeLine(&datagram);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = Trim(line.substr(0, colon));
    const std::string_view value = Trim(line.substr(colon + 1));
    if (name == "Call-ID" || name == "i") {
      response.call_id = value;
    } else if (name == "To" || name == "t") {
      response.to = value;
    } else if (name == "CSeq") {
      response.cseq_method = value.substr(value.rfind(' ') + 1);
    } else if (name == "Retry-After") {
      response.retry_after = value;
    }
  }
  if (response.call_id.empty() || response.to.empty() || response.cseq_method.empty()) return std::nullopt;
  return response;
}

}  // namespace adieu::bench
