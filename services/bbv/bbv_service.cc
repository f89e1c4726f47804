#include "services/bbv/bbv_service.h"

#include <memory>

#include "services/bbv/correct_exposure.h"
#include "services/bbv/correct_test_result.h"
#include "services/bbv/facts.h"
#include "services/bbv/log_exposure.h"
#include "services/bbv/open_linked_case.h"
#include "services/bbv/receive_referral_outcome.h"
#include "services/bbv/record_antibiotics.h"
#include "services/bbv/record_baseline_sample.h"
#include "services/bbv/record_counselling.h"
#include "services/bbv/record_family_impact.h"
#include "services/bbv/record_immunoglobulin.h"
#include "services/bbv/record_incapacity.h"
#include "services/bbv/record_pep.h"
#include "services/bbv/record_result_told.h"
#include "services/bbv/record_riddor_report.h"
#include "services/bbv/record_risk_assessment.h"
#include "services/bbv/record_sample.h"
#include "services/bbv/record_source_result.h"
#include "services/bbv/record_specialist_referral.h"
#include "services/bbv/record_symptoms.h"
#include "services/bbv/record_test_result.h"
#include "services/bbv/record_tetanus.h"
#include "services/bbv/record_vaccine_dose.h"
#include "services/bbv/referral_content.h"
#include "services/casework/cases.h"
#include "services/casework/pathway.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"

namespace waymark::bbv {
namespace {

using Cases = casework::Cases<v1::BbvCase>;

class BbvService final : public v1::BbvService::CallbackService {
 public:
  explicit BbvService(Cases& cases) : cases_(cases) {}

  grpc::ServerUnaryReactor* LogExposure(grpc::CallbackServerContext* context,
                                        const v1::LogExposureRequest* request,
                                        v1::LogExposureResponse* response) override {
    return cases_.Open(context, request, response, &bbv::LogExposure, &FillReceipts);
  }
  grpc::ServerUnaryReactor* OpenLinkedCase(grpc::CallbackServerContext* context,
                                           const v1::OpenLinkedCaseRequest* request,
                                           v1::OpenLinkedCaseResponse* response) override {
    return cases_.Open(context, request, response, &bbv::OpenLinkedCase, &FillLinked);
  }
  grpc::ServerUnaryReactor* RecordRiskAssessment(
      grpc::CallbackServerContext* context, const v1::RecordRiskAssessmentRequest* request,
      v1::RecordRiskAssessmentResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordRiskAssessment);
  }
  grpc::ServerUnaryReactor* RecordBaselineSample(
      grpc::CallbackServerContext* context, const v1::RecordBaselineSampleRequest* request,
      v1::RecordBaselineSampleResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordBaselineSample);
  }
  grpc::ServerUnaryReactor* RecordSourceResult(grpc::CallbackServerContext* context,
                                               const v1::RecordSourceResultRequest* request,
                                               v1::RecordSourceResultResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordSourceResult);
  }
  grpc::ServerUnaryReactor* RecordPep(grpc::CallbackServerContext* context,
                                      const v1::RecordPepRequest* request,
                                      v1::RecordPepResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordPep);
  }
  grpc::ServerUnaryReactor* RecordVaccineDose(grpc::CallbackServerContext* context,
                                              const v1::RecordVaccineDoseRequest* request,
                                              v1::RecordVaccineDoseResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordVaccineDose);
  }
  grpc::ServerUnaryReactor* RecordImmunoglobulin(
      grpc::CallbackServerContext* context, const v1::RecordImmunoglobulinRequest* request,
      v1::RecordImmunoglobulinResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordImmunoglobulin);
  }
  grpc::ServerUnaryReactor* RecordTetanus(grpc::CallbackServerContext* context,
                                          const v1::RecordTetanusRequest* request,
                                          v1::RecordTetanusResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordTetanus);
  }
  grpc::ServerUnaryReactor* RecordAntibiotics(grpc::CallbackServerContext* context,
                                              const v1::RecordAntibioticsRequest* request,
                                              v1::RecordAntibioticsResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordAntibiotics);
  }
  grpc::ServerUnaryReactor* RecordSample(grpc::CallbackServerContext* context,
                                         const v1::RecordSampleRequest* request,
                                         v1::RecordSampleResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordSample);
  }
  grpc::ServerUnaryReactor* RecordTestResult(grpc::CallbackServerContext* context,
                                             const v1::RecordTestResultRequest* request,
                                             v1::RecordTestResultResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordTestResult);
  }
  grpc::ServerUnaryReactor* CorrectTestResult(grpc::CallbackServerContext* context,
                                              const v1::CorrectTestResultRequest* request,
                                              v1::CorrectTestResultResponse* response) override {
    return cases_.Change(context, request, response, &bbv::CorrectTestResult);
  }
  grpc::ServerUnaryReactor* RecordResultTold(grpc::CallbackServerContext* context,
                                             const v1::RecordResultToldRequest* request,
                                             v1::RecordResultToldResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordResultTold);
  }
  grpc::ServerUnaryReactor* RecordSpecialistReferral(
      grpc::CallbackServerContext* context, const v1::RecordSpecialistReferralRequest* request,
      v1::RecordSpecialistReferralResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordSpecialistReferral);
  }
  grpc::ServerUnaryReactor* RecordSymptoms(grpc::CallbackServerContext* context,
                                           const v1::RecordSymptomsRequest* request,
                                           v1::RecordSymptomsResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordSymptoms);
  }
  grpc::ServerUnaryReactor* RecordCounselling(grpc::CallbackServerContext* context,
                                              const v1::RecordCounsellingRequest* request,
                                              v1::RecordCounsellingResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordCounselling);
  }
  grpc::ServerUnaryReactor* RecordFamilyImpact(grpc::CallbackServerContext* context,
                                               const v1::RecordFamilyImpactRequest* request,
                                               v1::RecordFamilyImpactResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordFamilyImpact);
  }
  grpc::ServerUnaryReactor* RecordRiddorReport(grpc::CallbackServerContext* context,
                                               const v1::RecordRiddorReportRequest* request,
                                               v1::RecordRiddorReportResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordRiddorReport);
  }
  grpc::ServerUnaryReactor* RecordIncapacity(grpc::CallbackServerContext* context,
                                             const v1::RecordIncapacityRequest* request,
                                             v1::RecordIncapacityResponse* response) override {
    return cases_.Change(context, request, response, &bbv::RecordIncapacity);
  }
  grpc::ServerUnaryReactor* CorrectExposure(grpc::CallbackServerContext* context,
                                            const v1::CorrectExposureRequest* request,
                                            v1::CorrectExposureResponse* response) override {
    return cases_.Change(context, request, response, &bbv::CorrectExposure);
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
  grpc::ServerUnaryReactor* GetSource(grpc::CallbackServerContext* context,
                                      const v1::GetSourceRequest* request,
                                      v1::GetSourceResponse* response) override {
    return cases_.GetHeldApart(context, request, response);
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
    return cases_.PreviewPlan(context, request, response, &PreviewExposure, &FillPreview);
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
                                              &bbv::ReceiveReferralOutcome);
  }

 private:
  Cases& cases_;
};

}  // namespace

server::Program BbvProgram() {
  return casework::ProgramOf<v1::BbvCase>(
      {.name = "bbv",
       .about = "Exposures to blood-borne viruses: cases and their dated path.",
       .known_facts = &KnownFacts,
       .facts_of = &FactsOf,
       .serve = [](Cases& cases) {
         return server::Expose<v1::BbvService>(std::make_shared<BbvService>(cases));
       }});
}

}  // namespace waymark::bbv
