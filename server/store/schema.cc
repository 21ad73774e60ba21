#include "server/store/schema.h"

#include <cstdint>
#include <string>

#include "server/store/backend.h"
#include "server/store/sqlite.h"

namespace adieu::store::sqlite {
namespace {

// "adie"
constexpr std::int64_t kApplicationId = 0x61646965;

// request_time and time are nanoseconds since 1970. outcomes has the bit 1 << LegOutcome of each leg. data is
// the serialised adieu.v1.Termination or adieu.v1.CancelPolicy. Request ids are looked up in memory: their
// table is only appended to, read at start, and cut at its old end. The journal of calls has no index of
// names: the writer knows the id of each, so that calls of one time stand together.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE termination (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  call TEXT NOT NULL,
  sweep TEXT NOT NULL,
  policy TEXT NOT NULL,
  request_time INTEGER NOT NULL,
  outcomes INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX termination_by_time ON termination (request_time, name);
CREATE INDEX termination_by_sweep ON termination (sweep, request_time, name) WHERE sweep <> '';
CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  method TEXT NOT NULL,
  principal TEXT NOT NULL,
  request_id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  termination TEXT NOT NULL,
  time INTEGER NOT NULL
);
)sql",
    R"sql(
CREATE TABLE policy (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  data BLOB NOT NULL
);
ALTER TABLE request RENAME COLUMN termination TO resource;
)sql",
    R"sql(
CREATE TABLE call (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  call BLOB NOT NULL,
  dialogs BLOB NOT NULL
);
)sql",
};

std::optional<base::Error> CheckOwner(sqlite3* connection, std::int64_t version) {
  base::Result<std::int64_t> application = ReadNumber(connection, "PRAGMA application_id");
  if (!application.ok()) return application.error();
  base::Result<std::int64_t> objects = ReadNumber(connection, "SELECT count(*) FROM sqlite_schema");
  if (!objects.ok()) return objects.error();
  const bool empty = *application == 0 && version == 0 && *objects == 0;
  if (empty || (*application == kApplicationId && version > 0)) return std::nullopt;
  return Unavailable("it is a database of another program");
}

}  // namespace

std::span<const char* const> Migrations() { return kMigrations; }

std::optional<base::Error> Migrate(sqlite3* connection, std::span<const char* const> migrations) {
  base::Result<std::int64_t> version = ReadNumber(connection, "PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (auto error = CheckOwner(connection, *version)) return error;

  const auto known = static_cast<std::int64_t>(migrations.size());
  if (*version > known) {
    return Unavailable("its schema has version " + std::to_string(*version) +
                       ", written by a newer adieud; this one knows versions up to " + std::to_string(known));
  }
  for (std::int64_t next = *version; next < known; ++next) {
    const std::string step = std::string("BEGIN IMMEDIATE;") + migrations[static_cast<std::size_t>(next)] +
                             ";PRAGMA application_id = " + std::to_string(kApplicationId) +
                             ";PRAGMA user_version = " + std::to_string(next + 1) + ";COMMIT";
    if (auto error = Execute(connection, step.c_str())) {
      Execute(connection, "ROLLBACK");
      return Unavailable("migration to schema version " + std::to_string(next + 1) + ": " + error->message);
    }
  }
  return std::nullopt;
}

}  // namespace adieu::store::sqlite
