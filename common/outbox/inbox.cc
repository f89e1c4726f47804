#include "common/outbox/inbox.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace waymark::outbox {
namespace {

constexpr char kLock[] =
    "SELECT contiguous, highest, gap_since IS NOT NULL FROM inbox"
    " WHERE tenant = $1 AND source = $2 FOR UPDATE";

constexpr char kFirst[] =
    "INSERT INTO inbox (tenant, source) VALUES ($1, $2) ON CONFLICT (tenant, source) DO NOTHING";

constexpr char kArrive[] =
    "INSERT INTO inbox_arrival (tenant, source, number, event_id, arrived_at)"
    " SELECT $1::text, $2::text, a.number, a.event_id, $5::timestamptz"
    " FROM unnest($3::bigint[], $4::uuid[]) AS a(number, event_id)"
    " ON CONFLICT (tenant, source, number) DO NOTHING RETURNING number";

constexpr char kKnown[] =
    "SELECT number, event_id FROM inbox_arrival"
    " WHERE tenant = $1 AND source = $2 AND number = ANY ($3::bigint[])";

constexpr char kReplace[] =
    "UPDATE inbox_arrival i SET event_id = a.event_id, arrived_at = $5::timestamptz"
    " FROM unnest($3::bigint[], $4::uuid[]) AS a(number, event_id)"
    " WHERE i.tenant = $1 AND i.source = $2 AND i.number = a.number";

// Numbers that follow $3 without a hole keep the same distance from their rank.
constexpr char kContiguous[] =
    "SELECT max(number) FROM (SELECT number, number - row_number() OVER (ORDER BY number) AS island"
    " FROM inbox_arrival WHERE tenant = $1 AND source = $2 AND number > $3) a WHERE island = $3";

constexpr char kSave[] =
    "UPDATE inbox SET contiguous = $3, highest = $4,"
    " gap_since = CASE WHEN $4::bigint > $3::bigint THEN coalesce(gap_since, $5::timestamptz) END,"
    " stepped_back_at = CASE WHEN $6::bigint IS NULL THEN stepped_back_at ELSE $5::timestamptz END,"
    " stepped_back_number = coalesce($6::bigint, stepped_back_number)"
    " WHERE tenant = $1 AND source = $2";

constexpr char kStates[] =
    "SELECT source, contiguous, highest, gap_since, stepped_back_at, stepped_back_number"
    " FROM inbox WHERE tenant = $1 ORDER BY source";

// Walks the arrivals, not the numbers: a step to a far number must not enumerate what lies between.
constexpr char kHoles[] =
    "SELECT hole_from, hole_to FROM (SELECT"
    " lag(number, 1, i.contiguous) OVER (ORDER BY number) + 1 AS hole_from, number - 1 AS hole_to"
    " FROM inbox_arrival a JOIN inbox i ON i.tenant = a.tenant AND i.source = a.source"
    " WHERE a.tenant = $1 AND a.source = $2 AND a.number > i.contiguous) h"
    " WHERE hole_to >= hole_from ORDER BY hole_from LIMIT $3";

constexpr char kPurge[] =
    "DELETE FROM inbox_arrival a USING inbox i"
    " WHERE a.tenant = $1 AND i.tenant = $1 AND i.source = a.source"
    " AND a.number <= i.contiguous AND a.arrived_at < $2::timestamptz";

void Count(const char* name, const char* help, const std::string& source) {
  metrics::Default().GetCounter(name, help, {{"source", source}}).Increment();
}

}  // namespace

absl::StatusOr<Accepted> Accept(db::Transaction& txn, absl::string_view source,
                                const std::vector<Arrival>& arrivals, absl::Time now) {
  Accepted accepted;
  const std::string from(source);
  ASSIGN_OR_RETURN(pqxx::result rows, txn.Exec(kLock, txn.tenant(), from));
  if (rows.empty()) {
    RETURN_IF_ERROR(txn.Exec(kFirst, txn.tenant(), from).status());
    ASSIGN_OR_RETURN(rows, txn.Exec(kLock, txn.tenant(), from));
  }
  accepted.contiguous = db::Int(rows[0][0]);
  accepted.highest = db::Int(rows[0][1]);
  const bool had_gap = db::Bool(rows[0][2]);
  if (arrivals.empty()) return accepted;

  std::vector<int64_t> numbers;
  std::vector<std::string> event_ids;
  absl::flat_hash_set<int64_t> distinct;
  for (const Arrival& arrival : arrivals) {
    if (arrival.number < 1 || !distinct.insert(arrival.number).second) {
      return status::InvalidArgument("NUMBER_MALFORMED",
                                     "Numbers start at 1 and come once in a batch.");
    }
    numbers.push_back(arrival.number);
    event_ids.push_back(arrival.event_id);
  }
  const int64_t before = accepted.contiguous;

  ASSIGN_OR_RETURN(
      const pqxx::result inserted,
      txn.Exec(kArrive, txn.tenant(), from, db::Int8Array(numbers), db::UuidArray(event_ids), now));
  accepted.is_new.assign(arrivals.size(), true);
  std::optional<int64_t>& stepped_back = accepted.stepped_back;
  const auto step_back = [&](int64_t number) {
    stepped_back = stepped_back ? std::min(*stepped_back, number) : number;
  };
  if (inserted.size() < arrivals.size()) {
    absl::flat_hash_set<int64_t> fresh;
    for (const pqxx::row& row : inserted) fresh.insert(db::Int(row[0]));
    ASSIGN_OR_RETURN(const pqxx::result known,
                     txn.Exec(kKnown, txn.tenant(), from, db::Int8Array(numbers)));
    absl::flat_hash_map<int64_t, std::string> events;
    for (const pqxx::row& row : known) events[db::Int(row[0])] = db::Text(row[1]);
    std::vector<int64_t> replaced_numbers;
    std::vector<std::string> replaced_events;
    for (size_t i = 0; i < arrivals.size(); ++i) {
      if (fresh.contains(numbers[i])) continue;
      accepted.is_new[i] = events[numbers[i]] != event_ids[i];
      if (!accepted.is_new[i]) continue;
      step_back(numbers[i]);
      replaced_numbers.push_back(numbers[i]);
      replaced_events.push_back(event_ids[i]);
    }
    if (!replaced_numbers.empty()) {
      RETURN_IF_ERROR(txn.Exec(kReplace, txn.tenant(), from, db::Int8Array(replaced_numbers),
                               db::UuidArray(replaced_events), now)
                          .status());
    }
    // New under a number that had been accepted so long ago that its event is forgotten.
    for (int64_t number : fresh) {
      if (number <= before) step_back(number);
    }
  } else {
    for (int64_t number : numbers) {
      if (number <= before) step_back(number);
    }
  }

  accepted.highest = std::max(accepted.highest, *std::max_element(numbers.begin(), numbers.end()));
  if (distinct.contains(before + 1)) {
    ASSIGN_OR_RETURN(const pqxx::row end, txn.ExecRow(kContiguous, txn.tenant(), from, before));
    accepted.contiguous = db::Optional<int64_t>(end[0]).value_or(before);
  }
  RETURN_IF_ERROR(
      txn.Exec(kSave, txn.tenant(), from, accepted.contiguous, accepted.highest, now, stepped_back)
          .status());

  if (accepted.has_gap() && !had_gap) {
    txn.OnCommit([from, contiguous = accepted.contiguous, highest = accepted.highest] {
      Count("waymark_inbox_gaps_total", "Gaps that opened in what a source sent", from);
      log::Error("gap in what a source sent",
                 {{"source", from}, {"contiguous", contiguous}, {"highest", highest}});
    });
  }
  if (stepped_back) {
    txn.OnCommit([from, number = *stepped_back] {
      Count("waymark_inbox_step_backs_total", "Times a source used a number again", from);
      log::Error("source stepped back: it was restored from a backup",
                 {{"source", from}, {"number", number}});
    });
  }
  return accepted;
}

absl::StatusOr<std::vector<InboxState>> InboxStates(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kStates, txn.tenant()));
  std::vector<InboxState> states;
  for (const pqxx::row& row : rows) {
    states.push_back({.source = db::Text(row[0]),
                      .contiguous = db::Int(row[1]),
                      .highest = db::Int(row[2]),
                      .gap_since = db::Optional<absl::Time>(row[3]),
                      .stepped_back_at = db::Optional<absl::Time>(row[4]),
                      .stepped_back_number = db::Optional<int64_t>(row[5])});
  }
  return states;
}

absl::StatusOr<std::vector<int64_t>> MissingNumbers(db::Transaction& txn, absl::string_view source,
                                                    int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kHoles, txn.tenant(), source, limit));
  std::vector<int64_t> missing;
  for (const pqxx::row& row : rows) {
    const int64_t last = db::Int(row[1]);
    for (int64_t number = db::Int(row[0]); number <= last; ++number) {
      if (static_cast<int>(missing.size()) >= limit) return missing;
      missing.push_back(number);
    }
  }
  return missing;
}

absl::StatusOr<int64_t> PurgeArrivals(db::Transaction& txn, absl::Time before) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPurge, txn.tenant(), before));
  return static_cast<int64_t>(rows.affected_rows());
}

}  // namespace waymark::outbox
