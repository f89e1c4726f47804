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

// The limit is of those that are no other than this one: what was begun can always be saved again.
constexpr char kPutDraft[] =
    "INSERT INTO draft (tenant, user_token, form_token, saved_at, expires_at, key_version,"
    " wrapped_key, sealed)"
    " SELECT $1, $2, $3, $4::timestamptz, $5::timestamptz, $6::integer, $7::bytea, $8::bytea"
    " WHERE (SELECT count(*) FROM draft WHERE tenant = $1 AND user_token = $2"
    "  AND form_token <> $3 AND expires_at > $4::timestamptz) < $9::integer"
    " ON CONFLICT (tenant, user_token, form_token) DO UPDATE SET saved_at = excluded.saved_at,"
    " expires_at = excluded.expires_at, key_version = excluded.key_version,"
    " wrapped_key = excluded.wrapped_key, sealed = excluded.sealed";

constexpr char kReadDraft[] =
    "SELECT form_token, saved_at, expires_at, key_version, wrapped_key, sealed FROM draft"
    " WHERE tenant = $1 AND user_token = $2 AND form_token = $3 AND expires_at > $4::timestamptz";

constexpr char kListDrafts[] =
    "SELECT form_token, saved_at, expires_at, key_version, wrapped_key, sealed FROM draft"
    " WHERE tenant = $1 AND user_token = $2 AND expires_at > $3::timestamptz"
    " ORDER BY saved_at DESC, form_token";

constexpr char kDeleteDraft[] =
    "DELETE FROM draft WHERE tenant = $1 AND user_token = $2 AND form_token = $3";

constexpr char kPurgeDrafts[] =
    "DELETE FROM draft WHERE tenant = $1 AND expires_at <= $2::timestamptz";

// Under which name a key for what belongs to no organisation yet is derived; no organisation has a
// space in its name.
constexpr char kNobody[] = "no tenant";

std::string SessionBinding(const std::string& tenant, const std::string& session_hash) {
  return crypto::BindingOf({tenant, "session", session_hash});
}

std::string DraftBinding(const std::string& tenant, const std::string& user_token,
                         const std::string& form_token) {
  return crypto::BindingOf({tenant, "draft", user_token, form_token});
}

std::string SignInBinding(const std::string& state_hash) {
  return crypto::BindingOf({kNobody, "sign_in", state_hash});
}

}  // namespace

absl::Status Store::Write(absl::Time deadline, const std::string& tenant, const Also& what) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(txn.Exec(kInsertTenant, tenant).status());
    return what(txn);
  });
}

absl::Status Store::InsertSession(absl::Time deadline, const SessionRow& row, const Also& also) {
  ASSIGN_OR_RETURN(const crypto::Envelope envelope,
                   crypto::SealEnvelope(keys_, row.tenant,
                                        SessionBinding(row.tenant, row.session_hash), row.content));
  return Write(deadline, row.tenant, [&](db::Transaction& txn) -> absl::Status {
    RETURN_IF_ERROR(txn.Exec(kInsertSession, row.tenant, db::Bytea{row.session_hash},
                             row.user_token, row.created, row.ends, envelope.key.key_version,
                             db::Bytea{envelope.key.bytes}, db::Bytea{envelope.sealed})
                        .status());
    return also(txn);
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
                                  const std::string& session_hash, const Also& also) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const pqxx::result deleted,
                     txn.Exec(kDeleteSession, tenant, db::Bytea{session_hash}));
    return deleted.affected_rows() == 0 ? absl::OkStatus() : also(txn);
  });
}

absl::StatusOr<int64_t> Store::DeleteSessionsOf(
    absl::Time deadline, const std::string& tenant, const std::string& user_token,
    const std::function<absl::Status(db::Transaction&, int64_t)>& also) {
  int64_t count = 0;
  RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const pqxx::result deleted, txn.Exec(kDeleteSessionsOf, tenant, user_token));
    count = static_cast<int64_t>(deleted.affected_rows());
    return also(txn, count);
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

absl::Status Store::PutDraft(absl::Time deadline, const DraftRow& row, int most) {
  ASSIGN_OR_RETURN(
      const crypto::Envelope envelope,
      crypto::SealEnvelope(keys_, row.tenant,
                           DraftBinding(row.tenant, row.user_token, row.form_token), row.content));
  return Write(deadline, row.tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const pqxx::result put,
                     txn.Exec(kPutDraft, row.tenant, row.user_token, row.form_token, row.saved,
                              row.expires, envelope.key.key_version, db::Bytea{envelope.key.bytes},
                              db::Bytea{envelope.sealed}, most));
    if (put.affected_rows() > 0) return absl::OkStatus();
    return status::ResourceExhausted(
        "TOO_MANY_DRAFTS", "You have begun too many forms. Send or discard one of them first.");
  });
}

absl::StatusOr<std::vector<DraftRow>> Store::OpenDrafts(const std::string& tenant,
                                                        const std::string& user_token,
                                                        const pqxx::result& found) const {
  std::vector<DraftRow> rows;
  for (const pqxx::row& one : found) {
    DraftRow row = {.tenant = tenant,
                    .user_token = user_token,
                    .form_token = db::Text(one[0]),
                    .saved = db::Instant(one[1]),
                    .expires = db::Instant(one[2])};
    ASSIGN_OR_RETURN(
        row.content,
        crypto::OpenEnvelope(keys_, tenant, DraftBinding(tenant, user_token, row.form_token),
                             {.key = {.key_version = static_cast<int32_t>(db::Int(one[3])),
                                      .bytes = db::Bytes(one[4])},
                              .sealed = db::Bytes(one[5])}));
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<std::optional<DraftRow>> Store::ReadDraft(absl::Time deadline,
                                                         const std::string& tenant,
                                                         const std::string& user_token,
                                                         const std::string& form_token,
                                                         absl::Time now) {
  pqxx::result found;
  RETURN_IF_ERROR(database_.Transact(
      deadline, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(found, txn.Exec(kReadDraft, tenant, user_token, form_token, now));
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(std::vector<DraftRow> rows, OpenDrafts(tenant, user_token, found));
  if (rows.empty()) return std::optional<DraftRow>();
  return std::optional<DraftRow>(std::move(rows.front()));
}

absl::StatusOr<std::vector<DraftRow>> Store::ListDrafts(absl::Time deadline,
                                                        const std::string& tenant,
                                                        const std::string& user_token,
                                                        absl::Time now) {
  pqxx::result found;
  RETURN_IF_ERROR(database_.Transact(
      deadline, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(found, txn.Exec(kListDrafts, tenant, user_token, now));
        return absl::OkStatus();
      }));
  return OpenDrafts(tenant, user_token, found);
}

absl::Status Store::DeleteDraft(absl::Time deadline, const std::string& tenant,
                                const std::string& user_token, const std::string& form_token) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kDeleteDraft, tenant, user_token, form_token).status();
  });
}

absl::Status Store::PurgeDrafts(absl::Time deadline, const std::string& tenant, absl::Time now) {
  return database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
    return txn.Exec(kPurgeDrafts, tenant, now).status();
  });
}

}  // namespace waymark::gateway::store
