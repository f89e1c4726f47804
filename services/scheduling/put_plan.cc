
#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/outbox/inbox.h"
#include "common/status/status.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

constexpr int kMostPlans = 500;
constexpr int kMostCases = 2000;

absl::Status CheckSource(const rpc::Call& call, absl::string_view source) {
  if (source == call.caller.service) return absl::OkStatus();
  return status::PermissionDenied("WRONG_SOURCE",
                                  "source must be the service of the client certificate.");
}

absl::Status CheckPlans(const v1::PutPlanRequest& request) {
  status::FieldViolations violations;
  if (request.plans().empty() || request.plans_size() > kMostPlans) {
    violations.Add("plans", "RANGE", "1 to 500 plans a call.");
    return violations.ToStatus();
  }
  for (int i = 0; i < request.plans_size(); ++i) {
    const v1::NumberedPlan& one = request.plans(i);
    const std::string at = absl::StrCat("plans[", i, "]");
    if (one.number() < 0) violations.Add(absl::StrCat(at, ".number"), "RANGE", "0 or more.");
    if (!ids::IsUuid(one.event_id())) {
      violations.Add(absl::StrCat(at, ".event_id"), "NOT_A_UUID", "A lower-case UUID.");
    }
    for (const status::FieldViolation& found : status::Violations(CheckPlan(one.plan()))) {
      violations.Add(absl::StrCat(at, ".plan.", found.field), found.reason, found.description);
    }
  }
  return violations.ToStatus();
}

}  // namespace

absl::Status Scheduling::PutPlan(const rpc::Call& call, const v1::PutPlanRequest& request,
                                 v1::PutPlanResponse* response) {
  RETURN_IF_ERROR(CheckSource(call, request.source()));
  RETURN_IF_ERROR(CheckPlans(request));
  std::vector<const v1::Plan*> plans;
  std::vector<outbox::Arrival> arrivals;
  for (const v1::NumberedPlan& one : request.plans()) {
    plans.push_back(&one.plan());
    if (one.number() > 0) arrivals.push_back({one.number(), one.event_id()});
  }
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    if (!arrivals.empty()) {
      ASSIGN_OR_RETURN(const outbox::Accepted accepted,
                       outbox::Accept(txn, request.source(), arrivals, options_.real_clock->Now()));
      response->set_highest_contiguous_number(accepted.contiguous);
    }
    // Plans that came before are stored again all the same: their version decides.
    ASSIGN_OR_RETURN(const PutResult put, PutPlans(txn, *options_.keys, *options_.references,
                                                   request.source(), plans, call.now));
    response->set_applied_count(put.applied);
    response->set_ignored_count(put.ignored);
    if (put.applied > 0) {
      txn.OnCommit([this, tenant = txn.tenant(), earliest = put.earliest] {
        options_.changed(tenant, earliest);
      });
    }
    return absl::OkStatus();
  });
}

absl::Status Scheduling::Reconcile(const rpc::Call& call, const v1::ReconcileRequest& request,
                                   v1::ReconcileResponse* response) {
  RETURN_IF_ERROR(CheckSource(call, request.source()));
  status::FieldViolations violations;
  if (request.cases_size() > kMostCases) {
    violations.Add("cases", "RANGE", "At most 2,000 cases a call.");
  }
  std::vector<std::string> case_ids;
  for (const v1::CaseVersion& one : request.cases()) {
    if (!ids::IsUuid(one.case_id()) || one.case_version() < 1) {
      violations.Add("cases", "INCOMPLETE", "A lower-case UUID and a version of 1 or more.");
      break;
    }
    case_ids.push_back(one.case_id());
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const auto known, KnownVersions(txn, *options_.references, case_ids));
    for (const v1::CaseVersion& held : request.cases()) {
      const auto found = known.find(held.case_id());
      const int64_t version = found == known.end() ? 0 : found->second;
      if (version == held.case_version()) continue;
      v1::CaseVersion& differs =
          version < held.case_version() ? *response->add_behind() : *response->add_ahead();
      differs.set_case_id(held.case_id());
      differs.set_case_version(version);
    }
    ASSIGN_OR_RETURN(const auto states, outbox::InboxStates(txn));
    for (const outbox::InboxState& state : states) {
      if (state.source != request.source()) continue;
      response->set_highest_contiguous_number(state.contiguous);
      response->set_highest_number(state.highest);
    }
    return absl::OkStatus();
  });
}

}  // namespace waymark::scheduling
