#include "tools/services/apis.h"

#include "absl/strings/str_split.h"
#include "waymark/audit/v1/audit_service.pb.h"
#include "waymark/bbv/v1/bbv_service.pb.h"
#include "waymark/dental/v1/dental_service.pb.h"
#include "waymark/gateway/v1/draft_service.pb.h"
#include "waymark/gateway/v1/gateway_service.pb.h"
#include "waymark/mental_health/v1/mental_health_service.pb.h"
#include "waymark/msk/v1/msk_service.pb.h"
#include "waymark/referral/v1/directory_service.pb.h"
#include "waymark/referral/v1/partner_service.pb.h"
#include "waymark/referral/v1/referral_service.pb.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"
#include "waymark/workforce/v1/disclosure_service.pb.h"
#include "waymark/workforce/v1/fitness_service.pb.h"
#include "waymark/workforce/v1/hr_feed_service.pb.h"
#include "waymark/workforce/v1/workforce_service.pb.h"

namespace waymark::tools {

const std::vector<Api>& Apis() {
  static const auto* const apis = [] {
    auto* all = new std::vector<Api>;
    // Naming one message of each service makes the linker keep its descriptors.
    for (const google::protobuf::Descriptor* message : {
             bbv::v1::GetCaseRequest::descriptor(),
             dental::v1::GetCaseRequest::descriptor(),
             mental_health::v1::GetCaseRequest::descriptor(),
             msk::v1::GetCaseRequest::descriptor(),
             referral::v1::GetCaseRequest::descriptor(),
             referral::v1::PutEntryRequest::descriptor(),
             referral::v1::ReadFhirRequest::descriptor(),
             scheduling::v1::ListWorklistRequest::descriptor(),
             audit::v1::GetCheckpointRequest::descriptor(),
             gateway::v1::EndSessionsRequest::descriptor(),
             gateway::v1::GetDraftRequest::descriptor(),
             workforce::v1::GetPersonRequest::descriptor(),
             workforce::v1::DisclosePersonRequest::descriptor(),
             workforce::v1::GetFeedRunRequest::descriptor(),
             workforce::v1::ListFitnessRequest::descriptor(),
         }) {
      const std::vector<std::string> package = absl::StrSplit(message->file()->package(), '.');
      all->push_back({package.at(1), message->file()->service(0)});
    }
    return all;
  }();
  return *apis;
}

}  // namespace waymark::tools
