// What a report of an injury must be like before it becomes a case.
#ifndef WAYMARK_SERVICES_MSK_INJURY_CHECK_H_
#define WAYMARK_SERVICES_MSK_INJURY_CHECK_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "services/casework/fields.h"
#include "waymark/msk/v1/msk_case.pb.h"

namespace waymark::msk {

// Resolves its times; an empty reported_time becomes now.
void CheckInjury(absl::string_view path, casework::Fields& fields, v1::Injury& injury);

// Resolves its time, not before `since`; an empty one becomes `otherwise`.
void CheckRedFlags(absl::string_view path, casework::Fields& fields, absl::Time since,
                   const casework::v1::LocalTime& otherwise, v1::RedFlagCheck& check);

// A date that exists, from 1900 to ten years ahead: DATE_INVALID, OUT_OF_RANGE.
bool CheckDate(absl::string_view path, casework::Fields& fields,
               const casework::v1::CivilDate& date);

// At most 12, each one that the API has.
void CheckAdjustments(absl::string_view path, casework::Fields& fields,
                      const google::protobuf::RepeatedField<int>& adjustments);

// A spell: its dates exist, in order, not before the incident; the expected return not before the
// first day.
void CheckAbsence(absl::string_view path, casework::Fields& fields, absl::Time incident,
                  const v1::Absence& absence);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_INJURY_CHECK_H_
