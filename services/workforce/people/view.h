// What a person looks like to a caller.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_VIEW_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_VIEW_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "services/workforce/relations/sight.h"
#include "services/workforce/store/consents.h"
#include "services/workforce/store/people.h"
#include "waymark/workforce/v1/person.pb.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::workforce {

// "Sam Jones", by what they want to be called. Empty when there is no name.
std::string DisplayName(const v1::PersonName& name);
std::string DisplayName(const Fields& fields, Sight sight);

// The person as `sight` allows: whole, or the alias and nothing else. `own` shows them no list of
// who may see them.
absl::StatusOr<v1::Person> ViewOf(db::Transaction& txn, const TenantKeys& keys, const Seen& seen,
                                  bool own);

v1::EmploymentSlice ToMessage(const Slice& slice);

// How somebody may be reached now: what they chose, among what is on record and still theirs. Pure.
std::vector<v1::RouteTo> RoutesOf(const v1::Person& person, const v1::Choices& choices);

absl::StatusOr<v1::Choices> ChoicesOf(const Fields& fields);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_VIEW_H_
