// Which providers to suggest for a need, best first.
#ifndef WAYMARK_SERVICES_REFERRAL_DIRECTORY_SUGGEST_H_
#define WAYMARK_SERVICES_REFERRAL_DIRECTORY_SUGGEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/referral/v1/directory.pb.h"

namespace waymark::referral {

// An entry, and the free slots of its services that begin in the time looked at, in their order.
struct Candidate {
  v1::DirectoryEntry entry;
  std::vector<v1::Slot> slots;
};

// Places where the patient must not be sent.
struct Avoided {
  // Organisation and site codes.
  std::vector<std::string> venues;
  // Outward halves of postcodes: "CF10".
  std::vector<std::string> areas;
};

struct Wish {
  v1::CareService service = v1::CARE_SERVICE_UNSPECIFIED;
  casework::v1::Jurisdiction jurisdiction = casework::v1::JURISDICTION_UNSPECIFIED;
  std::optional<absl::Time> due;
  // The hard stop.
  std::optional<absl::Time> closes;
  // When the patient can come; empty: whenever.
  std::vector<v1::Period> free_times;
  bool welsh = false;
  Avoided avoided;
};

// Services of the wanted kind for the jurisdiction, none of them at an avoided place; why one is
// left out is not said. Ranked: time before the window closes, then before the aim, then open to
// new patients, accredited, in the patient's free times, in Welsh where that is wanted, then by the
// first slot or the usual wait, then by name. At most 50.
std::vector<v1::Suggestion> Suggest(const std::vector<Candidate>& candidates, const Wish& wish,
                                    absl::Time now);

// True when the window closes and no suggestion is known to have, or may have, time before it.
bool NoneBeforeClose(const std::vector<v1::Suggestion>& suggestions, const Wish& wish);

// "CF10" of "Park Place\nCardiff\nCF10 3AT"; empty when the last line is no postcode.
std::string OutwardCode(absl::string_view address);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_DIRECTORY_SUGGEST_H_
