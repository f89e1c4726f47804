// Records that may be one person: judged by a person, joined and parted again.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"

namespace waymark::workforce {
namespace {

constexpr char kWaiting[] =
    "SELECT duplicate_id, first_id, second_id, reason, found_at FROM duplicate"
    " WHERE tenant = $1 AND state = 1 ORDER BY found_at, duplicate_id LIMIT 200";
constexpr char kReadPair[] =
    "SELECT first_id, second_id FROM duplicate WHERE tenant = $1 AND duplicate_id = $2"
    " AND state = 1 FOR UPDATE";
constexpr char kDismiss[] =
    "UPDATE duplicate SET state = 2, decided_by = $3, decided_at = $4"
    " WHERE tenant = $1 AND duplicate_id = $2";
constexpr char kMarkMerged[] =
    "UPDATE duplicate SET state = $6, decided_by = $4, decided_at = $5"
    " WHERE tenant = $1 AND first_id = least($2::uuid, $3::uuid)"
    " AND second_id = greatest($2::uuid, $3::uuid)";
constexpr char kInsertMerge[] =
    "INSERT INTO merge (tenant, merge_id, kept_id, merged_id, prior_state, merged_by, merged_at,"
    " key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr char kPointAt[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = 5, merged_into = $3"
    " WHERE tenant = $1 AND person_id = $2";
constexpr char kReadMerge[] =
    "SELECT kept_id, merged_id, prior_state FROM merge WHERE tenant = $1 AND merge_id = $2"
    " AND undone_at IS NULL FOR UPDATE";
constexpr char kUndoMerge[] =
    "UPDATE merge SET undone_by = $3, undone_at = $4 WHERE tenant = $1 AND merge_id = $2";
constexpr char kPartPerson[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = $3, merged_into = NULL"
    " WHERE tenant = $1 AND person_id = $2";

absl::Status Unknown(absl::string_view reason) {
  return status::NotFound(reason, "There is no such record that waits.");
}

v1::PersonHit HitOf(const PersonRow& row, const Fields& fields) {
  v1::PersonHit hit;
  v1::Person person;
  FromFields(fields, person).IgnoreError();
  hit.set_subject_id(row.person_id);
  *hit.mutable_name() = person.name();
  if (person.has_birth_date()) *hit.mutable_birth_date() = person.birth_date();
  hit.set_state(row.state);
  return hit;
}

}  // namespace

absl::Status People::ListDuplicates(const rpc::Call& call, const v1::ListDuplicatesRequest&,
                                    v1::ListDuplicatesResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kWaiting, txn.tenant()));
    std::vector<std::string> ids;
    for (const pqxx::row& row : rows) {
      ids.push_back(db::Text(row[1]));
      ids.push_back(db::Text(row[2]));
    }
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, ids));
    ASSIGN_OR_RETURN(const auto fields,
                     ReadFields(txn, keys, ids, {Field::kName, Field::kBirthDate}));
    std::vector<Act> acts;
    for (const pqxx::row& row : rows) {
      const auto first = seen.find(db::Text(row[1]));
      const auto second = seen.find(db::Text(row[2]));
      if (first == seen.end() || second == seen.end() || first->second.sight != Sight::kWhole ||
          second->second.sight != Sight::kWhole ||
          first->second.person.person_id == second->second.person.person_id) {
        continue;
      }
      v1::Duplicate& pair = *response->add_duplicates();
      pair.set_duplicate_id(db::Text(row[0]));
      for (const auto& [one, hit] :
           {std::pair(first, pair.mutable_first()), std::pair(second, pair.mutable_second())}) {
        const auto values = fields.find(one->first);
        *hit = HitOf(one->second.person, values == fields.end() ? Fields() : values->second);
        acts.push_back({.action = audit::v1::ACTION_READ,
                        .object_type = "duplicate",
                        .object_id = pair.duplicate_id(),
                        .subject_id = one->second.person.person_id});
      }
      pair.set_reason(static_cast<v1::DuplicateReason>(db::Int(row[3])));
      *pair.mutable_found_time() = casework::ToTimestamp(db::Instant(row[4]));
    }
    if (acts.empty()) return absl::OkStatus();
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::DismissDuplicate(const rpc::Call& call,
                                      const v1::DismissDuplicateRequest& request,
                                      v1::DismissDuplicateResponse* response) {
  if (!ids::IsUuid(request.duplicate_id())) return Unknown("DUPLICATE_UNKNOWN");
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(const pqxx::result rows,
                         txn.Exec(kReadPair, txn.tenant(), request.duplicate_id()));
        if (rows.empty()) return Unknown("DUPLICATE_UNKNOWN");
        const std::string first = db::Text(rows[0][0]);
        const std::string second = db::Text(rows[0][1]);
        for (const std::string& id : {first, second}) {
          ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, id));
          if (seen.sight != Sight::kWhole) return Unknown("DUPLICATE_UNKNOWN");
        }
        RETURN_IF_ERROR(
            txn.Exec(kDismiss, txn.tenant(), request.duplicate_id(), call.caller.user_id, call.now)
                .status());
        RETURN_IF_ERROR(desk_.AuditChange(txn, call, "duplicate", request.duplicate_id(), first));
        return desk_.AuditChange(txn, call, "duplicate", request.duplicate_id(), second);
      });
}

absl::Status People::MergePeople(const rpc::Call& call, const v1::MergePeopleRequest& request,
                                 v1::MergePeopleResponse* response) {
  const std::string& kept = request.kept_subject_id();
  const std::string& merged = request.merged_subject_id();
  status::FieldViolations violations;
  if (!ids::IsUuid(kept)) violations.Add("kept_subject_id", "NOT_A_UUID", "A lower-case UUID.");
  if (!ids::IsUuid(merged) || merged == kept) {
    violations.Add("merged_subject_id", "NOT_A_UUID", "Another lower-case UUID.");
  }
  if (request.reason().size() > 500) violations.Add("reason", "LENGTH", "Up to 500 characters.");
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        // Both rows at once and in order, so that two merges of the same two meet one after
        // another.
        ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {kept, merged}, /*lock=*/true));
        for (const std::string& id : {kept, merged}) {
          ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, id));
          if (seen.sight != Sight::kWhole) {
            return status::PermissionDenied("PERSON_PROTECTED", "One of them is protected.");
          }
          if (rows.at(id).state == v1::PERSON_STATE_MERGED) {
            return status::FailedPrecondition(
                "PERSON_MERGED", "One of them is joined with another already: use that one.");
          }
        }
        response->set_merge_id(ids::DeriveUuid(call.request_id, "merge"));
        const Sealed sealed =
            keys.Seal(keys.Binding("merge", response->merge_id()), request.reason());
        RETURN_IF_ERROR(txn.Exec(kInsertMerge, txn.tenant(), response->merge_id(), kept, merged,
                                 static_cast<int>(rows.at(merged).state), call.caller.user_id,
                                 call.now, sealed.key_version, db::Bytea{sealed.bytes})
                            .status());
        RETURN_IF_ERROR(txn.Exec(kPointAt, txn.tenant(), merged, kept, call.now).status());
        RETURN_IF_ERROR(TouchPeople(txn, {kept}, call.now));
        RETURN_IF_ERROR(
            txn.Exec(kMarkMerged, txn.tenant(), kept, merged, call.caller.user_id, call.now, 3)
                .status());
        RETURN_IF_ERROR(desk_.AuditChange(txn, call, "merge", response->merge_id(), kept));
        return desk_.AuditChange(txn, call, "merge", response->merge_id(), merged);
      });
}

absl::Status People::UndoMerge(const rpc::Call& call, const v1::UndoMergeRequest& request,
                               v1::UndoMergeResponse* response) {
  if (!ids::IsUuid(request.merge_id())) return Unknown("MERGE_UNKNOWN");
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(const pqxx::result rows,
                         txn.Exec(kReadMerge, txn.tenant(), request.merge_id()));
        if (rows.empty()) return Unknown("MERGE_UNKNOWN");
        const std::string kept = db::Text(rows[0][0]);
        const std::string merged = db::Text(rows[0][1]);
        for (const std::string& id : {kept, merged}) {
          ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, id));
          if (seen.sight != Sight::kWhole) return Unknown("MERGE_UNKNOWN");
        }
        RETURN_IF_ERROR(
            txn.Exec(kUndoMerge, txn.tenant(), request.merge_id(), call.caller.user_id, call.now)
                .status());
        RETURN_IF_ERROR(
            txn.Exec(kPartPerson, txn.tenant(), merged, db::Int(rows[0][2]), call.now).status());
        RETURN_IF_ERROR(TouchPeople(txn, {kept}, call.now));
        // Somebody looked, and they are two: the pair does not come up again.
        RETURN_IF_ERROR(
            txn.Exec(kMarkMerged, txn.tenant(), kept, merged, call.caller.user_id, call.now, 2)
                .status());
        RETURN_IF_ERROR(desk_.AuditChange(txn, call, "merge", request.merge_id(), kept));
        return desk_.AuditChange(txn, call, "merge", request.merge_id(), merged);
      });
}

}  // namespace waymark::workforce
