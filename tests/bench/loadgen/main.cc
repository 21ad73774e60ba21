#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tests/bench/loadgen/bare_load.h"
#include "tests/bench/loadgen/clean_search.h"
#include "tests/bench/loadgen/overload.h"
#include "tests/bench/loadgen/report.h"
#include "tests/bench/loadgen/steady_load.h"
#include "tests/bench/loadgen/storm.h"
#include "tests/bench/loadgen/sweep_load.h"
#include "tests/bench/loadgen/target.h"
#include "tests/bench/loadgen/through_load.h"

namespace adieu::bench {
namespace {

struct Options {
  Target target;
  double rate = 0;
  double seconds = 10;
  size_t ringing = 0;
  size_t calls = 10'000;
  double from = 1'000;
  double invites_per_second = 2'000;
  double rest = 10;
  FloodLoad flood = {.from = "", .user_agent = "loadgen"};
  Through through;
};

bool Latency(const Options& options) {
  const size_t ringing = options.ringing != 0 ? options.ringing : static_cast<size_t>(options.rate);
  const Figures figures = RunSteadyLoad(
      options.target,
      {.rate = options.rate, .seconds = options.seconds, .ringing = ringing, .flood = options.flood});
  Report report("latency");
  report.Add("rate", options.rate, 0);
  report.Add("ringing", ringing);
  figures.AddTo(&report);
  report.Print();
  return figures.failures == 0;
}

bool Clean(const Options& options) {
  const Figures figures = SearchCleanRate(options.target, options.from, options.seconds);
  Report report("clean");
  figures.AddTo(&report);
  report.Print();
  return figures.calls != 0;
}

bool Storm(const Options& options) {
  Report report("storm");
  const bool whole = RunStorm(options.target, options.calls, options.invites_per_second, &report);
  report.Print();
  return whole;
}

bool Sweep(const Options& options) {
  Report report("sweep");
  const bool whole =
      RunSweep(options.target, options.calls, options.rate, options.invites_per_second, &report);
  report.Print();
  return whole;
}

bool Overload(const Options& options) {
  Report report("overload");
  const bool right = RunOverload(options.target, {.rate = options.rate, .seconds = options.seconds}, &report);
  report.Print();
  return right;
}

bool Bare(const Options& options) {
  const Figures figures = RunBareLoad(options.target, options.rate, options.seconds);
  Report report("bare");
  report.Add("rate", options.rate, 0);
  figures.AddTo(&report);
  report.Print();
  return figures.failures == 0;
}

bool PrintThrough(Options options, const std::string& what) {
  options.through.server = options.target.sip;
  if (options.target.pid != 0) options.through.pids.push_back(options.target.pid);
  Report report("through");
  const bool whole =
      what == "load" ? RunThroughLoad(options.through, options.rate, options.seconds, &report)
      : what == "search"
          ? SearchThroughRate(options.through, options.from, options.seconds, &report) > 0
          : RunThroughStorm(options.through, options.calls, options.rate, options.rest, &report);
  report.Print();
  return whole;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures how a server ends ringing calls. One JSON object on stdout; exit 1 when a call was lost.");
  Options options;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--sip", options.target.sip, "where the server takes UDP, host:port");
  app.add_option("--grpc", options.target.grpc, "where it serves gRPC, host:port");
  app.add_option("--server-pid", options.target.pid, "its process, for CPU time and memory");
  const auto positive = CLI::Range(1.0, 1e6);

  CLI::App* latency = app.add_subcommand("latency", "as many calls come as are ended");
  latency->add_option("--rate", options.rate, "calls per second")->required()->check(positive);
  latency->add_option("--seconds", options.seconds, "how long calls are ended")->check(positive);
  latency->add_option("--ringing", options.ringing, "calls that ring at once (default: those of one second)");
  latency->add_option("--flood-from", options.flood.from,
                      "sends INVITEs from this host:port meanwhile, whose answers nobody hears");
  latency->add_option("--flood-rate", options.flood.rate, "how many per second (default: as many as it can)")
      ->check(positive);
  latency->add_option("--flood-agent", options.flood.user_agent, "their User-Agent");

  CLI::App* clean = app.add_subcommand("clean", "the highest rate without a retransmission or a failure");
  clean->add_option("--from", options.from, "the first rate to try")->check(positive);
  clean->add_option("--seconds", options.seconds, "how long a rate must be held")->check(positive);

  CLI::App* storm = app.add_subcommand("storm", "many calls ring, and are ended one by one");
  storm->add_option("--calls", options.calls, "how many")->check(CLI::Range(1, 1'000'000));
  storm->add_option("--invites", options.invites_per_second, "how fast they come, per second")
      ->check(positive);

  CLI::App* sweep = app.add_subcommand("sweep", "many calls ring, and are ended by one request");
  sweep->add_option("--calls", options.calls, "how many")->check(CLI::Range(1, 100'000));
  sweep
      ->add_option("--rate", options.rate,
                   "how fast they are ended, per second (default: as fast as it goes)")
      ->check(positive);
  sweep->add_option("--invites", options.invites_per_second, "how fast they come, per second")
      ->check(positive);

  CLI::App* overload = app.add_subcommand("overload", "calls come at a rate, whatever becomes of them");
  overload->add_option("--rate", options.rate, "calls per second")->required()->check(positive);
  overload->add_option("--seconds", options.seconds, "how long")->check(positive);

  CLI::App* bare = app.add_subcommand("bare", "calls to a server that ends them by itself");
  bare->add_option("--rate", options.rate, "calls per second")->required()->check(positive);
  bare->add_option("--seconds", options.seconds, "how long")->check(positive);

  CLI::App* through = app.add_subcommand("through", "calls from a caller through a server to a callee");
  std::string what;
  through->add_option("what", what, "what is measured")
      ->required()
      ->check(CLI::IsMember({"load", "search", "storm"}));
  through->add_option("--callee-fd", options.through.callee_fd, "the callee's bound UDP socket")->required();
  through->add_option("--with-pid", options.through.pids, "further processes of the server");
  through->add_option("--rate", options.rate, "calls per second")->check(positive);
  through->add_option("--from", options.from, "the first rate to try")->check(positive);
  through->add_option("--seconds", options.seconds, "how long")->check(positive);
  through->add_option("--rest", options.rest, "seconds without calls after the storm");
  through->add_option("--calls", options.calls, "how many are answered at once")
      ->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);

  if (!through->parsed() && (options.target.sip.empty() || options.target.pid == 0)) {
    std::fprintf(stderr, "--sip and --server-pid are required\n");
    return 2;
  }

  if (!bare->parsed() && !through->parsed() && options.target.grpc.empty()) {
    std::fprintf(stderr, "--grpc is required\n");
    return 2;
  }
  if (clean->parsed() && clean->count("--seconds") == 0) options.seconds = 5;
  // Wake up when asked, not up to 50 us later.
  prctl(PR_SET_TIMERSLACK, 1UL);
  const bool whole = latency->parsed()    ? Latency(options)
                     : clean->parsed()    ? Clean(options)
                     : storm->parsed()    ? Storm(options)
                     : sweep->parsed()    ? Sweep(options)
                     : overload->parsed() ? Overload(options)
                     : through->parsed()  ? PrintThrough(options, what)
                                          : Bare(options);
  return whole ? 0 : 1;
}

}  // namespace
}  // namespace adieu::bench

int main(int argc, char** argv) {
  try {
    return adieu::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loadgen: %s\n", error.what());
    return 2;
  }
}
