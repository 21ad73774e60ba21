// Which phone, or kind of phone, the rules of the built-in policy take a User-Agent for.

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "server/policy/builtin.h"
#include "tests/unit/policy/calls.h"

namespace adieu::policy {
namespace {

struct Case {
  std::string user_agent;
  std::string rule;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.user_agent; }

class PhoneRuleTest : public testing::TestWithParam<Case> {};

TEST_P(PhoneRuleTest, Tells) {
  const Case& c = GetParam();
  EXPECT_EQ(BuiltinRule(v1::INTENT_QUIET, From(c.user_agent)).id(), c.rule);
}

INSTANTIATE_TEST_SUITE_P(
    Clients, PhoneRuleTest,
    testing::Values(Case{"", "quiet_no_user_agent"}, Case{" \t", "quiet_no_user_agent"},
                    Case{"baresip v1.0.0 (x86_64/linux)", "quiet_baresip"},
                    Case{"BARESIP v4.10.0 (x86_64/Linux)", "quiet_baresip"},
                    Case{"Linphonec/5.1.65 (belle-sip/5.1.65)", "quiet_linphone_5"},
                    Case{"Linphone/3.12.0 (belle-sip/1.6.3)", "quiet_linphone_5"},
                    Case{"Linphone Desktop/4.4.10 (desk) Debian GNU/Linux 12, Qt 5.15.8 LinphoneCore/5.1.65",
                         "quiet_linphone_5"},
                    Case{"LinphoneAndroid/4.6.14 (Gigaset GS5) LinphoneSDK/5.1.0", "quiet_linphone_5"},
                    Case{"LinphoneAndroid/4.7.0 (HUAWEI P30) LinphoneSDK/5.2.10", "quiet_linphone_6"},
                    Case{"LinphoneDesktop/6.0.0 (desk) Windows 11 LinphoneSDK/5.4.0", "quiet_linphone_6"},
                    Case{"Linphone", "quiet_linphone_6"}, Case{"Linphone/next", "quiet_linphone_6"},
                    Case{"Linphone/99999999999999999999.1", "quiet_linphone_6"},
                    Case{"Unknown (belle-sip/5.3.0)", "quiet_linphone_6"},
                    Case{"Twinkle/1.10.2", "quiet_twinkle"}, Case{"PJSUA v2.17-dev Linux-6.1", "quiet_pjsua"},
                    Case{"JsSIP 3.13.8", "quiet_jssip"}, Case{"SIP.js/0.21.2", "quiet_sipjs"},
                    Case{"Browser Phone 0.3.29 (SIPJS - 0.20.0) Mozilla/5.0", "quiet_sipjs"},
                    Case{"Jami Daemon 13.0.0 (linux)", "quiet_jami"}, Case{"Ring Daemon 9.0", "quiet_jami"},
                    Case{"MicroSIP/3.21.3", "quiet_soft_client"},
                    Case{"Zoiper rv2.10 (Gigaset)", "quiet_soft_client"},
                    Case{"Cisco-CSF", "quiet_cisco_jabber"}, Case{"Monopoly/1.0", "quiet_soft_client"},
                    Case{"Foo (Asterisk compatible)", "quiet_soft_client"},
                    Case{"---", "quiet_soft_client"}));

INSTANTIATE_TEST_SUITE_P(
    Switches, PhoneRuleTest,
    testing::Values(
        Case{"Asterisk PBX 20.5.0", "quiet_asterisk"}, Case{"FPBX-16.0.33(18.9.0)", "quiet_asterisk"},
        Case{"FreeSWITCH-mod_sofia/1.10.9-release~64bit", "quiet_freeswitch"},
        Case{"kamailio (5.6.3 (x86_64/linux))", "quiet_switch"},
        Case{"OpenSIPS (3.4.0 (x86_64/linux))", "quiet_switch"}, Case{"drachtio/0.8.22", "quiet_switch"},
        Case{"Cisco-SIPGateway/IOS-15.4.3.M3", "quiet_switch"}, Case{"Cisco-CUCM12.5", "quiet_switch"},
        Case{"Audiocodes-Sip-Gateway-Mediant 800/v.7.20A", "quiet_switch"},
        Case{"M4000 AudioCodes", "quiet_switch"}, Case{"Sonus_UAC", "quiet_switch"},
        Case{"Ribbon SBC", "quiet_switch"}, Case{"Oracle SBC 8.4", "quiet_switch"},
        Case{"Acme Packet SBC", "quiet_switch"}, Case{"Twilio Gateway", "quiet_switch"},
        Case{"Telnyx", "quiet_switch"}, Case{"3CXPhoneSystem 18.0", "quiet_switch"},
        Case{"Grandstream UCM6204V1.5A 1.0.20", "quiet_switch"},
        Case{"Yealink behind Kamailio", "quiet_switch"}, Case{"FusionPBX", "quiet_freeswitch"}));

INSTANTIATE_TEST_SUITE_P(DeskPhones, PhoneRuleTest,
                         testing::Values(Case{"Yealink SIP-T46S 66.86.0.15", "quiet_yealink"},
                                         Case{"snomD785/10.1.64.14", "quiet_desk_phone"},
                                         Case{"PolycomVVX-VVX_410-UA/5.9.5", "quiet_desk_phone"},
                                         Case{"Poly/8.1.1", "quiet_desk_phone"},
                                         Case{"Grandstream GXP2170 1.0.11", "quiet_desk_phone"},
                                         Case{"Mitel-6867i", "quiet_mitel"},
                                         Case{"Aastra 6731i/3.3.1", "quiet_mitel"},
                                         Case{"Cisco/SPA504G-7.6.2f", "quiet_cisco"},
                                         Case{"Cisco-CP-8841-3PCC/11.3", "quiet_cisco"},
                                         Case{"Fanvil X6 2.12", "quiet_desk_phone"},
                                         Case{"Gigaset N510 IP PRO/42.250", "quiet_desk_phone"},
                                         Case{"AVM FRITZ!Box 7590", "quiet_desk_phone"},
                                         Case{"AUDIOCODES-IPPHONE/3.4.6", "quiet_audiocodes_phone"},
                                         Case{"Linksys/SPA942-6.1", "quiet_cisco"}));

TEST(PhoneRuleAnyBytesTest, AlwaysOneAnswers) {
  std::mt19937 random(2);
  const std::string pieces[] = {
      "linphone",     "/", ".", "5", "(", ")", " ", "\xff", std::string(1, '\0'), "belle-sip", "Poly",
      "999999999999", "é"};
  std::set<std::string> ids;
  for (int i = 0; i < 20000; ++i) {
    std::string user_agent;
    for (unsigned n = random() % 12; n > 0; --n) user_agent += pieces[random() % std::size(pieces)];
    ids.insert(BuiltinRule(v1::INTENT_QUIET, From(user_agent)).id());
  }
  EXPECT_GE(ids.size(), 4u);
  EXPECT_EQ(BuiltinRule(v1::INTENT_QUIET, From(std::string(1 << 20, 'x'))).id(), "quiet_soft_client");
}

}  // namespace
}  // namespace adieu::policy
