#include "server/policy/phone_family.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace adieu::policy {
namespace {

struct Case {
  std::string user_agent;
  PhoneFamily family;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.user_agent; }

class FamilyOfTest : public testing::TestWithParam<Case> {};

TEST_P(FamilyOfTest, Tells) {
  const Case& c = GetParam();
  EXPECT_EQ(FamilyName(FamilyOf(c.user_agent)), FamilyName(c.family));
}

INSTANTIATE_TEST_SUITE_P(
    Clients, FamilyOfTest,
    testing::Values(
        Case{"", PhoneFamily::kNone}, Case{" \t", PhoneFamily::kNone},
        Case{"baresip v1.0.0 (x86_64/linux)", PhoneFamily::kBaresip},
        Case{"BARESIP v4.10.0 (x86_64/Linux)", PhoneFamily::kBaresip},
        Case{"Linphonec/5.1.65 (belle-sip/5.1.65)", PhoneFamily::kLinphone5},
        Case{"Linphone/3.12.0 (belle-sip/1.6.3)", PhoneFamily::kLinphone5},
        Case{"Linphone Desktop/4.4.10 (desk) Debian GNU/Linux 12, Qt 5.15.8 LinphoneCore/5.1.65",
             PhoneFamily::kLinphone5},
        Case{"LinphoneAndroid/4.6.14 (Gigaset GS5) LinphoneSDK/5.1.0", PhoneFamily::kLinphone5},
        Case{"LinphoneAndroid/4.7.0 (HUAWEI P30) LinphoneSDK/5.2.10", PhoneFamily::kLinphone6},
        Case{"LinphoneDesktop/6.0.0 (desk) Windows 11 LinphoneSDK/5.4.0", PhoneFamily::kLinphone6},
        Case{"Linphone", PhoneFamily::kLinphone6}, Case{"Linphone/next", PhoneFamily::kLinphone6},
        Case{"Linphone/99999999999999999999.1", PhoneFamily::kLinphone6},
        Case{"Unknown (belle-sip/5.3.0)", PhoneFamily::kLinphone6},
        Case{"Twinkle/1.10.2", PhoneFamily::kTwinkle}, Case{"PJSUA v2.17-dev Linux-6.1", PhoneFamily::kPjsua},
        Case{"JsSIP 3.13.8", PhoneFamily::kJsSip}, Case{"SIP.js/0.21.2", PhoneFamily::kSipJs},
        Case{"Browser Phone 0.3.29 (SIPJS - 0.20.0) Mozilla/5.0", PhoneFamily::kSipJs},
        Case{"Jami Daemon 13.0.0 (linux)", PhoneFamily::kJami}, Case{"Ring Daemon 9.0", PhoneFamily::kJami},
        Case{"MicroSIP/3.21.3", PhoneFamily::kSoftClient},
        Case{"Zoiper rv2.10 (Gigaset)", PhoneFamily::kSoftClient},
        Case{"Cisco-CSF", PhoneFamily::kSoftClient}, Case{"Monopoly/1.0", PhoneFamily::kSoftClient},
        Case{"Foo (Asterisk compatible)", PhoneFamily::kSoftClient}, Case{"---", PhoneFamily::kSoftClient}));

INSTANTIATE_TEST_SUITE_P(
    Switches, FamilyOfTest,
    testing::Values(Case{"Asterisk PBX 20.5.0", PhoneFamily::kAsterisk},
                    Case{"FPBX-16.0.33(18.9.0)", PhoneFamily::kAsterisk},
                    Case{"FreeSWITCH-mod_sofia/1.10.9-release~64bit", PhoneFamily::kFreeSwitch},
                    Case{"kamailio (5.6.3 (x86_64/linux))", PhoneFamily::kSwitch},
                    Case{"OpenSIPS (3.4.0 (x86_64/linux))", PhoneFamily::kSwitch},
                    Case{"drachtio/0.8.22", PhoneFamily::kSwitch},
                    Case{"Cisco-SIPGateway/IOS-15.4.3.M3", PhoneFamily::kSwitch},
                    Case{"Cisco-CUCM12.5", PhoneFamily::kSwitch},
                    Case{"Audiocodes-Sip-Gateway-Mediant 800/v.7.20A", PhoneFamily::kSwitch},
                    Case{"M4000 AudioCodes", PhoneFamily::kSwitch}, Case{"Sonus_UAC", PhoneFamily::kSwitch},
                    Case{"Ribbon SBC", PhoneFamily::kSwitch}, Case{"Oracle SBC 8.4", PhoneFamily::kSwitch},
                    Case{"Acme Packet SBC", PhoneFamily::kSwitch},
                    Case{"Twilio Gateway", PhoneFamily::kSwitch}, Case{"Telnyx", PhoneFamily::kSwitch},
                    Case{"3CXPhoneSystem 18.0", PhoneFamily::kSwitch},
                    Case{"Grandstream UCM6204V1.5A 1.0.20", PhoneFamily::kSwitch}));

INSTANTIATE_TEST_SUITE_P(DeskPhones, FamilyOfTest,
                         testing::Values(Case{"Yealink SIP-T46S 66.86.0.15", PhoneFamily::kDeskPhone},
                                         Case{"snomD785/10.1.64.14", PhoneFamily::kDeskPhone},
                                         Case{"PolycomVVX-VVX_410-UA/5.9.5", PhoneFamily::kDeskPhone},
                                         Case{"Poly/8.1.1", PhoneFamily::kDeskPhone},
                                         Case{"Grandstream GXP2170 1.0.11", PhoneFamily::kDeskPhone},
                                         Case{"Mitel-6867i", PhoneFamily::kDeskPhone},
                                         Case{"Aastra 6731i/3.3.1", PhoneFamily::kDeskPhone},
                                         Case{"Cisco/SPA504G-7.6.2f", PhoneFamily::kDeskPhone},
                                         Case{"Cisco-CP-8841-3PCC/11.3", PhoneFamily::kDeskPhone},
                                         Case{"Fanvil X6 2.12", PhoneFamily::kDeskPhone},
                                         Case{"Gigaset N510 IP PRO/42.250", PhoneFamily::kDeskPhone},
                                         Case{"AVM FRITZ!Box 7590", PhoneFamily::kDeskPhone}));

TEST(FamilyOfAnyBytesTest, NeverFails) {
  std::mt19937 random(2);
  const std::string pieces[] = {
      "linphone",     "/", ".", "5", "(", ")", " ", "\xff", std::string(1, '\0'), "belle-sip", "Poly",
      "999999999999", "é"};
  std::set<std::string_view> names;
  for (int i = 0; i < 20000; ++i) {
    std::string user_agent;
    for (unsigned n = random() % 12; n > 0; --n) user_agent += pieces[random() % std::size(pieces)];
    names.insert(FamilyName(FamilyOf(user_agent)));
  }
  EXPECT_GE(names.size(), 4u);
  EXPECT_EQ(FamilyOf(std::string(1 << 20, 'x') + " yealink"), PhoneFamily::kSoftClient);
}

TEST(FamilyNameTest, NamesDiffer) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(PhoneFamily::kSoftClient); ++i) {
    names.insert(FamilyName(static_cast<PhoneFamily>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(PhoneFamily::kSoftClient) + 1);
}

}  // namespace
}  // namespace adieu::policy
