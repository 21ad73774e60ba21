#include "server/policy/causes.h"

#include <gtest/gtest.h>

#include "tests/unit/policy/textproto.h"

namespace adieu::policy {
namespace {

struct CauseCase {
  int cause;
  int rfc3398;
  int freeswitch;
  int asterisk;
};

TEST(CausesTest, StatusOfCause) {
  const CauseCase cases[] = {
      {0, 0, 0, 0},         {1, 404, 404, 404},   {3, 404, 404, 404},  {16, 0, 480, 603},
      {17, 486, 486, 486},  {18, 408, 408, 408},  {19, 480, 480, 480}, {20, 480, 480, 480},
      {21, 403, 603, 403},  {22, 410, 410, 410},  {23, 410, 410, 302}, {25, 500, 483, 603},
      {26, 404, 0, 603},    {27, 502, 502, 502},  {28, 484, 484, 484}, {29, 501, 501, 501},
      {31, 480, 480, 480},  {34, 503, 503, 503},  {38, 503, 503, 500}, {41, 503, 503, 603},
      {42, 503, 503, 503},  {44, 500, 503, 603},  {47, 503, 0, 603},   {55, 403, 480, 603},
      {57, 403, 403, 603},  {58, 503, 503, 488},  {65, 488, 488, 603}, {66, 500, 480, 503},
      {79, 501, 501, 603},  {87, 403, 480, 603},  {88, 503, 488, 603}, {102, 504, 504, 603},
      {111, 500, 480, 603}, {127, 500, 480, 500}, {128, 0, 0, 0},
  };
  for (const CauseCase& c : cases) {
    EXPECT_EQ(StatusOfCauseRfc3398(c.cause), c.rfc3398) << c.cause;
    EXPECT_EQ(StatusOfCauseFreeSwitch(c.cause), c.freeswitch) << c.cause;
    EXPECT_EQ(StatusOfCauseAsterisk(c.cause), c.asterisk) << c.cause;
  }
}

struct StatusCase {
  int status;
  int rfc3398;
  int freeswitch;
  int asterisk;
};

TEST(CausesTest, CauseOfStatus) {
  const StatusCase cases[] = {
      {200, 0, 0, 0},     {302, 0, 31, 23},   {400, 41, 41, 127},   {401, 21, 21, 21},   {403, 21, 21, 21},
      {404, 1, 1, 1},     {405, 63, 63, 127}, {406, 79, 79, 127},   {408, 102, 102, 18}, {410, 22, 22, 22},
      {420, 127, 127, 3}, {480, 18, 18, 19},  {481, 41, 41, 127},   {482, 25, 25, 127},  {484, 28, 28, 28},
      {485, 1, 3, 1},     {486, 17, 17, 17},  {487, 0, 0, 127},     {488, 31, 88, 58},   {500, 41, 41, 38},
      {502, 38, 38, 27},  {503, 41, 41, 34},  {504, 102, 102, 102}, {505, 127, 127, 34}, {599, 0, 31, 34},
      {600, 17, 17, 17},  {603, 21, 21, 21},  {604, 1, 3, 1},       {606, 31, 88, 58},   {607, 0, 0, 127},
      {608, 0, 21, 127},  {700, 0, 0, 0},
  };
  for (const StatusCase& c : cases) {
    EXPECT_EQ(CauseOfStatusRfc3398(c.status), c.rfc3398) << c.status;
    EXPECT_EQ(CauseOfStatusFreeSwitch(c.status), c.freeswitch) << c.status;
    EXPECT_EQ(CauseOfStatusAsterisk(c.status), c.asterisk) << c.status;
  }
}

TEST(CausesTest, Maps) {
  EXPECT_EQ(CauseOfStatus(v1::CAUSE_MAP_UNSPECIFIED, 486), 0);
  EXPECT_EQ(CauseOfStatus(static_cast<v1::CauseMap>(9), 486), 0);
  EXPECT_EQ(CauseOfStatus(v1::CAUSE_MAP_RFC3398, 480), 18);
  EXPECT_EQ(CauseOfStatus(v1::CAUSE_MAP_FREESWITCH, 485), 3);
  EXPECT_EQ(CauseOfStatus(v1::CAUSE_MAP_ASTERISK, 480), 19);
}

TEST(CausesTest, Texts) {
  EXPECT_EQ(CauseText(1), "Unallocated (unassigned) number");
  EXPECT_EQ(CauseText(16), "Normal call clearing");
  EXPECT_EQ(CauseText(127), "Interworking, unspecified");
  for (const int nameless : {-1, 0, 10, 15, 33, 126, 128}) EXPECT_EQ(CauseText(nameless), "");
}

struct AgreementCase {
  int status;
  const char* reason;
  bool agrees;
};

TEST(AgreesWithCodeTest, Pairs) {
  const AgreementCase cases[] = {
      {486, "q850_cause: 17", true},    {486, "q850_cause: 16", false},  {486, "q850_cause: 31", false},
      {480, "q850_cause: 16", true},    {480, "q850_cause: 31", true},   {480, "q850_cause: 18", true},
      {480, "q850_cause: 17", false},   {487, "q850_cause: 16", true},   {487, "q850_cause: 31", true},
      {487, "q850_cause: 17", false},   {404, "q850_cause: 1", true},    {404, "q850_cause: 16", false},
      {403, "q850_cause: 21", true},    {603, "q850_cause: 21", true},   {603, "q850_cause: 17", false},
      {503, "q850_cause: 34", true},    {503, "q850_cause: 16", false},  {600, "q850_cause: 17", true},
      {486, "sip_status: 486", true},   {486, "sip_status: 480", false}, {480, "sip_status: 200", false},
      {486, "q850_cause: 0", false},    {486, "q850_cause: 128", false}, {486, "q850_cause: -17", false},
      {480, "text: 'no cause'", false}, {200, "q850_cause: 16", false},  {700, "q850_cause: 16", false},
  };
  for (const AgreementCase& c : cases) {
    EXPECT_EQ(AgreesWithCode(c.status, Parse<v1::Reason>(c.reason)), c.agrees) << c.status << ' ' << c.reason;
  }
}

}  // namespace
}  // namespace adieu::policy
