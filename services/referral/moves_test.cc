// Every state with every act, row by row: what is in the table is allowed, and nothing else is.
#include "services/referral/moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"

namespace waymark::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

// Written out by hand from the design, not from the table: side, state, act, next.
const std::set<std::tuple<v1::Side, std::string, std::string, std::string>>& Expected() {
  static const auto* const rows =
      new std::set<std::tuple<v1::Side, std::string, std::string, std::string>>{
          {v1::SIDE_SENT, "DRAFT", "SendReferral", "SENT"},
          {v1::SIDE_SENT, "DRAFT", "CancelReferral", "CANCELLED"},

          {v1::SIDE_SENT, "SENT", "ResendReferral", "SENT"},
          {v1::SIDE_SENT, "SENT", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "SENT", "answer.received", "RECEIVED"},
          {v1::SIDE_SENT, "SENT", "answer.asked", "INFORMATION_ASKED"},
          {v1::SIDE_SENT, "SENT", "answer.accepted", "ACCEPTED"},
          {v1::SIDE_SENT, "SENT", "answer.declined", "DECLINED"},
          {v1::SIDE_SENT, "SENT", "answer.redirected", "REDIRECTED"},
          {v1::SIDE_SENT, "SENT", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "SENT", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "SENT", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "RECEIVED", "ResendReferral", "RECEIVED"},
          {v1::SIDE_SENT, "RECEIVED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.received", "RECEIVED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.asked", "INFORMATION_ASKED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.accepted", "ACCEPTED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.declined", "DECLINED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.redirected", "REDIRECTED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "RECEIVED", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "RECEIVED", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "INFORMATION_ASKED", "AnswerQuestion", "RECEIVED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.asked", "INFORMATION_ASKED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.accepted", "ACCEPTED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.declined", "DECLINED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.redirected", "REDIRECTED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "INFORMATION_ASKED", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "ACCEPTED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "ACCEPTED", "answer.redirected", "REDIRECTED"},
          {v1::SIDE_SENT, "ACCEPTED", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "ACCEPTED", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "ACCEPTED", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "REDIRECTED", "ReferAgain", "REDIRECTED"},
          {v1::SIDE_SENT, "REDIRECTED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "DECLINED", "ReferAgain", "DECLINED"},
          {v1::SIDE_SENT, "DECLINED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "CANCELLED", "ReferAgain", "CANCELLED"},

          {v1::SIDE_SENT, "BOOKED", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "BOOKED", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "BOOKED", "answer.booking_cancelled", "ACCEPTED"},
          {v1::SIDE_SENT, "BOOKED", "answer.not_attended", "DID_NOT_ATTEND"},
          {v1::SIDE_SENT, "BOOKED", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "BOOKED", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "DID_NOT_ATTEND", "CancelReferral", "CANCELLED"},
          {v1::SIDE_SENT, "DID_NOT_ATTEND", "ReferAgain", "DID_NOT_ATTEND"},
          {v1::SIDE_SENT, "DID_NOT_ATTEND", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "DID_NOT_ATTEND", "answer.seen", "SEEN"},
          {v1::SIDE_SENT, "DID_NOT_ATTEND", "answer.declined", "DECLINED"},
          {v1::SIDE_SENT, "DID_NOT_ATTEND", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_SENT, "SEEN", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "SEEN", "answer.outcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_SENT, "OUTCOME_RECEIVED", "CompleteReferral", "COMPLETED"},
          {v1::SIDE_SENT, "OUTCOME_RECEIVED", "answer.booked", "BOOKED"},
          {v1::SIDE_SENT, "OUTCOME_RECEIVED", "answer.outcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_SENT, "COMPLETED", "answer.outcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_RECEIVED, "RECEIVED", "AcceptReferral", "ACCEPTED"},
          {v1::SIDE_RECEIVED, "RECEIVED", "DeclineReferral", "DECLINED"},
          {v1::SIDE_RECEIVED, "RECEIVED", "RedirectReferral", "REDIRECTED"},
          {v1::SIDE_RECEIVED, "RECEIVED", "AskForInformation", "INFORMATION_ASKED"},
          {v1::SIDE_RECEIVED, "RECEIVED", "update.cancelled", "CANCELLED"},

          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "AcceptReferral", "ACCEPTED"},
          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "DeclineReferral", "DECLINED"},
          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "RedirectReferral", "REDIRECTED"},
          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "AskForInformation", "INFORMATION_ASKED"},
          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "update.answered", "RECEIVED"},
          {v1::SIDE_RECEIVED, "INFORMATION_ASKED", "update.cancelled", "CANCELLED"},

          {v1::SIDE_RECEIVED, "ACCEPTED", "BookReferral", "BOOKED"},
          {v1::SIDE_RECEIVED, "ACCEPTED", "RecordSeen", "SEEN"},
          {v1::SIDE_RECEIVED, "ACCEPTED", "RecordOutcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_RECEIVED, "ACCEPTED", "RedirectReferral", "REDIRECTED"},
          {v1::SIDE_RECEIVED, "ACCEPTED", "update.cancelled", "CANCELLED"},

          {v1::SIDE_RECEIVED, "BOOKED", "BookReferral", "BOOKED"},
          {v1::SIDE_RECEIVED, "BOOKED", "CancelBooking", "ACCEPTED"},
          {v1::SIDE_RECEIVED, "BOOKED", "RecordNotAttended", "DID_NOT_ATTEND"},
          {v1::SIDE_RECEIVED, "BOOKED", "RecordSeen", "SEEN"},
          {v1::SIDE_RECEIVED, "BOOKED", "RecordOutcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_RECEIVED, "BOOKED", "update.cancelled", "CANCELLED"},

          {v1::SIDE_RECEIVED, "DID_NOT_ATTEND", "BookReferral", "BOOKED"},
          {v1::SIDE_RECEIVED, "DID_NOT_ATTEND", "RecordSeen", "SEEN"},
          {v1::SIDE_RECEIVED, "DID_NOT_ATTEND", "DeclineReferral", "DECLINED"},
          {v1::SIDE_RECEIVED, "DID_NOT_ATTEND", "update.cancelled", "CANCELLED"},

          {v1::SIDE_RECEIVED, "SEEN", "BookReferral", "BOOKED"},
          {v1::SIDE_RECEIVED, "SEEN", "RecordOutcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_RECEIVED, "OUTCOME_RECEIVED", "RecordOutcome", "OUTCOME_RECEIVED"},
          {v1::SIDE_RECEIVED, "OUTCOME_RECEIVED", "BookReferral", "BOOKED"},
          {v1::SIDE_RECEIVED, "OUTCOME_RECEIVED", "update.completed", "COMPLETED"},
          {v1::SIDE_RECEIVED, "COMPLETED", "RecordOutcome", "OUTCOME_RECEIVED"},

          {v1::SIDE_UNMATCHED, "RECEIVED", "MatchAnswer", "COMPLETED"},
      };
  return *rows;
}

std::string Short(v1::ReferralState state) {
  return v1::ReferralState_Name(state).substr(sizeof("REFERRAL_STATE_") - 1);
}

TEST(Moves, EveryStateAllowsTheActsOfTheDesignAndRefusesEveryOther) {
  std::set<std::string> acts = {"answer", "update", ""};
  for (const Move& move : Moves()) acts.insert(move.act);
  int allowed = 0;
  int refused = 0;
  for (int side = v1::SIDE_SENT; side <= v1::Side_MAX; ++side) {
    for (int from = v1::REFERRAL_STATE_DRAFT; from <= v1::ReferralState_MAX; ++from) {
      const auto state = static_cast<v1::ReferralState>(from);
      for (const std::string& act : acts) {
        SCOPED_TRACE(
            absl::StrCat(v1::Side_Name(static_cast<v1::Side>(side)), " ", Short(state), " ", act));
        const auto next = StateAfter(static_cast<v1::Side>(side), state, act);
        const bool expected = [&] {
          for (const auto& [at, in, what, to] : Expected()) {
            if (at == side && in == Short(state) && what == act) {
              EXPECT_THAT(next, IsOk());
              EXPECT_EQ(next.ok() ? Short(*next) : "refused", to);
              return true;
            }
          }
          return false;
        }();
        if (expected) {
          ++allowed;
        } else {
          EXPECT_THAT(next, StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_MOVE"));
          ++refused;
        }
      }
    }
  }
  EXPECT_EQ(allowed, static_cast<int>(Expected().size()));
  EXPECT_EQ(static_cast<size_t>(allowed), Moves().size());
  EXPECT_GT(refused, 900);
}

TEST(Moves, ARefusalNamesWhatMayBeDone) {
  const absl::Status refused =
      StateAfter(v1::SIDE_RECEIVED, v1::REFERRAL_STATE_ACCEPTED, "AcceptReferral").status();
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("BookReferral,RecordSeen,RecordOutcome,RedirectReferral"));
}

TEST(Moves, APersonIsOfferedActsAndNoMessages) {
  EXPECT_THAT(MayDo(v1::SIDE_SENT, v1::REFERRAL_STATE_RECEIVED),
              ElementsAre("ResendReferral", "CancelReferral"));
  EXPECT_THAT(MayDo(v1::SIDE_RECEIVED, v1::REFERRAL_STATE_CANCELLED), IsEmpty());
}

TEST(Moves, OfferToRecordWhatOnlyAProviderOutsideTheSuiteSays) {
  v1::ReferralCase record;
  record.set_side(v1::SIDE_SENT);
  record.set_state(v1::REFERRAL_STATE_SENT);
  record.mutable_provider()->set_carrier(v1::CARRIER_WAYMARK);
  EXPECT_THAT(MayDo(record), ElementsAre("ResendReferral", "CancelReferral"));
  record.mutable_provider()->set_carrier(v1::CARRIER_LETTER);
  EXPECT_THAT(MayDo(record),
              ElementsAre("RecordPartnerAnswer", "ResendReferral", "CancelReferral"));
  record.set_state(v1::REFERRAL_STATE_DECLINED);
  EXPECT_THAT(MayDo(record), ElementsAre("ReferAgain", "CancelReferral"));
}

TEST(Moves, EveryAnswerAndUpdateHasAName) {
  const std::string answers = "answer.";
  for (int i = 0; i < v1::Answer::descriptor()->oneof_decl(0)->field_count(); ++i) {
    const auto* field = v1::Answer::descriptor()->oneof_decl(0)->field(i);
    v1::Answer answer;
    answer.GetReflection()->MutableMessage(&answer, field);
    EXPECT_EQ(NameOf(answer), answers + field->name());
  }
  for (int i = 0; i < v1::Update::descriptor()->oneof_decl(0)->field_count(); ++i) {
    const auto* field = v1::Update::descriptor()->oneof_decl(0)->field(i);
    v1::Update update;
    update.GetReflection()->MutableMessage(&update, field);
    EXPECT_EQ(NameOf(update), "update." + field->name());
  }
}

}  // namespace
}  // namespace waymark::referral
