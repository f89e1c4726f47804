// Reading people: one, a few that are found, the names of a list, the routes to a recipient.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/access/rule.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/former_identities.h"

namespace waymark::workforce {
namespace {

constexpr int kMostHits = 20;
constexpr int kMostNames = 1000;

absl::Status CheckIds(const google::protobuf::RepeatedPtrField<std::string>& ids,
                      absl::string_view field, int least, int most) {
  status::FieldViolations violations;
  if (ids.size() < least || ids.size() > most) {
    violations.Add(field, "COUNT", absl::StrCat(least, " to ", most, " of them."));
  }
  if (!std::all_of(ids.begin(), ids.end(), [](const std::string& id) { return ids::IsUuid(id); })) {
    violations.Add(field, "NOT_A_UUID", "Lower-case UUIDs.");
  }
  return violations.ToStatus();
}

// Who stands behind each sign-in today. Left out where nobody does, and where two people do: nobody
// knows which. One person in two records that were joined is one.
absl::StatusOr<std::map<std::string, std::string>> PeopleBySignIn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& user_ids,
    absl::CivilDay today) {
  ASSIGN_OR_RETURN(const auto found,
                   FindEachByToken(txn, keys, TokenKind::kUserId, user_ids, today));
  std::vector<std::string> ids;
  for (const auto& [user, people] : found) ids.insert(ids.end(), people.begin(), people.end());
  std::map<std::string, std::string> by_user;
  if (ids.empty()) return by_user;
  ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, ids));
  for (const auto& [user, people] : found) {
    std::set<std::string> behind;
    for (const std::string& id : people) {
      if (const auto one = shown.find(id); one != shown.end()) behind.insert(one->second);
    }
    if (behind.size() == 1) by_user.emplace(user, *behind.begin());
  }
  return by_user;
}

}  // namespace

absl::Status People::FindPeople(const rpc::Call& call, const v1::FindPeopleRequest& request,
                                v1::FindPeopleResponse* response) {
  const int asked = !request.nhs_number().empty() + !request.employee_number().empty() +
                    !request.collar_number().empty() + !request.email().empty() +
                    !request.family_name().empty();
  status::FieldViolations violations;
  if (asked != 1) {
    violations.Add("family_name", "ONE_OF",
                   "Exactly one of nhs_number, employee_number, collar_number, email, "
                   "family_name.");
  }
  if (!request.nhs_number().empty() && !IsNhsNumber(request.nhs_number())) {
    violations.Add("nhs_number", "NHS_NUMBER_INVALID", "Ten digits with the right check digit.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    const absl::CivilDay today = Today(call);
    TokenKind kind = TokenKind::kFamilyName;
    std::string value = NormaliseName(request.family_name());
    absl::CivilDay day = today;
    if (!request.nhs_number().empty()) {
      kind = TokenKind::kNhsNumber;
      value = request.nhs_number();
    } else if (!request.employee_number().empty()) {
      kind = TokenKind::kEmployeeNumber;
      value = NormaliseNumber(request.employee_number());
    } else if (!request.collar_number().empty()) {
      kind = TokenKind::kCollarNumber;
      value = NormaliseNumber(request.collar_number());
      if (request.has_as_of_date()) day = casework::DayOf(request.as_of_date());
    } else if (!request.email().empty()) {
      kind = TokenKind::kEmail;
      value = NormaliseEmail(request.email());
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> found,
                     FindByToken(txn, keys, kind, value, day, 1000));
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, found));
    std::set<std::string> ids;
    for (const auto& [id, one] : seen) {
      // Whoever must not be seen is not found either, by any value.
      if (one.sight == Sight::kWhole) ids.insert(one.person.person_id);
    }
    const std::vector<std::string> list(ids.begin(), ids.end());
    ASSIGN_OR_RETURN(const auto fields,
                     ReadFields(txn, keys, list, {Field::kName, Field::kBirthDate}));
    ASSIGN_OR_RETURN(const std::vector<Slice> slices, ReadSlices(txn, keys, list, today, call.now));
    std::vector<casework::Act> acts;
    for (const std::string& id : list) {
      v1::Person person;
      if (const auto values = fields.find(id); values != fields.end()) {
        RETURN_IF_ERROR(FromFields(values->second, person));
      }
      if (request.has_birth_date() &&
          (!person.has_birth_date() ||
           casework::DayOf(person.birth_date()) != casework::DayOf(request.birth_date()))) {
        continue;
      }
      if (response->hits_size() == kMostHits) {
        response->set_more(true);
        break;
      }
      v1::PersonHit& hit = *response->add_hits();
      hit.set_subject_id(id);
      *hit.mutable_name() = person.name();
      if (person.has_birth_date()) *hit.mutable_birth_date() = person.birth_date();
      const auto of_id = std::find_if(seen.begin(), seen.end(), [&](const auto& one) {
        return one.second.person.person_id == id;
      });
      hit.set_state(of_id->second.person.state);
      for (const Slice& slice : slices) {
        if (slice.person_id != id) continue;
        hit.set_collar_number(slice.employment.collar_number());
        hit.set_site_code(slice.employment.site_code());
      }
      acts.push_back({.action = audit::v1::ACTION_READ, .object_type = "person", .subject_id = id});
    }
    acts.push_back({.action = audit::v1::ACTION_READ,
                    .object_type = "people_search",
                    .object_count = response->hits_size()});
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::GetPerson(const rpc::Call& call, const v1::GetPersonRequest& request,
                               v1::GetPersonResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
    ASSIGN_OR_RETURN(*response->mutable_person(),
                     ViewOf(txn, keys, seen,
                            /*own=*/access::HasRole(call.caller, options::v1::ROLE_OFFICER) &&
                                call.caller.subject_id == seen.person.person_id));
    return desk_.AuditRead(txn, call, "person", seen.person.person_id);
  });
}

absl::Status People::GetEmployment(const rpc::Call& call, const v1::GetEmploymentRequest& request,
                                   v1::GetEmploymentResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
    if (seen.sight != Sight::kWhole) {
      return status::PermissionDenied("PERSON_PROTECTED",
                                      "This person is protected: where they work is not shown.");
    }
    std::optional<absl::CivilDay> day;
    std::optional<absl::Time> known_at;
    if (!request.history()) {
      day = request.has_as_of_date() ? casework::DayOf(request.as_of_date()) : Today(call);
      known_at =
          request.has_known_at_time() ? casework::FromTimestamp(request.known_at_time()) : call.now;
    }
    ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                     ReadSlices(txn, keys, {seen.person.person_id}, day, known_at));
    for (const Slice& slice : slices) *response->add_slices() = ToMessage(slice);
    return desk_.AuditRead(txn, call, "employment", seen.person.person_id);
  });
}

absl::Status People::ListStaff(const rpc::Call& call, const v1::ListStaffRequest& request,
                               v1::ListStaffResponse* response) {
  const int limit = request.page_size() == 0 ? 100 : request.page_size();
  const std::string after = request.page_token().empty() ? kBeforeAll : request.page_token();
  status::FieldViolations violations;
  if (limit < 1 || limit > 500) violations.Add("page_size", "RANGE", "1 to 500.");
  if (!ids::IsUuid(after)) {
    violations.Add("page_token", "PAGE_TOKEN_INVALID", "As the answer before gave it.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    const access::Scope scope = access::ScopeOf(call.granted, call.caller);
    std::vector<std::string> page;
    if (scope.whole_force) {
      ASSIGN_OR_RETURN(page, WorkingAfter(txn, Today(call), after, limit + 1));
    } else {
      ASSIGN_OR_RETURN(const std::vector<std::string> staff, StaffOfCaller(txn, call));
      for (const std::string& id : staff) {
        if (id > after && static_cast<int>(page.size()) <= limit) page.push_back(id);
      }
    }
    if (static_cast<int>(page.size()) > limit) {
      page.resize(limit);
      response->set_next_page_token(page.back());
    }
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, page));
    ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, page, {Field::kName, Field::kAlias}));
    ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                     ReadSlices(txn, keys, page, Today(call), call.now));
    std::vector<casework::Act> acts;
    for (const std::string& id : page) {
      const auto one = seen.find(id);
      if (one == seen.end() || one->second.sight == Sight::kNothing) continue;
      v1::StaffMember& member = *response->add_staff();
      member.set_subject_id(id);
      if (const auto values = fields.find(id); values != fields.end()) {
        member.set_display_name(DisplayName(values->second, one->second.sight));
      }
      acts.push_back(
          {.action = audit::v1::ACTION_READ, .object_type = "staff_member", .subject_id = id});
      if (one->second.sight != Sight::kWhole) continue;
      for (const Slice& slice : slices) {
        if (slice.person_id != id) continue;
        member.set_employee_number(slice.employment.employee_number());
        member.set_collar_number(slice.employment.collar_number());
        member.set_site_code(slice.employment.site_code());
        member.set_manager_subject_id(slice.employment.manager_subject_id());
      }
    }
    acts.push_back({.action = audit::v1::ACTION_READ,
                    .object_type = "staff",
                    .object_count = response->staff_size()});
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::ResolveNames(const rpc::Call& call, const v1::ResolveNamesRequest& request,
                                  v1::ResolveNamesResponse* response) {
  RETURN_IF_ERROR(CheckIds(request.subject_ids(), "subject_ids", 1, kMostNames));
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    const std::vector<std::string> ids(request.subject_ids().begin(), request.subject_ids().end());
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, ids));
    std::vector<std::string> people;
    for (const auto& [id, one] : seen) {
      if (one.sight != Sight::kNothing) people.push_back(one.person.person_id);
    }
    ASSIGN_OR_RETURN(const auto fields,
                     ReadFields(txn, keys, people, {Field::kName, Field::kAlias}));
    std::set<std::string> named;
    std::vector<casework::Act> acts;
    for (const std::string& id : ids) {
      const auto one = seen.find(id);
      if (one == seen.end() || one->second.sight == Sight::kNothing || !named.insert(id).second) {
        continue;
      }
      const auto values = fields.find(one->second.person.person_id);
      if (values == fields.end()) continue;
      v1::NamedSubject& name = *response->add_names();
      name.set_subject_id(id);
      name.set_display_name(DisplayName(values->second, one->second.sight));
      name.set_alias(one->second.sight == Sight::kAlias);
      acts.push_back({.action = audit::v1::ACTION_READ,
                      .object_type = "name",
                      .subject_id = one->second.person.person_id});
    }
    acts.push_back({.action = audit::v1::ACTION_READ,
                    .object_type = "names",
                    .object_count = response->names_size()});
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::ResolveRoutes(const rpc::Call& call, const v1::ResolveRoutesRequest& request,
                                   v1::ResolveRoutesResponse* response) {
  RETURN_IF_ERROR(CheckIds(request.subject_ids(), "subject_ids", 0, 500));
  if (request.user_ids_size() > 500) {
    status::FieldViolations violations;
    violations.Add("user_ids", "COUNT", "At most 500.");
    return violations.ToStatus();
  }
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    const std::vector<std::string> users(request.user_ids().begin(), request.user_ids().end());
    ASSIGN_OR_RETURN(const auto by_user, PeopleBySignIn(txn, keys, users, Today(call)));
    std::vector<std::pair<std::string, std::string>> asked;  // user id, subject id
    for (const std::string& user : users) {
      const auto found = by_user.find(user);
      asked.emplace_back(user, found == by_user.end() ? "" : found->second);
    }
    for (const std::string& subject : request.subject_ids()) asked.emplace_back("", subject);
    std::vector<std::string> ids;
    for (const auto& [user, subject] : asked) {
      if (!subject.empty()) ids.push_back(subject);
    }
    ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, ids));
    std::vector<std::string> people;
    for (const auto& [id, person] : shown) people.push_back(person);
    ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, people));
    ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, people,
                                                   {Field::kWork, Field::kPersonal,
                                                    Field::kLanguage, Field::kChoices}));
    std::vector<casework::Act> acts;
    for (const auto& [user, subject] : asked) {
      v1::Reachable& one = *response->add_people();
      one.set_user_id(user);
      const auto person_id = shown.find(subject);
      if (person_id == shown.end()) continue;
      const auto row = rows.find(person_id->second);
      if (row == rows.end()) continue;
      one.set_subject_id(subject);
      one.set_deceased(row->second.state == v1::PERSON_STATE_DECEASED);
      v1::Person person;
      person.set_state(row->second.state);
      v1::Choices choices;
      if (const auto values = fields.find(person_id->second); values != fields.end()) {
        RETURN_IF_ERROR(FromFields(values->second, person));
        ASSIGN_OR_RETURN(choices, ChoicesOf(values->second));
      }
      one.set_language(choices.language() == v1::LANGUAGE_UNSPECIFIED ? person.language()
                                                                      : choices.language());
      for (const v1::RouteTo& route : RoutesOf(person, choices)) *one.add_routes() = route;
      one.set_reminders(choices.reminders() && !one.deceased());
      *one.mutable_never() = choices.never();
      if (call.caller.service == "referral") *one.mutable_avoid() = choices.avoid();
      acts.push_back({.action = audit::v1::ACTION_READ,
                      .object_type = "contact_routes",
                      .subject_id = person_id->second});
    }
    if (acts.empty()) return absl::OkStatus();
    return desk_.Audit(txn, call, acts);
  });
}

absl::Status People::FindSubject(const rpc::Call& call, const v1::FindSubjectRequest& request,
                                 v1::FindSubjectResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const auto by_user,
                     PeopleBySignIn(txn, keys, {request.user_id()}, Today(call)));
    if (const auto found = by_user.find(request.user_id()); found != by_user.end()) {
      response->set_subject_id(found->second);
    }
    return absl::OkStatus();
  });
}

absl::Status People::GetNameHistory(const rpc::Call& call, const v1::GetNameHistoryRequest& request,
                                    v1::GetNameHistoryResponse* response) {
  if (request.reason().size() < 10 || request.reason().size() > 500) {
    status::FieldViolations violations;
    violations.Add("reason", "LENGTH", "10 to 500 characters: why the care needs it.");
    return violations.ToStatus();
  }
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
    if (seen.sight != Sight::kWhole) {
      return status::PermissionDenied("PERSON_PROTECTED", "This person is protected.");
    }
    const std::string& id = seen.person.person_id;
    ASSIGN_OR_RETURN(const std::vector<v1::FormerIdentity> identities,
                     FormerIdentitiesOf(txn, keys, {id}));
    for (const v1::FormerIdentity& former : identities) *response->add_former() = former;
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_OVERRIDE,
                         .object_type = "former_identity",
                         .object_count = response->former_size(),
                         .subject_id = id,
                         .reason = request.reason()}});
  });
}

absl::Status People::GetMyRecord(const rpc::Call& call, const v1::GetMyRecordRequest& request,
                                 v1::GetMyRecordResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
    const std::string& id = seen.person.person_id;
    ASSIGN_OR_RETURN(*response->mutable_person(), ViewOf(txn, keys, seen, /*own=*/true));
    ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, {id}, {Field::kChoices}));
    if (const auto found = fields.find(id); found != fields.end()) {
      ASSIGN_OR_RETURN(*response->mutable_choices(), ChoicesOf(found->second));
    }
    response->set_choices_version(seen.person.choices_version);
    ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                     ReadSlices(txn, keys, {id}, std::nullopt, call.now));
    for (const Slice& slice : slices) *response->add_employments() = ToMessage(slice);
    return desk_.AuditRead(txn, call, "person", id);
  });
}

}  // namespace waymark::workforce
