#include "services/scheduling/testing/plan_ground.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/scheduling/store/rota.h"

namespace waymark::scheduling {

using casework::ToTimestamp;
using testing::IsOk;

absl::Time Incident() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 28, 22, 14, 0), absl::UTCTimeZone());
}

v1::Plan CasePlan(const std::string& case_id, int64_t version) {
  v1::Plan plan;
  plan.set_case_id(case_id);
  plan.set_case_version(version);
  plan.set_subject_id(kSubject);
  plan.set_pathway("bbv");
  plan.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
  return plan;
}

v1::PlannedStep* AddStep(v1::Plan& plan, const std::string& key, absl::Duration due) {
  v1::PlannedStep* step = plan.add_steps();
  step->set_step_key(key);
  step->set_title(absl::StrCat("Title of ", key));
  step->set_stage("risk_assessment");
  step->set_responsible(options::v1::ROLE_OH_NURSE);
  *step->mutable_opens_time() = ToTimestamp(Incident());
  *step->mutable_due_time() = ToTimestamp(Incident() + due);
  *step->mutable_closes_time() =
      ToTimestamp(Incident() + std::max(due, absl::Duration(absl::Hours(72))));
  step->set_revision(1);
  return step;
}

void AddRung(v1::PlannedStep& step, int number, absl::Duration after, options::v1::Role audience,
             v1::RungKind kind) {
  v1::Rung* rung = step.add_rungs();
  rung->set_number(number);
  *rung->mutable_fire_time() = ToTimestamp(Incident() + after);
  rung->set_audience(audience);
  rung->set_kind(kind);
}

v1::PlannedStep* AddAssessment(v1::Plan& plan, const std::string& key) {
  v1::PlannedStep* step = AddStep(plan, key, absl::Hours(1));
  AddRung(*step, 1, absl::Minutes(45), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_REMINDER);
  AddRung(*step, 2, absl::Minutes(60), options::v1::ROLE_OH_NURSE, v1::RUNG_KIND_BREACH);
  AddRung(*step, 3, absl::Minutes(90), options::v1::ROLE_OH_LEAD, v1::RUNG_KIND_ESCALATION);
  AddRung(*step, 4, absl::Minutes(150), options::v1::ROLE_OH_PHYSICIAN, v1::RUNG_KIND_ESCALATION);
  AddRung(*step, 5, absl::Hours(70), options::v1::ROLE_OH_LEAD, v1::RUNG_KIND_LAST_CALL);
  return step;
}

void End(v1::PlannedStep& step, casework::v1::Ending ending, absl::Duration after) {
  step.mutable_end()->set_ending(ending);
  *step.mutable_end()->mutable_time() = ToTimestamp(Incident() + after);
}

PlanGround::PlanGround()
    : test_database_(
          std::vector<db::MigrationLine>{{"scheduling", "services/scheduling/migrations"}}),
      database_(test_database_.Open()),
      clock_(Incident()),
      key_folder_((std::filesystem::temp_directory_path() / ids::NewUuid()).string()) {
  EXPECT_THAT(crypto::CreateKeyFile(key_folder_), IsOk());
  auto keys = crypto::FileKeyProvider::Load(key_folder_);
  EXPECT_THAT(keys, IsOk());
  keys_ = *std::move(keys);
  auto pseudonymiser = crypto::Pseudonymiser::Create(crypto::SecretBytes(std::string(32, 'k')),
                                                     "salt", "scheduling", {1});
  EXPECT_THAT(pseudonymiser, IsOk());
  references_ = std::make_unique<References>(*std::move(pseudonymiser));
  firing_ =
      std::make_unique<Firing>(*database_, clock_, clock::Real(), registry_, Firing::Options());
}

PlanGround::~PlanGround() { std::filesystem::remove_all(key_folder_); }

void PlanGround::Run(absl::FunctionRef<absl::Status(db::Transaction&)> work,
                     const std::string& tenant) {
  EXPECT_THAT(database_->Transact(absl::Now() + absl::Seconds(30), tenant, work), IsOk());
}

PutResult PlanGround::Put(const std::vector<v1::Plan>& plans) {
  PutResult result;
  Run([&](db::Transaction& txn) -> absl::Status {
    std::vector<const v1::Plan*> pointers;
    for (const v1::Plan& plan : plans) {
      RETURN_IF_ERROR(CheckPlan(plan));
      pointers.push_back(&plan);
    }
    ASSIGN_OR_RETURN(result, PutPlans(txn, *keys_, *references_, "bbv", pointers, clock_.Now()));
    return absl::OkStatus();
  });
  return result;
}

void PlanGround::OnDuty(options::v1::Role role, const std::string& person, v1::Channel channel,
                        const std::string& address, const std::string& secret) {
  v1::RotaEntry entry;
  entry.set_rota_entry_id(ids::DeriveUuid(person, absl::StrCat(role)));
  entry.set_role(role);
  entry.set_person(person);
  *entry.mutable_starts_time() = ToTimestamp(Incident() - absl::Hours(24));
  *entry.mutable_ends_time() = ToTimestamp(Incident() + absl::Hours(24 * 3650));
  entry.mutable_contact()->set_channel(channel);
  entry.mutable_contact()->set_address(address);
  entry.mutable_contact()->set_secret(secret);
  Run([&](db::Transaction& txn) { return PutRotaEntry(txn, *keys_, entry); });
}

void PlanGround::GoLive() {
  Run([&](db::Transaction& txn) -> absl::Status {
    v1::Contact duty;
    duty.set_channel(v1::CHANNEL_EMAIL);
    duty.set_address("duty@force.police.uk");
    RETURN_IF_ERROR(SetDutyAddress(txn, *keys_, duty, "01223 555 0199"));
    return Activate(txn, clock_.Now()).status();
  });
}

void PlanGround::Staffed() {
  OnDuty(options::v1::ROLE_OH_NURSE, "nia");
  OnDuty(options::v1::ROLE_OH_LEAD, "lee");
  OnDuty(options::v1::ROLE_OH_PHYSICIAN, "pat");
  GoLive();
}

WorklistLines PlanGround::List(WorklistQuery query) {
  if (query.as_of == absl::Time()) query.as_of = clock_.Now();
  WorklistLines lines;
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(lines, ReadWorklist(txn, *keys_, *references_, query));
    return absl::OkStatus();
  });
  return lines;
}

std::string PlanGround::StepRef(const std::string& key, const std::string& case_id) {
  return references_->Step(kTenant, case_id, key).front();
}

int PlanGround::Look() {
  const auto look = firing_->LookOnce();
  EXPECT_THAT(look, IsOk());
  return look.ok() ? look->fired : -1;
}

std::string PlanGround::Firings() {
  return test_database_.Query(
      "SELECT string_agg(rung || '>' || coalesce(told::text, '-'), ' '"
      " ORDER BY step_ref, revision, rung) FROM firing");
}

std::string PlanGround::Notices() {
  return test_database_.Query(
      "SELECT string_agg(coalesce(nullif(recipient, ''), 'duty') || ':' || rung, ' '"
      " ORDER BY fired_at, step_ref, rung, recipient) FROM notice");
}

}  // namespace waymark::scheduling
