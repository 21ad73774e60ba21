#include "server/config/check.h"

#include <string>

#include "server/base/clock.h"
#include "server/config/duration.h"

namespace adieu::config {
namespace {

void CheckRange(uint32_t value, uint32_t min, uint32_t max, const std::string& path, Problems* problems) {
  if (value >= min && value <= max) return;
  problems->Add(path, "must be " + std::to_string(min) + " to " + std::to_string(max) + ", is " +
                          std::to_string(value));
}

void CheckStore(const v1::Store& store, Problems* problems) {
  if (!store.has_sqlite()) return;
  if (store.sqlite().path().rfind(":memory:", 0) == 0) {
    problems->Add("store.sqlite.path", "must be the path of a file; for a store in memory give store.memory");
  }
}

void CheckLog(const v1::Log& log, Problems* problems) {
  const std::string& level = log.level();
  if (level != "debug" && level != "info" && level != "warn" && level != "error") {
    problems->Add("log.level", "must be debug, info, warn or error, is " + Quote(level));
  }
  if (log.format() != "json" && log.format() != "text") {
    problems->Add("log.format", "must be json or text, is " + Quote(log.format()));
  }
}

}  // namespace

void CheckName(const std::string& name, const std::string& path, Problems* problems) {
  if (name.empty()) {
    problems->Add(path, "is required");
    return;
  }
  const bool valid = name.size() <= 63 &&
                     name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (!valid) problems->Add(path, "must be 1 to 63 characters of a-z, 0-9 and `-`, is " + Quote(name));
}

void CheckDuration(const google::protobuf::Duration& duration, std::chrono::milliseconds min,
                   std::chrono::milliseconds max, const std::string& path, Problems* problems) {
  const auto value = base::FromDuration(duration);
  if (value >= min && value <= max) return;
  problems->Add(path, "must be " + FormatDuration(base::ToDuration(min)) + " to " +
                          FormatDuration(base::ToDuration(max)) + ", is " + FormatDuration(duration));
}

void CheckBounds(const v1::Config& config, Problems* problems) {
  constexpr uint32_t kMillion = 1'000'000;
  constexpr std::chrono::hours kHour(1);
  constexpr std::chrono::milliseconds kZero(0);
  CheckName(config.instance(), "instance", problems);
  CheckRange(config.limits().invites_per_second(), 0, kMillion, "limits.invites_per_second", problems);
  CheckRange(config.limits().per_source_invites_per_second(), 0, kMillion,
             "limits.per_source_invites_per_second", problems);
  CheckRange(config.limits().max_ringing(), 1, kMillion, "limits.max_ringing", problems);
  CheckRange(config.limits().queue(), 1, kMillion, "limits.queue", problems);
  CheckRange(config.limits().workers(), 1, 64, "limits.workers", problems);
  CheckRange(config.limits().ended_calls(), 0, kMillion, "limits.ended_calls", problems);
  CheckDuration(config.limits().recovered_calls_max_age(), std::chrono::seconds(1), 24 * kHour,
                "limits.recovered_calls_max_age", problems);
  CheckRange(config.limits().api_requests_per_second_per_client(), 0, kMillion,
             "limits.api_requests_per_second_per_client", problems);
  CheckRange(config.limits().api_watchers_per_client(), 1, 1'000, "limits.api_watchers_per_client", problems);
  CheckRange(config.limits().api_streams_per_connection(), 1, 100'000, "limits.api_streams_per_connection",
             problems);
  CheckDuration(config.drain().ringing_after(), kZero, kHour, "drain.ringing_after", problems);
  CheckDuration(config.drain().answered_after(), kZero, kHour, "drain.answered_after", problems);
  CheckRedirect(config.drain().redirect(), config.sip(), problems);
  CheckStore(config.store(), problems);
  CheckLog(config.log(), problems);
}

std::optional<base::Error> CheckConfig(const v1::Config& config, const Origins& origins) {
  Problems problems(origins);
  CheckSip(config.sip(), &problems);
  CheckRoutes(config, &problems);
  CheckServing(config, &problems);
  CheckBounds(config, &problems);
  if (problems.empty()) return std::nullopt;
  return problems.ToError();
}

}  // namespace adieu::config
