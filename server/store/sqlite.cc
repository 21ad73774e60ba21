#include "server/store/sqlite.h"

#include <utility>

#include "server/store/backend.h"

namespace adieu::store::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

}  // namespace

base::Error LastError(sqlite3* connection) {
  return Unavailable(std::string(sqlite3_errmsg(connection)) + " (SQLite error " +
                     std::to_string(sqlite3_extended_errcode(connection)) + ")");
}

base::Result<Connection> Open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection(raw);
  if (!connection) return Unavailable("out of memory");
  if (code != SQLITE_OK) return LastError(raw);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return connection;
}

std::optional<base::Error> Execute(sqlite3* connection, const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return std::nullopt;
  return LastError(connection);
}

base::Result<std::int64_t> ReadNumber(sqlite3* connection, const char* sql) {
  base::Result<Statement> statement = Statement::Prepare(connection, sql);
  if (!statement.ok()) return statement.error();
  const int code = statement->Step();
  if (code == SQLITE_ROW) return statement->Number(0);
  if (code == SQLITE_DONE) return std::int64_t{0};
  return LastError(connection);
}

base::Result<std::string> ReadText(sqlite3* connection, const char* sql) {
  base::Result<Statement> statement = Statement::Prepare(connection, sql);
  if (!statement.ok()) return statement.error();
  const int code = statement->Step();
  if (code == SQLITE_ROW) return std::string(statement->Text(0));
  if (code == SQLITE_DONE) return std::string();
  return LastError(connection);
}

base::Result<Statement> Statement::Prepare(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    return LastError(connection);
  }
  return Statement(statement);
}

base::Result<std::vector<Statement>> Statement::PrepareAll(sqlite3* connection,
                                                           std::span<const char* const> sql) {
  std::vector<Statement> statements;
  for (const char* one : sql) {
    base::Result<Statement> statement = Prepare(connection, one);
    if (!statement.ok()) return statement.error();
    statements.push_back(std::move(*statement));
  }
  return statements;
}

void Statement::Bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::Bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text64(statement_.get(), parameter, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::BindBlob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
}

int Statement::Step() { return sqlite3_step(statement_.get()); }

bool Statement::Run() {
  const int code = Step();
  Reset();
  return code == SQLITE_DONE;
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::Number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

}  // namespace adieu::store::sqlite
