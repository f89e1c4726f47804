// A referral's life in a test, on both sides (services/casework/testing/story.h).
//
//   Two two("2026-02-02T18:00", "need { closes ... }");
#ifndef WAYMARK_SERVICES_REFERRAL_TESTING_STORY_H_
#define WAYMARK_SERVICES_REFERRAL_TESTING_STORY_H_

#include <string>

#include "absl/status/status.h"
#include "services/casework/testing/story.h"
#include "services/referral/material.h"
#include "services/referral/record.h"

namespace waymark::referral::testing {

using casework::testing::BankHolidays;
using casework::testing::Clock;
using casework::testing::InLondon;

// The folder's protocols, and the latest.
const casework::Protocols& Protocols();
const casework::v1::Protocol& Protocol();

// A draft for HIV PEP at an emergency department, as text: everything but what a test changes.
inline constexpr char kDraft[] = R"pb(
  need { pathway: "bbv" case_id: "2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c01" step_key: "pep_start" }
  provider { organisation_code: "RX1" organisation_name: "City Hospital" }
  service: CARE_SERVICE_EMERGENCY_DEPARTMENT
  priority: PRIORITY_STAT
  question: "Please assess for post-exposure prophylaxis."
  referrer { practitioner_name: "A. Nurse" phone: "+441632960001" }
  consent { basis: CONSENT_BASIS_EXPLICIT }
)pb";

// What a pathway and workforce would give, for a patient called Sam Example: a window that shuts at
// `closes` ("2026-02-05T18:00"; empty: never).
Material Given(const std::string& closes);

// The force's side of one referral. The other side is made of what this side tells it.
class Story : public casework::testing::Story<v1::ReferralCase> {
 public:
  Story();
  // Drafts at the time of At, by `draft` as text over kDraft.
  absl::Status Draft(const std::string& draft, const Material& material);
  // Sends it.
  absl::Status Send(const Material& material);
  // The provider's answer of this number, as text of Answer.
  absl::Status Hear(int number, const std::string& answer);

  // What the last act put on its way to the other side.
  v1::Parcel LastParcel() const;
};

// The provider's side: opened by what the force's side sent.
class Copy : public casework::testing::Story<v1::ReferralCase> {
 public:
  Copy();
  absl::Status Receive(const v1::Parcel& parcel);
  absl::Status Hear(const v1::Parcel& parcel);
  v1::Parcel LastParcel() const;
};

}  // namespace waymark::referral::testing

#endif  // WAYMARK_SERVICES_REFERRAL_TESTING_STORY_H_
