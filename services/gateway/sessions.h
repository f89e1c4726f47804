// Who is signed in: server-side sessions. The browser holds a cookie with a random secret; all else
// stays here.
#ifndef WAYMARK_SERVICES_GATEWAY_SESSIONS_H_
#define WAYMARK_SERVICES_GATEWAY_SESSIONS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/pseudonymiser.h"
#include "services/casework/clients/trail.h"
#include "services/gateway/claims.h"
#include "services/gateway/jwt.h"
#include "services/gateway/store.h"

namespace waymark::gateway {

struct SessionOptions {
  // Without a request of the person's own making, and in all.
  absl::Duration idle = absl::Minutes(20);
  absl::Duration longest = absl::Hours(10);
  // How long this process believes what it read: within it a sign-out at another replica is not
  // seen here.
  absl::Duration believed_for = absl::Seconds(5);
  // A use is written down when the last one noted is older than this.
  absl::Duration note_use_every = absl::Seconds(30);
  // Of the tokens that back ends are shown. A stream has one for as long as it may stay open.
  absl::Duration call_token = absl::Minutes(5);
  absl::Duration stream_token = absl::Minutes(15);
  // `iss` and `aud` of those tokens.
  std::string issuer;
  std::string audience;
};

struct Session {
  std::string key;  // SHA-256 of the cookie's secret, 32 bytes
  Person person;
  std::string provider;
  std::string id_token;  // a hint for the provider at sign-out
  std::string csrf;
  absl::Time ends;
  absl::Time last_used;
};

// What the audit log says of an act at /auth/: "waymark.gateway.sign-out", by this person.
rpc::Call ActAtTheDoor(const std::string& method, const Person& person);

// Thread-safe. What takes a deadline blocks on the database.
class Sessions {
 public:
  // `clock` is real time. `trail` hears of every session that begins, is ended or is refused, in
  // the transaction that does it.
  Sessions(SessionOptions options, store::Store& store, casework::AuditTrail& trail,
           crypto::Pseudonymiser pseudonymiser, SigningKey key, const clock::Clock& clock);
  // `ended` is told of every session that is ended here, by its key.
  void OnEnded(std::function<void(const std::string& session_key)> ended) {
    ended_ = std::move(ended);
  }

  // A new session under a new secret; returns the cookie's value, "<tenant>.<secret>".
  absl::StatusOr<std::string> Create(absl::Time deadline, const Person& person,
                                     const std::string& provider, const std::string& id_token);

  // Writes down that nobody was signed in, where it is known whose log that is for.
  absl::Status RecordRefusal(absl::Time deadline, const Person& known, const absl::Status& why);

  // The session of a cookie when this process has read it lately; null when Find must be asked.
  std::shared_ptr<const Session> Believed(absl::string_view cookie);
  // The session of a cookie, from the table. A use, unless `background`, puts the idle time-out
  // off. UNAUTHENTICATED SESSION_MISSING (none, or not one of ours), SESSION_EXPIRED (idle, too old
  // or ended).
  absl::StatusOr<std::shared_ptr<const Session>> Find(absl::Time deadline, absl::string_view cookie,
                                                      bool background);
  // Whether a session is still there and not too old; an error when that cannot be told.
  absl::StatusOr<bool> IsLive(absl::Time deadline, const std::string& tenant,
                              const std::string& key);

  // Signs out. `call` says in the log who did it and how.
  absl::Status End(absl::Time deadline, const Session& session, const rpc::Call& call);
  // Every session of a person of call.caller.tenant, at every replica; how many.
  absl::StatusOr<int64_t> EndAllOf(absl::Time deadline, const rpc::Call& call,
                                   const std::string& user_id);

  // A token for the back ends; the same for calls close in time.
  absl::StatusOr<std::string> CallToken(const Session& session);
  absl::StatusOr<std::string> StreamToken(const Session& session);

  // Forgets what is no longer believed and deletes what has run out.
  absl::Status Tend(absl::Time deadline, const std::vector<std::string>& tenants);

  const SessionOptions& options() const { return options_; }
  const std::string& jwks() const { return key_.jwks(); }

 private:
  struct Entry {
    std::shared_ptr<const Session> session;
    absl::Time read;
    absl::Time noted;  // last use that is in the table
    std::string token;
    absl::Time token_expiry;
  };

  absl::StatusOr<std::string> Mint(const Session& session, absl::Duration valid_for,
                                   absl::Time* expiry);
  void Forget(const std::string& key);

  const SessionOptions options_;
  store::Store& store_;
  casework::AuditTrail& trail_;
  const crypto::Pseudonymiser pseudonymiser_;
  const SigningKey key_;
  const clock::Clock& clock_;
  std::function<void(const std::string&)> ended_ = [](const std::string&) {};
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> believed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_SESSIONS_H_
