#include "services/referral/receive_update.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/lifecycle.h"
#include "services/referral/moves.h"

namespace waymark::referral {
namespace {

// The question that is answered; null when nobody asked it or it has its answer.
v1::Question* OpenQuestion(const std::string& question_id, v1::ReferralCase& record) {
  for (v1::Question& question : *record.mutable_questions()) {
    if (question.question_id() == question_id && question.answer().empty()) return &question;
  }
  return nullptr;
}

void Apply(const v1::Update& update, const casework::Call& call, v1::ReferralCase& record) {
  const std::string name = NameOf(update);
  std::string reason;
  if (!StateAfter(record.side(), record.state(), name).ok()) reason = "ILLEGAL_MOVE";
  v1::Question* question = nullptr;
  if (update.has_answered()) {
    question = OpenQuestion(update.answered().question_id(), record);
    if (question == nullptr) reason = "QUESTION_NOT_FOUND";
  }
  if (!reason.empty()) {
    v1::Unfitting& kept = *record.add_unfitting();
    kept.set_key(absl::StrCat(record.unfitting_size()));
    *kept.mutable_received_time() = casework::ToTimestamp(call.now);
    *kept.mutable_update() = update;
    kept.set_reason(reason);
    return;
  }
  if (question != nullptr) *question = update.answered();
  if (update.has_cancelled()) *record.mutable_cancelled() = update.cancelled();
  const absl::Time time = std::min(casework::FromTimestamp(update.updated_time()), call.now);
  // Cannot fail: the move was looked up above.
  Enter(name, time, call, record).IgnoreError();
}

}  // namespace

ReferralChange ReceiveUpdate(const v1::ReferralCase& before,
                             const v1::ReceiveUpdateRequest& request, const casework::Call& call) {
  const v1::Update& update = request.update();
  if (before.side() != v1::SIDE_RECEIVED || update.kind_case() == v1::Update::KIND_NOT_SET) {
    return status::FailedPrecondition("NOT_AN_UPDATE", "This is no update of a referral received.");
  }
  const auto known = [&](const v1::Waiting& waiting) {
    return waiting.update().number() == update.number();
  };
  if (update.number() <= before.last_number_received() ||
      std::any_of(before.waiting().begin(), before.waiting().end(), known)) {
    return status::AlreadyExists("MESSAGE_KNOWN", "This update came before.");
  }
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::ReferralCase& after = change.cases.front();
  if (after.header().state() == casework::v1::CASE_STATE_CLOSED) {
    RETURN_IF_ERROR(casework::ReopenCase("The referrer sent something.", *after.mutable_header()));
  }
  v1::Waiting& waiting = *after.add_waiting();
  *waiting.mutable_received_time() = casework::ToTimestamp(call.now);
  *waiting.mutable_update() = update;
  for (bool found = true; found;) {
    found = false;
    for (int i = 0; i < after.waiting_size() && !found; ++i) {
      if (after.waiting(i).update().number() != after.last_number_received() + 1) continue;
      const v1::Update next = after.waiting(i).update();
      after.mutable_waiting()->DeleteSubrange(i, 1);
      after.set_last_number_received(next.number());
      Apply(next, call, after);
      found = true;
    }
  }
  return change;
}

}  // namespace waymark::referral
