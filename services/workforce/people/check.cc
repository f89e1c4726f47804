#include "services/workforce/people/check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/casework/local_time.h"
#include "services/workforce/vault/fields.h"

namespace waymark::workforce {
namespace {

bool IsCode(absl::string_view text, size_t most, absl::string_view also) {
  return text.size() <= most && std::all_of(text.begin(), text.end(), [&](char c) {
           return absl::ascii_isalnum(c) || also.find(c) != absl::string_view::npos;
         });
}

void CheckText(absl::string_view field, absl::string_view text, size_t most,
               status::FieldViolations& violations) {
  if (text.size() > most) {
    violations.Add(field, "LENGTH", absl::StrCat("At most ", most, " characters."));
  } else if (!IsPlain(text, most)) {
    violations.Add(field, "NOT_PRINTABLE", "Text without control characters.");
  }
}

void CheckContacts(absl::string_view field, const v1::Contacts& contacts,
                   status::FieldViolations& violations) {
  if (!contacts.email().empty() && !IsEmail(contacts.email())) {
    violations.Add(absl::StrCat(field, ".email"), "EMAIL_INVALID",
                   "One e-mail address, without a name.");
  }
  for (const auto& [part, number] :
       {std::pair<absl::string_view, absl::string_view>("mobile", contacts.mobile()),
        std::pair<absl::string_view, absl::string_view>("phone", contacts.phone())}) {
    if (number.empty()) continue;
    if (number.size() > 20 || (number[0] != '+' && !absl::ascii_isdigit(number[0])) ||
        !IsCode(number.substr(1), 19, " ")) {
      violations.Add(absl::StrCat(field, ".", part), "PHONE_INVALID",
                     "Digits, a leading + if any: +447700900123.");
    }
  }
  if (contacts.address_lines_size() > 6) {
    violations.Add(absl::StrCat(field, ".address_lines"), "COUNT", "At most 6.");
  }
  for (const std::string& line : contacts.address_lines()) {
    CheckText(absl::StrCat(field, ".address_lines"), line, 100, violations);
  }
  if (!IsCode(contacts.postcode(), 10, " ")) {
    violations.Add(absl::StrCat(field, ".postcode"), "LENGTH", "A postcode.");
  }
}

bool IsDay(const casework::v1::CivilDate& date) {
  if (date.year() < 1900 || date.year() > 9998) return false;
  const absl::CivilDay day = casework::DayOf(date);
  return day.year() == date.year() && day.month() == date.month() && day.day() == date.day();
}

}  // namespace

bool IsPlain(absl::string_view text, size_t most) {
  return text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c));
         });
}

bool IsEmail(absl::string_view email) {
  const size_t at = email.find('@');
  return email.size() <= 254 && at != absl::string_view::npos && at > 0 && at + 3 < email.size() &&
         email.find('@', at + 1) == absl::string_view::npos &&
         email.find_first_of(" <>,;\"()[]\\") == absl::string_view::npos && IsPlain(email, 254);
}

absl::Status CheckReason(absl::string_view reason) {
  status::FieldViolations violations;
  if (reason.size() < 10 || reason.size() > 500) {
    violations.Add("reason", "LENGTH", "10 to 500 characters: it is stored and reviewed.");
  }
  return violations.ToStatus();
}

void CheckPerson(const v1::Person& person, absl::CivilDay today,
                 status::FieldViolations& violations) {
  CheckText("name.family", person.name().family(), 100, violations);
  CheckText("name.given", person.name().given(), 100, violations);
  CheckText("name.known_as", person.name().known_as(), 100, violations);
  CheckText("name.title", person.name().title(), 100, violations);
  if (person.has_name() && person.name().family().empty()) {
    violations.Add("name.family", "REQUIRED", "A family name, or the only name there is.");
  }
  if (person.has_birth_date() &&
      (!IsDay(person.birth_date()) || casework::DayOf(person.birth_date()) > today)) {
    violations.Add("birth_date", "DATE_INVALID", "A day since 1900 that is not in the future.");
  }
  if (person.has_nhs_number() && !person.nhs_number().number().empty() &&
      !IsNhsNumber(person.nhs_number().number())) {
    violations.Add("nhs_number.number", "NHS_NUMBER_INVALID",
                   "Ten digits without spaces, with the right check digit.");
  }
  CheckContacts("work", person.work(), violations);
  CheckContacts("personal", person.personal(), violations);
  if (!IsCode(person.home_area(), 6, "")) {
    violations.Add("home_area", "LENGTH", "The outward half of a postcode.");
  }
  CheckText("next_of_kin.name", person.next_of_kin().name(), 200, violations);
  CheckText("next_of_kin.relationship", person.next_of_kin().relationship(), 100, violations);
  CheckText("next_of_kin.phone", person.next_of_kin().phone(), 20, violations);
  CheckText("user_id", person.user_id(), 128, violations);
}

void CheckEmployment(const v1::Employment& employment, absl::string_view person_id,
                     status::FieldViolations& violations) {
  if (!IsCode(employment.employee_number(), 40, "-/.")) {
    violations.Add("employment.employee_number", "LENGTH", "Up to 40 of letters, digits, - / .");
  }
  if (!IsCode(employment.collar_number(), 20, "-/.")) {
    violations.Add("employment.collar_number", "LENGTH", "Up to 20 of letters, digits, - / .");
  }
  CheckText("employment.site_code", employment.site_code(), 40, violations);
  CheckText("employment.shift_pattern", employment.shift_pattern(), 20, violations);
  CheckText("employment.force_code", employment.force_code(), 64, violations);
  if (employment.workforce_type() == v1::WORKFORCE_TYPE_UNSPECIFIED) {
    violations.Add("employment.workforce_type", "REQUIRED", "Officer, staff, special ...");
  }
  if (employment.state() == v1::EMPLOYMENT_STATE_UNSPECIFIED) {
    violations.Add("employment.state", "REQUIRED", "Working, absent or ended.");
  }
  if ((employment.state() == v1::EMPLOYMENT_STATE_ENDED) !=
      (employment.end_reason() != v1::END_REASON_UNSPECIFIED)) {
    violations.Add("employment.end_reason", "REQUIRED", "With ENDED, and only then.");
  }
  if (employment.fte_percent() < 0 || employment.fte_percent() > 100) {
    violations.Add("employment.fte_percent", "RANGE", "1 to 100; 0: not known.");
  }
  if (!employment.manager_subject_id().empty() && employment.manager_subject_id() == person_id) {
    violations.Add("employment.manager_subject_id", "OWN_MANAGER", "Somebody else.");
  }
}

void CheckChoices(const v1::Choices& choices, status::FieldViolations& violations) {
  if (choices.routes_size() > 10 || choices.never_size() > 10) {
    violations.Add("choices.routes", "COUNT", "At most 10.");
  }
  if (choices.avoid_size() > 50 || choices.avoid_reasons_size() > choices.avoid_size()) {
    violations.Add("choices.avoid", "COUNT", "At most 50, each with at most one reason.");
  }
  for (const v1::Avoidance& avoidance : choices.avoid()) {
    if (avoidance.kind() == v1::AVOIDANCE_KIND_UNSPECIFIED || avoidance.code().empty() ||
        !IsCode(avoidance.code(), 20, " -")) {
      violations.Add("choices.avoid", "CODE", "A kind, and a code of up to 20 characters.");
    }
  }
  for (const std::string& reason : choices.avoid_reasons()) {
    if (reason.size() > 500) {
      violations.Add("choices.avoid_reasons", "LENGTH", "At most 500 characters.");
    }
  }
}

}  // namespace waymark::workforce
