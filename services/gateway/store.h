// Sessions and sign-ins in PostgreSQL: every statement of the gateway, and the sealing of what they
// hold.
#ifndef WAYMARK_SERVICES_GATEWAY_STORE_H_
#define WAYMARK_SERVICES_GATEWAY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"

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

class Store {
 public:
  Store(db::Database& database, const crypto::KeyProvider& keys)
      : database_(database), keys_(keys) {}

  absl::Status InsertSession(absl::Time deadline, const SessionRow& row);
  // Nothing when there is none.
  absl::StatusOr<std::optional<SessionRow>> ReadSession(absl::Time deadline,
                                                        const std::string& tenant,
                                                        const std::string& session_hash);
  absl::Status TouchSession(absl::Time deadline, const std::string& tenant,
                            const std::string& session_hash, absl::Time now);
  absl::Status DeleteSession(absl::Time deadline, const std::string& tenant,
                             const std::string& session_hash);
  // How many there were.
  absl::StatusOr<int64_t> DeleteSessionsOf(absl::Time deadline, const std::string& tenant,
                                           const std::string& user_token);
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

 private:
  db::Database& database_;
  const crypto::KeyProvider& keys_;
};

}  // namespace waymark::gateway::store

#endif  // WAYMARK_SERVICES_GATEWAY_STORE_H_
