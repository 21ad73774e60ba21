#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace adieu::bench {

// The texts of the calls between one caller socket and one server. Call-ID and branch carry the call's index,
// so that a response finds its call without a table.
class SipText {
 public:
  // `run` is unique per trial, of letters and digits. Addresses are `host:port`.
  SipText(std::string run, std::string local, std::string server, std::string user_agent = "loadgen");

  std::string CallId(size_t index) const;
  // The index in a Call-ID of this trial; nothing for any other.
  std::optional<size_t> IndexOf(std::string_view call_id) const;
  std::string Invite(size_t index) const;
  // The ACK of a final response other than 2xx (RFC 3261 17.1.1.3). `to` is the To value of that response.
  std::string Ack(size_t index, std::string_view to) const;

 private:
  std::string Start(std::string_view method, size_t index, std::string_view to) const;

  std::string run_;
  std::string local_;
  std::string server_;
  std::string user_agent_;
  std::string sdp_;
};

// The fields of a response that the caller needs; they point into the datagram.
struct Response {
  int status = 0;
  std::string_view call_id;
  std::string_view to;
  std::string_view cseq_method;
  // Empty: there is none.
  std::string_view retry_after;
};

// Nothing when the datagram is not a whole SIP response.
std::optional<Response> ParseResponse(std::string_view datagram);

}  // namespace adieu::bench
