// The acts that need more than the case: what other services give, and where an answer belongs. The
// reading is done before the act's transaction begins, and the act itself is a pure function.
#ifndef WAYMARK_SERVICES_REFERRAL_REFERRAL_CASES_H_
#define WAYMARK_SERVICES_REFERRAL_REFERRAL_CASES_H_

#include "absl/status/status.h"
#include "common/rpc/call.h"
#include "services/casework/cases.h"
#include "services/referral/carriers/partners.h"
#include "services/referral/clients/sources.h"
#include "services/referral/directory/directory.h"
#include "services/referral/store/matches.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral {

// Thread-safe. What it is given outlives it.
class ReferralCases {
 public:
  ReferralCases(casework::Cases<v1::ReferralCase>& cases, const Sources& sources,
                const Matches& matches, Directory& directory, const Partners* partners)
      : cases_(cases),
        sources_(sources),
        matches_(matches),
        directory_(directory),
        partners_(partners) {}

  // Both: PARTNER_UNKNOWN when nothing can carry a referral to a provider outside the suite, before
  // anything is read.
  absl::Status DraftReferral(const rpc::Call& call, const v1::DraftReferralRequest& request,
                             v1::DraftReferralResponse* response);
  absl::Status PreviewReferral(const rpc::Call& call, const v1::PreviewReferralRequest& request,
                               v1::PreviewReferralResponse* response);
  absl::Status SendReferral(const rpc::Call& call, const v1::SendReferralRequest& request,
                            v1::SendReferralResponse* response);
  // PARTNER_UNKNOWN as when drafting.
  absl::Status ReferAgain(const rpc::Call& call, const v1::ReferAgainRequest& request,
                          v1::ReferAgainResponse* response);
  // With a slot of the directory: takes it first, and lets it go again when the act is refused.
  // Reasons of Directory::Book besides those of the act.
  absl::Status BookReferral(const rpc::Call& call, const v1::BookReferralRequest& request,
                            v1::BookReferralResponse* response);
  // Frees the slot of the directory once the act has committed.
  absl::Status CancelBooking(const rpc::Call& call, const v1::CancelBookingRequest& request,
                             v1::CancelBookingResponse* response);
  absl::Status RecordPartnerAnswer(const rpc::Call& call,
                                   const v1::RecordPartnerAnswerRequest& request,
                                   v1::RecordPartnerAnswerResponse* response);
  absl::Status RecordReceipt(const rpc::Call& call, const v1::RecordReceiptRequest& request,
                             v1::RecordReceiptResponse* response);
  // INVALID_FIELDS when the referral is none that this organisation sent.
  absl::Status MatchAnswer(const rpc::Call& call, const v1::MatchAnswerRequest& request,
                           v1::MatchAnswerResponse* response);
  absl::Status ReceiveAnswer(const rpc::Call& call, const v1::ReceiveAnswerRequest& request,
                             v1::ReceiveAnswerResponse* response);
  absl::Status ReceiveUpdate(const rpc::Call& call, const v1::ReceiveUpdateRequest& request,
                             v1::ReceiveUpdateResponse* response);

 private:
  absl::Status CheckCarrier(const v1::Provider& provider) const;
  absl::StatusOr<Material> Read(const rpc::Call& call, const v1::Draft& draft) const;

  casework::Cases<v1::ReferralCase>& cases_;
  const Sources& sources_;
  const Matches& matches_;
  Directory& directory_;
  // Null: there are no providers outside the suite.
  const Partners* const partners_;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_REFERRAL_CASES_H_
