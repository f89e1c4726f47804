#include "services/referral/directory/directory.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/access/rule.h"
#include "common/ids/ids.h"
#include "common/rpc/once.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/directory/check.h"
#include "services/referral/directory/store.h"

namespace waymark::referral {
namespace {

using casework::FromTimestamp;

// As long as it takes to agree on a time with the patient on the telephone.
constexpr absl::Duration kHold = absl::Minutes(10);
constexpr absl::Duration kPastSlots = absl::Hours(24 * 31);
// Where the window never closes, this far is looked for slots.
constexpr absl::Duration kLooksAhead = absl::Hours(24 * 92);
constexpr int kMostCandidates = 500;
constexpr int kMostSlotsEach = 20;
constexpr int kMostListedSlots = 500;
constexpr int kStandardPage = 50;
constexpr int kLargestPage = 200;

absl::Status RequireUuid(absl::string_view field, const std::string& id) {
  if (ids::IsUuid(id)) return absl::OkStatus();
  status::FieldViolations violations;
  violations.Add(std::string(field), "NOT_A_UUID", "A lower-case UUID.");
  return violations.ToStatus();
}

std::optional<absl::Time> TimeOf(bool set, const google::protobuf::Timestamp& timestamp) {
  if (!set) return std::nullopt;
  return FromTimestamp(timestamp);
}

absl::Status ReadCandidates(db::Transaction& txn, v1::CareService service, absl::Time from,
                            absl::Time until, absl::Time now, std::vector<Candidate>& candidates) {
  ASSIGN_OR_RETURN(std::vector<v1::DirectoryEntry> entries,
                   ReadEntries(txn, service, "", kMostCandidates));
  std::vector<std::string> ids;
  for (const v1::DirectoryEntry& entry : entries) {
    for (const v1::OfferedService& offered : entry.services()) {
      if (offered.service() == service && offered.publishes_slots()) {
        ids.push_back(offered.service_id());
      }
    }
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Slot> slots,
                   ReadSlots(txn, ids, from, until, /*free_only=*/true, kMostSlotsEach, now));
  for (v1::DirectoryEntry& entry : entries) {
    Candidate& candidate = candidates.emplace_back();
    for (const v1::Slot& slot : slots) {
      for (const v1::OfferedService& offered : entry.services()) {
        if (offered.service_id() == slot.service_id()) candidate.slots.push_back(slot);
      }
    }
    candidate.entry = std::move(entry);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Directory::Transact(const rpc::Call& call, const std::string& tenant,
                                 db::Database::Work work) {
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, tenant));
  return options_.database->Transact(call.deadline, tenant, work);
}

absl::Status Directory::WhereTheSlotIs(const rpc::Call& call, db::Database::Work work) {
  absl::Status own = Transact(call, call.caller.tenant, work);
  if (status::Reason(own) != "SLOT_NOT_FOUND" || call.caller.tenant == kDirectory) return own;
  return Transact(call, kDirectory, work);
}

absl::Status Directory::InBoth(const rpc::Call& call, db::Database::Work work) {
  RETURN_IF_ERROR(Transact(call, call.caller.tenant, work));
  if (call.caller.tenant == kDirectory) return absl::OkStatus();
  return Transact(call, kDirectory, work);
}

absl::StatusOr<std::string> Directory::HomeFor(const rpc::Call& call,
                                               const std::string& organisation_code) const {
  const std::string& tenant = call.caller.tenant;
  if (tenant == kDirectory) return std::string(kDirectory);
  if (access::HasRole(call.caller, options::v1::ROLE_OH_LEAD)) return tenant;
  if (access::HasRole(call.caller, options::v1::ROLE_NHS_CLINICIAN) &&
      tenant == organisation_code) {
    return std::string(kDirectory);
  }
  return status::PermissionDenied(
      "NOT_YOUR_ENTRY",
      "A provider's people change their own organisation's entry, a force's lead the entries of "
      "that force, and the directory's operators every entry.");
}

absl::Status Directory::PutEntry(const rpc::Call& call, const v1::PutEntryRequest& request,
                                 v1::PutEntryResponse* response) {
  RETURN_IF_ERROR(Check(request.entry()));
  const std::string& code = request.entry().organisation_code();
  ASSIGN_OR_RETURN(const std::string home, HomeFor(call, code));
  return Transact(call, home, [&](db::Transaction& txn) {
    return rpc::Once(
        txn, *options_.keys, call, options_.real_clock->Now(), request, response,
        [&]() -> absl::Status {
          ASSIGN_OR_RETURN(const std::optional<v1::DirectoryEntry> before, LockEntry(txn, code));
          if (request.entry().version() != (before ? before->version() : 0)) {
            return status::Aborted("STALE_VERSION",
                                   "The entry was changed meanwhile. Read it again and repeat.");
          }
          v1::DirectoryEntry& entry = *response->mutable_entry();
          entry = request.entry();
          entry.set_version(request.entry().version() + 1);
          entry.set_own_contract(home != kDirectory);
          RETURN_IF_ERROR(WriteEntry(txn, entry, call.now));
          return options_.trail->Append(txn, call,
                                        {{.action = audit::v1::ACTION_CHANGE,
                                          .object_type = "directory_entry",
                                          .object_id = code}});
        });
  });
}

absl::Status Directory::ListEntries(const rpc::Call& call, const v1::ListEntriesRequest& request,
                                    v1::ListEntriesResponse* response) {
  const int size =
      request.page_size() <= 0 ? kStandardPage : std::min(request.page_size(), kLargestPage);
  // Set and never added to: a transaction that is run again reads again.
  std::map<std::string, std::vector<v1::DirectoryEntry>> read;
  RETURN_IF_ERROR(InBoth(call, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(read[txn.tenant()],
                     ReadEntries(txn, request.service(), request.page_token(), size + 1));
    return absl::OkStatus();
  }));
  std::vector<v1::DirectoryEntry> entries = read[call.caller.tenant];
  if (call.caller.tenant != kDirectory) {
    const std::vector<v1::DirectoryEntry>& shared = read[std::string(kDirectory)];
    entries.insert(entries.end(), shared.begin(), shared.end());
  }
  // A force's own entry stands before everybody's of the same code.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const v1::DirectoryEntry& a, const v1::DirectoryEntry& b) {
                     return a.organisation_code() < b.organisation_code();
                   });
  response->Clear();
  for (const v1::DirectoryEntry& entry : entries) {
    const int count = response->entries_size();
    if (count >= size &&
        entry.organisation_code() != response->entries(count - 1).organisation_code()) {
      response->set_next_page_token(response->entries(count - 1).organisation_code());
      break;
    }
    *response->add_entries() = entry;
  }
  return absl::OkStatus();
}

absl::Status Directory::SuggestProviders(const rpc::Call& call,
                                         const v1::SuggestProvidersRequest& request,
                                         v1::SuggestProvidersResponse* response) {
  RETURN_IF_ERROR(Check(request));
  Wish wish{.service = request.service(),
            .jurisdiction = request.jurisdiction(),
            .due = TimeOf(request.has_due_time(), request.due_time()),
            .closes = TimeOf(request.has_closes_time(), request.closes_time()),
            .free_times = {request.free_times().begin(), request.free_times().end()},
            .welsh = request.welsh()};
  ASSIGN_OR_RETURN(wish.avoided, options_.avoided(call, request.subject_id()));
  const absl::Time from =
      std::max(call.now, request.has_opens_time() ? FromTimestamp(request.opens_time()) : call.now);
  const absl::Time until = wish.closes ? *wish.closes + absl::Microseconds(1) : from + kLooksAhead;

  std::vector<Candidate> candidates;
  std::vector<Candidate> own;
  RETURN_IF_ERROR(Transact(call, call.caller.tenant, [&](db::Transaction& txn) -> absl::Status {
    own.clear();
    RETURN_IF_ERROR(ReadCandidates(txn, wish.service, from, until, call.now, own));
    return options_.trail->Append(txn, call,
                                  {{.action = audit::v1::ACTION_READ,
                                    .object_type = "directory",
                                    .subject_id = request.subject_id()}});
  }));
  RETURN_IF_ERROR(Transact(call, kDirectory, [&](db::Transaction& txn) {
    candidates = own;
    return ReadCandidates(txn, wish.service, from, until, call.now, candidates);
  }));
  response->Clear();
  const std::vector<v1::Suggestion> suggestions = Suggest(candidates, wish, call.now);
  for (const v1::Suggestion& suggestion : suggestions) {
    *response->add_suggestions() = suggestion;
  }
  response->set_none_before_close(NoneBeforeClose(suggestions, wish));
  return absl::OkStatus();
}

absl::Status Directory::PutSlots(const rpc::Call& call, const v1::PutSlotsRequest& request,
                                 v1::PutSlotsResponse* response) {
  RETURN_IF_ERROR(Check(request));
  const std::string home =
      access::HasRole(call.caller, options::v1::ROLE_OH_LEAD) ? call.caller.tenant : kDirectory;
  return Transact(call, home, [&](db::Transaction& txn) {
    return rpc::Once(
        txn, *options_.keys, call, options_.real_clock->Now(), request, response,
        [&]() -> absl::Status {
          ASSIGN_OR_RETURN(const std::optional<std::string> organisation,
                           OrganisationOf(txn, request.service_id()));
          if (!organisation) {
            return status::NotFound("ENTRY_NOT_FOUND", "No entry of yours offers this service.");
          }
          RETURN_IF_ERROR(HomeFor(call, *organisation).status());
          ASSIGN_OR_RETURN(
              const Published published,
              WriteSlots(txn, request.service_id(), FromTimestamp(request.period().start_time()),
                         FromTimestamp(request.period().end_time()),
                         {request.slots().begin(), request.slots().end()}, call.now));
          response->set_published_count(published.published);
          response->set_kept_count(published.kept);
          return options_.trail->Append(txn, call,
                                        {{.action = audit::v1::ACTION_CHANGE,
                                          .object_type = "slots",
                                          .object_id = request.service_id(),
                                          .object_count = published.published}});
        });
  });
}

absl::Status Directory::ListSlots(const rpc::Call& call, const v1::ListSlotsRequest& request,
                                  v1::ListSlotsResponse* response) {
  RETURN_IF_ERROR(Check(request));
  return WhereTheSlotIs(call, [&](db::Transaction& txn) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::optional<std::string> organisation,
                     OrganisationOf(txn, request.service_id()));
    if (!organisation) {
      return status::NotFound("SLOT_NOT_FOUND", "The directory has no such service.");
    }
    ASSIGN_OR_RETURN(
        const std::vector<v1::Slot> slots,
        ReadSlots(txn, {request.service_id()}, FromTimestamp(request.period().start_time()),
                  FromTimestamp(request.period().end_time()), /*free_only=*/false, kMostListedSlots,
                  call.now));
    for (const v1::Slot& slot : slots) *response->add_slots() = slot;
    return absl::OkStatus();
  });
}

absl::Status Directory::HoldSlot(const rpc::Call& call, const v1::HoldSlotRequest& request,
                                 v1::HoldSlotResponse* response) {
  RETURN_IF_ERROR(RequireUuid("slot_id", request.slot_id()));
  RETURN_IF_ERROR(RequireUuid("referral_id", request.referral_id()));
  return WhereTheSlotIs(call, [&](db::Transaction& txn) {
    return rpc::Once(txn, *options_.keys, call, options_.real_clock->Now(), request, response,
                     [&]() -> absl::Status {
                       ASSIGN_OR_RETURN(*response->mutable_slot(),
                                        ClaimSlot(txn, request.slot_id(), request.referral_id(),
                                                  call.now + kHold, call.now));
                       return absl::OkStatus();
                     });
  });
}

absl::Status Directory::ReleaseSlot(const rpc::Call& call, const v1::ReleaseSlotRequest& request,
                                    v1::ReleaseSlotResponse*) {
  RETURN_IF_ERROR(RequireUuid("referral_id", request.referral_id()));
  return InBoth(call, [&](db::Transaction& txn) {
    return ReleaseSlots(txn, request.referral_id(), /*booked=*/false);
  });
}

absl::StatusOr<v1::Slot> Directory::Book(const rpc::Call& call, const std::string& slot_id,
                                         const std::string& referral_id) {
  RETURN_IF_ERROR(RequireUuid("booking.slot_id", slot_id));
  v1::Slot slot;
  RETURN_IF_ERROR(WhereTheSlotIs(call, [&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(slot, ClaimSlot(txn, slot_id, referral_id, std::nullopt, call.now));
    return absl::OkStatus();
  }));
  return slot;
}

absl::Status Directory::KeepOnly(const rpc::Call& call, const std::string& slot_id,
                                 const std::string& referral_id) {
  const std::optional<std::string> keep =
      slot_id.empty() ? std::nullopt : std::optional<std::string>(slot_id);
  return InBoth(call, [&](db::Transaction& txn) {
    return ReleaseSlots(txn, referral_id, /*booked=*/true, keep);
  });
}

absl::Status Directory::Release(const rpc::Call& call, const std::string& slot_id,
                                const std::string& referral_id) {
  return InBoth(
      call, [&](db::Transaction& txn) { return referral::ReleaseSlot(txn, referral_id, slot_id); });
}

absl::Status Directory::Purge(absl::Time now) {
  const absl::Time deadline = options_.real_clock->Now() + absl::Minutes(1);
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants, options_.tenants->All(deadline));
  for (const std::string& tenant : tenants) {
    RETURN_IF_ERROR(options_.database->Transact(deadline, tenant, [&](db::Transaction& txn) {
      return PurgeSlots(txn, now - kPastSlots, now);
    }));
  }
  return absl::OkStatus();
}

}  // namespace waymark::referral
