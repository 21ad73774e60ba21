#include <memory>
#include <string>

#include "client/cli/call_table.h"
#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/match_flags.h"

namespace adieu::cli {
namespace {

// Prints the changes as they come; bookmarks only for machines.
class ChangePrinter {
 public:
  explicit ChangePrinter(const Session& session) : session_(session) {}

  // False: nobody reads the output any more.
  bool Print(const v1::WatchCallsResponse& change) {
    if (session_.output != Output::kTable) {
      PrintMachine(session_, change, true);
    } else if (!change.has_bookmark()) {
      PrintLine(change);
    }
    return session_.out.good();
  }

 private:
  void PrintLine(const v1::WatchCallsResponse& change) {
    auto columns = CallColumns();
    columns.insert(columns.begin(), {.heading = "CHANGE", .min_width = 7});
    Table table(std::move(columns));
    auto row = change.has_call() ? CallRow(change.call()) : std::vector<Cell>{{change.removed_name()}};
    row.insert(row.begin(), change.has_call() ? Cell{"call"} : Cell{"removed", Style::kFaint});
    table.Add(std::move(row));
    table.Print(session_.out, session_.colour, first_);
    session_.out.flush();
    first_ = false;
  }

  const Session& session_;
  bool first_ = true;
};

int WatchCalls(const Session& session, const v1::WatchCallsRequest& request) {
  ChangePrinter printer(session);
  const auto wrong = session.Connect().WatchCalls(
      request, [&printer](const v1::WatchCallsResponse& change) { return printer.Print(change); });
  return wrong ? Fail(session, *wrong) : kOk;
}

}  // namespace

void AddCallsWatch(CLI::App& parent, Session& session) {
  auto* command =
      parent.add_subcommand("watch", "Follow the calls: those of now, then every change, until interrupted");
  auto match = std::make_shared<MatchFlags>();
  auto token = std::make_shared<std::string>();
  match->AddTo(*command);
  command->add_option("--resume-token", *token, "Go on from here, from a list or an earlier watch")
      ->type_name("TOKEN");
  command->callback([&session, match, token] {
    v1::WatchCallsRequest request;
    if (auto built = match->Build()) *request.mutable_match() = *std::move(built);
    request.set_resume_token(*token);
    session.command = [&session, request] { return WatchCalls(session, request); };
  });
}

}  // namespace adieu::cli
