#include "server/sip/scanner.h"

#include <gtest/gtest.h>

namespace adieu::sip {
namespace {

TEST(Scanner, IsKnownByItsName) {
  for (const char* name :
       {"friendly-scanner", "Friendly-Scanner", "SIPVicious/0.3", "x sundayddr", "pplsip"}) {
    EXPECT_TRUE(IsScanner(name)) << name;
  }
  for (const char* name :
       {"", "Linphone/5.1", "friendly phone", "FreeSWITCH-mod_sofia/1.10", "Asterisk PBX"}) {
    EXPECT_FALSE(IsScanner(name)) << name;
  }
}

}  // namespace
}  // namespace adieu::sip
