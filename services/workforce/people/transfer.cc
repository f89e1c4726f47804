// A person on their way to another force: offered with their consent, answerable here until the
// other force accepts.
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/transfers.h"

namespace waymark::workforce {
namespace {

v1::Transfer ToMessage(const TransferRow& row, const std::string& tenant) {
  v1::Transfer transfer;
  transfer.set_transfer_id(row.transfer_id);
  transfer.set_from_force(row.offered_here ? tenant : row.other_force);
  transfer.set_to_force(row.offered_here ? row.other_force : tenant);
  transfer.set_subject_id(row.person_id);
  transfer.set_state(row.state);
  *transfer.mutable_offered_time() = casework::ToTimestamp(row.offered_at);
  if (row.answered_at) *transfer.mutable_answered_time() = casework::ToTimestamp(*row.answered_at);
  if (!row.offered_here) transfer.set_display_name(DisplayName(row.offer.person().name()));
  return transfer;
}

casework::v1::Actor ActorOf(const rpc::Call& call) {
  casework::v1::Actor actor;
  actor.set_user_id(call.caller.user_id);
  if (!call.granted.grants.empty() && !call.granted.grants[0].roles().empty()) {
    actor.set_role(static_cast<options::v1::Role>(call.granted.grants[0].roles(0)));
  }
  return actor;
}

absl::Status Unknown() {
  return status::NotFound("TRANSFER_UNKNOWN", "There is no such transfer for your force.");
}

}  // namespace

absl::Status People::OfferTransfer(const rpc::Call& call, const v1::OfferTransferRequest& request,
                                   v1::OfferTransferResponse* response) {
  ASSIGN_OR_RETURN(const bool is_force,
                   options_.handover->IsForce(call.deadline, request.to_force()));
  if (!is_force || request.to_force() == call.caller.tenant) {
    status::FieldViolations violations;
    violations.Add("to_force", "FORCE_UNKNOWN", "The code of another force of this system.");
    return violations.ToStatus();
  }
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(const PersonRow row, LockSubject(txn, call, request.subject_id()));
        ASSIGN_OR_RETURN(const std::vector<v1::Consent> consents, ConsentsOf(txn, row.person_id));
        bool consented = false;
        for (const v1::Consent& consent : consents) {
          consented |= consent.consent_id() == request.consent_id() &&
                       consent.kind() == v1::DISCLOSURE_KIND_RECORD_TO_FORCE &&
                       consent.recipient() == request.to_force() && !consent.has_withdrawn_time();
        }
        if (!consented) {
          return status::FailedPrecondition(
              "CONSENT_MISSING", "The person has not consented that their record goes there.");
        }
        TransferRow transfer;
        transfer.transfer_id = ids::DeriveUuid(call.request_id, "transfer");
        transfer.other_force = request.to_force();
        transfer.person_id = row.person_id;
        transfer.state = v1::TRANSFER_STATE_OFFERED;
        transfer.offered_at = call.now;
        v1::TransferOffer& offer = transfer.offer;
        offer.set_transfer_id(transfer.transfer_id);
        offer.set_from_force(txn.tenant());
        offer.set_to_force(request.to_force());
        *offer.mutable_offered_time() = casework::ToTimestamp(call.now);
        ASSIGN_OR_RETURN(const auto fields, ReadFields(txn, keys, {row.person_id}));
        if (const auto found = fields.find(row.person_id); found != fields.end()) {
          RETURN_IF_ERROR(FromFields(found->second, *offer.mutable_person()));
          ASSIGN_OR_RETURN(*offer.mutable_choices(), ChoicesOf(found->second));
        }
        // How they sign in and are reached at work stays with the force that gave it.
        offer.mutable_person()->clear_user_id();
        offer.mutable_person()->clear_work();
        ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                         ReadSlices(txn, keys, {row.person_id}, std::nullopt, call.now));
        for (const Slice& slice : slices) {
          v1::EmploymentSlice& one = *offer.add_employments() = workforce::ToMessage(slice);
          // A subject id of this force says nothing to another.
          one.mutable_employment()->clear_manager_subject_id();
        }
        v1::HandoverMessage message;
        message.set_to_force(request.to_force());
        *message.mutable_offer() = offer;
        *offer.mutable_offered_by() = ActorOf(call);
        RETURN_IF_ERROR(InsertTransfer(txn, keys, transfer));
        RETURN_IF_ERROR(options_.handover->Append(txn, transfer.transfer_id, message));
        *response->mutable_transfer() = ToMessage(transfer, txn.tenant());
        return desk_.Audit(txn, call,
                           {{.action = audit::v1::ACTION_EXPORT,
                             .object_type = "transfer",
                             .object_id = transfer.transfer_id,
                             .subject_id = row.person_id}});
      });
}

absl::Status People::ListTransfers(const rpc::Call& call, const v1::ListTransfersRequest&,
                                   v1::ListTransfersResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const std::vector<TransferRow> rows, ReadTransfers(txn, keys));
    std::vector<std::string> people;
    for (const TransferRow& row : rows) {
      if (!row.person_id.empty()) people.push_back(row.person_id);
    }
    ASSIGN_OR_RETURN(const auto seen, SightOf(txn, call, people));
    for (const TransferRow& row : rows) {
      const auto one = seen.find(row.person_id);
      if (one != seen.end() && one->second.sight == Sight::kNothing) continue;
      *response->add_transfers() = ToMessage(row, txn.tenant());
    }
    return desk_.Audit(txn, call,
                       {{.action = audit::v1::ACTION_READ,
                         .object_type = "transfers",
                         .object_count = response->transfers_size()}});
  });
}

absl::Status People::AnswerTransfer(const rpc::Call& call, const v1::AnswerTransferRequest& request,
                                    v1::AnswerTransferResponse* response) {
  if (!ids::IsUuid(request.transfer_id())) return Unknown();
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<TransferRow> row,
                         LockTransfer(txn, keys, request.transfer_id()));
        if (!row || row->offered_here) return Unknown();
        if (row->state != v1::TRANSFER_STATE_OFFERED) {
          return status::FailedPrecondition("TRANSFER_DECIDED", "It was answered or withdrawn.");
        }
        if (request.accept()) {
          const std::string id = ids::DeriveUuid(call.request_id, "person");
          row->person_id = id;
          RETURN_IF_ERROR(InsertPeople(
              txn, {{id, v1::PERSON_STATE_ACTIVE, v1::WORKFORCE_TYPE_OFFICER}}, call.now));
          FieldsWrite write;
          write.person_id = id;
          write.is_new = true;
          write.set = ToFields(row->offer.person());
          write.set[Field::kChoices] = row->offer.choices().SerializeAsString();
          RETURN_IF_ERROR(WriteFields(txn, keys, {write}));
          // Where they worked before: known from now on, and over.
          std::vector<Statement> statements;
          for (const v1::EmploymentSlice& slice : row->offer.employments()) {
            Statement statement;
            statement.person_id = id;
            statement.employment = slice.employment();
            statement.employment.set_employment_id(
                ids::DeriveUuid(row->transfer_id, slice.employment().employment_id()));
            statement.from = casework::DayOf(slice.from_date());
            statement.source = "transfer";
            statement.source_version = 1;
            statement.is_new = true;
            statement.new_person = true;
            statements.push_back(statement);
          }
          if (!statements.empty()) {
            RETURN_IF_ERROR(WriteStatements(txn, keys, statements, Today(call), call.now));
            RETURN_IF_ERROR(EndEmployments(txn, keys, id, v1::END_REASON_TRANSFERRED, Today(call),
                                           Today(call), call.now));
          }
          RETURN_IF_ERROR(SetPersonState(txn, id, v1::PERSON_STATE_ACTIVE, call.now));
          RETURN_IF_ERROR(QueueDuplicates(txn, {id}, call.now));
        }
        row->state = request.accept() ? v1::TRANSFER_STATE_ACCEPTED : v1::TRANSFER_STATE_DECLINED;
        row->answered_at = call.now;
        *response->mutable_transfer() = ToMessage(*row, txn.tenant());
        RETURN_IF_ERROR(AnswerRow(txn, keys, *row, row->state, row->person_id, call.now));
        v1::HandoverMessage message;
        message.set_to_force(row->other_force);
        message.mutable_answer()->set_transfer_id(row->transfer_id);
        message.mutable_answer()->set_accepted(request.accept());
        *message.mutable_answer()->mutable_answered_time() = casework::ToTimestamp(call.now);
        message.mutable_answer()->set_subject_id(row->person_id);
        *message.mutable_answer()->mutable_answered_by() = ActorOf(call);
        RETURN_IF_ERROR(
            options_.handover->Append(txn, ids::DeriveUuid(row->transfer_id, "answer"), message));
        return desk_.AuditChange(txn, call, "transfer", row->transfer_id, row->person_id);
      });
}

absl::Status People::WithdrawTransfer(const rpc::Call& call,
                                      const v1::WithdrawTransferRequest& request,
                                      v1::WithdrawTransferResponse* response) {
  if (!ids::IsUuid(request.transfer_id())) return Unknown();
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        ASSIGN_OR_RETURN(std::optional<TransferRow> row,
                         LockTransfer(txn, keys, request.transfer_id()));
        if (!row || !row->offered_here) return Unknown();
        RETURN_IF_ERROR(CheckSubject(txn, call, row->person_id).status());
        if (row->state != v1::TRANSFER_STATE_OFFERED) {
          return status::FailedPrecondition("TRANSFER_DECIDED", "It was answered or withdrawn.");
        }
        row->state = v1::TRANSFER_STATE_WITHDRAWN;
        row->answered_at = call.now;
        *response->mutable_transfer() = ToMessage(*row, txn.tenant());
        RETURN_IF_ERROR(AnswerRow(txn, keys, *row, row->state, row->person_id, call.now));
        v1::HandoverMessage message;
        message.set_to_force(row->other_force);
        message.mutable_offer()->set_transfer_id(row->transfer_id);
        message.mutable_offer()->set_withdrawn(true);
        RETURN_IF_ERROR(options_.handover->Append(
            txn, ids::DeriveUuid(row->transfer_id, "withdrawal"), message));
        return desk_.AuditChange(txn, call, "transfer", row->transfer_id, row->person_id);
      });
}

}  // namespace waymark::workforce
