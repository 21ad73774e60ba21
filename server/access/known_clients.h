#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "adieu/config/v1/access.pb.h"
#include "server/access/caller.h"
#include "server/access/credentials.h"
#include "server/metrics/labels.h"

namespace adieu::access {

// Those who may use the API, by what they show: a token counts; without one the certificate does. Any thread.
class KnownClients {
 public:
  using Answer = std::variant<Caller, metrics::ApiDenial>;
  using Time = std::chrono::system_clock::time_point;

  // `access` is checked and its keys are read.
  explicit KnownClients(config::v1::Access access);

  // Quick. Nothing: there is a token that only Verify can tell.
  std::optional<Answer> Find(const Credentials& credentials, Time now);

  // Checks a signature, which takes up to a millisecond. A good one is remembered for Find. Only when Find
  // gave nothing.
  Answer Verify(const Credentials& credentials, Time now);

 private:
  void Remember(const std::string& hash, const Caller& caller, Time now);

  const config::v1::Access access_;
  // By the SHA-256 of the token, in hexadecimal.
  std::unordered_map<std::string, Caller> tokens_;
  // By their names.
  std::unordered_map<std::string, Caller> certificates_;

  std::mutex mutex_;
  // Guarded by mutex_: JSON Web Tokens that were good, as tokens_.
  std::unordered_map<std::string, Caller> verified_;
};

}  // namespace adieu::access
