// What each method of the service does, in the caller's thread and one transaction. The gRPC face
// is scheduling_service.cc.
#ifndef WAYMARK_SERVICES_SCHEDULING_SCHEDULING_H_
#define WAYMARK_SERVICES_SCHEDULING_SCHEDULING_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/rpc/call.h"
#include "common/webhook/webhook.h"
#include "services/casework/clients/trail.h"
#include "services/scheduling/duties/firing.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/store/references.h"
#include "services/scheduling/store/steps.h"
#include "services/scheduling/store/worklist.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace waymark::scheduling {

// Everything pointed to outlives the Scheduling.
struct SchedulingOptions {
  db::Database* database = nullptr;
  db::Tenants* tenants = nullptr;
  const crypto::KeyProvider* keys = nullptr;
  const References* references = nullptr;
  const clock::Clock* clinical_clock = nullptr;
  const clock::Clock* real_clock = nullptr;
  casework::AuditTrail* audit = nullptr;
  const Firing* firing = nullptr;
  // What a webhook may be reached over.
  webhook::Transport webhooks = webhook::Transport::kTlsOrLoopback;
  // After every commit that changed what a tenant's people see; `earliest` is the earliest rung
  // that it put on a ladder, InfiniteFuture for none. Cheap, from any thread.
  std::function<void(absl::string_view tenant, absl::Time earliest)> changed = [](absl::string_view,
                                                                                  absl::Time) {};
};

// Thread-safe.
class Scheduling {
 public:
  explicit Scheduling(SchedulingOptions options);

  // put_plan.cc
  absl::Status PutPlan(const rpc::Call& call, const v1::PutPlanRequest& request,
                       v1::PutPlanResponse* response);
  absl::Status Reconcile(const rpc::Call& call, const v1::ReconcileRequest& request,
                         v1::ReconcileResponse* response);

  // worklist.cc
  absl::Status ListWorklist(const rpc::Call& call, const v1::ListWorklistRequest& request,
                            v1::ListWorklistResponse* response);
  absl::Status ExportWorklist(const rpc::Call& call, const v1::ExportWorklistRequest& request,
                              absl::FunctionRef<absl::Status(v1::ExportWorklistResponse)> write);
  // One page for a watch, audited like a list, but for each subject only once: those in `audited`
  // have been, and new ones join them.
  absl::StatusOr<v1::WatchWorklistResponse> WatchPage(const rpc::Call& call,
                                                      const v1::WatchWorklistRequest& request,
                                                      std::set<std::string>& audited);
  absl::Status GetCompliance(const rpc::Call& call, const v1::GetComplianceRequest& request,
                             v1::GetComplianceResponse* response);
  absl::Status GetServiceStatus(const rpc::Call& call, const v1::GetServiceStatusRequest& request,
                                v1::GetServiceStatusResponse* response);

  // steps.cc
  absl::Status AcknowledgeStep(const rpc::Call& call, const v1::AcknowledgeStepRequest& request,
                               v1::AcknowledgeStepResponse* response);
  absl::Status ClaimStep(const rpc::Call& call, const v1::ClaimStepRequest& request,
                         v1::ClaimStepResponse* response);
  absl::Status ReleaseStep(const rpc::Call& call, const v1::ReleaseStepRequest& request,
                           v1::ReleaseStepResponse* response);
  absl::Status CompleteTask(const rpc::Call& call, const v1::CompleteTaskRequest& request,
                            v1::CompleteTaskResponse* response);

  // rota.cc
  absl::Status Delegate(const rpc::Call& call, const v1::DelegateRequest& request,
                        v1::DelegateResponse* response);
  absl::Status EndDelegation(const rpc::Call& call, const v1::EndDelegationRequest& request,
                             v1::EndDelegationResponse* response);
  absl::Status ListDelegations(const rpc::Call& call, const v1::ListDelegationsRequest& request,
                               v1::ListDelegationsResponse* response);
  absl::Status PutRotaEntry(const rpc::Call& call, const v1::PutRotaEntryRequest& request,
                            v1::PutRotaEntryResponse* response);
  absl::Status DeleteRotaEntry(const rpc::Call& call, const v1::DeleteRotaEntryRequest& request,
                               v1::DeleteRotaEntryResponse* response);
  absl::Status ListRota(const rpc::Call& call, const v1::ListRotaRequest& request,
                        v1::ListRotaResponse* response);
  absl::Status SetDutyAddress(const rpc::Call& call, const v1::SetDutyAddressRequest& request,
                              v1::SetDutyAddressResponse* response);
  absl::Status ActivateTenant(const rpc::Call& call, const v1::ActivateTenantRequest& request,
                              v1::ActivateTenantResponse* response);

  // notices.cc
  absl::Status ListNotices(const rpc::Call& call, const v1::ListNoticesRequest& request,
                           v1::ListNoticesResponse* response);
  // For a watch: behind `place`, oldest first.
  absl::StatusOr<std::vector<ListedNotice>> NoticesBehind(const rpc::Call& call,
                                                          const NoticePlace& place, int limit);

  const SchedulingOptions& options() const { return options_; }

 private:
  using Message = google::protobuf::Message;
  // Runs `work` once for each request_id, with its audit entry, in one transaction; a repeat gets
  // the stored answer. When `work` refused a step that is the caller's own, the refusal is audited.
  absl::Status Once(const rpc::Call& call, const Message& request, Message* response,
                    absl::FunctionRef<absl::Status(db::Transaction&)> work);
  // A step that the caller may touch. STEP_NOT_FOUND for one that is not there, and for their own.
  absl::StatusOr<LockedStep> StepFor(db::Transaction& txn, const rpc::Call& call,
                                     absl::string_view step_ref);
  absl::StatusOr<WorklistLines> ReadLines(db::Transaction& txn, const rpc::Call& call,
                                          const v1::WorklistFilter& filter, absl::Time as_of,
                                          const WorklistPlace& after, int limit);
  absl::Status AuditLines(db::Transaction& txn, const rpc::Call& call, const WorklistLines& lines,
                          audit::v1::Action action, std::set<std::string>& audited);
  absl::Status AuditChange(db::Transaction& txn, const rpc::Call& call,
                           absl::string_view object_type, absl::string_view object_id,
                           absl::string_view subject_id = "");
  // Runs in a transaction of the caller's tenant.
  absl::Status Transact(const rpc::Call& call, db::Database::Work work);

  const SchedulingOptions options_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_SCHEDULING_H_
