// Fitness statements, proposals, releases and the webhook in PostgreSQL. SQL only; the rules are in
// statement.h.
#ifndef WAYMARK_SERVICES_WORKFORCE_FITNESS_STORE_H_
#define WAYMARK_SERVICES_WORKFORCE_FITNESS_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/workforce/fitness/statement.h"
#include "services/workforce/vault/vault.h"
#include "waymark/workforce/v1/fitness_kept.pb.h"
#include "waymark/workforce/v1/fitness_service.pb.h"

namespace waymark::workforce {

// A statement and the person whose row it is, who may have been merged into another since.
struct StoredStatement {
  std::string person_id;
  v1::FitnessStatement statement;
};

// STATEMENT_UNKNOWN when there is none. The row stays locked for the transaction when `lock`.
absl::StatusOr<StoredStatement> ReadStatement(db::Transaction& txn, const TenantKeys& keys,
                                              absl::string_view statement_id, bool lock);
// Those of one person and of who was merged into them, newest first.
absl::StatusOr<std::vector<StoredStatement>> StatementsOf(db::Transaction& txn,
                                                          const TenantKeys& keys,
                                                          absl::string_view person_id, int limit);
// Those that stand, newest first: one, or one more of each who was merged into the person.
absl::StatusOr<std::vector<StoredStatement>> StandingOf(db::Transaction& txn,
                                                        const TenantKeys& keys,
                                                        absl::string_view person_id);
// Inserts, or replaces the one of the same id.
absl::Status WriteStatement(db::Transaction& txn, const TenantKeys& keys,
                            const StoredStatement& stored);

// Statements that stand, in order of person, after `after`: of `among` and who was merged into them
// when it is set.
absl::StatusOr<std::vector<StoredStatement>> StandingAfter(
    db::Transaction& txn, const TenantKeys& keys, absl::string_view after,
    const std::optional<std::vector<std::string>>& among, int limit);
// Open statements whose last day lies before `today`, locked; rows that others lock are left to
// them.
absl::StatusOr<std::vector<StoredStatement>> PastTheirLastDay(db::Transaction& txn,
                                                              const TenantKeys& keys,
                                                              absl::CivilDay today, int limit);

// Gives the release the next number of the force; whoever releases next waits for our commit, so
// that a reader who goes on from a number misses none.
absl::Status AppendRelease(db::Transaction& txn, const TenantKeys& keys,
                           absl::string_view person_id, absl::string_view statement_id,
                           v1::FitnessRelease& release);
struct StoredRelease {
  std::string person_id;
  v1::FitnessRelease release;
};
// After `sequence`, oldest first.
absl::StatusOr<std::vector<StoredRelease>> ReleasesAfter(db::Transaction& txn,
                                                         const TenantKeys& keys, int64_t sequence,
                                                         int limit);
absl::StatusOr<int64_t> LastSequence(db::Transaction& txn);

// A standing consent to give fitness to the employer `recipient`.
absl::StatusOr<Consent> EmployerConsent(db::Transaction& txn, absl::string_view person_id,
                                        absl::string_view recipient, absl::Time now);

struct StoredProposal {
  std::string proposal_id;
  std::string person_id;
  absl::Time proposed;
  absl::Time due;
  v1::FitnessProposal proposal;
};
absl::Status AddProposal(db::Transaction& txn, const TenantKeys& keys,
                         const StoredProposal& proposal);
// Open and locked; PROPOSAL_UNKNOWN.
absl::StatusOr<StoredProposal> LockProposal(db::Transaction& txn, const TenantKeys& keys,
                                            absl::string_view proposal_id);
absl::Status CloseProposal(db::Transaction& txn, absl::string_view proposal_id, absl::Time now);

// What a death ends, of the person and of who was merged into them; ids and versions of what was
// open until now.
struct Closed {
  std::string id;
  int64_t version = 0;
};
absl::StatusOr<std::vector<Closed>> EndStatements(db::Transaction& txn, absl::string_view person_id,
                                                  absl::Time now);
absl::StatusOr<std::vector<Closed>> CloseProposals(db::Transaction& txn,
                                                   absl::string_view person_id, absl::Time now);
// What waits to be sent again to the employer is not sent, and no longer anybody's task.
absl::Status DropDeadLetters(db::Transaction& txn, absl::string_view person_id);

// Everything on these people, oldest first.
absl::StatusOr<std::vector<StoredStatement>> EveryStatementOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);
absl::StatusOr<std::vector<StoredRelease>> EveryReleaseOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);
absl::StatusOr<std::vector<StoredProposal>> EveryProposalOn(
    db::Transaction& txn, const TenantKeys& keys, const std::vector<std::string>& person_ids);

// What waits for a person of occupational health at `now`: reviews from `review_by` back. Soonest
// due first.
struct WaitingTask {
  v1::FitnessTask task;
  std::string person_id;
};
absl::StatusOr<std::vector<WaitingTask>> WaitingTasks(db::Transaction& txn, const TenantKeys& keys,
                                                      absl::Time now, absl::CivilDay review_by,
                                                      int limit);

// The webhook.
struct Delivery {
  int64_t delivered_sequence = 0;
  std::optional<absl::Time> delivered;
  int failed_attempts = 0;
  std::optional<absl::Time> first_failed;
  int last_answer = 0;
  v1::FitnessWebhook webhook;
};
absl::StatusOr<std::optional<Delivery>> ReadWebhook(db::Transaction& txn, const TenantKeys& keys,
                                                    bool lock);
// A new one begins after `delivered_sequence`; one that is there keeps its place. Tried at once.
absl::Status PutWebhook(db::Transaction& txn, const TenantKeys& keys,
                        const v1::FitnessWebhook& webhook, int64_t delivered_sequence,
                        absl::Time real_now);
// And what it could not deliver.
absl::Status DeleteWebhook(db::Transaction& txn);

// What the webhook is to be told next, and keeps other processes from it until `lease_until`.
struct Letter {
  Delivery delivery;
  v1::FitnessRelease release;
  std::string person_id;
  // The person has died: nothing is sent.
  bool stopped = false;
  // Sent again because somebody asked; not the head of the line.
  bool again = false;
};
absl::StatusOr<std::optional<Letter>> LeaseLetter(db::Transaction& txn, const TenantKeys& keys,
                                                  absl::Time real_now, absl::Time lease_until);
// What came of it. None of these changes anything when the webhook was put anew meanwhile and has
// gone on from another place.
absl::Status LetterTaken(db::Transaction& txn, const Letter& letter, absl::Time real_now);
absl::Status LetterFailed(db::Transaction& txn, const Letter& letter, int answer,
                          absl::Time real_now, absl::Time next_attempt);
// Goes on with the next; this one waits for a person.
absl::Status LetterGivenUp(db::Transaction& txn, const Letter& letter, int answer,
                           absl::Time real_now);

absl::StatusOr<std::vector<int64_t>> DeadLetters(db::Transaction& txn, int limit);
// Returns how many will be sent again.
absl::StatusOr<int> ResendDeadLetters(db::Transaction& txn, absl::Time real_now);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FITNESS_STORE_H_
