#include "server/engine/list_calls.h"

#include <gtest/gtest.h>

#include "server/engine/resume_point.h"
#include "tests/unit/engine/fakes.h"

namespace adieu::engine {
namespace {

class ListCallsTest : public testing::Test {
 protected:
  void Add(int count) {
    for (int i = 0; i < count; ++i) registry_.Update(MakeCall(std::to_string(10'000 + i)));
  }
  std::string BadField(const v1::ListCallsRequest& request) {
    const auto page = ListCalls(registry_, request);
    if (page.ok() || page.error().violations.empty()) return "";
    EXPECT_EQ(page.error().code, absl::StatusCode::kInvalidArgument);
    return page.error().violations[0].field;
  }

  metrics::Metrics metrics_{"test"};
  CallRegistry registry_{CallRegistry::Options{}, &metrics_};
};

TEST_F(ListCallsTest, PagesHaveEveryCallOnceInOrder) {
  Add(700);
  for (int page_size : {0, 1, 100, 256, 699, 700, 701, 1000}) {
    v1::ListCallsRequest request;
    request.set_page_size(page_size);
    std::vector<std::string> names;
    std::string resume_token;
    do {
      const auto page = ListCalls(registry_, request);
      ASSERT_TRUE(page.ok());
      EXPECT_LE(page->calls_size(), page_size == 0 ? 100 : page_size);
      for (const auto& call : page->calls()) names.push_back(call.name());
      EXPECT_TRUE(resume_token.empty() || page->resume_token() == resume_token);
      resume_token = page->resume_token();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names.size(), 700u) << page_size;
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  }
}

TEST_F(ListCallsTest, OnlyThoseThatMatch) {
  Add(3);
  registry_.Update(MakeCall("gone", v1::CALL_STATE_TERMINATED));
  v1::ListCallsRequest request;
  request.mutable_match()->set_state(v1::CALL_STATE_TERMINATED);
  const auto page = ListCalls(registry_, request);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->calls_size(), 1);
  EXPECT_EQ(page->calls(0).name(), "calls/gone");
  EXPECT_TRUE(page->next_page_token().empty());
}

TEST_F(ListCallsTest, TheResumeTokenIsFromBeforeTheFirstPage) {
  Add(3);
  v1::ListCallsRequest request;
  request.set_page_size(2);
  const auto first = ListCalls(registry_, request);
  Add(5);
  request.set_page_token(first->next_page_token());
  const auto second = ListCalls(registry_, request);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(DecodeResumeToken(second->resume_token())->revision, 3);
}

TEST_F(ListCallsTest, LargeCallsMakeShortPages) {
  for (int i = 0; i < 600; ++i) {
    v1::Call call = MakeCall(std::to_string(10'000 + i));
    for (int j = 0; j < 32; ++j) {
      v1::Header* header = call.mutable_caller()->add_headers();
      header->set_name("X-Long");
      header->set_value(std::string(256, 'x'));
    }
    registry_.Update(call);
  }
  v1::ListCallsRequest request;
  request.set_page_size(1000);
  const auto page = ListCalls(registry_, request);
  ASSERT_TRUE(page.ok());
  EXPECT_LT(page->ByteSizeLong(), 4u << 20);
  EXPECT_LT(page->calls_size(), 600);
  EXPECT_FALSE(page->next_page_token().empty());
}

TEST_F(ListCallsTest, BadRequests) {
  Add(3);
  v1::ListCallsRequest request;
  for (int page_size : {-1, 1001}) {
    request.set_page_size(page_size);
    EXPECT_EQ(BadField(request), "page_size");
  }
  request.set_page_size(1);
  request.mutable_match();
  EXPECT_EQ(BadField(request).substr(0, 5), "match");
  request.clear_match();
  request.set_page_token("rubbish");
  EXPECT_EQ(BadField(request), "page_token");

  request.clear_page_token();
  const std::string token = ListCalls(registry_, request)->next_page_token();
  request.set_page_token(token);
  EXPECT_EQ(BadField(request), "");
  request.mutable_match()->mutable_every_call();
  EXPECT_EQ(BadField(request), "page_token") << "of another match";
  request.clear_match();
  CallRegistry other({}, &metrics_);
  EXPECT_FALSE(ListCalls(other, request).ok()) << "of another process";
}

}  // namespace
}  // namespace adieu::engine
