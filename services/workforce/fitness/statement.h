// The life of a fitness statement, as pure rules: what may be stated, who moves it, and what leaves
// towards the employer when it moves.
//
//   WITH_OFFICER --accept--> RELEASED --another is released--> SUPERSEDED
//        |  \--says a fact is wrong--> FACT_DISPUTED --accept / withhold, as before
//        |--withhold--> WITHHELD (the employer learns only that there is no report)
//   RELEASED --withhold--> WITHHELD (what was sent is taken back, why is not said)
//   WITHHELD --accept--> RELEASED
//   any of these --clinician--> WITHDRAWN, --last day passed--> EXPIRED
//
// Nothing leaves without the officer's answer where the clinician treats them (Access to Medical
// Reports Act 1988 s 5); elsewhere only after the time to read, and on a standing consent (Faculty
// of Occupational Medicine, Ethics Guidance 3.73-3.76).
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_STATEMENT_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_STATEMENT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::workforce {

// A standing consent to give fitness to the employer, as the officer keeps it on their record.
enum class Consent { kNone, kGiven, kWithdrawn };

// What a statement is issued into.
struct Issuing {
  std::string statement_id;
  std::string issued_by;
  bool by_physician = false;
  // Since when the person has been on recuperative duties, if they are.
  std::optional<absl::CivilDay> recuperative_since;
  absl::Time now;
};

// A statement WITH_OFFICER, version 1. INVALID_ARGUMENT with every field that is wrong; reasons
// beside the usual ones: REVIEW_DATE_REQUIRED, REVIEW_TOO_LATE (past what the code allows, or past
// the longest time of recuperative duties), NOT_WITH_THIS_CODE (measures that the code does not
// take, or lacks). PERMISSION_DENIED PHYSICIAN_REQUIRED.
absl::StatusOr<v1::FitnessStatement> Issue(const v1::FitnessRules& rules,
                                           const v1::IssueFitnessRequest& request,
                                           const Issuing& issuing);

// Since when recuperative duties have gone on without a break, given the statement that stands (or
// stood last) and holds until or beyond `today`.
std::optional<absl::CivilDay> RecuperativeSince(const v1::FitnessStatement& standing,
                                                absl::CivilDay today);

// The end of the last day that the officer has to read it, in London.
absl::Time AnswerDue(const v1::FitnessRules& rules, bool treating_clinician, absl::Time issued);

// Each of these moves `statement`, raises its version, and returns what leaves towards the
// employer; UNSPECIFIED: nothing. FAILED_PRECONDITION STATEMENT_STATE when it cannot be moved so
// any more.
//
// The officer's answer. INVALID_ARGUMENT when facts are missing or named for nothing.
absl::StatusOr<v1::ReleaseKind> Answer(const v1::AnswerFitnessRequest& request, absl::Time now,
                                       v1::FitnessStatement& statement);
// The clinician lets it go unanswered. FAILED_PRECONDITION ANSWER_AWAITED, CONSENT_MISSING,
// CONSENT_WITHDRAWN.
absl::StatusOr<v1::ReleaseKind> ReleaseUnanswered(Consent consent, absl::Time now,
                                                  v1::FitnessStatement& statement);
absl::StatusOr<v1::ReleaseKind> Withdraw(absl::Time now, v1::FitnessStatement& statement);
// Its last day has passed, which the caller has seen to.
absl::StatusOr<v1::ReleaseKind> Expire(absl::Time now, v1::FitnessStatement& statement);
// Another takes its place; that one's release says so.
absl::StatusOr<v1::ReleaseKind> Supersede(absl::Time now, v1::FitnessStatement& statement);

// Something may become of it still.
bool IsOpen(v1::StatementState state);

// What leaves: the statement itself with STATEMENT, its id with WITHDRAWN and EXPIRED, and with
// NO_REPORT nothing but the person. `sequence` is given later.
v1::FitnessRelease ReleaseOf(v1::ReleaseKind kind, const v1::FitnessStatement& statement,
                             absl::Time now);

// The body that is posted to a webhook: JSON of codes, days and ids.
std::string WebhookBody(const v1::FitnessRelease& release, absl::string_view tenant);
// The id of a delivery: the same however often it is sent.
std::string DeliveryId(absl::string_view tenant, int64_t sequence);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_STATEMENT_H_
