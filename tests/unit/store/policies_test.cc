#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "server/store/schema.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "tests/unit/store/samples.h"

// What every Store promises of policies, tried on each of them; and what only a file can show.
namespace adieu::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::CancelPolicy Policy(const std::string& id, const std::string& etag) {
  v1::CancelPolicy policy;
  policy.set_name("cancelPolicies/" + id);
  policy.set_etag(etag);
  policy.set_description("a line\nand another");
  policy.add_rules()->set_id("one");
  return policy;
}

PolicyWrite Keep(const std::string& id, const std::string& etag, Store::Done done = nullptr) {
  return {.name = "cancelPolicies/" + id,
          .policy = Policy(id, etag),
          .request = std::nullopt,
          .done = std::move(done)};
}

PolicyWrite Remove(const std::string& id, Store::Done done = nullptr) {
  return {.name = "cancelPolicies/" + id,
          .policy = std::nullopt,
          .request = std::nullopt,
          .done = std::move(done)};
}

RequestRecord Request(const std::string& request_id, const std::string& id) {
  RequestRecord record = SampleRequest(request_id, 0);
  record.method = "CreateCancelPolicy";
  record.resource = "cancelPolicies/" + id;
  return record;
}

std::vector<std::string> EtagsIn(Store& store) {
  std::vector<std::string> etags;
  const auto policies = store.Policies();
  EXPECT_TRUE(policies.ok());
  if (!policies.ok()) return etags;
  for (const v1::CancelPolicy& policy : *policies) {
    etags.push_back(policy.name().substr(policy.name().find('/') + 1) + "=" + policy.etag());
  }
  return etags;
}

enum class Kind { kMemory, kSqlite };

class StoredPolicies : public testing::TestWithParam<Kind> {
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

INSTANTIATE_TEST_SUITE_P(Stores, StoredPolicies, testing::Values(Kind::kMemory, Kind::kSqlite),
                         [](const auto& kind) { return kind.param == Kind::kMemory ? "Memory" : "Sqlite"; });

TEST_P(StoredPolicies, AreReadInTheOrderOfNamesPendingAndStored) {
  auto store = Open();
  EXPECT_THAT(EtagsIn(*store), IsEmpty());
  ASSERT_TRUE(store->PutPolicy(Keep("b", "1")));
  ASSERT_TRUE(store->PutPolicy(Keep("c", "1")));
  ASSERT_TRUE(store->Flush(Deadline()));
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  ASSERT_TRUE(store->PutPolicy(Keep("b", "2")));
  ASSERT_TRUE(store->PutPolicy(Remove("c")));
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=1", "b=2"));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=1", "b=2"));
  EXPECT_EQ(store->Policies()->at(0).SerializeAsString(), Policy("a", "1").SerializeAsString());
}

TEST_P(StoredPolicies, TheLastOfManyWritesOfOneNameCounts) {
  auto store = Open();
  HeldWriter held(*store, 1);
  Answer answers[4];
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1", answers[0].Done())));
  ASSERT_TRUE(store->PutPolicy(Remove("a", answers[1].Done())));
  EXPECT_THAT(EtagsIn(*store), IsEmpty());
  ASSERT_TRUE(store->PutPolicy(Keep("a", "2", answers[2].Done())));
  ASSERT_TRUE(store->PutPolicy(Keep("a", "3", answers[3].Done())));
  for (Answer& answer : answers) EXPECT_FALSE(answer.Came());
  held.Release();
  for (Answer& answer : answers) EXPECT_FALSE(answer.Wait());
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=3"));
  Answer removed;
  ASSERT_TRUE(store->PutPolicy(Remove("a", removed.Done())));
  EXPECT_FALSE(removed.Wait());
  EXPECT_THAT(EtagsIn(*store), IsEmpty());
}

TEST_P(StoredPolicies, AreNotListedAmongTerminations) {
  auto store = Open();
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  EXPECT_THAT(NamesOf(*store->List({})), ElementsAre(NameOf(1)));
  EXPECT_FALSE(store->Get("cancelPolicies/a"));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(NamesOf(*store->List({})), ElementsAre(NameOf(1)));
  EXPECT_FALSE(store->Get("cancelPolicies/a"));
}

TEST_P(StoredPolicies, OneRequestIdPutsOnce) {
  auto store = Open();
  PolicyWrite first = Keep("a", "1");
  first.request = Request("id", "a");
  PolicyWrite second = Keep("b", "1");
  second.request = Request("id", "b");
  ASSERT_TRUE(store->PutPolicy(std::move(first)));
  EXPECT_FALSE(store->PutPolicy(std::move(second)));
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=1"));
  const auto found = store->FindRequest("CreateCancelPolicy", "anonymous", "id");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource, "cancelPolicies/a");
}

TEST_P(StoredPolicies, AFullQueueAndAClosedStoreRefuse) {
  auto store = Open({.max_queue = 1});
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  EXPECT_FALSE(store->PutPolicy(Keep("b", "1")));
  // It has a place already.
  EXPECT_TRUE(store->PutPolicy(Keep("a", "2")));
  held.Release();
  store->Close();
  EXPECT_FALSE(store->PutPolicy(Keep("c", "1")));
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=2"));
}

class PolicyFile : public testing::Test {
 protected:
  std::unique_ptr<Store> Open() {
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(path_, {.now = clock_.Read()});
    if (!store.ok()) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }
  void Execute(const char* sql) {
    auto connection = sqlite::Open(path_);
    ASSERT_TRUE(connection.ok());
    const auto error = sqlite::Execute(connection->get(), sql);
    EXPECT_FALSE(error) << error->message;
  }

  Directory directory_;
  std::string path_ = directory_ / "adieu.db";
  Clock clock_;
};

TEST_F(PolicyFile, KeepsThemAcrossARestart) {
  auto store = Open();
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  ASSERT_TRUE(store->PutPolicy(Keep("b", "1")));
  ASSERT_TRUE(store->Flush(Deadline()));
  ASSERT_TRUE(store->PutPolicy(Remove("a")));
  PolicyWrite write = Keep("c", "1");
  write.request = Request("id", "c");
  ASSERT_TRUE(store->PutPolicy(std::move(write)));
  store.reset();
  store = Open();
  EXPECT_THAT(EtagsIn(*store), ElementsAre("b=1", "c=1"));
  const auto found = store->FindRequest("CreateCancelPolicy", "anonymous", "id");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource, "cancelPolicies/c");
}

TEST_F(PolicyFile, ADamagedOneIsAnErrorUntilItIsReplaced) {
  auto store = Open();
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  ASSERT_TRUE(store->Flush(Deadline()));
  Execute("UPDATE policy SET data = x'ff'");
  const auto policies = store->Policies();
  ASSERT_FALSE(policies.ok());
  EXPECT_EQ(policies.error().code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(policies.error().message, "a policy in the file is damaged");
  ASSERT_TRUE(store->PutPolicy(Keep("a", "2")));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(EtagsIn(*store), ElementsAre("a=2"));
}

// A file of the first schema, with a request id.
TEST_F(PolicyFile, AFileFromBeforePoliciesIsTakenOver) {
  {
    auto connection = sqlite::Open(path_);
    ASSERT_TRUE(connection.ok());
    ASSERT_FALSE(sqlite::Migrate(connection->get(), sqlite::Migrations().first(1)));
  }
  Execute(
      "INSERT INTO request (method, principal, request_id, fingerprint, termination, time)"
      " VALUES ('TerminateCall', 'anonymous', 'id', x'00', 'terminations/1', 1700000000000000000)");
  auto store = Open();
  const auto found = store->FindRequest("TerminateCall", "anonymous", "id");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource, "terminations/1");
  EXPECT_THAT(EtagsIn(*store), IsEmpty());
  ASSERT_TRUE(store->PutPolicy(Keep("a", "1")));
  EXPECT_TRUE(store->Flush(Deadline()));
}

}  // namespace
}  // namespace adieu::store
