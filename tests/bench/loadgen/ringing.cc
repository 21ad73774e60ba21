#include "tests/bench/loadgen/ringing.h"

#include <algorithm>

namespace adieu::bench {

void Ring(Caller& caller, const CallRecords& records, double invites_per_second) {
  const int64_t begin = Now();
  for (size_t i = 0; i < records.size(); ++i) {
    SleepUntil(begin + static_cast<int64_t>(static_cast<double>(i) * kSecond / invites_per_second));
    caller.Invite(i);
  }
  WaitFor([&] {
    const auto calls = records.all();
    return std::all_of(calls.begin(), calls.end(), [](const CallRecord& call) { return call.rang != 0; });
  });
}

}  // namespace adieu::bench
