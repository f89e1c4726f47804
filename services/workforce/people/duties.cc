#include "services/workforce/people/duties.h"

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "common/civil/civil.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/workforce/people/reindex.h"
#include "services/workforce/people/retention.h"
#include "services/workforce/store/break_glass.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {
namespace {

constexpr int kBatch = 1000;
constexpr int kEraseBatch = 100;
constexpr absl::Duration kBatchTime = absl::Minutes(1);

absl::Status ForEachForce(Desk& desk, absl::FunctionRef<absl::Status(const std::string&)> work) {
  ASSIGN_OR_RETURN(const std::vector<std::string> forces,
                   desk.options().tenants->All(absl::Now() + absl::Seconds(10)));
  // One force's trouble is not another's.
  absl::Status first;
  for (const std::string& force : forces) first.Update(work(force));
  return first;
}

}  // namespace

absl::Status TendKeys(Desk& desk) {
  return ForEachForce(desk, [&](const std::string& force) -> absl::Status {
    Vault& vault = *desk.options().vault;
    RETURN_IF_ERROR(vault.Rewrap(absl::Now() + kBatchTime, force));
    // As many batches as make a minute or so: a stop waits for the round.
    for (int i = 0; i < 50; ++i) {
      ASSIGN_OR_RETURN(const auto keys, vault.KeysOf(absl::Now() + kBatchTime, force));
      ASSIGN_OR_RETURN(const int64_t resealed,
                       vault.ResealBatch(absl::Now() + kBatchTime, *keys, kBatch));
      ASSIGN_OR_RETURN(const int64_t reindexed,
                       ReindexBatch(*desk.options().database, absl::Now() + kBatchTime, *keys,
                                    desk.options().real_clock->Now(), kBatch));
      if (resealed == 0 && reindexed == 0) break;
    }
    return absl::OkStatus();
  });
}

absl::Status RefreshAllStates(Desk& desk) {
  const absl::Time now = desk.options().clinical_clock->Now();
  const absl::CivilDay today = civil::DateOf(now, civil::London());
  return ForEachForce(desk, [&](const std::string& force) {
    return desk.options().database->Transact(
        absl::Now() + kBatchTime, force,
        [&](db::Transaction& txn) { return RefreshStates(txn, today, now).status(); });
  });
}

absl::Status CountOverdueReviews(Desk& desk) {
  static metrics::Gauge overdue =
      metrics::Default().GetGauge("waymark_workforce_overdue_reviews",
                                  "Uses of emergency access that nobody reviewed in time.");
  int64_t count = 0;
  const absl::Time now = desk.options().clinical_clock->Now();
  RETURN_IF_ERROR(ForEachForce(desk, [&](const std::string& force) {
    int64_t here = 0;
    absl::Status status = desk.options().database->Transact(
        absl::Now() + kBatchTime, force, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(here, CountOverdueGlasses(txn, now));
          return absl::OkStatus();
        });
    count += here;
    return status;
  }));
  overdue.Set(static_cast<double>(count));
  return absl::OkStatus();
}

absl::Status EraseDue(Desk& desk, const v1::ListRetentionResponse& schedule) {
  const absl::Time now = desk.options().clinical_clock->Now();
  const absl::CivilDay today = civil::DateOf(now, civil::London());
  return ForEachForce(desk, [&](const std::string& force) -> absl::Status {
    for (const v1::RetentionRule& rule : schedule.rules()) {
      for (size_t erased = kEraseBatch; erased == kEraseBatch;) {
        RETURN_IF_ERROR(desk.options().database->Transact(
            absl::Now() + kBatchTime, force, [&](db::Transaction& txn) -> absl::Status {
              ASSIGN_OR_RETURN(const std::vector<std::string> due,
                               DueForErasure(txn, rule, today, kEraseBatch));
              erased = due.size();
              RETURN_IF_ERROR(ErasePeople(txn, due));
              if (due.empty()) return absl::OkStatus();
              rpc::Call call;
              call.method = "waymark.workforce.duties.Retention";
              call.caller.tenant = force;
              call.caller.service = "workforce";
              std::vector<casework::Act> acts;
              for (const std::string& id : due) {
                acts.push_back({.action = audit::v1::ACTION_ERASE,
                                .object_type = "person",
                                .object_id = id,
                                .subject_id = id,
                                .reason = rule.key()});
              }
              return desk.Audit(txn, call, acts);
            }));
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace waymark::workforce
