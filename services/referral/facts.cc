#include "services/referral/facts.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"
#include "services/referral/record.h"

namespace waymark::referral {
namespace {

using casework::EndDone;
using casework::Facts;
using casework::FromTimestamp;
using casework::SetBool;

constexpr char kMessage[] = "message";

constexpr v1::ReferralState kReceived = v1::REFERRAL_STATE_RECEIVED;
constexpr v1::ReferralState kAsked = v1::REFERRAL_STATE_INFORMATION_ASKED;
constexpr v1::ReferralState kAccepted = v1::REFERRAL_STATE_ACCEPTED;
constexpr v1::ReferralState kRedirected = v1::REFERRAL_STATE_REDIRECTED;
constexpr v1::ReferralState kDeclined = v1::REFERRAL_STATE_DECLINED;
constexpr v1::ReferralState kBooked = v1::REFERRAL_STATE_BOOKED;
constexpr v1::ReferralState kMissed = v1::REFERRAL_STATE_DID_NOT_ATTEND;
constexpr v1::ReferralState kSeen = v1::REFERRAL_STATE_SEEN;
constexpr v1::ReferralState kOutcome = v1::REFERRAL_STATE_OUTCOME_RECEIVED;
constexpr v1::ReferralState kCompleted = v1::REFERRAL_STATE_COMPLETED;

std::string StateName(v1::ReferralState state) {
  return absl::AsciiStrToLower(v1::ReferralState_Name(state).substr(sizeof("REFERRAL_STATE_") - 1));
}

std::string BandOf(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_STAT:
    case v1::PRIORITY_ASAP:
      return "now";
    case v1::PRIORITY_URGENT:
      return "urgent";
    default:
      return "routine";
  }
}

// When the first of these was entered.
std::optional<absl::Time> FirstOf(const v1::ReferralCase& record,
                                  std::initializer_list<v1::ReferralState> states) {
  std::optional<absl::Time> first;
  for (const v1::ReferralState state : states) {
    const std::optional<absl::Time> time = FirstTime(record, state);
    if (time && (!first || *time < *first)) first = time;
  }
  return first;
}

// When the appointment was made that the patient is to have, or had. One that was called off was
// none: another is due by the same clock.
std::optional<absl::Time> BookedTime(const v1::ReferralCase& record) {
  if (record.state() == kAccepted) return std::nullopt;
  const bool called_off =
      std::any_of(record.bookings().begin(), record.bookings().end(),
                  [](const v1::Booking& booking) { return booking.called_off(); });
  if (!called_off) return FirstOf(record, {kBooked, kSeen, kOutcome});
  const std::optional<absl::Time> booked = LastTime(record, kBooked);
  return record.bookings().rbegin()->called_off() ? FirstOf(record, {kSeen, kOutcome}) : booked;
}

// The three bands of a step have its name and their own: one of them is planned.
void EndBand(Facts& facts, const std::string& step, std::optional<absl::Time> time) {
  if (!time) return;
  EndDone(facts, absl::StrCat(step, "_", facts.values.at("band")), *time, "");
}

void SetPoint(Facts& facts, const std::string& name, std::optional<absl::Time> time) {
  if (time) facts.points[name] = *time;
}

void ReadNeed(const v1::ReferralCase& record, Facts& facts) {
  const v1::Need& need = record.content().need();
  if (need.has_due_time()) facts.points["need_due"] = FromTimestamp(need.due_time());
  if (need.has_closes_time()) facts.points["need_closes"] = FromTimestamp(need.closes_time());
  const bool cared_for =
      record.state() == kSeen || record.state() == kOutcome || record.state() == kCompleted;
  const bool ours =
      record.side() == v1::SIDE_SENT
          ? record.state() != v1::REFERRAL_STATE_CANCELLED && record.followed_by().empty()
          : record.state() == kReceived || record.state() == kAsked ||
                record.state() == kAccepted || record.state() == kBooked ||
                record.state() == kMissed;
  SetBool(facts, "need_open", ours && !cared_for && record.side() != v1::SIDE_UNMATCHED);
  if (const auto care = FirstOf(record, {kSeen, kOutcome})) {
    const bool sent = record.side() == v1::SIDE_SENT;
    EndDone(facts, sent ? "care_due" : "care_by", *care, "");
    EndDone(facts, sent ? "hard_stop" : "window_shuts", *care, "");
  }
}

void ReadMessages(const v1::ReferralCase& record, Facts& facts) {
  SetBool(facts, "waiting", !record.waiting().empty());
  if (!record.waiting().empty()) {
    facts.points["waiting"] = FromTimestamp(record.waiting(0).received_time());
  }
  if (record.side() == v1::SIDE_UNMATCHED) {
    if (!record.unfitting().empty()) {
      facts.points["message"] = FromTimestamp(record.unfitting(0).received_time());
    }
    return;
  }
  for (const v1::Unfitting& message : record.unfitting()) {
    facts.items[kMessage][message.key()].points["message"] = FromTimestamp(message.received_time());
    if (message.has_settled_time()) {
      EndDone(
          facts,
          casework::StepKeyOf(record.side() == v1::SIDE_SENT ? "settle_message" : "settle_update",
                              message.key()),
          FromTimestamp(message.settled_time()), "");
    }
  }
}

void ReadSent(const v1::ReferralCase& record, Facts& facts) {
  EndBand(facts, "send", FirstTime(record, v1::REFERRAL_STATE_SENT));
  EndBand(facts, "receipt",
          FirstOf(record, {kReceived, kAsked, kAccepted, kDeclined, kRedirected, kBooked, kSeen,
                           kOutcome}));
  if (record.state() != kReceived && record.state() != kAsked) {
    EndBand(facts, "decision",
            FirstOf(record, {kAccepted, kDeclined, kRedirected, kBooked, kSeen, kOutcome}));
  }
  if (record.state() != kAsked && !record.questions().empty() &&
      record.questions().rbegin()->has_answered_time()) {
    EndBand(facts, "answer", FromTimestamp(record.questions().rbegin()->answered_time()));
  }
  EndBand(facts, "appointment", BookedTime(record));
  EndBand(facts, "outcome", FirstTime(record, kOutcome));
  if (record.state() == kCompleted) EndBand(facts, "complete", LastTime(record, kCompleted));
  if (record.has_followed_time()) {
    EndBand(facts, "find_another", FromTimestamp(record.followed_time()));
  }
}

void ReadReceived(const v1::ReferralCase& record, Facts& facts) {
  if (record.state() != kReceived && record.state() != kAsked) {
    EndBand(facts, "decide", FirstOf(record, {kAccepted, kDeclined, kRedirected}));
  }
  EndBand(facts, "book", BookedTime(record));
  EndBand(facts, "report", FirstTime(record, kOutcome));
}

void ReadBoth(const v1::ReferralCase& record, Facts& facts) {
  if (record.state() == kSeen || record.state() == kOutcome || record.state() == kCompleted) {
    if (const auto seen = LastTime(record, kSeen)) EndDone(facts, "attend", *seen, "");
  }
  const std::optional<absl::Time> missed = LastTime(record, kMissed);
  if (!missed || record.state() == kMissed) return;
  for (const v1::Milestone& milestone : record.milestones()) {
    const absl::Time time = FromTimestamp(milestone.time());
    if (time < *missed || milestone.state() == kMissed) continue;
    if (milestone.state() == kBooked || milestone.state() == kSeen) {
      EndBand(facts, record.side() == v1::SIDE_SENT ? "rebook" : "book_again", time);
    }
  }
}

}  // namespace

const casework::KnownFacts& KnownFacts() {
  static const auto* const known = [] {
    auto* facts = new casework::KnownFacts();
    casework::KnowHeader(*facts);
    casework::KnowBooleans({"need_open", "followed", "waiting"}, *facts);
    facts->values["side"] = {"sent", "received", "unmatched"};
    facts->values["band"] = {"now", "urgent", "routine"};
    for (int state = v1::REFERRAL_STATE_DRAFT; state <= v1::ReferralState_MAX; ++state) {
      facts->values["state"].insert(StateName(static_cast<v1::ReferralState>(state)));
    }
    facts->points = {"drafted",  "sent",        "received", "asked",  "accepted",
                     "refused",  "appointment", "missed",   "seen",   "outcome",
                     "need_due", "need_closes", "message",  "waiting"};
    facts->items = {kMessage};
    return facts;
  }();
  return *known;
}

casework::Facts FactsOf(const v1::ReferralCase& record,
                        const casework::v1::Protocol& /*protocol*/) {
  Facts facts;
  casework::ReadHeader(record.header(), facts);
  facts.values["side"] = record.side() == v1::SIDE_SENT       ? "sent"
                         : record.side() == v1::SIDE_RECEIVED ? "received"
                                                              : "unmatched";
  facts.values["state"] = StateName(record.state());
  facts.values["band"] = BandOf(record.content().need().priority());
  SetBool(facts, "followed", !record.followed_by().empty());
  SetPoint(facts, "drafted", FirstTime(record, v1::REFERRAL_STATE_DRAFT));
  SetPoint(facts, "sent", FirstTime(record, v1::REFERRAL_STATE_SENT));
  SetPoint(facts, "received", LastTime(record, kReceived));
  SetPoint(facts, "asked", LastTime(record, kAsked));
  SetPoint(facts, "accepted", FirstTime(record, kAccepted));
  const std::optional<absl::Time> declined = LastTime(record, kDeclined);
  SetPoint(facts, "refused", declined ? declined : LastTime(record, kRedirected));
  if (!record.bookings().empty() && !record.bookings().rbegin()->called_off()) {
    facts.points["appointment"] = FromTimestamp(record.bookings().rbegin()->start_time());
  }
  SetPoint(facts, "missed", LastTime(record, kMissed));
  SetPoint(facts, "seen", LastTime(record, kSeen));
  SetPoint(facts, "outcome", LastTime(record, kOutcome));
  ReadNeed(record, facts);
  ReadMessages(record, facts);
  if (record.side() == v1::SIDE_SENT) ReadSent(record, facts);
  if (record.side() == v1::SIDE_RECEIVED) ReadReceived(record, facts);
  if (record.side() != v1::SIDE_UNMATCHED) ReadBoth(record, facts);
  // Matched, or looked into and settled with a note.
  if (record.side() == v1::SIDE_UNMATCHED && !record.unfitting().empty() &&
      record.unfitting(0).has_settled_time()) {
    EndDone(facts, "match_answer", FromTimestamp(record.unfitting(0).settled_time()), "");
  }
  return facts;
}

}  // namespace waymark::referral
