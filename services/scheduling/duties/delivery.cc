#include "services/scheduling/duties/delivery.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/domain/delivery.h"
#include "services/scheduling/store/firing.h"
#include "services/scheduling/store/plans.h"

namespace waymark::scheduling {
namespace {

using What = Destination::What;

constexpr int kSideBySide = 8;
constexpr int kMostInDigest = 500;
// Longer than a delivery can take, so that no second process sends what a first is sending.
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr absl::Duration kTransactionLimit = absl::Seconds(10);
// A page waits no longer than this for workforce, and the next ones not at all for a while.
constexpr absl::Duration kAskFor = absl::Seconds(2);
constexpr absl::Duration kAskAgainAfter = absl::Seconds(10);

bool IsForOfficer(const LeasedNotice& leased) { return leased.key.recipient == kOfficer; }

}  // namespace

Delivery::Delivery(db::Database& database, const crypto::KeyProvider& keys, const Sender& sender,
                   const clock::Clock& clinical, const clock::Clock& real,
                   metrics::Registry& registry, DeliveryOptions options)
    : database_(database),
      keys_(keys),
      sender_(sender),
      clinical_(clinical),
      real_(real),
      options_(std::move(options)),
      delivered_total_(registry.GetCounter("waymark_scheduling_notices_delivered_total",
                                           "Notices that mail servers and webhooks have taken.")),
      failed_total_(registry.GetCounter("waymark_scheduling_notice_failures_total",
                                        "Attempts to deliver a notice that failed.")),
      given_up_total_(
          registry.GetCounter("waymark_scheduling_notices_given_up_total",
                              "Notices that never arrived and became a person's task.")),
      merged_total_(
          registry.GetCounter("waymark_scheduling_pages_merged_total",
                              "Pages beyond a role's share of an hour, sent in a digest.")),
      unresolved_total_(registry.GetCounter(
          "waymark_scheduling_routes_unresolved_total",
          "Questions for contact routes that workforce did not answer in time.")) {}

absl::Status Delivery::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<DueTenant> tenants,
                   ReadDueTenants(database_, real_.Now() + kTransactionLimit));
  absl::Status first_error;
  for (const DueTenant& one : tenants) {
    absl::StatusOr<bool> more = true;
    while (more.ok() && *more) more = DeliverSome(one.tenant);
    first_error.Update(more.status());
    more = true;
    while (more.ok() && *more) more = DeliverDigest(one.tenant);
    first_error.Update(more.status());
  }
  return first_error;
}

absl::Status Delivery::KeepBudget(db::Transaction& txn, std::vector<LeasedNotice>& leased) {
  if (options_.pages_an_hour == 0) return absl::OkStatus();
  const absl::Time now = clinical_.Now();
  const absl::Time real_now = real_.Now();
  // In order of role, so that two processes count in the same order.
  std::map<int, std::vector<const LeasedNotice*>> pages;
  for (const LeasedNotice& one : leased) {
    // A page is counted when it is first tried, and a reminder to an officer pages nobody.
    if (one.notice.attempts() > 1 || IsForOfficer(one) ||
        IsHardStop(one.notice.kind(), one.closes, now)) {
      continue;
    }
    pages[one.notice.audience()].push_back(&one);
  }
  std::vector<const LeasedNotice*> merged;
  for (const auto& [audience, wanted] : pages) {
    const int count = static_cast<int>(wanted.size());
    ASSIGN_OR_RETURN(const int64_t sum,
                     CountPages(txn, static_cast<options::v1::Role>(audience), real_now, count));
    const auto allowed = std::clamp<int64_t>(options_.pages_an_hour - (sum - count), 0, count);
    merged.insert(merged.end(), wanted.begin() + allowed, wanted.end());
  }
  for (const LeasedNotice* one : merged) {
    RETURN_IF_ERROR(PutIntoDigest(txn, one->key, NextDigest(real_now)));
  }
  std::vector<LeasedNotice> kept;
  for (LeasedNotice& one : leased) {
    if (std::find(merged.begin(), merged.end(), &one) == merged.end()) {
      kept.push_back(std::move(one));
    }
  }
  merged_total_.Increment(static_cast<double>(merged.size()));
  leased = std::move(kept);
  return absl::OkStatus();
}

absl::Status Delivery::Take(db::Transaction& txn, bool digest, Round& round) {
  round = Round();
  const absl::Time real_now = real_.Now();
  std::vector<LeasedNotice> leased;
  if (digest) {
    ASSIGN_OR_RETURN(leased, LeaseDigest(txn, real_now, real_now + kLease, kMostInDigest));
  } else {
    ASSIGN_OR_RETURN(leased, LeaseNotices(txn, real_now, real_now + kLease, kSideBySide));
  }
  round.taken = static_cast<int>(leased.size());
  if (leased.empty()) return absl::OkStatus();
  if (!digest) RETURN_IF_ERROR(KeepBudget(txn, leased));
  ASSIGN_OR_RETURN(std::optional<DutyAddress> duty, ReadDutyAddress(txn, keys_));
  if (!duty) return status::Internal("NO_ADDRESS", "A notice has nowhere to go.");
  round.duty = *std::move(duty);
  std::vector<std::string> officers_cases;
  std::set<std::string> entries;
  for (const LeasedNotice& one : leased) {
    if (IsForOfficer(one)) {
      officers_cases.push_back(one.case_ref);
    } else if (!one.rota_entry_id.empty()) {
      entries.insert(one.rota_entry_id);
    }
  }
  ASSIGN_OR_RETURN(auto subjects, SubjectsOf(txn, keys_, officers_cases));
  ASSIGN_OR_RETURN(const auto contacts, ReadContacts(txn, keys_, {entries.begin(), entries.end()}));
  for (LeasedNotice& one : leased) {
    Errand errand;
    errand.rota = round.duty.contact;
    if (IsForOfficer(one)) {
      errand.subject_id = subjects[one.case_ref];
    } else if (const auto found = contacts.find(one.rota_entry_id); found != contacts.end()) {
      // Of one who has gone from the rota since the duty address hears.
      errand.rota = found->second;
    }
    errand.leased = std::move(one);
    round.errands.push_back(std::move(errand));
  }
  return absl::OkStatus();
}

void Delivery::Resolve(const std::string& tenant, Round& round) {
  workforce::v1::ResolveRoutesRequest request;
  request.set_tenant(tenant);
  for (const Errand& errand : round.errands) {
    const std::string& recipient = errand.leased.key.recipient;
    if (!errand.subject_id.empty()) {
      request.add_subject_ids(errand.subject_id);
    } else if (!recipient.empty() && recipient != kOfficer &&
               std::find(request.user_ids().begin(), request.user_ids().end(), recipient) ==
                   request.user_ids().end()) {
      request.add_user_ids(recipient);
    }
  }
  std::map<std::string, const workforce::v1::Reachable*> known;
  workforce::v1::ResolveRoutesResponse response;
  const bool anybody = request.user_ids_size() + request.subject_ids_size() > 0;
  if (anybody && options_.find_routes && real_.Now() >= ask_again_) {
    absl::StatusOr<workforce::v1::ResolveRoutesResponse> answer =
        options_.find_routes(request, absl::Now() + kAskFor);
    if (answer.ok()) {
      response = *std::move(answer);
    } else {
      ask_again_ = real_.Now() + kAskAgainAfter;
      unresolved_total_.Increment();
      log::Warning("contact routes not resolved", {{"reason", status::Reason(answer.status())}});
    }
  }
  // A user id is no UUID of a subject, and where one is, it is that person's.
  for (const workforce::v1::Reachable& one : response.people()) {
    known[one.user_id().empty() ? one.subject_id() : one.user_id()] = &one;
  }
  // Asked about and not known: an answer as well.
  static const workforce::v1::Reachable kNobody;
  for (Errand& errand : round.errands) {
    const bool officer = IsForOfficer(errand.leased);
    const auto found = known.find(officer ? errand.subject_id : errand.leased.key.recipient);
    const workforce::v1::Reachable* person = found != known.end()        ? found->second
                                             : response.people().empty() ? nullptr
                                                                         : &kNobody;
    if (!officer) {
      errand.to = ForStaff(errand.rota, round.duty.contact, person);
    } else if (errand.subject_id.empty()) {
      errand.to = {.what = What::kWithdraw};
    } else {
      errand.to = ForOfficer(person, errand.leased.notice.attempts());
    }
  }
}

absl::StatusOr<bool> Delivery::DeliverSome(const std::string& tenant) {
  Round round;
  RETURN_IF_ERROR(
      database_.Transact(real_.Now() + kTransactionLimit, tenant,
                         [&](db::Transaction& txn) { return Take(txn, /*digest=*/false, round); }));
  if (!round.errands.empty()) {
    Resolve(tenant, round);
    std::vector<std::thread> threads;
    for (Errand& one : round.errands) {
      if (one.to.what != What::kSend) continue;
      threads.emplace_back([&, this] {
        const v1::Notice& notice = one.leased.notice;
        one.outcome =
            IsForOfficer(one.leased)
                ? sender_.SendReminder(notice, one.to.contact, one.to.language,
                                       round.duty.telephone, real_.Now())
                : sender_.Send(notice, one.to.contact, one.to.language, tenant, real_.Now());
      });
    }
    for (std::thread& thread : threads) thread.join();
    RETURN_IF_ERROR(Settle(tenant, round));
  }
  return round.taken == kSideBySide;
}

absl::StatusOr<bool> Delivery::DeliverDigest(const std::string& tenant) {
  Round round;
  RETURN_IF_ERROR(
      database_.Transact(real_.Now() + kTransactionLimit, tenant,
                         [&](db::Transaction& txn) { return Take(txn, /*digest=*/true, round); }));
  if (round.errands.empty()) return false;
  Resolve(tenant, round);
  // All are of one recipient, so one address serves them.
  const Destination& to = round.errands.front().to;
  std::vector<v1::Notice> notices;
  for (const Errand& one : round.errands) notices.push_back(one.leased.notice);
  const absl::Status outcome =
      sender_.SendDigest(notices, to.contact, to.language, tenant, real_.Now());
  for (Errand& one : round.errands) one.outcome = outcome;
  RETURN_IF_ERROR(Settle(tenant, round));
  return true;
}

absl::Status Delivery::Settle(const std::string& tenant, const Round& round) {
  const absl::Time now = clinical_.Now();
  int arrived = 0;
  int failed = 0;
  int given_up = 0;
  // One pause for all of a digest, so that they stay together.
  const double jitter = absl::Uniform(random_, 0.0, 1.0);
  RETURN_IF_ERROR(database_.Transact(
      real_.Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        given_up = 0;
        std::vector<NoticeKey> arrived_keys;
        std::vector<Retry> retries;
        for (const Errand& one : round.errands) {
          const v1::Notice& notice = one.leased.notice;
          const NoticeKey& key = one.leased.key;
          if (one.to.what == What::kWithdraw) {
            RETURN_IF_ERROR(Withdraw(txn, key));
          } else if (one.to.what == What::kSend && one.outcome.ok()) {
            arrived_keys.push_back(key);
          } else if (one.to.what == What::kAskAPerson ||
                     now >= GiveUpAt(casework::FromTimestamp(notice.fired_time()),
                                     one.leased.closes)) {
            // A nurse rings an officer in their own time; a page that was lost wakes somebody.
            if (!IsForOfficer(one.leased)) ++given_up;
            RETURN_IF_ERROR(GiveUp(txn, key, now));
          } else {
            retries.push_back({key, real_.Now() + PauseAfter(notice.attempts(), jitter)});
          }
        }
        arrived = static_cast<int>(arrived_keys.size());
        failed = static_cast<int>(retries.size());
        RETURN_IF_ERROR(MarkDelivered(txn, arrived_keys, now));
        return RetryAt(txn, retries);
      }));
  for (const Errand& one : round.errands) {
    if (one.outcome.ok()) continue;
    log::Warning("notice not delivered", {{"notice", one.leased.notice.notice_id()},
                                          {"attempt", one.leased.notice.attempts()},
                                          {"reason", status::Reason(one.outcome)},
                                          {"why", std::string(one.outcome.message())}});
  }
  delivered_total_.Increment(arrived);
  failed_total_.Increment(failed);
  given_up_total_.Increment(given_up);
  return absl::OkStatus();
}

}  // namespace waymark::scheduling
