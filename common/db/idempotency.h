// The same request_id, the same answer: what makes a retry safe after any fault.
//
// A row (tenant, caller, method, request_id) is written in the transaction that does the work, with
// the digest of the request and the response, encrypted by the caller. A concurrent twin waits on
// the unique index until the first commits and then reads its response. A retry writes too, so that
// its acknowledgement is as durable as the first.
//
// Two forms. In one round trip, when the response is known before anything is written: a statement
// or function of the caller's own that inserts the row, writes the rest only when it was the first,
// and answers one row, with AddOnce() for its first parameters and ReadOnce() on that row. Or step
// by step: ClaimOnce, the work, StoreOnce. FindOnce before either saves the work of a retry.
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

// Adds seven parameters: tenant, caller, method, request_id, request_sha256, the encrypted response
// and `now`, which is real time.
void AddOnce(absl::string_view tenant, const OnceKey& key, absl::string_view encrypted_response,
             absl::Time now, Params& params);

// Reads a row that begins with first_time, whether the request is the same, and the response (null
// for the first). INVALID_ARGUMENT REQUEST_ID_REUSED: the id was used for another request.
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
