// A real database with scheduling's tables, keys and pseudonyms, and short words for plans.
#ifndef WAYMARK_SERVICES_SCHEDULING_TESTING_PLAN_GROUND_H_
#define WAYMARK_SERVICES_SCHEDULING_TESTING_PLAN_GROUND_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/metrics/metrics.h"
#include "common/testing/postgres_cluster.h"
#include "services/scheduling/duties/firing.h"
#include "services/scheduling/store/plans.h"
#include "services/scheduling/store/references.h"
#include "services/scheduling/store/worklist.h"
#include "waymark/scheduling/v1/plan.pb.h"
#include "waymark/scheduling/v1/rota.pb.h"

namespace waymark::scheduling {

inline constexpr char kTenant[] = "E23000025-test";
inline constexpr char kCase[] = "00000000-0000-4000-8000-000000000001";
inline constexpr char kSubject[] = "00000000-0000-4000-8000-0000000000aa";

// 28 March 2026, 22:14: the night before the clocks change.
absl::Time Incident();

// An open case of version 1 without steps.
v1::Plan CasePlan(const std::string& case_id = kCase, int64_t version = 1);
// A step due `due` after the incident and closing 72 hours after it, without rungs; a nurse's.
v1::PlannedStep* AddStep(v1::Plan& plan, const std::string& key, absl::Duration due);
// A rung `after` the incident.
void AddRung(v1::PlannedStep& step, int number, absl::Duration after, options::v1::Role audience,
             v1::RungKind kind);
// Due in an hour; told: nurse at 45 minutes, nurse at due, lead half an hour later, physician an
// hour after that, and a last call to the lead at 70 hours.
v1::PlannedStep* AddAssessment(v1::Plan& plan, const std::string& key = "risk_assessment");
void End(v1::PlannedStep& step, casework::v1::Ending ending, absl::Duration after);

class PlanGround : public ::testing::Test {
 protected:
  PlanGround();
  ~PlanGround() override;

  // In one committed transaction of kTenant; a failure fails the test.
  void Run(absl::FunctionRef<absl::Status(db::Transaction&)> work,
           const std::string& tenant = kTenant);
  PutResult Put(const std::vector<v1::Plan>& plans);
  PutResult Put(const v1::Plan& plan) { return Put(std::vector<v1::Plan>{plan}); }
  // On duty from long before to long after, in the console.
  void OnDuty(options::v1::Role role, const std::string& person,
              v1::Channel channel = v1::CHANNEL_CONSOLE, const std::string& address = "",
              const std::string& secret = "");
  // Duty address and activation.
  void GoLive();
  // Nurse nia, lead lee and physician pat on duty, and live.
  void Staffed();
  WorklistLines List(WorklistQuery query = {});
  std::string StepRef(const std::string& key, const std::string& case_id = kCase);
  // One look of a firing loop; returns how many fired.
  int Look();
  // "rung>told rung>told ..." of everything fired, in order of step, revision and rung; "-" when
  // overtaken.
  std::string Firings();
  // "recipient:rung" of every notice, in order.
  std::string Notices();

  const testing::TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
  clock::FakeClock clock_;
  std::string key_folder_;
  std::unique_ptr<crypto::FileKeyProvider> keys_;
  std::unique_ptr<References> references_;
  metrics::Registry registry_;
  std::unique_ptr<Firing> firing_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_TESTING_PLAN_GROUND_H_
