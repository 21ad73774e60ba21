#include "server/sip/dialog_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sip/parsed_message.h"

namespace adieu::sip {
namespace {

using testing::ElementsAre;

std::string Message(const std::string& start, const std::string& cseq, const std::string& more = "",
                    const std::string& to_tag = ";tag=theirs") {
  return start +
         "\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=ours\r\nTo: <sip:c@d>" +
         to_tag + "\r\nCall-ID: id\r\nCSeq: " + cseq + "\r\n" + more + "Content-Length: 0\r\n\r\n";
}

std::string Request(const std::string& method, const std::string& number, const std::string& more = "") {
  return Message(method + " sip:c@d SIP/2.0", number + " " + method, more);
}

DialogRecord Begun() {
  DialogRecord record;
  const ParsedMessage invite(Message("INVITE sip:c@d SIP/2.0", "10 INVITE", "", ""));
  record.BeginAsCallee(invite.sip());
  record.OnWritten();
  return record;
}

TEST(DialogRecord, HasWhatTheInviteOfACallerSays) {
  const ParsedMessage invite(InviteWith("Record-Route: <sip:near;lr>, <sip:far;lr>\r\n", "v=0\r\n"));
  const journal::v1::Dialog dialog = DialogRecord::OfCaller(invite.sip(), "ours");
  EXPECT_THAT(dialog.record_routes(), ElementsAre("<sip:near;lr>", "<sip:far;lr>"));
  EXPECT_TRUE(dialog.local().ends_with(";tag=ours")) << dialog.local();
  EXPECT_TRUE(dialog.offered());
  EXPECT_EQ(dialog.local_cseq(), 0U);
  EXPECT_EQ(dialog.invite_cseq(), invite.sip().sip_cseq->cs_seq);
}

TEST(DialogRecord, ATagThatIsKnownStays) {
  const ParsedMessage invite(InviteWith(""));
  const ParsedMessage ringing(Message("SIP/2.0 180 Ringing", "10 INVITE"));
  DialogRecord unknown(DialogRecord::OfCaller(invite.sip(), ""));
  unknown.LearnLocalTag(ringing.sip());
  EXPECT_TRUE(unknown.dialog().local().ends_with(";tag=theirs"));
  DialogRecord known(DialogRecord::OfCaller(invite.sip(), "ours"));
  known.LearnLocalTag(ringing.sip());
  EXPECT_TRUE(known.dialog().local().ends_with(";tag=ours"));
}

TEST(DialogRecord, TheFirstAnswerOfTheCalleeCounts) {
  DialogRecord record = Begun();
  const ParsedMessage first(
      Message("SIP/2.0 200 OK", "10 INVITE", "Contact: <sip:one@d>\r\nRecord-Route: <sip:r;lr>\r\n"));
  const ParsedMessage second(Message("SIP/2.0 200 OK", "10 INVITE", "Contact: <sip:two@d>\r\n", ";tag=fork"));
  record.Establish(first.sip());
  record.Establish(second.sip());
  EXPECT_EQ(record.dialog().contact(), "<sip:one@d>");
  EXPECT_TRUE(record.dialog().remote().ends_with(";tag=theirs"));
  EXPECT_THAT(record.dialog().record_routes(), ElementsAre("<sip:r;lr>"));
}

TEST(DialogRecord, LearnsWhereThePeerMoved) {
  struct Case {
    std::string text;
    v1::Direction direction;
    const char* contact;
  };
  const std::string moved = "Contact: <sip:moved@d>\r\n";
  const Case cases[] = {
      {Request("INVITE", "5", moved), v1::DIRECTION_RECEIVED, "<sip:moved@d>"},
      {Request("UPDATE", "5", moved), v1::DIRECTION_RECEIVED, "<sip:moved@d>"},
      {Message("SIP/2.0 200 OK", "11 INVITE", moved), v1::DIRECTION_RECEIVED, "<sip:moved@d>"},
      {Message("SIP/2.0 180 Ringing", "11 INVITE", moved), v1::DIRECTION_RECEIVED, ""},
      {Message("SIP/2.0 302 Moved", "11 INVITE", moved), v1::DIRECTION_RECEIVED, ""},
      {Request("OPTIONS", "5", moved), v1::DIRECTION_RECEIVED, ""},
      {Request("INVITE", "11", moved), v1::DIRECTION_SENT, ""},
  };
  for (const Case& wanted : cases) {
    DialogRecord record = Begun();
    const ParsedMessage message(wanted.text);
    const bool changed = record.Learn(wanted.direction, message.sip());
    EXPECT_EQ(record.dialog().contact(), wanted.contact) << wanted.text;
    EXPECT_EQ(changed, *wanted.contact != '\0') << wanted.text;
    // The same once more is no news.
    EXPECT_FALSE(record.Learn(wanted.direction, message.sip())) << wanted.text;
  }
}

TEST(DialogRecord, TheJournalHearsOfTheCseqLongBeforeTheMarginIsUsedUp) {
  DialogRecord record = Begun();
  uint32_t told = 10;
  for (uint32_t number = 11; number < 5000; ++number) {
    const ParsedMessage info(Request("INFO", std::to_string(number)));
    if (record.Learn(v1::DIRECTION_SENT, info.sip())) {
      record.OnWritten();
      told = number;
    }
    ASSERT_LE(number - told, DialogRecord::kCseqMargin / 2);
    ASSERT_EQ(record.dialog().local_cseq(), number);
  }
  // ACK and CANCEL have the number of another request.
  EXPECT_FALSE(record.Learn(v1::DIRECTION_SENT, ParsedMessage(Request("ACK", "9000")).sip()));
  EXPECT_EQ(record.dialog().local_cseq(), 4999U);
}

TEST(DialogRecord, TheFirstRequestToACallerIsTold) {
  DialogRecord record(DialogRecord::OfCaller(ParsedMessage(InviteWith("")).sip(), "ours"));
  EXPECT_TRUE(record.Learn(v1::DIRECTION_SENT, ParsedMessage(Request("INFO", "995")).sip()));
}

TEST(DialogRecord, OneAckCounts) {
  DialogRecord record = Begun();
  EXPECT_TRUE(record.Acknowledge());
  EXPECT_FALSE(record.Acknowledge());
}

}  // namespace
}  // namespace adieu::sip
