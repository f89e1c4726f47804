#include "services/scheduling/store/rota.h"

#include <optional>
#include <utility>

#include "common/access/rule.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/store/firing.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr size_t kLongestPerson = 128;

bool IsLead(const rpc::Call& call) {
  return access::HasRole(call.caller, options::v1::ROLE_OH_LEAD);
}

absl::Status EmptyPeriod() {
  return status::InvalidArgument("PERIOD_EMPTY", "ends_time comes after starts_time.");
}

absl::Status CheckEntry(const v1::RotaEntry& entry, webhook::Transport transport) {
  status::FieldViolations violations;
  if (!ids::IsUuid(entry.rota_entry_id())) {
    violations.Add("entry.rota_entry_id", "NOT_A_UUID", "A lower-case UUID of your choice.");
  }
  if (entry.role() == options::v1::ROLE_UNSPECIFIED) {
    violations.Add("entry.role", "REQUIRED", "The role in which the person is on duty.");
  }
  if (entry.person().empty() || entry.person().size() > kLongestPerson) {
    violations.Add("entry.person", "LENGTH", "1 to 128 characters.");
  }
  if (!entry.has_starts_time()) violations.Add("entry.starts_time", "REQUIRED", "From when.");
  if (!entry.has_ends_time()) violations.Add("entry.ends_time", "REQUIRED", "Until when.");
  const absl::Status contact = CheckContact(entry.contact(), "entry.contact", transport);
  for (const status::FieldViolation& found : status::Violations(contact)) {
    violations.Add(found.field, found.reason, found.description);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  if (FromTimestamp(entry.ends_time()) <= FromTimestamp(entry.starts_time())) {
    return EmptyPeriod();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Scheduling::Delegate(const rpc::Call& call, const v1::DelegateRequest& request,
                                  v1::DelegateResponse* response) {
  v1::Delegation delegation;
  delegation.set_delegation_id(ids::DeriveUuid(call.request_id, "delegation"));
  delegation.set_from_person(request.from_person().empty() ? call.caller.user_id
                                                           : request.from_person());
  delegation.set_to_person(request.to_person());
  *delegation.mutable_starts_time() =
      request.has_starts_time() ? request.starts_time() : ToTimestamp(call.now);
  *delegation.mutable_ends_time() = request.ends_time();
  status::FieldViolations violations;
  if (request.to_person().empty() || request.to_person().size() > kLongestPerson ||
      request.to_person() == delegation.from_person()) {
    violations.Add("to_person", "REQUIRED", "Somebody else, 1 to 128 characters.");
  }
  if (request.from_person().size() > kLongestPerson) {
    violations.Add("from_person", "LENGTH", "At most 128 characters.");
  }
  if (!request.has_ends_time()) violations.Add("ends_time", "REQUIRED", "Cover has an end.");
  RETURN_IF_ERROR(violations.ToStatus());
  const absl::Duration length =
      FromTimestamp(delegation.ends_time()) - FromTimestamp(delegation.starts_time());
  if (length <= absl::ZeroDuration() || length > absl::Hours(24 * 366)) return EmptyPeriod();
  if (delegation.from_person() != call.caller.user_id && !IsLead(call)) {
    return status::PermissionDenied("ROLE_REQUIRED",
                                    "Only a lead arranges cover for somebody else.");
  }
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(AddDelegation(txn, delegation));
    *response->mutable_delegation() = delegation;
    txn.OnCommit(
        [this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfiniteFuture()); });
    return AuditChange(txn, call, "delegation", delegation.delegation_id());
  });
}

absl::Status Scheduling::EndDelegation(const rpc::Call& call,
                                       const v1::EndDelegationRequest& request,
                                       v1::EndDelegationResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<v1::Delegation> delegations,
                     scheduling::ListDelegations(txn, call.now));
    for (const v1::Delegation& one : delegations) {
      if (one.delegation_id() != request.delegation_id()) continue;
      if (!IsLead(call) && one.from_person() != call.caller.user_id &&
          one.to_person() != call.caller.user_id) {
        break;
      }
      RETURN_IF_ERROR(scheduling::EndDelegation(txn, one.delegation_id(), call.now));
      txn.OnCommit(
          [this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfiniteFuture()); });
      return AuditChange(txn, call, "delegation", one.delegation_id());
    }
    return status::NotFound("DELEGATION_NOT_FOUND", "No such cover is in force or to come.");
  });
}

absl::Status Scheduling::ListDelegations(const rpc::Call& call, const v1::ListDelegationsRequest&,
                                         v1::ListDelegationsResponse* response) {
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<v1::Delegation> delegations,
                     scheduling::ListDelegations(txn, call.now));
    for (const v1::Delegation& one : delegations) {
      if (IsLead(call) || one.from_person() == call.caller.user_id ||
          one.to_person() == call.caller.user_id) {
        *response->add_delegations() = one;
      }
    }
    return absl::OkStatus();
  });
}

absl::Status Scheduling::PutRotaEntry(const rpc::Call& call, const v1::PutRotaEntryRequest& request,
                                      v1::PutRotaEntryResponse* response) {
  RETURN_IF_ERROR(CheckEntry(request.entry(), options_.webhooks));
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(scheduling::PutRotaEntry(txn, *options_.keys, request.entry()));
    *response->mutable_entry() = request.entry();
    response->mutable_entry()->mutable_contact()->clear_secret();
    return AuditChange(txn, call, "rota_entry", request.entry().rota_entry_id());
  });
}

absl::Status Scheduling::DeleteRotaEntry(const rpc::Call& call,
                                         const v1::DeleteRotaEntryRequest& request,
                                         v1::DeleteRotaEntryResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    bool deleted = false;
    if (ids::IsUuid(request.rota_entry_id())) {
      ASSIGN_OR_RETURN(deleted, scheduling::DeleteRotaEntry(txn, request.rota_entry_id()));
    }
    if (!deleted) return status::NotFound("ROTA_ENTRY_NOT_FOUND", "The rota has no such entry.");
    return AuditChange(txn, call, "rota_entry", request.rota_entry_id());
  });
}

absl::Status Scheduling::ListRota(const rpc::Call& call, const v1::ListRotaRequest& request,
                                  v1::ListRotaResponse* response) {
  const absl::Time from = request.has_from_time() ? FromTimestamp(request.from_time()) : call.now;
  const absl::Time until =
      request.has_until_time() ? FromTimestamp(request.until_time()) : absl::InfiniteFuture();
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(std::vector<v1::RotaEntry> entries,
                     scheduling::ListRota(txn, *options_.keys, from, until));
    for (v1::RotaEntry& entry : entries) *response->add_entries() = std::move(entry);
    ASSIGN_OR_RETURN(const std::optional<DutyAddress> duty, ReadDutyAddress(txn, *options_.keys));
    if (duty) {
      *response->mutable_duty_address() = duty->contact;
      response->mutable_duty_address()->clear_secret();
      response->set_active(duty->active);
      response->set_telephone(duty->telephone);
    }
    return absl::OkStatus();
  });
}

absl::Status Scheduling::SetDutyAddress(const rpc::Call& call,
                                        const v1::SetDutyAddressRequest& request,
                                        v1::SetDutyAddressResponse* response) {
  RETURN_IF_ERROR(CheckContact(request.contact(), "contact", options_.webhooks));
  if (request.contact().channel() == v1::CHANNEL_CONSOLE) {
    status::FieldViolations violations;
    violations.Add("contact.channel", "CONTACT_INVALID",
                   "The last resort is somewhere that is always answered, not the console.");
    return violations.ToStatus();
  }
  if (request.telephone().size() > 30 ||
      request.telephone().find_first_not_of("+0123456789 ") != std::string::npos) {
    status::FieldViolations violations;
    violations.Add("telephone", "FORM", "Digits, spaces and a leading '+', at most 30 characters.");
    return violations.ToStatus();
  }
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(
        scheduling::SetDutyAddress(txn, *options_.keys, request.contact(), request.telephone()));
    return AuditChange(txn, call, "duty_address", "");
  });
}

absl::Status Scheduling::ActivateTenant(const rpc::Call& call,
                                        const v1::ActivateTenantRequest& request,
                                        v1::ActivateTenantResponse* response) {
  return Once(call, request, response, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const bool activated, Activate(txn, call.now));
    if (!activated) {
      return status::FailedPrecondition(
          "NO_DUTY_ADDRESS", "Set a duty address first: a notice must always reach somebody.");
    }
    ASSIGN_OR_RETURN(const Backlog backlog, ReadBacklog(txn, call.now));
    response->set_due_now_count(backlog.due_rungs);
    txn.OnCommit([this, tenant = txn.tenant()] { options_.changed(tenant, absl::InfinitePast()); });
    return AuditChange(txn, call, "tenant", "");
  });
}

}  // namespace waymark::scheduling
