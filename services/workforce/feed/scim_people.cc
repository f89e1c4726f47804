#include "services/workforce/feed/scim_people.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/workforce/desk.h"
#include "services/workforce/feed/batch.h"
#include "services/workforce/feed/person_row.h"
#include "services/workforce/feed/scim_filter.h"
#include "services/workforce/feed/scim_user.h"
#include "services/workforce/feed/store.h"
#include "services/workforce/people/view.h"
#include "services/workforce/relations/sight.h"
#include "services/workforce/store/scim_users.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;

// The refusals that are the request's own.
bool IsAnswer(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) ||
         absl::IsPermissionDenied(status);
}

std::string Text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The slices of one employment, in order of their days, all of them known now.
using Course = std::vector<const Slice*>;

bool Ended(const Slice& slice) { return slice.employment.state() == v1::EMPLOYMENT_STATE_ENDED; }

// What is true on `today`, or on the first day when that lies ahead.
const Slice& At(const Course& course, absl::CivilDay today) {
  const Slice* found = course.front();
  for (const Slice* slice : course) {
    if (slice->from <= today) found = slice;
  }
  return *found;
}

}  // namespace

// One person, and what SCIM makes of them.
struct ScimPeople::Loaded {
  ScimRecord record;
  Seen seen;
  ScimUserRow row;
  bool is_user = false;
  std::string user_name;
  std::string external_token;
  std::optional<LinkRow> link;
  // Of the employment that is shown; empty: there is none.
  std::string employment_id;
  std::optional<absl::CivilDay> ends;
  int64_t newest_version = 0;
};

ScimPeople::ScimPeople(const rpc::Call& call, db::Transaction& txn, const TenantKeys& keys,
                       absl::Time now, int brake_basis_points, bool changing)
    : call_(call),
      txn_(txn),
      keys_(keys),
      now_(now),
      brake_basis_points_(brake_basis_points),
      changing_(changing),
      today_(Today(call)) {}
ScimPeople::~ScimPeople() = default;

template <typename T>
T ScimPeople::Noted(T result) {
  if constexpr (std::is_same_v<T, absl::Status>) {
    if (!result.ok() && !IsAnswer(result) && failure_.ok()) failure_ = result;
  } else {
    if (!result.ok() && !IsAnswer(result.status()) && failure_.ok()) failure_ = result.status();
  }
  return result;
}

std::string ScimPeople::NewId() { return ids::NewUuid(); }

absl::StatusOr<std::vector<ScimPeople::Loaded>> ScimPeople::Load(
    const std::vector<std::string>& ids) {
  std::vector<Loaded> all;
  if (ids.empty()) return all;
  ASSIGN_OR_RETURN(auto seen, SightOf(txn_, call_, ids));
  std::vector<std::string> people;
  for (const auto& [id, one] : seen) people.push_back(one.person.person_id);
  if (changing_) {
    // The versions that the request was written for stay as they are until it is done.
    ASSIGN_OR_RETURN(const auto locked, ReadPeople(txn_, people, /*lock=*/true));
    for (auto& [id, one] : seen) {
      const auto row = locked.find(one.person.person_id);
      if (row != locked.end()) one.person = row->second;
    }
  }
  ASSIGN_OR_RETURN(auto fields, ReadFields(txn_, keys_, people,
                                           {Field::kName, Field::kWork, Field::kLanguage,
                                            Field::kUserId, Field::kAlias}));
  ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                   ReadSlices(txn_, keys_, people, std::nullopt, now_));
  std::map<std::string, std::map<std::string, Course>> courses;
  for (const Slice& slice : slices) {
    courses[slice.person_id][slice.employment.employment_id()].push_back(&slice);
  }
  ASSIGN_OR_RETURN(auto rows, ReadScimUsers(txn_, keys_, ids));
  std::map<std::string, LinkRow> links;
  if (changing_) {
    std::vector<std::string> tokens;
    for (const std::string& id : ids) {
      tokens.push_back(keys_.Token(TokenKind::kExternalId, id));
    }
    ASSIGN_OR_RETURN(links, ReadLinks(txn_, kScimSource, tokens));
  }
  for (const std::string& id : ids) {
    const auto found = seen.find(id);
    const auto row = rows.find(id);
    if (found == seen.end() || row == rows.end()) continue;
    Loaded& one = all.emplace_back();
    one.seen = found->second;
    one.row = row->second;
    one.external_token = keys_.Token(TokenKind::kExternalId, id);
    const PersonRow& person = one.seen.person;
    ScimFacts facts;
    RETURN_IF_ERROR(FromFields(fields[person.person_id], facts.person));
    if (const auto link = links.find(one.external_token); link != links.end()) {
      one.link = link->second;
    }

    // The employment that the source means, unless it has ended and another goes on.
    const Course* course = nullptr;
    for (const auto& [employment_id, candidate] : courses[person.person_id]) {
      const auto rank = [&](const Course& of) {
        const Slice& slice = At(of, today_);
        const bool linked = one.link && slice.employment.employment_id() == one.link->employment_id;
        return std::make_tuple(!Ended(slice), linked, of.front()->from);
      };
      if (course == nullptr || rank(*course) < rank(candidate)) course = &candidate;
    }
    if (course != nullptr) {
      const Slice& now = At(*course, today_);
      facts.employment = now.employment;
      facts.active = !Ended(now) && person.state != v1::PERSON_STATE_DECEASED &&
                     person.state != v1::PERSON_STATE_TRANSFERRED;
      one.employment_id = now.employment.employment_id();
      for (const Slice* slice : *course) {
        one.newest_version = std::max(one.newest_version, slice->source_version);
        if (Ended(*slice) && slice->from >= now.from) one.ends = slice->from;
      }
      if (facts.active && one.ends) facts.ends = *one.ends - 1;
    }
    one.is_user = course != nullptr && person.workforce_type != v1::WORKFORCE_TYPE_FAMILY_MEMBER &&
                  (person.state == v1::PERSON_STATE_ACTIVE || one.row.said);

    json said = one.row.said ? json::parse(*one.row.said, nullptr, false) : json::object();
    if (!said.is_object()) said = json::object();
    one.user_name = facts.person.user_id();
    if (one.user_name.empty()) one.user_name = facts.person.work().email();
    if (one.user_name.empty()) one.user_name = id;
    one.user_name = said.value("userName", one.user_name);

    ScimRecord& record = one.record;
    record.id = id;
    record.version = person.version;
    record.created = one.row.created;
    record.changed = person.changed_at;
    const auto normal = NormaliseScimUser(ScimUserOf(facts, said, one.user_name));
    record.resource = normal.ok() ? Text(*normal) : "{}";
    if (one.seen.sight != Sight::kWhole) {
      json alias = {{"schemas", json::array({std::string(kScimUser)})},
                    {"userName", id},
                    {"active", facts.active}};
      const std::string name = DisplayName(fields[person.person_id], Sight::kAlias);
      if (!name.empty()) alias["nickName"] = name;
      record.shown = Text(alias);
    }
  }
  return all;
}

absl::StatusOr<std::optional<ScimRecord>> ScimPeople::Get(absl::string_view id) {
  const std::string lower = absl::AsciiStrToLower(id);
  if (!ids::IsUuid(lower)) return std::optional<ScimRecord>();
  ASSIGN_OR_RETURN(std::vector<Loaded> loaded, Noted(Load({lower})));
  if (loaded.empty() || !loaded[0].is_user) return std::optional<ScimRecord>();
  if (loaded[0].seen.sight == Sight::kNothing) {
    refused_ = loaded[0].seen.person.person_id;
    return std::optional<ScimRecord>();
  }
  return std::optional<ScimRecord>(std::move(loaded[0].record));
}

// Whole and no other.
absl::StatusOr<std::vector<ScimRecord>> ScimPeople::Listed(const std::vector<std::string>& ids) {
  ASSIGN_OR_RETURN(std::vector<Loaded> loaded, Load(ids));
  std::vector<ScimRecord> records;
  for (Loaded& one : loaded) {
    if (one.is_user && one.seen.sight == Sight::kWhole) records.push_back(std::move(one.record));
  }
  return records;
}

absl::StatusOr<std::vector<ScimRecord>> ScimPeople::Find(ScimKey key, absl::string_view value) {
  const auto find = [&]() -> absl::StatusOr<std::vector<ScimRecord>> {
    std::vector<std::string> ids;
    const auto add = [&ids](std::vector<std::string> more) {
      ids.insert(ids.end(), more.begin(), more.end());
    };
    if (key == ScimKey::kExternalId) {
      ASSIGN_OR_RETURN(auto found, FindScimExternalId(txn_, keys_, value));
      add(std::move(found));
    }
    if (key == ScimKey::kEmployeeNumber) {
      ASSIGN_OR_RETURN(auto found, FindEverByToken(txn_, keys_, TokenKind::kEmployeeNumber,
                                                   NormaliseNumber(value)));
      add(std::move(found));
    }
    if (key == ScimKey::kEmail || key == ScimKey::kUserName) {
      ASSIGN_OR_RETURN(auto found,
                       FindEverByToken(txn_, keys_, TokenKind::kEmail, NormaliseEmail(value)));
      add(std::move(found));
    }
    if (key == ScimKey::kUserName) {
      ASSIGN_OR_RETURN(const std::string holder,
                       FindScimUserName(txn_, keys_, absl::AsciiStrToLower(value)));
      if (!holder.empty()) ids.push_back(holder);
      ASSIGN_OR_RETURN(auto found, FindEverByToken(txn_, keys_, TokenKind::kUserId, value));
      add(std::move(found));
      if (const std::string id = absl::AsciiStrToLower(value); ids::IsUuid(id)) ids.push_back(id);
    }
    ASSIGN_OR_RETURN(ids, ScimUsersAmong(txn_, call_.caller.user_id, ids));
    return Listed(ids);
  };
  return Noted(find());
}

absl::StatusOr<std::string> ScimPeople::HolderOf(absl::string_view user_name) {
  const auto find = [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::string holder,
                     FindScimUserName(txn_, keys_, absl::AsciiStrToLower(user_name)));
    if (!holder.empty()) return holder;
    // Of whom the identity system has written nothing yet, the name is their sign-in or address.
    ASSIGN_OR_RETURN(auto ids, FindEverByToken(txn_, keys_, TokenKind::kUserId, user_name));
    ASSIGN_OR_RETURN(const auto by_email,
                     FindEverByToken(txn_, keys_, TokenKind::kEmail, NormaliseEmail(user_name)));
    ids.insert(ids.end(), by_email.begin(), by_email.end());
    ASSIGN_OR_RETURN(const std::vector<Loaded> loaded, Load(ids));
    for (const Loaded& one : loaded) {
      if (one.is_user && absl::EqualsIgnoreCase(one.user_name, user_name)) return one.record.id;
    }
    return holder;
  };
  return Noted(find());
}

absl::StatusOr<int64_t> ScimPeople::Count() {
  return Noted(CountScimUsers(txn_, call_.caller.user_id));
}

absl::StatusOr<std::vector<ScimRecord>> ScimPeople::Page(int64_t offset, int64_t limit) {
  const auto page = [&]() -> absl::StatusOr<std::vector<ScimRecord>> {
    ASSIGN_OR_RETURN(const auto ids, PageScimUsers(txn_, call_.caller.user_id, offset, limit));
    return Listed(ids);
  };
  return Noted(page());
}

absl::StatusOr<ScimRecord> ScimPeople::Reload(const std::string& id) {
  ASSIGN_OR_RETURN(std::vector<Loaded> loaded, Load({id}));
  if (loaded.empty()) return status::Internal("SCIM_USER_LOST", "A user is gone that was stored.");
  return std::move(loaded[0].record);
}

// Makes the source's last word on somebody what is true of them now, whoever said it: what SCIM
// says next is compared with what it was shown. `version` becomes one that is newer than all.
absl::Status ScimPeople::LinkToWhatIsTrue(const Loaded& loaded, const std::string& run_id,
                                          int64_t* version) {
  if (loaded.employment_id.empty()) return absl::OkStatus();
  const json user = json::parse(loaded.record.resource, nullptr, false);
  const auto said = ToFeedPerson(user, loaded.record.id, txn_.tenant(), today_);
  LinkWrite link;
  link.external_token = loaded.external_token;
  link.person_id = loaded.seen.person.person_id;
  link.employment_id = loaded.employment_id;
  // What cannot be said by SCIM as it stands differs from everything that can.
  link.row_token = said.ok() ? keys_.Token(TokenKind::kFeedRow, RowText(*said)) : "";
  link.place_token = said.ok() ? keys_.Token(TokenKind::kFeedPlace, PlaceText(*said)) : "";
  link.version = std::max(loaded.newest_version, loaded.link ? loaded.link->version : 0);
  link.effective = today_;
  link.ends = loaded.ends;
  if (version != nullptr) *version = std::max(*version, link.version + 1);
  return WriteLinks(txn_, run_id, kScimSource, {link});
}

absl::Status ScimPeople::CheckBrake() {
  ASSIGN_OR_RETURN(const Ends ends, CountEnds(txn_, kScimSource, today_));
  const int64_t ended = ends.ended + 1;
  if (ended <= kScimEndsThatPass ||
      ended * 10000 <= (ends.staff + ends.ended) * int64_t{brake_basis_points_}) {
    return absl::OkStatus();
  }
  return status::PermissionDenied(
      "SCIM_BRAKE",
      "BRAKE: more employments would end today than this source may end. An OH lead looks at it "
      "and lets them pass with PutFeedSource for the source scim.");
}

// As one row of a feed.
absl::StatusOr<ScimPeople::Outcome> ScimPeople::Settle(const ScimRecord& record,
                                                       const v1::FeedPerson& person,
                                                       std::optional<Loaded>* before) {
  const std::string run_id = ids::NewUuid();
  StagedRow row{.line = 1, .person = person};
  row.effective = EffectiveDay(person, call_.now);
  row.version = absl::ToUnixMicros(call_.now);
  row.ends = EndsOn(person, row.effective);
  row.new_person_id = record.id;
  std::vector<std::string> known;
  if (record.version > 0) known.push_back(record.id);
  const std::string& manager = person.manager_external_id();
  if (ids::IsUuid(manager) && manager != record.id) known.push_back(manager);
  ASSIGN_OR_RETURN(const std::vector<Loaded> loaded, Load(known));
  for (const Loaded& one : loaded) {
    const bool self = one.record.id == record.id;
    if (self && before != nullptr) *before = one;
    // A manager whom the source has named before stays as they are.
    if (self || !one.link) {
      RETURN_IF_ERROR(LinkToWhatIsTrue(one, run_id, self ? &row.version : nullptr));
    }
  }
  RETURN_IF_ERROR(InsertRows(txn_, keys_, run_id, {row}));
  Comparison with{.run_id = run_id,
                  .source = std::string(kScimSource),
                  .kind = v1::FEED_KIND_CHANGES,
                  .today = today_,
                  .manager_column = "manager"};
  RETURN_IF_ERROR(JudgeRows(txn_, with));
  ASSIGN_OR_RETURN(const v1::FeedEffect effect, JudgedRow(txn_, run_id, 1));
  Outcome outcome = Outcome::kChanged;
  absl::Status refusal;
  switch (effect) {
    case v1::FEED_EFFECT_REFUSED:
      refusal = status::InvalidArgument("SCIM_INVALID_VALUE",
                                        "manager: there is no user of this id; make them first.");
      break;
    case v1::FEED_EFFECT_UNCHANGED:
      outcome = Outcome::kUnchanged;
      if (record.version == 0) {
        refusal = status::InvalidArgument(
            "SCIM_INVALID_VALUE", "contractEndDate: somebody who has left is not taken in.");
      }
      break;
    case v1::FEED_EFFECT_OUTDATED:
      outcome = Outcome::kPassedOver;
      break;
    case v1::FEED_EFFECT_LEAVER:
      if (row.ends && *row.ends <= today_) refusal = CheckBrake();
      break;
    default:
      break;
  }
  if (outcome == Outcome::kChanged && refusal.ok()) {
    ASSIGN_OR_RETURN(const std::vector<ChangeRow> changes,
                     ReadChanges(txn_, keys_, run_id, kScimSource, 1, 0, 2));
    FeedBatch batch(
        txn_, keys_,
        {.run_id = run_id, .source = std::string(kScimSource), .today = today_, .now = now_});
    RETURN_IF_ERROR(batch.Add(changes));
    acts_.push_back({.action = audit::v1::ACTION_CHANGE,
                     .object_type = "person",
                     .subject_id = changes.empty() ? record.id : changes[0].person_id});
  }
  RETURN_IF_ERROR(ForgetRows(txn_, run_id));
  RETURN_IF_ERROR(refusal);
  return outcome;
}

absl::StatusOr<ScimRecord> ScimPeople::Put(const ScimRecord& record, const v1::FeedPerson& person) {
  const auto put = [&]() -> absl::StatusOr<ScimRecord> {
    std::optional<Loaded> before;
    ASSIGN_OR_RETURN(const Outcome outcome, Settle(record, person, &before));
    if (outcome == Outcome::kPassedOver) return Reload(record.id);
    const json user = json::parse(record.resource, nullptr, false);
    const json said = ScimSaidOf(user);
    const std::string text = Text(said);
    const bool same_said = before && before->row.said == text;
    // Nothing of them was written: they are as they were read.
    if (same_said && outcome == Outcome::kUnchanged) return std::move(before->record);
    if (!same_said) {
      RETURN_IF_ERROR(PutScimUser(txn_, keys_, record.id,
                                  absl::AsciiStrToLower(said.value("userName", "")),
                                  said.value("externalId", ""), text));
      if (outcome == Outcome::kUnchanged) {
        const std::string& id = before ? before->seen.person.person_id : record.id;
        RETURN_IF_ERROR(TouchPeople(txn_, {id}, now_));
        acts_.push_back(
            {.action = audit::v1::ACTION_CHANGE, .object_type = "person", .subject_id = id});
      }
    }
    return Reload(record.id);
  };
  return Noted(put());
}

absl::Status ScimPeople::Remove(const ScimRecord& record, const v1::FeedPerson& person) {
  const auto remove = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Outcome outcome, Settle(record, person, nullptr));
    if (outcome != Outcome::kChanged) {
      acts_.push_back(
          {.action = audit::v1::ACTION_CHANGE, .object_type = "person", .subject_id = record.id});
    }
    return DeleteScimUser(txn_, record.id);
  };
  return Noted(remove());
}

}  // namespace waymark::workforce
