#include "services/referral/referral_cases.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/referral/book_referral.h"
#include "services/referral/cancel_booking.h"
#include "services/referral/draft_referral.h"
#include "services/referral/match_answer.h"
#include "services/referral/moves.h"
#include "services/referral/receive_answer.h"
#include "services/referral/receive_update.h"
#include "services/referral/record.h"
#include "services/referral/record_partner_answer.h"
#include "services/referral/record_receipt.h"
#include "services/referral/refer_again.h"
#include "services/referral/send_referral.h"

namespace waymark::referral {
namespace {

using casework::UntypedCases;
using google::protobuf::Message;

absl::StatusOr<UntypedCases::Changed> Erased(ReferralChange change) {
  if (!change.ok()) return change.status();
  UntypedCases::Changed changed;
  for (v1::ReferralCase& record : change->cases) {
    changed.cases.push_back(std::make_unique<v1::ReferralCase>(std::move(record)));
  }
  changed.messages = std::move(change->messages);
  return changed;
}

// Hands the opened cases to a function that knows their type.
template <typename Request, typename Response>
auto Answering(const Request& request, Response& response,
               void (*fill)(const std::vector<v1::ReferralCase>&, const Request&, Response&)) {
  return [&request, &response, fill](const std::vector<std::unique_ptr<Message>>& opened) {
    std::vector<v1::ReferralCase> cases;
    cases.reserve(opened.size());
    for (const auto& one : opened) cases.push_back(static_cast<const v1::ReferralCase&>(*one));
    fill(cases, request, response);
  };
}

// By what the provider may name the referral, but for its own number.
v1::MatchKeys KeysOf(const v1::ReferralCase& record) {
  v1::MatchKeys keys;
  keys.set_organisation_code(record.provider().organisation_code());
  keys.set_nhs_number(record.content().patient().nhs_number());
  if (record.content().patient().has_birth_date()) {
    *keys.mutable_birth_date() = record.content().patient().birth_date();
  }
  return keys;
}

}  // namespace

absl::Status ReferralCases::CheckCarrier(const v1::Provider& provider) const {
  if (provider.carrier() == v1::CARRIER_UNSPECIFIED || provider.carrier() == v1::CARRIER_WAYMARK) {
    return absl::OkStatus();
  }
  return partners_ == nullptr ? Partners::NoCarrier() : partners_->CheckProvider(provider);
}

absl::StatusOr<Material> ReferralCases::Read(const rpc::Call& call, const v1::Draft& draft) const {
  Material material;
  RETURN_IF_ERROR(CheckCarrier(draft.provider()));
  ASSIGN_OR_RETURN(material.pathway, sources_.ReadContent(call, draft.need(), draft.service()));
  if (call.caller.subject_id &&
      absl::EqualsIgnoreCase(*call.caller.subject_id, material.pathway.subject_id())) {
    return status::PermissionDenied("OWN_CASE_AS_STAFF",
                                    "Nobody refers themselves as staff. Ask a colleague.");
  }
  ASSIGN_OR_RETURN(material.identity,
                   sources_.Disclose(call, material.pathway.subject_id(),
                                     draft.provider().organisation_code(), draft.consent()));
  return material;
}

absl::Status ReferralCases::DraftReferral(const rpc::Call& call,
                                          const v1::DraftReferralRequest& request,
                                          v1::DraftReferralResponse* response) {
  std::vector<Material> material;
  absl::Status read;
  for (const v1::Draft& draft : request.drafts()) {
    // Nothing is read, and no read recorded, for a request that is refused for its length.
    if (request.drafts_size() > kMostDrafts) break;
    absl::StatusOr<Material> one = Read(call, draft);
    if (!one.ok()) {
      read = one.status();
      break;
    }
    material.push_back(*std::move(one));
  }
  return cases_.untyped().Open(
      call, request, *response,
      [&](const casework::Call& act) -> absl::StatusOr<UntypedCases::Changed> {
        // A repeat of a request that was answered gets that answer, whatever can be read now.
        if (!read.ok()) return read;
        return Erased(referral::DraftReferral(request, material, act));
      },
      Answering(request, *response, &FillReceipts));
}

absl::Status ReferralCases::PreviewReferral(const rpc::Call& call,
                                            const v1::PreviewReferralRequest& request,
                                            v1::PreviewReferralResponse* response) {
  ASSIGN_OR_RETURN(const Material material, Read(call, request.draft()));
  casework::Call act;
  act.now = call.now;
  act.tenant = call.caller.tenant;
  act.user_id = call.actor();
  ASSIGN_OR_RETURN(*response, referral::PreviewReferral(request, material, act));
  return absl::OkStatus();
}

absl::Status ReferralCases::SendReferral(const rpc::Call& call,
                                         const v1::SendReferralRequest& request,
                                         v1::SendReferralResponse* response) {
  v1::GetCaseRequest which;
  which.set_case_id(request.case_id());
  v1::GetCaseResponse read;
  RETURN_IF_ERROR(cases_.RunGetCase(call, which, &read));
  const v1::ReferralCase& drafted = read.case_();
  absl::StatusOr<Identity> identity =
      sources_.Disclose(call, drafted.header().subject_id(), drafted.provider().organisation_code(),
                        drafted.content().consent());
  if (identity.ok()) {
    // Before the act: a row without its referral does no harm, the other way round a result would
    // find nothing.
    if (drafted.state() == v1::REFERRAL_STATE_DRAFT) {
      RETURN_IF_ERROR(matches_.Remember(call.deadline, call.caller.tenant,
                                        drafted.header().case_id(), KeysOf(drafted)));
    }
  }
  return cases_.untyped().Change(
      call, request, *response, UntypedCases::ClosedCases::kRefused,
      [&](const Message& before,
          const casework::Call& act) -> absl::StatusOr<UntypedCases::Changed> {
        if (!identity.ok()) return identity.status();
        return Erased(referral::SendReferral(static_cast<const v1::ReferralCase&>(before), request,
                                             *identity, act));
      });
}

absl::Status ReferralCases::ReferAgain(const rpc::Call& call, const v1::ReferAgainRequest& request,
                                       v1::ReferAgainResponse* response) {
  return cases_.untyped().Change(
      call, request, *response, UntypedCases::ClosedCases::kRefused,
      [&](const Message& before,
          const casework::Call& act) -> absl::StatusOr<UntypedCases::Changed> {
        RETURN_IF_ERROR(CheckCarrier(request.provider()));
        return Erased(
            referral::ReferAgain(static_cast<const v1::ReferralCase&>(before), request, act));
      });
}

absl::Status ReferralCases::BookReferral(const rpc::Call& call,
                                         const v1::BookReferralRequest& request,
                                         v1::BookReferralResponse* response) {
  const std::string& slot_id = request.booking().slot_id();
  bool had = false;
  absl::Status taken;
  v1::BookReferralRequest booked = request;
  if (!slot_id.empty()) {
    v1::GetCaseRequest which;
    which.set_case_id(request.case_id());
    v1::GetCaseResponse read;
    RETURN_IF_ERROR(cases_.RunGetCase(call, which, &read));
    const v1::ReferralCase& record = read.case_();
    had = !record.bookings().empty() && record.bookings().rbegin()->slot_id() == slot_id &&
          !record.bookings().rbegin()->called_off();
    // Only for a referral that can be booked: a slot is dear.
    if (absl::c_linear_search(MayDo(record.side(), record.state()), "BookReferral")) {
      const absl::StatusOr<v1::Slot> slot = directory_.Book(call, slot_id, request.case_id());
      taken = slot.status();
      if (slot.ok()) {
        *booked.mutable_booking()->mutable_start_time() = slot->start_time();
        *booked.mutable_booking()->mutable_end_time() = slot->end_time();
      }
    }
  }
  absl::Status done = cases_.untyped().Change(
      call, request, *response, UntypedCases::ClosedCases::kRefused,
      [&](const Message& before,
          const casework::Call& act) -> absl::StatusOr<UntypedCases::Changed> {
        // A repeat of a request that was answered gets that answer, whoever has the slot now.
        if (!taken.ok()) return taken;
        return Erased(
            referral::BookReferral(static_cast<const v1::ReferralCase&>(before), booked, act));
      });
  if (slot_id.empty() || !taken.ok()) return done;
  if (done.ok()) return directory_.KeepOnly(call, slot_id, request.case_id());
  // A refusal changed nothing; after a fault nobody knows, and the slot stays taken.
  const bool refused = absl::IsFailedPrecondition(done) || absl::IsInvalidArgument(done) ||
                       absl::IsAborted(done) || absl::IsNotFound(done);
  if (refused && !had) {
    RETURN_IF_ERROR(directory_.Release(call, slot_id, request.case_id()));
  }
  return done;
}

absl::Status ReferralCases::CancelBooking(const rpc::Call& call,
                                          const v1::CancelBookingRequest& request,
                                          v1::CancelBookingResponse* response) {
  RETURN_IF_ERROR(
      cases_.untyped().Change(call, request, *response, UntypedCases::ClosedCases::kRefused,
                              [&](const Message& before, const casework::Call& act) {
                                return Erased(referral::CancelBooking(
                                    static_cast<const v1::ReferralCase&>(before), request, act));
                              }));
  return directory_.KeepOnly(call, "", request.case_id());
}

absl::Status ReferralCases::RecordPartnerAnswer(const rpc::Call& call,
                                                const v1::RecordPartnerAnswerRequest& request,
                                                v1::RecordPartnerAnswerResponse* response) {
  RETURN_IF_ERROR(
      cases_.untyped().Change(call, request, *response, UntypedCases::ClosedCases::kAllowed,
                              [&](const Message& before, const casework::Call& act) {
                                return Erased(referral::RecordPartnerAnswer(
                                    static_cast<const v1::ReferralCase&>(before), request, act));
                              }));
  const std::string& reference = request.answer().accepted().provider_reference();
  if (reference.empty()) return absl::OkStatus();
  // From the answer, which a repeat gets too: the first time may have ended before this.
  v1::MatchKeys keys = KeysOf(response->case_());
  keys.set_provider_reference(reference);
  return matches_.Remember(call.deadline, call.caller.tenant, request.case_id(), keys);
}

absl::Status ReferralCases::RecordReceipt(const rpc::Call& call,
                                          const v1::RecordReceiptRequest& request,
                                          v1::RecordReceiptResponse* response) {
  v1::SendReferralResponse unseen;
  RETURN_IF_ERROR(
      cases_.untyped().Change(call, request, unseen, UntypedCases::ClosedCases::kAllowed,
                              [&](const Message& before, const casework::Call& act) {
                                return Erased(referral::RecordReceipt(
                                    static_cast<const v1::ReferralCase&>(before), request, act));
                              }));
  response->set_case_id(request.case_id());
  return absl::OkStatus();
}

absl::Status ReferralCases::MatchAnswer(const rpc::Call& call,
                                        const v1::MatchAnswerRequest& request,
                                        v1::MatchAnswerResponse* response) {
  v1::GetCaseRequest which;
  which.set_case_id(request.referral_id());
  v1::GetCaseResponse read;
  const absl::Status found = cases_.RunGetCase(call, which, &read);
  return cases_.untyped().Change(
      call, request, *response, UntypedCases::ClosedCases::kRefused,
      [&](const Message& before,
          const casework::Call& act) -> absl::StatusOr<UntypedCases::Changed> {
        if (!found.ok() || read.case_().side() != v1::SIDE_SENT) {
          status::FieldViolations violations;
          violations.Add("referral_id", "NOT_A_REFERRAL",
                         "Give the case of a referral that your organisation sent.");
          return violations.ToStatus();
        }
        return Erased(
            referral::MatchAnswer(static_cast<const v1::ReferralCase&>(before), request, act));
      });
}

absl::Status ReferralCases::ReceiveAnswer(const rpc::Call& call,
                                          const v1::ReceiveAnswerRequest& request,
                                          v1::ReceiveAnswerResponse* response) {
  const std::string& tenant = call.caller.tenant;
  v1::ReceiveAnswerRequest matched = request;
  if (matched.case_id().empty()) {
    ASSIGN_OR_RETURN(const std::string case_id,
                     matches_.Find(call.deadline, tenant, request.keys()));
    matched.set_case_id(case_id);
  }
  if (matched.case_id().empty() && request.only_matched()) {
    return status::NotFound("CASE_NOT_FOUND", "The keys mean no referral, or more than one.");
  }
  if (matched.case_id().empty()) {
    return cases_.untyped().Open(
        call, request, *response,
        [&](const casework::Call& act) { return Erased(KeepUnmatched(request, act)); },
        Answering(request, *response, &FillUnmatched));
  }
  // Casework fills the answer of an act; nobody is shown this one.
  v1::SendReferralResponse unseen;
  RETURN_IF_ERROR(
      cases_.untyped().Change(call, matched, unseen, UntypedCases::ClosedCases::kAllowed,
                              [&](const Message& before, const casework::Call& act) {
                                return Erased(referral::ReceiveAnswer(
                                    static_cast<const v1::ReferralCase&>(before), matched, act));
                              }));
  const std::string& reference = request.answer().accepted().provider_reference();
  if (!reference.empty()) {
    v1::MatchKeys keys = KeysOf(unseen.case_());
    keys.set_provider_reference(reference);
    RETURN_IF_ERROR(matches_.Remember(call.deadline, tenant, matched.case_id(), keys));
  }
  response->set_case_id(matched.case_id());
  response->set_matched(true);
  return absl::OkStatus();
}

absl::Status ReferralCases::ReceiveUpdate(const rpc::Call& call,
                                          const v1::ReceiveUpdateRequest& request,
                                          v1::ReceiveUpdateResponse* response) {
  v1::SendReferralResponse unseen;
  RETURN_IF_ERROR(
      cases_.untyped().Change(call, request, unseen, UntypedCases::ClosedCases::kAllowed,
                              [&](const Message& before, const casework::Call& act) {
                                return Erased(referral::ReceiveUpdate(
                                    static_cast<const v1::ReferralCase&>(before), request, act));
                              }));
  response->set_case_id(request.case_id());
  // After the act, and again with each repetition: what is cancelled needs no time any more.
  if (!request.update().has_cancelled()) return absl::OkStatus();
  return directory_.KeepOnly(call, "", request.case_id());
}

}  // namespace waymark::referral
