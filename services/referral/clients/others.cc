#include "services/referral/clients/others.h"

#include <grpcpp/channel.h>

#include <functional>
#include <utility>

#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/referral/record.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/dental/v1/dental_service.grpc.pb.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"
#include "waymark/workforce/v1/disclosure_service.grpc.pb.h"

namespace waymark::referral {
namespace {

// More forces than anybody serves in.
constexpr int kMostMoves = 16;

absl::Status Unreadable() {
  return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
}

casework::v1::Actor ActorOf(const rpc::Call& call) {
  casework::v1::Actor actor;
  actor.set_user_id(call.actor());
  if (!call.caller.roles.empty()) actor.set_role(call.caller.roles.front());
  return actor;
}

// One pathway: how its content is read, and how it is told an outcome.
struct Pathway {
  std::function<absl::StatusOr<v1::PathwayContent>(const rpc::Call&, const v1::NeedOrigin&,
                                                   v1::CareService)>
      read;
  // Where the case is now when the person has moved; unset when it was told here.
  std::function<absl::StatusOr<casework::v1::CaseElsewhere>(const v1::OutcomeForPathway& told,
                                                            const casework::v1::CaseElsewhere& from,
                                                            absl::Time deadline)>
      tell;
};

template <typename Service, typename ReadRequest, typename ReadResponse, typename TellRequest,
          typename TellResponse>
Pathway PathwayOf(const std::shared_ptr<grpc::Channel>& channel) {
  const std::shared_ptr<typename Service::Stub> stub = Service::NewStub(channel);
  return {.read = [stub](const rpc::Call& call, const v1::NeedOrigin& need,
                         v1::CareService service) -> absl::StatusOr<v1::PathwayContent> {
            ReadRequest request;
            request.set_tenant(call.caller.tenant);
            *request.mutable_actor() = ActorOf(call);
            request.set_case_id(need.case_id());
            request.set_step_key(need.step_key());
            request.set_service(service);
            ReadResponse response;
            RETURN_IF_ERROR(rpc::Invoke(
                {.deadline = call.deadline, .parent = &call}, [&](grpc::ClientContext* context) {
                  return stub->ReadReferralContent(context, request, &response);
                }));
            return std::move(*response.mutable_content());
          },
          .tell = [stub](const v1::OutcomeForPathway& told, const casework::v1::CaseElsewhere& from,
                         absl::Time deadline) -> absl::StatusOr<casework::v1::CaseElsewhere> {
            TellRequest request;
            request.set_request_id(told.request_id());
            request.set_tenant(told.tenant());
            *request.mutable_actor() = told.actor();
            request.set_case_id(told.origin().case_id());
            request.set_step_key(told.origin().step_key());
            request.set_service(told.service());
            request.set_provider_name(told.provider_name());
            *request.mutable_outcome() = told.outcome();
            if (!from.case_id().empty()) *request.mutable_forwarded_from() = from;
            TellResponse response;
            RETURN_IF_ERROR(rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
              return stub->ReceiveReferralOutcome(context, request, &response);
            }));
            return response.went_to();
          }};
}

#define WAYMARK_PATHWAY(name, Name)                                                         \
  PathwayOf<name::v1::Name##Service, name::v1::ReadReferralContentRequest,                  \
            name::v1::ReadReferralContentResponse, name::v1::ReceiveReferralOutcomeRequest, \
            name::v1::ReceiveReferralOutcomeResponse>

Pathway MakePathway(const std::string& name, const std::shared_ptr<grpc::Channel>& channel) {
  if (name == "bbv") return WAYMARK_PATHWAY(bbv, Bbv)(channel);
  if (name == "dental") return WAYMARK_PATHWAY(dental, Dental)(channel);
  if (name == "mental_health") return WAYMARK_PATHWAY(mental_health, MentalHealth)(channel);
  return WAYMARK_PATHWAY(msk, Msk)(channel);
}

#undef WAYMARK_PATHWAY

class OtherServices final : public Sources {
 public:
  explicit OtherServices(const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels)
      : workforce_(workforce::v1::DisclosureService::NewStub(channels.at("workforce"))) {
    for (const std::string& name : PathwayNames()) {
      pathways_[name] = MakePathway(name, channels.at(name));
    }
  }

  absl::StatusOr<v1::PathwayContent> ReadContent(const rpc::Call& call, const v1::NeedOrigin& need,
                                                 v1::CareService service) const override {
    const auto pathway = pathways_.find(need.pathway());
    if (pathway == pathways_.end()) {
      return status::InvalidArgument("PATHWAY_UNKNOWN",
                                     "Needs come from bbv, dental, mental_health and msk.");
    }
    return pathway->second.read(call, need, service);
  }

  absl::StatusOr<Identity> Disclose(const rpc::Call& call, const std::string& subject_id,
                                    const std::string& recipient,
                                    const v1::Consent& consent) const override {
    workforce::v1::DisclosePersonRequest request;
    request.set_tenant(call.caller.tenant);
    *request.mutable_actor() = ActorOf(call);
    request.set_subject_id(subject_id);
    request.set_recipient(recipient);
    request.set_basis(consent.basis());
    *request.mutable_given_time() =
        consent.has_given_time() ? consent.given_time() : casework::ToTimestamp(call.now);
    workforce::v1::DisclosePersonResponse response;
    RETURN_IF_ERROR(rpc::Invoke({.deadline = call.deadline, .parent = &call},
                                [&](grpc::ClientContext* context) {
                                  return workforce_->DisclosePerson(context, request, &response);
                                }));
    return Identity{.patient = std::move(*response.mutable_patient()),
                    .consent_id = response.consent_id()};
  }

 private:
  std::map<std::string, Pathway> pathways_;
  std::unique_ptr<workforce::v1::DisclosureService::Stub> workforce_;
};

}  // namespace

const std::vector<std::string>& PathwayNames() {
  static const auto* const names =
      new std::vector<std::string>{"bbv", "dental", "mental_health", "msk"};
  return *names;
}

std::unique_ptr<Sources> MakeSources(
    const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels) {
  return std::make_unique<OtherServices>(channels);
}

casework::Teller PathwayTeller(const std::string& pathway,
                               const std::shared_ptr<grpc::Channel>& channel,
                               const std::shared_ptr<grpc::Channel>& self) {
  const std::shared_ptr<v1::ReferralService::Stub> stub = v1::ReferralService::NewStub(self);
  return [tell = MakePathway(pathway, channel).tell, stub](const std::string& payload,
                                                           absl::Time deadline) -> absl::Status {
    v1::OutcomeForPathway told;
    if (!told.ParseFromString(payload)) return Unreadable();
    v1::RecordReceiptRequest record;
    record.set_request_id(ids::DeriveUuid(told.request_id(), "receipt"));
    record.set_tenant(told.tenant());
    record.set_case_id(told.referral_id());
    v1::Receipt& receipt = *record.mutable_receipt();
    receipt.set_what(kOutcomeReceipt);
    receipt.set_carrier(v1::CARRIER_WAYMARK);
    receipt.set_message_id(told.request_id());
    receipt.set_handover(v1::HANDOVER_ACKNOWLEDGED);

    absl::StatusOr<casework::v1::CaseElsewhere> went = tell(told, {}, deadline);
    for (int moves = 0; went.ok() && went->has_time() && moves < kMostMoves; ++moves) {
      casework::v1::CaseElsewhere from;
      from.set_force(told.tenant());
      from.set_case_id(told.origin().case_id());
      *from.mutable_time() = went->time();
      *receipt.mutable_forwarded_to() = *went;
      told.set_request_id(ids::DeriveUuid(told.request_id(), "forwarded"));
      told.set_tenant(went->force());
      told.mutable_origin()->set_case_id(went->case_id());
      went = tell(told, from, deadline);
    }
    absl::Status done = went.status();
    if (absl::IsAlreadyExists(done)) done = absl::OkStatus();
    const bool refused = casework::IsRefusal(done);
    if (!done.ok() && !refused) return done;
    // Messages of an earlier release do not say whose outcome it is.
    if (record.case_id().empty() || (done.ok() && !receipt.has_forwarded_to())) return done;
    if (refused) {
      receipt.set_handover(v1::HANDOVER_REFUSED);
      receipt.set_reason(status::Reason(done));
    }
    v1::RecordReceiptResponse response;
    absl::Status recorded = rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      return stub->RecordReceipt(context, record, &response);
    });
    // A referral's case that is gone cannot say it; the refusal is logged and counted all the same.
    if (!recorded.ok() && !casework::IsRefusal(recorded)) return recorded;
    return done;
  };
}

casework::Teller CounterpartTeller(const std::shared_ptr<grpc::Channel>& channel) {
  const std::shared_ptr<v1::ReferralService::Stub> stub = v1::ReferralService::NewStub(channel);
  return [stub](const std::string& payload, absl::Time deadline) -> absl::Status {
    v1::Parcel parcel;
    if (!parcel.ParseFromString(payload)) return Unreadable();
    return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
      switch (parcel.kind_case()) {
        case v1::Parcel::kReferral: {
          v1::ReceiveReferralResponse response;
          return stub->ReceiveReferral(context, parcel.referral(), &response);
        }
        case v1::Parcel::kAnswer: {
          v1::ReceiveAnswerResponse response;
          return stub->ReceiveAnswer(context, parcel.answer(), &response);
        }
        default: {
          v1::ReceiveUpdateResponse response;
          return stub->ReceiveUpdate(context, parcel.update(), &response);
        }
      }
    });
  };
}

}  // namespace waymark::referral
