// What may be entered of a person. Pure: says everything that is wrong at once, and never repeats
// it.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_CHECK_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_CHECK_H_

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/status/status.h"
#include "waymark/workforce/v1/employment.pb.h"
#include "waymark/workforce/v1/person.pb.h"

namespace waymark::workforce {

// Only what is set. Codes: LENGTH, NHS_NUMBER_INVALID, EMAIL_INVALID, PHONE_INVALID, DATE_INVALID,
// NOT_PRINTABLE.
void CheckPerson(const v1::Person& person, absl::CivilDay today,
                 status::FieldViolations& violations);

// Whole. `person_id` may not manage themselves.
void CheckEmployment(const v1::Employment& employment, absl::string_view person_id,
                     status::FieldViolations& violations);

void CheckChoices(const v1::Choices& choices, status::FieldViolations& violations);

// UTF-8 without control characters, at most `most` bytes.
bool IsPlain(absl::string_view text, size_t most);

// One address, without a name.
bool IsEmail(absl::string_view email);

// A reason given by a person: 10 to 500 bytes.
absl::Status CheckReason(absl::string_view reason);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_CHECK_H_
