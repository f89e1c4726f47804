// Where one notice goes: to the address on the rota, or where its recipient chose, as workforce
// tells it at the moment of sending.
#ifndef WAYMARK_SERVICES_SCHEDULING_DOMAIN_ROUTES_H_
#define WAYMARK_SERVICES_SCHEDULING_DOMAIN_ROUTES_H_

#include "waymark/scheduling/v1/rota.pb.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::scheduling {

struct Destination {
  enum class What {
    kSend,
    // Nothing may be sent, and nothing is missing: they did not ask for it, or have died.
    kWithdraw,
    // They can be reached by telephone or post alone, so somebody must do it.
    kAskAPerson,
    // Nobody could say how; to be asked again.
    kWait,
  };
  What what = What::kSend;
  v1::Contact contact;
  workforce::v1::Language language = workforce::v1::LANGUAGE_ENGLISH;
};

// For somebody on the rota. `known` is what workforce says of them; null when it did not answer: an
// escalation never waits for it. `rota` is their entry's contact, `duty` the address of last
// resort, which is told instead of somebody who has died or wants none of the e-mail there is.
Destination ForStaff(const v1::Contact& rota, const v1::Contact& duty,
                     const workforce::v1::Reachable* known);

// For the officer a case is about, at the `attempt`-th attempt, from 1: their e-mail routes take
// turns. Null `known`: nothing is sent by an address of last week.
Destination ForOfficer(const workforce::v1::Reachable* known, int attempt);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DOMAIN_ROUTES_H_
