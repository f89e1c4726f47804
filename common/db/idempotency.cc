#include "common/db/idempotency.h"

#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::db {
namespace {

constexpr char kClaim[] =
    "INSERT INTO idempotency_key"
    " (tenant, caller, method, request_id, request_sha256, created_at, touched_at)"
    " VALUES ($1, $2, $3, $4::uuid, $5::bytea, $6::timestamptz, $6::timestamptz)"
    " ON CONFLICT (tenant, caller, method, request_id) DO UPDATE"
    " SET touched_at = excluded.touched_at, answers = idempotency_key.answers + 1"
    " RETURNING answers = 1 AS first_time, request_sha256 = $5::bytea AS same_request, response";

constexpr char kFind[] =
    "UPDATE idempotency_key SET touched_at = $6::timestamptz, answers = answers + 1"
    " WHERE tenant = $1 AND caller = $2 AND method = $3 AND request_id = $4::uuid"
    " RETURNING false AS first_time, request_sha256 = $5::bytea AS same_request, response";

constexpr char kStore[] =
    "UPDATE idempotency_key SET response = $5::bytea"
    " WHERE tenant = $1 AND caller = $2 AND method = $3 AND request_id = $4::uuid";

constexpr char kPurge[] =
    "DELETE FROM idempotency_key WHERE tenant = $1 AND created_at < $2::timestamptz";

}  // namespace

void AddOnce(absl::string_view tenant, const OnceKey& key, absl::string_view encrypted_response,
             absl::Time now, Params& params) {
  params.Add(tenant);
  params.Add(key.caller);
  params.Add(key.method);
  params.Add(key.request_id);
  params.Add(Bytea{key.request_sha256});
  params.Add(Bytea{encrypted_response});
  params.Add(now);
}

absl::StatusOr<OnceOutcome> ReadOnce(const pqxx::row& row) {
  OnceOutcome outcome;
  outcome.first_time = Bool(row[0]);
  if (!Bool(row[1])) {
    return status::InvalidArgument("REQUEST_ID_REUSED",
                                   "This request_id was used for a different request. Use a new "
                                   "UUID for each request, and the same one only to repeat it.");
  }
  if (!outcome.first_time && row[2].is_null()) {
    log::Error("stored response is missing");
    return status::Internal("RESPONSE_NOT_STORED", "The first answer was not kept.");
  }
  if (!row[2].is_null()) outcome.response = Bytes(row[2]);
  return outcome;
}

absl::StatusOr<std::optional<std::string>> FindOnce(Transaction& txn, const OnceKey& key,
                                                    absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::result rows,
                   txn.Exec(kFind, txn.tenant(), key.caller, key.method, key.request_id,
                            Bytea{key.request_sha256}, now));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(OnceOutcome outcome, ReadOnce(rows[0]));
  return std::move(outcome.response);
}

absl::StatusOr<std::optional<std::string>> ClaimOnce(Transaction& txn, const OnceKey& key,
                                                     absl::Time now) {
  ASSIGN_OR_RETURN(const pqxx::row row,
                   txn.ExecRow(kClaim, txn.tenant(), key.caller, key.method, key.request_id,
                               Bytea{key.request_sha256}, now));
  ASSIGN_OR_RETURN(OnceOutcome outcome, ReadOnce(row));
  if (outcome.first_time) return std::nullopt;
  return std::move(outcome.response);
}

absl::Status StoreOnce(Transaction& txn, const OnceKey& key, absl::string_view encrypted_response) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kStore, txn.tenant(), key.caller, key.method,
                                                     key.request_id, Bytea{encrypted_response}));
  if (rows.affected_rows() != 1) {
    return status::Internal("RESPONSE_NOT_STORED", "The request was not claimed first.");
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> PurgeOnce(Transaction& txn, absl::Time before) {
  ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kPurge, txn.tenant(), before));
  return static_cast<int64_t>(rows.affected_rows());
}

}  // namespace waymark::db
