#include "services/referral/moves.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"

namespace waymark::referral {
namespace {

constexpr v1::ReferralState kDraft = v1::REFERRAL_STATE_DRAFT;
constexpr v1::ReferralState kSent = v1::REFERRAL_STATE_SENT;
constexpr v1::ReferralState kReceived = v1::REFERRAL_STATE_RECEIVED;
constexpr v1::ReferralState kAsked = v1::REFERRAL_STATE_INFORMATION_ASKED;
constexpr v1::ReferralState kAccepted = v1::REFERRAL_STATE_ACCEPTED;
constexpr v1::ReferralState kRedirected = v1::REFERRAL_STATE_REDIRECTED;
constexpr v1::ReferralState kDeclined = v1::REFERRAL_STATE_DECLINED;
constexpr v1::ReferralState kCancelled = v1::REFERRAL_STATE_CANCELLED;
constexpr v1::ReferralState kBooked = v1::REFERRAL_STATE_BOOKED;
constexpr v1::ReferralState kMissed = v1::REFERRAL_STATE_DID_NOT_ATTEND;
constexpr v1::ReferralState kSeen = v1::REFERRAL_STATE_SEEN;
constexpr v1::ReferralState kOutcome = v1::REFERRAL_STATE_OUTCOME_RECEIVED;
constexpr v1::ReferralState kCompleted = v1::REFERRAL_STATE_COMPLETED;

// The rows of one state: the act and where it leads.
struct To {
  const char* act;
  v1::ReferralState state;
};
struct Row {
  v1::ReferralState from;
  std::vector<To> to;
};

// The referrer's side. A partner may leave states out (somebody is seen who was never booked), so
// an answer may lead forward over several; none leads back except a further appointment and a
// further result.
const std::vector<Row>& SentRows() {
  static const auto* const rows = new std::vector<Row>{
      {kDraft, {{"SendReferral", kSent}, {"CancelReferral", kCancelled}}},
      {kSent,
       {{"ResendReferral", kSent},
        {"CancelReferral", kCancelled},
        {"answer.received", kReceived},
        {"answer.asked", kAsked},
        {"answer.accepted", kAccepted},
        {"answer.declined", kDeclined},
        {"answer.redirected", kRedirected},
        {"answer.booked", kBooked},
        {"answer.seen", kSeen},
        {"answer.outcome", kOutcome}}},
      {kReceived,
       {{"ResendReferral", kReceived},
        {"CancelReferral", kCancelled},
        {"answer.received", kReceived},
        {"answer.asked", kAsked},
        {"answer.accepted", kAccepted},
        {"answer.declined", kDeclined},
        {"answer.redirected", kRedirected},
        {"answer.booked", kBooked},
        {"answer.seen", kSeen},
        {"answer.outcome", kOutcome}}},
      {kAsked,
       {{"AnswerQuestion", kReceived},
        {"CancelReferral", kCancelled},
        {"answer.asked", kAsked},
        {"answer.accepted", kAccepted},
        {"answer.declined", kDeclined},
        {"answer.redirected", kRedirected},
        {"answer.booked", kBooked},
        {"answer.seen", kSeen},
        {"answer.outcome", kOutcome}}},
      {kAccepted,
       {{"CancelReferral", kCancelled},
        {"answer.redirected", kRedirected},
        {"answer.booked", kBooked},
        {"answer.seen", kSeen},
        {"answer.outcome", kOutcome}}},
      {kRedirected, {{"ReferAgain", kRedirected}, {"CancelReferral", kCancelled}}},
      {kDeclined, {{"ReferAgain", kDeclined}, {"CancelReferral", kCancelled}}},
      {kCancelled, {{"ReferAgain", kCancelled}}},
      {kBooked,
       {{"CancelReferral", kCancelled},
        {"answer.booked", kBooked},
        {"answer.booking_cancelled", kAccepted},
        {"answer.not_attended", kMissed},
        {"answer.seen", kSeen},
        {"answer.outcome", kOutcome}}},
      {kMissed,
       {{"CancelReferral", kCancelled},
        {"ReferAgain", kMissed},
        {"answer.booked", kBooked},
        {"answer.seen", kSeen},
        {"answer.declined", kDeclined},
        {"answer.outcome", kOutcome}}},
      {kSeen, {{"answer.booked", kBooked}, {"answer.outcome", kOutcome}}},
      {kOutcome,
       {{"CompleteReferral", kCompleted},
        {"answer.booked", kBooked},
        {"answer.outcome", kOutcome}}},
      // A corrected result comes when it comes: it is read again.
      {kCompleted, {{"answer.outcome", kOutcome}}},
  };
  return *rows;
}

// The provider's side.
const std::vector<Row>& ReceivedRows() {
  static const auto* const rows = new std::vector<Row>{
      {kReceived,
       {{"AcceptReferral", kAccepted},
        {"DeclineReferral", kDeclined},
        {"RedirectReferral", kRedirected},
        {"AskForInformation", kAsked},
        {"update.cancelled", kCancelled}}},
      {kAsked,
       {{"AcceptReferral", kAccepted},
        {"DeclineReferral", kDeclined},
        {"RedirectReferral", kRedirected},
        {"AskForInformation", kAsked},
        {"update.answered", kReceived},
        {"update.cancelled", kCancelled}}},
      {kAccepted,
       {{"BookReferral", kBooked},
        {"RecordSeen", kSeen},
        {"RecordOutcome", kOutcome},
        {"RedirectReferral", kRedirected},
        {"update.cancelled", kCancelled}}},
      {kBooked,
       {{"BookReferral", kBooked},
        {"CancelBooking", kAccepted},
        {"RecordNotAttended", kMissed},
        {"RecordSeen", kSeen},
        {"RecordOutcome", kOutcome},
        {"update.cancelled", kCancelled}}},
      {kMissed,
       {{"BookReferral", kBooked},
        {"RecordSeen", kSeen},
        {"DeclineReferral", kDeclined},
        {"update.cancelled", kCancelled}}},
      {kSeen, {{"BookReferral", kBooked}, {"RecordOutcome", kOutcome}}},
      {kOutcome,
       {{"RecordOutcome", kOutcome}, {"BookReferral", kBooked}, {"update.completed", kCompleted}}},
      {kCompleted, {{"RecordOutcome", kOutcome}}},
  };
  return *rows;
}

// An answer that belongs to no referral yet.
const std::vector<Row>& UnmatchedRows() {
  static const auto* const rows = new std::vector<Row>{
      {kReceived, {{"MatchAnswer", kCompleted}}},
  };
  return *rows;
}

}  // namespace

const std::vector<Move>& Moves() {
  static const auto* const moves = [] {
    auto* all = new std::vector<Move>();
    const auto add = [all](v1::Side side, const std::vector<Row>& rows) {
      for (const Row& row : rows) {
        for (const To& to : row.to) all->push_back({side, row.from, to.act, to.state});
      }
    };
    add(v1::SIDE_SENT, SentRows());
    add(v1::SIDE_RECEIVED, ReceivedRows());
    add(v1::SIDE_UNMATCHED, UnmatchedRows());
    return all;
  }();
  return *moves;
}

absl::StatusOr<v1::ReferralState> StateAfter(v1::Side side, v1::ReferralState from,
                                             absl::string_view act) {
  for (const Move& move : Moves()) {
    if (move.side == side && move.from == from && move.act == act) return move.to;
  }
  const std::string may = absl::StrJoin(MayDo(side, from), ",");
  return status::WithMetadata(
      status::FailedPrecondition(
          "ILLEGAL_MOVE",
          may.empty()
              ? "Nothing more can be done with this referral on this side."
              : absl::StrCat("The referral's state does not allow that. It allows: ", may, ".")),
      "may", may);
}

std::vector<std::string> MayDo(v1::Side side, v1::ReferralState state) {
  std::vector<std::string> may;
  for (const Move& move : Moves()) {
    if (move.side == side && move.from == state && !absl::StrContains(move.act, '.')) {
      may.push_back(move.act);
    }
  }
  return may;
}

std::vector<std::string> MayDo(const v1::ReferralCase& record) {
  std::vector<std::string> may = MayDo(record.side(), record.state());
  const bool outside = record.side() == v1::SIDE_SENT &&
                       record.provider().carrier() != v1::CARRIER_UNSPECIFIED &&
                       record.provider().carrier() != v1::CARRIER_WAYMARK;
  const auto is_answer = [&record](const Move& move) {
    return move.side == v1::SIDE_SENT && move.from == record.state() &&
           absl::StartsWith(move.act, "answer.");
  };
  if (outside && std::any_of(Moves().begin(), Moves().end(), is_answer)) {
    may.insert(may.begin(), "RecordPartnerAnswer");
  }
  return may;
}

std::string NameOf(const v1::Answer& answer) {
  switch (answer.kind_case()) {
    case v1::Answer::kReceived:
      return "answer.received";
    case v1::Answer::kAsked:
      return "answer.asked";
    case v1::Answer::kAccepted:
      return "answer.accepted";
    case v1::Answer::kDeclined:
      return "answer.declined";
    case v1::Answer::kRedirected:
      return "answer.redirected";
    case v1::Answer::kBooked:
      return "answer.booked";
    case v1::Answer::kNotAttended:
      return "answer.not_attended";
    case v1::Answer::kBookingCancelled:
      return "answer.booking_cancelled";
    case v1::Answer::kSeen:
      return "answer.seen";
    case v1::Answer::kOutcome:
      return "answer.outcome";
    default:
      return "answer";
  }
}

std::string NameOf(const v1::Update& update) {
  switch (update.kind_case()) {
    case v1::Update::kAnswered:
      return "update.answered";
    case v1::Update::kCancelled:
      return "update.cancelled";
    case v1::Update::kCompleted:
      return "update.completed";
    default:
      return "update";
  }
}

}  // namespace waymark::referral
