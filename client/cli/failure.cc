#include "client/cli/failure.h"

#include "client/cli/escape.h"

namespace adieu::cli {
namespace {

// An UNAVAILABLE with a reason is the server's own word.
bool Unreachable(const client::Error& error) {
  return error.code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         (error.code == grpc::StatusCode::UNAVAILABLE && error.reason.empty());
}

}  // namespace

int Fail(const Session& session, const client::Error& error) {
  const bool unreachable = Unreachable(error);
  session.err << "adieu: ";
  if (unreachable) session.err << "no answer from " << Escape(session.server) << ": ";
  session.err << client::CodeName(error.code);
  if (!error.reason.empty()) session.err << " (" << Escape(error.reason) << ")";
  if (!error.message.empty()) session.err << ": " << Escape(error.message);
  session.err << '\n';
  for (const auto& violation : error.violations) {
    // The server's message about a single field is that violation.
    if (error.violations.size() == 1 && error.message == violation.field + ": " + violation.description)
      break;
    session.err << "  " << Escape(violation.field) << ": " << Escape(violation.description) << '\n';
  }
  for (const auto& [key, value] : error.metadata) {
    session.err << "  " << Escape(key) << "=" << Escape(value) << '\n';
  }
  if (error.retry_after) session.err << "  retry after " << error.retry_after->count() << " ms\n";
  return unreachable ? kUnreachable : kRefused;
}

int FailFiles(const Session& session, const std::vector<std::string>& problems) {
  for (const auto& problem : problems) session.err << "adieu: " << Escape(problem) << '\n';
  return kUsage;
}

}  // namespace adieu::cli
