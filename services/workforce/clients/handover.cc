#include "services/workforce/clients/handover.h"

#include <algorithm>
#include <utility>

#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/lifecycle.h"
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

// The old force is no longer answerable.
absl::Status Complete(db::Transaction& txn, const TenantKeys& keys,
                      const v1::TransferAnswer& answer, absl::Time now) {
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
  }
  return AnswerRow(txn, keys, *row,
                   answer.accepted() ? v1::TRANSFER_STATE_ACCEPTED : v1::TRANSFER_STATE_DECLINED,
                   row->person_id, casework::FromTimestamp(answer.answered_time()));
}

}  // namespace

Handover::Handover(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
                   Vault& vault, const clock::Clock& clinical)
    : database_(database),
      tenants_(tenants),
      keys_(keys),
      vault_(vault),
      clock_(clinical),
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
                                 : Complete(txn, *keys, message.answer(), clock_.Now());
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
