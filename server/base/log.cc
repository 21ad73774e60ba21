#include "server/base/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "server/base/mask.h"

namespace adieu::base {
namespace {

constexpr size_t kQueuedLines = 8192;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Never destroyed: threads may log until the process is gone.
struct State {
  State() {
    sink->set_pattern("%v");
    direct = std::make_shared<spdlog::logger>("direct", sink);
    direct->set_level(spdlog::level::trace);
    current = direct.get();
  }

  std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  std::shared_ptr<spdlog::logger> direct;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  // Every logger that `current` ever was.
  std::vector<std::shared_ptr<spdlog::logger>> loggers;
  std::atomic<spdlog::logger*> current{nullptr};
  std::atomic<LogLevel> level{LogLevel::kInfo};
  std::atomic<LogFormat> format{LogFormat::kJson};
  std::atomic<bool> personal_data{false};
};

State& TheState() {
  static State* const state = new State;
  return *state;
}

void WriteAlways(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  State& state = TheState();
  const std::string line = FormatLogLine(state.format.load(std::memory_order_relaxed),
                                         std::chrono::system_clock::now(), level, event, fields);
  state.current.load(std::memory_order_acquire)->log(ToSpdlog(level), spdlog::string_view_t(line));
}

void Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level >= TheState().level.load(std::memory_order_relaxed)) WriteAlways(level, event, fields);
}

}  // namespace

void ConfigureLog(const LogOptions& options) {
  [[maybe_unused]] static const int registered = std::atexit(StopLog);
  StopLog();
  State& state = TheState();
  state.level = options.level;
  state.format = options.format;
  state.personal_data = options.personal_data;
  state.pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  auto logger = std::make_shared<spdlog::async_logger>("log", state.sink, state.pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::trace);
  state.current.store(logger.get(), std::memory_order_release);
  state.loggers.push_back(std::move(logger));
}

void StopLog() {
  State& state = TheState();
  state.current.store(state.direct.get(), std::memory_order_release);
  if (state.pool == nullptr) return;
  const size_t dropped = state.pool->overrun_counter();
  // The pool's destructor writes what waits and joins its thread.
  state.pool.reset();
  if (dropped > 0) LogWarn("log lines dropped", {{"count", dropped}});
}

void LogDebug(std::string_view event, std::initializer_list<LogField> fields) {
  Write(LogLevel::kDebug, event, fields);
}
void LogInfo(std::string_view event, std::initializer_list<LogField> fields) {
  Write(LogLevel::kInfo, event, fields);
}
void LogWarn(std::string_view event, std::initializer_list<LogField> fields) {
  Write(LogLevel::kWarn, event, fields);
}
void LogError(std::string_view event, std::initializer_list<LogField> fields) {
  Write(LogLevel::kError, event, fields);
}

void LogAudit(std::initializer_list<LogField> fields) { WriteAlways(LogLevel::kInfo, "audit", fields); }

std::string LogUri(std::string_view uri) {
  return TheState().personal_data.load(std::memory_order_relaxed) ? std::string(uri) : MaskUri(uri);
}

}  // namespace adieu::base
