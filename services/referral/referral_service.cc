#include "services/referral/referral_service.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/casework/cases.h"
#include "services/casework/pathway.h"
#include "services/referral/accept_referral.h"
#include "services/referral/answer_question.h"
#include "services/referral/ask_for_information.h"
#include "services/referral/cancel_referral.h"
#include "services/referral/carriers/partners.h"
#include "services/referral/clients/others.h"
#include "services/referral/clients/partner.h"
#include "services/referral/complete_referral.h"
#include "services/referral/decline_referral.h"
#include "services/referral/directory/directory_service.h"
#include "services/referral/draft_referral.h"
#include "services/referral/facts.h"
#include "services/referral/moves.h"
#include "services/referral/outbound.h"
#include "services/referral/partner_service.h"
#include "services/referral/receive_answer.h"
#include "services/referral/receive_referral.h"
#include "services/referral/receive_update.h"
#include "services/referral/record_not_attended.h"
#include "services/referral/record_outcome.h"
#include "services/referral/record_seen.h"
#include "services/referral/redirect_referral.h"
#include "services/referral/referral_cases.h"
#include "services/referral/resend_referral.h"
#include "services/referral/send_referral.h"
#include "services/referral/settle_message.h"
#include "services/referral/store/matches.h"
#include "waymark/referral/v1/referral_service.grpc.pb.h"

namespace waymark::referral {
namespace {

using Cases = casework::Cases<v1::ReferralCase>;

class ReferralService final : public v1::ReferralService::CallbackService {
 public:
  ReferralService(Cases& cases, std::shared_ptr<const Sources> sources, Directory& directory,
                  std::shared_ptr<const Partners> partners)
      : cases_(cases),
        sources_(std::move(sources)),
        partners_(std::move(partners)),
        matches_(*cases.untyped().options().database, *cases.untyped().options().keys),
        rooms_(cases, *sources_, matches_, directory, partners_.get()) {}

#define WAYMARK_ROOM(method)                                                                  \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                      \
                                   const v1::method##Request* request,                        \
                                   v1::method##Response* response) override {                 \
    return rpc::Unary(                                                                        \
        *cases_.untyped().options().corridor, context, request, response,                     \
        [this](const rpc::Call& call, const v1::method##Request& asked,                       \
               v1::method##Response* answer) { return rooms_.method(call, asked, answer); }); \
  }
  WAYMARK_ROOM(DraftReferral)
  WAYMARK_ROOM(PreviewReferral)
  WAYMARK_ROOM(SendReferral)
  WAYMARK_ROOM(ReferAgain)
  WAYMARK_ROOM(BookReferral)
  WAYMARK_ROOM(CancelBooking)
  WAYMARK_ROOM(RecordPartnerAnswer)
  WAYMARK_ROOM(RecordReceipt)
  WAYMARK_ROOM(MatchAnswer)
  WAYMARK_ROOM(ReceiveAnswer)
  WAYMARK_ROOM(ReceiveUpdate)
#undef WAYMARK_ROOM

  grpc::ServerUnaryReactor* AnswerQuestion(grpc::CallbackServerContext* context,
                                           const v1::AnswerQuestionRequest* request,
                                           v1::AnswerQuestionResponse* response) override {
    return cases_.Change(context, request, response, &referral::AnswerQuestion);
  }
  grpc::ServerUnaryReactor* CancelReferral(grpc::CallbackServerContext* context,
                                           const v1::CancelReferralRequest* request,
                                           v1::CancelReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::CancelReferral);
  }
  grpc::ServerUnaryReactor* ResendReferral(grpc::CallbackServerContext* context,
                                           const v1::ResendReferralRequest* request,
                                           v1::ResendReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::ResendReferral);
  }
  grpc::ServerUnaryReactor* CompleteReferral(grpc::CallbackServerContext* context,
                                             const v1::CompleteReferralRequest* request,
                                             v1::CompleteReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::CompleteReferral);
  }
  grpc::ServerUnaryReactor* SettleMessage(grpc::CallbackServerContext* context,
                                          const v1::SettleMessageRequest* request,
                                          v1::SettleMessageResponse* response) override {
    return cases_.Change(context, request, response, &referral::SettleMessage);
  }
  grpc::ServerUnaryReactor* AcceptReferral(grpc::CallbackServerContext* context,
                                           const v1::AcceptReferralRequest* request,
                                           v1::AcceptReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::AcceptReferral);
  }
  grpc::ServerUnaryReactor* DeclineReferral(grpc::CallbackServerContext* context,
                                            const v1::DeclineReferralRequest* request,
                                            v1::DeclineReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::DeclineReferral);
  }
  grpc::ServerUnaryReactor* RedirectReferral(grpc::CallbackServerContext* context,
                                             const v1::RedirectReferralRequest* request,
                                             v1::RedirectReferralResponse* response) override {
    return cases_.Change(context, request, response, &referral::RedirectReferral);
  }
  grpc::ServerUnaryReactor* AskForInformation(grpc::CallbackServerContext* context,
                                              const v1::AskForInformationRequest* request,
                                              v1::AskForInformationResponse* response) override {
    return cases_.Change(context, request, response, &referral::AskForInformation);
  }
  grpc::ServerUnaryReactor* RecordNotAttended(grpc::CallbackServerContext* context,
                                              const v1::RecordNotAttendedRequest* request,
                                              v1::RecordNotAttendedResponse* response) override {
    return cases_.Change(context, request, response, &referral::RecordNotAttended);
  }
  grpc::ServerUnaryReactor* RecordSeen(grpc::CallbackServerContext* context,
                                       const v1::RecordSeenRequest* request,
                                       v1::RecordSeenResponse* response) override {
    return cases_.Change(context, request, response, &referral::RecordSeen);
  }
  grpc::ServerUnaryReactor* RecordOutcome(grpc::CallbackServerContext* context,
                                          const v1::RecordOutcomeRequest* request,
                                          v1::RecordOutcomeResponse* response) override {
    return cases_.Change(context, request, response, &referral::RecordOutcome);
  }
  grpc::ServerUnaryReactor* ReceiveReferral(grpc::CallbackServerContext* context,
                                            const v1::ReceiveReferralRequest* request,
                                            v1::ReceiveReferralResponse* response) override {
    return cases_.Open(context, request, response, &referral::ReceiveReferral, &FillReceived);
  }
  grpc::ServerUnaryReactor* WaiveStep(grpc::CallbackServerContext* context,
                                      const v1::WaiveStepRequest* request,
                                      v1::WaiveStepResponse* response) override {
    return cases_.WaiveStep(context, request, response);
  }
  grpc::ServerUnaryReactor* AssignCase(grpc::CallbackServerContext* context,
                                       const v1::AssignCaseRequest* request,
                                       v1::AssignCaseResponse* response) override {
    return cases_.AssignCase(context, request, response);
  }
  grpc::ServerUnaryReactor* CloseCase(grpc::CallbackServerContext* context,
                                      const v1::CloseCaseRequest* request,
                                      v1::CloseCaseResponse* response) override {
    return cases_.CloseCase(context, request, response);
  }
  grpc::ServerUnaryReactor* ReopenCase(grpc::CallbackServerContext* context,
                                       const v1::ReopenCaseRequest* request,
                                       v1::ReopenCaseResponse* response) override {
    return cases_.ReopenCase(context, request, response);
  }
  grpc::ServerUnaryReactor* AdoptProtocol(grpc::CallbackServerContext* context,
                                          const v1::AdoptProtocolRequest* request,
                                          v1::AdoptProtocolResponse* response) override {
    return cases_.AdoptProtocol(context, request, response);
  }
  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const v1::GetCaseRequest* request,
                                    v1::GetCaseResponse* response) override {
    return cases_.GetCase(context, request, response, &FillMay);
  }
  grpc::ServerUnaryReactor* ListCases(grpc::CallbackServerContext* context,
                                      const v1::ListCasesRequest* request,
                                      v1::ListCasesResponse* response) override {
    return cases_.ListCases(context, request, response);
  }
  grpc::ServerUnaryReactor* ListCaseEvents(grpc::CallbackServerContext* context,
                                           const v1::ListCaseEventsRequest* request,
                                           v1::ListCaseEventsResponse* response) override {
    return cases_.ListCaseEvents(context, request, response);
  }
  grpc::ServerUnaryReactor* ListProtocols(grpc::CallbackServerContext* context,
                                          const v1::ListProtocolsRequest* request,
                                          v1::ListProtocolsResponse* response) override {
    return cases_.ListProtocols(context, request, response);
  }
  grpc::ServerUnaryReactor* PreviewPlan(grpc::CallbackServerContext* context,
                                        const v1::PreviewPlanRequest* request,
                                        v1::PreviewPlanResponse* response) override {
    return cases_.PreviewPlan(context, request, response, &PreviewNeed, &FillPlan);
  }

 private:
  static void FillMay(const v1::ReferralCase& record, v1::GetCaseResponse& response) {
    for (std::string& act : MayDo(record)) {
      response.add_may(std::move(act));
    }
  }

  Cases& cases_;
  const std::shared_ptr<const Sources> sources_;
  const std::shared_ptr<const Partners> partners_;
  const Matches matches_;
  ReferralCases rooms_;
};

// Everything but the providers outside the suite, which are known once the flags are.
casework::Pathway<v1::ReferralCase> ReferralPathway(
    const std::shared_ptr<std::shared_ptr<const Sources>>& sources, Directory* directory,
    const std::shared_ptr<grpc::Channel>& self) {
  casework::Pathway<v1::ReferralCase> pathway = {
      .name = "referral",
      .about = "Referrals to who provides care: sent, received, decided, booked, seen, answered.",
      .known_facts = &KnownFacts,
      .facts_of = &FactsOf,
      .serve =
          [sources, directory](Cases& cases) {
            return server::Expose<v1::ReferralService>(
                std::make_shared<ReferralService>(cases, *sources, *directory, nullptr));
          },
      // The other side is this service itself, under a name of its own.
      .neighbours = {{.name = kCounterpart, .connect = &CounterpartTeller}},
      // That somebody is referred, and to what, is nobody's business.
      .discreet = true};
  for (const std::string& name : PathwayNames()) {
    pathway.neighbours.push_back(
        {.name = name, .connect = [name, self](const std::shared_ptr<grpc::Channel>& channel) {
           return PathwayTeller(name, channel, self);
         }});
  }
  return pathway;
}

absl::StatusOr<server::Parts> Assemble(server::Ground& ground) {
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels;
  std::vector<std::string> asked = PathwayNames();
  asked.insert(asked.end(), {"workforce", "referral"});
  for (const std::string& name : asked) {
    ASSIGN_OR_RETURN(channels[name], ground.peer(name));
  }
  const auto sources = std::make_shared<std::shared_ptr<const Sources>>(MakeSources(channels));
  ASSIGN_OR_RETURN(DirectoryParts directory, AssembleDirectory(ground));
  casework::Pathway<v1::ReferralCase> pathway =
      ReferralPathway(sources, directory.directory, channels.at("referral"));
  std::shared_ptr<Partners> partners;
  if (const std::string& list = ground.options.own.at("partners"); !list.empty()) {
    ASSIGN_OR_RETURN(partners, Partners::Load(list, ground.clock));
    for (const std::string& code : partners->Codes()) {
      pathway.neighbours.push_back(
          {.name = PartnerDestination(code),
           .connect = [partners](const std::shared_ptr<grpc::Channel>& self) {
             return PartnerTeller(partners, self);
           }});
    }
  }
  pathway.serve = [sources, directory = directory.directory, partners](Cases& cases) {
    return server::Expose<v1::ReferralService>(
        std::make_shared<ReferralService>(cases, *sources, *directory, partners));
  };
  server::Ground here = ground;
  // Whoever is no service of its own is reached, or heard, through this one.
  here.peer = [peer = ground.peer](absl::string_view service) {
    const bool own = service == kCounterpart || absl::StartsWith(service, "partner_");
    return peer(own ? "referral" : service);
  };
  ASSIGN_OR_RETURN(server::Parts parts, casework::ProgramOf(std::move(pathway)).assemble(here));
  parts.services.push_back(std::move(directory.service));
  parts.duties.push_back(std::move(directory.purge));
  parts.held.push_back(std::move(directory.held));
  parts.services.push_back(
      ExposePartners(ground.corridor, channels.at("referral"), std::move(partners)));
  return parts;
}

}  // namespace

server::Program ReferralProgram() {
  server::Program program = casework::ProgramOf(
      ReferralPathway(std::make_shared<std::shared_ptr<const Sources>>(), nullptr, nullptr));
  program.flags.push_back({"partners", "Providers outside the suite: a PartnerList as text.", ""});
  program.schema.push_back(ReferralSchema());
  program.assemble = &Assemble;
  return program;
}

}  // namespace waymark::referral
