#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/store/firing.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;

constexpr int kMostExported = 100'000;
constexpr int kExportedAtOnce = 500;

// Where a page begins, when its list was asked for, and which list it is.
struct PageToken {
  absl::Time as_of;
  WorklistPlace after;
};

std::string FilterDigest(const v1::WorklistFilter& filter) {
  return crypto::Hex(crypto::Bytes(crypto::Sha256(filter.SerializeAsString()))).substr(0, 16);
}

std::string InstantPart(absl::Time instant) {
  return instant == absl::InfiniteFuture() ? "never" : absl::StrCat(absl::ToUnixMicros(instant));
}

std::optional<absl::Time> ReadInstantPart(absl::string_view part) {
  if (part == "never") return absl::InfiniteFuture();
  int64_t micros = 0;
  if (!absl::SimpleAtoi(part, &micros)) return std::nullopt;
  return absl::FromUnixMicros(micros);
}

std::string WriteToken(const v1::WorklistFilter& filter, absl::Time as_of,
                       const WorklistPlace& place) {
  return crypto::Base64Url(absl::StrCat(FilterDigest(filter), "|", InstantPart(as_of), "|",
                                        InstantPart(place.due), "|", InstantPart(place.closes), "|",
                                        place.step_ref));
}

std::optional<PageToken> ReadToken(const v1::WorklistFilter& filter, absl::string_view token) {
  const std::optional<std::string> text = crypto::FromBase64Url(token);
  if (!text) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(*text, '|');
  if (parts.size() != 5 || parts[0] != FilterDigest(filter) || !ids::IsUuid(parts[4])) {
    return std::nullopt;
  }
  const std::optional<absl::Time> as_of = ReadInstantPart(parts[1]);
  const std::optional<absl::Time> due = ReadInstantPart(parts[2]);
  const std::optional<absl::Time> closes = ReadInstantPart(parts[3]);
  if (!as_of || !due || !closes) return std::nullopt;
  return PageToken{*as_of, {*due, *closes, parts[4]}};
}

absl::Status CheckFilter(const v1::WorklistFilter& filter) {
  status::FieldViolations violations;
  if (!filter.case_id().empty() && !ids::IsUuid(filter.case_id())) {
    violations.Add("filter.case_id", "NOT_A_UUID", "A lower-case UUID, or nothing.");
  }
  return violations.ToStatus();
}

absl::StatusOr<int> PageSize(int asked, int most) {
  if (asked >= 0 && asked <= most) return asked == 0 ? 50 : asked;
  status::FieldViolations violations;
  violations.Add("page_size", "RANGE", absl::StrCat("0 to ", most, "."));
  return violations.ToStatus();
}

}  // namespace

absl::StatusOr<WorklistLines> Scheduling::ReadLines(db::Transaction& txn, const rpc::Call& call,
                                                    const v1::WorklistFilter& filter,
                                                    absl::Time as_of, const WorklistPlace& after,
                                                    int limit) {
  WorklistQuery query;
  query.tab = filter.tab() == v1::TAB_UNSPECIFIED ? v1::TAB_ALL_OPEN : filter.tab();
  query.responsible = filter.responsible();
  if (filter.mine()) {
    ASSIGN_OR_RETURN(const std::vector<Cover> cover, ReadCover(txn, as_of));
    query.people = ActsFor(call.caller.user_id, cover, as_of);
  }
  query.case_id = filter.case_id();
  query.not_subject = call.caller.subject_id;
  query.as_of = as_of;
  query.after = after;
  query.limit = limit;
  return ReadWorklist(txn, *options_.keys, *options_.references, query);
}

absl::Status Scheduling::AuditLines(db::Transaction& txn, const rpc::Call& call,
                                    const WorklistLines& lines, audit::v1::Action action,
                                    std::set<std::string>& audited) {
  std::vector<casework::Act> acts;
  if (audited.empty()) {
    audited.insert("");
    acts.push_back({.action = action,
                    .object_type = "worklist",
                    .object_count = static_cast<int>(lines.items.size())});
  }
  for (const std::string& subject : lines.subjects) {
    if (!audited.insert(subject).second) continue;
    acts.push_back({.action = action, .object_type = "worklist", .subject_id = subject});
  }
  return acts.empty() ? absl::OkStatus() : options_.audit->Append(txn, call, acts);
}

absl::Status Scheduling::ListWorklist(const rpc::Call& call, const v1::ListWorklistRequest& request,
                                      v1::ListWorklistResponse* response) {
  RETURN_IF_ERROR(CheckFilter(request.filter()));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size(), 500));
  PageToken page{call.now, {}};
  if (!request.page_token().empty()) {
    const auto token = ReadToken(request.filter(), request.page_token());
    if (!token) {
      return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                     "page_token is not of this list; begin again without one.");
    }
    page = *token;
  }
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(WorklistLines lines,
                     ReadLines(txn, call, request.filter(), page.as_of, page.after, page_size));
    std::set<std::string> audited;
    RETURN_IF_ERROR(AuditLines(txn, call, lines, audit::v1::ACTION_READ, audited));
    for (v1::WorklistItem& item : lines.items) *response->add_items() = std::move(item);
    if (lines.more) {
      response->set_next_page_token(WriteToken(request.filter(), page.as_of, lines.last));
    }
    response->set_total_count(lines.total);
    *response->mutable_as_of_time() = ToTimestamp(page.as_of);
    return absl::OkStatus();
  });
}

absl::Status Scheduling::ExportWorklist(
    const rpc::Call& call, const v1::ExportWorklistRequest& request,
    absl::FunctionRef<absl::Status(v1::ExportWorklistResponse)> write) {
  RETURN_IF_ERROR(CheckFilter(request.filter()));
  WorklistLines lines;
  // A stream asks for no deadline; reading the list has one all the same.
  rpc::Call bounded = call;
  bounded.deadline = std::min(call.deadline, options_.real_clock->Now() + absl::Seconds(30));
  RETURN_IF_ERROR(Transact(bounded, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(lines, ReadLines(txn, call, request.filter(), call.now, {}, kMostExported));
    if (lines.more) {
      return status::ResourceExhausted("WORKLIST_TOO_LONG",
                                       "More than 100,000 steps match; export by role or tab.");
    }
    std::set<std::string> audited;
    return AuditLines(txn, call, lines, audit::v1::ACTION_EXPORT, audited);
  }));
  size_t next = 0;
  do {
    v1::ExportWorklistResponse response;
    response.set_total_count(lines.total);
    *response.mutable_as_of_time() = ToTimestamp(call.now);
    for (int i = 0; i < kExportedAtOnce && next < lines.items.size(); ++i) {
      *response.add_items() = std::move(lines.items[next++]);
    }
    RETURN_IF_ERROR(write(std::move(response)));
  } while (next < lines.items.size());
  return absl::OkStatus();
}

absl::StatusOr<v1::WatchWorklistResponse> Scheduling::WatchPage(
    const rpc::Call& call, const v1::WatchWorklistRequest& request,
    std::set<std::string>& audited) {
  RETURN_IF_ERROR(CheckFilter(request.filter()));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size(), 200));
  rpc::Call now = call;
  now.now = options_.clinical_clock->Now();
  now.deadline = options_.real_clock->Now() + absl::Seconds(10);
  v1::WatchWorklistResponse response;
  std::set<std::string> shown;
  RETURN_IF_ERROR(Transact(now, [&](db::Transaction& txn) -> absl::Status {
    response.Clear();
    shown = audited;
    ASSIGN_OR_RETURN(WorklistLines lines,
                     ReadLines(txn, now, request.filter(), now.now, {}, page_size));
    RETURN_IF_ERROR(AuditLines(txn, now, lines, audit::v1::ACTION_READ, shown));
    for (v1::WorklistItem& item : lines.items) *response.add_items() = std::move(item);
    response.set_total_count(lines.total);
    *response.mutable_as_of_time() = ToTimestamp(now.now);
    return absl::OkStatus();
  }));
  audited = std::move(shown);
  return response;
}

absl::Status Scheduling::GetCompliance(const rpc::Call& call,
                                       const v1::GetComplianceRequest& request,
                                       v1::GetComplianceResponse* response) {
  const absl::Time from = FromTimestamp(request.from_time());
  const absl::Time until = FromTimestamp(request.until_time());
  status::FieldViolations violations;
  if (!request.has_from_time()) violations.Add("from_time", "REQUIRED", "Begin of the period.");
  if (!request.has_until_time()) violations.Add("until_time", "REQUIRED", "End of the period.");
  RETURN_IF_ERROR(violations.ToStatus());
  if (until <= from || until - from > absl::Hours(24 * 731)) {
    return status::InvalidArgument("PERIOD_EMPTY",
                                   "until_time comes after from_time, at most two years later.");
  }
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<v1::ComplianceFigure> figures,
                     ReadCompliance(txn, *options_.keys, from, until, call.now));
    for (const v1::ComplianceFigure& figure : figures) *response->add_figures() = figure;
    *response->mutable_as_of_time() = ToTimestamp(call.now);
    return options_.audit->Append(txn, call,
                                  {{.action = audit::v1::ACTION_READ,
                                    .object_type = "compliance",
                                    .object_count = response->figures_size()}});
  });
}

absl::Status Scheduling::GetServiceStatus(const rpc::Call& call, const v1::GetServiceStatusRequest&,
                                          v1::GetServiceStatusResponse* response) {
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Backlog backlog, ReadBacklog(txn, call.now));
    response->set_active(backlog.active);
    response->set_due_rung_count(backlog.due_rungs);
    if (backlog.next_rung) *response->mutable_next_rung_time() = ToTimestamp(*backlog.next_rung);
    response->set_pending_notice_count(backlog.pending_notices);
    *response->mutable_now_time() = ToTimestamp(call.now);
    const absl::Time last_look = options_.firing->last_look();
    if (last_look != absl::InfinitePast()) {
      *response->mutable_last_tick_time() = ToTimestamp(last_look);
    }
    absl::Duration lag = options_.firing->last_lag();
    response->mutable_last_lag()->set_seconds(absl::IDivDuration(lag, absl::Seconds(1), &lag));
    response->mutable_last_lag()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(lag)));
    return absl::OkStatus();
  });
}

}  // namespace waymark::scheduling
