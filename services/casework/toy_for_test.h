// A pathway of toys for casework's own tests: one case, one act, two steps.
#ifndef WAYMARK_SERVICES_CASEWORK_TOY_FOR_TEST_H_
#define WAYMARK_SERVICES_CASEWORK_TOY_FOR_TEST_H_

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/casework/call.h"
#include "services/casework/change.h"
#include "services/casework/facts.h"
#include "services/casework/instants.h"
#include "waymark/testing/v1/toy_service.pb.h"

namespace waymark::casework {

struct ToyPathway {
  using Case = ::waymark::testing::v1::ToyCase;
  using OpenRequest = ::waymark::testing::v1::OpenToyRequest;
  using OpenResponse = ::waymark::testing::v1::OpenToyResponse;
  using ChangeRequest = ::waymark::testing::v1::RecordNoteRequest;
  using ChangeResponse = ::waymark::testing::v1::RecordNoteResponse;
  using WaiveRequest = ::waymark::testing::v1::WaiveStepRequest;
  using WaiveResponse = ::waymark::testing::v1::WaiveStepResponse;
  using AssignRequest = ::waymark::testing::v1::AssignCaseRequest;
  using AssignResponse = ::waymark::testing::v1::AssignCaseResponse;
  using CloseRequest = ::waymark::testing::v1::CloseCaseRequest;
  using CloseResponse = ::waymark::testing::v1::CloseCaseResponse;
  using ReopenRequest = ::waymark::testing::v1::ReopenCaseRequest;
  using ReopenResponse = ::waymark::testing::v1::ReopenCaseResponse;
  using AdoptRequest = ::waymark::testing::v1::AdoptProtocolRequest;
  using AdoptResponse = ::waymark::testing::v1::AdoptProtocolResponse;
  using GetRequest = ::waymark::testing::v1::GetCaseRequest;
  using GetResponse = ::waymark::testing::v1::GetCaseResponse;
  using GetApartRequest = ::waymark::testing::v1::GetSecretRequest;
  using GetApartResponse = ::waymark::testing::v1::GetSecretResponse;
  using ListRequest = ::waymark::testing::v1::ListCasesRequest;
  using ListResponse = ::waymark::testing::v1::ListCasesResponse;
  using EventsRequest = ::waymark::testing::v1::ListCaseEventsRequest;
  using EventsResponse = ::waymark::testing::v1::ListCaseEventsResponse;

  static constexpr char kPathway[] = "toy";
  static constexpr char kService[] = "waymark.testing.v1.ToyService";
  static constexpr char kOpenMethod[] = "OpenToy";
  static constexpr char kChangeMethod[] = "RecordNote";
  static constexpr char kGetApartMethod[] = "GetSecret";
  // Clinical words that Opening puts into the case, and into the part held apart.
  static constexpr char kMarker[] = "toy-clinical-marker";
  static constexpr char kApartMarker[] = "toy-secret-marker";

  static v1::Protocol Protocol() {
    v1::Protocol protocol;
    google::protobuf::TextFormat::ParseFromString(
        R"pb(
          key: "toy"
          version: 1
          title: "Toys"
          stages { key: "check" title: "Check" }
          stages { key: "test" title: "Test" }
          ladders {
            key: "urgent"
            rungs { kind: RUNG_KIND_BREACH base: RUNG_BASE_DUE audience: ROLE_OH_NURSE }
          }
          steps {
            key: "check"
            title: "Look at toy-step-title"
            stage: "check"
            anchor { point: "incident" }
            due { elapsed { hours: 1 } }
            responsible: ROLE_OH_NURSE
            ladder: "urgent"
            blocks_closing: true
            measure: "CHECKED_WITHIN_HOUR"
            guidance: "Look closely."
            sources { guideline: "Toy law" section: "1" evidence: EVIDENCE_LOCAL_POLICY }
          }
          steps {
            key: "six_weeks"
            title: "Look again"
            stage: "test"
            anchor { point: "incident" }
            opens { civil { weeks: 4 } }
            due { civil { weeks: 6 } }
            responsible: ROLE_OH_NURSE
            sources { guideline: "Toy law" section: "2" evidence: EVIDENCE_LOCAL_POLICY }
          }
        )pb",
        &protocol);
    return protocol;
  }

  static Facts FactsOf(const Case& toy, const v1::Protocol&) {
    Facts facts;
    facts.points["incident"] = FromTimestamp(toy.incident_time());
    if (toy.has_checked_time()) {
      v1::StepOutcome& done = facts.outcomes.emplace_back();
      done.set_step_key("check");
      done.set_ending(v1::ENDING_DONE);
      *done.mutable_ended_time() = toy.checked_time();
    }
    return facts;
  }

  static OpenRequest Opening(const std::vector<std::string>& subjects, absl::Time now) {
    OpenRequest request;
    for (const std::string& subject : subjects) request.add_subject_ids(subject);
    *request.mutable_incident_time() = ToTimestamp(now - absl::Minutes(10));
    request.set_note(kMarker);
    request.mutable_secret()->set_text(kApartMarker);
    return request;
  }

  static absl::StatusOr<Change<Case>> Open(const OpenRequest& request, const Call& call) {
    Change<Case> change;
    for (int i = 0; i < request.subject_ids_size(); ++i) {
      Case& toy = change.cases.emplace_back();
      toy.mutable_header()->set_case_id(call.NewId(absl::StrCat("case/", i)));
      toy.mutable_header()->set_subject_id(request.subject_ids(i));
      toy.mutable_header()->set_subject_kind(v1::SUBJECT_KIND_WORKFORCE);
      toy.mutable_header()->set_jurisdiction(v1::JURISDICTION_ENGLAND);
      *toy.mutable_incident_time() = request.incident_time();
      toy.add_notes(request.note());
      *toy.mutable_secret() = request.secret();
    }
    return change;
  }

  static void Answer(const std::vector<Case>& opened, const OpenRequest&, OpenResponse& response) {
    for (const Case& toy : opened) response.add_receipts(toy.header().case_id());
  }

  // A change that is always possible on an open case.
  static ChangeRequest Changing(const std::string& case_id, absl::Time /*now*/) {
    ChangeRequest request;
    request.set_case_id(case_id);
    request.set_note("one more");
    return request;
  }

  static absl::StatusOr<Change<Case>> Apply(const Case& before, const ChangeRequest& request,
                                            const Call& call) {
    Case after = before;
    after.add_notes(request.note());
    if (request.checked()) *after.mutable_checked_time() = ToTimestamp(call.now);
    if (request.has_secret()) *after.mutable_secret() = request.secret();
    return ChangeOf(std::move(after));
  }
};

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_TOY_FOR_TEST_H_
