// What a person may ask of those who hold their record, how long it is kept, and its keys.
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/access/rule.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/stop.h"
#include "services/workforce/people/check.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/record_json.h"
#include "services/workforce/people/retention.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/break_glass.h"
#include "services/workforce/store/feed_held.h"
#include "services/workforce/store/former_identities.h"
#include "services/workforce/store/holds.h"
#include "services/workforce/store/joins.h"
#include "services/workforce/store/reidentifications.h"
#include "services/workforce/store/scim_users.h"
#include "services/workforce/store/transfers.h"

namespace waymark::workforce {
namespace {

using casework::ToTimestamp;

// Collects what is held on one person, a JSON document each.
class Held {
 public:
  void Add(absl::string_view section, std::string json) {
    v1::ExportSubjectResponse& one = sections_.emplace_back();
    one.set_section(std::string(section));
    one.set_json(std::move(json));
  }
  // INTERNAL RECORD_UNREADABLE: then nobody is to think that they have all.
  absl::Status Add(absl::string_view section, const google::protobuf::Message& message) {
    ASSIGN_OR_RETURN(std::string json, RecordJson(message));
    Add(section, std::move(json));
    return absl::OkStatus();
  }
  void Add(absl::string_view section, const nlohmann::ordered_json& json) {
    Add(section, json.dump());
  }
  std::vector<v1::ExportSubjectResponse>& sections() { return sections_; }

 private:
  std::vector<v1::ExportSubjectResponse> sections_;
};

// The record itself: of the person, and of each who was merged into them.
absl::Status CollectRecords(db::Transaction& txn, const TenantKeys& keys, const rpc::Call& call,
                            const std::map<std::string, PersonRow>& people, Held& held) {
  std::vector<std::string> ids;
  for (const auto& [id, row] : people) {
    ids.push_back(id);
    ASSIGN_OR_RETURN(const v1::Person person,
                     ViewOf(txn, keys, {.sight = Sight::kWhole, .person = row}, /*own=*/true));
    RETURN_IF_ERROR(held.Add("person", person));
  }
  ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, ids, {Field::kChoices}));
  for (const auto& [id, values] : fields) {
    ASSIGN_OR_RETURN(v1::Choices choices, ChoicesOf(values));
    // The reasons are the person's alone: another who exports for them does not read them.
    if (!access::HasRole(call.caller, options::v1::ROLE_OFFICER)) choices.clear_avoid_reasons();
    RETURN_IF_ERROR(held.Add("choices", choices));
  }
  ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                   ReadSlices(txn, keys, ids, std::nullopt, std::nullopt));
  for (const Slice& slice : slices) {
    RETURN_IF_ERROR(held.Add("employment", ToMessage(slice)));
  }
  ASSIGN_OR_RETURN(const std::vector<v1::FormerIdentity> former,
                   FormerIdentitiesOf(txn, keys, ids));
  for (const v1::FormerIdentity& one : former) RETURN_IF_ERROR(held.Add("former_name", one));
  ASSIGN_OR_RETURN(std::vector<std::string> fitness, FitnessHeldOn(txn, keys, ids));
  for (std::string& document : fitness) held.Add("fitness", std::move(document));
  ASSIGN_OR_RETURN(const std::vector<FeedLinkHeld> links, FeedLinksOn(txn, ids));
  for (const FeedLinkHeld& link : links) {
    held.Add("feed_link", {{"source", link.source},
                           {"effective_date", link.effective_on},
                           {"end_date", link.ends_on}});
  }
  ASSIGN_OR_RETURN(const std::vector<v1::FeedPerson> rows, FeedRowsOn(txn, keys, ids));
  for (const v1::FeedPerson& row : rows) RETURN_IF_ERROR(held.Add("feed_row", row));
  ASSIGN_OR_RETURN(const auto users, ReadScimUsers(txn, keys, ids));
  for (const auto& [id, user] : users) {
    if (user.said) held.Add("scim_user", *user.said);
  }
  return absl::OkStatus();
}

// What was done with the record. Who did it is the audit log's to tell; of another person no id.
absl::Status CollectActs(db::Transaction& txn, const TenantKeys& keys,
                         const std::vector<std::string>& ids, Held& held) {
  ASSIGN_OR_RETURN(const std::vector<v1::BreakGlassUse> glasses, GlassesOn(txn, keys, ids));
  for (const v1::BreakGlassUse& use : glasses) {
    v1::BreakGlassUse when;
    *when.mutable_opened_time() = use.opened_time();
    *when.mutable_expires_time() = use.expires_time();
    RETURN_IF_ERROR(held.Add("emergency_access", when));
  }
  ASSIGN_OR_RETURN(const std::vector<absl::Time> reidentified, ReidentifiedAt(txn, ids));
  for (const absl::Time decided : reidentified) {
    v1::Reidentification when;
    *when.mutable_decided_time() = ToTimestamp(decided);
    RETURN_IF_ERROR(held.Add("reidentification", when));
  }
  ASSIGN_OR_RETURN(const std::vector<DuplicateRow> pairs, PairsOf(txn, ids));
  for (const DuplicateRow& pair : pairs) {
    held.Add("possible_duplicate", {{"found_time", db::InstantText(pair.found_at)},
                                    {"reason", v1::DuplicateReason_Name(pair.reason)}});
  }
  ASSIGN_OR_RETURN(const std::vector<MergeRow> merges, MergesOf(txn, ids));
  for (const MergeRow& merge : merges) {
    held.Add("merge", {{"kept_subject_id", merge.kept_id},
                       {"merged_subject_id", merge.merged_id},
                       {"merged_time", db::InstantText(merge.merged_at)}});
  }
  ASSIGN_OR_RETURN(const std::vector<TransferRow> transfers, TransfersOf(txn, keys, ids));
  for (const TransferRow& row : transfers) {
    held.Add("transfer", {{"other_force", row.other_force},
                          {"state", v1::TransferState_Name(row.state)},
                          {"offered_time", db::InstantText(row.offered_at)}});
  }
  ASSIGN_OR_RETURN(const std::vector<v1::LegalHold> holds, HoldsOn(txn, ids));
  for (v1::LegalHold hold : holds) {
    hold.clear_set_by();
    RETURN_IF_ERROR(held.Add("legal_hold", hold));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status People::ExportSubject(
    const rpc::Call& call, const v1::ExportSubjectRequest& request,
    absl::FunctionRef<absl::Status(v1::ExportSubjectResponse)> write) {
  Held held;
  RETURN_IF_ERROR(
      desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        held = Held();
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
        if (seen.sight != Sight::kWhole) {
          return status::PermissionDenied(
              "PERSON_PROTECTED", "This person is protected: somebody on their list exports.");
        }
        const std::string& id = seen.person.person_id;
        ASSIGN_OR_RETURN(const std::vector<std::string> same, SamePeople(txn, {id}));
        ASSIGN_OR_RETURN(const auto people, ReadPeople(txn, same));
        RETURN_IF_ERROR(CollectRecords(txn, keys, call, people, held));
        RETURN_IF_ERROR(CollectActs(txn, keys, same, held));
        return desk_.Audit(txn, call,
                           {{.action = audit::v1::ACTION_EXPORT,
                             .object_type = "person",
                             .object_count = static_cast<int>(held.sections().size()),
                             .subject_id = id}});
      }));
  for (v1::ExportSubjectResponse& one : held.sections()) RETURN_IF_ERROR(write(std::move(one)));
  return absl::OkStatus();
}

absl::Status People::SetLegalHold(const rpc::Call& call, const v1::SetLegalHoldRequest& request,
                                  v1::SetLegalHoldResponse* response) {
  RETURN_IF_ERROR(CheckReason(request.reason()));
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        // The alias suffices, and the dead are held too: nothing of the record is shown.
        ASSIGN_OR_RETURN(const Seen seen, CheckSubject(txn, call, request.subject_id()));
        v1::LegalHold& hold = *response->mutable_hold();
        hold.set_hold_id(ids::DeriveUuid(call.request_id, "legal_hold"));
        hold.set_subject_id(seen.person.person_id);
        hold.set_set_by(call.caller.user_id);
        *hold.mutable_set_time() = ToTimestamp(call.now);
        RETURN_IF_ERROR(InsertHold(txn, keys, hold, request.reason()));
        return desk_.AuditChange(txn, call, "legal_hold", hold.hold_id(), hold.subject_id());
      });
}

absl::Status People::LiftLegalHold(const rpc::Call& call, const v1::LiftLegalHoldRequest& request,
                                   v1::LiftLegalHoldResponse* response) {
  absl::Status unknown = status::NotFound("HOLD_UNKNOWN", "There is no such hold in force.");
  if (!ids::IsUuid(request.hold_id())) return unknown;
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<v1::LegalHold> found, LockHold(txn, request.hold_id()));
        if (!found) return unknown;
        v1::LegalHold& hold = *response->mutable_hold();
        hold = *std::move(found);
        RETURN_IF_ERROR(CheckSubject(txn, call, hold.subject_id()).status());
        *hold.mutable_lifted_time() = ToTimestamp(call.now);
        RETURN_IF_ERROR(LiftHold(txn, hold.hold_id(), call.caller.user_id, call.now));
        return desk_.AuditChange(txn, call, "legal_hold", hold.hold_id(), hold.subject_id());
      });
}

absl::Status People::ListRetention(const rpc::Call& call, const v1::ListRetentionRequest&,
                                   v1::ListRetentionResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
    *response = options_.retention;
    for (v1::RetentionRule& rule : *response->mutable_rules()) {
      ASSIGN_OR_RETURN(const LapsedCount lapsed, CountLapsed(txn, rule, Today(call)));
      rule.set_due_count(lapsed.due);
      rule.set_held_count(lapsed.held);
    }
    if (!access::HasRole(call.caller, options::v1::ROLE_OH_LEAD)) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::vector<v1::LegalHold> holds, ReadHolds(txn));
    for (v1::LegalHold& hold : holds) *response->add_holds() = std::move(hold);
    return absl::OkStatus();
  });
}

absl::Status People::RotateKeys(const rpc::Call& call, const v1::RotateKeysRequest& request,
                                v1::RotateKeysResponse* response) {
  return desk_.Once(call, request, response,
                    [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
                      ASSIGN_OR_RETURN(const int32_t version, desk_.options().vault->Rotate(txn));
                      response->set_key_version(version);
                      return desk_.AuditChange(txn, call, "tenant_key", "", "");
                    });
}

absl::Status People::GetKeyStatus(const rpc::Call& call, const v1::GetKeyStatusRequest&,
                                  v1::GetKeyStatusResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const KeyStatus now, desk_.options().vault->StatusOf(txn));
    response->set_key_version(now.newest_version);
    response->set_oldest_version(now.oldest_version);
    response->set_sealed_count(now.sealed_count);
    response->set_older_count(now.older_count);
    *response->mutable_rotated_time() = ToTimestamp(now.rotated_at);
    return absl::OkStatus();
  });
}

}  // namespace waymark::workforce
