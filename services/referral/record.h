// Small steps that several acts take: enter a state, tell the other side, read what is due.
#ifndef WAYMARK_SERVICES_REFERRAL_RECORD_H_
#define WAYMARK_SERVICES_REFERRAL_RECORD_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/fields.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral {

// What every change of a case returns.
using ReferralChange = absl::StatusOr<casework::Change<v1::ReferralCase>>;

// The name under which both sides' messages travel: the service's own.
inline constexpr char kCounterpart[] = "counterpart";
// What a receipt is about that tells of an outcome on its way to the case of care.
inline constexpr char kOutcomeReceipt[] = "outcome";

// Enters the state that the act leads to, at `time` as whoever did it says. FAILED_PRECONDITION
// ILLEGAL_MOVE.
absl::Status Enter(absl::string_view act, absl::Time time, const casework::Call& call,
                   v1::ReferralCase& record);

// When a state was entered first, and last; nullopt when it never was.
std::optional<absl::Time> FirstTime(const v1::ReferralCase& record, v1::ReferralState state);
std::optional<absl::Time> LastTime(const v1::ReferralCase& record, v1::ReferralState state);

// Reads an instant that may be left out, which means now, and may not be in the future nor before
// `since`. Writes it back.
absl::Time PastInstant(absl::string_view field, absl::Time since, casework::Fields& fields,
                       google::protobuf::Timestamp& time);

// The provider's side says something: numbers it and puts it on its way to the referrer.
void Say(v1::Answer answer, const casework::Call& call, casework::Change<v1::ReferralCase>& change);

// The referrer's side does. Nothing goes to a provider that was never sent the referral.
void Say(v1::Update update, const casework::Call& call, casework::Change<v1::ReferralCase>& change);

// When the referral's life began on this side: nothing on it can be earlier.
absl::Time Beginning(const v1::ReferralCase& record);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_RECORD_H_
