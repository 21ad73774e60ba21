#include "server/sip/forward_plan.h"

#include <gtest/gtest.h>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

config::v1::Forward Configured() {
  config::v1::Forward forward;
  forward.add_targets("sip:pbx.example.org;transport=tcp");
  forward.add_targets("sip:desk@192.0.2.1:5080");
  forward.set_request_uri(config::v1::REQUEST_URI_KEEP);
  forward.mutable_no_answer_timeout()->set_nanos(500'000'000);
  return forward;
}

TEST(ForwardPlan, IsWhatIsConfigured) {
  const ForwardPlan plan = ForwardPlan::From(Configured());
  ASSERT_EQ(plan.targets.size(), 2);
  EXPECT_EQ(plan.targets[0].transport, "tcp");
  EXPECT_EQ(plan.targets[1].HostPort(), "192.0.2.1:5080");
  EXPECT_TRUE(plan.keep_request_uri);
  EXPECT_EQ(plan.no_answer, std::chrono::milliseconds(500));
  EXPECT_FALSE(plan.has_credentials);
}

struct Challenge {
  const char* header;
  const char* answer;
};

TEST(Credentials, AnswerTheirRealmAndWhatTheStackKnows) {
  const Credentials credentials({{.realm = "pbx", .username = "alice", .password = "secret"},
                                 {.realm = "a \"b\"", .username = "bob", .password = "hush"}});
  const Challenge cases[] = {
      {"WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\"\r\n", "Digest:\"pbx\":alice:secret"},
      {"Proxy-Authenticate: Digest realm=\"pbx\", nonce=\"n\", algorithm=MD5\r\n",
       "Digest:\"pbx\":alice:secret"},
      {"WWW-Authenticate: Digest realm=\"other\", nonce=\"n\"\r\n", ""},
      {"WWW-Authenticate: Digest realm=\"PBX\", nonce=\"n\"\r\n", ""},
      {"WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\", algorithm=SHA-256\r\n", ""},
      {"WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n\", algorithm=SHA-256\r\n"
       "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"m\", algorithm=MD5\r\n",
       "Digest:\"pbx\":alice:secret"},
      {"WWW-Authenticate: Basic realm=\"pbx\"\r\n", ""},
      {"WWW-Authenticate: Digest realm=\"a \\\"b\\\"\", nonce=\"n\"\r\n", ""},
  };
  for (const Challenge& c : cases) {
    const ParsedMessage message(ResponseWith(401, c.header));
    EXPECT_EQ(credentials.AnswerTo(message.sip()), c.answer) << c.header;
  }
}

}  // namespace
}  // namespace adieu::sip
