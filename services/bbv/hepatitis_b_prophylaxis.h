// Hepatitis B vaccine and immunoglobulin after an exposure.
//
// Green Book chapter 18, "HBV prophylaxis for reported exposure incidents" (clinical reference 1.8;
// cells not read); UKHSA Hepatitis B immunoglobulin 2024 for indication and dose.
#ifndef WAYMARK_SERVICES_BBV_HEPATITIS_B_PROPHYLAXIS_H_
#define WAYMARK_SERVICES_BBV_HEPATITIS_B_PROPHYLAXIS_H_

#include "absl/time/civil_time.h"
#include "waymark/bbv/v1/bbv_case.pb.h"

namespace waymark::bbv {

struct HepatitisBAdvice {
  v1::VaccineAdvice vaccine = v1::VACCINE_ADVICE_NONE;
  v1::ImmunoglobulinAdvice immunoglobulin = v1::IMMUNOGLOBULIN_ADVICE_NONE;
};

// Thresholds of the protocol.
struct HepatitisBLimits {
  // mIU/mL under which a vaccinated person is a non-responder (10).
  double non_responder_below;
  // mIU/mL from which tests for hepatitis B may be left out (100).
  double protected_from;
  // Months since the last dose from which a booster is given (12).
  double booster_after_months;
};

// The row of the table: a measured anti-HBs under the limit makes a vaccinated person a
// non-responder; a person whose vaccination nobody knows is treated as unvaccinated.
v1::HepBVaccination EffectiveVaccination(const v1::HepBStatus& status,
                                         const HepatitisBLimits& limits);

// A responder so strong that infection is not to be expected (NHS Lothian; by policy).
bool IsProtectedFromHepatitisB(const v1::HepBStatus& status, const HepatitisBLimits& limits);

// The cell of the table.
HepatitisBAdvice AdviseHepatitisB(const v1::HepBStatus& status, v1::Significance significance,
                                  v1::SourceVirus source, bool continuing_risk,
                                  absl::CivilDay incident_date, const HepatitisBLimits& limits);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_HEPATITIS_B_PROPHYLAXIS_H_
