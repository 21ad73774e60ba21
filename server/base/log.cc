#include "server/base/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <shared_mutex>
#include <utility>

#include "server/base/line_queue.h"
#include "server/base/mask.h"

namespace adieu::base {
namespace {

// Never destroyed: threads may log until the process is gone.
struct State {
  std::shared_mutex mutex;
  // Guarded by mutex. Null: lines are written by the thread that logs them.
  std::unique_ptr<LineQueue> queue;
  std::atomic<LogLevel> level{LogLevel::kInfo};
  std::atomic<LogFormat> format{LogFormat::kJson};
  std::atomic<bool> personal_data{false};
};

State& TheState() {
  static State* const state = new State;
  return *state;
}

void Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  State& state = TheState();
  if (level < state.level.load(std::memory_order_relaxed)) return;
  std::string line = FormatLogLine(state.format.load(std::memory_order_relaxed),
                                   std::chrono::system_clock::now(), level, event, fields);
  line += '\n';
  std::shared_lock lock(state.mutex);
  if (state.queue != nullptr) {
    state.queue->Add(std::move(line), level >= LogLevel::kWarn);
  } else {
    WriteAll(STDERR_FILENO, line);
  }
}

}  // namespace

void ConfigureLog(const LogOptions& options) {
  [[maybe_unused]] static const int registered = std::atexit(StopLog);
  StopLog();
  State& state = TheState();
  state.level = options.level;
  state.format = options.format;
  state.personal_data = options.personal_data;
  std::lock_guard lock(state.mutex);
  state.queue = std::make_unique<LineQueue>(STDERR_FILENO);
}

void StopLog() {
  State& state = TheState();
  std::unique_ptr<LineQueue> queue;
  {
    std::lock_guard lock(state.mutex);
    queue = std::move(state.queue);
  }
  if (queue == nullptr) return;
  const size_t dropped = queue->dropped();
  queue.reset();
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

std::string LogUri(std::string_view uri) {
  return TheState().personal_data.load(std::memory_order_relaxed) ? std::string(uri) : MaskUri(uri);
}

}  // namespace adieu::base
