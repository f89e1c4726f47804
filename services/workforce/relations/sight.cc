#include "services/workforce/relations/sight.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "common/access/rule.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/workforce/store/protection.h"

namespace waymark::workforce {
namespace {

bool Needs(const access::Granted& granted, options::v1::Relation relation) {
  return std::any_of(granted.grants.begin(), granted.grants.end(),
                     [&](const options::v1::Grant& grant) { return grant.relation() == relation; });
}

// The caller's own subject id, empty where they have none.
std::string OwnId(const rpc::Call& call) {
  if (!call.caller.subject_id) return "";
  std::string me = absl::AsciiStrToLower(*call.caller.subject_id);
  return ids::IsUuid(me) ? me : "";
}

// `me_shown` is who is shown for `me`.
absl::StatusOr<std::vector<std::string>> StaffUnder(db::Transaction& txn, const rpc::Call& call,
                                                    const std::string& me,
                                                    const std::string& me_shown) {
  ASSIGN_OR_RETURN(std::vector<std::string> mine, SamePeople(txn, {me_shown}));
  // A manager may be named before they are entered.
  if (mine.empty()) mine.push_back(me);
  return StaffOf(txn, mine, civil::DateOf(call.now, civil::London()));
}

absl::Status Unknown() {
  return status::NotFound("SUBJECT_UNKNOWN", "There is no such person for this caller.");
}

}  // namespace

absl::StatusOr<std::map<std::string, Seen>> SightOf(db::Transaction& txn, const rpc::Call& call,
                                                    const std::vector<std::string>& ids) {
  std::map<std::string, Seen> seen;
  std::vector<std::string> asked = ids;
  const std::string me = OwnId(call);
  if (!me.empty()) asked.push_back(me);
  ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, asked));
  std::string me_shown = me;
  if (const auto found = shown.find(me); found != shown.end()) me_shown = found->second;
  std::vector<std::string> people;
  for (const std::string& id : ids) {
    if (const auto found = shown.find(id); found != shown.end()) people.push_back(found->second);
  }
  ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, people));

  std::set<std::string> staff;
  if (!me.empty() && Needs(call.granted, options::v1::RELATION_ASSIGNED)) {
    ASSIGN_OR_RETURN(const std::vector<std::string> of_me, StaffUnder(txn, call, me, me_shown));
    staff.insert(of_me.begin(), of_me.end());
  }
  std::set<std::string> open;
  const bool any_protected = std::any_of(rows.begin(), rows.end(),
                                         [](const auto& row) { return row.second.is_protected; });
  if (any_protected) {
    ASSIGN_OR_RETURN(open, OpenTo(txn, call.caller.user_id, people, call.now));
  }
  for (const std::string& id : ids) {
    const auto person = shown.find(id);
    if (person == shown.end()) continue;
    const auto row = rows.find(person->second);
    if (row == rows.end()) continue;
    Seen& one = seen[id];
    one.person = row->second;
    const bool own = !me.empty() && person->second == me_shown;
    const access::RecordFacts facts = {
        .tenant = txn.tenant(),
        .subject_id = own ? *call.caller.subject_id : person->second,
        .assigned_to = staff.contains(person->second) ? call.caller.user_id : ""};
    if (!access::CheckRelation(call.granted, call.caller, facts).ok()) continue;
    one.sight = row->second.is_protected && !own && !open.contains(person->second) ? Sight::kAlias
                                                                                   : Sight::kWhole;
  }
  return seen;
}

absl::StatusOr<std::vector<std::string>> StaffOfCaller(db::Transaction& txn,
                                                       const rpc::Call& call) {
  const std::string me = OwnId(call);
  if (me.empty()) return std::vector<std::string>();
  ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, {me}));
  const auto found = shown.find(me);
  return StaffUnder(txn, call, me, found == shown.end() ? me : found->second);
}

absl::StatusOr<Seen> CheckSubject(db::Transaction& txn, const rpc::Call& call,
                                  absl::string_view subject_id) {
  std::string id(subject_id);
  if (id.empty() && call.caller.subject_id) id = absl::AsciiStrToLower(*call.caller.subject_id);
  if (!ids::IsUuid(id)) {
    status::FieldViolations violations;
    violations.Add("subject_id", "NOT_A_UUID", "A lower-case UUID.");
    return violations.ToStatus();
  }
  ASSIGN_OR_RETURN(auto seen, SightOf(txn, call, {id}));
  const auto found = seen.find(id);
  if (found == seen.end()) return Unknown();
  if (found->second.sight == Sight::kNothing) {
    return status::WithMetadata(Unknown(), "refused_subject", found->second.person.person_id);
  }
  return found->second;
}

absl::StatusOr<PersonRow> LockSubject(db::Transaction& txn, const rpc::Call& call,
                                      absl::string_view subject_id) {
  ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, subject_id));
  if (seen.sight == Sight::kAlias) {
    return status::PermissionDenied(
        "PERSON_PROTECTED", "This person is protected: only those on their list may do this.");
  }
  const std::string& id = seen.person.person_id;
  ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {id}, /*lock=*/true));
  const auto row = rows.find(id);
  if (row == rows.end()) return Unknown();
  if (row->second.state == v1::PERSON_STATE_DECEASED) {
    return status::FailedPrecondition("PERSON_DECEASED", "This person has died.");
  }
  if (row->second.state == v1::PERSON_STATE_MERGED) {
    return status::Aborted("TRANSACTION_CONFLICT", "The record was joined with another just now.");
  }
  return row->second;
}

}  // namespace waymark::workforce
