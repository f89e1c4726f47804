// The rooms of WorkforceService: what each method does once the corridor has let the call through.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_PEOPLE_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_PEOPLE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/crypto/pseudonymiser.h"
#include "common/rpc/call.h"
#include "services/workforce/clients/handover.h"
#include "services/workforce/clients/scheduling.h"
#include "services/workforce/desk.h"
#include "services/workforce/relations/sight.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

struct PeopleOptions {
  Desk* desk = nullptr;
  Reviews* reviews = nullptr;
  Handover* handover = nullptr;
  // What else ends with a life, in the same transaction.
  std::function<absl::Status(db::Transaction&, const std::string& person_id, absl::Time now)>
      on_death;
  // The audit log's pseudonyms of subjects.
  const crypto::Pseudonymiser* audit_subjects = nullptr;
  // The retention schedule; counts and holds unset.
  v1::ListRetentionResponse retention;
};

// Thread-safe.
class People {
 public:
  explicit People(PeopleOptions options) : options_(std::move(options)), desk_(*options_.desk) {}

  // find.cc
  absl::Status FindPeople(const rpc::Call& call, const v1::FindPeopleRequest& request,
                          v1::FindPeopleResponse* response);
  absl::Status GetPerson(const rpc::Call& call, const v1::GetPersonRequest& request,
                         v1::GetPersonResponse* response);
  absl::Status GetEmployment(const rpc::Call& call, const v1::GetEmploymentRequest& request,
                             v1::GetEmploymentResponse* response);
  absl::Status ListStaff(const rpc::Call& call, const v1::ListStaffRequest& request,
                         v1::ListStaffResponse* response);
  absl::Status ResolveNames(const rpc::Call& call, const v1::ResolveNamesRequest& request,
                            v1::ResolveNamesResponse* response);
  absl::Status ResolveRoutes(const rpc::Call& call, const v1::ResolveRoutesRequest& request,
                             v1::ResolveRoutesResponse* response);
  absl::Status FindSubject(const rpc::Call& call, const v1::FindSubjectRequest& request,
                           v1::FindSubjectResponse* response);
  absl::Status GetNameHistory(const rpc::Call& call, const v1::GetNameHistoryRequest& request,
                              v1::GetNameHistoryResponse* response);
  absl::Status GetMyRecord(const rpc::Call& call, const v1::GetMyRecordRequest& request,
                           v1::GetMyRecordResponse* response);

  // change.cc
  absl::Status RegisterPerson(const rpc::Call& call, const v1::RegisterPersonRequest& request,
                              v1::RegisterPersonResponse* response);
  absl::Status AdoptSubjects(const rpc::Call& call, const v1::AdoptSubjectsRequest& request,
                             v1::AdoptSubjectsResponse* response);
  absl::Status ChangePerson(const rpc::Call& call, const v1::ChangePersonRequest& request,
                            v1::ChangePersonResponse* response);
  absl::Status RecordEmployment(const rpc::Call& call, const v1::RecordEmploymentRequest& request,
                                v1::RecordEmploymentResponse* response);
  absl::Status RecordDeath(const rpc::Call& call, const v1::RecordDeathRequest& request,
                           v1::RecordDeathResponse* response);
  absl::Status SetMyChoices(const rpc::Call& call, const v1::SetMyChoicesRequest& request,
                            v1::SetMyChoicesResponse* response);
  absl::Status GiveConsent(const rpc::Call& call, const v1::GiveConsentRequest& request,
                           v1::GiveConsentResponse* response);
  absl::Status WithdrawConsent(const rpc::Call& call, const v1::WithdrawConsentRequest& request,
                               v1::WithdrawConsentResponse* response);

  // protect.cc
  absl::Status SetProtection(const rpc::Call& call, const v1::SetProtectionRequest& request,
                             v1::SetProtectionResponse* response);
  absl::Status BreakGlass(const rpc::Call& call, const v1::BreakGlassRequest& request,
                          v1::BreakGlassResponse* response);
  absl::Status ListBreakGlasses(const rpc::Call& call, const v1::ListBreakGlassesRequest& request,
                                v1::ListBreakGlassesResponse* response);
  absl::Status ReviewBreakGlass(const rpc::Call& call, const v1::ReviewBreakGlassRequest& request,
                                v1::ReviewBreakGlassResponse* response);
  absl::Status RequestReidentification(const rpc::Call& call,
                                       const v1::RequestReidentificationRequest& request,
                                       v1::RequestReidentificationResponse* response);
  absl::Status DecideReidentification(const rpc::Call& call,
                                      const v1::DecideReidentificationRequest& request,
                                      v1::DecideReidentificationResponse* response);
  absl::Status GetReidentified(const rpc::Call& call, const v1::GetReidentifiedRequest& request,
                               v1::GetReidentifiedResponse* response);
  absl::Status ListReidentifications(const rpc::Call& call,
                                     const v1::ListReidentificationsRequest& request,
                                     v1::ListReidentificationsResponse* response);

  // join.cc
  absl::Status ListDuplicates(const rpc::Call& call, const v1::ListDuplicatesRequest& request,
                              v1::ListDuplicatesResponse* response);
  absl::Status DismissDuplicate(const rpc::Call& call, const v1::DismissDuplicateRequest& request,
                                v1::DismissDuplicateResponse* response);
  absl::Status MergePeople(const rpc::Call& call, const v1::MergePeopleRequest& request,
                           v1::MergePeopleResponse* response);
  absl::Status UndoMerge(const rpc::Call& call, const v1::UndoMergeRequest& request,
                         v1::UndoMergeResponse* response);

  // transfer.cc
  absl::Status OfferTransfer(const rpc::Call& call, const v1::OfferTransferRequest& request,
                             v1::OfferTransferResponse* response);
  absl::Status ListTransfers(const rpc::Call& call, const v1::ListTransfersRequest& request,
                             v1::ListTransfersResponse* response);
  absl::Status AnswerTransfer(const rpc::Call& call, const v1::AnswerTransferRequest& request,
                              v1::AnswerTransferResponse* response);
  absl::Status WithdrawTransfer(const rpc::Call& call, const v1::WithdrawTransferRequest& request,
                                v1::WithdrawTransferResponse* response);

  // rights.cc
  absl::Status ExportSubject(const rpc::Call& call, const v1::ExportSubjectRequest& request,
                             absl::FunctionRef<absl::Status(v1::ExportSubjectResponse)> write);
  absl::Status SetLegalHold(const rpc::Call& call, const v1::SetLegalHoldRequest& request,
                            v1::SetLegalHoldResponse* response);
  absl::Status LiftLegalHold(const rpc::Call& call, const v1::LiftLegalHoldRequest& request,
                             v1::LiftLegalHoldResponse* response);
  absl::Status ListRetention(const rpc::Call& call, const v1::ListRetentionRequest& request,
                             v1::ListRetentionResponse* response);
  absl::Status RotateKeys(const rpc::Call& call, const v1::RotateKeysRequest& request,
                          v1::RotateKeysResponse* response);
  absl::Status GetKeyStatus(const rpc::Call& call, const v1::GetKeyStatusRequest& request,
                            v1::GetKeyStatusResponse* response);

 private:
  const PeopleOptions options_;
  Desk& desk_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_PEOPLE_H_
