#include "server/policy/causes.h"

#include <span>

namespace adieu::policy {
namespace {

struct Pair {
  int from;
  int to;
};

int Find(std::span<const Pair> map, int from, int otherwise) {
  for (const Pair& pair : map) {
    if (pair.from == from) return pair.to;
  }
  return otherwise;
}

bool IsCause(int cause) { return cause >= 1 && cause <= 127; }
bool IsFailure(int status) { return status >= 300 && status <= 699; }

// RFC 3398 7.2.4.1; causes that it does not name are 500. 16 becomes BYE or CANCEL.
constexpr Pair kRfc3398Status[] = {
    {1, 404},  {2, 404},  {3, 404},  {16, 0},   {17, 486}, {18, 408},  {19, 480},  {20, 480},
    {21, 403}, {22, 410}, {23, 410}, {26, 404}, {27, 502}, {28, 484},  {29, 501},  {31, 480},
    {34, 503}, {38, 503}, {41, 503}, {42, 503}, {47, 503}, {55, 403},  {57, 403},  {58, 503},
    {65, 488}, {70, 488}, {79, 501}, {87, 403}, {88, 503}, {102, 504}, {111, 500}, {127, 500},
};

// RFC 3398 8.2.6.1; 487 has none, 488 and 606 are 31 without a Warning.
constexpr Pair kRfc3398Cause[] = {
    {400, 41}, {401, 21},  {402, 21},  {403, 21},  {404, 1},   {405, 63},  {406, 79},  {407, 21},  {408, 102},
    {410, 22}, {413, 127}, {414, 127}, {415, 79},  {416, 127}, {420, 127}, {421, 127}, {423, 127}, {480, 18},
    {481, 41}, {482, 25},  {483, 25},  {484, 28},  {485, 1},   {486, 17},  {488, 31},  {500, 41},  {501, 79},
    {502, 38}, {503, 41},  {504, 102}, {505, 127}, {513, 127}, {600, 17},  {603, 21},  {604, 1},   {606, 31},
};

// mod_sofia.c; every other cause is 480. It does not know 26 and 47.
constexpr Pair kFreeSwitchStatus[] = {
    {1, 404},  {2, 404},  {3, 404},  {17, 486}, {18, 408}, {19, 480}, {20, 480},  {21, 603},
    {22, 410}, {23, 410}, {25, 483}, {26, 0},   {27, 502}, {28, 484}, {29, 501},  {31, 480},
    {34, 503}, {38, 503}, {41, 503}, {42, 503}, {44, 503}, {47, 0},   {52, 403},  {54, 403},
    {57, 403}, {58, 503}, {65, 488}, {69, 501}, {79, 501}, {88, 488}, {102, 504},
};

// sofia_glue.c; every other status is 31. 428, 429, 437, 438, 487 and 607 become causes of its own.
constexpr Pair kFreeSwitchCause[] = {
    {400, 41},  {401, 21},  {402, 21},  {403, 21}, {404, 1},   {405, 63},  {406, 79},  {407, 21},  {408, 102},
    {410, 22},  {413, 127}, {414, 127}, {415, 79}, {416, 127}, {420, 127}, {421, 127}, {423, 127}, {428, 0},
    {429, 0},   {437, 0},   {438, 0},   {480, 18}, {481, 41},  {482, 25},  {483, 25},  {484, 28},  {485, 3},
    {486, 17},  {487, 0},   {488, 88},  {500, 41}, {501, 79},  {502, 38},  {503, 41},  {504, 102}, {505, 127},
    {513, 127}, {600, 17},  {603, 21},  {604, 3},  {606, 88},  {607, 0},   {608, 21},
};

// chan_pjsip.c hangup_cause2sip; every other cause is 603.
constexpr Pair kAsteriskStatus[] = {
    {1, 404},  {2, 404},  {3, 404},  {17, 486}, {18, 408}, {19, 480},  {20, 480},
    {21, 403}, {22, 410}, {23, 302}, {27, 502}, {28, 484}, {29, 501},  {31, 480},
    {34, 503}, {38, 500}, {42, 503}, {58, 488}, {66, 503}, {127, 500},
};

// res_pjsip.c; other 4xx and 6xx are 127, other 5xx 34.
constexpr Pair kAsteriskCause[] = {
    {302, 23}, {401, 21}, {403, 21}, {404, 1},   {407, 21}, {408, 18}, {409, 41}, {410, 22},
    {420, 3},  {480, 19}, {483, 19}, {484, 28},  {485, 1},  {486, 17}, {488, 58}, {500, 38},
    {501, 29}, {502, 27}, {503, 34}, {504, 102}, {600, 17}, {603, 21}, {604, 1},  {606, 58},
};

}  // namespace

int StatusOfCauseRfc3398(int q850_cause) {
  if (!IsCause(q850_cause)) return 0;
  return Find(kRfc3398Status, q850_cause, 500);
}

int CauseOfStatusRfc3398(int status_code) { return Find(kRfc3398Cause, status_code, 0); }

int StatusOfCauseFreeSwitch(int q850_cause) {
  if (!IsCause(q850_cause)) return 0;
  return Find(kFreeSwitchStatus, q850_cause, 480);
}

int CauseOfStatusFreeSwitch(int status_code) {
  if (!IsFailure(status_code)) return 0;
  return Find(kFreeSwitchCause, status_code, 31);
}

int StatusOfCauseAsterisk(int q850_cause) {
  if (!IsCause(q850_cause)) return 0;
  return Find(kAsteriskStatus, q850_cause, 603);
}

int CauseOfStatusAsterisk(int status_code) {
  if (!IsFailure(status_code)) return 0;
  const int other = status_code < 400 ? 0 : status_code / 100 == 5 ? 34 : 127;
  return Find(kAsteriskCause, status_code, other);
}

int CauseOfStatus(v1::CauseMap map, int status_code) {
  switch (map) {
    case v1::CAUSE_MAP_RFC3398:
      return CauseOfStatusRfc3398(status_code);
    case v1::CAUSE_MAP_FREESWITCH:
      return CauseOfStatusFreeSwitch(status_code);
    case v1::CAUSE_MAP_ASTERISK:
      return CauseOfStatusAsterisk(status_code);
    default:
      return 0;
  }
}

bool AgreesWithCode(int status_code, const v1::Reason& reason) {
  if (reason.has_sip_status()) return reason.sip_status() == status_code;
  if (!reason.has_q850_cause() || !IsCause(reason.q850_cause()) || !IsFailure(status_code)) return false;
  const int cause = reason.q850_cause();
  if ((status_code == 480 || status_code == 487) && (cause == 16 || cause == 31)) return true;
  return StatusOfCauseRfc3398(cause) == status_code || CauseOfStatusRfc3398(status_code) == cause ||
         StatusOfCauseFreeSwitch(cause) == status_code || CauseOfStatusFreeSwitch(status_code) == cause ||
         StatusOfCauseAsterisk(cause) == status_code || CauseOfStatusAsterisk(status_code) == cause;
}

}  // namespace adieu::policy
