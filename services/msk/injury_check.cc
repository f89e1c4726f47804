#include "services/msk/injury_check.h"

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/local_time.h"

namespace waymark::msk {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kYearsAhead = 10;
// More marks of one kind than there are kinds is a mistake or an attack.
constexpr int kMostFeatures = 30;
constexpr int kMostSuspicions = 13;
constexpr int kMostAdjustments = 12;

}  // namespace

void CheckInjury(absl::string_view path, casework::Fields& fields, v1::Injury& injury) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  const bool dated = fields.Past(at("incident_time"), *injury.mutable_incident_time());
  if (!injury.has_reported_time()) {
    *injury.mutable_reported_time() = casework::LondonLocalTime(fields.now());
  } else if (dated) {
    fields.PastSince(at("reported_time"), casework::InstantOf(injury.incident_time()),
                     *injury.mutable_reported_time());
  } else {
    fields.Past(at("reported_time"), *injury.mutable_reported_time());
  }
  fields.Choice(at("region"), injury.region(), v1::Region_IsValid);
  fields.MayChoose(at("side"), injury.side(), v1::Side_IsValid);
  fields.Choice(at("mechanism"), injury.mechanism(), v1::Mechanism_IsValid);
  fields.MayChoose(at("assault"), injury.assault(), v1::Answer_IsValid);
  fields.MayChoose(at("on_duty"), injury.on_duty(), v1::Answer_IsValid);
  fields.MayChoose(at("work_ability"), injury.work_ability(), v1::WorkAbility_IsValid);
  fields.Text(at("description"), injury.description(), casework::kLongestText);
}

void CheckRedFlags(absl::string_view path, casework::Fields& fields, absl::Time since,
                   const casework::v1::LocalTime& otherwise, v1::RedFlagCheck& check) {
  const auto at = [path](absl::string_view field, int i) {
    return absl::StrCat(path, ".", field, "[", i, "]");
  };
  if (!check.has_checked_time()) {
    *check.mutable_checked_time() = otherwise;
  } else {
    fields.PastSince(absl::StrCat(path, ".checked_time"), since, *check.mutable_checked_time());
  }
  fields.Range(absl::StrCat(path, ".present"), check.present_size(), 0, kMostFeatures);
  for (int i = 0; i < check.present_size() && i < kMostFeatures; ++i) {
    fields.Choice(at("present", i), check.present(i), v1::Feature_IsValid);
  }
  fields.Range(absl::StrCat(path, ".unanswered"), check.unanswered_size(), 0, kMostFeatures);
  for (int i = 0; i < check.unanswered_size() && i < kMostFeatures; ++i) {
    fields.Choice(at("unanswered", i), check.unanswered(i), v1::Feature_IsValid);
  }
  fields.Range(absl::StrCat(path, ".suspected"), check.suspected_size(), 0, kMostSuspicions);
  for (int i = 0; i < check.suspected_size() && i < kMostSuspicions; ++i) {
    fields.Choice(at("suspected", i), check.suspected(i), v1::Suspicion_IsValid);
  }
}

bool CheckDate(absl::string_view path, casework::Fields& fields,
               const casework::v1::CivilDate& date) {
  const int last_year =
      static_cast<int>(civil::DateOf(fields.now(), civil::London()).year()) + kYearsAhead;
  if (date.year() < kFirstYear || date.year() > last_year) {
    fields.Wrong(path, "OUT_OF_RANGE", "Give a date from 1900 to ten years ahead.");
    return false;
  }
  const absl::CivilDay day = casework::DayOf(date);
  // CivilDay carries what is too much into the next month: then it was no date.
  if (day.month() != date.month() || day.day() != date.day()) {
    fields.Wrong(path, "DATE_INVALID", "Give a date that exists.");
    return false;
  }
  return true;
}

void CheckAdjustments(absl::string_view path, casework::Fields& fields,
                      const google::protobuf::RepeatedField<int>& adjustments) {
  fields.Range(path, adjustments.size(), 0, kMostAdjustments);
  for (int i = 0; i < adjustments.size() && i < kMostAdjustments; ++i) {
    fields.Choice(absl::StrCat(path, "[", i, "]"), static_cast<v1::Adjustment>(adjustments[i]),
                  v1::Adjustment_IsValid);
  }
}

void CheckAbsence(absl::string_view path, casework::Fields& fields, absl::Time incident,
                  const v1::Absence& absence) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  const bool first = fields.PastDate(at("first_date"), absence.first_date());
  if (first && casework::DayOf(absence.first_date()) < civil::DateOf(incident, civil::London())) {
    fields.Wrong(at("first_date"), "BEFORE_INCIDENT", "Give a date not before the incident.");
  }
  if (absence.has_last_date() && fields.PastDate(at("last_date"), absence.last_date()) && first &&
      casework::DayOf(absence.last_date()) < casework::DayOf(absence.first_date())) {
    fields.Wrong(at("last_date"), "OUT_OF_SEQUENCE", "Give a date not before the first.");
  }
  if (absence.has_expected_return_date() &&
      CheckDate(at("expected_return_date"), fields, absence.expected_return_date()) && first &&
      casework::DayOf(absence.expected_return_date()) <= casework::DayOf(absence.first_date())) {
    fields.Wrong(at("expected_return_date"), "OUT_OF_SEQUENCE", "Give a date after the first.");
  }
}

}  // namespace waymark::msk
