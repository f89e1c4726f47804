#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_OPENING_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_OPENING_H_

#include <string>
#include <vector>

#include "services/mental_health/record.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"

namespace waymark::mental_health {

// What every opening has: id, jurisdiction, care owner, and the person. Empty `subject_id`:
// somebody outside the workforce.
v1::MentalHealthCase OpenFor(const std::string& case_id, casework::v1::Jurisdiction jurisdiction,
                             const std::string& subject_id, v1::Origin origin,
                             const casework::Call& call);

// NOT_A_UUID.
void CheckSubject(absl::string_view field, casework::Fields& fields, const std::string& subject_id);

// The referral's fields; its time is now when it is left out. `by_officer`: their agreement goes
// without saying.
void CheckReferral(casework::Fields& fields, bool by_officer, v1::Referral& referral);

// Opens one referred case: forms are scored, and what makes somebody afraid raises a flag.
MentalHealthChange OpenReferred(v1::MentalHealthCase opened, const v1::Referral& referral,
                                const v1::AnswerSheets& answers, const casework::Call& call);

// What a reporter may know: that it is in hand, until when, and whom to call now.
v1::CaseReceipt ReceiptOf(const v1::MentalHealthCase& opened);
template <typename Request, typename Response>
void FillReceipts(const std::vector<v1::MentalHealthCase>& opened, const Request& /*request*/,
                  Response& response) {
  for (const v1::MentalHealthCase& one : opened) *response.add_receipts() = ReceiptOf(one);
}

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_OPENING_H_
