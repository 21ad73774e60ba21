#include "server/store/pending_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/store/samples.h"

namespace adieu::store {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::shared_ptr<const v1::Termination> Shared(int number, v1::LegOutcome outcome = v1::LEG_OUTCOME_SENT) {
  return std::make_shared<const v1::Termination>(Sample(number, number, outcome));
}

std::vector<std::string> NamesIn(const std::list<PendingWrite>& writes) {
  std::vector<std::string> names;
  for (const PendingWrite& write : writes) names.push_back(write.name);
  return names;
}

TEST(PendingWrites, ABatchIsReadUntilItIsSettled) {
  PendingWrites pending(10);
  pending.Add(Shared(1), std::nullopt, nullptr);
  EXPECT_THAT(NamesIn(pending.Take()), ElementsAre(NameOf(1)));
  EXPECT_EQ(pending.queued(), 0U);
  EXPECT_TRUE(pending.Find(NameOf(1)));
  pending.Add(Shared(1, v1::LEG_OUTCOME_ENDED), std::nullopt, nullptr);
  pending.Add(Shared(2), std::nullopt, nullptr);
  EXPECT_EQ(pending.Find(NameOf(1))->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);
  EXPECT_EQ(pending.Snapshot().size(), 2U);
  EXPECT_THAT(NamesIn(pending.Settle(true).writes), ElementsAre(NameOf(1)));
  EXPECT_THAT(NamesIn(pending.Take()), ElementsAre(NameOf(1), NameOf(2)));
  pending.Settle(true);
  EXPECT_FALSE(pending.Find(NameOf(1)));
  EXPECT_TRUE(pending.Snapshot().empty());
}

TEST(PendingWrites, OneWriteHasEveryRequestAndAnswerOfItsName) {
  PendingWrites pending(10);
  int answers = 0;
  const auto count = [&](auto) { ++answers; };
  pending.Add(Shared(1), SampleRequest("a", 1), count);
  pending.Add(Shared(1), std::nullopt, count);
  pending.Add(Shared(1), SampleRequest("b", 1), nullptr);
  const auto& batch = pending.Take();
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.front().requests.size(), 2U);
  for (const auto& done : batch.front().done) done(std::nullopt);
  EXPECT_EQ(answers, 2);
}

TEST(PendingWrites, WhatFailedIsQueuedBeforeTheRest) {
  PendingWrites pending(10);
  int answers = 0;
  const auto count = [&](auto) { ++answers; };
  for (int number : {1, 2, 3})
    pending.Add(Shared(number), SampleRequest(std::to_string(number), number), count);
  pending.Take();
  pending.Add(Shared(4), std::nullopt, count);
  pending.Add(Shared(2, v1::LEG_OUTCOME_ENDED), std::nullopt, count);
  const PendingWrites::Queue settled = pending.Settle(false);
  for (const PendingWrite& write : settled.writes) {
    for (const auto& done : write.done) done(std::nullopt);
  }
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(pending.Find(NameOf(2))->legs(0).outcome(), v1::LEG_OUTCOME_ENDED);

  const auto& batch = pending.Take();
  EXPECT_THAT(NamesIn(batch), ElementsAre(NameOf(1), NameOf(3), NameOf(4), NameOf(2)));
  std::vector<std::string> requests;
  for (const PendingWrite& write : batch) {
    for (const RequestRecord& request : write.requests) requests.push_back(request.request_id);
    for (const auto& done : write.done) done(std::nullopt);
  }
  EXPECT_THAT(requests, UnorderedElementsAre("1", "2", "3"));
  EXPECT_EQ(answers, 5);
}

TEST(PendingWrites, OnlyWhatFailedGivesWay) {
  PendingWrites pending(3);
  for (int number : {1, 2}) pending.Add(Shared(number), std::nullopt, nullptr);
  pending.Take();
  pending.Add(Shared(3), std::nullopt, nullptr);
  EXPECT_FALSE(pending.HasRoomFor(NameOf(4)));
  EXPECT_TRUE(pending.HasRoomFor(NameOf(3)));
  // It is in the batch: its new form needs a place of its own.
  EXPECT_FALSE(pending.HasRoomFor(NameOf(1)));
  pending.Settle(false);
  // Put again, it is no longer the first to go.
  pending.Add(Shared(1), std::nullopt, nullptr);
  EXPECT_TRUE(pending.HasRoomFor(NameOf(4)));
  pending.Add(Shared(4), std::nullopt, nullptr);
  EXPECT_FALSE(pending.Find(NameOf(2)));
  EXPECT_FALSE(pending.HasRoomFor(NameOf(5)));
  EXPECT_THAT(NamesIn(pending.Take()), ElementsAre(NameOf(3), NameOf(1), NameOf(4)));
}

}  // namespace
}  // namespace adieu::store
