#include "tests/chaos/load.h"

#include <grpcpp/channel.h>

#include <memory>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/testing/test_signal.h"
#include "gtest/gtest.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

namespace bbv = ::waymark::bbv::v1;
namespace scheduling = ::waymark::scheduling::v1;

bbv::LogExposureRequest Needlestick(const std::string& request_id, const std::string& subject_id) {
  bbv::LogExposureRequest request;
  request.set_request_id(request_id);
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  bbv::ExposedPerson* person = request.add_people();
  person->set_subject_id(subject_id);
  bbv::Exposure* exposure = person->mutable_exposure();
  // The clock change would make a local time of the last ten minutes ambiguous one hour a year.
  exposure->mutable_incident_time()->set_civil(
      absl::FormatTime("%Y-%m-%dT%H:%M", absl::Now() - absl::Hours(2), absl::UTCTimeZone()));
  exposure->set_route(bbv::ROUTE_NEEDLESTICK);
  exposure->set_fluid(bbv::FLUID_BLOOD);
  exposure->set_visible_blood(bbv::ANSWER_YES);
  exposure->set_site(bbv::BODY_SITE_FINGER);
  exposure->set_depth(bbv::DEPTH_SUPERFICIAL);
  exposure->set_device(bbv::DEVICE_HOLLOW_NEEDLE);
  exposure->set_activity(bbv::ACTIVITY_SEARCH);
  exposure->set_assault(bbv::ANSWER_NO);
  exposure->mutable_hepatitis_b_status()->set_vaccination(bbv::HEP_B_VACCINATION_FULL);
  return request;
}

absl::StatusOr<std::string> Log(bbv::BbvService::Stub& stub, const std::string& token,
                                const bbv::LogExposureRequest& request, absl::Duration deadline) {
  bbv::LogExposureResponse response;
  RETURN_IF_ERROR(rpc::Invoke(
      {.deadline = absl::Now() + deadline, .token = token},
      [&](grpc::ClientContext* context) { return stub.LogExposure(context, request, &response); }));
  if (response.receipts_size() != 1) return status::Internal("NO_RECEIPT", "no receipt");
  return response.receipts(0).case_id();
}

// The caller may and should try again: nothing was said about the exposure.
bool Unanswered(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status) || absl::IsCancelled(status);
}

std::string Quoted(const std::set<std::string>& ids) {
  return absl::StrCat("'{", absl::StrJoin(ids, ","), "}'::uuid[]");
}

}  // namespace

void ActivateTenant(harness::Suite& suite) {
  const auto stub = scheduling::SchedulingService::NewStub(suite.Connect("scheduling"));
  const std::string token =
      suite.Token({.user_id = "lead-1", .roles = {options::v1::ROLE_OH_LEAD}});
  const auto invoke = [&](auto call) {
    const absl::Status status =
        rpc::Invoke({.deadline = absl::Now() + absl::Seconds(10), .token = token}, call);
    ASSERT_TRUE(status.ok()) << status << suite.Log("scheduling");
  };
  scheduling::SetDutyAddressRequest duty;
  duty.set_request_id(ids::NewUuid());
  duty.mutable_contact()->set_channel(scheduling::CHANNEL_EMAIL);
  duty.mutable_contact()->set_address("duty@example.org");
  scheduling::SetDutyAddressResponse duty_set;
  invoke(
      [&](grpc::ClientContext* context) { return stub->SetDutyAddress(context, duty, &duty_set); });
  scheduling::ActivateTenantRequest activate;
  activate.set_request_id(ids::NewUuid());
  scheduling::ActivateTenantResponse activated;
  invoke([&](grpc::ClientContext* context) {
    return stub->ActivateTenant(context, activate, &activated);
  });
}

absl::StatusOr<std::string> LogOne(harness::Suite& suite, const std::string& token,
                                   const std::string& request_id, const std::string& subject_id,
                                   absl::Duration deadline) {
  const auto stub = bbv::BbvService::NewStub(suite.Connect("bbv"));
  return Log(*stub, token, Needlestick(request_id, subject_id), deadline);
}

Load::Load(harness::Suite& suite, int callers, uint64_t seed)
    : suite_(suite), token_(suite.Token()) {
  for (int i = 0; i < callers; ++i) {
    callers_.emplace_back([this, i, seed] { Run(i, seed); });
  }
}

Load::~Load() { Stop(); }

void Load::Run(int caller, uint64_t seed) {
  const auto stub = bbv::BbvService::NewStub(suite_.Connect("bbv"));
  for (int n = 0; !stopping_; ++n) {
    const std::string name = absl::StrCat("chaos/", seed, "/", caller, "/", n);
    const std::string request_id = ids::DeriveUuid(name, "request");
    const bbv::LogExposureRequest request =
        Needlestick(request_id, ids::DeriveUuid(name, "subject"));
    absl::StatusOr<std::string> case_id;
    // Bounded, so that a service that never comes back fails the test instead of hanging it.
    const absl::Time give_up = absl::Now() + absl::Minutes(2);
    do {
      case_id = Log(*stub, token_, request, absl::Seconds(5));
    } while (!case_id.ok() && Unanswered(case_id.status()) && absl::Now() < give_up);
    std::lock_guard<std::mutex> lock(mutex_);
    if (case_id.ok()) {
      promises_.push_back({request_id, *case_id});
      ++acknowledged_;
    } else {
      refusals_.push_back(case_id.status().ToString());
      return;
    }
  }
}

bool Load::AwaitAcknowledged(int more) {
  const int wanted = acknowledged_ + more;
  return testing::Eventually([&] { return acknowledged_ >= wanted; }, absl::Minutes(1));
}

void Load::Stop() {
  stopping_ = true;
  for (std::thread& caller : callers_) caller.join();
  callers_.clear();
}

bool AwaitDelivered(harness::Suite& suite, const std::string& service, absl::Duration timeout) {
  return testing::Eventually(
      [&] {
        return suite.database(service).Query(
                   "select count(*) from outbox o left join outbox_counter c using (tenant, "
                   "destination) where o.number is null or o.number > c.delivered_through") == "0";
      },
      timeout);
}

std::vector<std::string> Faults(harness::Suite& suite, const std::vector<Promise>& promises) {
  std::vector<std::string> faults;
  const auto expect = [&](const std::string& what, const std::string& actual,
                          const std::string& wanted) {
    if (actual != wanted) faults.push_back(absl::StrCat(what, ": ", actual, ", wanted ", wanted));
  };
  std::set<std::string> cases;
  for (const Promise& promise : promises) cases.insert(promise.case_id);
  expect("cases among those promised", absl::StrCat(cases.size()), absl::StrCat(promises.size()));

  auto& bbv = suite.database("bbv");
  auto& scheduling = suite.database("scheduling");
  auto& audit = suite.database("audit");
  expect("promised cases that are stored",
         bbv.Query(absl::StrCat("select count(*) from case_record where case_id = any(",
                                Quoted(cases), ")")),
         absl::StrCat(cases.size()));
  // A case that was never acknowledged may exist: its caller was killed off with its answer. But
  // every case that exists has its event, its plan and its audit entry.
  const std::string stored = bbv.Query("select count(*) from case_record");
  expect("first events", bbv.Query("select count(*) from case_event where case_version = 1"),
         stored);
  expect("plans", scheduling.Query("select count(*) from plan_case"), stored);
  expect("plans without an open step",
         scheduling.Query("select count(*) from plan_case p where not exists (select from step s "
                          "where s.tenant = p.tenant and s.case_ref = p.case_ref)"),
         "0");
  const std::string told = bbv.Query("select count(*) from outbox where destination = 'audit'");
  const std::string events = bbv.Query(
      "select coalesce(string_agg(event_id::text, ','), '') from outbox where destination = "
      "'audit'");
  expect("audit entries for what bbv told",
         audit.Query(absl::StrCat("select count(*) from entry where event_id = any('{", events,
                                  "}'::uuid[])")),
         told);
  expect("gaps seen by audit",
         audit.Query("select count(*) from inbox where contiguous <> highest"), "0");
  expect("gaps seen by scheduling",
         scheduling.Query("select count(*) from inbox where contiguous <> highest"), "0");
  expect("audit positions without a gap",
         audit.Query("select count(*) from (select tenant from entry group by tenant having "
                     "max(sequence) + 1 <> count(*)) t"),
         "0");
  return faults;
}

}  // namespace waymark::chaos
