#include "services/mental_health/mental_health_service.h"

#include <memory>

#include "services/casework/cases.h"
#include "services/casework/clients/workforce.h"
#include "services/casework/pathway.h"
#include "services/mental_health/add_incident.h"
#include "services/mental_health/career_exposure.h"
#include "services/mental_health/correct_incident.h"
#include "services/mental_health/end_surveillance.h"
#include "services/mental_health/facts.h"
#include "services/mental_health/log_traumatic_incident.h"
#include "services/mental_health/offer_treatment.h"
#include "services/mental_health/open_postvention.h"
#include "services/mental_health/open_referral.h"
#include "services/mental_health/open_surveillance.h"
#include "services/mental_health/propose_fitness.h"
#include "services/mental_health/raise_risk_flag.h"
#include "services/mental_health/receive_referral_outcome.h"
#include "services/mental_health/record_clinical_assessment.h"
#include "services/mental_health/record_contact.h"
#include "services/mental_health/record_death.h"
#include "services/mental_health/record_decompression.h"
#include "services/mental_health/record_firearms_request.h"
#include "services/mental_health/record_measures.h"
#include "services/mental_health/record_off_duty.h"
#include "services/mental_health/record_onward_care.h"
#include "services/mental_health/record_risk_conversation.h"
#include "services/mental_health/record_safety_plan.h"
#include "services/mental_health/record_safety_plan_review.h"
#include "services/mental_health/record_surveillance_round.h"
#include "services/mental_health/record_treatment.h"
#include "services/mental_health/record_trim.h"
#include "services/mental_health/refer_onward.h"
#include "services/mental_health/referral_content.h"
#include "services/mental_health/score_trend.h"
#include "services/mental_health/self_refer.h"
#include "services/mental_health/withdraw_consent.h"
#include "services/mental_health/withdraw_measure.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"

namespace waymark::mental_health {
namespace {

using Cases = casework::Cases<v1::MentalHealthCase>;

class MentalHealthService final : public v1::MentalHealthService::CallbackService {
 public:
  explicit MentalHealthService(Cases& cases) : cases_(cases) {}

  grpc::ServerUnaryReactor* OpenReferral(grpc::CallbackServerContext* context,
                                         const v1::OpenReferralRequest* request,
                                         v1::OpenReferralResponse* response) override {
    return cases_.Open(context, request, response, &mental_health::OpenReferral,
                       &FillReceipts<v1::OpenReferralRequest, v1::OpenReferralResponse>);
  }
  grpc::ServerUnaryReactor* SelfRefer(grpc::CallbackServerContext* context,
                                      const v1::SelfReferRequest* request,
                                      v1::SelfReferResponse* response) override {
    return cases_.Open(context, request, response, &mental_health::SelfRefer,
                       &FillReceipts<v1::SelfReferRequest, v1::SelfReferResponse>);
  }
  grpc::ServerUnaryReactor* LogTraumaticIncident(
      grpc::CallbackServerContext* context, const v1::LogTraumaticIncidentRequest* request,
      v1::LogTraumaticIncidentResponse* response) override {
    return cases_.Open(
        context, request, response, &mental_health::LogTraumaticIncident,
        &FillReceipts<v1::LogTraumaticIncidentRequest, v1::LogTraumaticIncidentResponse>);
  }
  grpc::ServerUnaryReactor* OpenSurveillance(grpc::CallbackServerContext* context,
                                             const v1::OpenSurveillanceRequest* request,
                                             v1::OpenSurveillanceResponse* response) override {
    return cases_.Open(context, request, response, &mental_health::OpenSurveillance,
                       &FillReceipts<v1::OpenSurveillanceRequest, v1::OpenSurveillanceResponse>);
  }
  grpc::ServerUnaryReactor* OpenPostvention(grpc::CallbackServerContext* context,
                                            const v1::OpenPostventionRequest* request,
                                            v1::OpenPostventionResponse* response) override {
    return cases_.Open(context, request, response, &mental_health::OpenPostvention,
                       &FillReceipts<v1::OpenPostventionRequest, v1::OpenPostventionResponse>);
  }
  grpc::ServerUnaryReactor* RecordClinicalAssessment(
      grpc::CallbackServerContext* context, const v1::RecordClinicalAssessmentRequest* request,
      v1::RecordClinicalAssessmentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordClinicalAssessment);
  }
  grpc::ServerUnaryReactor* RecordContact(grpc::CallbackServerContext* context,
                                          const v1::RecordContactRequest* request,
                                          v1::RecordContactResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordContact);
  }
  grpc::ServerUnaryReactor* RecordMeasures(grpc::CallbackServerContext* context,
                                           const v1::RecordMeasuresRequest* request,
                                           v1::RecordMeasuresResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordMeasures);
  }
  grpc::ServerUnaryReactor* WithdrawMeasure(grpc::CallbackServerContext* context,
                                            const v1::WithdrawMeasureRequest* request,
                                            v1::WithdrawMeasureResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::WithdrawMeasure);
  }
  grpc::ServerUnaryReactor* RaiseRiskFlag(grpc::CallbackServerContext* context,
                                          const v1::RaiseRiskFlagRequest* request,
                                          v1::RaiseRiskFlagResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RaiseRiskFlag);
  }
  grpc::ServerUnaryReactor* RecordRiskConversation(
      grpc::CallbackServerContext* context, const v1::RecordRiskConversationRequest* request,
      v1::RecordRiskConversationResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordRiskConversation);
  }
  grpc::ServerUnaryReactor* RecordSafetyPlan(grpc::CallbackServerContext* context,
                                             const v1::RecordSafetyPlanRequest* request,
                                             v1::RecordSafetyPlanResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordSafetyPlan);
  }
  grpc::ServerUnaryReactor* RecordSafetyPlanReview(
      grpc::CallbackServerContext* context, const v1::RecordSafetyPlanReviewRequest* request,
      v1::RecordSafetyPlanReviewResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordSafetyPlanReview);
  }
  grpc::ServerUnaryReactor* RecordFirearmsRequest(
      grpc::CallbackServerContext* context, const v1::RecordFirearmsRequestRequest* request,
      v1::RecordFirearmsRequestResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordFirearmsRequest);
  }
  grpc::ServerUnaryReactor* RecordTrim(grpc::CallbackServerContext* context,
                                       const v1::RecordTrimRequest* request,
                                       v1::RecordTrimResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordTrim);
  }
  grpc::ServerUnaryReactor* RecordDecompression(
      grpc::CallbackServerContext* context, const v1::RecordDecompressionRequest* request,
      v1::RecordDecompressionResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordDecompression);
  }
  grpc::ServerUnaryReactor* AddIncident(grpc::CallbackServerContext* context,
                                        const v1::AddIncidentRequest* request,
                                        v1::AddIncidentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::AddIncident);
  }
  grpc::ServerUnaryReactor* CorrectIncident(grpc::CallbackServerContext* context,
                                            const v1::CorrectIncidentRequest* request,
                                            v1::CorrectIncidentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::CorrectIncident);
  }
  grpc::ServerUnaryReactor* OfferTreatment(grpc::CallbackServerContext* context,
                                           const v1::OfferTreatmentRequest* request,
                                           v1::OfferTreatmentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::OfferTreatment);
  }
  grpc::ServerUnaryReactor* RecordTreatment(grpc::CallbackServerContext* context,
                                            const v1::RecordTreatmentRequest* request,
                                            v1::RecordTreatmentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordTreatment);
  }
  grpc::ServerUnaryReactor* ReferOnward(grpc::CallbackServerContext* context,
                                        const v1::ReferOnwardRequest* request,
                                        v1::ReferOnwardResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::ReferOnward);
  }
  grpc::ServerUnaryReactor* RecordOnwardCare(grpc::CallbackServerContext* context,
                                             const v1::RecordOnwardCareRequest* request,
                                             v1::RecordOnwardCareResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordOnwardCare);
  }
  grpc::ServerUnaryReactor* RecordSurveillanceRound(
      grpc::CallbackServerContext* context, const v1::RecordSurveillanceRoundRequest* request,
      v1::RecordSurveillanceRoundResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordSurveillanceRound);
  }
  grpc::ServerUnaryReactor* EndSurveillance(grpc::CallbackServerContext* context,
                                            const v1::EndSurveillanceRequest* request,
                                            v1::EndSurveillanceResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::EndSurveillance);
  }
  grpc::ServerUnaryReactor* RecordOffDuty(grpc::CallbackServerContext* context,
                                          const v1::RecordOffDutyRequest* request,
                                          v1::RecordOffDutyResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordOffDuty);
  }
  grpc::ServerUnaryReactor* ProposeFitness(grpc::CallbackServerContext* context,
                                           const v1::ProposeFitnessRequest* request,
                                           v1::ProposeFitnessResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::ProposeFitness);
  }
  grpc::ServerUnaryReactor* WithdrawConsent(grpc::CallbackServerContext* context,
                                            const v1::WithdrawConsentRequest* request,
                                            v1::WithdrawConsentResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::WithdrawConsent);
  }
  grpc::ServerUnaryReactor* RecordDeath(grpc::CallbackServerContext* context,
                                        const v1::RecordDeathRequest* request,
                                        v1::RecordDeathResponse* response) override {
    return cases_.Change(context, request, response, &mental_health::RecordDeath);
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
  grpc::ServerUnaryReactor* GetAnswers(grpc::CallbackServerContext* context,
                                       const v1::GetAnswersRequest* request,
                                       v1::GetAnswersResponse* response) override {
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
  grpc::ServerUnaryReactor* GetCareerExposure(grpc::CallbackServerContext* context,
                                              const v1::GetCareerExposureRequest* request,
                                              v1::GetCareerExposureResponse* response) override {
    return cases_.ReadSubject(context, request, response, &FillCareerExposure);
  }
  grpc::ServerUnaryReactor* GetScoreTrend(grpc::CallbackServerContext* context,
                                          const v1::GetScoreTrendRequest* request,
                                          v1::GetScoreTrendResponse* response) override {
    return cases_.ReadSubject(context, request, response, &FillScoreTrend);
  }
  grpc::ServerUnaryReactor* PreviewPlan(grpc::CallbackServerContext* context,
                                        const v1::PreviewPlanRequest* request,
                                        v1::PreviewPlanResponse* response) override {
    return cases_.PreviewPlan(context, request, response, &PreviewIncident, &FillPreview);
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
                                              &mental_health::ReceiveReferralOutcome);
  }

 private:
  Cases& cases_;
};

}  // namespace

server::Program MentalHealthProgram() {
  return casework::ProgramOf<v1::MentalHealthCase>(
      {.name = "mental_health",
       .about = "Mental health and trauma: cases and their dated path.",
       .known_facts = &KnownFacts,
       .facts_of = &FactsOf,
       .serve =
           [](Cases& cases) {
             return server::Expose<v1::MentalHealthService>(
                 std::make_shared<MentalHealthService>(cases));
           },
       .neighbours = {{.name = "workforce", .connect = &casework::WorkforceTeller}},
       .discreet = true});
}

}  // namespace waymark::mental_health
