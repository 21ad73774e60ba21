// Sends mutated cancel policies and calls through the policy room, the way clients and files bring them.
//
//   policy_fuzz SECONDS [SEED]
//
// Without a seed it draws one and prints it; the inputs depend on the seed alone. Each policy comes as YAML,
// as protobuf's text form or as its bytes. What can be read is compiled; what compiles is asked about calls:
// Explain must say what Choose does, and what was chosen must be allowed, complete and safe on the wire. Exit
// 0: nothing was found. 1: something was; the input is printed. A crash, a leak or a hang is for the shell,
// the sanitizers and ctest to tell.

#include <google/protobuf/text_format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/config/from_yaml.h"
#include "server/policy/choose.h"
#include "server/policy/explain.h"
#include "server/policy/render.h"
#include "server/policy/text_check.h"
#include "server/policy/treatment_check.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/run_fuzzer.h"
#include "tests/unit/base/source_file.h"

namespace adieu::policy {
namespace {

enum class Form { kYaml, kText, kBytes };

struct Seed {
  Form form;
  std::string text;
};

// A policy with every leaf, trigger, intent and kind of treatment.
constexpr char kEverything[] = R"pb(
  name: "cancelPolicies/everything"
  description: "two\nlines"
  mode: CANCEL_POLICY_MODE_ENFORCED
  priority: -7
  rules {
    id: "one"
    triggers: TRIGGER_REQUEST
    triggers: TRIGGER_ARRIVAL
    intents: INTENT_QUIET
    intents: INTENT_ELSEWHERE
    match {
      all_of {
        matches {
          any_of {
            matches { every_call {} }
            matches { names { values: "calls/a" } }
          }
        }
        matches { none_of { matches { sip_call_ids { values: "x@y" values: "z" } } } }
        matches { state: CALL_STATE_RINGING }
        matches { from_uri { exact: "sip:a@x" } }
        matches { to_uri { prefix: "sip:" ignore_case: true } }
        matches { request_uri { suffix: ":5070" } }
        matches { caller_user_agent { regex: ".*(?:\\b|_)(?:linphone|[0-9]+).*" ignore_case: true } }
        matches { callee_user_agent { contains: "snom" } }
        matches { caller_network: "2001:db8::/32" }
        matches { route { exact: "" } }
        matches { target { prefix: "sip:" } }
        matches {
          header {
            name: "X-A"
            value { exact: "b" }
          }
        }
        matches { label { key: "queue" } }
        matches { min_age { seconds: 5 nanos: 1 } }
      }
    }
    treatment {
      final_response {
        status_code: 480
        reason_phrase: "Call ended"
        reasons { q850_cause: 16 text: "a, \"b\"" location: "LN" }
        retry_after { seconds: 60 }
        warning { code: 399 agent: "adieu" text: "x" }
        error_info: "https://example.com/a"
        derive_reason: CAUSE_MAP_RFC3398
        headers { name: "X-B" value: "c" }
      }
      cancel_reasons { sip_status: 200 text: "Call completed elsewhere" }
      bye_reasons { q850_cause: 31 }
    }
  }
  rules {
    id: "two"
    triggers: TRIGGER_FAR_END_FAILURE
    match {
      all_of {
        matches { far_end_status { min: 401 } }
        matches { far_end_reason { q850_cause: 16 } }
      }
    }
    treatment { redirect { status_code: 302 contacts: "sip:a@b;transport=tcp" contacts: "tel:+49301234" } }
  }
  rules {
    id: "three"
    triggers: TRIGGER_DRAIN
    triggers: TRIGGER_RING_TIMEOUT
    treatment { answer_then_bye { after { seconds: 2 } } }
  }
  rules {
    id: "four"
    triggers: TRIGGER_CALLER_CANCEL
    triggers: TRIGGER_FAR_END_FAILURE
    treatment { relay {} }
  }
  rules {
    id: "five"
    triggers: TRIGGER_ARRIVAL
    treatment { proceed {} }
  }
  rules {
    id: "six"
    triggers: TRIGGER_REQUEST
    treatment { as_intent: INTENT_ELSEWHERE }
  }
)pb";

constexpr char kCall[] = R"pb(
  name: "calls/a"
  state: CALL_STATE_RINGING
  route: "parking"
  labels { key: "queue" value: "a" }
  create_time { seconds: 100 }
  caller {
    sip_call_id: "x@y"
    from_uri: "sip:a@x"
    to_uri: "sip:b@y"
    request_uri: "sip:b@y:5070"
    user_agent: "Linphone Desktop/4.4.10 (Gigaset) LinphoneCore/5.1.65"
    remote_address: "192.0.2.7:5060"
    state: CALL_STATE_RINGING
    headers { name: "X-A" value: "b" }
  }
  callee {
    state: CALL_STATE_RINGING
    user_agent: "snom"
    request_uri: "sip:b@z"
    last_status_code: 480
    headers { name: "Reason" value: "SIP;cause=480;text=\"a, b\", Q.850;cause=16" }
  }
)pb";

// What is put in: parts of the grammar, and what breaks parsers.
const std::vector<std::string>& Words() {
  static const std::vector<std::string> words = {"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ":",
                                                 ",",
                                                 "-",
                                                 "\n",
                                                 "\n  ",
                                                 "\"",
                                                 "'",
                                                 "\\",
                                                 "#",
                                                 "&a",
                                                 "*a",
                                                 "!!int 1",
                                                 "|\n",
                                                 ">-\n",
                                                 "0",
                                                 "-1",
                                                 "256",
                                                 "401",
                                                 "480",
                                                 "699",
                                                 "2147483647",
                                                 "-2147483648",
                                                 "9223372036854775807",
                                                 "1e309",
                                                 "nan",
                                                 "matches {",
                                                 "all_of {",
                                                 "any_of {",
                                                 "none_of {",
                                                 "every_call {}",
                                                 "match: {all_of: {matches: [",
                                                 "triggers: TRIGGER_REQUEST",
                                                 "intents: INTENT_BUSY",
                                                 "treatment {}",
                                                 "relay {}",
                                                 "proceed: {}",
                                                 "regex: \"(a*)*b\"",
                                                 "regex: \"((a{100}){100}){100}\"",
                                                 "regex: \"\\\\C*\"",
                                                 "(?i)",
                                                 "[^(]*",
                                                 "\\b",
                                                 ".*",
                                                 "\r\nVia: x",
                                                 std::string(1, '\0'),
                                                 "\xff",
                                                 "\xc3\xa9",
                                                 "\xed\xa0\x80",
                                                 "~",
                                                 "null",
                                                 "true",
                                                 "<<: *a",
                                                 "caller_network: \"0.0.0.0/0\"",
                                                 "far_end_status { min: 407 }",
                                                 "location: \"RLN\"",
                                                 "120s",
                                                 "1970-01-01"};
  return words;
}

template <typename Message>
std::string TextOf(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

bool Read(Form form, const std::string& text, v1::CancelPolicy* policy) {
  switch (form) {
    case Form::kText:
      return google::protobuf::TextFormat::ParseFromString(text, policy);
    case Form::kBytes:
      return policy->ParseFromString(text);
    case Form::kYaml:
      break;
  }
  const auto tree = config::ParseYaml(text, "fuzz.yaml");
  if (!tree.ok()) return false;
  config::Origins origins;
  config::Problems problems(origins);
  config::FromYaml(*tree, "fuzz.yaml", policy, &origins, &problems, config::Texts::kLineBreaks);
  return problems.empty();
}

bool IsSafe(const Rendered& rendered) {
  if (!IsCleanText(rendered.reason_phrase) || !IsCleanText(rendered.bye_reason)) return false;
  if (!IsCleanText(rendered.cancel_reason)) return false;
  for (const v1::Header& header : rendered.headers) {
    if (!IsToken(header.name()) || !IsCleanText(header.value())) return false;
  }
  return true;
}

// What is wrong with the answer to this question; empty: nothing.
std::string WrongWith(const PolicySet& set, const Question& question) {
  const Choice choice = Choose(set, question);
  if (choice.policy == nullptr || choice.rule == nullptr) return "no answer";
  const v1::ExplainCancelPolicyResponse told = Explain(set, question);
  if (told.policy() != choice.policy->policy().name() || told.rule() != choice.rule->id()) {
    return "Explain says " + told.policy() + '/' + told.rule() + ", Choose " +
           choice.policy->policy().name() + '/' + choice.rule->id();
  }
  if (told.treatment().SerializeAsString() != choice.treatment.SerializeAsString()) {
    return "Explain has another treatment";
  }
  if (static_cast<size_t>(told.shadow_decisions_size()) != choice.shadows.size()) {
    return "Explain has other shadows";
  }
  if (const auto error = CheckTreatment(choice.treatment, question.trigger, "treatment")) {
    return "what was chosen is refused: " + error->message;
  }
  return IsSafe(Render(choice.treatment)) ? "" : "unsafe text";
}

class Fuzz {
 public:
  explicit Fuzz(uint32_t seed) : mutator_(Words(), seed) {
    v1::CancelPolicy everything;
    if (!google::protobuf::TextFormat::ParseFromString(kEverything, &everything) ||
        !google::protobuf::TextFormat::ParseFromString(kCall, &call_)) {
      std::abort();
    }
    seeds_.push_back({Form::kText, TextOf(everything)});
    seeds_.push_back({Form::kBytes, everything.SerializeAsString()});
    seeds_.push_back({Form::kText, TextOf(PolicySet().policies().back()->policy())});
    for (const std::string file : {"network-blocked.yaml", "rejected.yaml", "unwanted.yaml"}) {
      const std::string text = base::SourceFile("deploy/policies/" + file);
      if (text.empty()) std::abort();
      seeds_.push_back({Form::kYaml, text});
    }
  }

  // False: something was found, and told.
  bool Round() {
    ++rounds_;
    const Seed& seed = mutator_.Of(seeds_);
    const std::string text = mutator_.Mutate(seed.text, mutator_.Of(seeds_).text);
    v1::CancelPolicy policy;
    if (!Read(seed.form, text, &policy)) return true;
    ++read_;
    const auto compiled = CompiledPolicy::Compile(policy, "policy", {});
    if (!compiled.ok()) {
      const bool told = compiled.error().violations.size() == 1 && !compiled.error().message.empty() &&
                        compiled.error().violations[0].field.starts_with("policy.");
      return told || Found("the error names no field", text, {});
    }
    ++compiled_;
    return Ask(*compiled, text);
  }

  void Report(double seconds) const {
    std::printf(
        "policy_fuzz: %llu inputs in %.0f s, %llu could be read, %llu compiled, %llu questions; nothing "
        "found\n",
        rounds_, seconds, read_, compiled_, questions_);
  }

 private:
  bool Ask(const std::shared_ptr<const CompiledPolicy>& policy, const std::string& text) {
    PolicySet::Policies others;
    if (policy->policy().name() != "cancelPolicies/builtin") others.push_back(policy);
    const PolicySet set(others);
    for (int trigger = v1::TRIGGER_REQUEST; trigger <= v1::Trigger_MAX; ++trigger) {
      v1::Call call = call_;
      const std::string bytes = mutator_.Mutate(call_.SerializeAsString(), text);
      v1::Call other;
      if (mutator_.Upto(2) == 0 && other.ParseFromString(bytes)) call = other;
      ++questions_;
      const Question question{.call = &call,
                              .trigger = static_cast<v1::Trigger>(trigger),
                              .intent = static_cast<v1::Intent>(mutator_.Upto(v1::Intent_MAX + 2)),
                              .now = std::chrono::system_clock::time_point(std::chrono::seconds(200)),
                              .first = mutator_.Upto(3) == 0 ? policy : nullptr};
      const std::string wrong = WrongWith(set, question);
      if (!wrong.empty()) return Found(wrong, text, TextOf(call));
    }
    return true;
  }

  static bool Found(const std::string& what, const std::string& text, const std::string& call) {
    std::fprintf(stderr, "policy_fuzz: FOUND: %s\nthe policy:\n%s\nthe call:\n%s\n", what.c_str(),
                 text.c_str(), call.c_str());
    return false;
  }

  fuzz::Mutator mutator_;
  std::vector<Seed> seeds_;
  v1::Call call_;
  unsigned long long rounds_ = 0;
  unsigned long long read_ = 0;
  unsigned long long compiled_ = 0;
  unsigned long long questions_ = 0;
};

}  // namespace
}  // namespace adieu::policy

int main(int argc, char** argv) {
  // An input that is no message must not fill the log.
  google::protobuf::SetLogHandler(nullptr);
  return adieu::fuzz::RunFuzzer<adieu::policy::Fuzz>("policy_fuzz", argc, argv);
}
