#include "server/store/sqlite_backend.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "server/store/queued_store.h"

namespace adieu::store {
namespace {

// Terminations tell about people: only the owner may read the file. SQLite gives its other files the same
// mode.
std::optional<base::Error> Create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Unavailable("cannot open " + path + ": " + std::generic_category().message(errno));
  ::close(fd);
  return std::nullopt;
}

template <typename T>
base::Result<T> Parse(std::string_view data, const char* what) {
  T message;
  if (message.ParseFromArray(data.data(), static_cast<int>(data.size()))) return message;
  return Unavailable(std::string(what) + " in the file is damaged");
}

base::Result<v1::Termination> ParseTermination(std::string_view data) {
  return Parse<v1::Termination>(data, "a termination");
}

}  // namespace

base::Result<std::unique_ptr<SqliteBackend>> SqliteBackend::Open(const std::string& path,
                                                                 const Options& options,
                                                                 RequestIndex& requests) {
  if (path.empty()) return Unavailable("the path is empty");
  // One file must have one lock, whatever leads to it.
  std::error_code unresolved;
  const std::string real_path = std::filesystem::weakly_canonical(path, unresolved);
  if (unresolved) return Unavailable("cannot resolve the path: " + unresolved.message());
  if (std::filesystem::is_directory(real_path, unresolved)) return Unavailable("Is a directory");
  base::Result<FileLock> lock = FileLock::Take(real_path + ".lock");
  if (!lock.ok()) return lock.error();
  if (auto error = Create(real_path)) return *error;

  base::Result<std::unique_ptr<SqliteWriter>> writer = SqliteWriter::Open(
      real_path, options.max_terminations == 0 ? kMaxTerminations : options.max_terminations,
      options.max_requests);
  if (!writer.ok()) return writer.error();
  const auto oldest = (options.now() - kRequestRetention).time_since_epoch();
  if (auto error = (*writer)->LoadRequests(std::chrono::nanoseconds(oldest).count(), requests)) return *error;
  if (auto error = (*writer)->LoadCallIds()) return *error;

  base::Result<Reader> reader = OpenReader(real_path);
  if (!reader.ok()) return reader.error();
  return std::unique_ptr<SqliteBackend>(
      new SqliteBackend(std::move(*lock), std::move(*writer), std::move(*reader)));
}

base::Result<SqliteBackend::Reader> SqliteBackend::OpenReader(const std::string& path) {
  base::Result<sqlite::Connection> connection = sqlite::Open(path);
  if (!connection.ok()) return connection.error();
  if (auto error = sqlite::Execute(connection->get(), "PRAGMA query_only = 1")) return *error;
  auto get = sqlite::Statement::Prepare(connection->get(), "SELECT data FROM termination WHERE name = ?1");
  auto newest_first = sqlite::Statement::Prepare(
      connection->get(),
      "SELECT request_time, name, sweep, policy, outcomes, data FROM termination"
      " WHERE (request_time, name) < (?1, ?2) AND request_time >= ?3 ORDER BY request_time DESC, name DESC");
  auto newest_first_of_sweep = sqlite::Statement::Prepare(
      connection->get(),
      "SELECT request_time, name, sweep, policy, outcomes, data FROM termination"
      " WHERE sweep <> '' AND sweep = ?4 AND (request_time, name) < (?1, ?2) AND request_time >= ?3"
      " ORDER BY request_time DESC, name DESC");
  auto policies = sqlite::Statement::Prepare(connection->get(), "SELECT data FROM policy ORDER BY name");
  auto calls = sqlite::Statement::Prepare(connection->get(), "SELECT name, call, dialogs FROM call");
  for (const auto* statement : {&get, &newest_first, &newest_first_of_sweep, &policies, &calls}) {
    if (!statement->ok()) return statement->error();
  }
  return Reader{std::move(*connection),   std::move(*get),
                std::move(*newest_first), std::move(*newest_first_of_sweep),
                std::move(*policies),     std::move(*calls)};
}

SqliteBackend::SqliteBackend(FileLock lock, std::unique_ptr<SqliteWriter> writer, Reader reader)
    : lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {}

std::optional<base::Error> SqliteBackend::Write(const std::list<PendingWrite>& writes,
                                                const Retention& retention) {
  return writer_->Write(writes, retention);
}

base::Result<std::optional<v1::Termination>> SqliteBackend::Get(const std::string& name) {
  std::lock_guard lock(reader_mutex_);
  reader_.get.Bind(1, name);
  const int code = reader_.get.Step();
  base::Result<std::optional<v1::Termination>> result = std::optional<v1::Termination>();
  if (code == SQLITE_ROW) {
    base::Result<v1::Termination> termination = ParseTermination(reader_.get.Blob(0));
    if (termination.ok()) {
      result = std::optional(std::move(*termination));
    } else {
      result = termination.error();
    }
  } else if (code != SQLITE_DONE) {
    result = sqlite::LastError(reader_.connection.get());
  }
  reader_.get.Reset();
  return result;
}

base::Result<Backend::Rows> SqliteBackend::Read(const Selection& selection, std::size_t max_found,
                                                std::size_t max_examined) {
  Rows rows;
  std::optional<base::Error> error;
  std::lock_guard lock(reader_mutex_);
  sqlite::Statement& select = selection.sweep.empty() ? reader_.newest_first : reader_.newest_first_of_sweep;
  select.Bind(1, selection.before.request_time);
  select.Bind(2, selection.before.name);
  select.Bind(3, selection.start_time);
  if (!selection.sweep.empty()) select.Bind(4, selection.sweep);
  while (!error && rows.found.size() < max_found && rows.examined < max_examined) {
    const int code = select.Step();
    if (code == SQLITE_DONE) {
      rows.end = true;
      break;
    }
    if (code != SQLITE_ROW) {
      error = sqlite::LastError(reader_.connection.get());
      break;
    }
    ++rows.examined;
    rows.last.request_time = select.Number(0);
    rows.last.name = select.Text(1);
    if (!selection.Wants(select.Text(2), select.Text(3), static_cast<std::uint32_t>(select.Number(4))))
      continue;
    base::Result<v1::Termination> termination = ParseTermination(select.Blob(5));
    if (termination.ok()) {
      rows.found.push_back(std::make_shared<const v1::Termination>(std::move(*termination)));
    } else {
      error = termination.error();
    }
  }
  select.Reset();
  if (error) return *error;
  return rows;
}

base::Result<std::vector<v1::CancelPolicy>> SqliteBackend::Policies() {
  std::vector<v1::CancelPolicy> policies;
  std::optional<base::Error> error;
  std::lock_guard lock(reader_mutex_);
  int code = SQLITE_DONE;
  while (!error && (code = reader_.policies.Step()) == SQLITE_ROW) {
    auto policy = Parse<v1::CancelPolicy>(reader_.policies.Blob(0), "a policy");
    if (policy.ok()) {
      policies.push_back(std::move(*policy));
    } else {
      error = policy.error();
    }
  }
  if (!error && code != SQLITE_DONE) error = sqlite::LastError(reader_.connection.get());
  reader_.policies.Reset();
  if (error) return *error;
  return policies;
}

base::Result<std::map<std::string, CallRecord>> SqliteBackend::Calls() {
  std::map<std::string, CallRecord> calls;
  std::optional<base::Error> error;
  std::lock_guard lock(reader_mutex_);
  int code = SQLITE_DONE;
  while ((code = reader_.calls.Step()) == SQLITE_ROW) {
    calls.emplace(reader_.calls.Text(0), CallRecord{.call = std::string(reader_.calls.Blob(1)),
                                                    .dialogs = std::string(reader_.calls.Blob(2))});
  }
  if (code != SQLITE_DONE) error = sqlite::LastError(reader_.connection.get());
  reader_.calls.Reset();
  if (error) return *error;
  return calls;
}

base::Result<std::unique_ptr<Store>> OpenSqlite(const std::string& path, Options options) {
  RequestIndex requests(options.max_requests);
  base::Result<std::unique_ptr<SqliteBackend>> backend = SqliteBackend::Open(path, options, requests);
  if (!backend.ok()) {
    base::Error error = backend.error();
    error.message = "store " + path + ": " + error.message;
    return error;
  }
  return std::unique_ptr<Store>(
      std::make_unique<QueuedStore>(std::move(*backend), std::move(requests), std::move(options)));
}

}  // namespace adieu::store
