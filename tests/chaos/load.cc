#include "tests/chaos/load.h"

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
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
#include "waymark/dental/v1/dental_service.grpc.pb.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::chaos {
namespace {

namespace bbv = ::waymark::bbv::v1;
namespace dental = ::waymark::dental::v1;
namespace mental_health = ::waymark::mental_health::v1;
namespace msk = ::waymark::msk::v1;
namespace scheduling = ::waymark::scheduling::v1;

// The clock change would make a local time of the last ten minutes ambiguous one hour a year.
std::string TwoHoursAgo() {
  return absl::FormatTime("%Y-%m-%dT%H:%M", absl::Now() - absl::Hours(2), absl::UTCTimeZone());
}

bbv::LogExposureRequest Needlestick(const std::string& request_id, const std::string& subject_id) {
  bbv::LogExposureRequest request;
  request.set_request_id(request_id);
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  bbv::ExposedPerson* person = request.add_people();
  person->set_subject_id(subject_id);
  bbv::Exposure* exposure = person->mutable_exposure();
  exposure->mutable_incident_time()->set_civil(TwoHoursAgo());
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

// Three teeth, a line of steps each.
dental::LogDentalInjuryRequest Kick(const std::string& request_id, const std::string& subject_id) {
  dental::LogDentalInjuryRequest request;
  request.set_request_id(request_id);
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  dental::InjuredPerson* person = request.add_people();
  person->set_subject_id(subject_id);
  person->mutable_injury()->mutable_incident_time()->set_civil(TwoHoursAgo());
  for (const char* name : {"11", "12", "21"}) {
    dental::ToothInjury* tooth = person->mutable_injury()->add_teeth();
    tooth->set_tooth(name);
    tooth->add_injuries(dental::TOOTH_INJURY_TYPE_LATERAL_LUXATION);
  }
  return request;
}

// An emergency: its first step is due in minutes, whatever is killed meanwhile.
msk::LogInjuryRequest NumbAfterLifting(const std::string& request_id,
                                       const std::string& subject_id) {
  msk::LogInjuryRequest request;
  request.set_request_id(request_id);
  request.set_jurisdiction(casework::v1::JURISDICTION_WALES);
  msk::InjuredPerson* person = request.add_people();
  person->set_subject_id(subject_id);
  person->mutable_injury()->mutable_incident_time()->set_civil(TwoHoursAgo());
  person->mutable_injury()->set_region(msk::REGION_LOW_BACK);
  person->mutable_injury()->set_mechanism(msk::MECHANISM_LIFTING);
  person->mutable_red_flags()->add_present(msk::FEATURE_SADDLE_NUMBNESS);
  return request;
}

// With a form whose last answer brings a person today.
mental_health::SelfReferRequest CallForHelp(const std::string& request_id,
                                            const std::string& subject_id) {
  mental_health::SelfReferRequest request;
  request.set_request_id(request_id);
  request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  request.set_subject_id(subject_id);
  mental_health::AnswerSheet* sheet = request.mutable_answers()->add_sheets();
  sheet->set_instrument(mental_health::INSTRUMENT_PHQ9);
  sheet->mutable_completed_time()->set_civil(TwoHoursAgo());
  for (const int answer : {1, 1, 0, 0, 0, 0, 0, 0, 1}) sheet->add_answers(answer);
  return request;
}

// The case id of an answer's only receipt. `call` is one of a stub's methods with its request.
template <typename Response, typename Call>
absl::StatusOr<std::string> Receipt(const std::string& token, absl::Duration deadline, Call call) {
  Response response;
  RETURN_IF_ERROR(
      rpc::Invoke({.deadline = absl::Now() + deadline, .token = token},
                  [&](grpc::ClientContext* context) { return call(context, &response); }));
  if (response.receipts_size() != 1) return status::Internal("NO_RECEIPT", "no receipt");
  return response.receipts(0).case_id();
}

// Logs one case of the pathway; the same for the same request.
using Logger = std::function<absl::StatusOr<std::string>(
    const std::string& request_id, const std::string& subject_id, absl::Duration deadline)>;

Logger LoggerOf(harness::Suite& suite, const std::string& token, const std::string& pathway) {
  if (pathway == "dental") {
    return
        [token, stub = std::shared_ptr(dental::DentalService::NewStub(suite.Connect(pathway)))](
            const std::string& request_id, const std::string& subject_id, absl::Duration deadline) {
          return Receipt<dental::LogDentalInjuryResponse>(
              token, deadline, [&](grpc::ClientContext* context, auto* response) {
                return stub->LogDentalInjury(context, Kick(request_id, subject_id), response);
              });
        };
  }
  if (pathway == "msk") {
    return
        [token, stub = std::shared_ptr(msk::MskService::NewStub(suite.Connect(pathway)))](
            const std::string& request_id, const std::string& subject_id, absl::Duration deadline) {
          return Receipt<msk::LogInjuryResponse>(
              token, deadline, [&](grpc::ClientContext* context, auto* response) {
                return stub->LogInjury(context, NumbAfterLifting(request_id, subject_id), response);
              });
        };
  }
  if (pathway == "mental_health") {
    return
        [token, stub = std::shared_ptr(
                    mental_health::MentalHealthService::NewStub(suite.Connect(pathway)))](
            const std::string& request_id, const std::string& subject_id, absl::Duration deadline) {
          return Receipt<mental_health::SelfReferResponse>(
              token, deadline, [&](grpc::ClientContext* context, auto* response) {
                return stub->SelfRefer(context, CallForHelp(request_id, subject_id), response);
              });
        };
  }
  return
      [token, stub = std::shared_ptr(bbv::BbvService::NewStub(suite.Connect("bbv")))](
          const std::string& request_id, const std::string& subject_id, absl::Duration deadline) {
        return Receipt<bbv::LogExposureResponse>(
            token, deadline, [&](grpc::ClientContext* context, auto* response) {
              return stub->LogExposure(context, Needlestick(request_id, subject_id), response);
            });
      };
}

// The caller may and should try again: nothing was said about the case.
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
  return LoggerOf(suite, token, "bbv")(request_id, subject_id, deadline);
}

Load::Load(harness::Suite& suite, int callers, uint64_t seed, std::vector<std::string> pathways)
    : suite_(suite), token_(suite.Token()), pathways_(std::move(pathways)) {
  for (int i = 0; i < callers; ++i) {
    callers_.emplace_back([this, i, seed] { Run(i, seed); });
  }
}

Load::~Load() { Stop(); }

void Load::Run(int caller, uint64_t seed) {
  std::vector<Logger> loggers;
  for (const std::string& pathway : pathways_) {
    loggers.push_back(LoggerOf(suite_, token_, pathway));
  }
  for (size_t n = 0; !stopping_; ++n) {
    const std::string name = absl::StrCat("chaos/", seed, "/", caller, "/", n);
    const std::string request_id = ids::DeriveUuid(name, "request");
    const std::string subject_id = ids::DeriveUuid(name, "subject");
    const size_t turn = n % loggers.size();
    absl::StatusOr<std::string> case_id;
    // Bounded, so that a service that never comes back fails the test instead of hanging it.
    const absl::Time give_up = absl::Now() + absl::Minutes(2);
    do {
      case_id = loggers[turn](request_id, subject_id, absl::Seconds(5));
    } while (!case_id.ok() && Unanswered(case_id.status()) && absl::Now() < give_up);
    std::lock_guard<std::mutex> lock(mutex_);
    if (case_id.ok()) {
      promises_.push_back({pathways_[turn], request_id, *case_id});
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
  std::map<std::string, std::set<std::string>> cases;
  size_t distinct = 0;
  for (const Promise& promise : promises) {
    distinct += cases[promise.pathway].insert(promise.case_id).second ? 1 : 0;
  }
  expect("cases among those promised", absl::StrCat(distinct), absl::StrCat(promises.size()));

  auto& scheduling = suite.database("scheduling");
  auto& audit = suite.database("audit");
  int64_t stored = 0;
  for (const auto& [pathway, promised] : cases) {
    auto& database = suite.database(pathway);
    expect(absl::StrCat("promised cases that ", pathway, " stores"),
           database.Query(absl::StrCat("select count(*) from case_record where case_id = any(",
                                       Quoted(promised), ")")),
           absl::StrCat(promised.size()));
    // A case that was never acknowledged may exist: its caller was killed off with its answer. But
    // every case that exists has its event, its plan and its audit entry.
    const std::string there = database.Query("select count(*) from case_record");
    expect(absl::StrCat("first events of ", pathway),
           database.Query("select count(*) from case_event where case_version = 1"), there);
    int64_t count = 0;
    if (absl::SimpleAtoi(there, &count)) stored += count;
    const std::string told =
        database.Query("select count(*) from outbox where destination = 'audit'");
    const std::string events = database.Query(
        "select coalesce(string_agg(event_id::text, ','), '') from outbox where destination = "
        "'audit'");
    expect(absl::StrCat("audit entries for what ", pathway, " told"),
           audit.Query(absl::StrCat("select count(*) from entry where event_id = any('{", events,
                                    "}'::uuid[])")),
           told);
  }
  expect("plans", scheduling.Query("select count(*) from plan_case"), absl::StrCat(stored));
  expect("plans without an open step",
         scheduling.Query("select count(*) from plan_case p where not exists (select from step s "
                          "where s.tenant = p.tenant and s.case_ref = p.case_ref)"),
         "0");
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
