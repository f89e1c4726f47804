#include "services/referral/record_receipt.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/lifecycle.h"

namespace waymark::referral {
namespace {

constexpr int kMostReceipts = 200;

// The case that the care was for did not take its outcome: a person must, with a deadline, here,
// where the outcome is.
ReferralChange WithTask(const v1::Receipt& receipt, casework::Change<v1::ReferralCase> change) {
  v1::ReferralCase& after = change.cases.front();
  if (after.header().state() == casework::v1::CASE_STATE_CLOSED) {
    RETURN_IF_ERROR(
        casework::ReopenCase("The case of care refused the outcome.", *after.mutable_header()));
  }
  v1::Unfitting& kept = *after.add_unfitting();
  kept.set_key(absl::StrCat(after.unfitting_size()));
  *kept.mutable_received_time() = receipt.time();
  kept.set_reason("OUTCOME_REFUSED");
  return change;
}

}  // namespace

void AddReceipt(const v1::Receipt& receipt, v1::ReferralCase& record) {
  const auto same = [&receipt](const v1::Receipt& known) {
    return known.message_id() == receipt.message_id() && known.what() == receipt.what() &&
           known.handover() == receipt.handover() && known.resend() == receipt.resend();
  };
  if (record.receipts_size() >= kMostReceipts ||
      std::any_of(record.receipts().begin(), record.receipts().end(), same)) {
    return;
  }
  *record.add_receipts() = receipt;
}

ReferralChange RecordReceipt(const v1::ReferralCase& before,
                             const v1::RecordReceiptRequest& request, const casework::Call& call) {
  casework::Fields fields(call.now);
  fields.Choice("receipt.handover", request.receipt().handover(), v1::Handover_IsValid);
  fields.Choice("receipt.carrier", request.receipt().carrier(), v1::Carrier_IsValid);
  fields.RequiredText("receipt.what", request.receipt().what(), 40);
  RETURN_IF_ERROR(fields.ToStatus());
  casework::Change<v1::ReferralCase> change = casework::ChangeOf(before);
  v1::Receipt receipt = request.receipt();
  if (!receipt.has_time()) *receipt.mutable_time() = casework::ToTimestamp(call.now);
  v1::ReferralCase& after = change.cases.front();
  AddReceipt(receipt, after);
  if (receipt.what() == kOutcomeReceipt && receipt.handover() == v1::HANDOVER_REFUSED) {
    return WithTask(receipt, std::move(change));
  }
  return change;
}

}  // namespace waymark::referral
