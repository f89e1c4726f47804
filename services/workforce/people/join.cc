// Records that may be one person: judged by a person, joined and parted again.
#include <optional>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/joins.h"

namespace waymark::workforce {
namespace {

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
    ASSIGN_OR_RETURN(const std::vector<DuplicateRow> waiting, WaitingDuplicates(txn));
    std::vector<std::string> ids;
    for (const DuplicateRow& row : waiting) {
      ids.push_back(row.first_id);
      ids.push_back(row.second_id);
    }
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, ids));
    ASSIGN_OR_RETURN(const auto fields,
                     ReadFields(txn, keys, ids, {Field::kName, Field::kBirthDate}));
    std::vector<casework::Act> acts;
    for (const DuplicateRow& row : waiting) {
      const auto first = seen.find(row.first_id);
      const auto second = seen.find(row.second_id);
      if (first == seen.end() || second == seen.end() || first->second.sight != Sight::kWhole ||
          second->second.sight != Sight::kWhole ||
          first->second.person.person_id == second->second.person.person_id) {
        continue;
      }
      v1::Duplicate& pair = *response->add_duplicates();
      pair.set_duplicate_id(row.duplicate_id);
      for (const auto& [one, hit] :
           {std::pair(first, pair.mutable_first()), std::pair(second, pair.mutable_second())}) {
        const auto values = fields.find(one->first);
        *hit = HitOf(one->second.person, values == fields.end() ? Fields() : values->second);
        acts.push_back({.action = audit::v1::ACTION_READ,
                        .object_type = "duplicate",
                        .object_id = pair.duplicate_id(),
                        .subject_id = one->second.person.person_id});
      }
      pair.set_reason(row.reason);
      *pair.mutable_found_time() = casework::ToTimestamp(row.found_at);
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
        ASSIGN_OR_RETURN(const std::optional<DuplicateRow> pair,
                         LockDuplicate(txn, request.duplicate_id()));
        if (!pair) return Unknown("DUPLICATE_UNKNOWN");
        for (const std::string& id : {pair->first_id, pair->second_id}) {
          ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, id));
          if (seen.sight != Sight::kWhole) return Unknown("DUPLICATE_UNKNOWN");
        }
        RETURN_IF_ERROR(DismissPair(txn, pair->duplicate_id, call.caller.user_id, call.now));
        RETURN_IF_ERROR(
            desk_.AuditChange(txn, call, "duplicate", pair->duplicate_id, pair->first_id));
        return desk_.AuditChange(txn, call, "duplicate", pair->duplicate_id, pair->second_id);
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
        RETURN_IF_ERROR(Join(txn, keys,
                             {response->merge_id(), kept, merged, rows.at(merged).state, call.now},
                             request.reason(), call.caller.user_id));
        RETURN_IF_ERROR(desk_.AuditChange(txn, call, "merge", response->merge_id(), kept));
        return desk_.AuditChange(txn, call, "merge", response->merge_id(), merged);
      });
}

absl::Status People::UndoMerge(const rpc::Call& call, const v1::UndoMergeRequest& request,
                               v1::UndoMergeResponse* response) {
  if (!ids::IsUuid(request.merge_id())) return Unknown("MERGE_UNKNOWN");
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<MergeRow> merge, LockMerge(txn, request.merge_id()));
        if (!merge) return Unknown("MERGE_UNKNOWN");
        for (const std::string& id : {merge->kept_id, merge->merged_id}) {
          ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, id));
          if (seen.sight != Sight::kWhole) return Unknown("MERGE_UNKNOWN");
        }
        // Somebody looked, and they are two: the pair does not come up again.
        RETURN_IF_ERROR(Part(txn, keys, *merge, call.caller.user_id, Today(call), call.now));
        RETURN_IF_ERROR(desk_.AuditChange(txn, call, "merge", merge->merge_id, merge->kept_id));
        return desk_.AuditChange(txn, call, "merge", merge->merge_id, merge->merged_id);
      });
}

}  // namespace waymark::workforce
