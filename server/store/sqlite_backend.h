#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/store/backend.h"
#include "server/store/file_lock.h"
#include "server/store/request_index.h"
#include "server/store/sqlite.h"
#include "server/store/sqlite_writer.h"

namespace adieu::store {

// Keeps terminations, policies and calls in an SQLite file: one connection for the writer's thread, one for
// all readers.
class SqliteBackend final : public Backend {
 public:
  // Opens or creates the file and adds the request ids that it holds to `requests`.
  static base::Result<std::unique_ptr<SqliteBackend>> Open(const std::string& path, const Options& options,
                                                           RequestIndex& requests);

  std::optional<base::Error> Write(const std::list<PendingWrite>& writes,
                                   const Retention& retention) override;
  base::Result<std::optional<v1::Termination>> Get(const std::string& name) override;
  base::Result<Rows> Read(const Selection& selection, std::size_t max_found,
                          std::size_t max_examined) override;
  base::Result<std::vector<v1::CancelPolicy>> Policies() override;
  base::Result<std::map<std::string, CallRecord>> Calls() override;

 private:
  // A read-only connection with its statements.
  struct Reader {
    sqlite::Connection connection;
    sqlite::Statement get;
    sqlite::Statement newest_first;
    sqlite::Statement newest_first_of_sweep;
    sqlite::Statement policies;
    sqlite::Statement calls;
  };

  static base::Result<Reader> OpenReader(const std::string& path);

  SqliteBackend(FileLock lock, std::unique_ptr<SqliteWriter> writer, Reader reader);

  // First: the file is let go last.
  FileLock lock_;
  std::unique_ptr<SqliteWriter> writer_;
  std::mutex reader_mutex_;
  // Guarded by reader_mutex_.
  Reader reader_;
};

}  // namespace adieu::store
