#include "server/store/sqlite_writer.h"

#include <algorithm>
#include <utility>

#include "server/store/schema.h"

namespace adieu::store {
namespace {

using std::chrono::system_clock;

// NORMAL does not wait for the disk at a commit: in WAL that survives the death of the process, not of the
// machine.
constexpr const char* kSettings =
    "PRAGMA synchronous = NORMAL;"
    "PRAGMA wal_autocheckpoint = 2000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA cache_size = -16384;";
// How many terminations one commit removes because of their age.
constexpr int kMaxDropped = 10'000;

std::int64_t Nanoseconds(system_clock::time_point time) {
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

}  // namespace

base::Result<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(const std::string& path,
                                                               std::size_t max_terminations,
                                                               std::size_t max_requests) {
  base::Result<sqlite::Connection> opened = sqlite::Open(path);
  if (!opened.ok()) return opened.error();
  sqlite3* connection = opened->get();
  if (sqlite3_db_readonly(connection, "main") == 1) return Unavailable("it cannot be written");
  if (auto error = sqlite::Migrate(connection, sqlite::Migrations())) return *error;
  base::Result<std::string> mode = sqlite::ReadText(connection, "PRAGMA journal_mode = WAL");
  if (!mode.ok()) return mode.error();
  if (*mode != "wal") return Unavailable("its file system does not allow a write-ahead log");
  if (auto error = sqlite::Execute(connection, kSettings)) return *error;

  base::Result<std::int64_t> count = sqlite::ReadNumber(connection, "SELECT count(*) FROM termination");
  if (!count.ok()) return count.error();
  base::Result<std::int64_t> last = sqlite::ReadNumber(connection, "SELECT max(id) FROM request");
  if (!last.ok()) return last.error();

  auto upsert = sqlite::Statement::Prepare(
      connection,
      "INSERT INTO termination (name, call, sweep, policy, request_time, outcomes, data)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO UPDATE SET call = ?2, sweep = ?3, policy = "
      "?4,"
      " request_time = ?5, outcomes = ?6, data = ?7");
  auto insert_request = sqlite::Statement::Prepare(
      connection,
      "INSERT INTO request (id, method, principal, request_id, fingerprint, termination, time)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  auto drop_old = sqlite::Statement::Prepare(
      connection,
      "DELETE FROM termination WHERE id IN"
      " (SELECT id FROM termination WHERE request_time < ?1 ORDER BY request_time, name LIMIT ?2)");
  auto drop_oldest = sqlite::Statement::Prepare(connection,
                                                "DELETE FROM termination WHERE id IN (SELECT id FROM "
                                                "termination ORDER BY request_time, name LIMIT ?1)");
  // The table is in the order of time, nearly: what is older stands before the first that is not.
  auto last_old_request =
      sqlite::Statement::Prepare(connection, "SELECT id FROM request WHERE time >= ?1 ORDER BY id LIMIT 1");
  auto drop_requests = sqlite::Statement::Prepare(connection, "DELETE FROM request WHERE id < ?1");
  for (const auto* statement :
       {&upsert, &insert_request, &drop_old, &drop_oldest, &last_old_request, &drop_requests}) {
    if (!statement->ok()) return statement->error();
  }
  return std::unique_ptr<SqliteWriter>(
      new SqliteWriter(std::move(*opened),
                       {std::move(*upsert), std::move(*insert_request), std::move(*drop_old),
                        std::move(*drop_oldest), std::move(*last_old_request), std::move(*drop_requests)},
                       {.terminations = *count, .last_request_id = *last}, max_terminations, max_requests));
}

SqliteWriter::SqliteWriter(sqlite::Connection connection, Statements statements, Extent extent,
                           std::size_t max_terminations, std::size_t max_requests)
    : connection_(std::move(connection)),
      statements_(std::move(statements)),
      extent_(extent),
      max_terminations_(static_cast<std::int64_t>(max_terminations)),
      max_requests_(static_cast<std::int64_t>(max_requests)) {}

std::optional<base::Error> SqliteWriter::LoadRequests(std::int64_t oldest_time, RequestIndex& requests) {
  auto select =
      sqlite::Statement::Prepare(connection_.get(),
                                 "SELECT method, principal, request_id, fingerprint, termination, time"
                                 " FROM request WHERE id > ?1 AND time >= ?2 ORDER BY id");
  if (!select.ok()) return select.error();
  select->Bind(1, extent_.last_request_id - max_requests_);
  select->Bind(2, oldest_time);
  int code;
  while ((code = select->Step()) == SQLITE_ROW) {
    const auto time =
        std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(select->Number(5)));
    requests.Add({.method = std::string(select->Text(0)),
                  .principal = std::string(select->Text(1)),
                  .request_id = std::string(select->Text(2)),
                  .fingerprint = std::string(select->Blob(3)),
                  .termination = std::string(select->Text(4)),
                  .time = system_clock::time_point(time)});
  }
  if (code != SQLITE_DONE) return sqlite::LastError(connection_.get());
  return std::nullopt;
}

std::optional<base::Error> SqliteWriter::Write(const std::list<PendingWrite>& writes,
                                               const Backend::Retention& retention) {
  if (auto error = sqlite::Execute(connection_.get(), "BEGIN IMMEDIATE")) return error;
  Extent extent = extent_;
  const bool done =
      std::all_of(writes.begin(), writes.end(), [&](const auto& write) { return Store(write, extent); }) &&
      DropTerminations(retention, extent) && DropRequests(retention, extent);
  std::optional<base::Error> error;
  if (!done) error = sqlite::LastError(connection_.get());
  if (!error) error = sqlite::Execute(connection_.get(), "COMMIT");
  if (!error) {
    extent_ = extent;
    return std::nullopt;
  }
  // Some errors have rolled back already.
  if (sqlite3_get_autocommit(connection_.get()) == 0) sqlite::Execute(connection_.get(), "ROLLBACK");
  return error;
}

bool SqliteWriter::Store(const PendingWrite& write, Extent& extent) {
  const v1::Termination& termination = *write.termination;
  termination.SerializeToString(&data_);
  sqlite::Statement& upsert = statements_.upsert;
  upsert.Bind(1, write.name);
  upsert.Bind(2, termination.call());
  upsert.Bind(3, termination.sweep());
  upsert.Bind(4, termination.policy());
  upsert.Bind(5, store::Nanoseconds(termination.request_time()));
  upsert.Bind(6, std::int64_t{OutcomesOf(termination)});
  upsert.BindBlob(7, data_);
  // An update leaves the last row id alone: it stays zero.
  sqlite3_set_last_insert_rowid(connection_.get(), 0);
  if (!upsert.Run()) return false;
  if (sqlite3_last_insert_rowid(connection_.get()) != 0) ++extent.terminations;
  return std::all_of(write.requests.begin(), write.requests.end(),
                     [&](const RequestRecord& request) { return StoreRequest(request, extent); });
}

bool SqliteWriter::StoreRequest(const RequestRecord& request, Extent& extent) {
  sqlite::Statement& insert = statements_.insert_request;
  insert.Bind(1, ++extent.last_request_id);
  insert.Bind(2, request.method);
  insert.Bind(3, request.principal);
  insert.Bind(4, request.request_id);
  insert.BindBlob(5, request.fingerprint);
  insert.Bind(6, request.termination);
  insert.Bind(7, Nanoseconds(request.time));
  return insert.Run();
}

bool SqliteWriter::DropTerminations(const Backend::Retention& retention, Extent& extent) {
  if (extent.terminations > max_terminations_) {
    statements_.drop_oldest.Bind(1, extent.terminations - max_terminations_);
    if (!statements_.drop_oldest.Run()) return false;
    extent.terminations -= sqlite3_changes64(connection_.get());
  }
  statements_.drop_old.Bind(1, Nanoseconds(retention.terminations));
  statements_.drop_old.Bind(2, std::int64_t{kMaxDropped});
  if (!statements_.drop_old.Run()) return false;
  extent.terminations -= sqlite3_changes64(connection_.get());
  return true;
}

bool SqliteWriter::DropRequests(const Backend::Retention& retention, const Extent& extent) {
  sqlite::Statement& last_old = statements_.last_old_request;
  last_old.Bind(1, Nanoseconds(retention.requests));
  const int code = last_old.Step();
  std::int64_t first_kept = extent.last_request_id + 1;
  if (code == SQLITE_ROW) first_kept = last_old.Number(0);
  last_old.Reset();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return false;
  statements_.drop_requests.Bind(1, std::max(first_kept, extent.last_request_id - max_requests_ + 1));
  return statements_.drop_requests.Run();
}

}  // namespace adieu::store
