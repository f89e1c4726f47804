#include "common/db/notify.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/nontransaction>
#include <pqxx/notification>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/db/failure.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace waymark::db {
namespace {

constexpr absl::Duration kApart = absl::Milliseconds(10);
constexpr absl::Duration kReconnect = absl::Seconds(1);

std::unique_ptr<pqxx::connection> Connect(const crypto::SecretBytes& dsn) {
  std::string direct = WithSetting(dsn.Reveal(), "target_session_attrs", "read-write");
  direct = WithSetting(std::move(direct), "connect_timeout", "3");
  direct = WithSetting(std::move(direct), "keepalives_idle", "10");
  auto connection = std::make_unique<pqxx::connection>(direct);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  return connection;
}

void LogLost() {
  const Failure failure = CurrentFailure();
  log::Warning("wake-ups between processes are down, polling goes on",
               {{"reason", status::Reason(failure.status)}});
}

}  // namespace

class Notifier::Thread {
 public:
  Thread(crypto::SecretBytes dsn, absl::string_view channel)
      : dsn_(std::move(dsn)),
        // Nobody waits for this commit to be durable or replicated.
        statement_(absl::StrCat("BEGIN; SET LOCAL synchronous_commit = off; NOTIFY ", channel,
                                "; COMMIT")),
        thread_([this] { Run(); }) {}

  ~Thread() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  void Notify() {
    absl::MutexLock lock(&mutex_);
    wanted_ = true;
  }

 private:
  void Run() {
    std::unique_ptr<pqxx::connection> connection;
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        const auto due = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wanted_ || stopping_; };
        mutex_.Await(absl::Condition(&due));
        if (stopping_) return;
        wanted_ = false;
      }
      absl::Duration pause = kApart;
      try {
        if (connection == nullptr) connection = Connect(dsn_);
        pqxx::nontransaction(*connection).exec(statement_);
      } catch (...) {
        LogLost();
        connection.reset();
        pause = kReconnect;
      }
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return;
    }
  }

  const crypto::SecretBytes dsn_;
  const std::string statement_;
  absl::Mutex mutex_;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

Notifier::Notifier(crypto::SecretBytes direct_dsn, absl::string_view channel)
    : thread_(std::make_unique<Thread>(std::move(direct_dsn), channel)) {}
Notifier::~Notifier() = default;
void Notifier::Notify() { thread_->Notify(); }

class Listener::Thread {
 public:
  Thread(crypto::SecretBytes dsn, absl::string_view channel, std::function<void()> wake)
      : dsn_(std::move(dsn)),
        channel_(channel),
        wake_(std::move(wake)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { Run(); }) {}

  ~Thread() {
    const uint64_t one = 1;
    // An eventfd takes eight bytes as long as its count does not overflow.
    if (write(stop_, &one, sizeof(one)) != sizeof(one)) std::abort();
    thread_.join();
    close(stop_);
  }

 private:
  class Receiver final : public pqxx::notification_receiver {
   public:
    using pqxx::notification_receiver::notification_receiver;
    void operator()(const std::string&, int) override {}
  };

  // False once the listener is being destroyed; true when `socket` has something or time is up.
  bool Wait(int socket, absl::Duration timeout) const {
    pollfd descriptors[2] = {{stop_, POLLIN, 0}, {socket, POLLIN, 0}};
    poll(descriptors, socket < 0 ? 1 : 2, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
    return descriptors[0].revents == 0;
  }

  void Run() {
    do {
      try {
        const std::unique_ptr<pqxx::connection> connection = Connect(dsn_);
        const pqxx::quiet_errorhandler quiet(*connection);
        const Receiver receiver(*connection, channel_);
        wake_();
        // Now and then even without a notification, so that a dead connection is noticed.
        while (Wait(connection->sock(), absl::Minutes(1))) {
          if (connection->get_notifs() > 0) wake_();
          if (!connection->is_open()) throw pqxx::broken_connection();
        }
        return;
      } catch (...) {
        LogLost();
      }
    } while (Wait(-1, kReconnect));
  }

  const crypto::SecretBytes dsn_;
  const std::string channel_;
  const std::function<void()> wake_;
  const int stop_;
  std::thread thread_;
};

Listener::Listener(crypto::SecretBytes direct_dsn, absl::string_view channel,
                   std::function<void()> wake)
    : thread_(std::make_unique<Thread>(std::move(direct_dsn), channel, std::move(wake))) {}
Listener::~Listener() = default;

}  // namespace waymark::db
