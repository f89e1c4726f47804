// Who may call a method (the rule printed on it) and which records they may reach (the relation).
//
// Both questions are pure. The corridor in common/rpc asks the first for every call; a room asks
// the second as soon as it has loaded the record:
//
//   RETURN_IF_ERROR(access::CheckRelation(call.granted, call.caller, {.tenant = row.tenant, ...}));
#ifndef WAYMARK_COMMON_ACCESS_RULE_H_
#define WAYMARK_COMMON_ACCESS_RULE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/access/caller.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::access {

// The rule of a method by its full name, "waymark.bbv.v1.BbvService.LogExposure", read from the
// generated descriptor pool. Null when the method is unknown or carries no rule: refuse the call.
const options::v1::Rule* RuleFor(absl::string_view method);

// What a call may rest on: each grant of the rule that the caller holds a role for, with only the
// roles the caller holds.
struct Granted {
  std::vector<options::v1::Grant> grants;
  // The caller is a service named by the rule. No relation is asked beyond the tenant.
  bool as_service = false;
};

// Which grants of `rule` the caller holds. A caller with a token is judged as a user and nothing
// else; without one, as the service of the connection.
// UNAUTHENTICATED TOKEN_MISSING: no token, and `peer_service` is not named by the rule but users
// are. PERMISSION_DENIED ROLE_REQUIRED: a user without any role the rule names. PERMISSION_DENIED
// SERVICE_NOT_NAMED: only services may call, and this one is not named.
absl::StatusOr<Granted> Authorise(const options::v1::Rule& rule, const Caller& caller,
                                  absl::string_view peer_service);

// What a room knows of the record it is about to show or change.
struct RecordFacts {
  std::string tenant;
  // The person the record is about; empty for a third party or a record about nobody.
  std::string subject_id;
  // The user the case is assigned to, if any.
  std::string assigned_to;
  // The organisation a referral is addressed to, if it is a referral.
  std::string referred_to;
  // That the record exists is none of the business of those who manage the person: a grant through
  // LINE_MANAGER, HR_INTEGRATION or SUPERVISOR_REPORTER does not reach it.
  bool hidden_from_managers = false;
};

// OK when one of the grants reaches this record. Nobody reaches their own record with a staff role:
// only OWN_CASE through OFFICER does, and REPORTER may be about oneself only as OFFICER.
// NOT_FOUND RECORD_NOT_FOUND otherwise, the same answer as for a record that does not exist; the
// caller of this function audits the denial.
absl::Status CheckRelation(const Granted& granted, const Caller& caller, const RecordFacts& record);

// The same question for a list: which records a query may return. A record is in scope when
//   (whole_force and subject is not `not_subject`) or assigned to `assigned_to` (and not
//   `not_subject`) or its subject is `own_subject` or it is referred to `referred_to`.
struct Scope {
  bool whole_force = false;
  std::optional<std::string> assigned_to;
  std::optional<std::string> own_subject;
  std::optional<std::string> referred_to;
  // The caller as a patient; their own records are never listed to them as staff.
  std::optional<std::string> not_subject;
};
Scope ScopeOf(const Granted& granted, const Caller& caller);

// True when `caller` holds `role`.
bool HasRole(const Caller& caller, options::v1::Role role);

}  // namespace waymark::access

#endif  // WAYMARK_COMMON_ACCESS_RULE_H_
