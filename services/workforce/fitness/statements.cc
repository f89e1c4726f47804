
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/plan.h"
#include "services/workforce/fitness/room.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

constexpr int kExpiredAtOnce = 100;

absl::Status NeedsUuid(absl::string_view field, absl::string_view id) {
  if (ids::IsUuid(id)) return absl::OkStatus();
  status::FieldViolations violations;
  violations.Add(field, "NOT_A_UUID", "A lower-case UUID.");
  return violations.ToStatus();
}

// The statement, its person locked and seen by the caller, in the version the caller knows.
absl::StatusOr<StoredStatement> Locked(db::Transaction& txn, const TenantKeys& keys,
                                       const rpc::Call& call, absl::string_view statement_id,
                                       int64_t expected_version) {
  RETURN_IF_ERROR(NeedsUuid("statement_id", statement_id));
  ASSIGN_OR_RETURN(const StoredStatement found,
                   ReadStatement(txn, keys, statement_id, /*lock=*/false));
  // The person first, as everywhere: a death and an answer wait for each other.
  RETURN_IF_ERROR(LockSubject(txn, call, found.person_id).status());
  ASSIGN_OR_RETURN(StoredStatement stored, ReadStatement(txn, keys, statement_id, /*lock=*/true));
  if (expected_version != stored.statement.version()) {
    return status::WithMetadata(
        status::Aborted("STALE_VERSION", "The statement has changed: read it again."), "version",
        absl::StrCat(stored.statement.version()));
  }
  return stored;
}

}  // namespace

rpc::Call CallOfDuty(const std::string& tenant, absl::string_view method, absl::Time now) {
  rpc::Call call;
  call.caller.tenant = tenant;
  call.caller.service = "workforce";
  call.method = absl::StrCat("waymark.workforce.v1.FitnessService.", method);
  call.rule = access::RuleFor(call.method);
  call.now = now;
  return call;
}

absl::Status FitnessRoom::Keep(db::Transaction& txn, const TenantKeys& keys,
                               const StoredStatement& stored) {
  RETURN_IF_ERROR(WriteStatement(txn, keys, stored));
  return options_.tell(txn, PlanOf(Rules(), stored.statement));
}

absl::Status FitnessRoom::EndProposal(db::Transaction& txn, const StoredProposal& proposal,
                                      absl::Time now) {
  RETURN_IF_ERROR(CloseProposal(txn, proposal.proposal_id, now));
  return options_.tell(txn, ClosedPlan(proposal.proposal_id, 2));
}

absl::Status FitnessRoom::Settle(db::Transaction& txn, const TenantKeys& keys,
                                 StoredStatement& stored, v1::ReleaseKind leaves, absl::Time now) {
  v1::Fitness& fitness = *stored.statement.mutable_fitness();
  if (leaves == v1::RELEASE_KIND_STATEMENT) {
    // What it takes the place of is what the employer has, whatever the clinician named: that an
    // earlier statement was disputed or withheld is none of their business.
    fitness.clear_replaces_statement_id();
    ASSIGN_OR_RETURN(std::vector<StoredStatement> standing,
                     StandingOf(txn, keys, stored.person_id));
    for (StoredStatement& one : standing) {
      if (casework::FromTimestamp(one.statement.issued_time()) >
          casework::FromTimestamp(stored.statement.issued_time())) {
        return status::FailedPrecondition("STATEMENT_STATE", "A later statement stands already.");
      }
      if (fitness.replaces_statement_id().empty()) {
        fitness.set_replaces_statement_id(one.statement.fitness().statement_id());
      }
      RETURN_IF_ERROR(Supersede(now, one.statement).status());
      RETURN_IF_ERROR(Keep(txn, keys, one));
    }
  }
  RETURN_IF_ERROR(Keep(txn, keys, stored));
  if (leaves == v1::RELEASE_KIND_UNSPECIFIED) return absl::OkStatus();
  v1::FitnessRelease release = ReleaseOf(leaves, stored.statement, now);
  RETURN_IF_ERROR(AppendRelease(txn, keys, stored.person_id, fitness.statement_id(), release));
  txn.OnCommit([this, tenant = txn.tenant()] { options_.released(tenant); });
  return absl::OkStatus();
}

absl::Status FitnessRoom::IssueFitness(const rpc::Call& call,
                                       const v1::IssueFitnessRequest& request,
                                       v1::IssueFitnessResponse* response) {
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        RETURN_IF_ERROR(NeedsUuid("fitness.subject_id", request.fitness().subject_id()));
        ASSIGN_OR_RETURN(const PersonRow person,
                         LockSubject(txn, call, request.fitness().subject_id()));
        if (person.state == v1::PERSON_STATE_TRANSFERRED) {
          return status::FailedPrecondition("PERSON_TRANSFERRED",
                                            "This person has gone to another force.");
        }
        v1::IssueFitnessRequest asked = request;
        asked.mutable_fitness()->set_subject_id(person.person_id);
        if (!asked.proposal_id().empty()) {
          RETURN_IF_ERROR(NeedsUuid("proposal_id", asked.proposal_id()));
          ASSIGN_OR_RETURN(const StoredProposal proposal,
                           LockProposal(txn, keys, asked.proposal_id()));
          ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, {proposal.person_id}));
          const auto whose = shown.find(proposal.person_id);
          if (whose == shown.end() || whose->second != person.person_id) {
            return status::NotFound("PROPOSAL_UNKNOWN", "The proposal is about somebody else.");
          }
          if (asked.case_id().empty()) asked.set_case_id(proposal.proposal.case_id());
          RETURN_IF_ERROR(EndProposal(txn, proposal, call.now));
        }
        ASSIGN_OR_RETURN(const std::vector<StoredStatement> standing,
                         StandingOf(txn, keys, person.person_id));
        Issuing issuing{
            .statement_id = ids::DeriveUuid(call.request_id, "fitness_statement"),
            .issued_by = call.caller.user_id,
            .by_physician = access::HasRole(call.caller, options::v1::ROLE_OH_PHYSICIAN),
            .now = call.now};
        if (!standing.empty()) {
          issuing.recuperative_since = RecuperativeSince(standing.front().statement, Today(call));
        }
        StoredStatement stored{.person_id = person.person_id};
        ASSIGN_OR_RETURN(stored.statement, Issue(Rules(), asked, issuing));
        if (const std::string& replaced = asked.fitness().replaces_statement_id();
            !replaced.empty()) {
          ASSIGN_OR_RETURN(StoredStatement former, ReadStatement(txn, keys, replaced, true));
          ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, {former.person_id}));
          const auto whose = shown.find(former.person_id);
          if (whose == shown.end() || whose->second != person.person_id) {
            return status::NotFound("STATEMENT_UNKNOWN", "There is no such statement of theirs.");
          }
          // One that the employer has stands until this one is released.
          if (IsOpen(former.statement.state()) &&
              former.statement.state() != v1::STATEMENT_STATE_RELEASED) {
            RETURN_IF_ERROR(Supersede(call.now, former.statement).status());
            RETURN_IF_ERROR(Keep(txn, keys, former));
          }
        }
        RETURN_IF_ERROR(Keep(txn, keys, stored));
        *response->mutable_statement() = stored.statement;
        return desk_.AuditChange(txn, call, "fitness_statement",
                                 stored.statement.fitness().statement_id(), person.person_id);
      });
}

absl::Status FitnessRoom::WithdrawFitness(const rpc::Call& call,
                                          const v1::WithdrawFitnessRequest& request,
                                          v1::WithdrawFitnessResponse* response) {
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(StoredStatement stored, Locked(txn, keys, call, request.statement_id(),
                                                        request.expected_version()));
        ASSIGN_OR_RETURN(const v1::ReleaseKind leaves, Withdraw(call.now, stored.statement));
        RETURN_IF_ERROR(Settle(txn, keys, stored, leaves, call.now));
        *response->mutable_statement() = stored.statement;
        return desk_.AuditChange(txn, call, "fitness_withdrawal", request.statement_id(),
                                 stored.person_id);
      });
}

absl::Status FitnessRoom::ReleaseFitness(const rpc::Call& call,
                                         const v1::ReleaseFitnessRequest& request,
                                         v1::ReleaseFitnessResponse* response) {
  std::string refused;
  absl::Status status = desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        refused.clear();
        ASSIGN_OR_RETURN(StoredStatement stored, Locked(txn, keys, call, request.statement_id(),
                                                        request.expected_version()));
        ASSIGN_OR_RETURN(const Consent consent,
                         EmployerConsent(txn, stored.person_id, txn.tenant(), call.now));
        const absl::StatusOr<v1::ReleaseKind> leaves =
            ReleaseUnanswered(consent, call.now, stored.statement);
        if (!leaves.ok()) {
          refused = stored.person_id;
          return leaves.status();
        }
        RETURN_IF_ERROR(Settle(txn, keys, stored, *leaves, call.now));
        *response->mutable_statement() = stored.statement;
        return desk_.AuditChange(txn, call, "fitness_release", request.statement_id(),
                                 stored.person_id);
      });
  if (status.ok() || refused.empty()) return status;
  // An attempt to release against the officer's will stays on record.
  RETURN_IF_ERROR(desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys&) {
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_REFUSED,
                         .object_type = "fitness_release",
                         .object_id = request.statement_id(),
                         .subject_id = refused,
                         .reason = status::Reason(status)}});
  }));
  return status;
}

absl::Status FitnessRoom::AnswerFitness(const rpc::Call& call,
                                        const v1::AnswerFitnessRequest& request,
                                        v1::AnswerFitnessResponse* response) {
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(StoredStatement stored, Locked(txn, keys, call, request.statement_id(),
                                                        request.expected_version()));
        ASSIGN_OR_RETURN(const v1::ReleaseKind leaves, Answer(request, call.now, stored.statement));
        RETURN_IF_ERROR(Settle(txn, keys, stored, leaves, call.now));
        *response->mutable_statement() = stored.statement;
        absl::string_view what = "fitness_acceptance";
        if (request.answer() == v1::OFFICER_ANSWER_DISPUTE_FACTS) what = "fitness_dispute";
        if (request.answer() == v1::OFFICER_ANSWER_WITHHOLD) what = "fitness_consent_withdrawn";
        return desk_.AuditChange(txn, call, what, request.statement_id(), stored.person_id);
      });
}

absl::Status FitnessRoom::ProposeFitness(const rpc::Call& call,
                                         const v1::ProposeFitnessRequest& request,
                                         v1::ProposeFitnessResponse* response) {
  RETURN_IF_ERROR(NeedsUuid("request_id", request.request_id()));
  RETURN_IF_ERROR(NeedsUuid("subject_id", request.subject_id()));
  RETURN_IF_ERROR(NeedsUuid("case_id", request.case_id()));
  rpc::Call once = call;
  once.request_id = request.request_id();
  return desk_.Once(
      once, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        // A case may be about somebody whom nobody has entered yet: their id is taken in, to be
        // named or merged, and the proposal waits with it.
        ASSIGN_OR_RETURN(const auto known, ReadPeople(txn, {request.subject_id()}));
        if (known.empty()) {
          RETURN_IF_ERROR(InsertPeople(txn,
                                       {{request.subject_id(), v1::PERSON_STATE_PROVISIONAL,
                                         v1::WORKFORCE_TYPE_UNSPECIFIED}},
                                       call.now));
          RETURN_IF_ERROR(
              desk_.AuditChange(txn, once, "person", request.subject_id(), request.subject_id()));
        }
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
        if (seen.person.state == v1::PERSON_STATE_DECEASED) {
          return status::FailedPrecondition("PERSON_DECEASED", "This person has died.");
        }
        StoredProposal proposal{
            .proposal_id = ids::DeriveUuid(request.request_id(), "fitness_proposal"),
            .person_id = seen.person.person_id,
            .proposed = call.now,
            .due = request.has_due_time()
                       ? casework::FromTimestamp(request.due_time())
                       : civil::EndOfDay(After(Today(call), Rules().proposal()), civil::London())};
        proposal.proposal.set_case_id(request.case_id());
        proposal.proposal.set_code(request.code());
        RETURN_IF_ERROR(AddProposal(txn, keys, proposal));
        RETURN_IF_ERROR(
            options_.tell(txn, PlanOfProposal(Rules(), proposal.proposal_id, proposal.person_id,
                                              proposal.proposed, proposal.due)));
        response->set_proposal_id(proposal.proposal_id);
        return desk_.AuditChange(txn, once, "fitness_proposal", proposal.proposal_id,
                                 proposal.person_id);
      });
}

absl::Status FitnessRoom::DismissFitnessProposal(const rpc::Call& call,
                                                 const v1::DismissFitnessProposalRequest& request,
                                                 v1::DismissFitnessProposalResponse* response) {
  RETURN_IF_ERROR(NeedsUuid("proposal_id", request.proposal_id()));
  return desk_.Once(call, request, response,
                    [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
                      ASSIGN_OR_RETURN(const StoredProposal proposal,
                                       LockProposal(txn, keys, request.proposal_id()));
                      RETURN_IF_ERROR(CheckSubject(txn, call, proposal.person_id).status());
                      RETURN_IF_ERROR(EndProposal(txn, proposal, call.now));
                      return desk_.AuditChange(txn, call, "fitness_proposal", proposal.proposal_id,
                                               proposal.person_id);
                    });
}

absl::Status FitnessRoom::ExpireStatements(const std::string& tenant) {
  const DeskOptions& with = desk_.options();
  const absl::Time now = with.clinical_clock->Now();
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  const absl::CivilDay today = civil::DateOf(now, civil::London());
  ASSIGN_OR_RETURN(const std::shared_ptr<const TenantKeys> keys,
                   with.vault->KeysOf(deadline, tenant));
  const rpc::Call call = CallOfDuty(tenant, "WithdrawFitness", now);
  int ended = kExpiredAtOnce;
  while (ended == kExpiredAtOnce) {
    RETURN_IF_ERROR(
        with.database->Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(std::vector<StoredStatement> past,
                           PastTheirLastDay(txn, *keys, today, kExpiredAtOnce));
          ended = static_cast<int>(past.size());
          for (StoredStatement& one : past) {
            ASSIGN_OR_RETURN(const v1::ReleaseKind leaves, Expire(now, one.statement));
            RETURN_IF_ERROR(Settle(txn, *keys, one, leaves, now));
            RETURN_IF_ERROR(desk_.AuditChange(txn, call, "fitness_expiry",
                                              one.statement.fitness().statement_id(),
                                              one.person_id));
          }
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

}  // namespace waymark::workforce
