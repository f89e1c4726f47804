// How a pathway records what came of a referral: each thing by the act that a nurse would use. What
// an act refuses, or no act is for, becomes a step for a person (unrecorded.h).
//
//   casework::Outcome<v1::BbvCase> outcome(before, call);
//   outcome.Record(casework::NameOf(treatment), &RecordPep, pep);
//   outcome.Leave(casework::NameOf(treatment), casework::kNoAct);
//   return std::move(outcome).Taken();
#ifndef WAYMARK_SERVICES_CASEWORK_OUTCOME_H_
#define WAYMARK_SERVICES_CASEWORK_OUTCOME_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status/status.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/instants.h"
#include "services/casework/lifecycle.h"
#include "services/casework/local_time.h"
#include "services/casework/unrecorded.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::casework {

// Why something is left to a person: the pathway has no act for it.
inline constexpr absl::string_view kNoAct = "NO_ACT";

// "SURGERY".
inline std::string NameOf(const referral::v1::Treatment& treatment) {
  return referral::v1::TreatmentKind_Name(treatment.kind()).substr(sizeof("TREATMENT_KIND_") - 1);
}

// An instant as a nurse would have typed it.
inline v1::LocalTime LocalOf(const google::protobuf::Timestamp& time) {
  return LondonLocalTime(FromTimestamp(time));
}

template <typename Case>
class Outcome {
 public:
  Outcome(const Case& before, const Call& call) : record_(before), call_(call) {}

  // The case with what was recorded so far.
  const Case& record() const { return record_; }

  // Does the act, under ids of its own. `what` names the thing by its code.
  template <typename Request>
  void Record(absl::string_view what,
              absl::StatusOr<Change<Case>> (*act)(const Case&, const Request&, const Call&),
              const Request& request) {
    Call own = call_;
    own.request_id = call_.NewId(absl::StrCat("outcome/", ++number_));
    absl::StatusOr<Change<Case>> change = act(record_, request, own);
    if (!change.ok()) {
      Leave(what, status::Reason(change.status()));
      return;
    }
    record_ = std::move(change->cases.front());
    for (Outgoing& message : change->messages) messages_.push_back(std::move(message));
  }

  // Leaves the thing to a person.
  void Leave(absl::string_view what, absl::string_view reason) {
    unrecorded_.push_back(absl::StrCat(what, " ", reason));
  }

  // The same with results, where the pathway records none.
  void LeaveResults(const referral::v1::Outcome& came) {
    if (!came.results().empty()) Leave("RESULT", kNoAct);
  }

  // The case as it is then: open, whatever it was, since somebody must act on what came.
  absl::StatusOr<Change<Case>> Taken() && {
    v1::CaseHeader& header = *record_.mutable_header();
    if (header.state() == v1::CASE_STATE_CLOSED) {
      RETURN_IF_ERROR(ReopenCase("The outcome of a referral came.", header));
    }
    KeepUnrecorded(unrecorded_, call_, header);
    Change<Case> change = ChangeOf(std::move(record_));
    change.messages = std::move(messages_);
    return change;
  }

 private:
  Case record_;
  const Call& call_;
  int number_ = 0;
  std::vector<std::string> unrecorded_;
  std::vector<Outgoing> messages_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_OUTCOME_H_
