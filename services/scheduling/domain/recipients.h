// Who is told when a rung fires: the rota at that instant, with cover for leave applied.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_RECIPIENTS_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_RECIPIENTS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "waymark/options/v1/rule.pb.h"
#include "waymark/scheduling/v1/rota.pb.h"

namespace waymark::scheduling {

// A rota entry without its address.
struct Duty {
  std::string rota_entry_id;
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  std::string person;
  absl::Time starts;
  absl::Time ends;
  v1::Channel channel = v1::CHANNEL_CONSOLE;
};

struct Cover {
  std::string from_person;
  std::string to_person;
  absl::Time starts;
  absl::Time ends;
};

struct Recipient {
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  std::string person;
  // The rota entry whose address is used; empty for the console.
  std::string rota_entry_id;
  v1::Channel channel = v1::CHANNEL_CONSOLE;

  bool operator==(const Recipient&) const = default;
};

// Who covers for `person` at `now`, followed to its end: when the one who covers is away too, it is
// whoever covers for them. `person` when nobody does, and when cover runs in a circle.
std::string CoveredBy(const std::string& person, const std::vector<Cover>& cover, absl::Time now);

// The people for whom `person` acts at `now`, themselves included.
std::vector<std::string> ActsFor(const std::string& person, const std::vector<Cover>& cover,
                                 absl::Time now);

// Everybody reachable at `now`, one entry a role and person, in order of role and person. Somebody
// who covers is reached at the address of their own entry: one that runs now, else the one that
// ended or begins nearest to now, else in the console.
std::vector<Recipient> RecipientsAt(const std::vector<Duty>& rota, const std::vector<Cover>& cover,
                                    absl::Time now);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_RECIPIENTS_H_
