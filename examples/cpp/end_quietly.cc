// Ends one ringing call without an error at the caller's phone, and says what came of it.
//
//     end_quietly [HOST:PORT]      the server's gRPC address; else $ADIEU_SERVER, else 127.0.0.1:50051
//
// libadieu walks the pages of a list, takes a broken watch up again, makes the request_id, and tries again
// after UNAVAILABLE and RESOURCE_EXHAUSTED, as long as the deadline allows.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "client/adieu/client.h"

namespace {

namespace v1 = adieu::v1;
using adieu::client::Client;
using adieu::client::Error;

int Fail(const Error& error) {
  std::cerr << adieu::client::CodeName(error.code) << ": " << error.message << "\n";
  return 1;
}

v1::CallMatch Ringing() {
  v1::CallMatch match;
  match.set_state(v1::CALL_STATE_RINGING);
  return match;
}

// The next call that rings. Blocks until there is one.
adieu::client::Result<v1::Call> NextRinging(const Client& client, const std::string& resume_token) {
  v1::WatchCallsRequest request;
  *request.mutable_match() = Ringing();
  request.set_resume_token(resume_token);
  v1::Call call;
  const std::optional<Error> error =
      client.WatchCalls(request, [&call](const v1::WatchCallsResponse& change) {
        call = change.call();
        return !change.has_call();
      });
  if (error) return *error;
  return call;
}

int EndQuietly(const std::string& address) {
  // A phone that is gone is given up after 32 s.
  const Client client = Client::Connect(address, {.deadline = std::chrono::seconds(60)});

  v1::ListCallsRequest list;
  *list.mutable_match() = Ringing();
  const auto listed = client.ListCalls(list);
  if (!listed.ok()) return Fail(listed.error());
  for (const v1::Call& call : listed->calls()) {
    std::cout << "rings: " << call.name() << " from " << call.caller().from_uri() << std::endl;
  }
  const auto call = listed->calls_size() > 0 ? adieu::client::Result<v1::Call>(listed->calls(0))
                                             : NextRinging(client, listed->resume_token());
  if (!call.ok()) return Fail(call.error());

  v1::TerminateCallRequest request;
  request.set_name(call->name());
  request.set_intent(v1::INTENT_QUIET);
  request.set_wait(v1::WAIT_ENDED);
  request.set_note("end_quietly.cc");
  const auto termination = client.TerminateCall(request);
  if (!termination.ok()) return Fail(termination.error());

  // What became of it is data, not an error: the phone may have hung up first (PEER_FIRST).
  std::cout << "ended: " << termination->call() << " by " << termination->policy() << " "
            << termination->rule() << std::endl;
  for (const v1::LegEnding& leg : termination->legs()) {
    std::cout << v1::LegSide_Name(leg.side()) << " " << v1::LegAction_Name(leg.action()) << " "
              << leg.status_code() << " " << leg.reason_phrase() << ": " << v1::LegOutcome_Name(leg.outcome())
              << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const char* named = std::getenv("ADIEU_SERVER");
  return EndQuietly(argc > 1 ? argv[1] : named != nullptr ? named : "127.0.0.1:50051");
}
