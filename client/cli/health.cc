#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/failure.h"
#include "client/cli/machine_output.h"
#include "client/cli/table.h"

namespace adieu::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

int CheckHealth(const Session& session, const std::string& service) {
  const auto status = session.Connect().CheckHealth(service);
  if (!status.ok()) return Fail(session, status.error());
  const bool serving = *status == HealthCheckResponse::SERVING;
  if (session.output == Output::kTable) {
    Table table(std::vector<Column>(1));
    table.Add({{HealthCheckResponse::ServingStatus_Name(*status), serving ? Style::kGood : Style::kBad}});
    table.Print(session.out, session.colour);
  } else {
    HealthCheckResponse response;
    response.set_status(*status);
    if (const int exit = PrintMachine(session, response); exit != kOk) return exit;
  }
  return serving ? kOk : kRefused;
}

}  // namespace

void AddHealth(CLI::App& parent, Session& session) {
  auto* command = parent.add_subcommand("health", "Ask whether the server is ready (exit 0) or not (exit 1)");
  auto service = std::make_shared<std::string>();
  command->add_option("--service", *service, "Empty: ready for calls; adieu.live: alive")
      ->type_name("SERVICE");
  command->callback([&session, service] {
    session.command = [&session, service] { return CheckHealth(session, *service); };
  });
}

}  // namespace adieu::cli
