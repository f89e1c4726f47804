// Monday to Friday without bank holidays. For service aims only: limits that protect a person never
// pause for a weekend.
#ifndef WAYMARK_COMMON_CIVIL_WORKING_DAYS_H_
#define WAYMARK_COMMON_CIVIL_WORKING_DAYS_H_

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace waymark::civil {

// Immutable, so shared freely between threads.
class WorkingDays {
 public:
  // `path` has the shape of https://www.gov.uk/bank-holidays.json. FAILED_PRECONDITION
  // BANK_HOLIDAYS_UNREADABLE when it cannot be read, else as Parse.
  static absl::StatusOr<WorkingDays> Load(absl::string_view path,
                                          absl::string_view division = "england-and-wales");
  // INVALID_ARGUMENT BANK_HOLIDAYS_INVALID when `json` is not of that shape or lacks the division.
  static absl::StatusOr<WorkingDays> Parse(absl::string_view json,
                                           absl::string_view division = "england-and-wales");

  bool IsWorkingDay(absl::CivilDay day) const;

  // The `count`th working day after `day`, which itself is not counted: 2 from the Wednesday before
  // Easter is the Tuesday after. 0 gives `day` as it is; a negative count goes back.
  absl::CivilDay Add(absl::CivilDay day, int count) const;

  // `day` itself when it is a working day, else the nearest one after / before it: what to offer
  // for a "not before" / a "latest" limit.
  absl::CivilDay NextOrSame(absl::CivilDay day) const;
  absl::CivilDay PreviousOrSame(absl::CivilDay day) const;

  // The table is complete from the first to this day (31 December of its last year). Beyond it only
  // weekends are known, so a count may end early, never late; whoever serves should warn in time.
  absl::CivilDay known_until() const { return known_until_; }

 private:
  explicit WorkingDays(absl::flat_hash_set<absl::CivilDay> holidays, absl::CivilDay known_until)
      : holidays_(std::move(holidays)), known_until_(known_until) {}

  absl::flat_hash_set<absl::CivilDay> holidays_;
  absl::CivilDay known_until_;
};

}  // namespace waymark::civil

#endif  // WAYMARK_COMMON_CIVIL_WORKING_DAYS_H_
