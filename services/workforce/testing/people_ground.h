// The rooms of WorkforceService on a real database, and short words for asking them.
#ifndef WAYMARK_SERVICES_WORKFORCE_TESTING_PEOPLE_GROUND_H_
#define WAYMARK_SERVICES_WORKFORCE_TESTING_PEOPLE_GROUND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/pseudonymiser.h"
#include "services/workforce/clients/handover.h"
#include "services/workforce/clients/pathways.h"
#include "services/workforce/clients/scheduling.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/retention.h"
#include "services/workforce/testing/ground.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::workforce {

using Roles = std::vector<options::v1::Role>;
inline constexpr options::v1::Role kNurse = options::v1::ROLE_OH_NURSE;
inline constexpr options::v1::Role kLead = options::v1::ROLE_OH_LEAD;
inline constexpr options::v1::Role kClinicalLead = options::v1::ROLE_CLINICAL_LEAD;
inline constexpr options::v1::Role kManager = options::v1::ROLE_LINE_MANAGER;
inline constexpr options::v1::Role kHr = options::v1::ROLE_HR_INTEGRATION;
inline constexpr options::v1::Role kOfficer = options::v1::ROLE_OFFICER;
inline constexpr options::v1::Role kAuditor = options::v1::ROLE_AUDITOR;
inline constexpr options::v1::Role kOperator = options::v1::ROLE_OPERATOR;

class PeopleGround : public Ground {
 protected:
  PeopleGround();

  // Calls a room; the request gets the call's request_id if it has one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(absl::Status (People::*room)(const rpc::Call&, const Request&,
                                                            Response*),
                               rpc::Call call, Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(call.request_id);
      call.request_id = request.request_id();
    }
    Response response;
    const absl::Status status = ((*people_).*room)(call, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::Person> Get(const std::string& subject, Roles roles = {kNurse},
                                 const std::string& user = "nia", const std::string& me = "",
                                 const std::string& tenant = kTenant);
  // The names a caller reads for these subjects, "" for what is left out.
  std::vector<std::string> Names(const std::vector<std::string>& subjects, Roles roles,
                                 const std::string& user = "nia", const std::string& me = "");
  // Protects with the alias "Alex Grey"; `allowed` may see.
  void Protect(const std::string& subject, const std::vector<std::string>& allowed);
  v1::Reachable RoutesTo(const std::string& subject);
  // What pathways are told of people who have moved. Each has a request of its own; all are alike.
  std::vector<bbv::v1::TransferCasesRequest> CasesSent();
  // All that lies in the database, every table's every row as text.
  std::string Dump();

  const crypto::Pseudonymiser audit_subjects_;
  std::unique_ptr<Reviews> reviews_;
  std::unique_ptr<Pathways> pathways_;
  std::unique_ptr<Handover> handover_;
  std::unique_ptr<People> people_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_TESTING_PEOPLE_GROUND_H_
