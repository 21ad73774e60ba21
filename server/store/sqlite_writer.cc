#include "server/store/sqlite_writer.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "server/store/schema.h"

namespace adieu::store {
namespace {

using std::chrono::system_clock;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// How many terminations one commit removes because of their age.
constexpr std::int64_t kMaxDropped = 10'000;

// NORMAL does not wait for the disk at a commit: in WAL that survives the death of the process, not of the
// machine.
constexpr const char* kSettings = R"sql(
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 2000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -16384;
)sql";

// Indexes of kSql.
enum : std::size_t {
  kBegin,
  kCommit,
  kUpsert,
  kInsertRequest,
  kUpsertPolicy,
  kRemovePolicy,
  kUpsertCall,
  kRemoveCall,
  kDropOld,
  kDropOldest,
  kOldestTime,
  kFirstYoung,
  kDropRequests,
  kFirstTime
};

constexpr const char* kSql[] = {
    "BEGIN IMMEDIATE",
    "COMMIT",
    R"sql(INSERT INTO termination (name, call, sweep, policy, request_time, outcomes, data)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
          ON CONFLICT (name) DO UPDATE
          SET call = ?2, sweep = ?3, policy = ?4, request_time = ?5, outcomes = ?6, data = ?7)sql",
    R"sql(INSERT INTO request (id, method, principal, request_id, fingerprint, resource, time)
          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))sql",
    R"sql(INSERT INTO policy (name, data) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET data = ?2)sql",
    "DELETE FROM policy WHERE name = ?1",
    R"sql(INSERT INTO call (id, name, call, dialogs) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT (id) DO UPDATE SET call = ?3, dialogs = ?4)sql",
    "DELETE FROM call WHERE id = ?1",
    R"sql(DELETE FROM termination WHERE id IN
          (SELECT id FROM termination WHERE request_time < ?1 ORDER BY request_time, name LIMIT ?2))sql",
    R"sql(DELETE FROM termination WHERE id IN
          (SELECT id FROM termination ORDER BY request_time, name LIMIT ?1))sql",
    "SELECT request_time FROM termination ORDER BY request_time LIMIT 1",
    // The ids are in the order of time, nearly: what is too old stands before the first that is not.
    "SELECT id FROM request WHERE time >= ?1 ORDER BY id LIMIT 1",
    "DELETE FROM request WHERE id < ?1",
    "SELECT time FROM request ORDER BY id LIMIT 1",
};

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
  base::Result<std::vector<sqlite::Statement>> statements = sqlite::Statement::PrepareAll(connection, kSql);
  if (!statements.ok()) return statements.error();
  // The times of before are not known yet: the first commit looks for them.
  constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::min();
  const Extent extent = {.terminations = *count,
                         .oldest_termination = kUnknown,
                         .first_request = kUnknown,
                         .first_request_id = 1,
                         .last_request_id = *last};
  return std::unique_ptr<SqliteWriter>(
      new SqliteWriter(std::move(*opened), std::move(*statements), extent, max_terminations, max_requests));
}

SqliteWriter::SqliteWriter(sqlite::Connection connection, std::vector<sqlite::Statement> statements,
                           Extent extent, std::size_t max_terminations, std::size_t max_requests)
    : connection_(std::move(connection)),
      statements_(std::move(statements)),
      extent_(extent),
      max_terminations_(static_cast<std::int64_t>(max_terminations)),
      max_requests_(static_cast<std::int64_t>(max_requests)) {}

std::optional<base::Error> SqliteWriter::LoadRequests(std::int64_t oldest_time, RequestIndex& requests) {
  auto select = sqlite::Statement::Prepare(connection_.get(),
                                           "SELECT method, principal, request_id, fingerprint, resource, time"
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
                  .resource = std::string(select->Text(4)),
                  .time = system_clock::time_point(time)});
  }
  if (code != SQLITE_DONE) return sqlite::LastError(connection_.get());
  return std::nullopt;
}

std::optional<base::Error> SqliteWriter::LoadCallIds() {
  auto select = sqlite::Statement::Prepare(connection_.get(), "SELECT id, name FROM call");
  if (!select.ok()) return select.error();
  int code;
  while ((code = select->Step()) == SQLITE_ROW) {
    call_ids_.emplace(select->Text(1), select->Number(0));
    last_call_id_ = std::max(last_call_id_, select->Number(0));
  }
  if (code != SQLITE_DONE) return sqlite::LastError(connection_.get());
  return std::nullopt;
}

std::optional<base::Error> SqliteWriter::Write(const std::list<PendingWrite>& writes,
                                               const Backend::Retention& retention) {
  if (!statements_[kBegin].Run()) return sqlite::LastError(connection_.get());
  const Extent before = extent_;
  const bool written =
      std::all_of(writes.begin(), writes.end(), [&](const auto& write) { return Insert(write); }) &&
      DropTerminations(Nanoseconds(retention.terminations)) &&
      DropRequests(Nanoseconds(retention.requests)) && statements_[kCommit].Run();
  if (written) {
    for (const PendingWrite& write : writes) {
      if (write.kind == PendingWrite::Kind::kCall && !write.call) call_ids_.erase(write.name);
    }
    return std::nullopt;
  }
  const base::Error error = sqlite::LastError(connection_.get());
  extent_ = before;
  // Some errors have rolled back already.
  if (sqlite3_get_autocommit(connection_.get()) == 0) sqlite::Execute(connection_.get(), "ROLLBACK");
  return error;
}

bool SqliteWriter::Insert(const PendingWrite& write) {
  bool written = false;
  switch (write.kind) {
    case PendingWrite::Kind::kTermination:
      written = InsertTermination(*write.termination);
      break;
    case PendingWrite::Kind::kPolicy:
      written = write.policy ? InsertPolicy(*write.policy) : RemovePolicy(write.name);
      break;
    case PendingWrite::Kind::kCall:
      written = write.call ? InsertCall(write.name, *write.call) : RemoveCall(write.name);
      break;
  }
  return written && std::all_of(write.requests.begin(), write.requests.end(),
                                [&](const RequestRecord& request) { return InsertRequest(request); });
}

bool SqliteWriter::InsertTermination(const v1::Termination& termination) {
  const std::int64_t time = store::Nanoseconds(termination.request_time());
  termination.SerializeToString(&data_);
  sqlite::Statement& upsert = statements_[kUpsert];
  upsert.Bind(1, termination.name());
  upsert.Bind(2, termination.call());
  upsert.Bind(3, termination.sweep());
  upsert.Bind(4, termination.policy());
  upsert.Bind(5, time);
  upsert.Bind(6, std::int64_t{OutcomesOf(termination)});
  upsert.BindBlob(7, data_);
  // An update leaves the last row id alone: it stays zero.
  sqlite3_set_last_insert_rowid(connection_.get(), 0);
  if (!upsert.Run()) return false;
  if (sqlite3_last_insert_rowid(connection_.get()) != 0) ++extent_.terminations;
  extent_.oldest_termination = std::min(extent_.oldest_termination, time);
  return true;
}

bool SqliteWriter::InsertPolicy(const v1::CancelPolicy& policy) {
  policy.SerializeToString(&data_);
  statements_[kUpsertPolicy].Bind(1, policy.name());
  statements_[kUpsertPolicy].BindBlob(2, data_);
  return statements_[kUpsertPolicy].Run();
}

bool SqliteWriter::RemovePolicy(const std::string& name) {
  statements_[kRemovePolicy].Bind(1, name);
  return statements_[kRemovePolicy].Run();
}

bool SqliteWriter::InsertCall(const std::string& name, const CallRecord& record) {
  const auto [id, is_new] = call_ids_.try_emplace(name, last_call_id_ + 1);
  if (is_new) ++last_call_id_;
  sqlite::Statement& upsert = statements_[kUpsertCall];
  upsert.Bind(1, id->second);
  upsert.Bind(2, name);
  upsert.BindBlob(3, record.call);
  upsert.BindBlob(4, record.dialogs);
  return upsert.Run();
}

bool SqliteWriter::RemoveCall(const std::string& name) {
  const auto id = call_ids_.find(name);
  if (id == call_ids_.end()) return true;
  statements_[kRemoveCall].Bind(1, id->second);
  return statements_[kRemoveCall].Run();
}

bool SqliteWriter::InsertRequest(const RequestRecord& request) {
  const std::int64_t time = Nanoseconds(request.time);
  sqlite::Statement& insert = statements_[kInsertRequest];
  insert.Bind(1, ++extent_.last_request_id);
  insert.Bind(2, request.method);
  insert.Bind(3, request.principal);
  insert.Bind(4, request.request_id);
  insert.BindBlob(5, request.fingerprint);
  insert.Bind(6, request.resource);
  insert.Bind(7, time);
  if (extent_.first_request_id == extent_.last_request_id) extent_.first_request = time;
  return insert.Run();
}

bool SqliteWriter::DropTerminations(std::int64_t older_than) {
  if (extent_.terminations > max_terminations_) {
    sqlite::Statement& drop = statements_[kDropOldest];
    drop.Bind(1, extent_.terminations - max_terminations_);
    if (!drop.Run()) return false;
    extent_.terminations -= sqlite3_changes64(connection_.get());
  }
  if (extent_.oldest_termination >= older_than) return true;
  sqlite::Statement& drop = statements_[kDropOld];
  drop.Bind(1, older_than);
  drop.Bind(2, kMaxDropped);
  if (!drop.Run()) return false;
  extent_.terminations -= sqlite3_changes64(connection_.get());
  return Read(statements_[kOldestTime], kNever, extent_.oldest_termination);
}

bool SqliteWriter::DropRequests(std::int64_t older_than) {
  const std::int64_t first_id =
      std::max(extent_.first_request_id, extent_.last_request_id - max_requests_ + 1);
  if (first_id == extent_.first_request_id && extent_.first_request >= older_than) return true;
  std::int64_t first_young = 0;
  statements_[kFirstYoung].Bind(1, older_than);
  if (!Read(statements_[kFirstYoung], extent_.last_request_id + 1, first_young)) return false;
  extent_.first_request_id = std::max(first_id, first_young);
  statements_[kDropRequests].Bind(1, extent_.first_request_id);
  return statements_[kDropRequests].Run() && Read(statements_[kFirstTime], kNever, extent_.first_request);
}

bool SqliteWriter::Read(sqlite::Statement& statement, std::int64_t none, std::int64_t& number) {
  const int code = statement.Step();
  number = code == SQLITE_ROW ? statement.Number(0) : none;
  statement.Reset();
  return code == SQLITE_ROW || code == SQLITE_DONE;
}

}  // namespace adieu::store
