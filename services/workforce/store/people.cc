#include "services/workforce/store/people.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/local_time.h"
#include "services/workforce/people/settle.h"
#include "services/workforce/store/tenant_keys.h"

namespace waymark::workforce {
namespace {

constexpr char kReadPeople[] =
    "SELECT person_id, version, state, workforce_type, protected, coalesce(merged_into::text, ''),"
    " coalesce(transferred_to, ''), choices_version, changed_at FROM person"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY person_id";
constexpr char kShownFor[] =
    "WITH RECURSIVE chain (asked, person_id, merged_into, depth) AS ("
    " SELECT person_id, person_id, merged_into, 0 FROM person"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " UNION ALL SELECT chain.asked, p.person_id, p.merged_into, chain.depth + 1"
    " FROM chain JOIN person AS p ON p.tenant = $1 AND p.person_id = chain.merged_into"
    " WHERE chain.depth < 16)"
    " SELECT asked, person_id FROM chain WHERE merged_into IS NULL";
constexpr char kSamePeople[] =
    "WITH RECURSIVE same (person_id) AS ("
    " SELECT person_id FROM person WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " UNION SELECT p.person_id FROM person AS p JOIN same"
    "  ON p.tenant = $1 AND p.merged_into = same.person_id)"
    " SELECT person_id FROM same ORDER BY person_id";
constexpr char kReadFields[] =
    "SELECT person_id, field, version, key_version, sealed FROM person_field"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " AND ($3::bigint[] IS NULL OR field = ANY ($3::bigint[]))";
constexpr char kReadVersions[] =
    "SELECT person_id, field, version FROM person_field"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) FOR UPDATE";
constexpr char kInsertFields[] =
    "INSERT INTO person_field (tenant, person_id, field, version, key_version, sealed)"
    " SELECT $1, f.person_id, f.field, f.version, $6, f.sealed"
    " FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bytea[])"
    " AS f (person_id, field, version, sealed)";
constexpr char kOrReplaceField[] =
    " ON CONFLICT (tenant, person_id, field) DO UPDATE"
    " SET version = excluded.version, key_version = excluded.key_version, sealed = excluded.sealed";
constexpr char kDeleteFields[] =
    "DELETE FROM person_field USING unnest($2::uuid[], $3::bigint[]) AS f (person_id, field)"
    " WHERE person_field.tenant = $1 AND person_field.person_id = f.person_id"
    " AND person_field.field = f.field";
constexpr char kDeleteTokens[] =
    "DELETE FROM blind_index WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    " AND kind = ANY ($3::bigint[])";
// In the order of the key: a first load of thousands visits each page of the index once a
// statement.
constexpr char kInsertTokens[] =
    "INSERT INTO blind_index (tenant, kind, token, person_id, from_on, until_on, key_version)"
    " SELECT DISTINCT ON (t.kind, t.token, t.person_id, t.from_on)"
    " $1, t.kind, t.token, t.person_id, t.from_on::date, t.until_on::date, t.key_version"
    " FROM unnest($2::bigint[], $3::bytea[], $4::uuid[], $5::text[], $6::text[], $7::bigint[])"
    " AS t (kind, token, person_id, from_on, until_on, key_version)"
    " ORDER BY t.kind, t.token, t.person_id, t.from_on, t.until_on DESC";
// Asked of the index before each row; half as dear again.
constexpr char kUnlessThere[] = " ON CONFLICT DO NOTHING";
// Of those who have nothing left to be found by.
constexpr char kDropOrphanTokens[] =
    "DELETE FROM blind_index AS b WHERE b.tenant = $1 AND b.person_id = ANY ($2::uuid[])"
    " AND NOT EXISTS (SELECT FROM blind_index AS n WHERE n.tenant = $1 AND n.key_version = $3"
    "  AND n.person_id = b.person_id)";
constexpr char kInsertPeople[] =
    "INSERT INTO person (tenant, person_id, version, state, workforce_type, created_at, changed_at)"
    " SELECT $1, p.person_id, 1, p.state, p.workforce_type, $5, $5"
    " FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS p (person_id, state, workforce_type)";
constexpr char kTouch[] =
    "UPDATE person SET version = version + 1, changed_at = $3"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[])";
constexpr char kSliceColumns[] =
    "SELECT slice_id, person_id, employment_id, from_on, until_on, known_from, known_until, source,"
    " source_version, force_code, workforce_type, rank_band, role_family,"
    " array_to_string(exposure_roles, ','), site_code, coalesce(manager_id::text, ''), fte_percent,"
    " shift_pattern, state, end_reason, key_version, sealed_numbers FROM employment_slice"
    " WHERE tenant = $1 AND ";
constexpr char kSlicesOfPeople[] =
    "person_id = ANY ($2::uuid[])"
    " AND ($3::timestamptz IS NULL OR (known_from <= $3 AND known_until > $3))"
    " AND ($4::date IS NULL OR (from_on <= $4 AND until_on > $4))"
    " ORDER BY person_id, from_on, known_from, employment_id";
constexpr char kSlicesOfEmployments[] =
    "employment_id = ANY ($2::uuid[]) AND known_until = 'infinity' FOR UPDATE";
constexpr char kSlicesOfPersonsEmployments[] =
    "person_id = $3 AND employment_id = ANY ($2::uuid[]) AND known_until = 'infinity' FOR UPDATE";
// An employment is that of whom it was first said; one that began to be known since the merge is
// that of whom its source means.
constexpr char kEmploymentsToGiveBack[] =
    "SELECT DISTINCT s.employment_id FROM employment_slice AS s"
    " WHERE s.tenant = $1 AND s.person_id = $2 AND s.known_until = 'infinity'"
    " AND EXISTS (SELECT FROM (SELECT * FROM employment_slice AS f WHERE f.tenant = $1"
    "   AND f.employment_id = s.employment_id ORDER BY f.known_from, f.from_on LIMIT 1) AS first"
    "  WHERE first.person_id = ANY ($3::uuid[]) OR (first.known_from >= $4"
    "   AND EXISTS (SELECT FROM feed_link AS l WHERE l.tenant = $1"
    "    AND l.person_id = ANY ($3::uuid[]) AND l.employment_id = s.employment_id)))";
constexpr char kCloseSlices[] =
    "UPDATE employment_slice SET known_until = $3"
    " WHERE tenant = $1 AND slice_id = ANY ($2::uuid[])";
constexpr char kInsertSlices[] =
    "INSERT INTO employment_slice (tenant, slice_id, person_id, employment_id, from_on, until_on,"
    " known_from, known_until, source, source_version, force_code, workforce_type, rank_band,"
    " role_family, exposure_roles, site_code, manager_id, fte_percent, shift_pattern, state,"
    " end_reason, key_version, sealed_numbers)"
    " SELECT $1, s.slice_id, s.person_id, s.employment_id, s.from_on::date, s.until_on::date,"
    " $2, 'infinity', s.source, s.source_version, s.force_code, s.workforce_type, s.rank_band,"
    " s.role_family, s.exposure_roles::smallint[], s.site_code, nullif(s.manager_id, '')::uuid,"
    " s.fte_percent, s.shift_pattern, s.state, s.end_reason, $3, s.sealed_numbers"
    " FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],"
    " $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[],"
    " $16::text[], $17::text[], $18::bigint[], $19::text[], $20::bigint[], $21::bigint[],"
    " $22::bytea[]) AS s (slice_id, person_id, employment_id, from_on, until_on, source,"
    " source_version, force_code, workforce_type, rank_band, role_family, exposure_roles,"
    " site_code, manager_id, fte_percent, shift_pattern, state, end_reason, sealed_numbers)";
// Somebody who works on the day, or will, is active; one who worked and does so no longer has left.
constexpr char kSetStates[] =
    "UPDATE person SET version = version + 1, changed_at = $4,"
    " state = CASE WHEN known.works THEN 2 ELSE 3 END,"
    " left_on = CASE WHEN known.works THEN NULL ELSE known.ended_on END,"
    " workforce_type = known.workforce_type"
    " FROM (SELECT person_id, bool_or(state <> 3 AND until_on > $3) AS works,"
    "  max(from_on) FILTER (WHERE state = 3) AS ended_on,"
    "  (array_agg(workforce_type ORDER BY (state = 3), from_on DESC))[1] AS workforce_type"
    "  FROM employment_slice WHERE tenant = $1 AND person_id = ANY ($2::uuid[])"
    "  AND known_until = 'infinity' GROUP BY person_id) AS known"
    " WHERE person.tenant = $1 AND person.person_id = known.person_id"
    " AND person.state IN (1, 2, 3)";
constexpr char kSetState[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = $3,"
    " transferred_to = nullif($5, '') WHERE tenant = $1 AND person_id = $2";
constexpr char kRefreshStates[] =
    "UPDATE person SET version = version + 1, changed_at = $3,"
    " state = CASE WHEN known.works THEN 2 ELSE 3 END,"
    " left_on = CASE WHEN known.works THEN NULL ELSE known.ended_on END"
    " FROM (SELECT person_id, bool_or(state <> 3 AND until_on > $2) AS works,"
    "  max(from_on) FILTER (WHERE state = 3) AS ended_on FROM employment_slice"
    "  WHERE tenant = $1 AND known_until = 'infinity' GROUP BY person_id"
    "  HAVING bool_or(state = 3)) AS known"
    " WHERE person.tenant = $1 AND person.person_id = known.person_id"
    " AND ((person.state = 2 AND NOT known.works) OR (person.state = 3 AND known.works))";
constexpr char kNamePerson[] =
    "UPDATE person SET version = version + 1, changed_at = $4, state = 2,"
    " workforce_type = $3 WHERE tenant = $1 AND person_id = $2";
constexpr char kRaiseChoices[] =
    "UPDATE person SET choices_version = choices_version + 1, version = version + 1,"
    " changed_at = $3 WHERE tenant = $1 AND person_id = $2";
constexpr char kPeopleAfter[] =
    "SELECT person_id FROM person WHERE tenant = $1 AND person_id > $2 ORDER BY person_id"
    " LIMIT $3";
constexpr char kWorkingAfter[] =
    "SELECT DISTINCT person_id FROM employment_slice WHERE tenant = $1 AND known_until = 'infinity'"
    " AND from_on <= $2 AND until_on > $2 AND state <> 3 AND person_id > $3"
    " ORDER BY person_id LIMIT $4";
constexpr char kStaffOf[] =
    "SELECT DISTINCT person_id FROM employment_slice"
    " WHERE tenant = $1 AND manager_id = ANY ($2::uuid[])"
    " AND known_until = 'infinity' AND from_on <= $3 AND until_on > $3 AND state <> 3"
    " ORDER BY person_id";
constexpr char kFindByToken[] =
    "SELECT DISTINCT person_id FROM blind_index WHERE tenant = $1 AND kind = $2"
    " AND token = ANY ($3::bytea[]) AND from_on <= $4 AND until_on > $4 ORDER BY person_id LIMIT "
    "$5";
constexpr char kFindEachByToken[] =
    "SELECT DISTINCT t.place, b.person_id FROM unnest($3::bigint[], $4::bytea[])"
    " AS t (place, token) JOIN blind_index AS b ON b.tenant = $1 AND b.kind = $2"
    " AND b.token = t.token AND b.from_on <= $5 AND b.until_on > $5 ORDER BY 1, 2";
constexpr char kFindPairs[] =
    "SELECT least(a.person_id, b.person_id), greatest(a.person_id, b.person_id), min(a.kind)"
    " FROM blind_index AS a JOIN blind_index AS b ON b.tenant = a.tenant AND b.kind = a.kind"
    "  AND b.token = a.token AND b.person_id <> a.person_id"
    " WHERE a.tenant = $1 AND a.person_id = ANY ($2::uuid[]) AND a.kind IN (1, 2, 4, 6)"
    " GROUP BY 1, 2 LIMIT 10000";
constexpr char kInsertPairs[] =
    "INSERT INTO duplicate (tenant, duplicate_id, first_id, second_id, reason, found_at, state)"
    " SELECT $1, d.duplicate_id, d.first_id, d.second_id, d.reason, $6, 1"
    " FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[])"
    " AS d (duplicate_id, first_id, second_id, reason)"
    " ON CONFLICT (tenant, first_id, second_id) DO NOTHING";

std::vector<std::string> Ids(const pqxx::result& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const pqxx::row& row : rows) ids.push_back(db::Text(row[0]));
  return ids;
}

std::string DayText(absl::CivilDay day) {
  return day >= kNoEnd ? "infinity" : civil::FormatDay(day);
}

absl::CivilDay ReadDay(const pqxx::field& field) {
  const std::string text = db::Text(field);
  if (text == "infinity") return kNoEnd;
  const absl::StatusOr<absl::CivilDay> day = civil::ParseDay(text);
  return day.ok() ? *day : absl::CivilDay(1, 1, 1);
}

std::string FieldBinding(const TenantKeys& keys, absl::string_view person_id, int64_t field,
                         int64_t version) {
  return keys.Binding("person_field", person_id, absl::StrCat(field), absl::StrCat(version));
}

std::string NumbersBinding(const TenantKeys& keys, const Slice& slice) {
  return keys.Binding("employment_slice", slice.person_id, slice.employment.employment_id(),
                      civil::FormatDay(slice.from));
}

struct Tokens {
  std::vector<int64_t> kinds;
  std::vector<std::string> tokens;
  std::vector<std::string> people;
  std::vector<std::string> from;
  std::vector<std::string> until;
  std::vector<int64_t> versions;
  // Unset: every version that is written.
  std::optional<int32_t> only_version;

  void Add(const TenantKeys& keys, TokenKind kind, absl::string_view normalised,
           const std::string& person_id, absl::string_view from_day = "-infinity",
           absl::string_view until_day = "infinity") {
    if (normalised.empty()) return;
    for (TenantKeys::IndexToken& one : keys.IndexTokens(kind, normalised)) {
      if (only_version ? one.key_version != *only_version : !one.written) continue;
      kinds.push_back(static_cast<int64_t>(kind));
      tokens.push_back(std::move(one.token));
      people.push_back(person_id);
      from.emplace_back(from_day);
      until.emplace_back(until_day);
      versions.push_back(one.key_version);
    }
  }
  // `fresh`: nobody among them has any of these kinds yet.
  absl::Status Insert(db::Transaction& txn, bool fresh = false) const {
    if (tokens.empty()) return absl::OkStatus();
    return txn
        .Exec(absl::StrCat(kInsertTokens, fresh ? "" : kUnlessThere), txn.tenant(),
              db::Int8Array(kinds), db::ByteaArray(tokens), db::UuidArray(people),
              db::TextArray(from), db::TextArray(until), db::Int8Array(versions))
        .status();
  }
};

// What one person's fields are found by.
void AddFieldTokens(const TenantKeys& keys, const std::string& person_id, const Fields& fields,
                    Tokens& tokens) {
  const auto value = [&](Field field) -> const std::string& {
    static const auto* const none = new std::string;
    const auto found = fields.find(field);
    return found == fields.end() ? *none : found->second;
  };
  v1::PersonName name;
  casework::v1::CivilDate birth;
  if (name.ParseFromString(value(Field::kName))) {
    tokens.Add(keys, TokenKind::kFamilyName, NormaliseName(name.family()), person_id);
    if (!name.family().empty() && birth.ParseFromString(value(Field::kBirthDate)) &&
        birth.year() != 0) {
      tokens.Add(keys, TokenKind::kNameAndBirth,
                 NameAndBirth(name.family(), name.given(), casework::DayOf(birth)), person_id);
    }
  }
  v1::NhsNumber nhs;
  if (nhs.ParseFromString(value(Field::kNhsNumber))) {
    tokens.Add(keys, TokenKind::kNhsNumber, nhs.number(), person_id);
  }
  for (const Field field : {Field::kWork, Field::kPersonal}) {
    v1::Contacts contacts;
    if (contacts.ParseFromString(value(field))) {
      tokens.Add(keys, TokenKind::kEmail, NormaliseEmail(contacts.email()), person_id);
    }
  }
  tokens.Add(keys, TokenKind::kUserId, value(Field::kUserId), person_id);
}

const std::vector<Field>& TokenFields() {
  static const auto* const fields =
      new std::vector<Field>{Field::kName, Field::kBirthDate, Field::kNhsNumber,
                             Field::kWork, Field::kPersonal,  Field::kUserId};
  return *fields;
}

const std::vector<int64_t>& FieldTokenKinds() {
  static const auto* const kinds = new std::vector<int64_t>{1, 4, 5, 6, 7};
  return *kinds;
}

std::vector<int64_t> Numbers(const std::vector<Field>& fields) {
  std::vector<int64_t> numbers;
  numbers.reserve(fields.size());
  for (const Field field : fields) numbers.push_back(static_cast<int64_t>(field));
  return numbers;
}

absl::StatusOr<std::vector<Slice>> ReadSliceRows(const TenantKeys& keys, const pqxx::result& rows) {
  std::vector<Slice> slices;
  slices.reserve(rows.size());
  for (const pqxx::row& row : rows) {
    Slice& slice = slices.emplace_back();
    slice.slice_id = db::Text(row[0]);
    slice.person_id = db::Text(row[1]);
    v1::Employment& employment = slice.employment;
    employment.set_employment_id(db::Text(row[2]));
    slice.from = ReadDay(row[3]);
    slice.until = ReadDay(row[4]);
    slice.known_from = db::Instant(row[5]);
    slice.known_until = db::Instant(row[6]);
    slice.source = db::Text(row[7]);
    slice.source_version = db::Int(row[8]);
    employment.set_force_code(db::Text(row[9]));
    employment.set_workforce_type(static_cast<v1::WorkforceType>(db::Int(row[10])));
    employment.set_rank_band(static_cast<v1::RankBand>(db::Int(row[11])));
    employment.set_role_family(static_cast<v1::RoleFamily>(db::Int(row[12])));
    const std::string roles = db::Text(row[13]);
    for (size_t at = 0; at < roles.size();) {
      const size_t comma = std::min(roles.find(',', at), roles.size());
      int role = 0;
      if (absl::SimpleAtoi(roles.substr(at, comma - at), &role)) {
        employment.add_exposure_roles(static_cast<v1::ExposureRole>(role));
      }
      at = comma + 1;
    }
    employment.set_site_code(db::Text(row[14]));
    employment.set_manager_subject_id(db::Text(row[15]));
    employment.set_fte_percent(static_cast<int32_t>(db::Int(row[16])));
    employment.set_shift_pattern(db::Text(row[17]));
    employment.set_state(static_cast<v1::EmploymentState>(db::Int(row[18])));
    employment.set_end_reason(static_cast<v1::EndReason>(db::Int(row[19])));
    ASSIGN_OR_RETURN(const std::string numbers,
                     keys.Open(NumbersBinding(keys, slice), static_cast<int32_t>(db::Int(row[20])),
                               db::Bytes(row[21])));
    v1::Employment opened;
    if (!opened.ParseFromString(numbers)) {
      return status::DataLoss("VALUE_UNREADABLE", "A stored number cannot be read.");
    }
    employment.set_employee_number(opened.employee_number());
    employment.set_collar_number(opened.collar_number());
  }
  return slices;
}

absl::Status InsertSlices(db::Transaction& txn, const TenantKeys& keys,
                          const std::vector<Slice>& slices, absl::Time now) {
  if (slices.empty()) return absl::OkStatus();
  std::vector<std::string> ids, people, employments, from, until, sources, forces, roles, sites,
      managers, shifts, numbers;
  std::vector<int64_t> versions, types, ranks, families, ftes, states, reasons;
  for (const Slice& slice : slices) {
    const v1::Employment& employment = slice.employment;
    ids.push_back(ids::NewUuid());
    people.push_back(slice.person_id);
    employments.push_back(employment.employment_id());
    from.push_back(DayText(slice.from));
    until.push_back(DayText(slice.until));
    sources.push_back(slice.source);
    versions.push_back(slice.source_version);
    forces.push_back(employment.force_code());
    types.push_back(employment.workforce_type());
    ranks.push_back(employment.rank_band());
    families.push_back(employment.role_family());
    std::string exposure = "{";
    for (const int role : employment.exposure_roles()) {
      absl::StrAppend(&exposure, exposure.size() > 1 ? "," : "", role);
    }
    roles.push_back(exposure + "}");
    sites.push_back(employment.site_code());
    managers.push_back(employment.manager_subject_id());
    ftes.push_back(employment.fte_percent());
    shifts.push_back(employment.shift_pattern());
    states.push_back(employment.state());
    reasons.push_back(employment.end_reason());
    v1::Employment sealed;
    sealed.set_employee_number(employment.employee_number());
    sealed.set_collar_number(employment.collar_number());
    numbers.push_back(keys.Seal(NumbersBinding(keys, slice), sealed.SerializeAsString()).bytes);
  }
  return txn
      .Exec(kInsertSlices, txn.tenant(), now, keys.sealing_version(), db::UuidArray(ids),
            db::UuidArray(people), db::UuidArray(employments), db::TextArray(from),
            db::TextArray(until), db::TextArray(sources), db::Int8Array(versions),
            db::TextArray(forces), db::Int8Array(types), db::Int8Array(ranks),
            db::Int8Array(families), db::TextArray(roles), db::TextArray(sites),
            db::TextArray(managers), db::Int8Array(ftes), db::TextArray(shifts),
            db::Int8Array(states), db::Int8Array(reasons), db::ByteaArray(numbers))
      .status();
}

void AddNumberTokens(const TenantKeys& keys, const Slice& slice, Tokens& tokens) {
  tokens.Add(keys, TokenKind::kEmployeeNumber, NormaliseNumber(slice.employment.employee_number()),
             slice.person_id);
  if (slice.employment.state() == v1::EMPLOYMENT_STATE_ENDED) return;
  tokens.Add(keys, TokenKind::kCollarNumber, NormaliseNumber(slice.employment.collar_number()),
             slice.person_id, DayText(slice.from), DayText(slice.until));
}

// Makes the tokens of these people's numbers anew, from what is known now.
absl::Status RetokenNumbers(db::Transaction& txn, const TenantKeys& keys,
                            const std::vector<std::string>& person_ids, absl::Time now,
                            Tokens& tokens) {
  RETURN_IF_ERROR(txn.Exec(kDeleteTokens, txn.tenant(), db::UuidArray(person_ids),
                           db::Int8Array({static_cast<int64_t>(TokenKind::kEmployeeNumber),
                                          static_cast<int64_t>(TokenKind::kCollarNumber)}))
                      .status());
  ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                   ReadSlices(txn, keys, person_ids, std::nullopt, now));
  for (const Slice& slice : slices) AddNumberTokens(keys, slice, tokens);
  return absl::OkStatus();
}

absl::Status JudgeStates(db::Transaction& txn, const std::vector<std::string>& person_ids,
                         absl::CivilDay today, absl::Time now) {
  return txn.Exec(kSetStates, txn.tenant(), db::UuidArray(person_ids), civil::FormatDay(today), now)
      .status();
}

}  // namespace

absl::StatusOr<std::map<std::string, PersonRow>> ReadPeople(db::Transaction& txn,
                                                            const std::vector<std::string>& ids,
                                                            bool lock) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kReadPeople, lock ? " FOR UPDATE" : ""), txn.tenant(),
                            db::UuidArray(ids)));
  std::map<std::string, PersonRow> people;
  for (const pqxx::row& row : rows) {
    PersonRow person;
    person.person_id = db::Text(row[0]);
    person.version = db::Int(row[1]);
    person.state = static_cast<v1::PersonState>(db::Int(row[2]));
    person.workforce_type = static_cast<v1::WorkforceType>(db::Int(row[3]));
    person.is_protected = db::Bool(row[4]);
    person.merged_into = db::Text(row[5]);
    person.transferred_to = db::Text(row[6]);
    person.choices_version = db::Int(row[7]);
    person.changed_at = db::Instant(row[8]);
    people.emplace(person.person_id, std::move(person));
  }
  return people;
}

absl::StatusOr<std::map<std::string, std::string>> ShownFor(db::Transaction& txn,
                                                            const std::vector<std::string>& ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kShownFor, txn.tenant(), db::UuidArray(ids)));
  std::map<std::string, std::string> shown;
  for (const pqxx::row& row : rows) shown.emplace(db::Text(row[0]), db::Text(row[1]));
  return shown;
}

absl::StatusOr<std::vector<std::string>> SamePeople(db::Transaction& txn,
                                                    const std::vector<std::string>& ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kSamePeople, txn.tenant(), db::UuidArray(ids)));
  return Ids(rows);
}

absl::StatusOr<std::map<std::string, Fields>> ReadFields(db::Transaction& txn,
                                                         const TenantKeys& keys,
                                                         const std::vector<std::string>& ids,
                                                         const std::vector<Field>& fields) {
  std::map<std::string, Fields> read;
  db::Params params;
  params.Add(txn.tenant());
  params.Add(db::UuidArray(ids));
  if (fields.empty()) {
    params.Add(nullptr);
  } else {
    params.Add(db::Int8Array(Numbers(fields)));
  }
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.ExecParams(kReadFields, params));
  for (const pqxx::row& row : rows) {
    const std::string person_id = db::Text(row[0]);
    const int64_t field = db::Int(row[1]);
    ASSIGN_OR_RETURN(std::string value,
                     keys.Open(FieldBinding(keys, person_id, field, db::Int(row[2])),
                               static_cast<int32_t>(db::Int(row[3])), db::Bytes(row[4])));
    read[person_id][static_cast<Field>(field)] = std::move(value);
  }
  return read;
}

Fields ToFields(const v1::Person& person) {
  Fields fields;
  if (person.has_name()) fields[Field::kName] = person.name().SerializeAsString();
  if (person.has_birth_date()) fields[Field::kBirthDate] = person.birth_date().SerializeAsString();
  if (person.sex() != v1::SEX_UNSPECIFIED) fields[Field::kSex] = absl::StrCat(person.sex());
  if (person.has_nhs_number()) fields[Field::kNhsNumber] = person.nhs_number().SerializeAsString();
  if (person.has_work()) fields[Field::kWork] = person.work().SerializeAsString();
  if (person.has_personal()) fields[Field::kPersonal] = person.personal().SerializeAsString();
  if (!person.home_area().empty()) fields[Field::kHomeArea] = person.home_area();
  if (person.has_next_of_kin()) {
    fields[Field::kNextOfKin] = person.next_of_kin().SerializeAsString();
  }
  if (person.language() != v1::LANGUAGE_UNSPECIFIED) {
    fields[Field::kLanguage] = absl::StrCat(person.language());
  }
  if (!person.user_id().empty()) fields[Field::kUserId] = person.user_id();
  if (person.has_death_date()) fields[Field::kDeathDate] = person.death_date().SerializeAsString();
  return fields;
}

absl::Status FromFields(const Fields& fields, v1::Person& person) {
  bool whole = true;
  for (const auto& [field, value] : fields) {
    int number = 0;
    switch (field) {
      case Field::kName:
        whole &= person.mutable_name()->ParseFromString(value);
        break;
      case Field::kBirthDate:
        whole &= person.mutable_birth_date()->ParseFromString(value);
        break;
      case Field::kSex:
        whole &= absl::SimpleAtoi(value, &number);
        person.set_sex(static_cast<v1::Sex>(number));
        break;
      case Field::kNhsNumber:
        whole &= person.mutable_nhs_number()->ParseFromString(value);
        break;
      case Field::kWork:
        whole &= person.mutable_work()->ParseFromString(value);
        break;
      case Field::kPersonal:
        whole &= person.mutable_personal()->ParseFromString(value);
        break;
      case Field::kHomeArea:
        person.set_home_area(value);
        break;
      case Field::kNextOfKin:
        whole &= person.mutable_next_of_kin()->ParseFromString(value);
        break;
      case Field::kLanguage:
        whole &= absl::SimpleAtoi(value, &number);
        person.set_language(static_cast<v1::Language>(number));
        break;
      case Field::kUserId:
        person.set_user_id(value);
        break;
      case Field::kDeathDate:
        whole &= person.mutable_death_date()->ParseFromString(value);
        break;
      case Field::kAlias:
      case Field::kChoices:
        break;  // Shown by those alone who may.
    }
  }
  if (!whole) return status::DataLoss("VALUE_UNREADABLE", "A stored value cannot be read.");
  return absl::OkStatus();
}

absl::Status WriteFields(db::Transaction& txn, const TenantKeys& keys,
                         const std::vector<FieldsWrite>& writes) {
  RETURN_IF_ERROR(LockTokens(txn));
  std::vector<std::string> old_people;
  std::vector<std::string> cleared_people;
  std::vector<int64_t> cleared_fields;
  for (const FieldsWrite& write : writes) {
    if (!write.is_new) old_people.push_back(write.person_id);
    for (const Field field : write.clear) {
      cleared_people.push_back(write.person_id);
      cleared_fields.push_back(static_cast<int64_t>(field));
    }
  }
  std::map<std::pair<std::string, int64_t>, int64_t> versions;
  if (!old_people.empty()) {
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(kReadVersions, txn.tenant(), db::UuidArray(old_people)));
    for (const pqxx::row& row : rows) {
      versions[{db::Text(row[0]), db::Int(row[1])}] = db::Int(row[2]);
    }
  }
  std::vector<std::string> people;
  std::vector<int64_t> fields;
  std::vector<int64_t> field_versions;
  std::vector<std::string> sealed;
  Tokens tokens;
  std::vector<std::string> retoken;
  for (const FieldsWrite& write : writes) {
    bool findable = !write.clear.empty();
    for (const auto& [field, value] : write.set) {
      const auto number = static_cast<int64_t>(field);
      const auto known = versions.find({write.person_id, number});
      const int64_t version = known == versions.end() ? 1 : known->second + 1;
      people.push_back(write.person_id);
      fields.push_back(number);
      field_versions.push_back(version);
      sealed.push_back(
          keys.Seal(FieldBinding(keys, write.person_id, number, version), value).bytes);
      findable |=
          std::find(TokenFields().begin(), TokenFields().end(), field) != TokenFields().end();
    }
    if (write.is_new) {
      AddFieldTokens(keys, write.person_id, write.set, tokens);
    } else if (findable) {
      retoken.push_back(write.person_id);
    }
  }
  if (!sealed.empty()) {
    RETURN_IF_ERROR(txn.Exec(absl::StrCat(kInsertFields, old_people.empty() ? "" : kOrReplaceField),
                             txn.tenant(), db::UuidArray(people), db::Int8Array(fields),
                             db::Int8Array(field_versions), db::ByteaArray(sealed),
                             keys.sealing_version())
                        .status());
  }
  if (!cleared_people.empty()) {
    RETURN_IF_ERROR(txn.Exec(kDeleteFields, txn.tenant(), db::UuidArray(cleared_people),
                             db::Int8Array(cleared_fields))
                        .status());
  }
  if (!retoken.empty()) {
    RETURN_IF_ERROR(txn.Exec(kDeleteTokens, txn.tenant(), db::UuidArray(retoken),
                             db::Int8Array(FieldTokenKinds()))
                        .status());
    ASSIGN_OR_RETURN(const auto now, ReadFields(txn, keys, retoken, TokenFields()));
    for (const auto& [person_id, values] : now) AddFieldTokens(keys, person_id, values, tokens);
  }
  return tokens.Insert(txn, /*fresh=*/old_people.empty());
}

absl::Status InsertPeople(db::Transaction& txn, const std::vector<NewPerson>& people,
                          absl::Time now) {
  std::vector<std::string> ids;
  std::vector<int64_t> states;
  std::vector<int64_t> types;
  for (const NewPerson& person : people) {
    ids.push_back(person.person_id);
    states.push_back(person.state);
    types.push_back(person.workforce_type);
  }
  return txn
      .Exec(kInsertPeople, txn.tenant(), db::UuidArray(ids), db::Int8Array(states),
            db::Int8Array(types), now)
      .status();
}

absl::StatusOr<std::vector<Slice>> ReadSlices(db::Transaction& txn, const TenantKeys& keys,
                                              const std::vector<std::string>& person_ids,
                                              std::optional<absl::CivilDay> day,
                                              std::optional<absl::Time> known_at) {
  std::optional<std::string> day_text;
  if (day) day_text = civil::FormatDay(*day);
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kSliceColumns, kSlicesOfPeople), txn.tenant(),
                            db::UuidArray(person_ids), known_at, day_text));
  return ReadSliceRows(keys, rows);
}

absl::Status WriteStatements(db::Transaction& txn, const TenantKeys& keys,
                             const std::vector<Statement>& statements, absl::CivilDay today,
                             absl::Time now) {
  RETURN_IF_ERROR(LockTokens(txn));
  std::map<std::string, std::vector<Slice>> known;  // by employment
  std::vector<std::string> old_employments;
  for (const Statement& statement : statements) {
    if (!statement.is_new) old_employments.push_back(statement.employment.employment_id());
  }
  if (!old_employments.empty()) {
    ASSIGN_OR_RETURN(const pqxx::result rows,
                     txn.Exec(absl::StrCat(kSliceColumns, kSlicesOfEmployments), txn.tenant(),
                              db::UuidArray(old_employments)));
    ASSIGN_OR_RETURN(const std::vector<Slice> slices, ReadSliceRows(keys, rows));
    for (const Slice& slice : slices) known[slice.employment.employment_id()].push_back(slice);
  }
  std::vector<std::string> close;
  std::set<std::string> old_people;
  std::set<std::string> judge;  // whose state may change
  for (const Statement& statement : statements) {
    Slice said;
    said.person_id = statement.person_id;
    said.employment = statement.employment;
    said.from = statement.from;
    said.source = statement.source;
    said.source_version = statement.source_version;
    const std::string& employment_id = statement.employment.employment_id();
    std::vector<Slice>& slices = known[employment_id];
    const Settled settled = Settle(slices, said);
    if (settled.outdated) continue;
    if (!statement.is_new) old_people.insert(statement.person_id);
    if (!statement.new_person || said.employment.state() == v1::EMPLOYMENT_STATE_ENDED) {
      judge.insert(statement.person_id);
    }
    for (const std::string& slice_id : settled.close) {
      // One that this very call opened has a number instead of an id, and was never stored.
      if (ids::IsUuid(slice_id)) close.push_back(slice_id);
      slices.erase(std::find_if(slices.begin(), slices.end(),
                                [&](const Slice& slice) { return slice.slice_id == slice_id; }));
    }
    for (Slice slice : settled.open) {
      slice.slice_id = absl::StrCat("new", slices.size(), "/", civil::FormatDay(slice.from));
      slices.push_back(std::move(slice));
    }
  }
  std::vector<Slice> insert;
  for (auto& [employment_id, slices] : known) {
    for (Slice& slice : slices) {
      if (!ids::IsUuid(slice.slice_id)) insert.push_back(slice);
    }
  }
  if (!close.empty()) {
    RETURN_IF_ERROR(txn.Exec(kCloseSlices, txn.tenant(), db::UuidArray(close), now).status());
  }
  RETURN_IF_ERROR(InsertSlices(txn, keys, insert, now));
  Tokens tokens;
  for (const Slice& slice : insert) {
    if (!old_people.contains(slice.person_id)) AddNumberTokens(keys, slice, tokens);
  }
  std::vector<std::string> changed(old_people.begin(), old_people.end());
  if (!changed.empty()) {
    RETURN_IF_ERROR(RetokenNumbers(txn, keys, changed, now, tokens));
  }
  const bool fresh = std::all_of(statements.begin(), statements.end(),
                                 [](const Statement& one) { return one.new_person; });
  RETURN_IF_ERROR(tokens.Insert(txn, fresh));
  if (judge.empty()) return absl::OkStatus();
  return JudgeStates(txn, {judge.begin(), judge.end()}, today, now);
}

absl::Status GiveBackEmployments(db::Transaction& txn, const TenantKeys& keys,
                                 const std::string& kept_id, const std::string& merged_id,
                                 absl::Time merged_at, absl::CivilDay today, absl::Time now) {
  RETURN_IF_ERROR(LockTokens(txn));
  ASSIGN_OR_RETURN(const std::vector<std::string> same, SamePeople(txn, {merged_id}));
  ASSIGN_OR_RETURN(const pqxx::result theirs, txn.Exec(kEmploymentsToGiveBack, txn.tenant(),
                                                       kept_id, db::UuidArray(same), merged_at));
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kSliceColumns, kSlicesOfPersonsEmployments), txn.tenant(),
                            db::UuidArray(Ids(theirs)), kept_id));
  ASSIGN_OR_RETURN(std::vector<Slice> slices, ReadSliceRows(keys, rows));
  std::vector<std::string> close;
  for (Slice& slice : slices) {
    close.push_back(slice.slice_id);
    slice.person_id = merged_id;
  }
  RETURN_IF_ERROR(txn.Exec(kCloseSlices, txn.tenant(), db::UuidArray(close), now).status());
  RETURN_IF_ERROR(InsertSlices(txn, keys, slices, now));
  Tokens tokens;
  RETURN_IF_ERROR(RetokenNumbers(txn, keys, {kept_id, merged_id}, now, tokens));
  RETURN_IF_ERROR(tokens.Insert(txn));
  return JudgeStates(txn, {kept_id, merged_id}, today, now);
}

absl::StatusOr<std::vector<std::string>> StaffOf(db::Transaction& txn,
                                                 const std::vector<std::string>& manager_ids,
                                                 absl::CivilDay day) {
  ASSIGN_OR_RETURN(
      const pqxx::result rows,
      txn.Exec(kStaffOf, txn.tenant(), db::UuidArray(manager_ids), civil::FormatDay(day)));
  return Ids(rows);
}

db::ByteaArray LiveTokens(const TenantKeys& keys, TokenKind kind, absl::string_view normalised) {
  std::vector<std::string> tokens;
  for (TenantKeys::IndexToken& one : keys.IndexTokens(kind, normalised)) {
    tokens.push_back(std::move(one.token));
  }
  return db::ByteaArray(tokens);
}

absl::Status Retoken(db::Transaction& txn, const TenantKeys& keys,
                     const std::vector<std::string>& person_ids, absl::Time now) {
  Tokens tokens;
  tokens.only_version = keys.index_version();
  ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, person_ids, TokenFields()));
  for (const auto& [person_id, values] : fields) AddFieldTokens(keys, person_id, values, tokens);
  ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                   ReadSlices(txn, keys, person_ids, std::nullopt, now));
  for (const Slice& slice : slices) AddNumberTokens(keys, slice, tokens);
  RETURN_IF_ERROR(tokens.Insert(txn));
  return txn.Exec(kDropOrphanTokens, txn.tenant(), db::UuidArray(person_ids), keys.index_version())
      .status();
}

absl::StatusOr<std::vector<std::string>> FindByToken(db::Transaction& txn, const TenantKeys& keys,
                                                     TokenKind kind, absl::string_view normalised,
                                                     absl::CivilDay day, int limit) {
  if (normalised.empty()) return std::vector<std::string>();
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kFindByToken, txn.tenant(), static_cast<int>(kind),
                            LiveTokens(keys, kind, normalised), civil::FormatDay(day), limit));
  return Ids(rows);
}

absl::StatusOr<std::map<std::string, std::vector<std::string>>> FindEachByToken(
    db::Transaction& txn, const TenantKeys& keys, TokenKind kind,
    const std::vector<std::string>& normalised, absl::CivilDay day) {
  std::vector<int64_t> places;
  std::vector<std::string> tokens;
  for (size_t i = 0; i < normalised.size(); ++i) {
    if (normalised[i].empty()) continue;
    for (TenantKeys::IndexToken& one : keys.IndexTokens(kind, normalised[i])) {
      places.push_back(static_cast<int64_t>(i));
      tokens.push_back(std::move(one.token));
    }
  }
  std::map<std::string, std::vector<std::string>> found;
  if (tokens.empty()) return found;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kFindEachByToken, txn.tenant(), static_cast<int>(kind),
                            db::Int8Array(places), db::ByteaArray(tokens), civil::FormatDay(day)));
  for (const pqxx::row& row : rows) {
    found[normalised[static_cast<size_t>(db::Int(row[0]))]].push_back(db::Text(row[1]));
  }
  return found;
}

absl::Status QueueDuplicates(db::Transaction& txn, const std::vector<std::string>& person_ids,
                             absl::Time now) {
  if (person_ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kFindPairs, txn.tenant(), db::UuidArray(person_ids)));
  if (rows.empty()) return absl::OkStatus();
  std::vector<std::string> ids, first, second;
  std::vector<int64_t> reasons;
  for (const pqxx::row& row : rows) {
    first.push_back(db::Text(row[0]));
    second.push_back(db::Text(row[1]));
    ids.push_back(ids::DeriveUuid(first.back(), second.back()));
    switch (static_cast<TokenKind>(db::Int(row[2]))) {
      case TokenKind::kNhsNumber:
        reasons.push_back(1);
        break;
      case TokenKind::kEmployeeNumber:
        reasons.push_back(3);
        break;
      case TokenKind::kEmail:
        reasons.push_back(4);
        break;
      default:
        reasons.push_back(2);
    }
  }
  return txn
      .Exec(kInsertPairs, txn.tenant(), db::UuidArray(ids), db::UuidArray(first),
            db::UuidArray(second), db::Int8Array(reasons), now)
      .status();
}

absl::Status SetPersonState(db::Transaction& txn, const std::string& person_id,
                            v1::PersonState state, absl::Time now,
                            const std::string& transferred_to) {
  return txn.Exec(kSetState, txn.tenant(), person_id, static_cast<int>(state), now, transferred_to)
      .status();
}

absl::Status NamePerson(db::Transaction& txn, const std::string& person_id, v1::WorkforceType type,
                        absl::Time now) {
  return txn.Exec(kNamePerson, txn.tenant(), person_id, static_cast<int>(type), now).status();
}

absl::StatusOr<int64_t> RefreshStates(db::Transaction& txn, absl::CivilDay today, absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kRefreshStates, txn.tenant(), civil::FormatDay(today), now));
  return static_cast<int64_t>(rows.affected_rows());
}

absl::StatusOr<std::vector<std::string>> PeopleAfter(db::Transaction& txn, absl::string_view after,
                                                     int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPeopleAfter, txn.tenant(), after, limit));
  return Ids(rows);
}

absl::StatusOr<std::vector<std::string>> WorkingAfter(db::Transaction& txn, absl::CivilDay day,
                                                      absl::string_view after, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kWorkingAfter, txn.tenant(), civil::FormatDay(day), after, limit));
  return Ids(rows);
}

absl::Status RaiseChoices(db::Transaction& txn, const std::string& person_id, absl::Time now) {
  return txn.Exec(kRaiseChoices, txn.tenant(), person_id, now).status();
}

absl::Status TouchPeople(db::Transaction& txn, const std::vector<std::string>& person_ids,
                         absl::Time now) {
  return txn.Exec(kTouch, txn.tenant(), db::UuidArray(person_ids), now).status();
}

}  // namespace waymark::workforce
