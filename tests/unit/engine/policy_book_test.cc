#include "server/engine/policy_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

#include "server/policy/shipped.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kPrincipal = "anonymous";

v1::CancelPolicy Policy(const std::string& id, int priority = 0, int status = 486) {
  v1::CancelPolicy policy;
  policy.set_name("cancelPolicies/" + id);
  policy.set_mode(v1::CANCEL_POLICY_MODE_ENFORCED);
  policy.set_priority(priority);
  v1::Rule& rule = *policy.add_rules();
  rule.set_id("one");
  rule.add_triggers(v1::TRIGGER_REQUEST);
  rule.mutable_treatment()->mutable_final_response()->set_status_code(status);
  return policy;
}

template <typename T>
class Waiting {
 public:
  PolicyBook::Done<T> Done() {
    return [promise = promise_](base::Result<T> result) { promise->set_value(std::move(result)); };
  }
  base::Result<T> Take() {
    if (future_.wait_for(kPatience) == std::future_status::ready) return future_.get();
    return base::Error{.reason = "NO_ANSWER", .message = "no answer in time"};
  }
  bool Came() const { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::shared_ptr<std::promise<base::Result<T>>> promise_ = std::make_shared<std::promise<base::Result<T>>>();
  std::future<base::Result<T>> future_ = promise_->get_future();
};

// A store whose commits can be held back.
class HeldStore {
 public:
  explicit HeldStore(store::Store* store) {
    auto held = std::make_shared<std::promise<void>>();
    v1::Termination termination;
    termination.set_name("terminations/held");
    store->Put(termination, [held, released = release_.get_future().share()](const auto&) {
      held->set_value();
      released.wait_for(kPatience);
    });
    held->get_future().wait_for(kPatience);
  }
  ~HeldStore() { Release(); }
  void Release() {
    if (!std::exchange(released_, true)) release_.set_value();
  }

 private:
  std::promise<void> release_;
  bool released_ = false;
};

class PolicyBookTest : public testing::Test {
 protected:
  PolicyBookTest() { EXPECT_FALSE(book_->Load({}, {}, {"192.0.2.1:5060"})); }
  ~PolicyBookTest() override { store_->Close(); }

  base::Result<v1::CancelPolicy> Create(const v1::CancelPolicy& policy, const std::string& request_id = "") {
    v1::CreateCancelPolicyRequest request;
    *request.mutable_cancel_policy() = policy;
    request.set_request_id(request_id);
    return Create(request);
  }
  base::Result<v1::CancelPolicy> Create(const v1::CreateCancelPolicyRequest& request) {
    Waiting<v1::CancelPolicy> waiting;
    book_->Create(request, kPrincipal, waiting.Done());
    return waiting.Take();
  }
  base::Result<v1::CancelPolicy> Update(const v1::UpdateCancelPolicyRequest& request) {
    Waiting<v1::CancelPolicy> waiting;
    book_->Update(request, kPrincipal, waiting.Done());
    return waiting.Take();
  }
  base::Result<v1::CancelPolicy> Update(const v1::CancelPolicy& policy, const std::string& mask = "") {
    v1::UpdateCancelPolicyRequest request;
    *request.mutable_cancel_policy() = policy;
    if (!mask.empty()) request.mutable_update_mask()->add_paths(mask);
    return Update(request);
  }
  base::Result<bool> Delete(const std::string& id, const std::string& etag = "",
                            const std::string& request_id = "") {
    v1::DeleteCancelPolicyRequest request;
    request.set_name("cancelPolicies/" + id);
    request.set_etag(etag);
    request.set_request_id(request_id);
    Waiting<bool> waiting;
    book_->Delete(request, kPrincipal, waiting.Done());
    return waiting.Take();
  }
  base::Result<v1::CancelPolicy> Get(const std::string& id) const {
    v1::GetCancelPolicyRequest request;
    request.set_name("cancelPolicies/" + id);
    return book_->Get(request);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& policy : book_->Current()->policies())
      names.push_back(policy->policy().name().substr(15));
    return names;
  }
  // Another process with the same store.
  void Restart(std::vector<std::string> enabled = {}, std::vector<v1::CancelPolicy> directory = {}) {
    ASSERT_TRUE(store_->Flush(std::chrono::steady_clock::now() + kPatience));
    book_ = std::make_unique<PolicyBook>(store_.get());
    const auto error = book_->Load(enabled, std::move(directory), {"192.0.2.1:5060"});
    ASSERT_FALSE(error) << error->message;
  }

  std::unique_ptr<store::Store> store_ = store::OpenMemory();
  std::unique_ptr<PolicyBook> book_ = std::make_unique<PolicyBook>(store_.get());
};

// Of a result: its reason, and the field that it names.
template <typename T>
std::string Why(const base::Result<T>& result) {
  if (result.ok()) return "OK";
  const base::Error& error = result.error();
  return error.reason + (error.violations.empty() ? "" : " " + error.violations[0].field);
}

TEST_F(PolicyBookTest, BeginsWithTheShippedOnes) {
  EXPECT_THAT(Names(), ElementsAre("quiet-kills", "builtin"));
  const auto quiet = Get("quiet-kills");
  ASSERT_TRUE(quiet.ok());
  EXPECT_EQ(quiet->mode(), v1::CANCEL_POLICY_MODE_DISABLED);
  EXPECT_EQ(quiet->origin(), v1::CANCEL_POLICY_ORIGIN_SHIPPED);
  EXPECT_NE(quiet->etag(), "");
  Restart({"quiet-kills"});
  const auto enabled = Get("quiet-kills");
  ASSERT_TRUE(enabled.ok());
  EXPECT_EQ(enabled->mode(), v1::CANCEL_POLICY_MODE_ENFORCED);
  EXPECT_EQ(enabled->origin(), v1::CANCEL_POLICY_ORIGIN_SHIPPED);
  EXPECT_NE(enabled->etag(), quiet->etag());
  EXPECT_TRUE(book_->Current()->Hears(v1::TRIGGER_FAR_END_FAILURE));
}

TEST_F(PolicyBookTest, CreatedOnesDecideFromTheAnswerOn) {
  const auto created = Create(Policy("a", 5));
  ASSERT_TRUE(created.ok()) << created.error().message;
  EXPECT_NE(created->etag(), "");
  EXPECT_TRUE(created->has_create_time());
  EXPECT_EQ(created->create_time().SerializeAsString(), created->update_time().SerializeAsString());
  EXPECT_EQ(created->origin(), v1::CANCEL_POLICY_ORIGIN_API);
  EXPECT_EQ(Get("a")->SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(book_->Current()->Find("cancelPolicies/a")->policy().etag(), created->etag());
  ASSERT_TRUE(Create(Policy("b", 9)).ok());
  EXPECT_THAT(Names(), ElementsAre("b", "a", "quiet-kills", "builtin"));
  Restart();
  EXPECT_THAT(Names(), ElementsAre("b", "a", "quiet-kills", "builtin"));
  EXPECT_EQ(Get("a")->SerializeAsString(), created->SerializeAsString());
}

TEST_F(PolicyBookTest, TheAnswerWaitsForTheCommitAndTheCallsDoNot) {
  HeldStore held(store_.get());
  v1::CreateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = Policy("a");
  Waiting<v1::CancelPolicy> waiting;
  book_->Create(request, kPrincipal, waiting.Done());
  EXPECT_FALSE(waiting.Came());
  EXPECT_TRUE(book_->Current()->Find("cancelPolicies/a"));
  held.Release();
  EXPECT_TRUE(waiting.Take().ok());
}

TEST_F(PolicyBookTest, NamesAreCheckedAndTakenOnce) {
  const struct {
    std::string id;
    std::string name;
    std::string why;
  } kCases[] = {
      {"", "", "INVALID_FIELD cancel_policy.name"},
      {"", "a", "INVALID_FIELD cancel_policy.name"},
      {"", "cancelPolicies/A", "INVALID_FIELD cancel_policy.name"},
      {"A", "", "INVALID_FIELD cancel_policy_id"},
      {"1a", "", "INVALID_FIELD cancel_policy_id"},
      {std::string(64, 'a'), "", "INVALID_FIELD cancel_policy_id"},
      {"a", "cancelPolicies/b", "INVALID_FIELD cancel_policy.name"},
      {"builtin", "", "POLICY_EXISTS"},
      {"quiet-kills", "", "POLICY_EXISTS"},
      {"a", "cancelPolicies/a", "OK"},
      {"b", "", "OK"},
      {"b", "", "POLICY_EXISTS"},
      {"", "cancelPolicies/b", "POLICY_EXISTS"},
      {std::string(63, 'a'), "", "OK"},
  };
  for (const auto& test : kCases) {
    v1::CreateCancelPolicyRequest request;
    *request.mutable_cancel_policy() = Policy("x");
    request.mutable_cancel_policy()->set_name(test.name);
    request.set_cancel_policy_id(test.id);
    EXPECT_EQ(Why(Create(request)), test.why) << test.id << " " << test.name;
  }
}

TEST_F(PolicyBookTest, WhatIsWrongIsRefusedByItsPathAndChangesNothing) {
  v1::CancelPolicy policy = Policy("a");
  policy.mutable_rules(0)->mutable_match();
  EXPECT_EQ(Why(Create(policy)), "INVALID_FIELD cancel_policy.rules[0].match");
  policy = Policy("a");
  policy.mutable_rules(0)->mutable_treatment()->mutable_redirect()->add_contacts("sip:x@192.0.2.1");
  EXPECT_THAT(Why(Create(policy)), HasSubstr("INVALID_FIELD cancel_policy.rules[0].treatment.redirect"));
  EXPECT_EQ(Why(Get("a")), "POLICY_NOT_FOUND");
  book_->SetOwn({});
  EXPECT_EQ(Why(Create(policy)), "OK");
  v1::CreateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = Policy("b");
  request.set_request_id("a\nb");
  EXPECT_EQ(Why(Create(request)), "INVALID_FIELD request_id");
}

TEST_F(PolicyBookTest, EveryChangeHasAnEtagOfItsOwn) {
  std::set<std::string> etags;
  etags.insert(Create(Policy("a"))->etag());
  for (int i = 0; i < 3; ++i) etags.insert(Update(Policy("a"))->etag());
  EXPECT_EQ(etags.size(), 4U);
  v1::CancelPolicy stale = Policy("a");
  stale.set_etag(*etags.begin());
  while (stale.etag() == Get("a")->etag()) stale.set_etag("old");
  EXPECT_EQ(Why(Update(stale)), "ETAG_MISMATCH");
  EXPECT_EQ(Why(Delete("a", stale.etag())), "ETAG_MISMATCH");
  stale.set_etag(Get("a")->etag());
  EXPECT_EQ(Why(Update(stale)), "OK");
  EXPECT_EQ(Why(Delete("a", Get("a")->etag())), "OK");
  EXPECT_EQ(Why(Delete("a")), "POLICY_NOT_FOUND");
}

TEST_F(PolicyBookTest, AnUpdateChangesWhatItsMaskNames) {
  const auto created = Create(Policy("a", 1));
  v1::CancelPolicy change = Policy("a", 7, 480);
  change.set_description("new");
  change.set_mode(v1::CANCEL_POLICY_MODE_SHADOW);
  change.mutable_create_time()->set_seconds(1);
  const struct {
    std::string mask;
    int priority;
    std::string description;
    v1::CancelPolicyMode mode;
    int status;
  } kCases[] = {
      {"priority", 7, "", v1::CANCEL_POLICY_MODE_ENFORCED, 486},
      {"description", 7, "new", v1::CANCEL_POLICY_MODE_ENFORCED, 486},
      {"mode", 7, "new", v1::CANCEL_POLICY_MODE_SHADOW, 486},
      {"rules", 7, "new", v1::CANCEL_POLICY_MODE_SHADOW, 480},
  };
  for (const auto& test : kCases) {
    const auto updated = Update(change, test.mask);
    ASSERT_TRUE(updated.ok()) << test.mask;
    EXPECT_EQ(updated->priority(), test.priority) << test.mask;
    EXPECT_EQ(updated->description(), test.description) << test.mask;
    EXPECT_EQ(updated->mode(), test.mode) << test.mask;
    EXPECT_EQ(updated->rules(0).treatment().final_response().status_code(), test.status) << test.mask;
    EXPECT_EQ(updated->create_time().SerializeAsString(), created->create_time().SerializeAsString());
  }
  for (const char* mask : {"", "*"}) {
    ASSERT_TRUE(Update(change, "*").ok());
    const auto back = Update(Policy("a", 2), mask);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->description(), "");
    EXPECT_EQ(back->priority(), 2);
    EXPECT_EQ(back->rules(0).treatment().final_response().status_code(), 486);
  }
  for (const char* mask : {"name", "etag", "origin", "rules.id", "Mode", "create_time"}) {
    const auto refused = Update(change, mask);
    EXPECT_EQ(Why(refused), "INVALID_FIELD update_mask");
    EXPECT_THAT(refused.error().message, HasSubstr(std::string("`") + mask + "`"));
  }
}

TEST_F(PolicyBookTest, AllowMissingCreates) {
  v1::UpdateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = Policy("a", 3);
  EXPECT_EQ(Why(Update(request)), "POLICY_NOT_FOUND");
  request.set_allow_missing(true);
  request.mutable_update_mask()->add_paths("mode");
  request.mutable_cancel_policy()->set_etag("x");
  EXPECT_EQ(Why(Update(request)), "ETAG_MISMATCH");
  request.mutable_cancel_policy()->clear_etag();
  const auto created = Update(request);
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->priority(), 3);
  EXPECT_TRUE(created->has_create_time());
  request.mutable_cancel_policy()->set_name("a");
  EXPECT_EQ(Why(Update(request)), "INVALID_FIELD cancel_policy.name");
}

TEST_F(PolicyBookTest, ShippedOnesAndThoseOfFilesAreReadOnly) {
  Restart({}, {Policy("file", 3)});
  EXPECT_THAT(Names(), ElementsAre("file", "quiet-kills", "builtin"));
  EXPECT_EQ(Get("file")->origin(), v1::CANCEL_POLICY_ORIGIN_DIRECTORY);
  const std::string etag = Get("file")->etag();
  EXPECT_NE(etag, "");
  for (const char* id : {"file", "quiet-kills", "builtin"}) {
    EXPECT_EQ(Why(Update(Policy(id))), "POLICY_READ_ONLY") << id;
    EXPECT_EQ(Why(Delete(id)), "POLICY_READ_ONLY") << id;
    EXPECT_EQ(Why(Create(Policy(id))), "POLICY_EXISTS") << id;
  }
  Restart({}, {Policy("file", 3)});
  EXPECT_EQ(Get("file")->etag(), etag);
  Restart({}, {Policy("file", 4)});
  EXPECT_NE(Get("file")->etag(), etag);
}

TEST_F(PolicyBookTest, AFileHidesAStoredOneForAsLongAsItIsThere) {
  const std::string etag = Create(Policy("a"))->etag();
  Restart({}, {Policy("a", 8)});
  EXPECT_EQ(Get("a")->origin(), v1::CANCEL_POLICY_ORIGIN_DIRECTORY);
  Restart();
  EXPECT_EQ(Get("a")->etag(), etag);
}

TEST_F(PolicyBookTest, AStoredOneThatIsRefusedTodayIsLeftOutAndCanBeReplaced) {
  v1::CancelPolicy bad = Policy("a");
  bad.clear_rules();
  ASSERT_TRUE(store_->PutPolicy({.name = bad.name(), .policy = bad, .request = {}, .done = {}}));
  Restart();
  EXPECT_EQ(Why(Get("a")), "POLICY_NOT_FOUND");
  EXPECT_TRUE(Create(Policy("a")).ok());
  Restart();
  EXPECT_TRUE(Get("a").ok());
}

TEST_F(PolicyBookTest, WhatTheConfigurationHasWrongIsNamed) {
  const std::vector<std::string> own = {"192.0.2.1:5060"};
  const auto why = [&](std::vector<std::string> enabled, std::vector<v1::CancelPolicy> directory) {
    const auto error = PolicyBook::Check(enabled, std::move(directory), own);
    return error ? error->violations.at(0).field + ": " + error->violations[0].description : "";
  };
  EXPECT_EQ(why({"quiet-kills"}, {Policy("a")}), "");
  EXPECT_EQ(why({"quiet-kills", "loud"}, {}),
            "policies.enable[1]: is not a shipped policy; there are: quiet-kills");
  v1::CancelPolicy bad = Policy("b");
  bad.mutable_rules(0)->mutable_treatment()->mutable_redirect()->add_contacts("sip:x@192.0.2.1");
  EXPECT_THAT(why({}, {Policy("a"), bad}), HasSubstr("policies.directory[1].rules[0].treatment.redirect"));
  for (const char* id : {"builtin", "quiet-kills", "a"}) {
    EXPECT_THAT(why({}, {Policy("a"), Policy(id)}), HasSubstr("policies.directory[1].name: is the name of"));
  }
  std::vector<v1::CancelPolicy> many;
  for (int i = 0; i < 1000; ++i) many.push_back(Policy("p" + std::to_string(i)));
  EXPECT_EQ(why({}, many), "policies.directory: must have at most 999 policies, has 1000");
  many.pop_back();
  EXPECT_EQ(why({}, many), "");
}

TEST_F(PolicyBookTest, AThousandAreTheMost) {
  std::vector<v1::CancelPolicy> many;
  for (int i = 0; i < 998; ++i) many.push_back(Policy("p" + std::to_string(i)));
  Restart({}, std::move(many));
  EXPECT_EQ(Why(Create(Policy("a"))), "OK");
  EXPECT_EQ(Why(Create(Policy("b"))), "TOO_MANY_POLICIES");
  v1::UpdateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = Policy("b");
  request.set_allow_missing(true);
  EXPECT_EQ(Why(Update(request)), "TOO_MANY_POLICIES");
  EXPECT_EQ(Why(Update(Policy("a"))), "OK");
  EXPECT_EQ(Why(Delete("a")), "OK");
  EXPECT_EQ(Why(Create(Policy("b"))), "OK");
}

TEST_F(PolicyBookTest, ValidateOnlyKeepsNothing) {
  v1::CreateCancelPolicyRequest create;
  *create.mutable_cancel_policy() = Policy("a");
  create.set_validate_only(true);
  create.set_request_id("id");
  const auto planned = Create(create);
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->etag(), "");
  EXPECT_FALSE(planned->has_create_time());
  EXPECT_EQ(Why(Get("a")), "POLICY_NOT_FOUND");
  create.set_validate_only(false);
  const auto created = Create(create);
  ASSERT_TRUE(created.ok());

  v1::UpdateCancelPolicyRequest update;
  *update.mutable_cancel_policy() = Policy("a", 9);
  update.set_validate_only(true);
  const auto changed = Update(update);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->priority(), 9);
  EXPECT_EQ(changed->etag(), created->etag());
  v1::DeleteCancelPolicyRequest remove;
  remove.set_name("cancelPolicies/a");
  remove.set_validate_only(true);
  Waiting<bool> removed;
  book_->Delete(remove, kPrincipal, removed.Done());
  EXPECT_TRUE(removed.Take().ok());
  EXPECT_EQ(Get("a")->SerializeAsString(), created->SerializeAsString());
  create.set_validate_only(true);
  EXPECT_EQ(Why(Create(create)), "POLICY_EXISTS");
}

TEST_F(PolicyBookTest, ARequestIdIsCarriedOutOnce) {
  const auto first = Create(Policy("a"), "id");
  const auto again = Create(Policy("a"), "id");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Why(Create(Policy("b"), "id")), "REQUEST_ID_REUSED request_id");
  EXPECT_EQ(Why(Create(Policy("a"), "other")), "POLICY_EXISTS");

  v1::UpdateCancelPolicyRequest update;
  *update.mutable_cancel_policy() = Policy("a", 4);
  update.mutable_cancel_policy()->set_etag(first->etag());
  update.set_request_id("id");
  const auto updated = Update(update);
  ASSERT_TRUE(updated.ok()) << updated.error().message;
  // The etag is stale now, but this was done.
  EXPECT_EQ(Update(update)->SerializeAsString(), updated->SerializeAsString());
  // The first request gets what is there now.
  EXPECT_EQ(Create(Policy("a"), "id")->etag(), updated->etag());
  Restart();
  EXPECT_EQ(Update(update)->etag(), updated->etag());

  EXPECT_EQ(Why(Delete("a", "", "id")), "OK");
  EXPECT_EQ(Why(Delete("a", "", "id")), "OK");
  EXPECT_EQ(Why(Delete("b", "", "id")), "REQUEST_ID_REUSED request_id");
  EXPECT_EQ(Why(Update(update)), "POLICY_NOT_FOUND");
  EXPECT_EQ(Why(Create(Policy("a"), "id")), "POLICY_NOT_FOUND");
  // Made anew by somebody else: a retry of the deletion does not touch it.
  ASSERT_TRUE(Create(Policy("a")).ok());
  EXPECT_EQ(Why(Delete("a", "", "id")), "OK");
  EXPECT_TRUE(Get("a").ok());
}

TEST_F(PolicyBookTest, ARetryWaitsForTheCommitToo) {
  HeldStore held(store_.get());
  v1::CreateCancelPolicyRequest request;
  *request.mutable_cancel_policy() = Policy("a");
  request.set_request_id("id");
  Waiting<v1::CancelPolicy> first, second;
  book_->Create(request, kPrincipal, first.Done());
  book_->Create(request, kPrincipal, second.Done());
  EXPECT_FALSE(first.Came() || second.Came());
  held.Release();
  const auto one = first.Take();
  const auto two = second.Take();
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->SerializeAsString(), two->SerializeAsString());
}

TEST_F(PolicyBookTest, RefusesWritesWhileDrainingAndWhenTheQueueIsFull) {
  auto small = store::OpenMemory({.max_queue = 1});
  PolicyBook book(small.get());
  ASSERT_FALSE(book.Load({}, {}, {}));
  {
    HeldStore held(small.get());
    Waiting<v1::CancelPolicy> a, b;
    v1::CreateCancelPolicyRequest request;
    *request.mutable_cancel_policy() = Policy("a");
    book.Create(request, kPrincipal, a.Done());
    *request.mutable_cancel_policy() = Policy("b");
    book.Create(request, kPrincipal, b.Done());
    EXPECT_EQ(Why(b.Take()), "QUEUE_FULL");
    EXPECT_FALSE(book.Current()->Find("cancelPolicies/b"));
    held.Release();
    EXPECT_EQ(Why(a.Take()), "OK");
  }
  small->Close();
  ASSERT_TRUE(Create(Policy("a")).ok());
  book_->RefuseWrites();
  EXPECT_EQ(Why(Create(Policy("b"))), "DRAINING");
  EXPECT_EQ(Why(Update(Policy("a"))), "DRAINING");
  EXPECT_EQ(Why(Delete("a")), "DRAINING");
  EXPECT_TRUE(Get("a").ok());
}

TEST_F(PolicyBookTest, PagesHaveEachPolicyOnceInOrder) {
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(Create(Policy("p" + std::to_string(i), i / 3)).ok());
  const std::vector<std::string> all = Names();
  for (const int size : {1, 2, 5, 10, 11, 12, 0}) {
    v1::ListCancelPoliciesRequest request;
    request.set_page_size(size);
    std::vector<std::string> names;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = book_->List(request);
      ASSERT_TRUE(page.ok());
      for (const auto& policy : page->cancel_policies()) names.push_back(policy.name().substr(15));
      request.set_page_token(page->next_page_token());
      if (request.page_token().empty()) break;
    }
    EXPECT_EQ(names, all) << size;
  }
  v1::ListCancelPoliciesRequest request;
  request.set_page_size(1001);
  EXPECT_EQ(Why(book_->List(request)), "INVALID_FIELD page_size");
  request.set_page_size(-1);
  EXPECT_EQ(Why(book_->List(request)), "INVALID_FIELD page_size");
  request.set_page_size(1);
  for (const char* token : {"x", "AAAA", "?"}) {
    request.set_page_token(token);
    EXPECT_EQ(Why(book_->List(request)), "INVALID_FIELD page_token");
  }
}

// As many threads as there are rounds' writers, each begun at once.
template <typename Write>
void AtOnce(int threads, Write write) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back([&write, i] { write(i); });
  for (std::thread& thread : all) thread.join();
}

TEST_F(PolicyBookTest, OfManyUpdatesWithOneEtagOneWins) {
  std::string etag = Create(Policy("a"))->etag();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> won{0}, lost{0};
    AtOnce(4, [&](int thread) {
      v1::CancelPolicy policy = Policy("a", 10 * round + thread);
      policy.set_etag(etag);
      const std::string why = Why(Update(policy));
      if (why == "OK") ++won;
      if (why == "ETAG_MISMATCH") ++lost;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 3);
    etag = Get("a")->etag();
  }
}

TEST_F(PolicyBookTest, ManyWithOneRequestIdAreOneChange) {
  for (int round = 0; round < 50; ++round) {
    const std::string id = std::to_string(round);
    std::mutex mutex;
    std::set<std::string> answers;
    AtOnce(4, [&](int thread) {
      // Two contents: of one both get the same answer, the other is refused.
      const auto result = Create(Policy("p" + id, thread % 2), "id" + id);
      std::lock_guard lock(mutex);
      answers.insert(result.ok() ? result->etag() : Why(result));
    });
    EXPECT_EQ(answers.size(), 2U);
    EXPECT_TRUE(answers.contains("REQUEST_ID_REUSED request_id"));
    EXPECT_TRUE(answers.contains(Get("p" + id)->etag()));
  }
}

TEST_F(PolicyBookTest, ReadersSeeEveryWriteThatWasAnswered) {
  ASSERT_TRUE(Create(Policy("a", 0)).ok());
  std::atomic<int> answered{0};
  std::atomic<bool> stop{false};
  std::atomic<int> stale{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = answered;
        if (book_->Current()->Find("cancelPolicies/a")->policy().priority() < least) ++stale;
      }
    });
  }
  for (int i = 1; i <= 500; ++i) {
    ASSERT_TRUE(Update(Policy("a", i)).ok());
    answered = i;
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(stale, 0);
}

}  // namespace
}  // namespace adieu::engine
