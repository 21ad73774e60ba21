#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/store/store.h"
#include "tests/unit/store/samples.h"

// What every Store promises of the journal of calls, tried on each of them; and what only a file can show.
namespace adieu::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CallWrite Keep(const std::string& id, const std::string& dialogs, Store::Done done = nullptr) {
  return {.name = "calls/" + id,
          .record = CallRecord{.call = std::string("call\0", 5) + id, .dialogs = dialogs},
          .done = std::move(done)};
}

CallWrite Remove(const std::string& id, Store::Done done = nullptr) {
  return {.name = "calls/" + id, .record = std::nullopt, .done = std::move(done)};
}

// `a=1`: the dialogs of calls/a are `1`.
std::vector<std::string> CallsIn(Store& store) {
  std::vector<std::string> found;
  const auto calls = store.Calls();
  EXPECT_TRUE(calls.ok());
  if (!calls.ok()) return found;
  for (const auto& [name, record] : *calls) {
    const std::string id = name.substr(name.find('/') + 1);
    EXPECT_EQ(record.call, std::string("call\0", 5) + id);
    found.push_back(id + "=" + record.dialogs);
  }
  return found;
}

enum class Kind { kMemory, kSqlite };

class StoredCalls : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Store> Open(Options options = {}) {
    options.now = clock_.Read();
    if (GetParam() == Kind::kMemory) return OpenMemory(std::move(options));
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(path_, std::move(options));
    if (!store.ok()) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  Directory directory_;
  std::string path_ = directory_ / "adieu.db";
  Clock clock_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoredCalls, testing::Values(Kind::kMemory, Kind::kSqlite),
                         [](const auto& kind) { return kind.param == Kind::kMemory ? "Memory" : "Sqlite"; });

TEST_P(StoredCalls, AreReadPendingAndStored) {
  auto store = Open();
  EXPECT_THAT(CallsIn(*store), IsEmpty());
  ASSERT_TRUE(store->PutCall(Keep("b", "1")));
  ASSERT_TRUE(store->PutCall(Keep("c", "1")));
  ASSERT_TRUE(store->Flush(Deadline()));
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutCall(Keep("a", "1")));
  ASSERT_TRUE(store->PutCall(Keep("b", std::string("2\0", 2))));
  ASSERT_TRUE(store->PutCall(Remove("c")));
  EXPECT_THAT(CallsIn(*store), ElementsAre("a=1", std::string("b=2\0", 4)));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(CallsIn(*store), ElementsAre("a=1", std::string("b=2\0", 4)));
}

TEST_P(StoredCalls, TheLastOfManyWritesOfOneCallCounts) {
  auto store = Open();
  HeldWriter held(*store, 1);
  Answer answers[3];
  ASSERT_TRUE(store->PutCall(Keep("a", "1", answers[0].Done())));
  ASSERT_TRUE(store->PutCall(Remove("a", answers[1].Done())));
  EXPECT_THAT(CallsIn(*store), IsEmpty());
  ASSERT_TRUE(store->PutCall(Keep("a", "2", answers[2].Done())));
  held.Release();
  for (Answer& answer : answers) EXPECT_FALSE(answer.Wait());
  EXPECT_THAT(CallsIn(*store), ElementsAre("a=2"));
  Answer removed;
  ASSERT_TRUE(store->PutCall(Remove("a", removed.Done())));
  EXPECT_FALSE(removed.Wait());
  EXPECT_THAT(CallsIn(*store), IsEmpty());
}

TEST_P(StoredCalls, WhatIsNotThereCanBeRemoved) {
  auto store = Open();
  Answer answer;
  ASSERT_TRUE(store->PutCall(Remove("a", answer.Done())));
  EXPECT_FALSE(answer.Wait());
}

TEST_P(StoredCalls, NamesDoNotMeetThoseOfTerminationsAndPolicies) {
  auto store = Open();
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutCall(Keep("a", "1")));
  EXPECT_THAT(NamesOf(*store->List({})), ElementsAre(NameOf(1)));
  EXPECT_THAT(*store->Policies(), IsEmpty());
  EXPECT_FALSE(store->Get("calls/a"));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(NamesOf(*store->List({})), ElementsAre(NameOf(1)));
  EXPECT_FALSE(store->Get("calls/a"));
}

TEST_P(StoredCalls, AFullQueueAndAClosedStoreRefuse) {
  auto store = Open({.max_queue = 2});
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutCall(Keep("a", "1")));
  ASSERT_TRUE(store->PutCall(Keep("b", "1")));
  EXPECT_FALSE(store->PutCall(Keep("c", "1")));
  // It has a place.
  EXPECT_TRUE(store->PutCall(Keep("a", "2")));
  held.Release();
  store->Close();
  EXPECT_FALSE(store->PutCall(Keep("a", "3")));
}

class StoredCallsInAFile : public testing::Test {
 protected:
  std::unique_ptr<Store> Open() {
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(path_, {.now = clock_.Read()});
    if (!store.ok()) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  Directory directory_;
  std::string path_ = directory_ / "adieu.db";
  Clock clock_;
};

TEST_F(StoredCallsInAFile, AreChangedAndRemovedByTheNextProcess) {
  {
    auto store = Open();
    for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(store->PutCall(Keep(id, "1")));
  }
  {
    auto store = Open();
    EXPECT_THAT(CallsIn(*store), ElementsAre("a=1", "b=1", "c=1"));
    ASSERT_TRUE(store->PutCall(Remove("a")));
    ASSERT_TRUE(store->PutCall(Keep("b", "2")));
    ASSERT_TRUE(store->PutCall(Keep("d", "1")));
  }
  EXPECT_THAT(CallsIn(*Open()), ElementsAre("b=2", "c=1", "d=1"));
}

}  // namespace
}  // namespace adieu::store
