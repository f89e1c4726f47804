#include "services/msk/fit_note_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/local_time.h"
#include "services/casework/planner.h"
#include "services/msk/injury_check.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {

void CheckFitNote(absl::string_view path, casework::Fields& fields, const v1::FitNote& note,
                  absl::CivilDay condition_began, const casework::v1::Protocol& protocol) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  fields.PastDate(at("issued_date"), note.issued_date());
  const bool first = CheckDate(at("first_date"), fields, note.first_date());
  const bool last = CheckDate(at("last_date"), fields, note.last_date());
  fields.Choice(at("statement"), note.statement(), v1::FitStatement_IsValid);
  fields.Choice(at("issuer"), note.issuer(), v1::FitNoteIssuer_IsValid);
  fields.MayChoose(at("employer_can_adjust"), note.employer_can_adjust(), v1::Answer_IsValid);
  CheckAdjustments(at("adjustments"), fields, note.adjustments());
  if (note.statement() == v1::FIT_STATEMENT_MAY_BE_FIT &&
      std::none_of(note.adjustments().begin(), note.adjustments().end(), [](int adjustment) {
        return adjustment >= v1::ADJUSTMENT_PHASED_RETURN &&
               adjustment <= v1::ADJUSTMENT_WORKPLACE_ADAPTATIONS;
      })) {
    fields.Wrong(at("adjustments"), "MISSING",
                 "May be fit: say with which of phased return, altered hours, amended duties, "
                 "workplace adaptations.");
  }
  if (!first || !last) return;
  const absl::CivilDay from = casework::DayOf(note.first_date());
  const absl::CivilDay until = casework::DayOf(note.last_date());
  if (until < from) {
    fields.Wrong(at("last_date"), "OUT_OF_SEQUENCE", "Give a date not before the first.");
  }
  const int first_months = static_cast<int>(casework::Parameter(protocol, kFitNoteFirstMonths));
  const int longest = static_cast<int>(casework::Parameter(protocol, kFitNoteMonths));
  if (from < civil::AddMonths(condition_began, first_months) &&
      until > civil::AddMonths(from, longest)) {
    fields.Wrong(at("last_date"), "TOO_LONG",
                 absl::StrCat("In the first ", first_months,
                              " months of the condition a note covers "
                              "at most ",
                              longest, " months."));
  }
}

v1::FitStatement EffectiveStatement(const v1::FitNote& note) {
  return note.statement() == v1::FIT_STATEMENT_MAY_BE_FIT &&
                 note.employer_can_adjust() == v1::ANSWER_NO
             ? v1::FIT_STATEMENT_NOT_FIT
             : note.statement();
}

}  // namespace waymark::msk
