#include "services/workforce/people/view.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/store/protection.h"

namespace waymark::workforce {

std::string DisplayName(const v1::PersonName& name) {
  const std::string& first = name.known_as().empty() ? name.given() : name.known_as();
  return absl::StrCat(first, first.empty() || name.family().empty() ? "" : " ", name.family());
}

std::string DisplayName(const Fields& fields, Sight sight) {
  if (sight == Sight::kNothing) return "";
  if (sight == Sight::kAlias) {
    const auto alias = fields.find(Field::kAlias);
    return alias == fields.end() ? "" : alias->second;
  }
  const auto found = fields.find(Field::kName);
  v1::PersonName name;
  if (found != fields.end()) name.ParseFromString(found->second);
  return DisplayName(name);
}

absl::StatusOr<v1::Choices> ChoicesOf(const Fields& fields) {
  v1::Choices choices;
  const auto found = fields.find(Field::kChoices);
  if (found != fields.end() && !choices.ParseFromString(found->second)) {
    return status::DataLoss("VALUE_UNREADABLE", "A stored value cannot be read.");
  }
  return choices;
}

absl::StatusOr<v1::Person> ViewOf(db::Transaction& txn, const TenantKeys& keys, const Seen& seen,
                                  bool own) {
  const std::string& id = seen.person.person_id;
  v1::Person person;
  person.set_subject_id(id);
  person.set_version(seen.person.version);
  person.set_state(seen.person.state);
  if (seen.sight != Sight::kWhole) {
    ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, {id}, {Field::kAlias}));
    const auto found = fields.find(id);
    person.set_alias_only(true);
    person.mutable_name()->set_known_as(
        found == fields.end() ? "" : DisplayName(found->second, Sight::kAlias));
    return person;
  }
  person.set_transferred_to(seen.person.transferred_to);
  ASSIGN_OR_RETURN(const auto read, ReadFields(txn, keys, {id}));
  const auto found = read.find(id);
  if (found != read.end()) {
    RETURN_IF_ERROR(FromFields(found->second, person));
    ASSIGN_OR_RETURN(const v1::Choices choices, ChoicesOf(found->second));
    *person.mutable_avoid() = choices.avoid();
    if (choices.language() != v1::LANGUAGE_UNSPECIFIED) person.set_language(choices.language());
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Consent> consents, ConsentsOf(txn, id));
  for (const v1::Consent& consent : consents) *person.add_consents() = consent;
  if (seen.person.is_protected && !own) {
    v1::Protection& protection = *person.mutable_protection();
    protection.set_active(true);
    if (found != read.end()) protection.set_alias(DisplayName(found->second, Sight::kAlias));
    ASSIGN_OR_RETURN(const std::vector<std::string> allowed, AllowedUsers(txn, id));
    for (const std::string& user : allowed) protection.add_allowed_user_ids(user);
  }
  return person;
}

v1::EmploymentSlice ToMessage(const Slice& slice) {
  v1::EmploymentSlice message;
  *message.mutable_employment() = slice.employment;
  *message.mutable_from_date() = casework::ToCivilDate(slice.from);
  if (slice.until < kNoEnd) *message.mutable_until_date() = casework::ToCivilDate(slice.until);
  *message.mutable_known_from_time() = casework::ToTimestamp(slice.known_from);
  if (slice.known_until != absl::InfiniteFuture()) {
    *message.mutable_known_until_time() = casework::ToTimestamp(slice.known_until);
  }
  message.set_source(slice.source);
  message.set_source_version(slice.source_version);
  return message;
}

std::vector<v1::RouteTo> RoutesOf(const v1::Person& person, const v1::Choices& choices) {
  std::vector<v1::RouteTo> routes;
  if (person.state() == v1::PERSON_STATE_DECEASED) return routes;
  // What belongs to the force is not theirs any more once they have left it. Care that did not go
  // with them to another force still reaches them at home.
  const bool at_work =
      person.state() != v1::PERSON_STATE_LEFT && person.state() != v1::PERSON_STATE_TRANSFERRED;
  const auto address_of = [&](v1::Route route) -> std::string {
    switch (route) {
      case v1::ROUTE_WORK_EMAIL:
        return at_work ? person.work().email() : "";
      case v1::ROUTE_WORK_PHONE:
        if (!at_work) return "";
        return person.work().mobile().empty() ? person.work().phone() : person.work().mobile();
      case v1::ROUTE_PERSONAL_EMAIL:
        return person.personal().email();
      case v1::ROUTE_PERSONAL_PHONE:
        return person.personal().mobile().empty() ? person.personal().phone()
                                                  : person.personal().mobile();
      case v1::ROUTE_POST: {
        if (person.personal().address_lines().empty()) return "";
        return absl::StrCat(absl::StrJoin(person.personal().address_lines(), "\n"), "\n",
                            person.personal().postcode());
      }
      default:
        return "";
    }
  };
  std::vector<int> order(choices.routes().begin(), choices.routes().end());
  if (order.empty()) {
    order = {v1::ROUTE_WORK_EMAIL, v1::ROUTE_WORK_PHONE, v1::ROUTE_PERSONAL_EMAIL,
             v1::ROUTE_PERSONAL_PHONE, v1::ROUTE_POST};
  }
  std::set<int> used(choices.never().begin(), choices.never().end());
  for (const int route : order) {
    if (!used.insert(route).second) continue;
    const std::string address = address_of(static_cast<v1::Route>(route));
    if (address.empty() && route != v1::ROUTE_CONSOLE) continue;
    v1::RouteTo& to = routes.emplace_back();
    to.set_route(static_cast<v1::Route>(route));
    to.set_address(address);
  }
  return routes;
}

}  // namespace waymark::workforce
