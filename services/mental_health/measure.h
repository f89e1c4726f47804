// From the answers on a form to what the service makes of them. Which instrument, how many items,
// and whether the form was filled in too early after the event to be read.
#ifndef WAYMARK_SERVICES_MENTAL_HEALTH_MEASURE_H_
#define WAYMARK_SERVICES_MENTAL_HEALTH_MEASURE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/casework/fields.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/mental_health/v1/measures.pb.h"

namespace waymark::mental_health {

// Checks one form under `path` ("answers.sheets[0]") and fills in the instant. WRONG_COUNT for
// another number of answers than the form has items, OUT_OF_RANGE for an answer that the form does
// not offer.
void CheckSheet(absl::string_view path, casework::Fields& fields, v1::AnswerSheet& sheet);

// What a form says, read by its own rule.
struct Scored {
  v1::Measurement measurement;
  // PHQ-9 item 9: somebody talks with the person today.
  bool item_9_asks = false;
  bool item_9_blank = false;
};

// Scores a form that CheckSheet found good. `event` is the date of the latest event before the form
// was filled in; nothing when none is known. A form that is incomplete or too early has no band and
// no screen, and no total either when that cannot be told; item 9 counts all the same.
Scored ScoreSheet(const v1::AnswerSheet& sheet, std::optional<absl::CivilDay> event,
                  const casework::v1::Protocol& protocol);

// "PHQ9", "IES_R": as protocols write it.
std::string InstrumentName(v1::Instrument instrument);

}  // namespace waymark::mental_health

#endif  // WAYMARK_SERVICES_MENTAL_HEALTH_MEASURE_H_
