// What providers answer, as FHIR: Tasks, laboratory reports (DiagnosticReport with Observations),
// no-shows and bookings of the Booking and Referral Standard. Read into waymark.referral.v1, and
// written for partners who read from here.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_ANSWERS_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/referral/fhir/bars_receiver.h"
#include "services/referral/fhir/json.h"
#include "services/referral/fhir/outcome.h"
#include "waymark/referral/v1/referral_case.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"

namespace waymark::referral::fhir {

struct PartnerAnswer {
  // Our id of the referral; empty when only `keys` say which it is.
  std::string referral_id;
  // Bundle.id of our message that is answered; empty when it does not say.
  std::string response_to;
  // Whatever else could tell. organisation_code is who performed a report, when it says so; who
  // sent it is known elsewhere.
  v1::MatchKeys keys;
  // number is 0: these carriers do not count.
  v1::Answer answer;
};

struct AnswerReading {
  // Empty when `issues` holds an error.
  std::vector<PartnerAnswer> answers;
  // Errors: what cannot be taken as an answer, to be refused with 422. Warnings: what was left out.
  std::vector<Issue> issues;
};

// A Task alone, or one of a Bundle (`bundle` may be empty). Both have passed CheckResource.
AnswerReading ReadTaskAnswer(const Json& task, const Json& bundle = Json());

// True for a Bundle that carries laboratory results: a message of event SNOMED CT 371528001, or any
// Bundle with a DiagnosticReport.
bool IsReport(const Json& bundle);
// One outcome for each DiagnosticReport. A report that is preliminary says that more is to come.
AnswerReading ReadReport(const Json& bundle);

// A message of the standard on which DecideBars decided. Referrals and validations are refused:
// they are nothing that a referral from here can be answered with.
AnswerReading ReadBarsAnswer(const Json& bundle, BarsAction action);

// Written forms. `updated` is an instant as FHIR writes it; ids are those of PartUrl.
Json TaskOfAnswer(absl::string_view referral_id, const v1::Answer& answer,
                  absl::string_view updated);
// A Bundle (collection) of the DiagnosticReport with its Observations and Procedures.
Json ReportOfOutcome(absl::string_view referral_id, const v1::Outcome& outcome,
                     absl::string_view updated);
// The case as a Task, as GET /Task/<id> shows it: meta.versionId is the case's version.
Json TaskOfCase(const v1::ReferralCase& referral);
// The ServiceRequest first, then everything it refers to: a Bundle of type searchset. Reasons as of
// ReferralTransaction.
absl::StatusOr<Json> SearchsetOfCase(const v1::ReferralCase& referral);
// The last booking; an empty value when there is none.
Json AppointmentOfCase(const v1::ReferralCase& referral);

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_ANSWERS_H_
