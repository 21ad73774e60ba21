#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/store/schema.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "tests/unit/store/samples.h"

namespace adieu::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteStore : public testing::Test {
 protected:
  std::unique_ptr<Store> Open(Options options = {}) {
    options.on_error = [this] { ++errors_; };
    options.now = clock_.Read();
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(path_, std::move(options));
    if (!store.ok()) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  // Why the file cannot be opened.
  std::string Refusal(const std::string& path) {
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(path);
    if (store.ok()) return "it was opened";
    EXPECT_EQ(store.error().code, absl::StatusCode::kUnavailable);
    EXPECT_EQ(store.error().reason, "STORE_UNAVAILABLE");
    EXPECT_THAT(store.error().message, HasSubstr("store " + path + ": "));
    return store.error().message;
  }

  void Execute(const std::string& path, const char* sql) {
    auto connection = sqlite::Open(path);
    ASSERT_TRUE(connection.ok());
    const auto error = sqlite::Execute(connection->get(), sql);
    EXPECT_FALSE(error) << error->message;
  }

  std::int64_t Count(const char* sql) {
    auto connection = sqlite::Open(path_);
    auto number = sqlite::ReadNumber(connection->get(), sql);
    return number.ok() ? *number : -1;
  }

  std::vector<std::string> List(Store& store) {
    auto page = store.List({});
    return page.ok() ? NamesOf(*page) : std::vector<std::string>{page.error().message};
  }

  Directory directory_;
  std::string path_ = directory_ / "adieu.db";
  Clock clock_;
  std::atomic<int> errors_ = 0;
};

TEST_F(SqliteStore, KeepsEverythingAcrossARestart) {
  v1::Termination termination = Sample(1, 1);
  termination.set_sweep("sweeps/x");
  termination.set_note(std::string("a\0b", 3));
  {
    auto store = Open();
    ASSERT_TRUE(store->Put(termination, SampleRequest("id", 1), nullptr));
    ASSERT_TRUE(store->Put(Sample(2, 2)));
  }
  auto store = Open();
  ASSERT_TRUE(store->Get(NameOf(1)));
  EXPECT_EQ(store->Get(NameOf(1))->SerializeAsString(), termination.SerializeAsString());
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
  const auto found = store->FindRequest("TerminateCall", "anonymous", "id");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->fingerprint, SampleRequest("id", 1).fingerprint);
  EXPECT_EQ(found->resource, NameOf(1));
  EXPECT_EQ(found->time, SampleTime(0));
  EXPECT_FALSE(store->Put(Sample(3, 3), SampleRequest("id", 3), nullptr));
}

TEST_F(SqliteStore, APageTokenOutlivesARestart) {
  v1::ListTerminationsRequest request;
  request.set_page_size(1);
  {
    auto store = Open();
    for (int number = 1; number <= 2; ++number) ASSERT_TRUE(store->Put(Sample(number, number)));
    auto page = store->List(request);
    ASSERT_TRUE(page.ok());
    request.set_page_token(page->next_page_token());
  }
  auto store = Open();
  auto page = store->List(request);
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(NamesOf(*page), ElementsAre(NameOf(1)));
}

TEST_F(SqliteStore, RetentionGoesOnAcrossARestart) {
  {
    auto store = Open({.max_terminations = 3, .max_requests = 3});
    for (int number = 1; number <= 3; ++number) {
      ASSERT_TRUE(store->Put(Sample(number, number), SampleRequest(std::to_string(number), number), nullptr));
    }
  }
  auto store = Open({.max_terminations = 3, .max_requests = 3});
  ASSERT_TRUE(store->Put(Sample(4, 4), SampleRequest("4", 4), nullptr));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(4), NameOf(3), NameOf(2)));
  EXPECT_EQ(Count("SELECT count(*) FROM request"), 3);
  EXPECT_EQ(Count("SELECT min(request_id) FROM request"), 2);
}

TEST_F(SqliteStore, OldRequestIdsLeaveTheFile) {
  auto store = Open();
  for (int number = 0; number < 5; ++number) {
    ASSERT_TRUE(
        store->Put(Sample(number, 0), SampleRequest(std::to_string(number), number, number), nullptr));
  }
  ASSERT_TRUE(store->Flush(Deadline()));
  clock_.Set(7200 + 3);
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(Count("SELECT min(request_id) FROM request"), 3);
  clock_.Set(8000);
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(Count("SELECT count(*) FROM request"), 0);
  store.reset();
  EXPECT_FALSE(Open()->FindRequest("TerminateCall", "anonymous", "4"));
}

TEST_F(SqliteStore, CoalescesWhatIsQueuedIntoOneRow) {
  auto store = Open();
  HeldWriter held(*store, 0);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(store->Put(Sample(1, 0)));
  ASSERT_TRUE(store->Put(Sample(2, 0)));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(Count("SELECT count(*) FROM termination"), 3);
  // Rows that were never written have no ids between those that were.
  EXPECT_EQ(Count("SELECT max(id) FROM termination"), 3);
}

TEST_F(SqliteStore, ListsByIndexWithoutSorting) {
  Open();
  auto connection = sqlite::Open(path_);
  ASSERT_TRUE(connection.ok());
  struct Case {
    const char* where;
    const char* index;
  };
  for (const Case& c : {Case{"", "INDEX termination_by_time"},
                        Case{"sweep <> '' AND sweep = ?4 AND ", "INDEX termination_by_sweep"}}) {
    const std::string sql = std::string("EXPLAIN QUERY PLAN SELECT data FROM termination WHERE ") + c.where +
                            "(request_time, name) < (?1, ?2) AND request_time >= ?3"
                            " ORDER BY request_time DESC, name DESC";
    auto plan = sqlite::Statement::Prepare(connection->get(), sql);
    ASSERT_TRUE(plan.ok());
    ASSERT_EQ(plan->Step(), SQLITE_ROW);
    EXPECT_THAT(std::string(plan->Text(3)), HasSubstr(c.index));
    EXPECT_EQ(plan->Step(), SQLITE_DONE) << plan->Text(3);
  }
}

TEST_F(SqliteStore, OnlyTheOwnerMayReadTheFiles) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  ASSERT_TRUE(store->Flush(Deadline()));
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status = {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(SqliteStore, RefusesASecondStoreOnTheFile) {
  auto store = Open();
  EXPECT_THAT(Refusal(path_), HasSubstr("another process uses it"));
  std::filesystem::create_symlink(path_, directory_ / "link.db");
  EXPECT_THAT(Refusal(directory_ / "link.db"), HasSubstr("another process uses it"));
  store.reset();
  Open();
}

TEST_F(SqliteStore, RefusesWhatCannotBeUsed) {
  const std::string garbage = directory_ / "garbage.db";
  std::ofstream(garbage) << std::string(10'000, 'x');
  const std::string foreign = directory_ / "foreign.db";
  Execute(foreign, "CREATE TABLE song (title TEXT)");
  const std::string versioned = directory_ / "versioned.db";
  Execute(versioned, "PRAGMA user_version = 1");
  const std::string newer = directory_ / "newer.db";
  { ASSERT_TRUE(OpenSqlite(newer).ok()); }
  Execute(newer, "PRAGMA user_version = 1000");
  const std::string cut = directory_ / "cut.db";
  { ASSERT_TRUE(OpenSqlite(cut).ok()); }
  std::filesystem::resize_file(cut, 4096);

  std::filesystem::create_directory(directory_ / "folder");

  struct Case {
    std::string path;
    const char* message;
  };
  const Case cases[] = {
      {"", "the path is empty"},
      {directory_ / "no/such/adieu.db", "No such file or directory"},
      {directory_ / "folder", "Is a directory"},
      {garbage + "/adieu.db", "Not a directory"},
      {garbage, "file is not a database"},
      {foreign, "another program"},
      {versioned, "another program"},
      {newer, "its schema has version 1000, written by a newer adieud; this one knows versions up to"},
      {cut, "malformed"},
  };
  for (const Case& c : cases) EXPECT_THAT(Refusal(c.path), HasSubstr(c.message));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "folder.lock"));
  // What was refused is as it was.
  std::ifstream file(garbage);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), std::string(10'000, 'x'));
}

TEST_F(SqliteStore, ADamagedTerminationIsAnError) {
  auto store = Open();
  for (int number = 1; number <= 2; ++number) ASSERT_TRUE(store->Put(Sample(number, number)));
  ASSERT_TRUE(store->Flush(Deadline()));
  Execute(path_, "UPDATE termination SET data = x'ff' WHERE name = 'terminations/00000001'");
  EXPECT_FALSE(store->Get(NameOf(1)));
  EXPECT_TRUE(store->Get(NameOf(2)));
  EXPECT_EQ(errors_, 1);
  auto page = store->List({});
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(errors_, 2);
  // It can be replaced.
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
}

// Files cannot grow, as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    signal_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { End(); }
  void End() {
    if (ended_) return;
    ended_ = true;
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_ = {};
  sighandler_t signal_ = SIG_DFL;
  bool ended_ = false;
};

TEST_F(SqliteStore, WhatCannotBeWrittenIsReadableAndWrittenLater) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  ASSERT_TRUE(store->Flush(Deadline()));
  FullDisk full;
  Answer failed;
  const bool put = store->Put(Sample(2, 2), SampleRequest("id", 2), failed.Done());
  const auto error = failed.Wait();
  const bool flushed = store->Flush(Deadline());
  const auto names = List(*store);
  full.End();

  ASSERT_TRUE(put);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(error->reason, "STORE_UNAVAILABLE");
  EXPECT_FALSE(flushed);
  EXPECT_GE(errors_, 2);
  EXPECT_THAT(names, ElementsAre(NameOf(2), NameOf(1)));
  EXPECT_EQ(Count("SELECT count(*) FROM termination"), 1);

  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(Count("SELECT count(*) FROM termination"), 2);
  store.reset();
  store = Open();
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
  EXPECT_TRUE(store->FindRequest("TerminateCall", "anonymous", "id"));
}

TEST_F(SqliteStore, WhatCannotBeWrittenGivesWayWhenTheQueueIsFull) {
  auto store = Open({.max_queue = 3});
  FullDisk full;
  std::vector<bool> put;
  std::vector<bool> failed;
  for (int number = 1; number <= 5; ++number) {
    Answer answer;
    put.push_back(store->Put(Sample(number, number), answer.Done()));
    failed.push_back(answer.Wait().has_value());
  }
  full.End();
  EXPECT_THAT(put, ElementsAre(true, true, true, true, true));
  EXPECT_THAT(failed, ElementsAre(true, true, true, true, true));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(5), NameOf(4), NameOf(3)));
}

TEST_F(SqliteStore, ClosingOnAFullDiskEnds) {
  auto store = Open();
  FullDisk full;
  Answer answer;
  const bool put = store->Put(Sample(1, 1), answer.Done());
  store->Close();
  full.End();
  ASSERT_TRUE(put);
  EXPECT_TRUE(answer.Came());
  EXPECT_TRUE(answer.Wait());
  EXPECT_TRUE(store->Get(NameOf(1)));
}

}  // namespace
}  // namespace adieu::store
