#include "services/workforce/fitness/store.h"

#include <pqxx/result>

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "common/db/fields.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {
namespace {

using casework::ToTimestamp;

// A person and all who were merged into them, however long ago.
constexpr char kSamePerson[] =
    "WITH RECURSIVE same (id) AS (SELECT $2::uuid UNION SELECT p.person_id FROM person AS p"
    " JOIN same ON p.tenant = $1 AND p.merged_into = same.id) ";
#define WAYMARK_STATEMENT_COLUMNS                                                              \
  "statement_id, person_id, version, state, coalesce(ended_at, 'epoch'), key_version, sealed " \
  "FROM fitness_statement "
constexpr char kReadStatement[] =
    "SELECT " WAYMARK_STATEMENT_COLUMNS "WHERE tenant = $1 AND statement_id = $2";
constexpr char kStatementsOf[] = "SELECT " WAYMARK_STATEMENT_COLUMNS
                                 "WHERE tenant = $1 AND person_id IN (SELECT id FROM same)"
                                 " ORDER BY issued_at DESC, statement_id DESC LIMIT $3";
constexpr char kStandingOf[] =
    "SELECT " WAYMARK_STATEMENT_COLUMNS
    "WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND state = 3"
    " ORDER BY issued_at DESC";
constexpr char kWriteStatement[] =
    "INSERT INTO fitness_statement (tenant, statement_id, person_id, version, state, issued_at,"
    " answer_due_at, review_on, until_on, ended_at, key_version, sealed)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    " ON CONFLICT (tenant, statement_id) DO UPDATE SET version = excluded.version,"
    " state = excluded.state, ended_at = excluded.ended_at, key_version = excluded.key_version,"
    " sealed = excluded.sealed";
constexpr char kStandingAfter[] =
    "SELECT " WAYMARK_STATEMENT_COLUMNS
    "WHERE tenant = $1 AND state = 3 AND person_id > $2::uuid AND ($3::uuid[] IS NULL"
    "  OR person_id = ANY ($3::uuid[])"
    "  OR person_id IN (SELECT person_id FROM person WHERE tenant = $1"
    "                   AND merged_into = ANY ($3::uuid[])))"
    " ORDER BY person_id LIMIT $4";
constexpr char kPastTheirLastDay[] = "SELECT " WAYMARK_STATEMENT_COLUMNS
                                     "WHERE tenant = $1 AND state <= 4 AND until_on < $2"
                                     " ORDER BY until_on LIMIT $3 FOR UPDATE SKIP LOCKED";

constexpr char kNextSequence[] =
    "INSERT INTO fitness_counter AS c (tenant, last_sequence) VALUES ($1, 1)"
    " ON CONFLICT (tenant) DO UPDATE SET last_sequence = c.last_sequence + 1"
    " RETURNING last_sequence";
constexpr char kLastSequence[] =
    "SELECT coalesce(max(last_sequence), 0) FROM fitness_counter WHERE tenant = $1";
constexpr char kAppendRelease[] =
    "INSERT INTO fitness_release (tenant, sequence, person_id, statement_id, kind, released_at,"
    " key_version, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr char kReleasesAfter[] =
    "SELECT sequence, person_id, key_version, sealed FROM fitness_release"
    " WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";

constexpr char kConsent[] =
    "SELECT coalesce(bool_or(withdrawn_at IS NULL OR withdrawn_at > $4), false), count(*)"
    " FROM consent WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND kind = $5"
    " AND recipient = $3 AND given_at <= $4";

constexpr char kAddProposal[] =
    "INSERT INTO fitness_proposal (tenant, proposal_id, person_id, proposed_at, due_at,"
    " key_version, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr char kLockProposal[] =
    "SELECT proposal_id, person_id, proposed_at, due_at, key_version, sealed FROM fitness_proposal"
    " WHERE tenant = $1 AND proposal_id = $2 AND closed_at IS NULL FOR UPDATE";
constexpr char kCloseProposal[] =
    "UPDATE fitness_proposal SET closed_at = $3 WHERE tenant = $1 AND proposal_id = $2";

// Behind kSamePerson.
constexpr char kEndStatements[] =
    "UPDATE fitness_statement SET state = 5, version = version + 1, ended_at = $3"
    " WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND state <= 4"
    " RETURNING statement_id, version";
constexpr char kCloseProposals[] =
    "UPDATE fitness_proposal SET closed_at = $3"
    " WHERE tenant = $1 AND person_id IN (SELECT id FROM same) AND closed_at IS NULL"
    " RETURNING proposal_id, 2";
constexpr char kDropDeadLetters[] =
    "DELETE FROM fitness_dead_letter AS d USING fitness_release AS r"
    " WHERE d.tenant = $1 AND r.tenant = d.tenant AND r.sequence = d.sequence"
    " AND r.person_id IN (SELECT id FROM same)";

constexpr char kEveryStatementOn[] =
    "SELECT " WAYMARK_STATEMENT_COLUMNS
    "WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY issued_at, statement_id";
constexpr char kEveryReleaseOn[] =
    "SELECT sequence, person_id, key_version, sealed FROM fitness_release"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY sequence";
constexpr char kEveryProposalOn[] =
    "SELECT proposal_id, person_id, proposed_at, due_at, key_version, sealed FROM fitness_proposal"
    " WHERE tenant = $1 AND person_id = ANY ($2::uuid[]) ORDER BY proposed_at, proposal_id";

// kind as FitnessTaskKind; a review is due at the start of its day.
constexpr char kWaitingTasks[] =
    "SELECT kind, due_at, person_id, statement_id, proposal_id, sequence, key_version, sealed"
    " FROM (SELECT 1 AS kind, due_at, person_id, NULL::uuid AS statement_id, proposal_id,"
    "   0::bigint AS sequence, key_version, sealed"
    "  FROM fitness_proposal WHERE tenant = $1 AND closed_at IS NULL"
    " UNION ALL SELECT CASE state WHEN 2 THEN 2 ELSE 3 END, answer_due_at, person_id,"
    "   statement_id, NULL, 0, key_version, sealed"
    "  FROM fitness_statement WHERE tenant = $1 AND (state = 2 OR (state = 1"
    "   AND answer_due_at < $2))"
    " UNION ALL SELECT 4, review_on::timestamp AT TIME ZONE 'Europe/London', person_id,"
    "   statement_id, NULL, 0, key_version, sealed"
    "  FROM fitness_statement WHERE tenant = $1 AND state = 3 AND review_on <= $3"
    " UNION ALL SELECT 5, d.given_up_at, r.person_id, NULL, NULL, d.sequence, 0, ''::bytea"
    "  FROM fitness_dead_letter AS d JOIN fitness_release AS r"
    "   ON r.tenant = d.tenant AND r.sequence = d.sequence"
    "  WHERE d.tenant = $1 AND d.resend_at IS NULL) AS waiting"
    " ORDER BY due_at, kind, coalesce(statement_id, proposal_id), sequence LIMIT $4";

constexpr char kReadWebhook[] =
    "SELECT delivered_sequence, delivered_at, failed_attempts, first_failed_at, last_answer,"
    " key_version, sealed FROM fitness_webhook WHERE tenant = $1";
constexpr char kPutWebhook[] =
    "INSERT INTO fitness_webhook AS w (tenant, delivered_sequence, failed_attempts, last_answer,"
    " next_attempt_at, key_version, sealed) VALUES ($1, $2, 0, 0, $3, $4, $5)"
    " ON CONFLICT (tenant) DO UPDATE SET failed_attempts = 0, first_failed_at = NULL,"
    " next_attempt_at = excluded.next_attempt_at, key_version = excluded.key_version,"
    " sealed = excluded.sealed";
constexpr char kDeleteWebhook[] = "DELETE FROM fitness_webhook WHERE tenant = $1";
constexpr char kDeleteDeadLetters[] = "DELETE FROM fitness_dead_letter WHERE tenant = $1";
constexpr char kLockDueWebhook[] =
    "SELECT delivered_sequence, delivered_at, failed_attempts, first_failed_at, last_answer,"
    " key_version, sealed FROM fitness_webhook WHERE tenant = $1 AND next_attempt_at <= $2"
    " FOR UPDATE SKIP LOCKED";
// What somebody asked for again comes before what is new: it is older.
constexpr char kNextLetter[] =
    "SELECT sequence, person_id, key_version, sealed, again FROM ("
    "  (SELECT r.sequence, r.person_id, r.key_version, r.sealed, true AS again"
    "   FROM fitness_dead_letter AS d JOIN fitness_release AS r"
    "    ON r.tenant = d.tenant AND r.sequence = d.sequence"
    "   WHERE d.tenant = $1 AND d.resend_at IS NOT NULL ORDER BY d.sequence LIMIT 1)"
    "  UNION ALL (SELECT sequence, person_id, key_version, sealed, false FROM fitness_release"
    "   WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT 1)) AS next"
    " ORDER BY again DESC LIMIT 1";
constexpr char kLease[] = "UPDATE fitness_webhook SET next_attempt_at = $2 WHERE tenant = $1";
constexpr char kDelivered[] =
    "UPDATE fitness_webhook SET delivered_sequence = $2, delivered_at = $4, failed_attempts = 0,"
    " first_failed_at = NULL, last_answer = 0, next_attempt_at = $4"
    " WHERE tenant = $1 AND delivered_sequence = $3";
constexpr char kFailed[] =
    "UPDATE fitness_webhook SET failed_attempts = failed_attempts + 1,"
    " first_failed_at = coalesce(first_failed_at, $3), last_answer = $4, next_attempt_at = $5"
    " WHERE tenant = $1 AND delivered_sequence = $2";
constexpr char kGivenUp[] =
    "UPDATE fitness_webhook SET delivered_sequence = $2, failed_attempts = 0,"
    " first_failed_at = NULL, last_answer = $5, next_attempt_at = $4"
    " WHERE tenant = $1 AND delivered_sequence = $3";
constexpr char kAddDeadLetter[] =
    "INSERT INTO fitness_dead_letter (tenant, sequence, given_up_at, attempts, last_answer)"
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, sequence) DO NOTHING";
constexpr char kDropDeadLetter[] =
    "DELETE FROM fitness_dead_letter WHERE tenant = $1 AND sequence = $2";
constexpr char kDeadAgain[] =
    "UPDATE fitness_dead_letter SET resend_at = NULL, attempts = attempts + 1, last_answer = $3"
    " WHERE tenant = $1 AND sequence = $2";
constexpr char kTriedAgain[] = "UPDATE fitness_webhook SET next_attempt_at = $2 WHERE tenant = $1";
constexpr char kDeadLetters[] =
    "SELECT sequence FROM fitness_dead_letter WHERE tenant = $1 ORDER BY sequence LIMIT $2";
constexpr char kResend[] =
    "UPDATE fitness_dead_letter SET resend_at = $2 WHERE tenant = $1 AND resend_at IS NULL";
constexpr char kWakeWebhook[] =
    "UPDATE fitness_webhook SET next_attempt_at = least(next_attempt_at, $2) WHERE tenant = $1";

template <typename M>
absl::StatusOr<M> OpenAs(const TenantKeys& keys, const std::string& binding,
                         const pqxx::field& key_version, const pqxx::field& sealed) {
  ASSIGN_OR_RETURN(
      const std::string bytes,
      keys.Open(binding, static_cast<int32_t>(db::Int(key_version)), db::Bytes(sealed)));
  M message;
  if (message.ParseFromString(bytes)) return message;
  return status::DataLoss("RECORD_UNREADABLE", "A stored fitness record cannot be read.");
}

std::string WebhookBinding(const TenantKeys& keys) { return keys.Binding("fitness_webhook", ""); }

std::optional<std::string> DayText(bool set, const casework::v1::CivilDate& date) {
  if (!set) return std::nullopt;
  return civil::FormatDay(casework::DayOf(date));
}

// Of the columns above.
absl::StatusOr<StoredStatement> ToStatement(const TenantKeys& keys, const pqxx::row& row) {
  StoredStatement stored;
  stored.person_id = db::Text(row[1]);
  ASSIGN_OR_RETURN(stored.statement,
                   OpenAs<v1::FitnessStatement>(
                       keys, keys.Binding("fitness_statement", db::Text(row[0])), row[5], row[6]));
  stored.statement.set_version(db::Int(row[2]));
  stored.statement.set_state(static_cast<v1::StatementState>(db::Int(row[3])));
  const absl::Time ended = db::Instant(row[4]);
  stored.statement.clear_ended_time();
  if (ended != absl::UnixEpoch()) *stored.statement.mutable_ended_time() = ToTimestamp(ended);
  return stored;
}

absl::StatusOr<std::vector<StoredStatement>> ToStatements(const TenantKeys& keys,
                                                          const pqxx::result& rows) {
  std::vector<StoredStatement> statements;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(statements.emplace_back(), ToStatement(keys, row));
  }
  return statements;
}

absl::StatusOr<v1::FitnessRelease> ToRelease(const TenantKeys& keys, const pqxx::field& sequence,
                                             const pqxx::field& key_version,
                                             const pqxx::field& sealed) {
  return OpenAs<v1::FitnessRelease>(keys, keys.Binding("fitness_release", db::Text(sequence)),
                                    key_version, sealed);
}

absl::StatusOr<std::vector<StoredRelease>> ToReleases(const TenantKeys& keys,
                                                      const pqxx::result& rows) {
  std::vector<StoredRelease> releases;
  for (const pqxx::row& row : rows) {
    StoredRelease& one = releases.emplace_back();
    one.person_id = db::Text(row[1]);
    ASSIGN_OR_RETURN(one.release, ToRelease(keys, row[0], row[2], row[3]));
  }
  return releases;
}

absl::StatusOr<StoredProposal> ToProposal(const TenantKeys& keys, const pqxx::row& row) {
  StoredProposal proposal;
  proposal.proposal_id = db::Text(row[0]);
  proposal.person_id = db::Text(row[1]);
  proposal.proposed = db::Instant(row[2]);
  proposal.due = db::Instant(row[3]);
  ASSIGN_OR_RETURN(
      proposal.proposal,
      OpenAs<v1::FitnessProposal>(keys, keys.Binding("fitness_proposal", proposal.proposal_id),
                                  row[4], row[5]));
  return proposal;
}

absl::StatusOr<std::vector<Closed>> ToClosed(const absl::StatusOr<pqxx::result>& rows) {
  RETURN_IF_ERROR(rows.status());
  std::vector<Closed> closed;
  for (const pqxx::row& row : *rows) closed.push_back({db::Text(row[0]), db::Int(row[1])});
  return closed;
}

absl::StatusOr<Delivery> ToDelivery(const TenantKeys& keys, const pqxx::row& row) {
  Delivery delivery;
  delivery.delivered_sequence = db::Int(row[0]);
  delivery.delivered = db::Optional<absl::Time>(row[1]);
  delivery.failed_attempts = static_cast<int>(db::Int(row[2]));
  delivery.first_failed = db::Optional<absl::Time>(row[3]);
  delivery.last_answer = static_cast<int>(db::Int(row[4]));
  ASSIGN_OR_RETURN(delivery.webhook,
                   OpenAs<v1::FitnessWebhook>(keys, WebhookBinding(keys), row[5], row[6]));
  return delivery;
}

}  // namespace

absl::StatusOr<StoredStatement> ReadStatement(db::Transaction& txn, const TenantKeys& keys,
                                              absl::string_view statement_id, bool lock) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kReadStatement, lock ? " FOR UPDATE" : ""), txn.tenant(),
                            statement_id));
  if (rows.empty()) {
    return status::NotFound("STATEMENT_UNKNOWN", "There is no such statement.");
  }
  return ToStatement(keys, rows[0]);
}

absl::StatusOr<std::vector<StoredStatement>> StatementsOf(db::Transaction& txn,
                                                          const TenantKeys& keys,
                                                          absl::string_view person_id, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(absl::StrCat(kSamePerson, kStatementsOf),
                                                     txn.tenant(), person_id, limit));
  return ToStatements(keys, rows);
}

absl::StatusOr<std::vector<StoredStatement>> StandingOf(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        absl::string_view person_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kSamePerson, kStandingOf), txn.tenant(), person_id));
  return ToStatements(keys, rows);
}

absl::Status WriteStatement(db::Transaction& txn, const TenantKeys& keys,
                            const StoredStatement& stored) {
  const v1::FitnessStatement& statement = stored.statement;
  const v1::Fitness& fitness = statement.fitness();
  const Sealed sealed = keys.Seal(keys.Binding("fitness_statement", fitness.statement_id()),
                                  statement.SerializeAsString());
  std::optional<absl::Time> ended;
  if (statement.has_ended_time()) ended = casework::FromTimestamp(statement.ended_time());
  return txn
      .Exec(kWriteStatement, txn.tenant(), fitness.statement_id(), stored.person_id,
            statement.version(), static_cast<int>(statement.state()),
            casework::FromTimestamp(statement.issued_time()),
            casework::FromTimestamp(statement.answer_due_time()),
            DayText(fitness.has_review_date(), fitness.review_date()),
            DayText(fitness.has_until_date(), fitness.until_date()), ended, sealed.key_version,
            db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::vector<StoredStatement>> StandingAfter(
    db::Transaction& txn, const TenantKeys& keys, absl::string_view after,
    const std::optional<std::vector<std::string>>& among, int limit) {
  std::optional<std::string> ids;
  if (among) ids = db::UuidArray(*among).text;
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kStandingAfter, txn.tenant(), after, ids, limit));
  return ToStatements(keys, rows);
}

absl::StatusOr<std::vector<StoredStatement>> PastTheirLastDay(db::Transaction& txn,
                                                              const TenantKeys& keys,
                                                              absl::CivilDay today, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kPastTheirLastDay, txn.tenant(), civil::FormatDay(today), limit));
  return ToStatements(keys, rows);
}

absl::Status AppendRelease(db::Transaction& txn, const TenantKeys& keys,
                           absl::string_view person_id, absl::string_view statement_id,
                           v1::FitnessRelease& release) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kNextSequence, txn.tenant()));
  release.set_sequence(db::Int(row[0]));
  const Sealed sealed = keys.Seal(keys.Binding("fitness_release", absl::StrCat(release.sequence())),
                                  release.SerializeAsString());
  return txn
      .Exec(kAppendRelease, txn.tenant(), release.sequence(), person_id, statement_id,
            static_cast<int>(release.kind()), casework::FromTimestamp(release.released_time()),
            sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<std::vector<StoredRelease>> ReleasesAfter(db::Transaction& txn,
                                                         const TenantKeys& keys, int64_t sequence,
                                                         int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kReleasesAfter, txn.tenant(), sequence, limit));
  return ToReleases(keys, rows);
}

absl::StatusOr<int64_t> LastSequence(db::Transaction& txn) {
  ASSIGN_OR_RETURN(const pqxx::row row, txn.ExecRow(kLastSequence, txn.tenant()));
  return db::Int(row[0]);
}

absl::StatusOr<Consent> EmployerConsent(db::Transaction& txn, absl::string_view person_id,
                                        absl::string_view recipient, absl::Time now) {
  ASSIGN_OR_RETURN(
      const pqxx::row row,
      txn.ExecRow(absl::StrCat(kSamePerson, kConsent), txn.tenant(), person_id, recipient, now,
                  static_cast<int>(v1::DISCLOSURE_KIND_FITNESS_TO_EMPLOYER)));
  if (db::Bool(row[0])) return Consent::kGiven;
  return db::Int(row[1]) > 0 ? Consent::kWithdrawn : Consent::kNone;
}

absl::Status AddProposal(db::Transaction& txn, const TenantKeys& keys,
                         const StoredProposal& proposal) {
  const Sealed sealed = keys.Seal(keys.Binding("fitness_proposal", proposal.proposal_id),
                                  proposal.proposal.SerializeAsString());
  return txn
      .Exec(kAddProposal, txn.tenant(), proposal.proposal_id, proposal.person_id, proposal.proposed,
            proposal.due, sealed.key_version, db::Bytea{sealed.bytes})
      .status();
}

absl::StatusOr<StoredProposal> LockProposal(db::Transaction& txn, const TenantKeys& keys,
                                            absl::string_view proposal_id) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kLockProposal, txn.tenant(), proposal_id));
  if (rows.empty()) {
    return status::NotFound("PROPOSAL_UNKNOWN", "There is no such proposal, or it is dealt with.");
  }
  return ToProposal(keys, rows[0]);
}

absl::Status CloseProposal(db::Transaction& txn, absl::string_view proposal_id, absl::Time now) {
  return txn.Exec(kCloseProposal, txn.tenant(), proposal_id, now).status();
}

absl::StatusOr<std::vector<Closed>> EndStatements(db::Transaction& txn, absl::string_view person_id,
                                                  absl::Time now) {
  return ToClosed(
      txn.Exec(absl::StrCat(kSamePerson, kEndStatements), txn.tenant(), person_id, now));
}

absl::StatusOr<std::vector<Closed>> CloseProposals(db::Transaction& txn,
                                                   absl::string_view person_id, absl::Time now) {
  return ToClosed(
      txn.Exec(absl::StrCat(kSamePerson, kCloseProposals), txn.tenant(), person_id, now));
}

absl::Status DropDeadLetters(db::Transaction& txn, absl::string_view person_id) {
  return txn.Exec(absl::StrCat(kSamePerson, kDropDeadLetters), txn.tenant(), person_id).status();
}

absl::StatusOr<std::vector<StoredStatement>> EveryStatementOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kEveryStatementOn, txn.tenant(), db::UuidArray(person_ids)));
  return ToStatements(keys, rows);
}

absl::StatusOr<std::vector<StoredRelease>> EveryReleaseOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kEveryReleaseOn, txn.tenant(), db::UuidArray(person_ids)));
  return ToReleases(keys, rows);
}

absl::StatusOr<std::vector<StoredProposal>> EveryProposalOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kEveryProposalOn, txn.tenant(), db::UuidArray(person_ids)));
  std::vector<StoredProposal> proposals;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(proposals.emplace_back(), ToProposal(keys, row));
  }
  return proposals;
}

absl::StatusOr<std::vector<WaitingTask>> WaitingTasks(db::Transaction& txn, const TenantKeys& keys,
                                                      absl::Time now, absl::CivilDay review_by,
                                                      int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kWaitingTasks, txn.tenant(), now, civil::FormatDay(review_by), limit));
  std::vector<WaitingTask> tasks;
  for (const pqxx::row& row : rows) {
    WaitingTask& one = tasks.emplace_back();
    one.task.set_kind(static_cast<v1::FitnessTaskKind>(db::Int(row[0])));
    *one.task.mutable_due_time() = ToTimestamp(db::Instant(row[1]));
    one.person_id = db::Text(row[2]);
    one.task.set_statement_id(db::Optional<std::string>(row[3]).value_or(""));
    one.task.set_proposal_id(db::Optional<std::string>(row[4]).value_or(""));
    one.task.set_sequence(db::Int(row[5]));
    if (one.task.kind() == v1::FITNESS_TASK_KIND_NOT_DELIVERED) continue;
    one.task.set_subject_id(one.person_id);
    if (one.task.kind() == v1::FITNESS_TASK_KIND_PROPOSED) {
      ASSIGN_OR_RETURN(
          const v1::FitnessProposal proposal,
          OpenAs<v1::FitnessProposal>(
              keys, keys.Binding("fitness_proposal", one.task.proposal_id()), row[6], row[7]));
      one.task.set_case_id(proposal.case_id());
      one.task.set_proposed_code(proposal.code());
    } else {
      ASSIGN_OR_RETURN(
          const v1::FitnessStatement statement,
          OpenAs<v1::FitnessStatement>(
              keys, keys.Binding("fitness_statement", one.task.statement_id()), row[6], row[7]));
      one.task.set_case_id(statement.case_id());
    }
  }
  return tasks;
}

absl::StatusOr<std::optional<Delivery>> ReadWebhook(db::Transaction& txn, const TenantKeys& keys,
                                                    bool lock) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(absl::StrCat(kReadWebhook, lock ? " FOR UPDATE" : ""), txn.tenant()));
  if (rows.empty()) return std::nullopt;
  return ToDelivery(keys, rows[0]);
}

absl::Status PutWebhook(db::Transaction& txn, const TenantKeys& keys,
                        const v1::FitnessWebhook& webhook, int64_t delivered_sequence,
                        absl::Time real_now) {
  const Sealed sealed = keys.Seal(WebhookBinding(keys), webhook.SerializeAsString());
  return txn
      .Exec(kPutWebhook, txn.tenant(), delivered_sequence, real_now, sealed.key_version,
            db::Bytea{sealed.bytes})
      .status();
}

absl::Status DeleteWebhook(db::Transaction& txn) {
  RETURN_IF_ERROR(txn.Exec(kDeleteDeadLetters, txn.tenant()).status());
  return txn.Exec(kDeleteWebhook, txn.tenant()).status();
}

absl::StatusOr<std::optional<Letter>> LeaseLetter(db::Transaction& txn, const TenantKeys& keys,
                                                  absl::Time real_now, absl::Time lease_until) {
  ASSIGN_OR_RETURN(const pqxx::result due, txn.Exec(kLockDueWebhook, txn.tenant(), real_now));
  if (due.empty()) return std::nullopt;
  Letter letter;
  ASSIGN_OR_RETURN(letter.delivery, ToDelivery(keys, due[0]));
  ASSIGN_OR_RETURN(const pqxx::result next,
                   txn.Exec(kNextLetter, txn.tenant(), letter.delivery.delivered_sequence));
  if (next.empty()) return std::nullopt;
  const pqxx::row row = next[0];
  letter.person_id = db::Text(row[1]);
  ASSIGN_OR_RETURN(letter.release, ToRelease(keys, row[0], row[2], row[3]));
  letter.again = db::Bool(row[4]);
  ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, {letter.person_id}));
  const auto person = shown.find(letter.person_id);
  if (person == shown.end()) {
    letter.stopped = true;
  } else {
    ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {person->second}));
    letter.stopped = rows.empty() || rows.begin()->second.state == v1::PERSON_STATE_DECEASED;
  }
  RETURN_IF_ERROR(txn.Exec(kLease, txn.tenant(), lease_until).status());
  return letter;
}

absl::Status LetterTaken(db::Transaction& txn, const Letter& letter, absl::Time real_now) {
  const int64_t sequence = letter.release.sequence();
  if (letter.again) {
    RETURN_IF_ERROR(txn.Exec(kDropDeadLetter, txn.tenant(), sequence).status());
    return txn.Exec(kTriedAgain, txn.tenant(), real_now).status();
  }
  return txn.Exec(kDelivered, txn.tenant(), sequence, letter.delivery.delivered_sequence, real_now)
      .status();
}

absl::Status LetterFailed(db::Transaction& txn, const Letter& letter, int answer,
                          absl::Time real_now, absl::Time next_attempt) {
  if (letter.again) {
    RETURN_IF_ERROR(txn.Exec(kDeadAgain, txn.tenant(), letter.release.sequence(), answer).status());
    return txn.Exec(kTriedAgain, txn.tenant(), real_now).status();
  }
  return txn
      .Exec(kFailed, txn.tenant(), letter.delivery.delivered_sequence, real_now, answer,
            next_attempt)
      .status();
}

absl::Status LetterGivenUp(db::Transaction& txn, const Letter& letter, int answer,
                           absl::Time real_now) {
  ASSIGN_OR_RETURN(const pqxx::result moved,
                   txn.Exec(kGivenUp, txn.tenant(), letter.release.sequence(),
                            letter.delivery.delivered_sequence, real_now, answer));
  if (moved.affected_rows() == 0) return absl::OkStatus();
  return txn
      .Exec(kAddDeadLetter, txn.tenant(), letter.release.sequence(), real_now,
            letter.delivery.failed_attempts + 1, answer)
      .status();
}

absl::StatusOr<std::vector<int64_t>> DeadLetters(db::Transaction& txn, int limit) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kDeadLetters, txn.tenant(), limit));
  std::vector<int64_t> sequences;
  for (const pqxx::row& row : rows) sequences.push_back(db::Int(row[0]));
  return sequences;
}

absl::StatusOr<int> ResendDeadLetters(db::Transaction& txn, absl::Time real_now) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kResend, txn.tenant(), real_now));
  RETURN_IF_ERROR(txn.Exec(kWakeWebhook, txn.tenant(), real_now).status());
  return static_cast<int>(rows.affected_rows());
}

}  // namespace waymark::workforce
