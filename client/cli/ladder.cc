#include "client/cli/ladder.h"

#include <string>

#include "client/cli/table.h"
#include "client/cli/when.h"

namespace adieu::cli {
namespace {

std::string Arrow(const v1::SipMessage& message) {
  const bool received = message.direction() == v1::DIRECTION_RECEIVED;
  if (message.side() == v1::LEG_SIDE_CALLEE) return received ? "adieu <-- callee" : "adieu --> callee";
  return received ? "caller --> adieu" : "caller <-- adieu";
}

Cell MessageCell(const v1::SipMessage& message) {
  const int code = message.status_code();
  if (code == 0) return {message.method(), Style::kPlain};
  std::string text = std::to_string(code) + " " + message.reason_phrase();
  if (message.method() != "INVITE") text += " (" + message.method() + ")";
  return {std::move(text), code < 200 ? Style::kFaint : code < 300 ? Style::kGood : Style::kBusy};
}

}  // namespace

void PrintLadder(const v1::Call& call, std::ostream& out, bool colour) {
  if (call.messages().empty()) return;
  Table table({{.heading = "MS", .min_width = 8, .right = true}, {"BETWEEN"}, {"MESSAGE"}, {"REASON"}});
  for (const auto& message : call.messages()) {
    table.Add({{FormatMilliseconds(call.messages(0).time(), message.time())},
               {Arrow(message)},
               MessageCell(message),
               {message.reason()}});
  }
  table.Print(out, colour);
}

}  // namespace adieu::cli
