#include "services/workforce/feed/feed.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/feed/mapping.h"
#include "services/workforce/feed/store.h"

namespace waymark::workforce {
namespace {

constexpr absl::Duration kKeepRows = absl::Hours(24 * 7);
constexpr absl::Duration kLongestStep = absl::Seconds(30);

// A stream outlives the deadline of an ordinary call: each step has its own.
rpc::Call StepOf(const rpc::Call& call) {
  rpc::Call step = call;
  step.deadline = absl::Now() + kLongestStep;
  return step;
}

bool IsSource(absl::string_view source) {
  if (source.empty() || source.size() > 40) return false;
  for (const char c : source) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_islower(byte) && !absl::ascii_isdigit(byte) && c != '-') return false;
  }
  return true;
}

absl::Status CheckHeader(const v1::FeedHeader& header, absl::Time now) {
  const v1::FeedManifest& manifest = header.manifest();
  if (!IsSource(manifest.source())) {
    return status::InvalidArgument(
        "SOURCE_INVALID", "manifest.source is 1 to 40 of lower case letters, digits and '-'.");
  }
  const bool digest = manifest.sha256().empty() ||
                      (manifest.sha256().size() == 64 && crypto::FromHex(manifest.sha256()));
  const absl::Time extract = casework::FromTimestamp(manifest.extract_time());
  if ((header.kind() != v1::FEED_KIND_SNAPSHOT && header.kind() != v1::FEED_KIND_CHANGES) ||
      manifest.schema_version() != 1 || !digest || manifest.row_count() < 0 ||
      manifest.file_name().size() > 200 || !manifest.has_extract_time() ||
      extract < absl::FromUnixSeconds(946'684'800) || extract > now + absl::Hours(24)) {
    return status::InvalidArgument(
        "MANIFEST_INVALID",
        "The manifest needs a kind, schema_version 1, a SHA-256 of 64 lower-case hexadecimal "
        "digits, the number of rows, and when the source was read, not in the future.");
  }
  return FileReader::Create(header.mapping(), "", absl::CivilDay(), [](const ReadRow&) {}).status();
}

absl::Status WrongState(const char* message) {
  return status::FailedPrecondition("RUN_STATE", message);
}

absl::Status TokenInvalid() {
  return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                 "The page token is not one that this list gave.");
}

absl::StatusOr<int> PageSize(int asked, int standard, int most) {
  if (asked < 0) {
    return status::InvalidArgument("PAGE_SIZE_INVALID", "page_size is 0 or more.");
  }
  return asked == 0 ? standard : std::min(asked, most);
}

}  // namespace

absl::Status Feed::SyncPeople(const rpc::Call& call, const v1::SyncPeopleRequest& first,
                              const Next& next, v1::SyncPeopleResponse* response) {
  v1::FeedRun* const run = response->mutable_run();
  RETURN_IF_ERROR(Begin(call, first, run));
  if (!first.has_header()) RETURN_IF_ERROR(Take(call, first, run));
  v1::SyncPeopleRequest message;
  while (run->state() == v1::FEED_RUN_STATE_RECEIVING) {
    ASSIGN_OR_RETURN(const bool more, next(&message));
    if (!more) break;
    if (message.request_id() != first.request_id()) {
      return status::InvalidArgument("REQUEST_ID_CHANGED",
                                     "Every message of a stream carries the same request_id.");
    }
    RETURN_IF_ERROR(Take(call, message, run));
  }
  if (run->state() == v1::FEED_RUN_STATE_RECEIVED && wake_) wake_();
  return absl::OkStatus();
}

absl::Status Feed::Begin(const rpc::Call& call, const v1::SyncPeopleRequest& first,
                         v1::FeedRun* run) {
  const absl::Time now = desk_.options().real_clock->Now();
  if (first.has_header()) {
    RETURN_IF_ERROR(CheckHeader(first.header(), std::max(now, call.now)));
  }
  return desk_.Transact(
      StepOf(call), [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<RunRow> found, FindRun(txn, keys, first.request_id(), true));
        if (found && first.has_header() &&
            found->header.SerializeAsString() != first.header().SerializeAsString()) {
          return status::InvalidArgument("REQUEST_ID_REUSED",
                                         "This request_id began a feed with another header.");
        }
        if (!found && !first.has_header()) {
          return status::NotFound("RUN_UNKNOWN", "A feed begins with a header.");
        }
        if (!found) {
          RETURN_IF_ERROR(SourceOf(txn, first.header().manifest().source(), now, false).status());
          RETURN_IF_ERROR(
              InsertRun(txn, keys, first.request_id(), first.header(), call.caller.user_id, now));
          RETURN_IF_ERROR(desk_.AuditChange(txn, call, "feed_run", first.request_id(), ""));
          ASSIGN_OR_RETURN(found, FindRun(txn, keys, first.request_id(), false));
        }
        *run = found->run;
        return absl::OkStatus();
      });
}

absl::Status Feed::Take(const rpc::Call& call, const v1::SyncPeopleRequest& message,
                        v1::FeedRun* run) {
  if (message.has_header()) return absl::OkStatus();
  if (!message.end()) {
    const bool empty = message.csv().empty() && message.rows().people().empty();
    if (empty || message.csv().size() > kBiggestChunk ||
        message.rows().people_size() > kMostRowsInChunk ||
        message.ByteSizeLong() > 2 * kBiggestChunk) {
      return status::InvalidArgument(
          "CHUNK_TOO_BIG", "A chunk holds 1 to 1,048,576 bytes of CSV, or 1 to 1,000 rows.");
    }
    if (message.number() > kMostChunks) {
      return status::InvalidArgument("CHUNK_TOO_BIG", "A feed holds at most 1,000 chunks.");
    }
    // Sent again after a break: it is stored.
    if (message.number() >= 1 && message.number() <= run->received_chunks()) {
      return absl::OkStatus();
    }
    if (message.number() != run->received_chunks() + 1) {
      return status::FailedPrecondition(
          "CHUNK_OUT_OF_ORDER",
          absl::StrCat("The next chunk has number ", run->received_chunks() + 1, "."));
    }
  }
  return desk_.Transact(
      StepOf(call), [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        // Locked: of two clients that send the same feed only one stores a chunk.
        ASSIGN_OR_RETURN(RunRow stored, RunOf(txn, keys, message.request_id(), true));
        if (stored.run.state() != v1::FEED_RUN_STATE_RECEIVING) {
          *run = stored.run;
          return absl::OkStatus();
        }
        if (message.end()) {
          RETURN_IF_ERROR(SetState(txn, message.request_id(), v1::FEED_RUN_STATE_RECEIVED));
          stored.run.set_state(v1::FEED_RUN_STATE_RECEIVED);
        } else if (message.number() == stored.run.received_chunks() + 1) {
          RETURN_IF_ERROR(AppendChunk(txn, keys, message.request_id(), message.number(),
                                      message.SerializeAsString()));
          stored.run.set_received_chunks(message.number());
        }
        *run = stored.run;
        return absl::OkStatus();
      });
}

absl::Status Feed::GetFeedRun(const rpc::Call& call, const v1::GetFeedRunRequest& request,
                              v1::GetFeedRunResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const RunRow run, RunOf(txn, keys, request.run_id(), false));
    *response->mutable_run() = run.run;
    return absl::OkStatus();
  });
}

absl::Status Feed::ListFeedRuns(const rpc::Call& call, const v1::ListFeedRunsRequest& request,
                                v1::ListFeedRunsResponse* response) {
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 50, 500));
  std::optional<absl::Time> before;
  std::string before_id;
  if (!request.page_token().empty()) {
    const std::vector<std::string> parts = absl::StrSplit(request.page_token(), '_');
    int64_t micros = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) || !ids::IsUuid(parts[1])) {
      return TokenInvalid();
    }
    before = absl::FromUnixMicros(micros);
    before_id = parts[1];
  }
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<RunRow> runs,
                     ListRuns(txn, keys, request.source(), before, before_id, size + 1));
    for (const RunRow& run : runs) {
      if (response->runs_size() == size) {
        const v1::FeedRun& last = response->runs(size - 1);
        response->set_next_page_token(absl::StrCat(
            absl::ToUnixMicros(casework::FromTimestamp(last.begun_time())), "_", last.run_id()));
        break;
      }
      *response->add_runs() = run.run;
    }
    return absl::OkStatus();
  });
}

absl::Status Feed::ListFeedRows(const rpc::Call& call, const v1::ListFeedRowsRequest& request,
                                v1::ListFeedRowsResponse* response) {
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  if (request.effect() == v1::FEED_EFFECT_UNSPECIFIED ||
      !v1::FeedEffect_IsValid(request.effect())) {
    return status::InvalidArgument("EFFECT_MISSING", "effect says which rows are asked for.");
  }
  int64_t after = std::numeric_limits<int64_t>::min();
  if (!request.page_token().empty() && !absl::SimpleAtoi(request.page_token(), &after)) {
    return TokenInvalid();
  }
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    RETURN_IF_ERROR(RunOf(txn, keys, request.run_id(), false).status());
    int64_t last = after;
    ASSIGN_OR_RETURN(const std::vector<v1::FeedRowResult> rows,
                     ListRows(txn, keys, request.run_id(), request.effect(), after, size, &last));
    for (const v1::FeedRowResult& row : rows) *response->add_rows() = row;
    // A last page that is full is followed by an empty one.
    if (static_cast<int>(rows.size()) == size) response->set_next_page_token(absl::StrCat(last));
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_READ,
                         .object_type = "feed_run",
                         .object_id = request.run_id(),
                         .object_count = response->rows_size()}});
  });
}

absl::Status Feed::ApplyFeedRun(const rpc::Call& call, const v1::ApplyFeedRunRequest& request,
                                v1::ApplyFeedRunResponse* response) {
  RETURN_IF_ERROR(desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(RunRow run, RunOf(txn, keys, request.run_id(), true));
        if (run.run.state() == v1::FEED_RUN_STATE_BRAKED) {
          return status::FailedPrecondition(
              "BRAKE",
              "This feed would end more employments than its source may. An OH lead looks at the "
              "leavers and confirms it, or it is abandoned.");
        }
        if (run.run.state() != v1::FEED_RUN_STATE_PREVIEWED) {
          return WrongState("Only a previewed feed can be applied; GetFeedRun shows where it is.");
        }
        ASSIGN_OR_RETURN(const SourceRow source, SourceOf(txn, run.header.manifest().source(),
                                                          desk_.options().real_clock->Now(), true));
        if (source.applied_runs != run.previewed_after) {
          RETURN_IF_ERROR(SetState(txn, request.run_id(), v1::FEED_RUN_STATE_RECEIVED));
          run.run.set_state(v1::FEED_RUN_STATE_RECEIVED);
          run.run.set_refusal("PREVIEW_STALE");
        } else {
          const int role = call.caller.roles.empty() ? 0 : call.caller.roles.front();
          RETURN_IF_ERROR(SetApplying(txn, request.run_id(), call.caller.user_id, role));
          run.run.set_state(v1::FEED_RUN_STATE_APPLYING);
        }
        *response->mutable_run() = run.run;
        return desk_.AuditChange(txn, call, "feed_run", request.run_id(), "");
      }));
  if (wake_) wake_();
  return absl::OkStatus();
}

absl::Status Feed::ConfirmFeedRun(const rpc::Call& call, const v1::ConfirmFeedRunRequest& request,
                                  v1::ConfirmFeedRunResponse* response) {
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(RunRow run, RunOf(txn, keys, request.run_id(), true));
        if (run.run.state() != v1::FEED_RUN_STATE_BRAKED) {
          return WrongState("Only a feed that the brake holds needs to be confirmed.");
        }
        if (request.leavers() != run.run.counts().leavers()) {
          return status::FailedPrecondition(
              "LEAVERS_DIFFER", "The number of leavers is not that of the preview: look again.");
        }
        RETURN_IF_ERROR(SetConfirmed(txn, request.run_id(), call.caller.user_id));
        run.run.set_state(v1::FEED_RUN_STATE_PREVIEWED);
        run.run.set_confirmed_by(call.caller.user_id);
        *response->mutable_run() = run.run;
        return desk_.AuditChange(txn, call, "feed_run", request.run_id(), "");
      });
}

absl::Status Feed::AbandonFeedRun(const rpc::Call& call, const v1::AbandonFeedRunRequest& request,
                                  v1::AbandonFeedRunResponse* response) {
  return desk_.Once(call, request, response,
                    [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
                      ASSIGN_OR_RETURN(RunRow run, RunOf(txn, keys, request.run_id(), true));
                      switch (run.run.state()) {
                        case v1::FEED_RUN_STATE_APPLYING:
                        case v1::FEED_RUN_STATE_APPLIED:
                        case v1::FEED_RUN_STATE_REFUSED:
                        case v1::FEED_RUN_STATE_ABANDONED:
                          return WrongState("This feed is applied, about to be, or ended already.");
                        default:
                          break;
                      }
                      RETURN_IF_ERROR(EndRun(txn, request.run_id(), v1::FEED_RUN_STATE_ABANDONED,
                                             "", desk_.options().real_clock->Now()));
                      run.run.set_state(v1::FEED_RUN_STATE_ABANDONED);
                      *response->mutable_run() = run.run;
                      return desk_.AuditChange(txn, call, "feed_run", request.run_id(), "");
                    });
}

absl::Status Feed::PutFeedSource(const rpc::Call& call, const v1::PutFeedSourceRequest& request,
                                 v1::PutFeedSourceResponse* response) {
  const v1::FeedSource& source = request.source();
  if (!IsSource(source.source()) || source.brake_basis_points() < 0 ||
      source.brake_basis_points() > 10000 || source.expected_every_hours() < 0 ||
      source.expected_every_hours() > 24 * 366) {
    return status::InvalidArgument("SOURCE_INVALID",
                                   "A source has a name of lower case letters, digits and '-', a "
                                   "brake of 0 to 10000 hundredths "
                                   "of a percent, and is expected every 0 to 8784 hours.");
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        const absl::Time now = desk_.options().real_clock->Now();
        RETURN_IF_ERROR(PutSource(txn, source, now));
        ASSIGN_OR_RETURN(const SourceRow stored, SourceOf(txn, source.source(), now, false));
        *response->mutable_source() = stored.source;
        return desk_.AuditChange(txn, call, "feed_source", "", "");
      });
}

absl::Status Feed::ListFeedSources(const rpc::Call& call, const v1::ListFeedSourcesRequest&,
                                   v1::ListFeedSourcesResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<SourceRow> sources, ListSources(txn));
    for (const SourceRow& source : sources) {
      *response->add_sources() = source.source;
      response->mutable_sources()->rbegin()->set_stopped(
          source.StoppedAt(desk_.options().real_clock->Now()));
    }
    return absl::OkStatus();
  });
}

absl::Status WatchFeeds(Desk& desk) {
  static const metrics::Gauge gauge =
      metrics::Default().GetGauge("waymark_workforce_feeds_stopped",
                                  "HR feeds from which nothing has come for longer than expected.");
  const absl::Time now = desk.options().real_clock->Now();
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants, desk.options().tenants->All(deadline));
  int stopped = 0;
  for (const std::string& tenant : tenants) {
    RETURN_IF_ERROR(desk.options().database->Transact(
        deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(const std::vector<SourceRow> sources, ListSources(txn));
          for (const SourceRow& source : sources) {
            if (!source.StoppedAt(now)) continue;
            ++stopped;
            log::Warning("An HR feed has stopped",
                         {{"tenant", tenant}, {"source", source.source.source()}});
          }
          return absl::OkStatus();
        }));
  }
  gauge.Set(stopped);
  return absl::OkStatus();
}

absl::Status PurgeFeeds(Desk& desk) {
  constexpr int kAtOnce = 20;
  const absl::Time now = desk.options().real_clock->Now();
  const absl::Time deadline = absl::Now() + absl::Minutes(10);
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants, desk.options().tenants->All(deadline));
  for (const std::string& tenant : tenants) {
    int64_t purged = kAtOnce;
    while (purged == kAtOnce) {
      RETURN_IF_ERROR(desk.options().database->Transact(
          deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
            ASSIGN_OR_RETURN(purged, PurgeRuns(txn, now - kKeepRows, kAtOnce));
            return absl::OkStatus();
          }));
    }
  }
  return absl::OkStatus();
}

}  // namespace waymark::workforce
