// Protected people, emergency access to them, and pseudonyms that two people open.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/crypto/pseudonymiser.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/check.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/break_glass.h"
#include "services/workforce/store/protection.h"
#include "services/workforce/store/reidentifications.h"

namespace waymark::workforce {
namespace {

using casework::ToTimestamp;

// A use of emergency access is looked at by the end of the next day.
constexpr absl::Duration kReviewWithin = absl::Hours(24);

// The reason stands in front, the reviewer's note behind.
constexpr char kNote[] = "\n\n";

absl::StatusOr<ReidentificationRow> LockRequest(db::Transaction& txn, const TenantKeys& keys,
                                                const std::string& id) {
  absl::Status unknown =
      status::NotFound("REQUEST_UNKNOWN", "There is no such request in your force.");
  if (!ids::IsUuid(id)) return unknown;
  ASSIGN_OR_RETURN(std::optional<ReidentificationRow> row, LockReidentification(txn, keys, id));
  if (!row) return unknown;
  return *std::move(row);
}

// Who stands behind a token of the audit log: nobody keeps a table of it, so every person of the
// force is tried. A quarter of a second for a quarter of a million.
absl::StatusOr<std::string> SubjectBehind(db::Transaction& txn,
                                          const crypto::Pseudonymiser& pseudonymiser,
                                          const std::string& token) {
  std::string after = kBeforeAll;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> people, PeopleAfter(txn, after, 5000));
    if (people.empty()) break;
    for (const std::string& person_id : people) {
      // As services/audit makes them: the log's own form of a subject.
      const std::vector<std::string> tokens =
          pseudonymiser.LiveTokens("subject", absl::StrCat(txn.tenant(), "/", person_id));
      if (std::find(tokens.begin(), tokens.end(), token) != tokens.end()) return person_id;
    }
    after = people.back();
  }
  return status::NotFound("PSEUDONYM_UNKNOWN", "Nobody of this force stands behind it.");
}

}  // namespace

absl::Status People::SetProtection(const rpc::Call& call, const v1::SetProtectionRequest& request,
                                   v1::SetProtectionResponse* response) {
  const v1::Protection& protection = request.protection();
  status::FieldViolations violations;
  if (protection.active()) {
    if (protection.alias().empty() || !IsPlain(protection.alias(), 100)) {
      violations.Add("protection.alias", "REQUIRED", "What others read, up to 100 characters.");
    }
    if (protection.allowed_user_ids().empty() || protection.allowed_user_ids_size() > 50) {
      violations.Add("protection.allowed_user_ids", "COUNT", "1 to 50 people who may see them.");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        // A lead may change the protection of somebody whom they do not see themselves.
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
        const std::string& id = seen.person.person_id;
        ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {id}, /*lock=*/true));
        if (rows.at(id).version != request.expected_version()) {
          return status::FailedPrecondition("STALE_VERSION",
                                            "The record has changed since it was read.");
        }
        FieldsWrite write;
        write.person_id = id;
        if (protection.active()) {
          write.set[Field::kAlias] = protection.alias();
        } else {
          write.clear.push_back(Field::kAlias);
        }
        RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
        std::set<std::string> allowed;
        if (protection.active()) {
          allowed.insert(protection.allowed_user_ids().begin(),
                         protection.allowed_user_ids().end());
        }
        RETURN_IF_ERROR(SetProtected(txn, id, protection.active(), allowed, call.now));
        response->set_version(request.expected_version() + 1);
        return desk_.AuditChange(txn, call, "protection", id, id);
      });
}

absl::Status People::BreakGlass(const rpc::Call& call, const v1::BreakGlassRequest& request,
                                v1::BreakGlassResponse* response) {
  RETURN_IF_ERROR(CheckReason(request.reason()));
  const int minutes = request.minutes() == 0 ? 60 : request.minutes();
  if (minutes < 5 || minutes > 180) {
    status::FieldViolations violations;
    violations.Add("minutes", "RANGE", "5 to 180.");
    return violations.ToStatus();
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
        if (!seen.person.is_protected) {
          return status::FailedPrecondition("PERSON_NOT_PROTECTED",
                                            "This person is open to you: no emergency is needed.");
        }
        v1::BreakGlassUse& use = *response->mutable_use();
        use.set_grant_id(ids::DeriveUuid(call.request_id, "break_glass"));
        use.set_subject_id(seen.person.person_id);
        use.set_opened_by(call.caller.user_id);
        use.set_reason(request.reason());
        const absl::Time expires = call.now + absl::Minutes(minutes);
        const absl::Time due = call.now + kReviewWithin;
        *use.mutable_opened_time() = ToTimestamp(call.now);
        *use.mutable_expires_time() = ToTimestamp(expires);
        *use.mutable_review_due_time() = ToTimestamp(due);
        RETURN_IF_ERROR(InsertGlass(txn, keys, use));
        RETURN_IF_ERROR(options_.reviews->Append(
            txn, call,
            {.grant_id = use.grant_id(), .version = 1, .opened_at = call.now, .due_at = due}));
        return desk_.Audit(txn, call,
                           {{.action = audit::v1::ACTION_OVERRIDE,
                             .object_type = "break_glass",
                             .object_id = use.grant_id(),
                             .subject_id = use.subject_id(),
                             .reason = request.reason()}});
      });
}

absl::Status People::ListBreakGlasses(const rpc::Call& call,
                                      const v1::ListBreakGlassesRequest& request,
                                      v1::ListBreakGlassesResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(std::vector<v1::BreakGlassUse> uses,
                     ReadGlasses(txn, keys, request.open_only()));
    std::vector<std::string> people;
    for (const v1::BreakGlassUse& use : uses) people.push_back(use.subject_id());
    // Nobody reviews what was done to their own record.
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, people));
    std::vector<casework::Act> acts;
    for (v1::BreakGlassUse& use : uses) {
      const auto one = seen.find(use.subject_id());
      if (one == seen.end() || one->second.sight == Sight::kNothing) continue;
      acts.push_back({.action = audit::v1::ACTION_READ,
                      .object_type = "break_glass",
                      .object_id = use.grant_id(),
                      .subject_id = use.subject_id()});
      *response->add_uses() = std::move(use);
    }
    if (acts.empty()) return absl::OkStatus();
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::ReviewBreakGlass(const rpc::Call& call,
                                      const v1::ReviewBreakGlassRequest& request,
                                      v1::ReviewBreakGlassResponse* response) {
  if (request.note().size() > 500 || (!request.justified() && request.note().size() < 10)) {
    status::FieldViolations violations;
    violations.Add("note", "LENGTH", "10 to 500 characters when it was not justified.");
    return violations.ToStatus();
  }
  absl::Status unknown =
      status::NotFound("GRANT_UNKNOWN", "There is no such use of emergency access.");
  if (!ids::IsUuid(request.grant_id())) return unknown;
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<v1::BreakGlassUse> found,
                         LockGlass(txn, keys, request.grant_id()));
        if (!found) return unknown;
        v1::BreakGlassUse& use = *response->mutable_use();
        use = *std::move(found);
        RETURN_IF_ERROR(CheckSubject(txn, call, use.subject_id()).status());
        if (use.opened_by() == call.caller.user_id) {
          return status::PermissionDenied("SAME_PERSON", "Somebody else reviews it.");
        }
        if (!use.reviewed_by().empty()) {
          return status::FailedPrecondition("REVIEW_DONE", "It was reviewed already.");
        }
        if (!request.note().empty()) use.set_reason(use.reason() + kNote + request.note());
        use.set_reviewed_by(call.caller.user_id);
        *use.mutable_reviewed_time() = ToTimestamp(call.now);
        use.set_justified(request.justified());
        RETURN_IF_ERROR(ReviewGlass(txn, keys, use));
        RETURN_IF_ERROR(
            options_.reviews->Append(txn, call,
                                     {.grant_id = use.grant_id(),
                                      .version = 2,
                                      .opened_at = casework::FromTimestamp(use.opened_time()),
                                      .due_at = casework::FromTimestamp(use.review_due_time()),
                                      .reviewed_at = call.now}));
        return desk_.AuditChange(txn, call, "break_glass", use.grant_id(), use.subject_id());
      });
}

absl::Status People::RequestReidentification(const rpc::Call& call,
                                             const v1::RequestReidentificationRequest& request,
                                             v1::RequestReidentificationResponse* response) {
  RETURN_IF_ERROR(CheckReason(request.reason()));
  if (crypto::PseudonymVersion(request.pseudonym()) == 0) {
    status::FieldViolations violations;
    violations.Add("pseudonym", "NOT_A_PSEUDONYM", "As the audit log shows it: p1....");
    return violations.ToStatus();
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        v1::Reidentification& one = *response->mutable_reidentification();
        one.set_reidentification_id(ids::DeriveUuid(call.request_id, "reidentification"));
        one.set_pseudonym(request.pseudonym());
        one.set_reason(request.reason());
        one.set_requested_by(call.caller.user_id);
        *one.mutable_requested_time() = ToTimestamp(call.now);
        RETURN_IF_ERROR(InsertReidentification(txn, keys, one));
        return desk_.AuditChange(txn, call, "reidentification", one.reidentification_id(), "");
      });
}

absl::Status People::DecideReidentification(const rpc::Call& call,
                                            const v1::DecideReidentificationRequest& request,
                                            v1::DecideReidentificationResponse* response) {
  const int minutes = request.minutes() == 0 ? 60 : request.minutes();
  if (minutes < 5 || minutes > 1440) {
    status::FieldViolations violations;
    violations.Add("minutes", "RANGE", "5 to 1440.");
    return violations.ToStatus();
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(ReidentificationRow held,
                         LockRequest(txn, keys, request.reidentification_id()));
        v1::Reidentification& one = held.message;
        if (one.requested_by() == call.caller.user_id) {
          return status::PermissionDenied("SAME_PERSON", "Somebody else decides on it.");
        }
        if (!one.decided_by().empty()) {
          return status::FailedPrecondition("REQUEST_DECIDED", "It was decided already.");
        }
        std::string& person_id = held.person_id;
        if (request.grant()) {
          ASSIGN_OR_RETURN(person_id,
                           SubjectBehind(txn, *options_.audit_subjects, one.pseudonym()));
          // Nobody opens their own record by this door.
          RETURN_IF_ERROR(CheckSubject(txn, call, person_id).status());
        }
        one.set_decided_by(call.caller.user_id);
        *one.mutable_decided_time() = ToTimestamp(call.now);
        one.set_granted(request.grant());
        if (request.grant()) {
          *one.mutable_expires_time() = ToTimestamp(call.now + absl::Minutes(minutes));
        }
        RETURN_IF_ERROR(DecideRow(txn, held));
        *response->mutable_reidentification() = one;
        return desk_.AuditChange(txn, call, "reidentification", one.reidentification_id(),
                                 person_id);
      });
}

absl::Status People::GetReidentified(const rpc::Call& call,
                                     const v1::GetReidentifiedRequest& request,
                                     v1::GetReidentifiedResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const ReidentificationRow held,
                     LockRequest(txn, keys, request.reidentification_id()));
    if (held.message.requested_by() != call.caller.user_id) {
      return status::NotFound("REQUEST_UNKNOWN", "There is no such request of yours.");
    }
    if (!held.message.granted() ||
        casework::FromTimestamp(held.message.expires_time()) <= call.now) {
      return status::PermissionDenied("GRANT_EXPIRED",
                                      "It was not granted, or its time has run out: ask again.");
    }
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, held.person_id));
    ASSIGN_OR_RETURN(const auto fields,
                     ReadFields(txn, keys, {seen.person.person_id}, {Field::kName, Field::kAlias}));
    response->set_subject_id(held.person_id);
    if (const auto found = fields.find(seen.person.person_id); found != fields.end()) {
      response->set_display_name(DisplayName(found->second, seen.sight));
    }
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_OVERRIDE,
                         .object_type = "reidentification",
                         .object_id = held.message.reidentification_id(),
                         .subject_id = held.person_id,
                         .reason = held.message.reason()}});
  });
}

absl::Status People::ListReidentifications(const rpc::Call& call,
                                           const v1::ListReidentificationsRequest&,
                                           v1::ListReidentificationsResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(std::vector<v1::Reidentification> requests, ReadReidentifications(txn, keys));
    for (v1::Reidentification& one : requests) *response->add_reidentifications() = std::move(one);
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_READ,
                         .object_type = "reidentifications",
                         .object_count = response->reidentifications_size()}});
  });
}

}  // namespace waymark::workforce
