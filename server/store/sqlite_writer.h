#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

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

  // Adds the request ids that are not older to `requests`. Nanoseconds since 1970.
  std::optional<base::Error> LoadRequests(std::int64_t oldest_time, RequestIndex& requests);

  // Learns which calls the journal holds.
  std::optional<base::Error> LoadCallIds();

  // One transaction.
  std::optional<base::Error> Write(const std::list<PendingWrite>& writes,
                                   const Backend::Retention& retention);

 private:
  // What the tables hold, as of the transaction at hand or of the last one that was committed: most commits
  // have nothing to remove and need not look for it.
  struct Extent {
    std::int64_t terminations = 0;
    // Nanoseconds since 1970: no termination is older, nor is the first request.
    std::int64_t oldest_termination = 0;
    std::int64_t first_request = 0;
    // Ids. There are no requests when first is beyond last.
    std::int64_t first_request_id = 0;
    std::int64_t last_request_id = 0;
  };

  SqliteWriter(sqlite::Connection connection, std::vector<sqlite::Statement> statements, Extent extent,
               std::size_t max_terminations, std::size_t max_requests);

  // The steps of a transaction. False: LastError explains.
  bool Insert(const PendingWrite& write);
  bool InsertTermination(const v1::Termination& termination);
  bool InsertPolicy(const v1::CancelPolicy& policy);
  bool RemovePolicy(const std::string& name);
  bool InsertCall(const std::string& name, const CallRecord& record);
  bool RemoveCall(const std::string& name);
  bool InsertRequest(const RequestRecord& request);
  bool DropTerminations(std::int64_t older_than);
  bool DropRequests(std::int64_t older_than);
  // The number in the only column of the first row, or `none`. False: LastError explains.
  bool Read(sqlite::Statement& statement, std::int64_t none, std::int64_t& number);

  sqlite::Connection connection_;
  std::vector<sqlite::Statement> statements_;
  Extent extent_;
  // The ids of the calls of the journal. One whose commit failed may have no row.
  std::unordered_map<std::string, std::int64_t> call_ids_;
  std::int64_t last_call_id_ = 0;
  const std::int64_t max_terminations_;
  const std::int64_t max_requests_;
  // Kept for its capacity.
  std::string data_;
};

}  // namespace adieu::store
