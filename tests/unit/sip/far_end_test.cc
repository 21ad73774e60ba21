#include "server/sip/far_end.h"

#include <gtest/gtest.h>

namespace adieu::sip {
namespace {

using metrics::FailoverReason;

struct Failure {
  int status;
  bool by_stack;
  std::optional<FailoverReason> failover;
  int for_caller;
};

TEST(FarEnd, WhatAFailureMeans) {
  const Failure cases[] = {
      // What a target said goes to the caller, but for its 503.
      {302, false, std::nullopt, 302},
      {401, false, std::nullopt, 401},
      {407, false, std::nullopt, 407},
      {408, false, std::nullopt, 408},
      {422, false, std::nullopt, 422},
      {480, false, std::nullopt, 480},
      {486, false, std::nullopt, 486},
      {500, false, std::nullopt, 500},
      {503, false, FailoverReason::kUnavailable, 500},
      {504, false, std::nullopt, 504},
      {603, false, std::nullopt, 603},
      // What the stack made stands for something that nobody said.
      {408, true, FailoverReason::kNoAnswer, 480},
      {503, true, FailoverReason::kUnreachable, 500},
      {900, true, FailoverReason::kUnreachable, 500},
      {904, true, FailoverReason::kUnreachable, 500},
  };
  for (const Failure& c : cases) {
    EXPECT_EQ(FailoverFor(c.status, c.by_stack), c.failover) << c.status << c.by_stack;
    EXPECT_EQ(StatusForCaller(c.status, c.by_stack), c.for_caller) << c.status << c.by_stack;
  }
}

}  // namespace
}  // namespace adieu::sip
