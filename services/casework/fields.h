// Checks the fields of a request and collects everything wrong with it, so that a person corrects
// it in one go. Nothing of what was sent is repeated in what it says.
#ifndef WAYMARK_SERVICES_CASEWORK_FIELDS_H_
#define WAYMARK_SERVICES_CASEWORK_FIELDS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "waymark/casework/v1/local_time.pb.h"

namespace waymark::casework {

// Longest texts, in bytes.
inline constexpr size_t kLongestName = 200;
inline constexpr size_t kLongestReason = 1000;
inline constexpr size_t kLongestText = 4000;

class Fields {
 public:
  explicit Fields(absl::Time now) : now_(now) {}

  void Wrong(absl::string_view field, absl::string_view reason, absl::string_view description);

  // A time that must be there, from 1900 on and not in the future. Fills in its instant and its
  // zone. False when something was wrong: MISSING, MALFORMED, ZONE_NOT_ACCEPTED, BEFORE_1900,
  // IN_FUTURE, LOCAL_TIME_SKIPPED, LOCAL_TIME_REPEATED (the description names both instants),
  // OFFSET_NOT_IN_ZONE.
  bool Past(absl::string_view field, v1::LocalTime& time);

  // As Past, and not earlier than the minute of the incident: BEFORE_INCIDENT.
  bool PastSince(absl::string_view field, absl::Time incident, v1::LocalTime& time);

  // A date that exists, from 1900 to today in London: DATE_INVALID, BEFORE_1900, IN_FUTURE.
  bool PastDate(absl::string_view field, const v1::CivilDate& date);

  // TOO_LONG beyond `most` bytes.
  void Text(absl::string_view field, absl::string_view text, size_t most);
  // MISSING when blank, too.
  void RequiredText(absl::string_view field, absl::string_view text, size_t most);

  // An enum that must be chosen: MISSING for zero, UNKNOWN_VALUE for a number the API does not
  // have.
  template <typename Enum>
  bool Choice(absl::string_view field, Enum value, bool (*is_valid)(int)) {
    return CheckChoice(field, value, is_valid(value), /*required=*/true);
  }
  // An enum that may be left out.
  template <typename Enum>
  bool MayChoose(absl::string_view field, Enum value, bool (*is_valid)(int)) {
    return CheckChoice(field, value, is_valid(value), /*required=*/false);
  }

  // OUT_OF_RANGE unless lowest <= value <= highest. NaN is out of range.
  void Range(absl::string_view field, double value, double lowest, double highest);

  absl::Time now() const { return now_; }
  bool ok() const { return violations_.empty(); }
  absl::Status ToStatus() const { return violations_.ToStatus(); }

 private:
  bool CheckChoice(absl::string_view field, int value, bool valid, bool required);

  const absl::Time now_;
  status::FieldViolations violations_;
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_FIELDS_H_
