#include "server/sip/passed_headers.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

struct Case {
  std::string in;
  std::string out;
  int left_out = 0;
};

void ExpectPassed(const std::string& message, PassedFor what, const Case& c,
                  ParsedMessage::Text kept = ParsedMessage::Text::kKept) {
  const ParsedMessage parsed(message, kept);
  int left_out = -1;
  EXPECT_EQ(PassedHeaders(parsed.sip(), what, &left_out), c.out) << c.in;
  EXPECT_EQ(left_out, c.left_out) << c.in;
}

TEST(PassedHeaders, GoThroughAsSent) {
  const Case cases[] = {
      {"", ""},
      {"X-Foo: a\r\nSubject: b\r\nx-foo: c\r\n", "X-Foo: a\r\nSubject: b\r\nx-foo: c\r\n"},
      {"s: hello\r\n", "Subject: hello\r\n"},
      {"x: 1800;refresher=uac\r\nMin-SE: 90\r\n", "Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n"},
      {"b: <sip:carol@example.net>\r\n", "Referred-By: <sip:carol@example.net>\r\n"},
      {"y: abc;info=<https://example.org/c>\r\n", "y: abc;info=<https://example.org/c>\r\n"},
      {"SUBJECT : hello \r\n", "Subject: hello\r\n"},
      {"Subject: a\r\n  folded\r\n\tline\r\n", "Subject: a folded line\r\n"},
      {"X-Foo:\r\n a\r\n", "X-Foo: a\r\n"},
      {"X-Empty:\r\nX-Blank:  \r\nOrganization:\r\n", "X-Empty: \r\nX-Blank: \r\nOrganization: \r\n"},
      {"Subject: one\r\nSubject: two\r\n", "Subject: one\r\nSubject: two\r\n"},
      {"P-Asserted-Identity: \"A, B\" <sip:a@b>,<tel:+1>\r\n",
       "P-Asserted-Identity: \"A, B\" <sip:a@b>,<tel:+1>\r\n"},
      {"Reason: Q.850;cause=16;text=\"a,b\" , SIP;cause=480\r\nReason: X;cause=1\r\n",
       "Reason: Q.850;cause=16;text=\"a,b\" , SIP;cause=480\r\nReason: X;cause=1\r\n"},
      {"Accept: application/sdp ,text/plain\r\nAccept: a/b\r\n",
       "Accept: application/sdp ,text/plain\r\nAccept: a/b\r\n"},
      {"Call-Info: <http://example.org/p?a,b>;purpose=icon, <http://example.org/q>\r\n",
       "Call-Info: <http://example.org/p?a,b>;purpose=icon, <http://example.org/q>\r\n"},
      {"Diversion: <sip:d@e>;reason=no-answer\r\nHistory-Info: <sip:a@b>;index=1,<sip:c@d>;index=1.1\r\n",
       "Diversion: <sip:d@e>;reason=no-answer\r\nHistory-Info: <sip:a@b>;index=1,<sip:c@d>;index=1.1\r\n"},
      {"Subject: Gr\xc3\xbc\xc3\x9f"
       "e\r\nX-Latin: Gr\xfc\xdf"
       "e\r\n",
       "Subject: Gr\xc3\xbc\xc3\x9f"
       "e\r\nX-Latin: Gr\xfc\xdf"
       "e\r\n"},
      {"Authorization: Digest username=\"a\",realm=\"r, s\", nonce=\"n\",uri=\"sip:b\",response=\"0\"\r\n",
       "Authorization: Digest username=\"a\",realm=\"r, s\", nonce=\"n\",uri=\"sip:b\",response=\"0\"\r\n"},
      {"Privacy: id;header\r\nIdentity: abc;alg=ES256\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n",
       "Privacy: id;header\r\nIdentity: abc;alg=ES256\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n"},
  };
  for (const Case& c : cases) ExpectPassed(InviteWith(c.in), PassedFor::kInvite, c);
}

// What the library read is written anew then; headers that it does not know stay as sent.
TEST(PassedHeaders, GoThroughWithoutTheTextToo) {
  const Case cases[] = {
      {"s: hello\r\nX-Foo: a\r\n\tb\r\nX-Empty:\r\n", "Subject: hello\r\nX-Foo: a b\r\nX-Empty: \r\n"},
      {"Reason: Q.850;cause=16;text=\"a,b\" , SIP;cause=480\r\n",
       "Reason: Q.850;cause=16;text=\"a,b\"\r\nReason: SIP;cause=480\r\n"},
      {"X-Bad: a\x01\r\nX-Good: b\r\n", "X-Good: b\r\n", 1},
      {"Retry-After: junk\r\n", "", 1},
  };
  for (const Case& c : cases) {
    ExpectPassed(InviteWith(c.in), PassedFor::kInvite, c, ParsedMessage::Text::kDropped);
  }
}

TEST(PassedHeaders, LeaveOutWhatEachLegHasOfItsOwn) {
  const Case c{
      "m: <sip:alice@192.0.2.1>\r\n"
      "Route: <sip:192.0.2.9;lr>\r\n"
      "Record-Route: <sip:192.0.2.9;lr>\r\n"
      "Path: <sip:192.0.2.9;lr>\r\n"
      "Service-Route: <sip:192.0.2.9;lr>\r\n"
      "max-forwards: 10\r\n"
      "RSeq: 1\r\n"
      "RAck: 1 1 INVITE\r\n"
      "Timestamp: 54\r\n"
      "User-Agent: x\r\n"
      "Server: x\r\n"
      "Allow: INVITE\r\n"
      "u: dialog\r\n"
      "k: timer\r\n"
      "Require: 100rel\r\n"
      "Proxy-Require: privacy\r\n"
      "Replaces: 1;to-tag=a;from-tag=b\r\n"
      "Join: 1;to-tag=a;from-tag=b\r\n"
      "target-dialog: 1;local-tag=a;remote-tag=b\r\n"
      "Security-Client: digest\r\n"
      "Security-Server: digest\r\n"
      "Security-Verify: digest\r\n"
      "x-adieu-hops: 0123456789abcdef\r\n"
      "X-Kept: 1\r\n",
      "X-Kept: 1\r\n"};
  ExpectPassed(InviteWith(c.in), PassedFor::kInvite, c);
  ExpectPassed(InviteWith(c.in), PassedFor::kInDialogRequest, c);
  ExpectPassed(ResponseWith(200, c.in), PassedFor::kResponse, c);
  ExpectPassed(ResponseWith(200, c.in), PassedFor::kInDialogResponse, c);
  ExpectPassed(InviteWith(c.in), PassedFor::kInvite, c, ParsedMessage::Text::kDropped);
}

TEST(PassedHeaders, GoThroughInResponses) {
  const Case c{
      "Reason: Q.850;cause=17\r\n"
      "Retry-After: 120 (in a meeting);duration=60\r\n"
      "Warning: 399 a \"x, y\", 399 b \"z\"\r\n"
      "Error-Info: <sip:announcement@example.com>\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256\r\n"
      "Proxy-Authenticate: Digest realm=\"r\",nonce=\"n\"\r\n"
      "Unsupported: foo\r\n"
      "Contact: <sip:bob@192.0.2.2>\r\n",
      "Reason: Q.850;cause=17\r\n"
      "Retry-After: 120 (in a meeting);duration=60\r\n"
      "Warning: 399 a \"x, y\", 399 b \"z\"\r\n"
      "Error-Info: <sip:announcement@example.com>\r\n"
      "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256\r\n"
      "Proxy-Authenticate: Digest realm=\"r\",nonce=\"n\"\r\n"
      "Unsupported: foo\r\n"};
  ExpectPassed(ResponseWith(486, c.in), PassedFor::kResponse, c);
  ExpectPassed(ResponseWith(302, c.in), PassedFor::kResponse, c);
  ExpectPassed(ResponseWith(503, c.in), PassedFor::kInDialogResponse, c);
}

TEST(PassedHeaders, TellTheCallerNothingOfATargetsRetryAfter) {
  const Case c{"Retry-After: 120\r\nReason: Q.850;cause=41\r\n", "Reason: Q.850;cause=41\r\n"};
  ExpectPassed(ResponseWith(503, c.in), PassedFor::kResponse, c);
}

TEST(PassedHeaders, DescribeTheBody) {
  const std::string body = "--a b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--a b--\r\n";
  const Case c{
      "c: multipart/mixed; boundary=\"a b\"\r\nContent-Disposition: session;handling=required\r\n"
      "MIME-Version: 1.0\r\ne: identity\r\n",
      "Content-Type: multipart/mixed; boundary=\"a b\"\r\nContent-Disposition: session;handling=required\r\n"
      "MIME-Version: 1.0\r\nContent-Encoding: identity\r\n"};
  ExpectPassed(InviteWith(c.in, body), PassedFor::kInvite, c);
}

TEST(PassedHeaders, AreCleanLines) {
  const Case cases[] = {
      {"X-Bad: a\x01\r\nX-Good: b\r\n", "X-Good: b\r\n", 1},
      {"Subject: a\x7f\r\nReason: Q.850;cause=16;text=\"\x1b\"\r\nX-Good: b\r\n", "X-Good: b\r\n", 2},
      {"Subject: a\n b\r\nX-Good: b\r\n", "X-Good: b\r\n", 1},
      // The library takes a lone CR for the end of a line.
      {"X-One: a\rX-Two: b\r\n", "X-One: a\r\nX-Two: b\r\n"},
      {"Retry-After: junk\r\nno colon\r\nX-Good: b\r\n", "X-Good: b\r\n", 2},
      {"Content-Disposition: \r\nX-Good: b\r\n", "X-Good: b\r\n", 1},
  };
  for (const Case& c : cases) ExpectPassed(InviteWith(c.in), PassedFor::kInvite, c);
}

TEST(PassedHeaders, AreBounded) {
  const std::string first = "X-A: " + std::string(kMaxPassedHeaders - 100, 'a') + "\r\n";
  const std::string fits = "X-B: " + std::string(100 - 2 * 7, 'b') + "\r\n";
  const std::string more = "X-C: c\r\n";
  ExpectPassed(InviteWith(first + fits), PassedFor::kInvite, {"fits", first + fits});
  ExpectPassed(InviteWith(first + fits + more + more), PassedFor::kInvite, {"does not fit", first + fits, 2});
  const std::string too_long = "X-B: " + std::string(100 - 2 * 7 + 1, 'b') + "\r\n";
  ExpectPassed(InviteWith(first + too_long + more), PassedFor::kInvite, {"one too long", first, 2});
}

TEST(PassedHeaders, CountForNobody) {
  const ParsedMessage parsed(InviteWith("X-A: b\r\n"));
  EXPECT_EQ(PassedHeaders(parsed.sip(), PassedFor::kInvite), "X-A: b\r\n");
}

}  // namespace
}  // namespace adieu::sip
