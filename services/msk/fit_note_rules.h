// Fit notes: who may sign is the enum FitNoteIssuer; here how long one may be and how it is read.
// Source: DWP, Getting the most out of the fit note (6 October 2023).
#ifndef WAYMARK_SERVICES_MSK_FIT_NOTE_RULES_H_
#define WAYMARK_SERVICES_MSK_FIT_NOTE_RULES_H_

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/work.pb.h"

namespace waymark::msk {

// In the first 6 months of the condition a note covers at most 3 months; later as long as is
// clinically right. "May be fit" names at least one of the four options of the form. TOO_LONG,
// OUT_OF_SEQUENCE, MISSING.
void CheckFitNote(absl::string_view path, casework::Fields& fields, const v1::FitNote& note,
                  absl::CivilDay condition_began, const casework::v1::Protocol& protocol);

// "May be fit" that the force cannot make room for is read as "not fit".
v1::FitStatement EffectiveStatement(const v1::FitNote& note);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_FIT_NOTE_RULES_H_
