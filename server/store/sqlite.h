#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"

namespace adieu::store::sqlite {

// A thin skin over SQLite: ownership, and errors as values (UNAVAILABLE with SQLite's own words). A
// connection and its statements are for one thread at a time.

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// What the connection's last call that failed says.
base::Error LastError(sqlite3* connection);

// Opens or creates the file. Waits at most 5 s for a lock of another connection.
base::Result<Connection> Open(const std::string& path);

// Runs statements that return nothing, or nothing that matters.
std::optional<base::Error> Execute(sqlite3* connection, const char* sql);

// The first column of the first row: a number, or text. Zero or empty when there is no row.
base::Result<std::int64_t> ReadNumber(sqlite3* connection, const char* sql);
base::Result<std::string> ReadText(sqlite3* connection, const char* sql);

// A prepared statement. Parameters count from 1 and must live until Reset; columns count from 0 and live
// until the next Step or Reset.
class Statement {
 public:
  static base::Result<Statement> Prepare(sqlite3* connection, std::string_view sql);
  static base::Result<std::vector<Statement>> PrepareAll(sqlite3* connection,
                                                         std::span<const char* const> sql);

  void Bind(int parameter, std::int64_t value);
  void Bind(int parameter, std::string_view text);
  void BindBlob(int parameter, std::string_view bytes);

  // SQLITE_ROW, SQLITE_DONE, or an error, which LastError explains.
  int Step();
  // Runs a statement without rows, and resets it. False: LastError explains.
  bool Run();
  // Ends the read transaction; the parameters stay bound.
  void Reset();

  std::int64_t Number(int column) const;
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;

 private:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
};

}  // namespace adieu::store::sqlite
