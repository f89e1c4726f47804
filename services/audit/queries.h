// What each method of AuditService does, apart from gRPC. Every look into the log is an entry of
// the log itself, appended in the transaction that looks.
#ifndef WAYMARK_SERVICES_AUDIT_QUERIES_H_
#define WAYMARK_SERVICES_AUDIT_QUERIES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock/clock.h"
#include "common/db/database.h"
#include "common/rpc/call.h"
#include "services/audit/content_keys.h"
#include "services/audit/integrator.h"
#include "services/audit/log.h"
#include "waymark/audit/v1/audit_entry.pb.h"
#include "waymark/audit/v1/audit_service.pb.h"

namespace waymark::audit {

// Thread-safe.
class Queries {
 public:
  Queries(db::Database& database, db::Tenants& tenants, ContentKeys& keys,
          const Pseudonyms& pseudonyms, Log& log, Integrator& integrator, const Signer& signer,
          const clock::Clock& real_clock)
      : database_(database),
        tenants_(tenants),
        keys_(keys),
        pseudonyms_(pseudonyms),
        log_(log),
        integrator_(integrator),
        signer_(signer),
        clock_(real_clock) {}

  absl::Status AppendEntries(const rpc::Call& call, const v1::AppendEntriesRequest& request,
                             v1::AppendEntriesResponse* response);
  absl::Status GetCheckpoint(const rpc::Call& call, const v1::GetCheckpointRequest& request,
                             v1::GetCheckpointResponse* response);
  absl::Status ListCheckpoints(const rpc::Call& call, const v1::ListCheckpointsRequest& request,
                               v1::ListCheckpointsResponse* response);
  absl::Status GetInclusionProof(const rpc::Call& call, const v1::GetInclusionProofRequest& request,
                                 v1::GetInclusionProofResponse* response);
  absl::Status GetConsistencyProof(const rpc::Call& call,
                                   const v1::GetConsistencyProofRequest& request,
                                   v1::GetConsistencyProofResponse* response);
  absl::Status SearchEntries(const rpc::Call& call, const v1::SearchEntriesRequest& request,
                             v1::SearchEntriesResponse* response);
  absl::Status ListAccesses(const rpc::Call& call, const v1::ListAccessesRequest& request,
                            v1::ListAccessesResponse* response);
  absl::Status ListOutcomes(const rpc::Call& call, const v1::ListOutcomesRequest& request,
                            v1::ListOutcomesResponse* response);
  absl::Status Reconcile(const rpc::Call& call, const v1::ReconcileRequest& request,
                         v1::ReconcileResponse* response);
  absl::Status EraseSubject(const rpc::Call& call, const v1::EraseSubjectRequest& request,
                            v1::EraseSubjectResponse* response);

  using Writer = std::function<absl::Status(v1::ExportLogResponse)>;
  absl::Status ExportLog(const rpc::Call& call, const v1::ExportLogRequest& request,
                         const Writer& write);

 private:
  // The caller's act, but for what it was about.
  v1::AuditEvent Act(const rpc::Call& call, v1::Action action) const;
  // Asks the relation to the record of `subject_id`, and logs a refusal.
  absl::Status CheckSubject(const rpc::Call& call, absl::string_view subject_id);
  // A key for what the transaction to come will append. Outside of any transaction.
  absl::StatusOr<ContentKeyHandle> Begin(const rpc::Call& call);
  // The event behind an entry, opened; nothing when it was erased.
  absl::StatusOr<std::optional<std::string>> Open(const rpc::Call& call, const store::Entry& entry,
                                                  absl::string_view event_id, size_t skip);
  // 0: the newest published checkpoint's.
  absl::StatusOr<int64_t> TreeSize(db::Transaction& txn, int64_t asked) const;

  db::Database& database_;
  db::Tenants& tenants_;
  ContentKeys& keys_;
  const Pseudonyms& pseudonyms_;
  Log& log_;
  Integrator& integrator_;
  const Signer& signer_;
  const clock::Clock& clock_;
};

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_QUERIES_H_
