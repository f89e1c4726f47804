// Wakes other processes that work on the same database. Only ever a hint: it is lost whenever a
// connection is, so whoever listens also polls.
//
// A NOTIFY is never part of a transaction that a caller waits for: PostgreSQL lets one notifying
// transaction commit at a time, through fsync and replica wait (measured: 4.1 k commits a second
// fell to 0.8-1.2 k). So a process wakes itself in memory after its commit, and calls Notify.
#ifndef WAYMARK_COMMON_DB_NOTIFY_H_
#define WAYMARK_COMMON_DB_NOTIFY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/crypto/secret.h"

namespace waymark::db {

// `direct_dsn` in both goes to PostgreSQL itself, not through PgBouncer; `channel` is lower-case
// letters and '_'. Each has a thread and a connection of its own, opened when first needed and
// opened again a second after it was lost.

class Notifier {
 public:
  Notifier(crypto::SecretBytes direct_dsn, absl::string_view channel);
  ~Notifier();

  // Returns at once. Many calls within 10 ms are one NOTIFY. Thread-safe.
  void Notify();

 private:
  class Thread;
  const std::unique_ptr<Thread> thread_;
};

class Listener {
 public:
  // Calls `wake` from its own thread for each batch of notifications, and after each connect, as
  // some may have been missed. `wake` returns quickly.
  Listener(crypto::SecretBytes direct_dsn, absl::string_view channel, std::function<void()> wake);
  // `wake` is not called any more.
  ~Listener();

 private:
  class Thread;
  const std::unique_ptr<Thread> thread_;
};

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_NOTIFY_H_
