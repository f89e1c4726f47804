#include "services/referral/record_receipt.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

constexpr int kMostReceipts = 200;

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
  AddReceipt(receipt, change.cases.front());
  return change;
}

}  // namespace waymark::referral
