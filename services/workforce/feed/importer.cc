#include "services/workforce/feed/importer.h"

#include <limits>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/workforce/feed/batch.h"
#include "services/workforce/feed/mapping.h"
#include "services/workforce/feed/person_row.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {
namespace {

// Kept of a file in which everything is wrong: enough to see why.
constexpr int64_t kMostRefusedKept = 1000;
// The whole of policing in England and Wales, four times.
constexpr int64_t kMostRows = 1'000'000;

metrics::Counter Runs(const char* end) {
  return metrics::Default().GetCounter("waymark_workforce_feed_runs_total",
                                       "HR feeds by how they ended.", {{"end", end}});
}

bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsAborted(status) || absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

}  // namespace

absl::Status Importer::RunOnce() {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants, desk_.options().tenants->All(deadline));
  absl::Status last;
  for (const std::string& tenant : tenants) {
    ASSIGN_OR_RETURN(const auto keys, desk_.options().vault->KeysOf(deadline, tenant));
    std::vector<std::string> runs;
    RETURN_IF_ERROR(desk_.options().database->Transact(deadline, tenant,
                                                       [&](db::Transaction& txn) -> absl::Status {
                                                         ASSIGN_OR_RETURN(runs, RunsAtWork(txn));
                                                         return absl::OkStatus();
                                                       }));
    for (const std::string& run_id : runs) {
      if (absl::Status status = GoOn(tenant, run_id); !status.ok()) last = std::move(status);
    }
  }
  return last;
}

absl::Status Importer::GoOn(absl::string_view tenant, const std::string& run_id) {
  db::Database& database = *desk_.options().database;
  const absl::Time now = desk_.options().real_clock->Now();
  const auto deadline = [this] { return absl::Now() + options_.longest; };
  ASSIGN_OR_RETURN(const auto keys, desk_.options().vault->KeysOf(deadline(), tenant));

  v1::FeedRunState state = v1::FEED_RUN_STATE_UNSPECIFIED;
  RETURN_IF_ERROR(database.Transact(deadline(), tenant, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const RunRow run, RunOf(txn, *keys, run_id, true));
    state = run.run.state();
    if (state != v1::FEED_RUN_STATE_RECEIVED) return absl::OkStatus();
    state = v1::FEED_RUN_STATE_PREVIEWING;
    return SetState(txn, run_id, state);
  }));
  const bool applying = state == v1::FEED_RUN_STATE_APPLYING;
  if (!applying && state != v1::FEED_RUN_STATE_PREVIEWING) return absl::OkStatus();

  absl::Status done = database.Transact(deadline(), tenant, [&](db::Transaction& txn) {
    return applying ? Apply(txn, *keys, run_id) : Preview(txn, *keys, run_id);
  });
  if (done.ok() || IsPassing(done)) return done;
  // Nothing was applied, and another try would find the same.
  const std::string reason = status::Reason(done);
  log::Warning("A feed was refused", {{"run", run_id}, {"reason", reason}});
  Runs("refused").Increment();
  return database.Transact(deadline(), tenant, [&](db::Transaction& txn) -> absl::Status {
    return EndRun(txn, run_id, v1::FEED_RUN_STATE_REFUSED, reason.empty() ? "INTERNAL" : reason,
                  now);
  });
}

absl::Status Importer::Preview(db::Transaction& txn, const TenantKeys& keys,
                               const std::string& run_id) {
  const absl::Time now = desk_.options().real_clock->Now();
  RETURN_IF_ERROR(BeginBulk(txn));
  ASSIGN_OR_RETURN(const RunRow run, RunOf(txn, keys, run_id, true));
  if (run.run.state() != v1::FEED_RUN_STATE_PREVIEWING) return absl::OkStatus();
  ASSIGN_OR_RETURN(const SourceRow source,
                   SourceOf(txn, run.header.manifest().source(), now, false));
  if (run.run.kind() == v1::FEED_KIND_SNAPSHOT && source.last_snapshot &&
      run.extract < *source.last_snapshot) {
    return status::FailedPrecondition("EXTRACT_OUTDATED",
                                      "A later snapshot of this source is applied already.");
  }

  Comparison with{.run_id = run_id,
                  .source = run.header.manifest().source(),
                  .kind = run.run.kind(),
                  .extract_day = civil::DateOf(run.extract, civil::London()),
                  .extract_version = absl::ToUnixMicros(run.extract),
                  .today = civil::DateOf(desk_.options().clinical_clock->Now(), civil::London()),
                  .key_column = "external_id",
                  .manager_column = "manager_external_id"};
  for (const v1::ColumnMapping& column : run.header.mapping()) {
    if (column.field() == "external_id") with.key_column = column.column();
    if (column.field() == "manager_external_id") with.manager_column = column.column();
  }
  Step("stage");
  int64_t refused = 0;
  if (run.staged) {
    RETURN_IF_ERROR(ForgetEffects(txn, run_id));
  } else {
    RETURN_IF_ERROR(Stage(txn, keys, run, with, refused));
    RETURN_IF_ERROR(SetStaged(txn, run_id));
  }
  Step("compare");
  ASSIGN_OR_RETURN(v1::FeedCounts counts, CompareRows(txn, with));
  if (refused > counts.refused()) {
    counts.set_rows(counts.rows() + refused - counts.refused());
    counts.set_refused(refused);
  }
  const bool brake = counts.leavers() * 10000 >
                     counts.staff_before() * int64_t{source.source.brake_basis_points()};
  Step("preview");
  RETURN_IF_ERROR(SetPreviewed(txn, run_id,
                               brake ? v1::FEED_RUN_STATE_BRAKED : v1::FEED_RUN_STATE_PREVIEWED,
                               counts, source.applied_runs, now));
  if (counts.refused() > 0) {
    txn.OnCommit([] { Runs("refused").Increment(); });
    return EndRun(txn, run_id, v1::FEED_RUN_STATE_REFUSED, "ROWS_REFUSED", now);
  }
  if (brake) txn.OnCommit([] { Runs("braked").Increment(); });
  return absl::OkStatus();
}

absl::Status Importer::Stage(db::Transaction& txn, const TenantKeys& keys, const RunRow& run,
                             Comparison& with, int64_t& refused) {
  const std::string& run_id = run.run.run_id();
  std::vector<StagedRow> batch;
  absl::Status failed;
  int64_t rows = 0;
  const auto flush = [&] {
    if (failed.ok()) failed = InsertRows(txn, keys, run_id, batch);
    batch.clear();
  };
  const auto take = [&](StagedRow row) {
    if (!failed.ok()) return;
    if (++rows > kMostRows) {
      failed = status::InvalidArgument("FEED_TOO_BIG", "A feed holds at most 1,000,000 rows.");
      return;
    }
    if (!row.reason.empty() && ++refused > kMostRefusedKept) return;
    if (row.reason.empty()) {
      row.effective = EffectiveDay(row.person, run.extract);
      row.version = VersionOf(row.person, run.extract);
      row.ends = EndsOn(row.person, row.effective);
    }
    batch.push_back(std::move(row));
    if (static_cast<int>(batch.size()) >= options_.rows_at_once) flush();
  };

  ASSIGN_OR_RETURN(FileReader reader, FileReader::Create(run.header.mapping(), txn.tenant(),
                                                         with.today, [&take](ReadRow row) {
                                                           take({.line = row.line,
                                                                 .person = std::move(row.person),
                                                                 .column = std::move(row.column),
                                                                 .reason = std::move(row.reason)});
                                                         }));
  crypto::Sha256Stream digest;
  bool csv = false;
  int64_t typed = 0;
  for (int64_t number = 1; number <= run.run.received_chunks() && failed.ok(); ++number) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadChunk(txn, keys, run_id, number));
    v1::SyncPeopleRequest chunk;
    if (!chunk.ParseFromString(bytes)) {
      return status::DataLoss("FEED_UNREADABLE", "A stored chunk cannot be read.");
    }
    if (chunk.has_csv()) {
      csv = true;
      digest.Update(chunk.csv());
      reader.Push(chunk.csv());
    }
    for (v1::FeedPerson& person : *chunk.mutable_rows()->mutable_people()) {
      StagedRow row{.line = ++typed, .person = std::move(person)};
      if (const auto fault = CheckFeedPerson(row.person, txn.tenant(), with.today)) {
        row.column = std::string(fault->field);
        row.reason = std::string(fault->reason);
      }
      take(std::move(row));
    }
  }
  if (csv) reader.Finish();
  flush();
  RETURN_IF_ERROR(failed);
  if (csv && typed > 0) {
    return status::InvalidArgument("CHUNK_KINDS_MIXED", "A feed is a CSV file or typed rows.");
  }
  const v1::FeedManifest& manifest = run.header.manifest();
  const crypto::Digest found = digest.Finish();
  if (csv && crypto::Hex(crypto::Bytes(found)) != manifest.sha256()) {
    return status::InvalidArgument("MANIFEST_DIGEST",
                                   "The file is not the one that its manifest was written for.");
  }
  const int64_t counted = csv ? reader.rows() : typed;
  // A header at fault is told as such: rows were not looked at.
  const bool header_at_fault = csv && refused == 1 && counted == 0;
  if (!header_at_fault && counted != manifest.row_count()) {
    return status::InvalidArgument("MANIFEST_ROWS",
                                   "The file has more or fewer rows than its manifest says.");
  }
  if (csv) {
    with.key_column = reader.ColumnOf("external_id");
    with.manager_column = reader.ColumnOf("manager_external_id");
  }
  return absl::OkStatus();
}

absl::Status Importer::Apply(db::Transaction& txn, const TenantKeys& keys,
                             const std::string& run_id) {
  const absl::Time now = desk_.options().real_clock->Now();
  const absl::CivilDay today =
      civil::DateOf(desk_.options().clinical_clock->Now(), civil::London());
  RETURN_IF_ERROR(BeginBulk(txn));
  ASSIGN_OR_RETURN(const RunRow run, RunOf(txn, keys, run_id, true));
  if (run.run.state() != v1::FEED_RUN_STATE_APPLYING) return absl::OkStatus();
  const std::string& source_name = run.header.manifest().source();
  ASSIGN_OR_RETURN(const SourceRow source, SourceOf(txn, source_name, now, true));
  // Another run was applied since: what this one means must be looked at again, by a person too.
  if (source.applied_runs != run.previewed_after) {
    return SetState(txn, run_id, v1::FEED_RUN_STATE_RECEIVED);
  }

  rpc::Call call;
  call.method = "waymark.workforce.v1.HrFeedService.ApplyFeedRun";
  call.rule = access::RuleFor(call.method);
  call.caller.tenant = txn.tenant();
  call.caller.user_id = run.applied_by;
  call.caller.roles = {static_cast<options::v1::Role>(run.applied_role)};
  call.request_id = run_id;
  call.now = now;

  FeedBatch batch(txn, keys, {.run_id = run_id, .source = source_name, .today = today, .now = now});
  ASSIGN_OR_RETURN(const int places, HighestPlace(txn, run_id));
  int64_t applied = 0;
  for (int place = 1; place <= places; ++place) {
    int64_t after = std::numeric_limits<int64_t>::min();
    while (true) {
      Step("apply");
      ASSIGN_OR_RETURN(
          std::vector<ChangeRow> changes,
          ReadChanges(txn, keys, run_id, source_name, place, after, options_.rows_at_once));
      if (changes.empty()) break;
      after = changes.back().line;
      applied += static_cast<int64_t>(changes.size());
      RETURN_IF_ERROR(batch.Add(changes));
      if (const std::vector<casework::Act> acts = batch.TakeActs(); !acts.empty()) {
        RETURN_IF_ERROR(desk_.Audit(txn, call, acts));
      }
    }
  }
  RETURN_IF_ERROR(RefreshLinks(txn, run_id, source_name));
  RETURN_IF_ERROR(
      CountApplied(txn, source_name, run.run.kind() == v1::FEED_KIND_SNAPSHOT, run.extract, now));
  RETURN_IF_ERROR(desk_.Audit(txn, call,
                              {{.action = audit::v1::ACTION_CHANGE,
                                .object_type = "feed_run",
                                .object_id = run_id,
                                .object_count = static_cast<int>(applied)}}));
  Step("applied");
  RETURN_IF_ERROR(SetApplied(txn, run_id, now));
  txn.OnCommit([applied] {
    Runs("applied").Increment();
    metrics::Default()
        .GetCounter("waymark_workforce_feed_rows_total", "Rows of HR feeds that changed something.")
        .Increment(static_cast<double>(applied));
  });
  return absl::OkStatus();
}

}  // namespace waymark::workforce
