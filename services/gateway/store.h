// Sessions, sign-ins and drafts in PostgreSQL: every statement of the gateway, and the sealing of
// what they hold.
#ifndef WAYMARK_SERVICES_GATEWAY_STORE_H_
#define WAYMARK_SERVICES_GATEWAY_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"

namespace pqxx {
class result;
}

namespace waymark::gateway::store {

struct SessionRow {
  std::string tenant;
  std::string session_hash;  // 32 bytes
  std::string user_token;
  absl::Time created;
  absl::Time last_used;
  absl::Time ends;
  std::string content;  // sealed in the table
};

struct DraftRow {
  std::string tenant;
  std::string user_token;
  std::string form_token;
  absl::Time saved;
  absl::Time expires;
  std::string content;  // sealed in the table
};

// What has to happen in the same transaction: the trail of the act. An error undoes the act.
using Also = std::function<absl::Status(db::Transaction&)>;

class Store {
 public:
  Store(db::Database& database, const crypto::KeyProvider& keys)
      : database_(database), keys_(keys) {}

  // A transaction of a tenant that may be new here.
  absl::Status Write(absl::Time deadline, const std::string& tenant, const Also& what);

  absl::Status InsertSession(absl::Time deadline, const SessionRow& row, const Also& also);
  // Nothing when there is none.
  absl::StatusOr<std::optional<SessionRow>> ReadSession(absl::Time deadline,
                                                        const std::string& tenant,
                                                        const std::string& session_hash);
  absl::Status TouchSession(absl::Time deadline, const std::string& tenant,
                            const std::string& session_hash, absl::Time now);
  // `also` is done only when there was one.
  absl::Status DeleteSession(absl::Time deadline, const std::string& tenant,
                             const std::string& session_hash, const Also& also);
  // How many there were; `also` is told.
  absl::StatusOr<int64_t> DeleteSessionsOf(
      absl::Time deadline, const std::string& tenant, const std::string& user_token,
      const std::function<absl::Status(db::Transaction&, int64_t count)>& also);
  absl::Status PurgeSessions(absl::Time deadline, const std::string& tenant, absl::Time now,
                             absl::Time unused_since);

  absl::Status InsertSignIn(absl::Time deadline, const std::string& state_hash,
                            const std::string& browser_hash, absl::Time expires,
                            const std::string& content);
  // Takes the row away, whatever comes of it: a state is good for one callback. Nothing when there
  // is none, it has expired, or it belongs to another browser.
  absl::StatusOr<std::optional<std::string>> TakeSignIn(absl::Time deadline,
                                                        const std::string& state_hash,
                                                        const std::string& browser_hash,
                                                        absl::Time now);
  absl::Status PurgeSignIns(absl::Time deadline, absl::Time now);

  // In place of the same form's. RESOURCE_EXHAUSTED TOO_MANY_DRAFTS when the person has `most`
  // others that have not expired at row.saved.
  absl::Status PutDraft(absl::Time deadline, const DraftRow& row, int most);
  // Nothing when there is none that has not expired.
  absl::StatusOr<std::optional<DraftRow>> ReadDraft(absl::Time deadline, const std::string& tenant,
                                                    const std::string& user_token,
                                                    const std::string& form_token, absl::Time now);
  // The latest first.
  absl::StatusOr<std::vector<DraftRow>> ListDrafts(absl::Time deadline, const std::string& tenant,
                                                   const std::string& user_token, absl::Time now);
  absl::Status DeleteDraft(absl::Time deadline, const std::string& tenant,
                           const std::string& user_token, const std::string& form_token);
  absl::Status PurgeDrafts(absl::Time deadline, const std::string& tenant, absl::Time now);

 private:
  absl::StatusOr<std::vector<DraftRow>> OpenDrafts(const std::string& tenant,
                                                   const std::string& user_token,
                                                   const pqxx::result& found) const;

  db::Database& database_;
  const crypto::KeyProvider& keys_;
};

}  // namespace waymark::gateway::store

#endif  // WAYMARK_SERVICES_GATEWAY_STORE_H_
