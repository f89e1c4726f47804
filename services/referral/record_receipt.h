// The one place where a receipt is put on a case: who took a message, by what carrier, when, under
// what id; or why not.
#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_RECEIPT_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_RECEIPT_H_

#include "services/referral/record.h"

namespace waymark::referral {

// Adds the receipt; one that the case has already changes nothing. A case keeps its first 200.
void AddReceipt(const v1::Receipt& receipt, v1::ReferralCase& record);

// What a carrier says became of a message. Changes no state: that somebody's computer took it does
// not say that the provider received it. An outcome that the case of care refused is a task for a
// person.
ReferralChange RecordReceipt(const v1::ReferralCase& before,
                             const v1::RecordReceiptRequest& request, const casework::Call& call);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_RECEIPT_H_
