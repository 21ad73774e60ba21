#include "client/cli/run.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "client/cli/commands.h"
#include "client/cli/escape.h"
#include "client/cli/security_flags.h"
#include "client/cli/session.h"
#include "client/cli/when.h"

namespace adieu::cli {
namespace {

void SetOutput(const std::string& text, Session& session) {
  if (text == "table") {
    session.output = Output::kTable;
  } else if (text == "json") {
    session.output = Output::kJson;
  } else if (text == "yaml") {
    session.output = Output::kYaml;
  } else {
    throw CLI::ValidationError("--output", "\"" + text + "\" is not one of table, json, yaml");
  }
}

void SetTimeout(const std::string& text, Session& session) {
  session.timeout = ParseDuration(text);
  if (!session.timeout || session.timeout->count() == 0) {
    throw CLI::ValidationError("--timeout", "\"" + text + "\" is not a duration above zero (500ms, 10s, 2m)");
  }
}

void Describe(CLI::App& app, Session& session, SecurityFlags& flags) {
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", "adieu " ADIEU_VERSION);
  app.add_option("--server", session.server, "The server's gRPC address, host:port")
      ->capture_default_str()
      ->envname("ADIEU_SERVER")
      ->type_name("ADDRESS")
      ->check([](const std::string& value) { return value.empty() ? std::string("must not be empty") : ""; },
              "");
  flags.AddTo(app);
  app.add_option_function<std::string>(
         "-o,--output", [&session](const std::string& text) { SetOutput(text, session); },
         "table (the default), json or yaml")
      ->type_name("FORMAT");
  app.add_option_function<std::string>(
         "--timeout", [&session](const std::string& text) { SetTimeout(text, session); },
         "How long to try: 500ms, 10s, 2m (10s; 45s with --wait ended)")
      ->type_name("DURATION");

  auto& calls = *app.add_subcommand("calls", "See calls and end them")->require_subcommand(1);
  AddCallsList(calls, session);
  AddCallsGet(calls, session);
  AddCallsWatch(calls, session);
  AddCallsTerminate(calls, session);
  auto& terminations =
      *app.add_subcommand("terminations", "See what was ended and how")->require_subcommand(1);
  AddTerminationsList(terminations, session);
  AddSweep(app, session);
  auto& policies =
      *app.add_subcommand("policies", "See, change and try the cancel policies")->require_subcommand(1);
  AddPoliciesList(policies, session);
  AddPoliciesGet(policies, session);
  AddPoliciesApply(policies, session);
  AddPoliciesDelete(policies, session);
  AddPoliciesDiff(policies, session);
  AddPoliciesExplain(policies, session);
  AddHealth(app, session);
}

// A misspelt command is told as such, not as a missing one.
std::string Explain(const CLI::App& app, const CLI::ParseError& wrong) {
  const auto unknown = app.remaining(true);
  const bool required = dynamic_cast<const CLI::RequiredError*>(&wrong) != nullptr;
  return required && !unknown.empty() ? "\"" + unknown.front() + "\" is not understood" : wrong.what();
}

}  // namespace

int Run(const std::vector<std::string>& args, std::ostream& out, std::ostream& err, bool colour,
        std::istream& in, bool progress) {
  Session session{.in = in, .out = out, .err = err, .colour = colour, .progress = progress};
  CLI::App app("Ends SIP calls politely: sees the calls that an Adieu server holds, and ends them.", "adieu");
  SecurityFlags flags;
  Describe(app, session, flags);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    session.security = flags.Read(session.server);
  } catch (const CLI::Success& asked) {
    app.exit(asked, out, err);
    return kOk;
  } catch (const CLI::ParseError& wrong) {
    err << "adieu: " << Escape(Explain(app, wrong)) << "\nadieu --help says what there is.\n";
    return kUsage;
  }
  return session.command();
}

}  // namespace adieu::cli
