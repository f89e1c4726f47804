// Protected people, emergency access to them, and pseudonyms that two people open.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/crypto/pseudonymiser.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/check.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"

namespace waymark::workforce {
namespace {

using casework::ToTimestamp;

// A use of emergency access is looked at by the end of the next day.
constexpr absl::Duration kReviewWithin = absl::Hours(24);

constexpr char kProtect[] =
    "UPDATE person SET version = version + 1, changed_at = $4, protected = $3"
    " WHERE tenant = $1 AND person_id = $2";
constexpr char kClearAllowed[] =
    "DELETE FROM protection_allowed WHERE tenant = $1 AND person_id = $2";
constexpr char kInsertAllowed[] =
    "INSERT INTO protection_allowed (tenant, person_id, user_id)"
    " SELECT $1, $2, a.user_id FROM unnest($3::text[]) AS a (user_id)";

constexpr char kInsertGlass[] =
    "INSERT INTO break_glass (tenant, grant_id, person_id, opened_by, opened_at, expires_at,"
    " review_due_at, key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr char kReadGlass[] =
    "SELECT grant_id, person_id, opened_by, opened_at, expires_at, review_due_at,"
    " coalesce(reviewed_by, ''), reviewed_at, coalesce(justified, false), key_version,"
    " sealed_reason FROM break_glass WHERE tenant = $1";
constexpr char kReviewGlass[] =
    "UPDATE break_glass SET reviewed_by = $3, reviewed_at = $4, justified = $5, key_version = $6,"
    " sealed_reason = $7 WHERE tenant = $1 AND grant_id = $2";

constexpr char kInsertRequest[] =
    "INSERT INTO reidentification (tenant, reidentification_id, pseudonym, requested_by,"
    " requested_at, key_version, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr char kReadRequests[] =
    "SELECT reidentification_id, pseudonym, requested_by, requested_at, coalesce(decided_by, ''),"
    " decided_at, coalesce(granted, false), expires_at, key_version, sealed_reason,"
    " coalesce(person_id::text, '') FROM reidentification WHERE tenant = $1";
constexpr char kDecide[] =
    "UPDATE reidentification SET decided_by = $3, decided_at = $4, granted = $5, expires_at = $6,"
    " person_id = nullif($7, '')::uuid WHERE tenant = $1 AND reidentification_id = $2";
constexpr char kPeopleAfter[] =
    "SELECT person_id FROM person WHERE tenant = $1 AND person_id > $2 ORDER BY person_id"
    " LIMIT 5000";

// The reason stands in front, the reviewer's note behind.
constexpr char kNote[] = "\n\n";

absl::StatusOr<v1::BreakGlassUse> ReadUse(const TenantKeys& keys, const pqxx::row& row) {
  v1::BreakGlassUse use;
  use.set_grant_id(db::Text(row[0]));
  use.set_subject_id(db::Text(row[1]));
  use.set_opened_by(db::Text(row[2]));
  *use.mutable_opened_time() = ToTimestamp(db::Instant(row[3]));
  *use.mutable_expires_time() = ToTimestamp(db::Instant(row[4]));
  *use.mutable_review_due_time() = ToTimestamp(db::Instant(row[5]));
  use.set_reviewed_by(db::Text(row[6]));
  if (const auto at = db::Optional<absl::Time>(row[7])) {
    *use.mutable_reviewed_time() = ToTimestamp(*at);
  }
  use.set_justified(db::Bool(row[8]));
  ASSIGN_OR_RETURN(*use.mutable_reason(),
                   keys.Open(keys.Binding("break_glass", use.grant_id()),
                             static_cast<int32_t>(db::Int(row[9])), db::Bytes(row[10])));
  return use;
}

struct Request {
  v1::Reidentification message;
  std::string person_id;
};

absl::StatusOr<Request> ReadRequest(const TenantKeys& keys, const pqxx::row& row) {
  Request request;
  v1::Reidentification& message = request.message;
  message.set_reidentification_id(db::Text(row[0]));
  message.set_pseudonym(db::Text(row[1]));
  message.set_requested_by(db::Text(row[2]));
  *message.mutable_requested_time() = ToTimestamp(db::Instant(row[3]));
  message.set_decided_by(db::Text(row[4]));
  if (const auto at = db::Optional<absl::Time>(row[5])) {
    *message.mutable_decided_time() = ToTimestamp(*at);
  }
  message.set_granted(db::Bool(row[6]));
  if (const auto at = db::Optional<absl::Time>(row[7])) {
    *message.mutable_expires_time() = ToTimestamp(*at);
  }
  ASSIGN_OR_RETURN(*message.mutable_reason(),
                   keys.Open(keys.Binding("reidentification", message.reidentification_id()),
                             static_cast<int32_t>(db::Int(row[8])), db::Bytes(row[9])));
  request.person_id = db::Text(row[10]);
  return request;
}

absl::StatusOr<Request> LockRequest(db::Transaction& txn, const TenantKeys& keys,
                                    const std::string& id) {
  absl::Status unknown =
      status::NotFound("REQUEST_UNKNOWN", "There is no such request in your force.");
  if (!ids::IsUuid(id)) return unknown;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kReadRequests, " AND reidentification_id = $2 FOR UPDATE"),
                            txn.tenant(), id));
  if (rows.empty()) return unknown;
  return ReadRequest(keys, rows[0]);
}

// Who stands behind a token of the audit log: nobody keeps a table of it, so every person of the
// force is tried. A quarter of a second for a quarter of a million.
absl::StatusOr<std::string> SubjectBehind(db::Transaction& txn,
                                          const crypto::Pseudonymiser& pseudonymiser,
                                          const std::string& token) {
  std::string after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPeopleAfter, txn.tenant(), after));
    if (rows.empty()) break;
    for (const pqxx::row& row : rows) {
      after = db::Text(row[0]);
      // As services/audit makes them: the log's own form of a subject.
      const std::vector<std::string> tokens =
          pseudonymiser.LiveTokens("subject", absl::StrCat(txn.tenant(), "/", after));
      if (std::find(tokens.begin(), tokens.end(), token) != tokens.end()) return after;
    }
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
        RETURN_IF_ERROR(
            txn.Exec(kProtect, txn.tenant(), id, protection.active(), call.now).status());
        RETURN_IF_ERROR(txn.Exec(kClearAllowed, txn.tenant(), id).status());
        if (protection.active()) {
          const std::set<std::string> allowed(protection.allowed_user_ids().begin(),
                                              protection.allowed_user_ids().end());
          RETURN_IF_ERROR(
              txn.Exec(kInsertAllowed, txn.tenant(), id,
                       db::TextArray(std::vector<std::string>(allowed.begin(), allowed.end())))
                  .status());
        }
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
        const Sealed sealed =
            keys.Seal(keys.Binding("break_glass", use.grant_id()), request.reason());
        RETURN_IF_ERROR(txn.Exec(kInsertGlass, txn.tenant(), use.grant_id(), use.subject_id(),
                                 use.opened_by(), call.now, expires, due, sealed.key_version,
                                 db::Bytea{sealed.bytes})
                            .status());
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
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(absl::StrCat(kReadGlass, " AND (NOT $2 OR reviewed_at IS NULL)",
                                           " ORDER BY (reviewed_at IS NOT NULL), opened_at DESC,"
                                           " grant_id LIMIT 500"),
                              txn.tenant(), request.open_only()));
    std::vector<std::string> people;
    std::vector<v1::BreakGlassUse> uses;
    for (const pqxx::row& row : rows) {
      ASSIGN_OR_RETURN(v1::BreakGlassUse use, ReadUse(keys, row));
      people.push_back(use.subject_id());
      uses.push_back(std::move(use));
    }
    // Nobody reviews what was done to their own record.
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, people));
    std::vector<Act> acts;
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
        ASSIGN_OR_RETURN(const pqxx::result rows,
                         txn.Exec(absl::StrCat(kReadGlass, " AND grant_id = $2 FOR UPDATE"),
                                  txn.tenant(), request.grant_id()));
        if (rows.empty()) return unknown;
        ASSIGN_OR_RETURN(*response->mutable_use(), ReadUse(keys, rows[0]));
        v1::BreakGlassUse& use = *response->mutable_use();
        RETURN_IF_ERROR(CheckSubject(txn, call, use.subject_id()).status());
        if (use.opened_by() == call.caller.user_id) {
          return status::PermissionDenied("SAME_PERSON", "Somebody else reviews it.");
        }
        if (!use.reviewed_by().empty()) {
          return status::FailedPrecondition("REVIEW_DONE", "It was reviewed already.");
        }
        if (!request.note().empty()) use.set_reason(use.reason() + kNote + request.note());
        const Sealed sealed = keys.Seal(keys.Binding("break_glass", use.grant_id()), use.reason());
        RETURN_IF_ERROR(txn.Exec(kReviewGlass, txn.tenant(), use.grant_id(), call.caller.user_id,
                                 call.now, request.justified(), sealed.key_version,
                                 db::Bytea{sealed.bytes})
                            .status());
        use.set_reviewed_by(call.caller.user_id);
        *use.mutable_reviewed_time() = ToTimestamp(call.now);
        use.set_justified(request.justified());
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
        const Sealed sealed = keys.Seal(keys.Binding("reidentification", one.reidentification_id()),
                                        request.reason());
        RETURN_IF_ERROR(txn.Exec(kInsertRequest, txn.tenant(), one.reidentification_id(),
                                 one.pseudonym(), one.requested_by(), call.now, sealed.key_version,
                                 db::Bytea{sealed.bytes})
                            .status());
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
        ASSIGN_OR_RETURN(Request held, LockRequest(txn, keys, request.reidentification_id()));
        v1::Reidentification& one = held.message;
        if (one.requested_by() == call.caller.user_id) {
          return status::PermissionDenied("SAME_PERSON", "Somebody else decides on it.");
        }
        if (!one.decided_by().empty()) {
          return status::FailedPrecondition("REQUEST_DECIDED", "It was decided already.");
        }
        std::string person_id;
        if (request.grant()) {
          ASSIGN_OR_RETURN(person_id,
                           SubjectBehind(txn, *options_.audit_subjects, one.pseudonym()));
          // Nobody opens their own record by this door.
          RETURN_IF_ERROR(CheckSubject(txn, call, person_id).status());
        }
        one.set_decided_by(call.caller.user_id);
        *one.mutable_decided_time() = ToTimestamp(call.now);
        one.set_granted(request.grant());
        std::optional<absl::Time> expires;
        if (request.grant()) {
          expires = call.now + absl::Minutes(minutes);
          *one.mutable_expires_time() = ToTimestamp(*expires);
        }
        RETURN_IF_ERROR(txn.Exec(kDecide, txn.tenant(), one.reidentification_id(), one.decided_by(),
                                 call.now, request.grant(), expires, person_id)
                            .status());
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
    ASSIGN_OR_RETURN(const Request held, LockRequest(txn, keys, request.reidentification_id()));
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
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(absl::StrCat(kReadRequests,
                                           " ORDER BY (decided_at IS NOT NULL), requested_at DESC,"
                                           " reidentification_id LIMIT 500"),
                              txn.tenant()));
    for (const pqxx::row& row : rows) {
      ASSIGN_OR_RETURN(Request one, ReadRequest(keys, row));
      *response->add_reidentifications() = std::move(one.message);
    }
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_READ,
                         .object_type = "reidentifications",
                         .object_count = response->reidentifications_size()}});
  });
}

}  // namespace waymark::workforce
