#include "services/casework/duties.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/crypto/crypto.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/outbox/housekeeping.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "services/casework/store/case_store.h"

namespace waymark::casework {
namespace {

// Most cases scheduling compares in one call, and most numbers audit takes as one range.
constexpr int kCasesACall = 2000;
constexpr int kNumbersARange = 10'000;
constexpr int kRangesACall = 100;
constexpr int kKeysATurn = 500;
constexpr int kCasesErasedATurn = 100;
constexpr absl::Duration kTurn = absl::Seconds(20);
constexpr char kNil[] = "00000000-0000-0000-0000-000000000000";

const metrics::Counter& RestoredCounter() {
  static const metrics::Counter counter = metrics::Default().GetCounter(
      "waymark_casework_restored_total",
      "Times another service knew more than this database: it was restored from a backup.");
  return counter;
}

const metrics::Counter& DifferencesCounter() {
  static const metrics::Counter counter = metrics::Default().GetCounter(
      "waymark_reconcile_differences_total",
      "Plans and ranges of the audit trail that another service lacked and was sent again.");
  return counter;
}

absl::Status ReconcilePlans(UntypedCases& cases, Relays& relays, absl::string_view tenant,
                            absl::Time deadline, Reconciled& found) {
  std::string after = kNil;
  while (true) {
    scheduling::v1::ReconcileRequest request;
    request.set_tenant(std::string(tenant));
    request.set_source(relays.source());
    RETURN_IF_ERROR(cases.options().database->Transact(
        deadline, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
          request.clear_cases();
          ASSIGN_OR_RETURN(const auto versions, cases.store().Versions(txn, after, kCasesACall));
          for (const CaseStore::IdVersion& version : versions) {
            scheduling::v1::CaseVersion& compared = *request.add_cases();
            compared.set_case_id(version.case_id);
            compared.set_case_version(version.version);
          }
          ASSIGN_OR_RETURN(const int64_t last, LastNumber(txn, "scheduling"));
          request.set_highest_number(last);
          return absl::OkStatus();
        }));
    if (request.cases().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const scheduling::v1::ReconcileResponse response,
                     relays.scheduling().Reconcile(request, deadline));
    for (const scheduling::v1::CaseVersion& behind : response.behind()) {
      ASSIGN_OR_RETURN(const std::string plan, cases.PlanAgain(tenant, behind.case_id(), deadline));
      if (plan.empty()) continue;
      RETURN_IF_ERROR(relays.scheduling().PutAgain(tenant, plan, deadline));
      ++found.plans_sent_again;
    }
    found.ahead += response.ahead_size();
    found.cases += request.cases_size();
    if (request.cases_size() < kCasesACall) return absl::OkStatus();
    after = request.cases().rbegin()->case_id();
  }
}

absl::Status ReconcileTrail(UntypedCases& cases, Relays& relays, absl::string_view tenant,
                            absl::Time deadline, Reconciled& found) {
  int64_t after = 0;
  bool more = true;
  while (more) {
    audit::v1::ReconcileRequest request;
    request.set_tenant(std::string(tenant));
    request.set_source(relays.source());
    int64_t last_number = 0;
    int64_t reached = after;
    RETURN_IF_ERROR(cases.options().database->Transact(
        deadline, tenant, {.read_only = true}, [&](db::Transaction& txn) -> absl::Status {
          request.clear_ranges();
          reached = after;
          more = true;
          ASSIGN_OR_RETURN(last_number, LastNumber(txn, "audit"));
          while (more && request.ranges_size() < kRangesACall) {
            ASSIGN_OR_RETURN(const std::vector<SentEvent> sent,
                             SentEvents(txn, "audit", reached, kNumbersARange));
            more = static_cast<int>(sent.size()) == kNumbersARange;
            if (sent.empty()) break;
            crypto::Sha256Stream digest;
            for (const SentEvent& event : sent) {
              digest.Update(event.event_id);
              digest.Update("\n");
            }
            audit::v1::SentRange& range = *request.add_ranges();
            range.mutable_numbers()->set_first(sent.front().number);
            range.mutable_numbers()->set_last(sent.back().number);
            const crypto::Digest bytes = digest.Finish();
            range.set_event_ids_sha256(
                std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
            reached = sent.back().number;
          }
          return absl::OkStatus();
        }));
    after = reached;
    if (request.ranges().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const audit::v1::ReconcileResponse response,
                     relays.audit().Reconcile(request, deadline));
    int64_t first = 0;
    for (const audit::v1::NumberRange& range : response.send_again()) {
      first = first == 0 ? range.first() : std::min(first, range.first());
      ++found.ranges_sent_again;
    }
    if (first > 0) relays.audit_relay().ResendFrom(tenant, first);
    if (response.highest_number() > last_number) ++found.ahead;
  }
  return absl::OkStatus();
}

// A duty that goes through every tenant; one tenant's failure does not keep the others waiting.
server::Duty ForEachTenant(std::string name, absl::Duration interval, UntypedCases& cases,
                           std::function<absl::Status(absl::string_view tenant)> once) {
  return {.name = std::move(name),
          .interval = interval,
          .run_once = [&cases, once = std::move(once)]() -> absl::Status {
            ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                             cases.options().tenants->All(absl::Now() + kTurn));
            absl::Status first;
            for (const std::string& tenant : tenants) first.Update(once(tenant));
            return first;
          }};
}

// Refused for the moment at which it came: the case is on its way to that force, or the release
// that answered does not know the case's protocol yet. Both pass by themselves.
bool Passes(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  return reason == "CASE_ARRIVING" || reason == "PROTOCOL_NOT_FOUND";
}

absl::Status TellAll(const crypto::KeyProvider& keys, const std::string& destination,
                     const Teller& tell, absl::string_view tenant,
                     const std::vector<outbox::Numbered>& batch, absl::Time deadline) {
  static const metrics::Counter refused =
      metrics::Default().GetCounter("waymark_casework_messages_refused_total",
                                    "Messages that another pathway refused for their content.");
  absl::Status waits;
  for (const outbox::Numbered& message : batch) {
    ASSIGN_OR_RETURN(const std::string payload,
                     outbox::Opened(keys, tenant, destination, message.event_id, message.payload));
    absl::Status told = tell(payload, deadline);
    if (told.ok() || absl::IsAlreadyExists(told)) continue;
    // What waits for something else does not hold up what comes after it.
    if (outbox::IsNotYet(told) || Passes(told)) {
      waits.Update(outbox::NotYet(told.message()));
      continue;
    }
    if (!IsRefusal(told)) return told;
    refused.Increment();
    log::Error("another pathway refused a message; what it asks for has not been done there",
               {{"destination", destination},
                {"reason", status::Reason(told)},
                {"event_id", message.event_id}});
  }
  return waits;
}

}  // namespace

bool IsRefusal(const absl::Status& status) {
  if (Passes(status)) return false;
  return status.code() == absl::StatusCode::kInvalidArgument ||
         status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kDataLoss;
}

Relays::Relays(const Options& options)
    : source_(options.source),
      scheduling_(options.source, *options.keys, options.scheduling),
      audit_(options.source, *options.keys, options.audit),
      scheduling_relay_(
          *options.database, *options.tenants, {.destination = "scheduling"},
          [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                 absl::Time deadline) { return scheduling_.Deliver(tenant, batch, deadline); }),
      audit_relay_(
          *options.database, *options.tenants, {.destination = "audit"},
          [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                 absl::Time deadline) { return audit_.Deliver(tenant, batch, deadline); }) {
  scheduling_.set_resend([this](absl::string_view tenant, int64_t number) {
    scheduling_relay_.ResendFrom(tenant, number);
  });
  audit_.set_resend([this](absl::string_view tenant, int64_t number) {
    audit_relay_.ResendFrom(tenant, number);
  });
  for (const auto& [destination, tell] : options.others) {
    other_relays_.push_back(std::make_unique<outbox::Relay>(
        *options.database, *options.tenants, outbox::RelayOptions{.destination = destination},
        [keys = options.keys, destination = destination, tell = tell](
            absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
            absl::Time deadline) {
          return TellAll(*keys, destination, tell, tenant, batch, deadline);
        }));
  }
}

void Relays::Start() {
  scheduling_relay_.Start();
  audit_relay_.Start();
  for (const auto& relay : other_relays_) relay->Start();
}

void Relays::Stop() {
  scheduling_relay_.Stop();
  audit_relay_.Stop();
  for (const auto& relay : other_relays_) relay->Stop();
}

void Relays::Wake(absl::string_view tenant) {
  scheduling_relay_.Wake(tenant);
  audit_relay_.Wake(tenant);
  for (const auto& relay : other_relays_) relay->Wake(tenant);
}

absl::StatusOr<Reconciled> Reconcile(UntypedCases& cases, Relays& relays, absl::string_view tenant,
                                     absl::Time deadline) {
  Reconciled found;
  absl::Status status = ReconcilePlans(cases, relays, tenant, deadline, found);
  status.Update(ReconcileTrail(cases, relays, tenant, deadline, found));
  DifferencesCounter().Increment(found.plans_sent_again + found.ranges_sent_again);
  if (found.ahead > 0) {
    RestoredCounter().Increment();
    log::Error("another service knows more than this database, which was restored from a backup",
               {{"ahead", found.ahead}});
  }
  if (found.plans_sent_again + found.ranges_sent_again > 0) {
    log::Warning("reconciliation sent again what was missing",
                 {{"plans", found.plans_sent_again}, {"audit_ranges", found.ranges_sent_again}});
  }
  RETURN_IF_ERROR(status);
  return found;
}

std::vector<server::Duty> CaseDuties(UntypedCases& cases, Relays& relays, DutyOptions options) {
  std::vector<server::Duty> duties;
  duties.push_back(ForEachTenant(
      "reconcile", absl::Hours(1), cases, [&cases, &relays](absl::string_view tenant) {
        return Reconcile(cases, relays, tenant, absl::Now() + absl::Minutes(5)).status();
      }));
  duties.push_back(
      ForEachTenant("rewrap-keys", absl::Hours(1), cases, [&cases](absl::string_view tenant) {
        int wrapped = kKeysATurn;
        while (wrapped == kKeysATurn) {
          RETURN_IF_ERROR(cases.options().database->Transact(
              absl::Now() + kTurn, tenant, [&](db::Transaction& txn) -> absl::Status {
                ASSIGN_OR_RETURN(wrapped, cases.store().Rewrap(txn, kKeysATurn));
                return absl::OkStatus();
              }));
        }
        return absl::OkStatus();
      }));
  duties.push_back(ForEachTenant(
      "retention", absl::Hours(24), cases,
      [&cases, options](absl::string_view tenant) -> absl::Status {
        const absl::Time before = options.clinical_clock->Now() - options.keep_closed;
        int erased = kCasesErasedATurn;
        while (erased == kCasesErasedATurn) {
          ASSIGN_OR_RETURN(erased, cases.EraseClosedBefore(tenant, before, kCasesErasedATurn,
                                                           absl::Now() + kTurn));
        }
        return absl::OkStatus();
      }));
  duties.push_back({.name = "housekeeping", .interval = absl::Hours(1), .run_once = [&cases] {
                      return outbox::KeepHouse(*cases.options().database, *cases.options().tenants,
                                               cases.options().real_clock->Now());
                    }});
  return duties;
}

}  // namespace waymark::casework
