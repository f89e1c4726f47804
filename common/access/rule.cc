#include "common/access/rule.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/status.h"

namespace waymark::access {

namespace v1 = options::v1;

bool IsTenant(absl::string_view tenant) {
  if (tenant.empty() || tenant.size() > 64 || !absl::ascii_isalnum(tenant.front())) return false;
  return std::all_of(tenant.begin(), tenant.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
}

const v1::Rule* RuleFor(absl::string_view method) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
  if (descriptor == nullptr || !descriptor->options().HasExtension(v1::rule)) return nullptr;
  return &descriptor->options().GetExtension(v1::rule);
}

bool HasRole(const Caller& caller, v1::Role role) {
  return std::find(caller.roles.begin(), caller.roles.end(), role) != caller.roles.end();
}

absl::StatusOr<Granted> Authorise(const v1::Rule& rule, const Caller& caller,
                                  absl::string_view peer_service) {
  if (!caller.is_user()) {
    for (const std::string& service : rule.services()) {
      if (!service.empty() && service == peer_service) return Granted{.as_service = true};
    }
    if (rule.grants_size() > 0) {
      return status::Unauthenticated("TOKEN_MISSING",
                                     "This method needs a person's token: send it as the "
                                     "`authorization: Bearer` metadata of the call.");
    }
    return status::PermissionDenied("SERVICE_NOT_NAMED",
                                    "This method is for named services; the one in the client "
                                    "certificate is not among them.");
  }
  Granted granted;
  for (const v1::Grant& grant : rule.grants()) {
    v1::Grant held;
    held.set_relation(grant.relation());
    for (int role : grant.roles()) {
      if (role != v1::ROLE_UNSPECIFIED && HasRole(caller, static_cast<v1::Role>(role))) {
        held.add_roles(static_cast<v1::Role>(role));
      }
    }
    if (held.roles_size() > 0 && held.relation() != v1::RELATION_UNSPECIFIED) {
      granted.grants.push_back(std::move(held));
    }
  }
  if (granted.grants.empty()) {
    return status::PermissionDenied("ROLE_REQUIRED",
                                    "None of the roles in the token may call this method.");
  }
  return granted;
}

namespace {

// Subjects are compared without regard to case: another spelling of a UUID must not open one's own
// record.
bool IsOwn(const Caller& caller, const RecordFacts& record) {
  return caller.subject_id.has_value() && !caller.subject_id->empty() &&
         absl::EqualsIgnoreCase(*caller.subject_id, record.subject_id);
}

bool GivesToOfficer(const v1::Grant& grant) {
  return std::find(grant.roles().begin(), grant.roles().end(), v1::ROLE_OFFICER) !=
         grant.roles().end();
}

bool IsManager(int role) {
  return role == v1::ROLE_LINE_MANAGER || role == v1::ROLE_HR_INTEGRATION ||
         role == v1::ROLE_SUPERVISOR_REPORTER;
}

bool Reaches(const v1::Grant& grant, const Caller& caller, const RecordFacts& record) {
  if (record.hidden_from_managers &&
      std::all_of(grant.roles().begin(), grant.roles().end(), IsManager)) {
    return false;
  }
  const bool same_tenant = !caller.tenant.empty() && caller.tenant == record.tenant;
  const bool own = IsOwn(caller, record);
  switch (grant.relation()) {
    case v1::RELATION_SAME_FORCE:
      return same_tenant && !own;
    case v1::RELATION_ASSIGNED:
      return same_tenant && !own && !record.assigned_to.empty() &&
             record.assigned_to == caller.user_id;
    case v1::RELATION_OWN_CASE:
      return same_tenant && own && GivesToOfficer(grant);
    case v1::RELATION_REFERRED_TO_ME:
      return !own && !caller.tenant.empty() && record.referred_to == caller.tenant;
    case v1::RELATION_REPORTER:
      return same_tenant && (!own || GivesToOfficer(grant));
    default:
      return false;
  }
}

}  // namespace

absl::Status CheckRelation(const Granted& granted, const Caller& caller,
                           const RecordFacts& record) {
  if (granted.as_service && !caller.tenant.empty() && caller.tenant == record.tenant) {
    return absl::OkStatus();
  }
  for (const v1::Grant& grant : granted.grants) {
    if (Reaches(grant, caller, record)) return absl::OkStatus();
  }
  return status::NotFound("RECORD_NOT_FOUND", "There is no such record for this caller.");
}

Scope ScopeOf(const Granted& granted, const Caller& caller) {
  Scope scope;
  scope.not_subject = caller.subject_id;
  scope.whole_force = granted.as_service;
  for (const v1::Grant& grant : granted.grants) {
    switch (grant.relation()) {
      case v1::RELATION_SAME_FORCE:
        scope.whole_force = true;
        break;
      case v1::RELATION_ASSIGNED:
        scope.assigned_to = caller.user_id;
        break;
      case v1::RELATION_OWN_CASE:
        if (GivesToOfficer(grant)) scope.own_subject = caller.subject_id;
        break;
      case v1::RELATION_REFERRED_TO_ME:
        scope.referred_to = caller.tenant;
        break;
      default:
        break;  // REPORTER reaches nothing that is already there.
    }
  }
  return scope;
}

}  // namespace waymark::access
