#include "services/msk/msk_service.h"

#include <memory>

#include "services/casework/cases.h"
#include "services/casework/clients/workforce.h"
#include "services/casework/pathway.h"
#include "services/msk/correct_injury.h"
#include "services/msk/end_care.h"
#include "services/msk/facts.h"
#include "services/msk/log_injury.h"
#include "services/msk/plan_return.h"
#include "services/msk/propose_fitness.h"
#include "services/msk/receive_referral_outcome.h"
#include "services/msk/record_absence.h"
#include "services/msk/record_care_progress.h"
#include "services/msk/record_escalation.h"
#include "services/msk/record_fit_note.h"
#include "services/msk/record_ottawa.h"
#include "services/msk/record_physician_review.h"
#include "services/msk/record_red_flags.h"
#include "services/msk/record_reinjury.h"
#include "services/msk/record_return_review.h"
#include "services/msk/record_riddor_report.h"
#include "services/msk/record_score.h"
#include "services/msk/record_treatment_centre.h"
#include "services/msk/record_triage.h"
#include "services/msk/referral_content.h"
#include "services/msk/request_care.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"

namespace waymark::msk {
namespace {

using Cases = casework::Cases<v1::MskCase>;

class MskService final : public v1::MskService::CallbackService {
 public:
  explicit MskService(Cases& cases) : cases_(cases) {}

  grpc::ServerUnaryReactor* LogInjury(grpc::CallbackServerContext* context,
                                      const v1::LogInjuryRequest* request,
                                      v1::LogInjuryResponse* response) override {
    return cases_.Open(context, request, response, &msk::LogInjury, &FillReceipts);
  }
  grpc::ServerUnaryReactor* RecordRedFlags(grpc::CallbackServerContext* context,
                                           const v1::RecordRedFlagsRequest* request,
                                           v1::RecordRedFlagsResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordRedFlags);
  }
  grpc::ServerUnaryReactor* RecordEscalation(grpc::CallbackServerContext* context,
                                             const v1::RecordEscalationRequest* request,
                                             v1::RecordEscalationResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordEscalation);
  }
  grpc::ServerUnaryReactor* RecordTriage(grpc::CallbackServerContext* context,
                                         const v1::RecordTriageRequest* request,
                                         v1::RecordTriageResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordTriage);
  }
  grpc::ServerUnaryReactor* RecordScore(grpc::CallbackServerContext* context,
                                        const v1::RecordScoreRequest* request,
                                        v1::RecordScoreResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordScore);
  }
  grpc::ServerUnaryReactor* RecordOttawa(grpc::CallbackServerContext* context,
                                         const v1::RecordOttawaRequest* request,
                                         v1::RecordOttawaResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordOttawa);
  }
  grpc::ServerUnaryReactor* RequestCare(grpc::CallbackServerContext* context,
                                        const v1::RequestCareRequest* request,
                                        v1::RequestCareResponse* response) override {
    return cases_.Change(context, request, response, &msk::RequestCare);
  }
  grpc::ServerUnaryReactor* RecordCareProgress(grpc::CallbackServerContext* context,
                                               const v1::RecordCareProgressRequest* request,
                                               v1::RecordCareProgressResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordCareProgress);
  }
  grpc::ServerUnaryReactor* RecordAbsence(grpc::CallbackServerContext* context,
                                          const v1::RecordAbsenceRequest* request,
                                          v1::RecordAbsenceResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordAbsence);
  }
  grpc::ServerUnaryReactor* RecordFitNote(grpc::CallbackServerContext* context,
                                          const v1::RecordFitNoteRequest* request,
                                          v1::RecordFitNoteResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordFitNote);
  }
  grpc::ServerUnaryReactor* PlanReturn(grpc::CallbackServerContext* context,
                                       const v1::PlanReturnRequest* request,
                                       v1::PlanReturnResponse* response) override {
    return cases_.Change(context, request, response, &msk::PlanReturn);
  }
  grpc::ServerUnaryReactor* RecordReturnReview(grpc::CallbackServerContext* context,
                                               const v1::RecordReturnReviewRequest* request,
                                               v1::RecordReturnReviewResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordReturnReview);
  }
  grpc::ServerUnaryReactor* RecordTreatmentCentre(
      grpc::CallbackServerContext* context, const v1::RecordTreatmentCentreRequest* request,
      v1::RecordTreatmentCentreResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordTreatmentCentre);
  }
  grpc::ServerUnaryReactor* RecordPhysicianReview(
      grpc::CallbackServerContext* context, const v1::RecordPhysicianReviewRequest* request,
      v1::RecordPhysicianReviewResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordPhysicianReview);
  }
  grpc::ServerUnaryReactor* ProposeFitness(grpc::CallbackServerContext* context,
                                           const v1::ProposeFitnessRequest* request,
                                           v1::ProposeFitnessResponse* response) override {
    return cases_.Change(context, request, response, &msk::ProposeFitness);
  }
  grpc::ServerUnaryReactor* RecordRiddorReport(grpc::CallbackServerContext* context,
                                               const v1::RecordRiddorReportRequest* request,
                                               v1::RecordRiddorReportResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordRiddorReport);
  }
  grpc::ServerUnaryReactor* RecordReinjury(grpc::CallbackServerContext* context,
                                           const v1::RecordReinjuryRequest* request,
                                           v1::RecordReinjuryResponse* response) override {
    return cases_.Change(context, request, response, &msk::RecordReinjury);
  }
  grpc::ServerUnaryReactor* EndCare(grpc::CallbackServerContext* context,
                                    const v1::EndCareRequest* request,
                                    v1::EndCareResponse* response) override {
    return cases_.Change(context, request, response, &msk::EndCare);
  }
  grpc::ServerUnaryReactor* CorrectInjury(grpc::CallbackServerContext* context,
                                          const v1::CorrectInjuryRequest* request,
                                          v1::CorrectInjuryResponse* response) override {
    return cases_.Change(context, request, response, &msk::CorrectInjury);
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
    return cases_.GetCase(context, request, response);
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
  grpc::ServerUnaryReactor* PreviewPlan(grpc::CallbackServerContext* context,
                                        const v1::PreviewPlanRequest* request,
                                        v1::PreviewPlanResponse* response) override {
    return cases_.PreviewPlan(context, request, response, &PreviewInjury, &FillPreview);
  }
  grpc::ServerUnaryReactor* ListProtocols(grpc::CallbackServerContext* context,
                                          const v1::ListProtocolsRequest* request,
                                          v1::ListProtocolsResponse* response) override {
    return cases_.ListProtocols(context, request, response);
  }
  grpc::ServerUnaryReactor* TransferCases(grpc::CallbackServerContext* context,
                                          const v1::TransferCasesRequest* request,
                                          v1::TransferCasesResponse* response) override {
    return cases_.TransferCases(context, request, response);
  }
  grpc::ServerUnaryReactor* ReadReferralContent(
      grpc::CallbackServerContext* context, const v1::ReadReferralContentRequest* request,
      v1::ReadReferralContentResponse* response) override {
    return cases_.ReadContent<v1::GetCaseResponse>(context, request, response, &ReferralContentOf);
  }
  grpc::ServerUnaryReactor* ReceiveReferralOutcome(
      grpc::CallbackServerContext* context, const v1::ReceiveReferralOutcomeRequest* request,
      v1::ReceiveReferralOutcomeResponse* response) override {
    return cases_.Tell<v1::WaiveStepResponse>(context, request, response,
                                              &msk::ReceiveReferralOutcome);
  }

 private:
  Cases& cases_;
};

}  // namespace

server::Program MskProgram() {
  return casework::ProgramOf<v1::MskCase>(
      {.name = "msk",
       .about = "Musculoskeletal injuries: cases and their dated path back to work.",
       .known_facts = &KnownFacts,
       .facts_of = &FactsOf,
       .serve =
           [](Cases& cases) {
             return server::Expose<v1::MskService>(std::make_shared<MskService>(cases));
           },
       .neighbours = {{.name = "workforce", .connect = &casework::WorkforceTeller}}});
}

}  // namespace waymark::msk
