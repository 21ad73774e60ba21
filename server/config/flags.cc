#include "server/config/flags.h"

#include <CLI/CLI.hpp>

#include "server/base/version.h"

namespace adieu::config {

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine line;
  Flags& flags = line.flags;
  CLI::App app("Ends SIP calls politely: parks calls and ends them on request over gRPC.", "adieud");
  app.add_option("--config", flags.config, "Read the configuration from this YAML file")->type_name("FILE");
  app.add_option("--sip-listen", flags.sip_listen,
                 "Speak SIP here, UDP and TCP, instead of the file's listeners; may be repeated")
      ->type_name("IP:PORT")
      ->allow_extra_args(false);
  app.add_option("--grpc-listen", flags.grpc_listen, "Serve gRPC here")->type_name("HOST:PORT|unix:PATH");
  app.add_option("--metrics-listen", flags.metrics_listen, "Serve Prometheus here")->type_name("HOST:PORT");
  app.add_option("--instance", flags.instance, "The name of this instance")->type_name("NAME");
  app.add_option("--store", flags.store, "Where terminations are kept")->type_name("memory|sqlite:PATH");
  app.add_flag("--insecure-api", flags.insecure_api,
               "Allow gRPC off loopback in plaintext, or to clients that are not asked who they are");
  app.add_option("--log-level", flags.log_level, "The least that is logged")
      ->type_name("debug|info|warn|error");
  app.add_option("--log-format", flags.log_format, "The form of log lines")->type_name("json|text");
  app.add_flag("--check", flags.check, "Check the configuration and exit");
  app.set_version_flag("--version", "adieud " + std::string(base::kVersion), "Print the version and exit");
  app.set_help_flag("--help", "Print this help and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.exit = Exit{.code = 0, .text = app.help()};
  } catch (const CLI::CallForVersion& e) {
    line.exit = Exit{.code = 0, .text = std::string(e.what()) + "\n"};
  } catch (const CLI::ParseError& e) {
    line.exit = Exit{.code = 2, .text = "adieud: " + std::string(e.what()) + "; see adieud --help\n"};
  }
  return line;
}

}  // namespace adieu::config
