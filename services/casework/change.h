#ifndef WAYMARK_SERVICES_CASEWORK_CHANGE_H_
#define WAYMARK_SERVICES_CASEWORK_CHANGE_H_

#include <string>
#include <utility>
#include <vector>

namespace waymark::casework {

// A message to another service, sent through the outbox in the same transaction.
struct Outgoing {
  // Name of the receiving service, e.g. "bbv".
  std::string destination;
  // Serialised request of that service.
  std::string payload;
};

// What a pathway's pure function returns: the cases as they are after the act. Casework plans them,
// numbers their versions, writes an event for each, and saves all of it in one transaction.
template <typename Case>
struct Change {
  // New cases have version 0 and a case id from Call::NewId; changed ones keep their header as it
  // was except where casework.v1.CaseHeader says that the pathway sets it.
  std::vector<Case> cases;
  std::vector<Outgoing> messages;
};

// A change of one case.
template <typename Case>
Change<Case> ChangeOf(Case after) {
  Change<Case> change;
  change.cases.push_back(std::move(after));
  return change;
}

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_CHANGE_H_
