// Who may see whom, asked at the request against today's relations.
#ifndef WAYMARK_SERVICES_WORKFORCE_RELATIONS_SIGHT_H_
#define WAYMARK_SERVICES_WORKFORCE_RELATIONS_SIGHT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/call.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {

// How much of a person a caller may see.
enum class Sight {
  // Not that there is such a person.
  kNothing,
  // The alias, and what every colleague may know: a protected person.
  kAlias,
  kWhole,
};

// For each of `ids` that exists (merges resolved: keyed by the id asked for), what `call` may see:
// by role and relation, today's line manager (RELATION_ASSIGNED), own record, protection, and a
// broken glass that has not run out.
struct Seen {
  Sight sight = Sight::kNothing;
  PersonRow person;  // the one who is shown
};
absl::StatusOr<std::map<std::string, Seen>> SightOf(db::Transaction& txn, const rpc::Call& call,
                                                    const std::vector<std::string>& ids);

// Whom the caller manages today, in order of id: under their own id, and under that of every record
// that was joined with theirs.
absl::StatusOr<std::vector<std::string>> StaffOfCaller(db::Transaction& txn, const rpc::Call& call);

// The person behind `subject_id` if the caller may at least see the alias; NOT_FOUND
// SUBJECT_UNKNOWN otherwise, the same for one who does not exist, with the metadata that makes
// Desk audit the refusal. Empty `subject_id`: the caller's own.
absl::StatusOr<Seen> CheckSubject(db::Transaction& txn, const rpc::Call& call,
                                  absl::string_view subject_id);

// CheckSubject for a change: the row is locked, and PERSON_DECEASED, PERSON_PROTECTED (alias only)
// are refused.
absl::StatusOr<PersonRow> LockSubject(db::Transaction& txn, const rpc::Call& call,
                                      absl::string_view subject_id);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_RELATIONS_SIGHT_H_
