#include "server/sip/in_dialog_status.h"

#include <gtest/gtest.h>

namespace adieu::sip {
namespace {

struct Passed {
  int status;
  int to_session_change;
  int to_others;
};

// RFC 5057 5.1.
TEST(InDialogStatus, WhatWouldEndTheDialogOrTheSessionDoesNotPass) {
  const Passed cases[] = {
      {200, 200, 200}, {202, 202, 202}, {302, 302, 302}, {400, 400, 400}, {403, 403, 403}, {404, 488, 500},
      {405, 488, 405}, {406, 406, 406}, {408, 488, 500}, {410, 488, 500}, {415, 415, 415}, {416, 488, 500},
      {420, 420, 420}, {422, 422, 422}, {480, 488, 500}, {481, 488, 500}, {482, 488, 500}, {483, 488, 500},
      {484, 488, 500}, {485, 488, 500}, {486, 486, 486}, {488, 488, 488}, {489, 489, 489}, {491, 491, 491},
      {500, 500, 500}, {501, 488, 501}, {502, 488, 500}, {503, 488, 500}, {504, 488, 504}, {600, 488, 600},
      {603, 603, 603}, {604, 488, 500}, {606, 606, 606}, {900, 488, 500},
  };
  for (const Passed& c : cases) {
    EXPECT_EQ(PassedStatus(c.status, sip_method_invite), c.to_session_change) << c.status;
    EXPECT_EQ(PassedStatus(c.status, sip_method_update), c.to_session_change) << c.status;
    for (const sip_method_t method :
         {sip_method_info, sip_method_message, sip_method_options, sip_method_refer, sip_method_notify}) {
      EXPECT_EQ(PassedStatus(c.status, method), c.to_others) << c.status << " " << method;
    }
  }
}

// RFC 3261 12.2.1.2.
TEST(InDialogStatus, WhoLostItsDialogOrIsNotThereEndsTheCall) {
  for (const sip_method_t method : {sip_method_invite, sip_method_update, sip_method_info}) {
    const bool session = method != sip_method_info;
    EXPECT_TRUE(EndsDialog(481, false, method));
    EXPECT_FALSE(EndsDialog(481, true, method)) << "the stack's own, for what was never sent";
    EXPECT_TRUE(EndsDialog(408, true, method)) << "nothing came back";
    EXPECT_EQ(EndsDialog(408, false, method), session);
    for (const int status : {200, 404, 486, 488, 491, 500, 503, 603}) {
      EXPECT_FALSE(EndsDialog(status, false, method)) << status;
    }
  }
}

}  // namespace
}  // namespace adieu::sip
