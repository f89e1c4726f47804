// What may be done with a referral in which state: one table, as data.
#ifndef WAYMARK_SERVICES_REFERRAL_MOVES_H_
#define WAYMARK_SERVICES_REFERRAL_MOVES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "waymark/referral/v1/referral_case.pb.h"

namespace waymark::referral {

// One allowed move. `act` is the name of an RPC, or of a message from the other side:
// "answer.accepted", "update.cancelled".
struct Move {
  v1::Side side;
  v1::ReferralState from;
  std::string act;
  v1::ReferralState to;
};

// Every move there is.
const std::vector<Move>& Moves();

// The state that the act leads to. FAILED_PRECONDITION ILLEGAL_MOVE: the message names what may be
// done instead, and the metadata "may" lists it, separated by commas.
absl::StatusOr<v1::ReferralState> StateAfter(v1::Side side, v1::ReferralState from,
                                             absl::string_view act);

// The RPCs that a person on this side may call in this state, in the order of the table.
std::vector<std::string> MayDo(v1::Side side, v1::ReferralState state);

// The same of one case: with RecordPartnerAnswer where a provider outside the suite may answer.
std::vector<std::string> MayDo(const v1::ReferralCase& record);

// The table's names of what comes from the other side.
std::string NameOf(const v1::Answer& answer);
std::string NameOf(const v1::Update& update);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_MOVES_H_
