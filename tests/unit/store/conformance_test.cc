#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "server/store/store.h"
#include "tests/unit/store/samples.h"

// What every Store promises, tried on each of them.
namespace adieu::store {
namespace {

using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::IsEmpty;

enum class Kind { kMemory, kSqlite };

class StoreConformance : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<Store> Open(Options options = {}) {
    if (!options.on_error) options.on_error = [this] { ++errors_; };
    // The samples are older than the retention of a real clock.
    options.now = clock_.Read();
    if (GetParam() == Kind::kMemory) return OpenMemory(std::move(options));
    base::Result<std::unique_ptr<Store>> store = OpenSqlite(directory_ / "adieu.db", std::move(options));
    if (!store.ok()) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  std::vector<std::string> List(Store& store, const v1::ListTerminationsRequest& request = {}) {
    auto page = store.List(request);
    EXPECT_TRUE(page.ok());
    return page.ok() ? NamesOf(*page) : std::vector<std::string>();
  }

  Directory directory_;
  Clock clock_;
  std::atomic<int> errors_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance, testing::Values(Kind::kMemory, Kind::kSqlite),
                         [](const auto& kind) { return kind.param == Kind::kMemory ? "Memory" : "Sqlite"; });

TEST_P(StoreConformance, PutIsSeenAtOnceAndAfterTheCommit) {
  auto store = Open();
  EXPECT_FALSE(store->Get(NameOf(1)));
  Answer answer;
  ASSERT_TRUE(store->Put(Sample(1, 0), answer.Done()));
  ASSERT_TRUE(store->Get(NameOf(1)));
  EXPECT_EQ(store->Get(NameOf(1))->SerializeAsString(), Sample(1, 0).SerializeAsString());
  EXPECT_THAT(List(*store), ElementsAre(NameOf(1)));
  EXPECT_FALSE(answer.Wait());
  EXPECT_EQ(store->Get(NameOf(1))->SerializeAsString(), Sample(1, 0).SerializeAsString());
  EXPECT_THAT(List(*store), ElementsAre(NameOf(1)));
  EXPECT_EQ(errors_, 0);
}

TEST_P(StoreConformance, OneCommitTakesWhatWasPutTogether) {
  Options options;
  std::vector<std::chrono::nanoseconds> commits;
  options.on_commit = [&](std::chrono::nanoseconds took) { commits.push_back(took); };
  const auto store = Open(std::move(options));
  ASSERT_TRUE(store->Put(Sample(0, 0), SampleRequest("taken", 0), nullptr));
  ASSERT_TRUE(store->Flush(Deadline()));
  ASSERT_EQ(commits.size(), 1u);
  EXPECT_GT(commits[0].count(), 0);

  Answer last;
  std::vector<Write> writes(3);
  writes[0].termination = Sample(1, 1);
  writes[1].termination = Sample(2, 2);
  writes[1].request = SampleRequest("taken", 2);
  writes[2].termination = Sample(3, 3);
  writes[2].done = last.Done();
  EXPECT_EQ(store->Put(std::move(writes)), (std::vector<bool>{true, false, true}));
  EXPECT_FALSE(last.Wait());
  EXPECT_TRUE(store->Get(NameOf(1)));
  EXPECT_FALSE(store->Get(NameOf(2)));
  store->Close();
  EXPECT_EQ(commits.size(), 2u);
}

TEST_P(StoreConformance, PutReplacesWhatIsQueuedAndWhatIsStored) {
  auto store = Open();
  HeldWriter held(*store, 1);
  for (const auto outcome : {v1::LEG_OUTCOME_HELD, v1::LEG_OUTCOME_SENT, v1::LEG_OUTCOME_ENDED}) {
    ASSERT_TRUE(store->Put(Sample(1, 0, outcome)));
    ASSERT_TRUE(store->Put(Sample(2, 1, outcome)));
    EXPECT_EQ(store->Get(NameOf(1))->legs(0).outcome(), outcome);
    EXPECT_EQ(store->Get(NameOf(2))->legs(0).outcome(), outcome);
    EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
  }
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(store->Get(NameOf(1))->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(store->Get(NameOf(2))->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
}

TEST_P(StoreConformance, EveryPutOfOneNameIsAnsweredOnTheWritersThread) {
  auto store = Open();
  Answer answers[3];
  HeldWriter held(*store, 9);
  for (Answer& answer : answers) ASSERT_TRUE(store->Put(Sample(1, 0), answer.Done()));
  for (Answer& answer : answers) EXPECT_FALSE(answer.Came());
  held.Release();
  for (Answer& answer : answers) EXPECT_FALSE(answer.Wait());

  std::promise<std::thread::id> thread;
  ASSERT_TRUE(store->Put(Sample(2, 0), [&](auto) { thread.set_value(std::this_thread::get_id()); }));
  auto future = thread.get_future();
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  EXPECT_NE(future.get(), std::this_thread::get_id());
}

TEST_P(StoreConformance, DoneMayPut) {
  auto store = Open();
  Answer second;
  ASSERT_TRUE(store->Put(Sample(1, 0), [&](auto) { store->Put(Sample(2, 0), second.Done()); }));
  EXPECT_FALSE(second.Wait());
  EXPECT_TRUE(store->Get(NameOf(2)));
}

TEST_P(StoreConformance, ListsNewestFirstThenByName) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Sample(2, 20)));
  ASSERT_TRUE(store->Put(Sample(5, 10)));
  ASSERT_TRUE(store->Flush(Deadline()));
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->Put(Sample(4, 20)));
  ASSERT_TRUE(store->Put(Sample(3, 20)));
  ASSERT_TRUE(store->Put(Sample(6, 5)));
  const auto order = ElementsAre(NameOf(4), NameOf(3), NameOf(2), NameOf(5), NameOf(6), NameOf(1));
  EXPECT_THAT(List(*store), order);
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), order);
}

TEST_P(StoreConformance, ReplacingMovesATerminationInTheList) {
  auto store = Open();
  for (int number = 1; number <= 3; ++number) ASSERT_TRUE(store->Put(Sample(number, number)));
  ASSERT_TRUE(store->Flush(Deadline()));
  ASSERT_TRUE(store->Put(Sample(1, 10)));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(1), NameOf(3), NameOf(2)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(1), NameOf(3), NameOf(2)));
}

TEST_P(StoreConformance, Filters) {
  auto store = Open();
  auto put = [&](int number, const char* sweep, const char* policy, std::vector<v1::LegOutcome> outcomes) {
    v1::Termination termination = Sample(number, 10 * number, outcomes.front());
    if (outcomes.size() > 1) termination.add_legs()->set_outcome(outcomes[1]);
    termination.set_sweep(sweep);
    termination.set_policy(policy);
    ASSERT_TRUE(store->Put(std::move(termination)));
  };
  put(1, "", "cancelPolicies/a", {v1::LEG_OUTCOME_SENT});
  put(2, "sweeps/x", "cancelPolicies/a", {v1::LEG_OUTCOME_ENDED});
  put(3, "sweeps/x", "cancelPolicies/b", {v1::LEG_OUTCOME_ENDED, v1::LEG_OUTCOME_FAILED});
  put(4, "sweeps/y", "cancelPolicies/b", {v1::LEG_OUTCOME_UNSPECIFIED});

  struct Case {
    const char* what;
    const char* sweep;
    const char* policy;
    v1::LegOutcome outcome;
    int start;
    int end;
    std::vector<int> expected;
  };
  const v1::LegOutcome any = v1::LEG_OUTCOME_UNSPECIFIED;
  const Case cases[] = {
      {"nothing", "", "", any, 0, 0, {4, 3, 2, 1}},
      {"a sweep", "sweeps/x", "", any, 0, 0, {3, 2}},
      {"an unknown sweep", "sweeps/z", "", any, 0, 0, {}},
      {"a policy", "", "cancelPolicies/a", any, 0, 0, {2, 1}},
      {"a sweep and a policy", "sweeps/x", "cancelPolicies/a", any, 0, 0, {2}},
      {"an outcome of the first leg", "", "", v1::LEG_OUTCOME_ENDED, 0, 0, {3, 2}},
      {"an outcome of the second leg", "", "", v1::LEG_OUTCOME_FAILED, 0, 0, {3}},
      {"an outcome that none has", "", "", v1::LEG_OUTCOME_HELD, 0, 0, {}},
      {"start, included", "", "", any, 20, 0, {4, 3, 2}},
      {"end, excluded", "", "", any, 0, 30, {2, 1}},
      {"start and end", "", "", any, 20, 30, {2}},
      {"an empty span", "", "", any, 20, 20, {}},
      {"a reversed span", "", "", any, 30, 20, {}},
      {"a sweep in a span", "sweeps/x", "", any, 25, 40, {3}},
  };
  for (const char* phase : {"pending", "stored"}) {
    for (const Case& c : cases) {
      SCOPED_TRACE(std::string(c.what) + ", " + phase);
      v1::ListTerminationsRequest request;
      request.set_sweep(c.sweep);
      request.set_policy(c.policy);
      request.set_outcome(c.outcome);
      if (c.start != 0) *request.mutable_start_time() = Sample(0, c.start).request_time();
      if (c.end != 0) *request.mutable_end_time() = Sample(0, c.end).request_time();
      std::vector<std::string> expected;
      for (int number : c.expected) expected.push_back(NameOf(number));
      EXPECT_EQ(List(*store, request), expected);
    }
    ASSERT_TRUE(store->Flush(Deadline()));
  }
}

TEST_P(StoreConformance, FiltersByCall) {
  auto store = Open();
  for (int number = 1; number <= 4; ++number) {
    ASSERT_TRUE(store->Put(Sample(number, number)));
    if (number == 2) {
      ASSERT_TRUE(store->Flush(Deadline()));
    }
  }
  const auto page =
      store->List({}, [](const std::string& call) { return call == "calls/1" || call == "calls/4"; });
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(NamesOf(*page), ElementsAre(NameOf(4), NameOf(1)));
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_P(StoreConformance, ACallFilterMayReadTheStore) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  ASSERT_TRUE(store->Flush(Deadline()));
  const auto page = store->List({}, [&](const std::string&) { return store->Get(NameOf(1)).has_value(); });
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(NamesOf(*page), ElementsAre(NameOf(1)));
}

TEST_P(StoreConformance, TheStoredFormDoesNotAnswerForANewerPendingOne) {
  auto store = Open();
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->Put(Sample(1, 0, v1::LEG_OUTCOME_ENDED)));
  v1::ListTerminationsRequest request;
  request.set_outcome(v1::LEG_OUTCOME_SENT);
  EXPECT_THAT(List(*store, request), IsEmpty());
  request.set_outcome(v1::LEG_OUTCOME_ENDED);
  EXPECT_THAT(List(*store, request), ElementsAre(NameOf(1)));
}

TEST_P(StoreConformance, PagesHaveEachTerminationOnceInOrder) {
  auto store = Open();
  std::vector<std::string> expected;
  std::optional<HeldWriter> held;
  for (int number = 1; number <= 25; ++number) {
    // Every third is not committed yet; three each share a time.
    if (number % 3 != 0) {
      ASSERT_TRUE(store->Put(Sample(number, number / 3)));
    }
    expected.insert(expected.begin(), NameOf(number));
  }
  held.emplace(*store, 0);
  expected.push_back(NameOf(0));
  for (int number = 3; number <= 25; number += 3) ASSERT_TRUE(store->Put(Sample(number, number / 3)));

  for (int page_size : {1, 2, 5, 13, 25, 26, 27, 1000, 0}) {
    SCOPED_TRACE(page_size);
    v1::ListTerminationsRequest request;
    request.set_page_size(page_size);
    std::vector<std::string> names;
    int pages = 0;
    do {
      auto page = store->List(request);
      ASSERT_TRUE(page.ok());
      for (const std::string& name : NamesOf(*page)) names.push_back(name);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && ++pages < 100);
    EXPECT_EQ(names, expected);
    EXPECT_EQ(pages, page_size == 0 ? 0 : (26 - 1) / page_size);
  }
}

TEST_P(StoreConformance, APageEndsWhenEnoughWasExamined) {
  auto store = Open({.max_examined = 10});
  for (int number = 0; number < 35; ++number) {
    ASSERT_TRUE(
        store->Put(Sample(number, number, number == 3 ? v1::LEG_OUTCOME_FAILED : v1::LEG_OUTCOME_ENDED)));
  }
  ASSERT_TRUE(store->Flush(Deadline()));
  HeldWriter held(*store, 100);
  ASSERT_TRUE(store->Put(Sample(50, 20, v1::LEG_OUTCOME_FAILED)));

  v1::ListTerminationsRequest request;
  request.set_outcome(v1::LEG_OUTCOME_FAILED);
  std::vector<std::vector<std::string>> pages;
  do {
    auto page = store->List(request);
    ASSERT_TRUE(page.ok());
    pages.push_back(NamesOf(*page));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && pages.size() < 20);
  EXPECT_THAT(pages, ElementsAre(IsEmpty(), ElementsAre(NameOf(50)), IsEmpty(), ElementsAre(NameOf(3))));
}

TEST_P(StoreConformance, RefusesBadRequestsByField) {
  auto store = Open();
  for (int number = 1; number <= 3; ++number) ASSERT_TRUE(store->Put(Sample(number, number)));
  v1::ListTerminationsRequest first;
  first.set_page_size(1);
  auto page = store->List(first);
  ASSERT_TRUE(page.ok());
  const std::string token = page->next_page_token();
  ASSERT_NE(token, "");

  struct Case {
    const char* what;
    const char* field;
    std::function<void(v1::ListTerminationsRequest&)> change;
  };
  const Case cases[] = {
      {"page size", "page_size", [](auto& r) { r.set_page_size(-1); }},
      {"page size", "page_size", [](auto& r) { r.set_page_size(1001); }},
      {"not base64", "page_token", [](auto& r) { r.set_page_token("?"); }},
      {"too short", "page_token", [](auto& r) { r.set_page_token("AAAA"); }},
      {"made up", "page_token", [](auto& r) { r.set_page_token("AAAAAAAAAAAAAAAAAAAAAAAA"); }},
      {"cut", "page_token", [&](auto& r) { r.set_page_token(token.substr(0, token.size() - 4)); }},
      {"changed", "page_token",
       [&](auto& r) { r.set_page_token((token[0] == 'A' ? "B" : "A") + token.substr(1)); }},
      {"other filter", "page_token",
       [&](auto& r) { r.set_page_token(token), r.set_policy("cancelPolicies/x"); }},
      {"other match", "page_token",
       [&](auto& r) { r.set_page_token(token), r.mutable_match()->set_state(v1::CALL_STATE_RINGING); }},
      {"start before year 1", "start_time",
       [](auto& r) { r.mutable_start_time()->set_seconds(-62135596801); }},
      {"end after 9999", "end_time", [](auto& r) { r.mutable_end_time()->set_seconds(253402300800); }},
      {"negative nanos", "end_time", [](auto& r) { r.mutable_end_time()->set_nanos(-1); }},
      {"a second of nanos", "start_time", [](auto& r) { r.mutable_start_time()->set_nanos(1'000'000'000); }},
      {"outcome", "outcome", [](auto& r) { r.set_outcome(static_cast<v1::LegOutcome>(40)); }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    v1::ListTerminationsRequest request;
    c.change(request);
    auto refused = store->List(request);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, absl::StatusCode::kInvalidArgument);
    ASSERT_EQ(refused.error().violations.size(), 1U);
    EXPECT_EQ(refused.error().violations[0].field, c.field);
  }
  // Only the page size may change.
  v1::ListTerminationsRequest second;
  second.set_page_token(token);
  second.set_page_size(7);
  EXPECT_THAT(List(*store, second), ElementsAre(NameOf(2), NameOf(1)));
  EXPECT_EQ(errors_, 0);
}

TEST_P(StoreConformance, TimesBeyondTheRangeAreTheEndsOfIt) {
  auto store = Open();
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  v1::ListTerminationsRequest request;
  request.mutable_start_time()->set_seconds(-62135596800);
  request.mutable_end_time()->set_seconds(253402300799);
  EXPECT_THAT(List(*store, request), ElementsAre(NameOf(1)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store, request), ElementsAre(NameOf(1)));
}

TEST_P(StoreConformance, RemembersRequestIds) {
  auto store = Open();
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymous", "id"));
  ASSERT_TRUE(store->Put(Sample(1, 0), SampleRequest("id", 1), nullptr));
  const auto found = store->FindRequest("TerminateCall", "anonymous", "id");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->resource, NameOf(1));
  EXPECT_EQ(found->fingerprint, SampleRequest("id", 1).fingerprint);
  EXPECT_EQ(found->time, SampleTime(0));
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymous", "i"));
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymou", "sid"));
  EXPECT_FALSE(store->FindRequest("ApplyCancelPolicy", "anonymous", "id"));
}

TEST_P(StoreConformance, OneOfManyPutsWithOneRequestIdWins) {
  auto store = Open();
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int id = 0; id < 50; ++id) {
        const int number = 100 * thread + id;
        if (store->Put(Sample(number, 0), SampleRequest(std::to_string(id), number), nullptr)) ++winners;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 50);
  v1::ListTerminationsRequest request;
  request.set_page_size(1000);
  EXPECT_EQ(List(*store, request).size(), 50U);
  for (int id = 0; id < 50; ++id) {
    const auto found = store->FindRequest("TerminateCall", "anonymous", std::to_string(id));
    ASSERT_TRUE(found);
    EXPECT_TRUE(store->Get(found->resource));
  }
}

TEST_P(StoreConformance, ForgetsRequestIdsByAgeAndCount) {
  auto store = Open({.max_requests = 2});
  ASSERT_TRUE(store->Put(Sample(1, 0), SampleRequest("a", 1, 0), nullptr));
  ASSERT_TRUE(store->Put(Sample(2, 0), SampleRequest("b", 2, 3600), nullptr));
  clock_.Set(7200);
  EXPECT_TRUE(store->FindRequest("TerminateCall", "anonymous", "a"));
  clock_.Set(7201);
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymous", "a"));
  EXPECT_TRUE(store->Put(Sample(3, 0), SampleRequest("a", 3, 7201), nullptr));
  EXPECT_TRUE(store->Put(Sample(4, 0), SampleRequest("d", 4, 7202), nullptr));
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymous", "b"));
  EXPECT_EQ(store->FindRequest("TerminateCall", "anonymous", "a")->resource, NameOf(3));
  EXPECT_TRUE(store->FindRequest("TerminateCall", "anonymous", "d"));
}

TEST_P(StoreConformance, AFullQueueRefusesButReplaces) {
  auto store = Open({.max_queue = 2});
  HeldWriter held(*store, 0);
  ASSERT_TRUE(store->Put(Sample(1, 1)));
  ASSERT_TRUE(store->Put(Sample(2, 2)));
  Answer never;
  EXPECT_FALSE(store->Put(Sample(3, 3), SampleRequest("id", 3), never.Done()));
  EXPECT_FALSE(store->Get(NameOf(3)));
  EXPECT_FALSE(store->FindRequest("TerminateCall", "anonymous", "id"));
  EXPECT_TRUE(store->Put(Sample(2, 2, v1::LEG_OUTCOME_ENDED)));
  held.Release();
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_TRUE(store->Put(Sample(3, 3)));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(3), NameOf(2), NameOf(1), NameOf(0)));
  EXPECT_FALSE(never.Came());
}

TEST_P(StoreConformance, KeepsTheNewest) {
  auto store = Open({.max_terminations = 3});
  for (int number : {5, 1, 4, 2, 3}) ASSERT_TRUE(store->Put(Sample(number, number)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(5), NameOf(4), NameOf(3)));
  ASSERT_TRUE(store->Put(Sample(3, 3, v1::LEG_OUTCOME_ENDED)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(5), NameOf(4), NameOf(3)));
  ASSERT_TRUE(store->Put(Sample(6, 6)));
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(6), NameOf(5), NameOf(4)));
  EXPECT_FALSE(store->Get(NameOf(3)));
}

TEST_P(StoreConformance, ForgetsTerminationsByAge) {
  auto store = Open();
  const int retention = static_cast<int>(std::chrono::seconds(kTerminationRetention).count());
  ASSERT_TRUE(store->Put(Sample(1, 0)));
  ASSERT_TRUE(store->Put(Sample(2, 10)));
  ASSERT_TRUE(store->Flush(Deadline()));
  clock_.Set(retention);
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2), NameOf(1)));
  clock_.Set(retention + 1);
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(2)));
}

TEST_P(StoreConformance, FlushGivesUpAtItsDeadline) {
  auto store = Open();
  HeldWriter held(*store, 1);
  ASSERT_TRUE(store->Put(Sample(2, 0)));
  EXPECT_FALSE(store->Flush(steady_clock::now()));
  held.Release();
  EXPECT_TRUE(store->Flush(Deadline()));
}

TEST_P(StoreConformance, FlushReturnsAfterDone) {
  auto store = Open();
  for (int number = 0; number < 50; ++number) {
    Answer answer;
    ASSERT_TRUE(store->Put(Sample(number, 0), answer.Done()));
    ASSERT_TRUE(store->Flush(Deadline()));
    EXPECT_TRUE(answer.Came());
  }
}

TEST_P(StoreConformance, CloseWritesRefusesAndStillReads) {
  auto store = Open();
  Answer answer;
  {
    HeldWriter held(*store, 1);
    ASSERT_TRUE(store->Put(Sample(2, 2)));
    ASSERT_TRUE(store->Put(Sample(3, 3), SampleRequest("id", 3), answer.Done()));
  }
  store->Close();
  EXPECT_TRUE(answer.Came());
  EXPECT_FALSE(answer.Wait());
  EXPECT_FALSE(store->Put(Sample(4, 4)));
  EXPECT_THAT(List(*store), ElementsAre(NameOf(3), NameOf(2), NameOf(1)));
  EXPECT_TRUE(store->Get(NameOf(2)));
  EXPECT_TRUE(store->FindRequest("TerminateCall", "anonymous", "id"));
  EXPECT_TRUE(store->Flush(Deadline()));
  store->Close();
}

TEST_P(StoreConformance, EveryThreadReadsItsOwnWrites) {
  auto store = Open();
  std::atomic<int> missing = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      v1::ListTerminationsRequest request;
      request.set_sweep("sweeps/" + std::to_string(thread));
      for (int i = 0; i < 100; ++i) {
        const int number = 1000 * thread + i;
        v1::Termination termination = Sample(number, i);
        termination.set_sweep(request.sweep());
        if (!store->Put(termination, [&](std::optional<base::Error> error) { answered += error ? 0 : 1; }))
          ++missing;
        termination.mutable_legs(0)->set_outcome(v1::LEG_OUTCOME_ENDED);
        if (!store->Put(termination)) ++missing;
        const auto read = store->Get(NameOf(number));
        if (!read || read->legs(0).outcome() != v1::LEG_OUTCOME_ENDED) ++missing;
        const auto page = store->List(request);
        if (!page.ok() || page->terminations_size() != std::min(i + 1, 100) ||
            page->terminations(0).SerializeAsString() != termination.SerializeAsString()) {
          ++missing;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(missing, 0);
  ASSERT_TRUE(store->Flush(Deadline()));
  EXPECT_EQ(answered, 400);
  EXPECT_EQ(errors_, 0);
}

}  // namespace
}  // namespace adieu::store
