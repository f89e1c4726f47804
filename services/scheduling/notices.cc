#include "services/scheduling/store/notices.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/scheduling/scheduling.h"

namespace waymark::scheduling {
namespace {

std::string WriteToken(const NoticePlace& place) {
  return crypto::Base64Url(absl::StrCat(absl::ToUnixMicros(place.fired), "|", place.step_ref, "|",
                                        place.revision, "|", place.rung));
}

std::optional<NoticePlace> ReadToken(absl::string_view token) {
  const std::optional<std::string> text = crypto::FromBase64Url(token);
  if (!text) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(*text, '|');
  int64_t micros = 0;
  NoticePlace place;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[0], &micros) || !ids::IsUuid(parts[1]) ||
      !absl::SimpleAtoi(parts[2], &place.revision) || !absl::SimpleAtoi(parts[3], &place.rung)) {
    return std::nullopt;
  }
  place.fired = absl::FromUnixMicros(micros);
  place.step_ref = parts[1];
  return place;
}

}  // namespace

absl::Status Scheduling::ListNotices(const rpc::Call& call, const v1::ListNoticesRequest& request,
                                     v1::ListNoticesResponse* response) {
  if (request.page_size() < 0 || request.page_size() > 500) {
    status::FieldViolations violations;
    violations.Add("page_size", "RANGE", "0 to 500.");
    return violations.ToStatus();
  }
  const int page_size = request.page_size() == 0 ? 50 : request.page_size();
  NoticePlace place = NoticePlace::End();
  if (!request.page_token().empty()) {
    const auto token = ReadToken(request.page_token());
    if (!token) {
      return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                     "page_token is not of this list; begin again without one.");
    }
    place = *token;
  }
  return Transact(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(
        std::vector<ListedNotice> notices,
        NoticesBefore(txn, call.caller.user_id, call.caller.roles, place, page_size + 1));
    const bool more = static_cast<int>(notices.size()) > page_size;
    if (more) {
      notices.pop_back();
      response->set_next_page_token(WriteToken(notices.back().place));
    }
    for (ListedNotice& one : notices) *response->add_notices() = std::move(one.notice);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ListedNotice>> Scheduling::NoticesBehind(const rpc::Call& call,
                                                                    const NoticePlace& place,
                                                                    int limit) {
  rpc::Call now = call;
  now.deadline = options_.real_clock->Now() + absl::Seconds(10);
  std::vector<ListedNotice> notices;
  RETURN_IF_ERROR(Transact(now, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(notices,
                     NoticesAfter(txn, call.caller.user_id, call.caller.roles, place, limit));
    return absl::OkStatus();
  }));
  return notices;
}

}  // namespace waymark::scheduling
