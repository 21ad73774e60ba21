#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "server/base/log_line.h"

namespace adieu::base {

// The log: one line per event, to stderr. Lines are written by a thread of their own; when 8,192 wait (stderr
// is not read), the oldest are dropped, so that logging never holds up a call. Any thread, but ConfigureLog
// and StopLog.
//
//   LogInfo("call began", {{"call", call.name()}, {"from", LogUri(call.caller().from_uri())}});

struct LogOptions {
  // Events below it are not written.
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kJson;
  // LogUri leaves URIs whole.
  bool personal_data = false;
};

// Starts the log's thread. By main, before other threads log; again to change the options. Until then events
// of kInfo and above are written as JSON by the thread that logs them. StopLog is called at exit.
void ConfigureLog(const LogOptions& options);

// Writes what waits and ends the log's thread; later events are written by the thread that logs them.
void StopLog();

void LogDebug(std::string_view event, std::initializer_list<LogField> fields = {});
void LogInfo(std::string_view event, std::initializer_list<LogField> fields = {});
void LogWarn(std::string_view event, std::initializer_list<LogField> fields = {});
void LogError(std::string_view event, std::initializer_list<LogField> fields = {});

// The event `audit` of level info, whatever LogOptions.level is: who did what (server/api/audit.h).
void LogAudit(std::initializer_list<LogField> fields);

// A URI as the log may show it: masked (mask.h) unless LogOptions.personal_data.
std::string LogUri(std::string_view uri);

}  // namespace adieu::base
