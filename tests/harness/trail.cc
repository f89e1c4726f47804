#include "tests/harness/trail.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <cstdint>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/testing/test_signal.h"
#include "services/audit/verify.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"

namespace waymark::harness {
namespace {

absl::Status Wrong(absl::string_view what) { return status::DataLoss("TRAIL_WRONG", what); }

bool AwaitTold(Suite& suite, const std::string& tenant, const std::vector<std::string>& services) {
  const auto all_told = [&] {
    for (const std::string& service : services) {
      if (suite.database(service).Query(
              absl::StrCat("select count(*) from outbox o left join outbox_counter c using (tenant,"
                           " destination) where tenant = '",
                           tenant,
                           "' and destination = 'audit' and (o.number is null or o.number >"
                           " c.delivered_through)")) != "0") {
        return false;
      }
    }
    return suite.database("audit").Query(absl::StrCat(
               "select (select max(size) from checkpoint where tenant = '", tenant,
               "') = (select count(*) from entry where tenant = '", tenant, "')")) == "t";
  };
  return testing::Eventually(all_told, absl::Minutes(1));
}

}  // namespace

absl::StatusOr<std::vector<audit::v1::AuditEvent>> VerifiedTrail(
    Suite& suite, const std::string& tenant, const std::vector<std::string>& services) {
  if (!AwaitTold(suite, tenant, services)) {
    return Wrong(absl::StrCat("not everything is told and signed\n", suite.Log("audit")));
  }
  const auto stub = audit::v1::AuditService::NewStub(suite.Connect("audit"));
  audit::v1::ExportLogRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_with_contents(true);
  const auto context = rpc::MakeContext(
      {.deadline = absl::Now() + absl::Seconds(30),
       .token = suite.Token(
           {.user_id = "auditor-1", .tenant = tenant, .roles = {options::v1::ROLE_AUDITOR}})});
  const auto reader = stub->ExportLog(context.get(), request);
  std::vector<audit::v1::AuditEvent> events;
  std::stringstream lines;
  audit::v1::ExportLogResponse record;
  while (reader->Read(&record)) {
    lines << audit::ExportLine(record);
    if (!record.has_entry()) continue;
    if (!events.emplace_back().ParseFromString(record.entry().content())) {
      return Wrong("an entry without its content");
    }
  }
  if (const grpc::Status read = reader->Finish(); !read.ok()) return Wrong(read.error_message());
  ASSIGN_OR_RETURN(const audit::VerifyReport report, audit::VerifyExport(lines, {}));
  if (!report.ok() || report.contents_verified != report.entries) {
    return Wrong(audit::FormatReport(report));
  }
  return events;
}

std::vector<std::string> ActsOn(const std::vector<audit::v1::AuditEvent>& trail,
                                const std::string& object_type, const std::string& object_id) {
  std::multimap<int64_t, std::string> by_version;
  for (const audit::v1::AuditEvent& event : trail) {
    const bool changed =
        event.action() == audit::v1::ACTION_CHANGE || event.action() == audit::v1::ACTION_OVERRIDE;
    if (!changed || event.object_type() != object_type || event.object_id() != object_id) continue;
    by_version.emplace(event.object_version(),
                       event.method().substr(event.method().rfind('.') + 1));
  }
  std::vector<std::string> acts;
  for (const auto& [version, act] : by_version) acts.push_back(absl::StrCat(version, " ", act));
  return acts;
}

}  // namespace waymark::harness
