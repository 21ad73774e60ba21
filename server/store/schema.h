#pragma once

#include <sqlite3.h>

#include <optional>
#include <span>

#include "server/base/error.h"

namespace adieu::store::sqlite {

// What leads from each version of the schema to the next: the first from an empty file to version 1. Released
// ones never change.
std::span<const char* const> Migrations();

// Brings the file to the version of the last migration (PRAGMA user_version), each step in a transaction of
// its own. UNAVAILABLE: the schema is newer, or the file belongs to another program (PRAGMA application_id).
std::optional<base::Error> Migrate(sqlite3* connection, std::span<const char* const> migrations);

}  // namespace adieu::store::sqlite
