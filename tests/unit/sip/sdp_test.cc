#include "server/sip/sdp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace adieu::sip {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

struct Case {
  const char* name;
  const char* offer;
  const char* streams;
};

class AnswerTest : public testing::TestWithParam<Case> {};

TEST_P(AnswerTest, HoldsWhatItCan) {
  const std::string answer = AnswerTo(GetParam().offer, "192.0.2.1");
  EXPECT_EQ(answer,
            std::string("v=0\r\no=adieu 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n") +
                GetParam().streams);
}

INSTANTIATE_TEST_SUITE_P(
    All, AnswerTest,
    testing::Values(
        Case{"Audio", "v=0\r\nm=audio 4000 RTP/AVP 0 8\r\n", "m=audio 9 RTP/AVP 0\r\na=inactive\r\n"},
        Case{"LineFeedsOnly", "v=0\nm=audio 4000 RTP/AVP 0 8\n", "m=audio 9 RTP/AVP 0\r\na=inactive\r\n"},
        Case{"Dynamic",
             "m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 "
             "x=1\r\n",
             "m=audio 9 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 x=1\r\na=inactive\r\n"},
        Case{"TwoStreams", "m=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVPF 97\r\na=rtpmap:97 VP8/90000\r\n",
             "m=audio 9 RTP/AVP 0\r\na=inactive\r\n"
             "m=video 9 RTP/AVPF 97\r\na=rtpmap:97 VP8/90000\r\na=inactive\r\n"},
        Case{"Encrypted", "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 x\r\n", "m=audio 0 RTP/SAVP 0\r\n"},
        Case{"NotRtp", "m=image 5000 udptl t38\r\n", "m=image 0 udptl t38\r\n"},
        Case{"RefusedAlready", "m=audio 0 RTP/AVP 0\r\n", "m=audio 0 RTP/AVP 0\r\n"},
        Case{"Broken", "m=audio\r\n", "m=audio 0 RTP/AVP 0\r\n"}, Case{"NoStream", "v=0\r\n", ""}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Sdp, NamesAnIp6Address) {
  EXPECT_THAT(AnswerTo("", "[2001:db8::1]"), HasSubstr("c=IN IP6 2001:db8::1\r\n"));
}

TEST(Sdp, OffersOneInactiveStream) {
  EXPECT_THAT(InactiveOffer("192.0.2.1"), HasSubstr("m=audio 9 RTP/AVP 0 8\r\n"));
  EXPECT_THAT(InactiveOffer("192.0.2.1"), EndsWith("a=inactive\r\n"));
}

TEST(Sdp, PassesNoControlCharacterOn) {
  EXPECT_THAT(AnswerTo(std::string("m=audio 4000 RTP/AVP 0\x01\r\n"), "192.0.2.1"), Not(HasSubstr("\x01")));
}

}  // namespace
}  // namespace adieu::sip
