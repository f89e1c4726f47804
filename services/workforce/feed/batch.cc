#include "services/workforce/feed/batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/workforce/feed/person_row.h"
#include "services/workforce/people/lifecycle.h"

namespace waymark::workforce {
namespace {

bool IsLate(const ChangeRow& change) {
  return !change.employment_id.empty() &&
         std::pair(change.effective, change.version) <
             std::pair(change.linked_effective, change.linked_version);
}

}  // namespace

absl::Status FeedBatch::Add(const std::vector<ChangeRow>& changes) {
  RETURN_IF_ERROR(ReadHistory(changes));
  for (const ChangeRow& change : changes) {
    if (people_.contains(change.person_id)) RETURN_IF_ERROR(Flush());
    // Whoever died since the preview is left alone.
    if (change.person_state == v1::PERSON_STATE_DECEASED) continue;
    people_.insert(change.person_id);
    AddOne(change);
  }
  return Flush();
}

// The slices of those of whom a row says less than the whole.
absl::Status FeedBatch::ReadHistory(const std::vector<ChangeRow>& changes) {
  std::vector<std::string> ids;
  for (const ChangeRow& change : changes) {
    if (!change.person || IsLate(change)) ids.push_back(change.person_id);
  }
  history_.clear();
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Slice> slices, ReadSlices(txn_, keys_, ids, std::nullopt, of_.now));
  for (Slice& slice : slices) {
    history_[slice.employment.employment_id()].push_back(std::move(slice));
  }
  return absl::OkStatus();
}

// What is known of an employment on a day.
const Slice* FeedBatch::Known(const std::string& employment_id, absl::CivilDay day) const {
  const Slice* found = nullptr;
  const auto slices = history_.find(employment_id);
  if (slices == history_.end()) return nullptr;
  for (const Slice& slice : slices->second) {
    if (slice.from <= day && (found == nullptr || slice.from > found->from)) found = &slice;
  }
  return found;
}

void FeedBatch::AddOne(const ChangeRow& change) {
  const bool is_new = change.person_state == 0;
  if (is_new) {
    people_to_add_.push_back({.person_id = change.person_id,
                              .state = v1::PERSON_STATE_ACTIVE,
                              .workforce_type = change.person->employment().workforce_type()});
    ++joiners_;
  } else {
    touched_.push_back(change.person_id);
    acts_.push_back({.action = audit::v1::ACTION_CHANGE,
                     .object_type = "person",
                     .subject_id = change.person_id});
  }
  if (IsLate(change)) {
    AddLate(change);
    return;
  }
  if (change.person) AddFields(change, is_new);

  const bool again = change.linked_ends && *change.linked_ends <= change.effective &&
                     (!change.ends || *change.ends > change.effective);
  const bool new_employment = change.employment_id.empty() || again;
  const std::string employment_id = new_employment ? ids::NewUuid() : change.employment_id;
  links_.push_back({.external_token = change.external_token,
                    .person_id = change.person_id,
                    .employment_id = employment_id,
                    .row_token = change.row_token,
                    .place_token = change.place_token,
                    .version = change.version,
                    .effective = change.effective,
                    .ends = change.ends});
  // The force that they went to answers for them; here the employment has ended already.
  if (change.person_state == v1::PERSON_STATE_TRANSFERRED && !again) return;

  v1::Employment employment;
  if (change.person) {
    employment = change.person->employment();
  } else if (const Slice* known = Known(employment_id, *change.ends)) {
    employment = known->employment;
    employment.set_end_reason(v1::END_REASON_LEFT);
  } else {
    return;
  }
  employment.set_employment_id(employment_id);
  if (change.person) employment.set_manager_subject_id(change.manager_id);

  absl::CivilDay from = change.effective;
  if (new_employment && change.person) from = BeginsOn(*change.person, change.effective);
  if (again) from = std::max(from, *change.linked_ends);
  if (change.person && (!change.ends || from < *change.ends)) {
    Say(change, employment, from, new_employment, is_new);
  }
  if (change.ends) {
    v1::Employment ended = employment;
    ended.set_state(v1::EMPLOYMENT_STATE_ENDED);
    if (ended.end_reason() == v1::END_REASON_UNSPECIFIED) ended.set_end_reason(v1::END_REASON_LEFT);
    Say(change, std::move(ended), *change.ends, new_employment, is_new);
  }
  // An end that was announced and is taken back.
  if (!new_employment && change.linked_ends && *change.linked_ends > from &&
      (!change.ends || *change.ends > *change.linked_ends)) {
    Say(change, employment, *change.linked_ends, false, false);
  }
}

// What holds from the day of the link on was said already, perhaps without a slice of its own.
void FeedBatch::AddLate(const ChangeRow& change) {
  v1::Employment employment = change.person->employment();
  employment.set_employment_id(change.employment_id);
  employment.set_manager_subject_id(change.manager_id);
  const Slice* known = Known(change.employment_id, change.linked_effective);
  if (known != nullptr && known->from <= change.effective) {
    ChangeRow newest = change;
    newest.version = change.linked_version;
    Say(newest, known->employment, change.linked_effective, false, false);
  }
  Say(change, std::move(employment), change.effective, false, false);
}

void FeedBatch::AddFields(const ChangeRow& change, bool is_new) {
  v1::Person person;
  *person.mutable_name() = change.person->name();
  if (change.person->has_birth_date()) *person.mutable_birth_date() = change.person->birth_date();
  if (change.person->has_work()) *person.mutable_work() = change.person->work();
  person.set_language(change.person->language());
  person.set_user_id(change.person->user_id());
  FieldsWrite write;
  write.person_id = change.person_id;
  write.set = ToFields(person);
  write.is_new = is_new;
  // The address at work went with the last row that named it.
  if (change.person->has_work() && !write.set.contains(Field::kWork) && !is_new) {
    write.clear.push_back(Field::kWork);
  }
  fields_.push_back(std::move(write));
  if (change.person->seal_history() && !is_new) seal_.push_back(change.person_id);
}

void FeedBatch::Say(const ChangeRow& change, v1::Employment employment, absl::CivilDay from,
                    bool is_new, bool new_person) {
  if (employment.state() != v1::EMPLOYMENT_STATE_ENDED) employment.clear_end_reason();
  statements_.push_back({.person_id = change.person_id,
                         .employment = std::move(employment),
                         .from = from,
                         .source = of_.source,
                         .source_version = change.version,
                         .is_new = is_new,
                         .new_person = new_person});
}

absl::Status FeedBatch::Flush() {
  people_.clear();
  if (!people_to_add_.empty()) RETURN_IF_ERROR(InsertPeople(txn_, people_to_add_, of_.now));
  if (!seal_.empty()) RETURN_IF_ERROR(SealFormerIdentity(txn_, keys_, seal_, of_.now));
  if (!fields_.empty()) RETURN_IF_ERROR(WriteFields(txn_, keys_, fields_));
  if (!statements_.empty()) {
    RETURN_IF_ERROR(WriteStatements(txn_, keys_, statements_, of_.today, of_.now));
  }
  if (!touched_.empty()) RETURN_IF_ERROR(TouchPeople(txn_, touched_, of_.now));
  RETURN_IF_ERROR(WriteLinks(txn_, of_.run_id, of_.source, links_));
  std::vector<std::string> joined;
  for (const NewPerson& person : people_to_add_) joined.push_back(person.person_id);
  RETURN_IF_ERROR(QueueDuplicates(txn_, joined, of_.now));
  people_to_add_.clear();
  seal_.clear();
  fields_.clear();
  statements_.clear();
  touched_.clear();
  links_.clear();
  return absl::OkStatus();
}

}  // namespace waymark::workforce
