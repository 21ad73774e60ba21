// Measures what it costs to ask the cancel policies about one call. Usage: policy_bench [--quick]
//
// Prints one line per size: policies, rules, microseconds per choice for a call that only the built-in policy
// answers (every rule of every policy is tested), and for one that the first rule answers.

#include <absl/status/status.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "server/policy/choose.h"

namespace adieu::policy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRulesPerPolicy = 10;

// Rules as people write them: by phone, by number, by carrier header, by route.
v1::CancelPolicy PolicyOf(int number) {
  v1::CancelPolicy policy;
  policy.set_name("cancelPolicies/p" + std::to_string(number));
  policy.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
  for (int i = 0; i < kRulesPerPolicy; ++i) {
    v1::Rule& rule = *policy.add_rules();
    rule.set_id("r" + std::to_string(i));
    rule.add_triggers(v1::TRIGGER_REQUEST);
    rule.mutable_treatment()->set_as_intent(v1::INTENT_QUIET);
    const std::string tag = std::to_string(number) + "-" + std::to_string(i);
    auto& all = *rule.mutable_match()->mutable_all_of();
    switch (i % 4) {
      case 0:
        all.add_matches()->mutable_caller_user_agent()->set_regex("(?i)phone " + tag + "/[0-9.]+.*");
        break;
      case 1:
        all.add_matches()->mutable_from_uri()->set_prefix("sip:+49" + tag);
        break;
      case 2: {
        auto& header = *all.add_matches()->mutable_header();
        header.set_name("X-Carrier");
        header.mutable_value()->set_exact("carrier-" + tag);
        break;
      }
      default:
        all.add_matches()->mutable_route()->set_exact("route-" + tag);
    }
    all.add_matches()->set_state(v1::CALL_STATE_RINGING);
  }
  return policy;
}

v1::Call CallFrom(const std::string& user_agent) {
  v1::Call call;
  call.set_name("calls/a");
  call.set_state(v1::CALL_STATE_RINGING);
  call.set_route("trunk");
  v1::Leg& caller = *call.mutable_caller();
  caller.set_user_agent(user_agent);
  caller.set_from_uri("sip:+4930123456@example.com");
  caller.set_to_uri("sip:bob@example.com");
  caller.set_request_uri("sip:bob@192.0.2.1");
  caller.set_remote_address("192.0.2.17:5060");
  for (const char* name : {"Allow", "Supported", "P-Asserted-Identity", "X-Carrier"}) {
    v1::Header& header = *caller.add_headers();
    header.set_name(name);
    header.set_value("none of these");
  }
  return call;
}

double MicrosecondsPerChoice(const PolicySet& set, const v1::Call& call, std::chrono::milliseconds span) {
  const Question question{.call = &call, .now = std::chrono::system_clock::now()};
  const auto begin = Clock::now();
  long choices = 0;
  while (Clock::now() - begin < span) {
    for (int i = 0; i < 10; ++i) Choose(set, question);
    choices += 10;
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count() /
         static_cast<double>(choices);
}

bool Measure(int policies, std::chrono::milliseconds span) {
  PolicySet::Policies compiled;
  for (int i = 0; i < policies; ++i) {
    auto policy = CompiledPolicy::Compile(PolicyOf(i), "cancel_policy", {});
    if (!policy.ok()) {
      std::fprintf(stderr, "%s\n", policy.error().message.c_str());
      return false;
    }
    compiled.push_back(*std::move(policy));
  }
  const PolicySet set(std::move(compiled));
  std::printf("policies %5d  rules %6d  us_all_asked %9.2f  us_first_decides %7.2f\n", policies,
              policies * kRulesPerPolicy, MicrosecondsPerChoice(set, CallFrom("baresip v1.0.0"), span),
              MicrosecondsPerChoice(set, CallFrom("Phone 0-0/1.2"), span));
  std::fflush(stdout);
  return true;
}

}  // namespace
}  // namespace adieu::policy

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::chrono::milliseconds span(quick ? 100 : 1000);
  for (int policies : {0, 20, 100, 1000}) {
    if (!adieu::policy::Measure(policies, span)) return 1;
  }
  return 0;
}
