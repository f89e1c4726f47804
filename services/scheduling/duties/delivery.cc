#include "services/scheduling/duties/delivery.h"

#include <optional>
#include <thread>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/domain/delivery.h"
#include "services/scheduling/store/firing.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {
namespace {

constexpr int kSideBySide = 8;
// Longer than a delivery can take, so that no second process sends what a first is sending.
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr absl::Duration kTransactionLimit = absl::Seconds(10);

struct Delivered {
  LeasedNotice leased;
  v1::Contact contact;
  absl::Status outcome;
};

// Where a notice goes: the address on the rota, or the duty address when it was meant for that or
// the entry has gone.
absl::StatusOr<v1::Contact> AddressOf(db::Transaction& txn, const crypto::KeyProvider& keys,
                                      const LeasedNotice& leased) {
  if (!leased.rota_entry_id.empty()) {
    ASSIGN_OR_RETURN(std::optional<v1::Contact> contact,
                     ReadContact(txn, keys, leased.rota_entry_id));
    if (contact) return *std::move(contact);
  }
  ASSIGN_OR_RETURN(std::optional<DutyAddress> duty, ReadDutyAddress(txn, keys));
  if (duty) return std::move(duty->contact);
  return status::Internal("NO_ADDRESS", "A notice has nowhere to go.");
}

}  // namespace

Delivery::Delivery(db::Database& database, const crypto::KeyProvider& keys, const Sender& sender,
                   const clock::Clock& clinical, const clock::Clock& real,
                   metrics::Registry& registry)
    : database_(database),
      keys_(keys),
      sender_(sender),
      clinical_(clinical),
      real_(real),
      delivered_total_(registry.GetCounter("waymark_scheduling_notices_delivered_total",
                                           "Notices that mail servers and webhooks have taken.")),
      failed_total_(registry.GetCounter("waymark_scheduling_notice_failures_total",
                                        "Attempts to deliver a notice that failed.")),
      given_up_total_(
          registry.GetCounter("waymark_scheduling_notices_given_up_total",
                              "Notices that never arrived and became a person's task.")) {}

absl::Status Delivery::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<DueTenant> tenants,
                   ReadDueTenants(database_, real_.Now() + kTransactionLimit));
  absl::Status first_error;
  for (const DueTenant& one : tenants) {
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) more = DeliverSome(one.tenant);
    first_error.Update(more.status());
  }
  return first_error;
}

absl::StatusOr<bool> Delivery::DeliverSome(const std::string& tenant) {
  std::vector<Delivered> batch;
  RETURN_IF_ERROR(database_.Transact(
      real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        batch.clear();
        const absl::Time now = real_.Now();
        ASSIGN_OR_RETURN(std::vector<LeasedNotice> leased,
                         LeaseNotices(txn, now, now + kLease, kSideBySide));
        for (LeasedNotice& one : leased) {
          ASSIGN_OR_RETURN(v1::Contact contact, AddressOf(txn, keys_, one));
          batch.push_back({std::move(one), std::move(contact), absl::OkStatus()});
        }
        return absl::OkStatus();
      }));
  if (batch.empty()) return false;
  std::vector<std::thread> threads;
  threads.reserve(batch.size());
  for (Delivered& one : batch) {
    threads.emplace_back([&, this] {
      one.outcome = sender_.Send(one.leased.notice, one.contact, tenant, real_.Now());
    });
  }
  for (std::thread& thread : threads) thread.join();

  const absl::Time now = clinical_.Now();
  int arrived = 0;
  int given_up = 0;
  RETURN_IF_ERROR(database_.Transact(
      real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        arrived = 0;
        given_up = 0;
        for (const Delivered& one : batch) {
          const v1::Notice& notice = one.leased.notice;
          if (one.outcome.ok()) {
            ++arrived;
            RETURN_IF_ERROR(MarkDelivered(txn, one.leased.key, now));
          } else if (now >=
                     GiveUpAt(casework::FromTimestamp(notice.fired_time()), one.leased.closes)) {
            ++given_up;
            RETURN_IF_ERROR(GiveUp(txn, one.leased.key, options::v1::ROLE_OH_LEAD, now));
          } else {
            const absl::Duration pause =
                PauseAfter(notice.attempts(), absl::Uniform(random_, 0.0, 1.0));
            RETURN_IF_ERROR(RetryAt(txn, one.leased.key, real_.Now() + pause));
          }
        }
        return absl::OkStatus();
      }));
  for (const Delivered& one : batch) {
    if (one.outcome.ok()) continue;
    log::Warning("notice not delivered", {{"notice", one.leased.notice.notice_id()},
                                          {"attempt", one.leased.notice.attempts()},
                                          {"reason", status::Reason(one.outcome)},
                                          {"why", std::string(one.outcome.message())}});
  }
  delivered_total_.Increment(arrived);
  failed_total_.Increment(static_cast<double>(batch.size()) - arrived);
  given_up_total_.Increment(given_up);
  return static_cast<int>(batch.size()) == kSideBySide;
}

}  // namespace waymark::scheduling
