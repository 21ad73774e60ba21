#include "server/sip/replay_message.h"

#include <gtest/gtest.h>

#include "tests/unit/sip/parsed_message.h"

// Last: it defines macros that are named like fields of our messages.
#include <sofia-sip/sip_header.h>

namespace adieu::sip {
namespace {

TEST(ReplayMessage, ReadsHeaders) {
  struct Case {
    const char* header;
    const char* tag;
    const char* without;
  };
  constexpr Case kCases[] = {
      {"<sip:a@b>;tag=x", "x", "<sip:a@b>"},
      {"\"A;tag=no\" <sip:a@b;tag=no>;p=1;tag=x;q=2", "x", "\"A;tag=no\" <sip:a@b;tag=no>;p=1;q=2"},
      {"\"<>\" <sip:a@b>", "", "\"<>\" <sip:a@b>"},
      {"sip:a@b;tag=x", "x", "sip:a@b"},
      {"sip:a@b;tag=x ;y", "x", "sip:a@b ;y"},
      {"", "", ""},
  };
  for (const Case& wanted : kCases) {
    EXPECT_EQ(TagIn(wanted.header), wanted.tag) << wanted.header;
    EXPECT_EQ(WithoutTagIn(wanted.header), wanted.without) << wanted.header;
  }
  EXPECT_EQ(BranchIn("SIP/2.0/UDP a;rport=5;branch=z9hG4bK1;received=1.2.3.4, SIP/2.0/UDP b;branch=z9hG4bK2"),
            "z9hG4bK1");
  EXPECT_EQ(BranchIn("SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b"), "z9hG4bK1");
  EXPECT_EQ(BranchIn("SIP/2.0/UDP a"), "");
  EXPECT_EQ(UriIn("\"A\" <sip:a@b:5;transport=tcp>;q=0.1"), "sip:a@b:5;transport=tcp");
  EXPECT_EQ(UriIn("sip:a@b;q=0.1"), "sip:a@b");
}

journal::v1::Dialog Sample() {
  journal::v1::Dialog dialog;
  dialog.set_request_uri("sip:bob@192.0.2.9");
  dialog.set_via("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport=5070, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK0");
  dialog.set_call_id("call-id");
  dialog.set_local("\"B\" <sip:bob@192.0.2.9>;tag=ours");
  dialog.set_remote("<sip:alice@192.0.2.1>;tag=theirs");
  dialog.set_invite_cseq(77);
  dialog.set_contact("<sip:alice@192.0.2.1:5070>");
  dialog.add_record_routes("<sip:near;lr>");
  dialog.add_record_routes("<sip:far;lr>");
  return dialog;
}

TEST(ReplayMessage, IsTheCallersInviteOnceMore) {
  const ParsedMessage invite(InviteOf(Sample()));
  const sip_t& sip = invite.sip();
  ASSERT_EQ(sip.sip_error, nullptr);
  EXPECT_EQ(sip.sip_request->rq_method, sip_method_invite);
  EXPECT_STREQ(sip.sip_request->rq_url->url_user, "bob");
  EXPECT_STREQ(sip.sip_via->v_branch, "z9hG4bK1");
  EXPECT_STREQ(sip.sip_via->v_next->v_branch, "z9hG4bK0");
  EXPECT_STREQ(sip.sip_from->a_tag, "theirs");
  EXPECT_EQ(sip.sip_to->a_tag, nullptr);
  EXPECT_STREQ(sip.sip_call_id->i_id, "call-id");
  EXPECT_EQ(sip.sip_cseq->cs_seq, 77U);
  EXPECT_STREQ(sip.sip_contact->m_url->url_port, "5070");
  EXPECT_STREQ(sip.sip_record_route->r_url->url_host, "near");
}

TEST(ReplayMessage, AnswersOurOwn) {
  for (const bool by_caller : {true, false}) {
    const ParsedMessage answer(
        ResponseOf(Sample(), 200, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKours", "78 INVITE", by_caller));
    const sip_t& sip = answer.sip();
    ASSERT_EQ(sip.sip_error, nullptr);
    EXPECT_EQ(sip.sip_status->st_status, 200);
    EXPECT_STREQ(sip.sip_via->v_branch, "z9hG4bKours");
    EXPECT_STREQ(sip.sip_from->a_tag, "ours");
    EXPECT_STREQ(sip.sip_to->a_tag, "theirs");
    EXPECT_EQ(sip.sip_cseq->cs_seq, 78U);
    EXPECT_STREQ(sip.sip_contact->m_url->url_port, "5070");
    // RFC 3261 12.1.1: the route set of a UAS has the order of the INVITE; that of a UAC is turned round.
    EXPECT_STREQ(sip.sip_record_route->r_url->url_host, by_caller ? "far" : "near");
  }
}

TEST(ReplayMessage, ARingingCalleeHasSomeTag) {
  journal::v1::Dialog dialog = Sample();
  dialog.set_remote("<sip:alice@192.0.2.1>");
  const ParsedMessage ringing(
      ResponseOf(dialog, 180, "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKours", "77 INVITE", false));
  EXPECT_EQ(ringing.sip().sip_status->st_status, 180);
  EXPECT_NE(ringing.sip().sip_to->a_tag, nullptr);
}

}  // namespace
}  // namespace adieu::sip
