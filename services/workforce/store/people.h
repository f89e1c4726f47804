// People in PostgreSQL: rows, sealed fields, tokens. Every list is one statement, however long.
#ifndef WAYMARK_SERVICES_WORKFORCE_STORE_PEOPLE_H_
#define WAYMARK_SERVICES_WORKFORCE_STORE_PEOPLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/people/slice.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/employment.pb.h"
#include "waymark/workforce/v1/person.pb.h"

namespace waymark::workforce {

struct PersonRow {
  std::string person_id;
  int64_t version = 0;
  v1::PersonState state = v1::PERSON_STATE_UNSPECIFIED;
  v1::WorkforceType workforce_type = v1::WORKFORCE_TYPE_UNSPECIFIED;
  bool is_protected = false;
  std::string merged_into;
  std::string transferred_to;
  int64_t choices_version = 0;
  absl::Time changed_at;
};

// Those that exist, by id; the rows stay locked for the transaction when `lock`.
absl::StatusOr<std::map<std::string, PersonRow>> ReadPeople(db::Transaction& txn,
                                                            const std::vector<std::string>& ids,
                                                            bool lock = false);

// The id that is shown for each of `ids`: its own, or that of the person it was merged into.
// Unknown ids are left out.
absl::StatusOr<std::map<std::string, std::string>> ShownFor(db::Transaction& txn,
                                                            const std::vector<std::string>& ids);

// These people and all who were merged into them, however long ago, in order of id.
absl::StatusOr<std::vector<std::string>> SamePeople(db::Transaction& txn,
                                                    const std::vector<std::string>& ids);

// Opened values of `fields` (all when empty) by person.
using Fields = std::map<Field, std::string>;
absl::StatusOr<std::map<std::string, Fields>> ReadFields(db::Transaction& txn,
                                                         const TenantKeys& keys,
                                                         const std::vector<std::string>& ids,
                                                         const std::vector<Field>& fields = {});

// Between the messages and the fields they are stored as. ToFields takes only what is set.
Fields ToFields(const v1::Person& person);
absl::Status FromFields(const Fields& fields, v1::Person& person);

// One person's values to be stored: `set` replaced, `clear` deleted. Tokens are made from what is
// set; those of a field that changes are replaced.
struct FieldsWrite {
  std::string person_id;
  Fields set;
  std::vector<Field> clear;
  // No row of this person is there yet: nothing to look for.
  bool is_new = false;
};
absl::Status WriteFields(db::Transaction& txn, const TenantKeys& keys,
                         const std::vector<FieldsWrite>& writes);

// New rows of `person`, version 1.
struct NewPerson {
  std::string person_id;
  v1::PersonState state = v1::PERSON_STATE_ACTIVE;
  v1::WorkforceType workforce_type = v1::WORKFORCE_TYPE_UNSPECIFIED;
};
absl::Status InsertPeople(db::Transaction& txn, const std::vector<NewPerson>& people,
                          absl::Time now);

// Slices of these people as they were known at `known_at` and true on `day`; every one known at
// `known_at` when `day` is unset, every one ever when both are.
absl::StatusOr<std::vector<Slice>> ReadSlices(db::Transaction& txn, const TenantKeys& keys,
                                              const std::vector<std::string>& person_ids,
                                              std::optional<absl::CivilDay> day,
                                              std::optional<absl::Time> known_at);

// States what is true of employments from a day on, each settled among what is known already
// (Settle, people/settle.h); sets the person's state (ACTIVE, LEFT) and tokens. `today` decides the
// state. A statement that is older than what is known for its day changes nothing.
struct Statement {
  std::string person_id;
  v1::Employment employment;  // whole; employment_id required
  absl::CivilDay from;
  std::string source;
  int64_t source_version = 0;
  // No slice of this employment is there yet: nothing to look for.
  bool is_new = false;
  // The person was inserted in this transaction, with the right state.
  bool new_person = false;
};
absl::Status WriteStatements(db::Transaction& txn, const TenantKeys& keys,
                             const std::vector<Statement>& statements, absl::CivilDay today,
                             absl::Time now);

// Undoes what a merge did to where people work: what was said meanwhile of an employment of
// `merged_id` (or of who is merged into them) under the name of `kept_id` is from now on known of
// `merged_id`. Sets both people's state and tokens as WriteStatements does.
absl::Status GiveBackEmployments(db::Transaction& txn, const TenantKeys& keys,
                                 const std::string& kept_id, const std::string& merged_id,
                                 absl::Time merged_at, absl::CivilDay today, absl::Time now);

// Those whom one of `manager_ids` manages on `day`, as known now, in order of id.
absl::StatusOr<std::vector<std::string>> StaffOf(db::Transaction& txn,
                                                 const std::vector<std::string>& manager_ids,
                                                 absl::CivilDay day);

// What a value may stand as in blind_index: its tokens under every live version of the index key.
db::ByteaArray LiveTokens(const TenantKeys& keys, TokenKind kind, absl::string_view normalised);
// Gives these people tokens under keys.index_version() beside those that they have. For whoever
// holds the tokens alone (LockTokensAlone).
absl::Status Retoken(db::Transaction& txn, const TenantKeys& keys,
                     const std::vector<std::string>& person_ids, absl::Time now);

// People by a token, on a day.
absl::StatusOr<std::vector<std::string>> FindByToken(db::Transaction& txn, const TenantKeys& keys,
                                                     TokenKind kind, absl::string_view normalised,
                                                     absl::CivilDay day, int limit);

// The same for many values in one statement: who has each of them; what nobody has is left out.
absl::StatusOr<std::map<std::string, std::vector<std::string>>> FindEachByToken(
    db::Transaction& txn, const TenantKeys& keys, TokenKind kind,
    const std::vector<std::string>& normalised, absl::CivilDay day);

// Queues pairs of these people and others who share an NHS number, name and birth date, employee
// number or e-mail address. A pair that was judged before does not come again.
absl::Status QueueDuplicates(db::Transaction& txn, const std::vector<std::string>& person_ids,
                             absl::Time now);

// Sets what stands behind a subject id, whatever it was, and raises the version.
absl::Status SetPersonState(db::Transaction& txn, const std::string& person_id,
                            v1::PersonState state, absl::Time now,
                            const std::string& transferred_to = "");
// Makes a provisional subject id a person who is active.
absl::Status NamePerson(db::Transaction& txn, const std::string& person_id, v1::WorkforceType type,
                        absl::Time now);
// People whose last employment ended by `today` and who still count as active, and the other way
// round: a day that was stated in advance has come. Returns how many changed.
absl::StatusOr<int64_t> RefreshStates(db::Transaction& txn, absl::CivilDay today, absl::Time now);

// After `after`, in order of id: everybody of the force, and those who work on `day`. The first
// page comes after kBeforeAll.
inline constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";
absl::StatusOr<std::vector<std::string>> PeopleAfter(db::Transaction& txn, absl::string_view after,
                                                     int limit);
absl::StatusOr<std::vector<std::string>> WorkingAfter(db::Transaction& txn, absl::CivilDay day,
                                                      absl::string_view after, int limit);

// Raises choices_version, version and changed_at.
absl::Status RaiseChoices(db::Transaction& txn, const std::string& person_id, absl::Time now);
// Raises version and changed_at.
absl::Status TouchPeople(db::Transaction& txn, const std::vector<std::string>& person_ids,
                         absl::Time now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_STORE_PEOPLE_H_
