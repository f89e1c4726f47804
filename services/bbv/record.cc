#include "services/bbv/record.h"

#include <utility>

#include "common/civil/civil.h"
#include "services/bbv/bite_antibiotics.h"
#include "services/bbv/facts.h"
#include "services/bbv/hcv_risk.h"
#include "services/bbv/pep_indication.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/significance.h"
#include "services/bbv/tetanus.h"
#include "services/bbv/thresholds.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"

namespace waymark::bbv {

Virus VirusOf(v1::TestCode test) {
  switch (test) {
    case v1::TEST_CODE_HBSAG:
      return Virus::kHepatitisB;
    case v1::TEST_CODE_HCV_AB:
    case v1::TEST_CODE_HCV_AG_PCR:
      return Virus::kHepatitisC;
    case v1::TEST_CODE_HIV_AG_AB:
      return Virus::kHiv;
    default:
      return Virus::kNone;
  }
}

absl::Time IncidentOf(const v1::BbvCase& bbv_case) {
  return casework::InstantOf(bbv_case.exposure().incident_time());
}

bool IsWorkforce(const v1::BbvCase& bbv_case) {
  return bbv_case.header().subject_kind() == casework::v1::SUBJECT_KIND_WORKFORCE;
}

v1::Significance SignificanceOf(const v1::BbvCase& bbv_case) {
  const v1::Significance decided = bbv_case.risk_assessment().significance();
  return decided != v1::SIGNIFICANCE_UNSPECIFIED ? decided
                                                 : DeriveSignificance(bbv_case.exposure());
}

bool Stands(const v1::TestResult& result) { return result.superseded_by().empty(); }

bool IsFinal(const v1::TestResult& result) {
  return Stands(result) && (result.outcome() == v1::TEST_OUTCOME_NEGATIVE ||
                            result.outcome() == v1::TEST_OUTCOME_POSITIVE);
}

std::optional<absl::Time> PepEnd(const v1::BbvCase& bbv_case) {
  if (!bbv_case.pep().has_started_time()) return std::nullopt;
  return bbv_case.pep().has_ended_time() ? casework::InstantOf(bbv_case.pep().ended_time())
                                         : absl::InfiniteFuture();
}

casework::Change<v1::BbvCase> Changed(v1::BbvCase after, const casework::Call& call) {
  Derive(*call.protocol, after);
  return casework::ChangeOf(std::move(after));
}

void Derive(const casework::v1::Protocol& protocol, v1::BbvCase& bbv_case) {
  const v1::Exposure& exposure = bbv_case.exposure();
  const absl::Time incident = IncidentOf(bbv_case);
  const absl::CivilDay incident_date = civil::DateOf(incident, civil::London());

  v1::Advice& advice = *bbv_case.mutable_advice();
  advice.set_significance(DeriveSignificance(exposure));
  advice.set_pep_indication(
      DerivePepIndication(exposure, bbv_case.source(), SignificanceOf(bbv_case)));
  const HepatitisBAdvice hepatitis_b = AdviseHepatitisB(bbv_case, protocol);
  advice.set_hepatitis_b_vaccine(hepatitis_b.vaccine);
  advice.set_hepatitis_b_immunoglobulin(hepatitis_b.immunoglobulin);
  const TetanusLimits tetanus = TetanusLimitsOf(protocol);
  advice.set_tetanus(DeriveTetanus(exposure, incident_date, tetanus));
  advice.set_antibiotics(DeriveAntibiotics(exposure));
  advice.set_hepatitis_c_high_risk(IsHighHcvRisk(bbv_case.source()) ? v1::ANSWER_YES
                                                                    : v1::ANSWER_NO);
  if (bbv_case.has_risk_assessment()) {
    bbv_case.mutable_risk_assessment()->set_derived(advice.significance());
    bbv_case.mutable_risk_assessment()->set_pep_derived(advice.pep_indication());
  }
  if (bbv_case.has_tetanus()) {
    v1::TetanusRecord& record = *bbv_case.mutable_tetanus();
    record.set_derived(advice.tetanus());
    record.set_immunoglobulin_iu(TetanusImmunoglobulinIu(
        advice.tetanus(), exposure, incident, casework::InstantOf(record.checked_time()), tetanus));
  }
  if (bbv_case.has_antibiotics()) {
    bbv_case.mutable_antibiotics()->set_derived(advice.antibiotics());
  }

  const casework::Facts facts = FactsOf(bbv_case, protocol);
  const std::optional<absl::Time> pep_end = PepEnd(bbv_case);
  const double window_days = casework::Parameter(protocol, kHivWindowDays);
  for (v1::TestResult& result : *bbv_case.mutable_results()) {
    const absl::Time sampled = casework::InstantOf(result.sampled_time());
    result.set_step_key(TestStepOf(protocol, facts, result.test(), sampled));
    result.set_conclusive(IsFinal(result) &&
                          (result.test() != v1::TEST_CODE_HIV_AG_AB ||
                           result.outcome() == v1::TEST_OUTCOME_POSITIVE ||
                           HivNegativeIsConclusive(sampled, incident, pep_end, window_days)));
  }
  bbv_case.set_riddor_category(RiddorOf(bbv_case, facts, protocol));
}

}  // namespace waymark::bbv
