#include "services/gateway/store.h"

#include <pqxx/result>
#include <utility>

#include "common/crypto/crypto.h"
#include "common/db/fields.h"
#include "common/status/status.h"

namespace waymark::gateway::store {
namespace {

constexpr char kInsertTenant[] = "INSERT INTO tenant (tenant) VALUES ($1) ON CONFLICT DO NOTHING";

constexpr char kInsertSession[] =
    "INSERT INTO session (tenant, session_hash, user_token, created_at, last_used_at, ends_at,"
    " key_version, wrapped_key, sealed)"
    " VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz, $5::timestamptz, $6::integer, $7, $8)";

constexpr char kReadSession[] =
    "SELECT user_token, created_at, last_used_at, ends_at, key_version, wrapped_key, sealed"
    " FROM session WHERE tenant = $1 AND session_hash = $2";

// Never back in time, whichever replica comes first.
constexpr char kTouchSession[] =
    "UPDATE session SET last_used_at = $3::timestamptz"
    " WHERE tenant = $1 AND session_hash = $2 AND last_used_at < $3::timestamptz";

constexpr char kDeleteSession[] = "DELETE FROM session WHERE tenant = $1 AND session_hash = $2";

constexpr char kDeleteSessionsOf[] = "DELETE FROM session WHERE tenant = $1 AND user_token = $2";

constexpr char kPurgeSessions[] =
    "DELETE FROM session WHERE tenant = $1"
    " AND (ends_at <= $2::timestamptz OR last_used_at <= $3::timestamptz)";

constexpr char kInsertSignIn[] =
    "INSERT INTO sign_in (state_hash, browser_hash, expires_at, key_version, wrapped_key, sealed)"
    " VALUES ($1, $2, $3::timestamptz, $4::integer, $5, $6)";

constexpr char kTakeSignIn[] =
    "DELETE FROM sign_in WHERE state_hash = $1"
    " RETURNING browser_hash, expires_at, key_version, wrapped_key, sealed";

constexpr char kPurgeSignIns[] = "DELETE FROM sign_in WHERE expires_at <= $1::timestamptz";

// Under which name a key for what belongs to no organisation yet is derived; no organisation has a
// space in its name.
constexpr char kNobody[] = "no tenant";

std::string SessionBinding(const std::string& tenant, const std::string& session_hash) {
  return crypto::BindingOf({tenant, "session", session_hash});
}

std::string SignInBinding(const std::string& state_hash) {
  return crypto::BindingOf({kNobody, "sign_in", state_hash});
}

}  // namespace

absl::Status Store::InsertSession(absl::Time deadline, const SessionRow& row) {
  ASSIGN_OR_RETURN(const crypto::Envelope envelope,
                   crypto::SealEnvelope(keys_, row.tenant,
                                        SessionBinding(row.tenant, row.session_hash), row.content));
  return database_.Transact(deadline, row.tenant, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(txn.Exec(kInsertTenant, row.tenant).status());
    return txn
        .Exec(kInsertSession, row.tenant, db::Bytea{row.session_hash}, row.user_token, row.created,
              row.ends, envelope.key.key_version, db::Bytea{envelope.key.bytes},
              db::Bytea{envelope.sealed})
        .status();
  });
}

absl::StatusOr<std::optional<SessionRow>> Store::ReadSession(absl::Time deadline,
                                                             const std::string& tenant,
                                                             const std::string& session_hash) {
  std::optional<SessionRow> row;
  crypto::Envelope envelope;
  RETURN_IF_ERROR(database_.Transact(
      deadline, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        row.reset();
        ASSIGN_OR_RETURN(const pqxx::result found,
                         txn.Exec(kReadSession, tenant, db::Bytea{session_hash}));
        if (found.empty()) return absl::OkStatus();
        row = SessionRow{.tenant = tenant,
                         .session_hash = session_hash,
                         .user_token = db::Text(found[0][0]),
                         .created = db::Instant(found[0][1]),
                         .last_used = db::Instant(found[0][2]),
                         .ends = db::Instant(found[0][3])};
        envelope = {.key = {.key_version = static_cast<int32_t>(db::Int(found[0][4])),
                            .bytes = db::Bytes(found[0][5])},
                    .sealed = db::Bytes(found[0][6])};
        return absl::OkStatus();
      }));
  if (row.has_value()) {
    ASSIGN_OR_RETURN(
        row->content,
        crypto::OpenEnvelope(keys_, tenant, SessionBinding(tenant, session_hash), envelope));
  }
  return row;
}

absl::Status Store::TouchSession(absl::Time deadline, const std::string& tenant,
                                 const std::string& session_hash, absl::Time now) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kTouchSession, tenant, db::Bytea{session_hash}, now).status();
  });
}

absl::Status Store::DeleteSession(absl::Time deadline, const std::string& tenant,
                                  const std::string& session_hash) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kDeleteSession, tenant, db::Bytea{session_hash}).status();
  });
}

absl::StatusOr<int64_t> Store::DeleteSessionsOf(absl::Time deadline, const std::string& tenant,
                                                const std::string& user_token) {
  int64_t count = 0;
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const pqxx::result deleted, txn.Exec(kDeleteSessionsOf, tenant, user_token));
    count = static_cast<int64_t>(deleted.affected_rows());
    return absl::OkStatus();
  }));
  return count;
}

absl::Status Store::PurgeSessions(absl::Time deadline, const std::string& tenant, absl::Time now,
                                  absl::Time unused_since) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kPurgeSessions, tenant, now, unused_since).status();
  });
}

absl::Status Store::InsertSignIn(absl::Time deadline, const std::string& state_hash,
                                 const std::string& browser_hash, absl::Time expires,
                                 const std::string& content) {
  ASSIGN_OR_RETURN(const crypto::Envelope envelope,
                   crypto::SealEnvelope(keys_, kNobody, SignInBinding(state_hash), content));
  return database_.TransactWithoutTenant(deadline, [&](db::Transaction& txn) -> absl::Status {
    return txn
        .Exec(kInsertSignIn, db::Bytea{state_hash}, db::Bytea{browser_hash}, expires,
              envelope.key.key_version, db::Bytea{envelope.key.bytes}, db::Bytea{envelope.sealed})
        .status();
  });
}

absl::StatusOr<std::optional<std::string>> Store::TakeSignIn(absl::Time deadline,
                                                             const std::string& state_hash,
                                                             const std::string& browser_hash,
                                                             absl::Time now) {
  std::optional<crypto::Envelope> envelope;
  RETURN_IF_ERROR(
      database_.TransactWithoutTenant(deadline, [&](db::Transaction& txn) -> absl::Status {
        envelope.reset();
        ASSIGN_OR_RETURN(const pqxx::result found, txn.Exec(kTakeSignIn, db::Bytea{state_hash}));
        if (found.empty() || db::Instant(found[0][1]) <= now ||
            !crypto::ConstantTimeEquals(db::Bytes(found[0][0]), browser_hash)) {
          return absl::OkStatus();
        }
        envelope = {.key = {.key_version = static_cast<int32_t>(db::Int(found[0][2])),
                            .bytes = db::Bytes(found[0][3])},
                    .sealed = db::Bytes(found[0][4])};
        return absl::OkStatus();
      }));
  if (!envelope.has_value()) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string content,
                   crypto::OpenEnvelope(keys_, kNobody, SignInBinding(state_hash), *envelope));
  return std::optional<std::string>(std::move(content));
}

absl::Status Store::PurgeSignIns(absl::Time deadline, absl::Time now) {
  return database_.TransactWithoutTenant(deadline, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kPurgeSignIns, now).status();
  });
}

}  // namespace waymark::gateway::store
