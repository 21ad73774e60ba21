#include "tests/bench/loadgen/through_phones.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "tests/bench/loadgen/clock.h"
#include "tests/bench/loadgen/sip_fields.h"
#include "tests/bench/loadgen/target.h"

namespace adieu::bench {
namespace {

constexpr std::string_view kSdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

void AppendBody(std::string* text, std::string_view body) {
  if (!body.empty()) text->append("Content-Type: application/sdp\r\n");
  text->append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string Response(const SipFields& request, std::string_view line, std::string_view tag,
                     const std::string& contact, std::string_view body) {
  std::string text;
  text.reserve(1024);
  text.append("SIP/2.0 ").append(line).append("\r\n").append(request.repeated);
  text.append("To: ").append(request.to);
  if (request.to.find(";tag=") == std::string_view::npos) text.append(";tag=").append(tag);
  text.append("\r\n").append(request.record_routes).append("Contact: <sip:callee@").append(contact);
  text.append(">\r\n");
  AppendBody(&text, body);
  return text;
}

std::string_view TagOf(std::string_view value) {
  const size_t at = value.find(";tag=");
  return at == std::string_view::npos ? std::string_view() : value.substr(at + 5);
}

}  // namespace

ThroughPhones::ThroughPhones(const std::string& server, int callee_fd, size_t calls, int64_t ring)
    : run_(NewRun()),
      ring_(ring),
      caller_(server.empty() ? LocalAddress(callee_fd) : server),
      callee_(callee_fd, server.empty() ? caller_.local() : server),
      server_(server.empty() ? callee_.local() : server),
      calls_(calls),
      dialogs_(calls) {}

size_t ThroughPhones::IndexOf(std::string_view tag) const {
  const size_t dash = tag.find('-');
  size_t index = 0;
  if (dash == std::string_view::npos || tag.substr(dash + 1) != run_) return calls_.size();
  std::from_chars(tag.data(), tag.data() + dash, index);
  return std::min(index, calls_.size());
}

std::string ThroughPhones::Request(std::string_view method, size_t index, int cseq,
                                   const Dialog& dialog) const {
  std::string text;
  text.reserve(1024);
  text.append(method).append(" ").append(dialog.target).append(" SIP/2.0\r\nVia: SIP/2.0/UDP ");
  text.append(caller_.local()).append(";branch=z9hG4bK-").append(Tag(index)).append(method);
  text.append("\r\n").append(dialog.routes).append("Max-Forwards: 70\r\nFrom: <sip:caller@");
  text.append(caller_.local()).append(">;tag=").append(Tag(index)).append("\r\nTo: ").append(dialog.to);
  text.append("\r\nCall-ID: ").append(Tag(index)).append("\r\nCSeq: ").append(std::to_string(cseq));
  text.append(" ").append(method).append("\r\nContact: <sip:caller@").append(caller_.local());
  text.append(">\r\nUser-Agent: loadgen\r\n");
  return text;
}

void ThroughPhones::Invite(size_t index) {
  std::string text =
      Request("INVITE", index, 1, {.target = "sip:bench@" + server_, .to = "<sip:bench@" + server_ + ">"});
  text.append("Allow: INVITE,ACK,BYE,CANCEL,OPTIONS\r\nSupported: replaces\r\nX-Bench: ").append(Tag(index));
  text.append("\r\n");
  AppendBody(&text, kSdp);
  calls_[index].Sent(Hop::kInvite, Now());
  caller_.Send(text);
}

void ThroughPhones::Bye(size_t index) {
  std::string text = Request("BYE", index, 2, dialogs_[index]);
  AppendBody(&text, "");
  calls_[index].Sent(Hop::kBye, Now());
  caller_.Send(text);
}

void ThroughPhones::AtCaller(std::string_view datagram, int64_t now) {
  const auto fields = ParseSip(datagram);
  const size_t index = fields ? IndexOf(fields->call_id) : calls_.size();
  if (index == calls_.size() || fields->status <= 100) return;
  ThroughCall& call = calls_[index];
  if (fields->method == "BYE") {
    if (std::exchange(call.done, now) == 0) ++done_;
    call.refused = call.refused || fields->status != 200;
  } else if (fields->status == 180) {
    call.Came(Hop::kRinging, now);
  } else if (fields->status == 200) {
    if (!call.Came(Hop::kAnswer, now)) return;
    // One line or none: the order of several would have to be turned round.
    std::string routes = fields->record_routes;
    if (!routes.empty()) routes.replace(0, routes.find(':'), "Route");
    dialogs_[index] = {
        .target = std::string(fields->contact), .to = std::string(fields->to), .routes = std::move(routes)};
    std::string ack = Request("ACK", index, 1, dialogs_[index]);
    AppendBody(&ack, "");
    call.Sent(Hop::kAck, Now());
    caller_.Send(ack);
  } else {
    call.refused = true;
  }
}

void ThroughPhones::AtCallee(std::string_view datagram, int64_t now) {
  const auto fields = ParseSip(datagram);
  if (!fields || fields->status != 0) return;
  const bool begins = fields->method == "INVITE";
  const size_t index = IndexOf(begins ? fields->bench : TagOf(fields->to));
  if (index == calls_.size()) return;
  ThroughCall& call = calls_[index];
  if (begins) {
    if (!call.Came(Hop::kInvite, now)) return;
    const std::string ringing = Response(*fields, "180 Ringing", Tag(index), callee_.local(), "");
    call.Sent(Hop::kRinging, Now());
    callee_.Send(ringing);
    answers_.push_back({.due = Now() + ring_,
                        .index = index,
                        .text = Response(*fields, "200 OK", Tag(index), callee_.local(), kSdp)});
  } else if (fields->method == "ACK") {
    if (call.Came(Hop::kAck, now)) ++answered_;
  } else if (fields->method == "BYE") {
    call.Came(Hop::kBye, now);
    callee_.Send(Response(*fields, "200 OK", Tag(index), callee_.local(), ""));
  }
}

void ThroughPhones::SendDueAnswers() {
  for (; !answers_.empty() && answers_.front().due <= Now(); answers_.pop_front()) {
    calls_[answers_.front().index].Sent(Hop::kAnswer, Now());
    callee_.Send(answers_.front().text);
  }
}

void ThroughPhones::RunUntil(int64_t time) {
  std::array<pollfd, 2> sockets = {pollfd{.fd = caller_.fd(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = callee_.fd(), .events = POLLIN, .revents = 0}};
  do {
    SendDueAnswers();
    const int64_t until = answers_.empty() ? time : std::min(time, answers_.front().due);
    const int64_t wait = std::max<int64_t>(0, until - Now());
    const timespec timeout = {.tv_sec = wait / kSecond, .tv_nsec = wait % kSecond};
    if (ppoll(sockets.data(), sockets.size(), &timeout, nullptr) <= 0) continue;
    if (sockets[0].revents != 0) {
      const int64_t now = Now();
      caller_.Receive([&](std::string_view datagram) { AtCaller(datagram, now); });
    }
    if (sockets[1].revents != 0) {
      const int64_t now = Now();
      callee_.Receive([&](std::string_view datagram) { AtCallee(datagram, now); });
    }
  } while (Now() < time);
}

}  // namespace adieu::bench
