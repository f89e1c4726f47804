#include "services/mental_health/record_measures.h"

#include <utility>

#include "common/status/status.h"

namespace waymark::mental_health {

MentalHealthChange RecordMeasures(const v1::MentalHealthCase& before,
                                  const v1::RecordMeasuresRequest& request,
                                  const casework::Call& call) {
  casework::Fields fields(call.now);
  v1::AnswerSheets answers = request.answers();
  if (answers.sheets().empty()) fields.Wrong("answers.sheets", "MISSING", "Give a form.");
  CheckSheets("answers", fields, answers);
  RETURN_IF_ERROR(fields.ToStatus());

  v1::MentalHealthCase after = before;
  AddSheets(answers, call, after);
  return Changed(std::move(after), call);
}

}  // namespace waymark::mental_health
