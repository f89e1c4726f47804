// The same request_id, the same answer: what makes a retry safe after any fault.
//
// A row (tenant, caller, method, request_id) is written in the transaction that does the work, with
// the digest of the request and the response, encrypted by the caller. A concurrent twin waits on
// the unique index until the first commits and then reads its response. A retry writes too, so that
// its acknowledgement is as durable as the first.
//
// Two forms. One statement, when the response is known before anything is written:
//   WITH <kOnceCte>, opened AS (INSERT INTO .. SELECT .. FROM once WHERE once.first_time)
//   SELECT once.* FROM once
// with AddOnce() for $1..$8 and ReadOnce() on its one row. Or step by step: ClaimOnce, the work,
// StoreOnce. FindOnce before either saves the work of a retry.
#ifndef WAYMARK_COMMON_DB_IDEMPOTENCY_H_
#define WAYMARK_COMMON_DB_IDEMPOTENCY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"

namespace waymark::db {

// Longer than the longest retry: an outbox keeps trying for as long as its rows live.
inline constexpr absl::Duration kOnceRetention = absl::Hours(24 * 35);

struct OnceKey {
  std::string caller;          // user id or service
  std::string method;          // full RPC name
  std::string request_id;      // UUID
  std::string request_sha256;  // 32 raw bytes
};

struct OnceOutcome {
  bool first_time = false;
  std::string response;  // as stored, that is encrypted: the first one's, whoever asks
};

// The common table expression `once` with columns first_time, same_request and response. Takes the
// parameters $1 to $8 of the statement; $1 is the tenant, for the rest of the statement too.
inline constexpr int kOnceParams = 8;
inline constexpr char kOnceCte[] =
    "once AS ("
    "INSERT INTO idempotency_key"
    " (tenant, caller, method, request_id, request_sha256, response, created_at, touched_at)"
    " VALUES ($1::text, $2::text, $3::text, $4::uuid, $5::bytea, $6::bytea, $7::timestamptz,"
    " $8::timestamptz)"
    " ON CONFLICT (tenant, caller, method, request_id) DO UPDATE"
    " SET touched_at = excluded.touched_at, answers = idempotency_key.answers + 1"
    " RETURNING answers = 1 AS first_time, request_sha256 = $5::bytea AS same_request, response)";

// Adds $1 to $8. `now` is real time.
void AddOnce(absl::string_view tenant, const OnceKey& key, absl::string_view encrypted_response,
             absl::Time now, Params& params);

// Reads the row of `SELECT once.* FROM once` (these three columns first, others may follow).
// INVALID_ARGUMENT REQUEST_ID_REUSED: the id was used for another request.
absl::StatusOr<OnceOutcome> ReadOnce(const pqxx::row& row);

// The stored response of an earlier, finished run; nothing when this is the first. Does not wait
// for a twin that is still running. INVALID_ARGUMENT REQUEST_ID_REUSED.
absl::StatusOr<std::optional<std::string>> FindOnce(Transaction& txn, const OnceKey& key,
                                                    absl::Time now);

// Step by step: nothing means this run is the first and must StoreOnce in the same transaction;
// otherwise the stored response. Waits for a running twin. INVALID_ARGUMENT REQUEST_ID_REUSED.
absl::StatusOr<std::optional<std::string>> ClaimOnce(Transaction& txn, const OnceKey& key,
                                                     absl::Time now);
absl::Status StoreOnce(Transaction& txn, const OnceKey& key, absl::string_view encrypted_response);

// Deletes rows of the transaction's tenant made before `before` (now - kOnceRetention) and returns
// how many.
absl::StatusOr<int64_t> PurgeOnce(Transaction& txn, absl::Time before);

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_IDEMPOTENCY_H_
