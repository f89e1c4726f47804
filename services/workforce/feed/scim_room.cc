#include "services/workforce/feed/scim_room.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/workforce/feed/scim.h"
#include "services/workforce/feed/scim_people.h"
#include "services/workforce/feed/store.h"

namespace waymark::workforce {
namespace {

constexpr char kRefused[] = "SCIM_REFUSED";

v1::ScimAnswer AnswerOf(ScimResponse response) {
  v1::ScimAnswer answer;
  answer.set_status(response.status);
  answer.set_etag(response.headers["etag"]);
  answer.set_location(response.headers["location"]);
  answer.set_body(std::move(response.body));
  return answer;
}

bool Reads(absl::string_view method, absl::string_view path) {
  return method == "GET" || (method == "POST" && absl::EndsWith(path, "/.search"));
}

absl::Status WrongMethod() {
  return status::InvalidArgument(
      "SCIM_METHOD", "ReadScim takes GET and POST of .search, ChangeScim everything else.");
}

ScimContext ContextOf(const rpc::Call& call, const std::string& base_url) {
  return {.base_url = base_url, .force = call.caller.tenant, .now = call.now, .today = Today(call)};
}

// An answer that the service could not give, or a question about somebody whom the caller may not
// know of, which Desk audits.
absl::Status Failure(const ScimResponse& answer, const ScimPeople& people) {
  if (answer.status >= 500 && !people.failure().ok()) return people.failure();
  if (people.refused().empty()) return absl::OkStatus();
  return status::WithMetadata(status::NotFound(kRefused, "There is no such user."),
                              "refused_subject", people.refused());
}

}  // namespace

absl::Status ScimRoom::ReadScim(const rpc::Call& call, const v1::ReadScimRequest& request,
                                v1::ReadScimResponse* response) {
  if (!Reads(request.http_method(), request.path())) return WrongMethod();
  ScimRequest asked{.method = request.http_method(),
                    .path = request.path(),
                    .query = request.query(),
                    .body = request.body()};
  if (!request.if_none_match().empty()) asked.headers["if-none-match"] = request.if_none_match();
  ScimResponse answer;
  const absl::Status done =
      desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ScimPeople people(call, txn, keys, desk_.options().real_clock->Now(), 0, false);
        answer = HandleScim(asked, ContextOf(call, request.base_url()), people);
        RETURN_IF_ERROR(Failure(answer, people));
        std::vector<casework::Act> acts;
        for (const std::string& id : answer.shown) {
          acts.push_back(
              {.action = audit::v1::ACTION_READ, .object_type = "person", .subject_id = id});
        }
        return acts.empty() ? absl::OkStatus() : desk_.Audit(txn, call, acts);
      });
  if (absl::IsNotFound(done)) {
    // As if there were nobody.
    answer.shown.clear();
  } else {
    RETURN_IF_ERROR(done);
  }
  *response->mutable_answer() = AnswerOf(std::move(answer));
  return absl::OkStatus();
}

absl::Status ScimRoom::ChangeScim(const rpc::Call& call, const v1::ChangeScimRequest& request,
                                  v1::ChangeScimResponse* response) {
  if (Reads(request.http_method(), request.path())) return WrongMethod();
  ScimRequest asked{
      .method = request.http_method(), .path = request.path(), .body = request.body()};
  if (!request.if_match().empty()) asked.headers["if-match"] = request.if_match();
  ScimResponse answer;
  absl::Status done = desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        const absl::Time now = desk_.options().real_clock->Now();
        RETURN_IF_ERROR(BeginBulk(txn));
        // One change of a force after the other: no two take the same userName.
        ASSIGN_OR_RETURN(const SourceRow source, SourceOf(txn, kScimSource, now, /*lock=*/true));
        ScimPeople people(call, txn, keys, now, source.source.brake_basis_points(), true);
        answer = HandleScim(asked, ContextOf(call, request.base_url()), people);
        RETURN_IF_ERROR(Failure(answer, people));
        if (answer.status >= 400) return status::FailedPrecondition(kRefused, "Nothing is kept.");
        if (!people.acts().empty()) {
          RETURN_IF_ERROR(CountApplied(txn, kScimSource, /*snapshot=*/false, call.now, now));
          RETURN_IF_ERROR(desk_.Audit(txn, call, people.acts()));
        }
        *response->mutable_answer() = AnswerOf(answer);
        return absl::OkStatus();
      });
  if (absl::IsNotFound(done) || status::Reason(done) == kRefused) {
    response->Clear();
    *response->mutable_answer() = AnswerOf(std::move(answer));
    return absl::OkStatus();
  }
  return done;
}

}  // namespace waymark::workforce
