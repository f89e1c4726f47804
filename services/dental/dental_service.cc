#include "services/dental/dental_service.h"

#include <memory>

#include "services/casework/cases.h"
#include "services/casework/clients/workforce.h"
#include "services/casework/pathway.h"
#include "services/dental/clients/bbv.h"
#include "services/dental/correct_injury.h"
#include "services/dental/end_care.h"
#include "services/dental/facts.h"
#include "services/dental/log_dental_injury.h"
#include "services/dental/propose_fitness.h"
#include "services/dental/receive_referral_outcome.h"
#include "services/dental/record_antibiotics.h"
#include "services/dental/record_blood_exposure.h"
#include "services/dental/record_contact.h"
#include "services/dental/record_fragment_check.h"
#include "services/dental/record_incapacity.h"
#include "services/dental/record_review.h"
#include "services/dental/record_riddor_report.h"
#include "services/dental/record_teeth.h"
#include "services/dental/record_tetanus.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/referral_content.h"
#include "services/dental/visits.h"
#include "waymark/dental/v1/dental_service.grpc.pb.h"

namespace waymark::dental {
namespace {

using Cases = casework::Cases<v1::DentalCase>;

class DentalService final : public v1::DentalService::CallbackService {
 public:
  explicit DentalService(Cases& cases) : cases_(cases) {}

  grpc::ServerUnaryReactor* LogDentalInjury(grpc::CallbackServerContext* context,
                                            const v1::LogDentalInjuryRequest* request,
                                            v1::LogDentalInjuryResponse* response) override {
    return cases_.Open(context, request, response, &dental::LogDentalInjury, &FillReceipts);
  }
  grpc::ServerUnaryReactor* RecordContact(grpc::CallbackServerContext* context,
                                          const v1::RecordContactRequest* request,
                                          v1::RecordContactResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordContact);
  }
  grpc::ServerUnaryReactor* RecordTeeth(grpc::CallbackServerContext* context,
                                        const v1::RecordTeethRequest* request,
                                        v1::RecordTeethResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordTeeth);
  }
  grpc::ServerUnaryReactor* RecordToothCare(grpc::CallbackServerContext* context,
                                            const v1::RecordToothCareRequest* request,
                                            v1::RecordToothCareResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordToothCare);
  }
  grpc::ServerUnaryReactor* RecordReview(grpc::CallbackServerContext* context,
                                         const v1::RecordReviewRequest* request,
                                         v1::RecordReviewResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordReview);
  }
  grpc::ServerUnaryReactor* RecordFragmentCheck(
      grpc::CallbackServerContext* context, const v1::RecordFragmentCheckRequest* request,
      v1::RecordFragmentCheckResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordFragmentCheck);
  }
  grpc::ServerUnaryReactor* RecordTetanus(grpc::CallbackServerContext* context,
                                          const v1::RecordTetanusRequest* request,
                                          v1::RecordTetanusResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordTetanus);
  }
  grpc::ServerUnaryReactor* RecordAntibiotics(grpc::CallbackServerContext* context,
                                              const v1::RecordAntibioticsRequest* request,
                                              v1::RecordAntibioticsResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordAntibiotics);
  }
  grpc::ServerUnaryReactor* RecordBloodExposure(
      grpc::CallbackServerContext* context, const v1::RecordBloodExposureRequest* request,
      v1::RecordBloodExposureResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordBloodExposure);
  }
  grpc::ServerUnaryReactor* RecordIncapacity(grpc::CallbackServerContext* context,
                                             const v1::RecordIncapacityRequest* request,
                                             v1::RecordIncapacityResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordIncapacity);
  }
  grpc::ServerUnaryReactor* RecordRiddorReport(grpc::CallbackServerContext* context,
                                               const v1::RecordRiddorReportRequest* request,
                                               v1::RecordRiddorReportResponse* response) override {
    return cases_.Change(context, request, response, &dental::RecordRiddorReport);
  }
  grpc::ServerUnaryReactor* ProposeFitness(grpc::CallbackServerContext* context,
                                           const v1::ProposeFitnessRequest* request,
                                           v1::ProposeFitnessResponse* response) override {
    return cases_.Change(context, request, response, &dental::ProposeFitness);
  }
  grpc::ServerUnaryReactor* EndCare(grpc::CallbackServerContext* context,
                                    const v1::EndCareRequest* request,
                                    v1::EndCareResponse* response) override {
    return cases_.Change(context, request, response, &dental::EndCare);
  }
  grpc::ServerUnaryReactor* CorrectInjury(grpc::CallbackServerContext* context,
                                          const v1::CorrectInjuryRequest* request,
                                          v1::CorrectInjuryResponse* response) override {
    return cases_.Change(context, request, response, &dental::CorrectInjury);
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
    return cases_.GetCase(context, request, response, &FillVisits);
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
                                              &dental::ReceiveReferralOutcome);
  }

 private:
  Cases& cases_;
};

}  // namespace

server::Program DentalProgram() {
  return casework::ProgramOf<v1::DentalCase>(
      {.name = "dental",
       .about = "Dental injuries: a line of dated visits for each tooth.",
       .known_facts = &KnownFacts,
       .facts_of = &FactsOf,
       .serve =
           [](Cases& cases) {
             return server::Expose<v1::DentalService>(std::make_shared<DentalService>(cases));
           },
       .neighbours = {{.name = "bbv", .connect = &BbvTeller},
                      {.name = "workforce", .connect = &casework::WorkforceTeller}}});
}

}  // namespace waymark::dental
