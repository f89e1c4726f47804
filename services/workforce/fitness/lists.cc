#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/workforce/fitness/room.h"
#include "services/workforce/fitness/rules.h"

namespace waymark::workforce {
namespace {

constexpr int kMostTasks = 500;
constexpr int kMostStatements = 200;
constexpr int kMostPage = 500;
constexpr int kStandardPage = 100;
constexpr int kWatchedAtOnce = 100;
constexpr char kFirst[] = "00000000-0000-0000-0000-000000000000";

absl::StatusOr<int> PageSize(int asked) {
  if (asked >= 0 && asked <= kMostPage) return asked == 0 ? kStandardPage : asked;
  status::FieldViolations violations;
  violations.Add("page_size", "OUT_OF_RANGE", "1 to 500, or 0 for 100.");
  return violations.ToStatus();
}

bool SeesTheForce(const rpc::Call& call) {
  return std::any_of(call.granted.grants.begin(), call.granted.grants.end(),
                     [](const options::v1::Grant& grant) {
                       return grant.relation() == options::v1::RELATION_SAME_FORCE;
                     });
}

template <typename Rows>
std::vector<std::string> PeopleOf(const Rows& rows) {
  std::set<std::string> people;
  for (const auto& row : rows) people.insert(row.person_id);
  return {people.begin(), people.end()};
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> FitnessRoom::ShownTo(
    db::Transaction& txn, const rpc::Call& call, const std::vector<std::string>& people) {
  std::map<std::string, std::string> shown;
  if (people.empty()) return shown;
  ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, people));
  for (const auto& [id, one] : seen) {
    if (one.sight == Sight::kNothing || one.person.state == v1::PERSON_STATE_DECEASED) continue;
    shown.emplace(id, one.person.person_id);
  }
  return shown;
}

absl::Status FitnessRoom::AuditShown(db::Transaction& txn, const rpc::Call& call,
                                     absl::string_view object_type,
                                     const std::vector<std::string>& subjects) {
  std::map<std::string, int> counts;
  for (const std::string& subject : subjects) ++counts[subject];
  std::vector<casework::Act> acts;
  for (const auto& [subject, count] : counts) {
    acts.push_back({.action = audit::v1::ACTION_READ,
                    .object_type = std::string(object_type),
                    .object_count = count,
                    .subject_id = subject});
  }
  return desk_.Audit(txn, call, acts);
}

absl::Status FitnessRoom::ListFitnessTasks(const rpc::Call& call,
                                           const v1::ListFitnessTasksRequest&,
                                           v1::ListFitnessTasksResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<WaitingTask> tasks,
                     WaitingTasks(txn, keys, call.now,
                                  After(Today(call), Rules().review_reminder()), kMostTasks));
    ASSIGN_OR_RETURN(const auto shown, ShownTo(txn, call, PeopleOf(tasks)));
    std::vector<std::string> subjects;
    for (const WaitingTask& one : tasks) {
      const bool of_delivery = one.task.kind() == v1::FITNESS_TASK_KIND_NOT_DELIVERED;
      const auto who = shown.find(one.person_id);
      if (!of_delivery && who == shown.end()) continue;
      v1::FitnessTask& task = *response->add_tasks();
      task = one.task;
      if (of_delivery) continue;
      task.set_subject_id(who->second);
      subjects.push_back(who->second);
    }
    return AuditShown(txn, call, "fitness_task", subjects);
  });
}

absl::Status FitnessRoom::ListStatements(const rpc::Call& call,
                                         const v1::ListStatementsRequest& request,
                                         v1::ListStatementsResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
    if (seen.sight == Sight::kAlias) {
      return status::PermissionDenied(
          "PERSON_PROTECTED", "This person is protected: only those on their list may read this.");
    }
    ASSIGN_OR_RETURN(std::vector<StoredStatement> statements,
                     StatementsOf(txn, keys, seen.person.person_id, kMostStatements));
    for (StoredStatement& one : statements) {
      *response->add_statements() = std::move(one.statement);
    }
    return desk_.AuditRead(txn, call, "fitness_statement", seen.person.person_id);
  });
}

absl::Status FitnessRoom::ListFitness(const rpc::Call& call, const v1::ListFitnessRequest& request,
                                      v1::ListFitnessResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  std::string after = kFirst;
  if (!request.page_token().empty()) {
    if (!ids::IsUuid(request.page_token())) {
      return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                     "page_token is not of this list; begin again without one.");
    }
    after = request.page_token();
  }
  status::FieldViolations violations;
  if (request.subject_ids_size() > kMostPage) {
    violations.Add("subject_ids", "TOO_MANY", "At most 500.");
  }
  for (const std::string& id : request.subject_ids()) {
    if (ids::IsUuid(id)) continue;
    violations.Add("subject_ids", "NOT_A_UUID", "Lower-case UUIDs.");
    break;
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    std::optional<std::vector<std::string>> among;
    if (!request.subject_ids().empty()) {
      // What is asked for by an id that was merged is found under the one who is shown, too.
      std::vector<std::string> asked(request.subject_ids().begin(), request.subject_ids().end());
      ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, asked));
      for (const auto& [id, person] : shown) asked.push_back(person);
      among = std::move(asked);
    } else if (!SeesTheForce(call)) {
      ASSIGN_OR_RETURN(among, StaffOfCaller(txn, call));
    }
    ASSIGN_OR_RETURN(std::vector<StoredStatement> rows,
                     StandingAfter(txn, keys, after, among, page_size + 1));
    const bool more = static_cast<int>(rows.size()) > page_size;
    if (more) {
      rows.pop_back();
      response->set_next_page_token(rows.back().person_id);
    }
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, PeopleOf(rows)));
    // The newest of each, should two records of one person have been joined.
    std::map<std::string, const v1::FitnessStatement*> newest;
    for (const StoredStatement& row : rows) {
      const auto who = seen.find(row.person_id);
      if (who == seen.end() || who->second.sight == Sight::kNothing ||
          who->second.person.state == v1::PERSON_STATE_DECEASED ||
          who->second.person.state == v1::PERSON_STATE_LEFT ||
          who->second.person.state == v1::PERSON_STATE_TRANSFERRED) {
        continue;
      }
      const v1::FitnessStatement*& best = newest[who->second.person.person_id];
      if (best == nullptr ||
          best->issued_time().seconds() < row.statement.issued_time().seconds()) {
        best = &row.statement;
      }
    }
    std::vector<std::string> subjects;
    for (const auto& [person, statement] : newest) {
      v1::Fitness& fitness = *response->add_fitness();
      fitness = statement->fitness();
      fitness.set_subject_id(person);
      subjects.push_back(person);
    }
    return AuditShown(txn, call, "fitness", subjects);
  });
}

absl::StatusOr<v1::WatchFitnessResponse> FitnessRoom::ReleasesFor(const rpc::Call& call,
                                                                  int64_t& sequence, bool& more) {
  v1::WatchFitnessResponse page;
  int64_t reached = sequence;
  RETURN_IF_ERROR(
      desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        page.Clear();
        ASSIGN_OR_RETURN(std::vector<StoredRelease> rows,
                         ReleasesAfter(txn, keys, sequence, kWatchedAtOnce));
        more = static_cast<int>(rows.size()) == kWatchedAtOnce;
        reached = rows.empty() ? sequence : rows.back().release.sequence();
        ASSIGN_OR_RETURN(const auto shown, ShownTo(txn, call, PeopleOf(rows)));
        std::vector<std::string> subjects;
        for (StoredRelease& row : rows) {
          const auto who = shown.find(row.person_id);
          if (who == shown.end()) continue;
          subjects.push_back(who->second);
          *page.add_releases() = std::move(row.release);
        }
        if (subjects.empty()) return absl::OkStatus();
        return AuditShown(txn, call, "fitness_release", subjects);
      }));
  sequence = reached;
  return page;
}

absl::StatusOr<int64_t> FitnessRoom::NewestSequence(const rpc::Call& call) {
  int64_t newest = 0;
  RETURN_IF_ERROR(
      desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(newest, LastSequence(txn));
        return absl::OkStatus();
      }));
  return newest;
}

absl::Status FitnessRoom::ListFitnessReleases(const rpc::Call& call,
                                              const v1::ListFitnessReleasesRequest& request,
                                              v1::ListFitnessReleasesResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  if (request.after_sequence() < 0) {
    status::FieldViolations violations;
    violations.Add("after_sequence", "OUT_OF_RANGE", "0 or more.");
    return violations.ToStatus();
  }
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(std::vector<StoredRelease> rows,
                     ReleasesAfter(txn, keys, request.after_sequence(), page_size + 1));
    response->set_more(static_cast<int>(rows.size()) > page_size);
    if (response->more()) rows.pop_back();
    response->set_next_after_sequence(rows.empty() ? request.after_sequence()
                                                   : rows.back().release.sequence());
    ASSIGN_OR_RETURN(const auto shown, ShownTo(txn, call, PeopleOf(rows)));
    std::vector<std::string> subjects;
    for (StoredRelease& row : rows) {
      const auto who = shown.find(row.person_id);
      if (who == shown.end()) continue;
      subjects.push_back(who->second);
      *response->add_releases() = std::move(row.release);
    }
    return AuditShown(txn, call, "fitness_release", subjects);
  });
}

}  // namespace waymark::workforce
