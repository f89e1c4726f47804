#ifndef WAYMARK_SERVICES_MSK_MSK_HQ_H_
#define WAYMARK_SERVICES_MSK_MSK_HQ_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/msk/v1/score.pb.h"

namespace waymark::msk {

// Musculoskeletal Health Questionnaire (Hill 2016; Christiansen 2020,
// doi 10.1186/s12955-020-01455-4): 14 items of 0 to 4, total 0 to 56, higher is better. Items 12
// and 13 are printed in reverse order; here every item counts by its meaning. The question about
// activity days is not part of the total.

// Exactly 14 items of 0 to 4 (one left out leaves no score), or a total of 0 to 56; activity days 0
// to
// 7. OUT_OF_RANGE, BOTH_GIVEN.
void CheckMskHq(absl::string_view path, casework::Fields& fields, const v1::MskHqAnswers& answers);

// Of answers that CheckMskHq accepts.
int ScoreMskHq(const v1::MskHqAnswers& answers);

// The difference is at least the smallest change that matters to people.
bool IsImportantChange(int before, int after, const casework::v1::Protocol& protocol);

}  // namespace waymark::msk

#endif  // WAYMARK_SERVICES_MSK_MSK_HQ_H_
