#include "server/engine/report_queue.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

std::vector<std::string> NamesOf(const std::vector<Report>& reports) {
  std::vector<std::string> names;
  for (const Report& report : reports) names.push_back(report.termination);
  return names;
}

TEST(ReportQueueTest, WhatComesMeanwhileComesTogether) {
  Inbox<std::vector<std::string>> groups;
  std::promise<void> release;
  ReportQueue queue([&, released = release.get_future().share()](std::vector<Report> reports) {
    groups.Put(NamesOf(reports));
    released.wait_for(kPatience);
    return nullptr;
  });
  queue.Add({.termination = "a"});
  EXPECT_EQ(groups.Take(), std::vector<std::string>{"a"});
  for (const char* name : {"b", "c", "b"}) queue.Add({.termination = name});
  release.set_value();
  EXPECT_EQ(groups.Take(), (std::vector<std::string>{"b", "c", "b"}));
}

// Who hands over on its own thread takes what the queue's thread was woken for; the next report still comes.
TEST(ReportQueueTest, HandOverLeavesTheThreadToBeWoken) {
  Inbox<std::vector<std::string>> groups;
  ReportQueue queue([&](std::vector<Report> reports) {
    groups.Put(NamesOf(reports));
    return nullptr;
  });
  std::promise<void> never;
  for (int i = 0; i < 20; ++i) {
    // The thread waits for a report again when the pace is over; nothing tells of that.
    never.get_future().wait_for(2 * ReportQueue::kPace);
    never = {};
    queue.Add({.termination = "taken"});
    queue.HandOver();
    EXPECT_EQ(groups.Take(), std::vector<std::string>{"taken"});
    queue.Add({.termination = "alone"});
    ASSERT_EQ(groups.Take(), std::vector<std::string>{"alone"}) << i;
  }
}

TEST(ReportQueueTest, StopHandsOverWhatWaits) {
  std::vector<std::string> names;
  ReportQueue queue([&](std::vector<Report> reports) {
    for (const Report& report : reports) names.push_back(report.termination);
    return nullptr;
  });
  for (const char* name : {"a", "b", "c"}) queue.Add({.termination = name});
  queue.Stop();
  queue.Add({.termination = "late"});
  queue.Stop();
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace adieu::engine
