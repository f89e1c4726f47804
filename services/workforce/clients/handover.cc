#include "services/workforce/clients/handover.h"

#include <algorithm>
#include <utility>

#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/store/consents.h"
#include "services/workforce/store/transfers.h"

namespace waymark::workforce {
namespace {

constexpr char kDestination[] = "workforce";

absl::Status Receive(db::Transaction& txn, const TenantKeys& keys, const v1::TransferOffer& offer,
                     absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<TransferRow> known,
                   LockTransfer(txn, keys, offer.transfer_id()));
  if (offer.withdrawn()) {
    if (!known || known->state != v1::TRANSFER_STATE_OFFERED) return absl::OkStatus();
    return AnswerRow(txn, keys, *known, v1::TRANSFER_STATE_WITHDRAWN, "", now);
  }
  if (known) return absl::OkStatus();
  TransferRow row;
  row.transfer_id = offer.transfer_id();
  row.offered_here = false;
  row.other_force = offer.from_force();
  row.state = v1::TRANSFER_STATE_OFFERED;
  row.offered_at = casework::FromTimestamp(offer.offered_time());
  row.offer = offer;
  return InsertTransfer(txn, keys, row);
}

// What the person lets go to `force`, as of now: consent may have been withdrawn since the offer.
absl::StatusOr<bool> Consents(db::Transaction& txn, const std::string& person_id,
                              v1::DisclosureKind kind, const std::string& force) {
  ASSIGN_OR_RETURN(const std::vector<v1::Consent> consents, ConsentsOf(txn, person_id));
  return std::any_of(consents.begin(), consents.end(), [&](const v1::Consent& consent) {
    return consent.kind() == kind && consent.recipient() == force && !consent.has_withdrawn_time();
  });
}

// The open cases follow, as far as the person lets them; whatever stays, this force goes on
// answering for, as for somebody who has left.
absl::Status SendCases(db::Transaction& txn, const TransferRow& row,
                       const v1::TransferAnswer& answer, Pathways& pathways) {
  ASSIGN_OR_RETURN(
      const bool consents,
      Consents(txn, row.person_id, v1::DISCLOSURE_KIND_RECORD_TO_FORCE, row.other_force));
  if (!consents) return absl::OkStatus();
  casework::v1::CaseTransfer transfer;
  transfer.set_transfer_id(row.transfer_id);
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, SamePeople(txn, {row.person_id}));
  for (const std::string& id : ids) transfer.add_subject_ids(id);
  transfer.set_to_force(row.other_force);
  transfer.set_to_subject_id(answer.subject_id());
  *transfer.mutable_accepted_by() = answer.answered_by();
  ASSIGN_OR_RETURN(const bool hidden_too,
                   Consents(txn, row.person_id, v1::DISCLOSURE_KIND_CONFIDENTIAL_CARE_TO_FORCE,
                            row.other_force));
  transfer.set_hidden_too(hidden_too);
  return pathways.TransferCases(txn, row.offer.offered_by(), transfer);
}

// The old force is no longer answerable for the person; for a case, until the other has it.
absl::Status Complete(db::Transaction& txn, const TenantKeys& keys,
                      const v1::TransferAnswer& answer, absl::Time now, Pathways& pathways) {
  ASSIGN_OR_RETURN(const std::optional<TransferRow> row,
                   LockTransfer(txn, keys, answer.transfer_id()));
  // A withdrawal that crossed the acceptance came too late: the other force has the person.
  const bool crossed = row && row->state == v1::TRANSFER_STATE_WITHDRAWN && answer.accepted();
  if (!row || (row->state != v1::TRANSFER_STATE_OFFERED && !crossed)) return absl::OkStatus();
  if (answer.accepted()) {
    const absl::CivilDay today = civil::DateOf(now, civil::London());
    RETURN_IF_ERROR(
        EndEmployments(txn, keys, row->person_id, v1::END_REASON_TRANSFERRED, today, today, now));
    RETURN_IF_ERROR(
        SetPersonState(txn, row->person_id, v1::PERSON_STATE_TRANSFERRED, now, row->other_force));
    RETURN_IF_ERROR(SendCases(txn, *row, answer, pathways));
  }
  return AnswerRow(txn, keys, *row,
                   answer.accepted() ? v1::TRANSFER_STATE_ACCEPTED : v1::TRANSFER_STATE_DECLINED,
                   row->person_id, casework::FromTimestamp(answer.answered_time()));
}

}  // namespace

Handover::Handover(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
                   Vault& vault, const clock::Clock& clinical, Pathways& pathways)
    : database_(database),
      tenants_(tenants),
      keys_(keys),
      vault_(vault),
      clock_(clinical),
      pathways_(pathways),
      relay_(database, tenants, {.destination = kDestination},
             [this](absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                    absl::Time deadline) { return Deliver(tenant, batch, deadline); }) {}

absl::Status Handover::Append(db::Transaction& txn, const std::string& event_id,
                              const v1::HandoverMessage& message) {
  ASSIGN_OR_RETURN(outbox::Message sealed, outbox::Sealed(keys_, txn.tenant(), kDestination,
                                                          event_id, message.SerializeAsString()));
  RETURN_IF_ERROR(outbox::Append(txn, {std::move(sealed)}));
  txn.OnCommit([this, tenant = txn.tenant()] { relay_.Wake(tenant); });
  return absl::OkStatus();
}

absl::Status Handover::Deliver(absl::string_view tenant, const std::vector<outbox::Numbered>& batch,
                               absl::Time deadline) {
  for (const outbox::Numbered& one : batch) {
    ASSIGN_OR_RETURN(const std::string opened,
                     outbox::Opened(keys_, tenant, kDestination, one.event_id, one.payload));
    v1::HandoverMessage message;
    if (!message.ParseFromString(opened)) {
      return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
    }
    const std::string& to = message.to_force();
    ASSIGN_OR_RETURN(const auto keys, vault_.KeysOf(deadline, to));
    RETURN_IF_ERROR(database_.Transact(deadline, to, [&](db::Transaction& txn) {
      return message.has_offer() ? Receive(txn, *keys, message.offer(), clock_.Now())
                                 : Complete(txn, *keys, message.answer(), clock_.Now(), pathways_);
    }));
  }
  return absl::OkStatus();
}

absl::Status Handover::Turn(absl::string_view tenant) {
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(more, relay_.Turn(tenant));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Handover::IsForce(absl::Time deadline, absl::string_view tenant) {
  ASSIGN_OR_RETURN(const std::vector<std::string> forces, tenants_.All(deadline));
  return std::find(forces.begin(), forces.end(), tenant) != forces.end();
}

}  // namespace waymark::workforce
