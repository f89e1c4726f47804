// Changing people: entering, adopting, correcting, moving, ending, and what they choose themselves.
#include <algorithm>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/people/check.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/joins.h"

namespace waymark::workforce {
namespace {

// The fields that RegisterPerson and ChangePerson have in common.
template <typename Request>
v1::Person PersonOf(const Request& request) {
  v1::Person person;
  if (request.has_name()) *person.mutable_name() = request.name();
  if (request.has_birth_date()) *person.mutable_birth_date() = request.birth_date();
  person.set_sex(request.sex());
  if (request.has_nhs_number()) *person.mutable_nhs_number() = request.nhs_number();
  if (request.has_work()) *person.mutable_work() = request.work();
  if (request.has_personal()) *person.mutable_personal() = request.personal();
  person.set_home_area(request.home_area());
  if (request.has_next_of_kin()) *person.mutable_next_of_kin() = request.next_of_kin();
  person.set_language(request.language());
  person.set_user_id(request.user_id());
  return person;
}

void StampNhsNumber(v1::Person& person, absl::Time now) {
  if (!person.has_nhs_number()) return;
  v1::NhsNumber& number = *person.mutable_nhs_number();
  if (number.status() == v1::NHS_NUMBER_STATUS_UNSPECIFIED) {
    number.set_status(v1::NHS_NUMBER_STATUS_SELF_DECLARED);
  }
  *number.mutable_checked_time() = casework::ToTimestamp(now);
}

absl::Status Stale() {
  return status::FailedPrecondition(
      "STALE_VERSION", "The record has changed since it was read: read it again and decide anew.");
}

}  // namespace

absl::Status People::RegisterPerson(const rpc::Call& call, const v1::RegisterPersonRequest& request,
                                    v1::RegisterPersonResponse* response) {
  v1::Person person = PersonOf(request);
  status::FieldViolations violations;
  CheckPerson(person, Today(call), violations);
  if (!request.has_name()) violations.Add("name", "REQUIRED", "Who it is.");
  if (!request.subject_id().empty() && !ids::IsUuid(request.subject_id())) {
    violations.Add("subject_id", "NOT_A_UUID", "A lower-case UUID, or nothing.");
  }
  if (request.workforce_type() == v1::WORKFORCE_TYPE_UNSPECIFIED) {
    violations.Add("workforce_type", "REQUIRED", "Officer, family member, volunteer ...");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  StampNhsNumber(person, call.now);
  if (person.nhs_number().number().empty()) person.clear_nhs_number();
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        const std::string id = request.subject_id().empty()
                                   ? ids::DeriveUuid(call.request_id, "person")
                                   : request.subject_id();
        if (call.caller.subject_id == id) {
          return status::PermissionDenied("OWN_CASE_AS_STAFF",
                                          "Nobody enters themselves: a colleague does.");
        }
        ASSIGN_OR_RETURN(const auto known, ReadPeople(txn, {id}, /*lock=*/true));
        FieldsWrite write;
        write.person_id = id;
        write.set = ToFields(person);
        if (known.empty()) {
          write.is_new = true;
          RETURN_IF_ERROR(InsertPeople(
              txn, {{id, v1::PERSON_STATE_ACTIVE, request.workforce_type()}}, call.now));
        } else if (known.at(id).state == v1::PERSON_STATE_PROVISIONAL) {
          RETURN_IF_ERROR(NamePerson(txn, id, request.workforce_type(), call.now));
        } else {
          return status::AlreadyExists("SUBJECT_EXISTS", "This subject id has a name already.");
        }
        RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
        RETURN_IF_ERROR(QueueDuplicates(txn, {id}, call.now));
        ASSIGN_OR_RETURN(const std::vector<std::string> others, DuplicatesOf(txn, id));
        ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, others));
        for (const std::string& other : others) {
          const auto found = seen.find(other);
          if (found != seen.end() && found->second.sight == Sight::kWhole) {
            response->add_possible_duplicates(other);
          }
        }
        ASSIGN_OR_RETURN(const Seen now, CheckSubject(txn, call, id));
        ASSIGN_OR_RETURN(*response->mutable_person(), ViewOf(txn, keys, now, /*own=*/false));
        return desk_.AuditChange(txn, call, "person", id, id);
      });
}

absl::Status People::AdoptSubjects(const rpc::Call& call, const v1::AdoptSubjectsRequest& request,
                                   v1::AdoptSubjectsResponse* response) {
  status::FieldViolations violations;
  if (request.subject_ids_size() < 1 || request.subject_ids_size() > 1000) {
    violations.Add("subject_ids", "COUNT", "1 to 1,000 of them.");
  }
  if (!std::all_of(request.subject_ids().begin(), request.subject_ids().end(),
                   [](const std::string& id) { return ids::IsUuid(id); })) {
    violations.Add("subject_ids", "NOT_A_UUID", "Lower-case UUIDs.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        std::vector<std::string> ids(request.subject_ids().begin(), request.subject_ids().end());
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        ASSIGN_OR_RETURN(const auto known, ReadPeople(txn, ids));
        std::vector<NewPerson> adopt;
        std::vector<casework::Act> acts;
        for (const std::string& id : ids) {
          if (known.contains(id)) continue;
          adopt.push_back({id, v1::PERSON_STATE_PROVISIONAL, v1::WORKFORCE_TYPE_UNSPECIFIED});
          acts.push_back({.action = audit::v1::ACTION_CHANGE,
                          .object_type = "person",
                          .object_id = id,
                          .subject_id = id});
        }
        response->set_adopted_count(static_cast<int32_t>(adopt.size()));
        response->set_known_count(static_cast<int32_t>(known.size()));
        if (adopt.empty()) return absl::OkStatus();
        RETURN_IF_ERROR(InsertPeople(txn, adopt, call.now));
        return desk_.Audit(txn, call, acts);
      });
}

absl::Status People::ChangePerson(const rpc::Call& call, const v1::ChangePersonRequest& request,
                                  v1::ChangePersonResponse* response) {
  v1::Person person = PersonOf(request);
  status::FieldViolations violations;
  CheckPerson(person, Today(call), violations);
  FieldsWrite write;
  for (const std::string& field : request.clear()) {
    if (field == "personal") {
      write.clear.push_back(Field::kPersonal);
    } else if (field == "home_area") {
      write.clear.push_back(Field::kHomeArea);
    } else if (field == "next_of_kin") {
      write.clear.push_back(Field::kNextOfKin);
    } else if (field == "user_id") {
      write.clear.push_back(Field::kUserId);
    } else {
      violations.Add("clear", "UNKNOWN_FIELD", "personal, home_area, next_of_kin or user_id.");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  StampNhsNumber(person, call.now);
  if (person.has_nhs_number() && person.nhs_number().number().empty()) {
    write.clear.push_back(Field::kNhsNumber);
    person.clear_nhs_number();
  }
  write.set = ToFields(person);
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, request.subject_id()));
        if (row.version != request.expected_version()) return Stale();
        write.person_id = row.person_id;
        if (request.seal_history()) {
          RETURN_IF_ERROR(SealFormerIdentity(txn, keys, {row.person_id}, call.now));
        }
        RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
        RETURN_IF_ERROR(TouchPeople(txn, {row.person_id}, call.now));
        RETURN_IF_ERROR(QueueDuplicates(txn, {row.person_id}, call.now));
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, row.person_id));
        ASSIGN_OR_RETURN(*response->mutable_person(), ViewOf(txn, keys, seen, /*own=*/false));
        return desk_.AuditChange(txn, call, "person", row.person_id, row.person_id);
      });
}

absl::Status People::RecordEmployment(const rpc::Call& call,
                                      const v1::RecordEmploymentRequest& request,
                                      v1::RecordEmploymentResponse* response) {
  status::FieldViolations violations;
  CheckEmployment(request.employment(), request.subject_id(), violations);
  if (!request.has_from_date() || request.from_date().year() < 1900 ||
      request.from_date().year() > 9998) {
    violations.Add("from_date", "REQUIRED", "The first day on which it is true.");
  }
  const std::string& manager = request.employment().manager_subject_id();
  if (!manager.empty() && !ids::IsUuid(manager)) {
    violations.Add("employment.manager_subject_id", "NOT_A_UUID", "A lower-case UUID.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, request.subject_id()));
        const std::string& id = row.person_id;
        if (!manager.empty()) {
          ASSIGN_OR_RETURN(const auto managers, ReadPeople(txn, {manager}));
          if (managers.empty() || manager == id) {
            status::FieldViolations unknown;
            unknown.Add("employment.manager_subject_id", "MANAGER_UNKNOWN",
                        "Another person who is known here.");
            return unknown.ToStatus();
          }
        }
        ASSIGN_OR_RETURN(const std::vector<Slice> known,
                         ReadSlices(txn, keys, {id}, std::nullopt, call.now));
        Statement statement;
        statement.person_id = id;
        statement.employment = request.employment();
        if (statement.employment.force_code().empty()) {
          statement.employment.set_force_code(txn.tenant());
        }
        statement.from = casework::DayOf(request.from_date());
        statement.source = "manual";
        statement.source_version = request.source_version();
        if (request.employment().employment_id().empty()) {
          statement.is_new = true;
          statement.employment.set_employment_id(ids::DeriveUuid(call.request_id, "employment"));
          statement.source_version = std::max<int64_t>(statement.source_version, 1);
        } else {
          int64_t highest = 0;
          bool found = false;
          for (const Slice& slice : known) {
            if (slice.employment.employment_id() != request.employment().employment_id()) continue;
            found = true;
            highest = std::max(highest, slice.source_version);
          }
          if (!found) {
            return status::NotFound("EMPLOYMENT_UNKNOWN", "This person has no such employment.");
          }
          if (statement.source_version == 0) statement.source_version = highest + 1;
        }
        RETURN_IF_ERROR(WriteStatements(txn, keys, {statement}, Today(call), call.now));
        ASSIGN_OR_RETURN(const std::vector<Slice> now,
                         ReadSlices(txn, keys, {id}, std::nullopt, call.now));
        for (const Slice& slice : now) {
          if (slice.employment.employment_id() == statement.employment.employment_id()) {
            *response->add_slices() = ToMessage(slice);
          }
        }
        ASSIGN_OR_RETURN(const auto after, ReadPeople(txn, {id}));
        response->set_state(after.at(id).state);
        return desk_.AuditChange(txn, call, "employment", statement.employment.employment_id(), id);
      });
}

absl::Status People::RecordDeath(const rpc::Call& call, const v1::RecordDeathRequest& request,
                                 v1::RecordDeathResponse* response) {
  status::FieldViolations violations;
  if (!request.has_death_date() || request.death_date().year() < 1900 ||
      casework::DayOf(request.death_date()) > Today(call)) {
    violations.Add("death_date", "DATE_INVALID", "A day that is not in the future.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, request.subject_id()));
        const std::string& id = row.person_id;
        const absl::CivilDay day = casework::DayOf(request.death_date());
        FieldsWrite write;
        write.person_id = id;
        write.set[Field::kDeathDate] = request.death_date().SerializeAsString();
        RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
        RETURN_IF_ERROR(
            EndEmployments(txn, keys, id, v1::END_REASON_DIED, day + 1, Today(call), call.now));
        // With this commit nobody resolves a route of theirs any more, and no statement leaves.
        RETURN_IF_ERROR(SetPersonState(txn, id, v1::PERSON_STATE_DECEASED, call.now));
        if (options_.on_death != nullptr) {
          RETURN_IF_ERROR(options_.on_death(txn, id, call.now));
        }
        ASSIGN_OR_RETURN(const auto after, ReadPeople(txn, {id}));
        response->set_version(after.at(id).version);
        return desk_.AuditChange(txn, call, "death", id, id);
      });
}

absl::Status People::SetMyChoices(const rpc::Call& call, const v1::SetMyChoicesRequest& request,
                                  v1::SetMyChoicesResponse* response) {
  status::FieldViolations violations;
  CheckChoices(request.choices(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(call, request, response,
                    [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
                      ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, ""));
                      if (row.choices_version != request.expected_version()) return Stale();
                      FieldsWrite write;
                      write.person_id = row.person_id;
                      write.set[Field::kChoices] = request.choices().SerializeAsString();
                      RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
                      RETURN_IF_ERROR(RaiseChoices(txn, row.person_id, call.now));
                      response->set_choices_version(row.choices_version + 1);
                      return desk_.AuditChange(txn, call, "choices", row.person_id, row.person_id);
                    });
}

absl::Status People::GiveConsent(const rpc::Call& call, const v1::GiveConsentRequest& request,
                                 v1::GiveConsentResponse* response) {
  status::FieldViolations violations;
  if (request.kind() == v1::DISCLOSURE_KIND_UNSPECIFIED) {
    violations.Add("kind", "REQUIRED", "What may be disclosed.");
  }
  if (!db::IsTenant(request.recipient())) {
    violations.Add("recipient", "REQUIRED", "The code of the force or provider.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, ""));
        v1::Consent& consent = *response->mutable_consent();
        consent.set_consent_id(ids::DeriveUuid(call.request_id, "consent"));
        consent.set_kind(request.kind());
        consent.set_recipient(request.recipient());
        *consent.mutable_given_time() = casework::ToTimestamp(call.now);
        RETURN_IF_ERROR(InsertConsent(txn, row.person_id, consent));
        return desk_.AuditChange(txn, call, "consent", consent.consent_id(), row.person_id);
      });
}

absl::Status People::WithdrawConsent(const rpc::Call& call,
                                     const v1::WithdrawConsentRequest& request,
                                     v1::WithdrawConsentResponse* response) {
  if (!ids::IsUuid(request.consent_id())) {
    return status::NotFound("CONSENT_UNKNOWN", "You have given no such consent.");
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, ""));
        RETURN_IF_ERROR(EndConsent(txn, row.person_id, request.consent_id(), call.now));
        ASSIGN_OR_RETURN(const std::vector<v1::Consent> consents, ConsentsOf(txn, row.person_id));
        for (const v1::Consent& consent : consents) {
          if (consent.consent_id() != request.consent_id()) continue;
          *response->mutable_consent() = consent;
          return desk_.AuditChange(txn, call, "consent", consent.consent_id(), row.person_id);
        }
        return status::NotFound("CONSENT_UNKNOWN", "You have given no such consent.");
      });
}

}  // namespace waymark::workforce
