#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "server/base/error.h"
#include "server/store/backend.h"
#include "server/store/request_index.h"
#include "server/store/sqlite.h"

namespace adieu::store {

// The connection that writes. One thread at a time.
class SqliteWriter {
 public:
  // Opens or creates the file and brings its schema up to date.
  static base::Result<std::unique_ptr<SqliteWriter>> Open(const std::string& path,
                                                          std::size_t max_terminations,
                                                          std::size_t max_requests);

  // Adds the request ids that are not older to `requests`.
  std::optional<base::Error> LoadRequests(std::int64_t oldest_time, RequestIndex& requests);

  // One transaction.
  std::optional<base::Error> Write(const std::list<PendingWrite>& writes,
                                   const Backend::Retention& retention);

 private:
  struct Statements {
    sqlite::Statement upsert;
    sqlite::Statement insert_request;
    sqlite::Statement drop_old;
    sqlite::Statement drop_oldest;
    sqlite::Statement last_old_request;
    sqlite::Statement drop_requests;
  };
  // What the tables hold: known by a transaction that is not committed yet, or by the last one that was.
  struct Extent {
    std::int64_t terminations = 0;
    std::int64_t last_request_id = 0;
  };

  SqliteWriter(sqlite::Connection connection, Statements statements, Extent extent,
               std::size_t max_terminations, std::size_t max_requests);

  // The steps of a transaction. False: LastError explains.
  bool Store(const PendingWrite& write, Extent& extent);
  bool StoreRequest(const RequestRecord& request, Extent& extent);
  bool DropTerminations(const Backend::Retention& retention, Extent& extent);
  bool DropRequests(const Backend::Retention& retention, const Extent& extent);

  sqlite::Connection connection_;
  Statements statements_;
  Extent extent_;
  const std::int64_t max_terminations_;
  const std::int64_t max_requests_;
  // Kept for its capacity.
  std::string data_;
};

}  // namespace adieu::store
