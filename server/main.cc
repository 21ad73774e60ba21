// adieud: builds the rooms in order, waits for a signal, drains.

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/allocator.h"
#include "server/api/server.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/version.h"
#include "server/config/flags.h"
#include "server/config/read_policies.h"
#include "server/config/settings.h"
#include "server/core_dump.h"
#include "server/engine/drain.h"
#include "server/engine/engine.h"
#include "server/engine/policy_book.h"
#include "server/engine/watchdog.h"
#include "server/metrics/exposer.h"
#include "server/metrics/metrics.h"
#include "server/sip/agent.h"
#include "server/sip/agent_options.h"
#include "server/store/store.h"

namespace adieu {
namespace {

using std::chrono::milliseconds;

constexpr int kBadConfiguration = 2;
constexpr int kCannotRun = 1;
constexpr int kStuck = 3;

// For RPCs that run when the last call is gone.
constexpr std::chrono::seconds kRpcPatience{2};
// A stuck process: how long it shows that it is, and when it ends at the latest.
constexpr std::chrono::milliseconds kHealthIsSeen{500};
constexpr unsigned kLastWordsSeconds = 5;

// For BYEs of the last calls and the stack's own end.
constexpr std::chrono::seconds kAgentPatience{2};

// Files open at once, where the system allows it.
constexpr rlim_t kFiles = 65'536;

int Fail(const base::Error& error) {
  base::StopLog();
  std::fprintf(stderr, "adieud: %s\n", error.message.c_str());
  return error.code == absl::StatusCode::kInvalidArgument ? kBadConfiguration : kCannotRun;
}

// SIGTERM and SIGINT are waited for by one thread; the others, made later, inherit that they are blocked.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Connections take files, and the usual limit of 1,024 is meant for programs that use select.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= kFiles) return;
  files.rlim_cur = std::min(files.rlim_max, kFiles);
  setrlimit(RLIMIT_NOFILE, &files);
}

base::Result<std::unique_ptr<store::Store>> OpenStore(const config::v1::Store& store,
                                                      metrics::Metrics* metrics) {
  store::Options options;
  options.on_error = [metrics] { metrics->StoreFailed(); };
  options.on_commit = [metrics](std::chrono::nanoseconds took) { metrics->StoreCommitted(took); };
  if (store.has_memory()) return store::OpenMemory(std::move(options));
  return store::OpenSqlite(store.sqlite().path(), std::move(options));
}

engine::Engine::Options EngineOptions(const config::v1::Limits& limits) {
  engine::Engine::Options options;
  options.registry.ended_calls = limits.ended_calls();
  options.queue = limits.queue();
  options.workers = limits.workers();
  return options;
}

api::Server::Options ApiOptions(const config::Settings& settings) {
  const config::v1::Limits& limits = settings.config.limits();
  return {.api = settings.config.api(),
          .tls = settings.tls,
          .access = settings.access,
          .client = {.requests_per_second = limits.api_requests_per_second_per_client(),
                     .watchers = limits.api_watchers_per_client()},
          .streams_per_connection = static_cast<int>(limits.api_streams_per_connection())};
}

engine::Drain::Options DrainOptions(const config::v1::Drain& drain) {
  engine::Drain::Options options;
  options.ringing_after = std::chrono::duration_cast<milliseconds>(base::FromDuration(drain.ringing_after()));
  options.answered_after =
      std::chrono::duration_cast<milliseconds>(base::FromDuration(drain.answered_after()));
  return options;
}

// `[{"name":"default","address":"127.0.0.1:5060","transports":["udp","tcp"]}]`. The names are checked: they
// need no escaping.
std::string ListenersText(const std::vector<sip::ListenAddress>& listeners) {
  std::string text = "[";
  for (const sip::ListenAddress& listener : listeners) {
    if (text.size() > 1) text += ",";
    text += R"({"name":")" + listener.name + R"(","address":")" + listener.Text() + R"(","transports":[)";
    if (listener.udp) text += R"("udp")";
    if (listener.udp && listener.tcp) text += ",";
    if (listener.tcp) text += R"("tcp")";
    if (listener.tls) text += R"("tls")";
    text += "]}";
  }
  return text + "]";
}

std::vector<std::string> OwnAddresses(const std::vector<sip::ListenAddress>& listeners) {
  std::vector<std::string> own;
  for (const sip::ListenAddress& listener : listeners) {
    own.push_back(listener.Text());
    if (!listener.advertise.empty()) own.push_back(listener.advertise + ":" + std::to_string(listener.port));
  }
  return own;
}

// OwnAddresses as far as the configuration tells them: without ports that are still to be bound.
base::Result<std::vector<std::string>> ConfiguredAddresses(const config::v1::Config& config) {
  auto options = sip::AgentOptions::From(config);
  if (!options.ok()) return options.error();
  std::erase_if(options->listeners, [](const sip::ListenAddress& listener) { return listener.port == 0; });
  return OwnAddresses(options->listeners);
}

std::vector<v1::CancelPolicy> PoliciesOf(const config::Settings& settings) {
  std::vector<v1::CancelPolicy> policies;
  for (const config::PolicyFile& file : settings.policies) policies.push_back(file.policy);
  return policies;
}

std::vector<std::string> EnabledPolicies(const config::Settings& settings) {
  const auto& enable = settings.config.policies().enable();
  return {enable.begin(), enable.end()};
}

std::optional<base::Error> CheckOnly(const config::Settings& settings) {
  const auto own = ConfiguredAddresses(settings.config);
  if (!own.ok()) return own.error();
  auto error = engine::PolicyBook::Check(EnabledPolicies(settings), PoliciesOf(settings), *own);
  if (error) return config::AtOrigin(settings, *error);
  return std::nullopt;
}

std::optional<base::Error> LoadPolicies(const config::Settings& settings, engine::PolicyBook* policies) {
  auto own = ConfiguredAddresses(settings.config);
  if (!own.ok()) return own.error();
  auto error = policies->Load(EnabledPolicies(settings), PoliciesOf(settings), *std::move(own));
  if (error) return config::AtOrigin(settings, *error);
  return std::nullopt;
}

// The port of `host:port` replaced by the bound one.
std::string BoundAddress(const std::string& listen, int port) {
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

// Waits for the first signal, drains, and ends the rooms in the reverse order of their making. A second
// signal hurries.
void WaitAndDrain(const sigset_t& signals, const config::v1::Drain& options, engine::Engine* engine,
                  sip::Agent* agent, api::Server* api, metrics::Metrics* metrics) {
  int signal = 0;
  sigwait(&signals, &signal);
  base::LogInfo("draining", {{"signal", signal}, {"live_calls", engine->registry().live_count()}});
  api->SetReady(false);
  engine::Drain drain(DrainOptions(options), engine, agent, metrics);
  // A signal of our own tells that the drain is done.
  const pthread_t self = pthread_self();
  drain.Begin([self] { pthread_kill(self, SIGTERM); });
  while (!drain.finished()) {
    sigwait(&signals, &signal);
    if (!drain.finished()) {
      base::LogWarn("hurrying", {{"signal", signal}});
      drain.Hurry();
    }
  }
  api->Shutdown(std::chrono::system_clock::now() + kRpcPatience);
}

// The agent's thread does not turn: nothing that it holds can be ended by this process. The next one takes
// the calls up from the journal.
void EndStuck(api::Server* api) {
  api->SetLive(false);
  base::LogError("the SIP agent is stuck", {{"exit_code", kStuck}});
  // Watchers of the health hear of it; an output that nobody reads must not hold up the end.
  alarm(kLastWordsSeconds);
  std::this_thread::sleep_for(kHealthIsSeen);
  base::StopLog();
  _exit(kStuck);
}

int Serve(const config::Settings& settings, const sigset_t& signals) {
  const config::v1::Config& config = settings.config;
  metrics::Metrics metrics{std::string(base::kVersion)};
  auto store = OpenStore(config.store(), &metrics);
  if (!store.ok()) return Fail(store.error());
  engine::Engine engine(EngineOptions(config.limits()), store->get(), &metrics);
  if (auto error = LoadPolicies(settings, &engine.policies())) return Fail(*error);
  auto journaled = engine.JournaledCalls();
  if (!journaled.ok()) return Fail(journaled.error());
  auto agent = sip::Agent::Start(config, &engine, &metrics, *std::move(journaled));
  if (!agent.ok()) return Fail(agent.error());
  engine.Connect(agent->get(), OwnAddresses((*agent)->addresses()));
  auto exposer = metrics::MetricsServer::Start(metrics, config.metrics().listen());
  if (!exposer.ok()) return Fail(exposer.error());
  auto api = api::Server::Start(ApiOptions(settings), &engine, &metrics);
  if (!api.ok()) return Fail(api.error());
  std::optional<engine::Watchdog> watchdog;
  watchdog.emplace(
      engine::Watchdog::Options(), [&agent] { return (*agent)->turns(); }, [&api] { EndStuck(api->get()); });
  base::LogInfo("ready", {{"version", base::kVersion},
                          {"instance", config.instance()},
                          {"sip_listeners", ListenersText((*agent)->addresses())},
                          {"grpc", (*api)->address()},
                          {"metrics", BoundAddress(config.metrics().listen(), (*exposer)->port())}});
  WaitAndDrain(signals, config.drain(), &engine, agent->get(), api->get(), &metrics);
  // It takes a second or two, and new callers are still told to go elsewhere.
  exposer->reset();
  (*agent)->Stop(kAgentPatience);
  watchdog.reset();
  engine.Stop();
  (*store)->Close();
  base::LogInfo("stopped", {});
  return 0;
}

int Main(int argc, char** argv) {
  RefuseCoreDumps();
  const sigset_t signals = BlockSignals();
  RaiseFileLimit();
  config::CommandLine line = config::ParseCommandLine(argc, argv);
  if (line.exit) {
    std::fputs(line.exit->text.c_str(), line.exit->code == 0 ? stdout : stderr);
    return line.exit->code;
  }
  auto settings = config::LoadSettings(line.flags);
  if (!settings.ok()) return Fail(settings.error());
  if (line.flags.check) {
    const auto error = CheckOnly(*settings);
    return error ? Fail(*error) : 0;
  }
  base::ConfigureLog(config::LogOptionsOf(settings->config.log()));
  const MemoryIsReturned memory_is_returned;
  const int code = Serve(*settings, signals);
  base::StopLog();
  return code;
}

}  // namespace
}  // namespace adieu

int main(int argc, char** argv) { return adieu::Main(argc, argv); }
