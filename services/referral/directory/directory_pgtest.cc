#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "services/casework/instants.h"
#include "services/referral/directory/directory.h"
#include "services/referral/directory/store.h"
#include "waymark/referral/v1/directory_service.pb.h"

namespace waymark::referral {
namespace {

using casework::ToTimestamp;
using options::v1::ROLE_NHS_CLINICIAN;
using options::v1::ROLE_OH_LEAD;
using options::v1::ROLE_OH_NURSE;
using options::v1::ROLE_OPERATOR;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

constexpr char kForce[] = "E23000025-test";
constexpr char kOtherForce[] = "E23000026-test";
constexpr char kClinic[] = "RGT01";
constexpr char kSubject[] = "00000000-0000-4000-8000-0000000000aa";

MATCHER_P(HasReason, reason, std::string("has the reason ") + reason) {
  const absl::Status& status = testing::StatusOf(arg);
  *result_listener << status.ToString() << " reason " << status::Reason(status);
  return status::Reason(status) == reason;
}

class DirectoryPgTest : public ::testing::Test {
 protected:
  DirectoryPgTest()
      : database_(test_database_.Open()),
        tenants_(*database_),
        key_folder_((std::filesystem::temp_directory_path() / ids::NewUuid()).string()) {
    EXPECT_THAT(crypto::CreateKeyFile(key_folder_), IsOk());
    keys_ = *crypto::FileKeyProvider::Load(key_folder_);
    trail_ = std::make_unique<casework::AuditTrail>("referral", *database_, tenants_, *keys_,
                                                    clock_, nullptr);
    directory_ = std::make_unique<Directory>(DirectoryOptions{
        .database = database_.get(),
        .tenants = &tenants_,
        .keys = keys_.get(),
        .real_clock = &clock::Real(),
        .trail = trail_.get(),
        .avoided = [this](const rpc::Call&, const std::string&) { return avoided_; }});
  }
  ~DirectoryPgTest() override { std::filesystem::remove_all(key_folder_); }

  rpc::Call CallOf(options::v1::Role role, const std::string& tenant) {
    rpc::Call call;
    call.method = "waymark.referral.v1.DirectoryService.Test";
    call.caller.user_id = absl::StrCat("user of ", tenant);
    call.caller.tenant = tenant;
    call.caller.roles = {role};
    call.request_id = ids::NewUuid();
    call.now = clock_.Now();
    call.deadline = absl::Now() + absl::Seconds(30);
    return call;
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(absl::Status (Directory::*method)(const rpc::Call&, const Request&,
                                                                 Response*),
                               const rpc::Call& call, const Request& request) {
    Response response;
    const absl::Status status = (directory_.get()->*method)(call, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  // A sexual health clinic in England that publishes slots.
  v1::DirectoryEntry Clinic(const std::string& code = kClinic) {
    v1::DirectoryEntry entry;
    entry.set_organisation_code(code);
    entry.set_name("Park Place Clinic");
    entry.set_kind(v1::PROVIDER_KIND_NHS);
    entry.set_carrier(v1::CARRIER_WAYMARK);
    v1::OfferedService& service = *entry.add_services();
    service.set_service_id(ids::NewUuid());
    service.set_service(v1::CARE_SERVICE_SEXUAL_HEALTH);
    service.set_name("Walk-in");
    service.add_jurisdictions(casework::v1::JURISDICTION_ENGLAND);
    service.set_capacity(v1::CAPACITY_OPEN);
    service.set_publishes_slots(true);
    return entry;
  }
  absl::StatusOr<v1::PutEntryResponse> Put(const v1::DirectoryEntry& entry,
                                           options::v1::Role role = ROLE_NHS_CLINICIAN,
                                           const std::string& tenant = kClinic) {
    v1::PutEntryRequest request;
    *request.mutable_entry() = entry;
    return Ask(&Directory::PutEntry, CallOf(role, tenant), request);
  }
  // Publishes a slot at each time after now and returns their ids.
  std::vector<std::string> Publish(const std::string& service_id,
                                   std::vector<absl::Duration> times) {
    v1::PutSlotsRequest request;
    request.set_service_id(service_id);
    *request.mutable_period()->mutable_start_time() = ToTimestamp(clock_.Now());
    *request.mutable_period()->mutable_end_time() = ToTimestamp(clock_.Now() + absl::Hours(240));
    std::vector<std::string> slot_ids;
    for (const absl::Duration after : times) {
      v1::Slot& slot = *request.add_slots();
      slot.set_slot_id(slot_ids.emplace_back(ids::NewUuid()));
      *slot.mutable_start_time() = ToTimestamp(clock_.Now() + after);
      *slot.mutable_end_time() = ToTimestamp(clock_.Now() + after + absl::Minutes(20));
    }
    EXPECT_THAT(Ask(&Directory::PutSlots, CallOf(ROLE_NHS_CLINICIAN, kClinic), request), IsOk());
    return slot_ids;
  }
  std::vector<v1::SlotState> States(const std::string& service_id) {
    v1::ListSlotsRequest request;
    request.set_service_id(service_id);
    *request.mutable_period()->mutable_start_time() = ToTimestamp(clock_.Now());
    *request.mutable_period()->mutable_end_time() = ToTimestamp(clock_.Now() + absl::Hours(240));
    const auto listed = Ask(&Directory::ListSlots, CallOf(ROLE_OH_NURSE, kForce), request);
    EXPECT_THAT(listed, IsOk());
    std::vector<v1::SlotState> states;
    for (const v1::Slot& slot : listed->slots()) states.push_back(slot.state());
    return states;
  }
  absl::Status Hold(const std::string& slot_id, const std::string& referral_id) {
    v1::HoldSlotRequest request;
    request.set_slot_id(slot_id);
    request.set_referral_id(referral_id);
    return Ask(&Directory::HoldSlot, CallOf(ROLE_OH_NURSE, kForce), request).status();
  }
  absl::Status Book(const std::string& slot_id, const std::string& referral_id) {
    return directory_->Book(CallOf(ROLE_NHS_CLINICIAN, kClinic), slot_id, referral_id).status();
  }
  v1::SuggestProvidersResponse Suggested(const std::string& force = kForce) {
    v1::SuggestProvidersRequest request;
    request.set_subject_id(kSubject);
    request.set_service(v1::CARE_SERVICE_SEXUAL_HEALTH);
    request.set_jurisdiction(casework::v1::JURISDICTION_ENGLAND);
    *request.mutable_closes_time() = ToTimestamp(clock_.Now() + absl::Hours(19));
    const auto suggested = Ask(&Directory::SuggestProviders, CallOf(ROLE_OH_NURSE, force), request);
    EXPECT_THAT(suggested, IsOk());
    return suggested.ok() ? *suggested : v1::SuggestProvidersResponse();
  }

  const testing::TestDatabase test_database_{std::vector<db::MigrationLine>{
      {"casework", "services/casework/migrations"}, {"referral", "services/referral/migrations"}}};
  const std::unique_ptr<db::Database> database_;
  clock::FakeClock clock_{absl::FromCivil(absl::CivilHour(2026, 6, 1, 8), absl::UTCTimeZone())};
  db::Tenants tenants_;
  const std::string key_folder_;
  std::unique_ptr<crypto::FileKeyProvider> keys_;
  std::unique_ptr<casework::AuditTrail> trail_;
  Avoided avoided_;
  std::unique_ptr<Directory> directory_;
  const std::string mine_ = ids::NewUuid();
  const std::string theirs_ = ids::NewUuid();
};

TEST_F(DirectoryPgTest, ShowsEveryForceWhatAProviderEntered) {
  ASSERT_THAT(Put(Clinic()), IsOk());
  for (const char* force : {kForce, kOtherForce}) {
    const auto listed =
        Ask(&Directory::ListEntries, CallOf(ROLE_OH_NURSE, force), v1::ListEntriesRequest());
    ASSERT_THAT(listed, IsOk());
    ASSERT_EQ(listed->entries_size(), 1);
    EXPECT_EQ(listed->entries(0).version(), 1);
    EXPECT_FALSE(listed->entries(0).own_contract());
  }
}

TEST_F(DirectoryPgTest, KeepsAForcesOwnContractsToThatForce) {
  ASSERT_THAT(Put(Clinic("PRIVATE-1"), ROLE_OH_LEAD, kForce), IsOk());
  EXPECT_THAT(Suggested(kForce).suggestions(), SizeIs(1));
  EXPECT_THAT(Suggested(kOtherForce).suggestions(), IsEmpty());
}

TEST_F(DirectoryPgTest, LetsNobodyChangeAnothersEntry) {
  EXPECT_THAT(Put(Clinic("RXX99")), HasReason("NOT_YOUR_ENTRY"));
  EXPECT_THAT(Put(Clinic(), ROLE_OPERATOR, kForce), HasReason("NOT_YOUR_ENTRY"));
  EXPECT_THAT(Put(Clinic(), ROLE_OPERATOR, kDirectory), IsOk());
}

TEST_F(DirectoryPgTest, RefusesAChangeOfWhatIsNoLongerSo) {
  v1::DirectoryEntry entry = Clinic();
  ASSERT_THAT(Put(entry), IsOk());
  EXPECT_THAT(Put(entry), HasReason("STALE_VERSION"));
  entry.set_version(1);
  entry.set_name("New name");
  EXPECT_THAT(Put(entry), IsOk());
}

TEST_F(DirectoryPgTest, NamesEveryFieldThatIsNotInOrder) {
  v1::DirectoryEntry entry = Clinic();
  entry.set_name("");
  entry.mutable_services(0)->clear_jurisdictions();
  const auto refused = Put(entry);
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(refused.status())) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ElementsAre("entry.name", "entry.services[0].jurisdictions"));
}

TEST_F(DirectoryPgTest, GivesATimeToOneReferralOnly) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string slot = Publish(clinic.services(0).service_id(), {absl::Hours(2)})[0];
  EXPECT_THAT(Book(slot, mine_), IsOk());
  EXPECT_THAT(Book(slot, theirs_), HasReason("SLOT_TAKEN"));
  EXPECT_THAT(Hold(slot, theirs_), HasReason("SLOT_TAKEN"));
  EXPECT_THAT(Book(slot, mine_), IsOk());
  EXPECT_THAT(States(clinic.services(0).service_id()), ElementsAre(v1::SLOT_STATE_BOOKED));
}

TEST_F(DirectoryPgTest, GivesATimeToOneOfManyAtOnce) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string slot = Publish(clinic.services(0).service_id(), {absl::Hours(2)})[0];
  std::vector<std::future<absl::Status>> answers;
  for (int i = 0; i < 8; ++i) {
    answers.push_back(
        std::async(std::launch::async, [this, &slot] { return Book(slot, ids::NewUuid()); }));
  }
  int booked = 0;
  for (auto& answer : answers) {
    const absl::Status status = answer.get();
    booked += status.ok();
    if (!status.ok()) {
      EXPECT_THAT(status, HasReason("SLOT_TAKEN"));
    }
  }
  EXPECT_EQ(booked, 1);
}

TEST_F(DirectoryPgTest, HoldsForTenMinutes) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string slot = Publish(clinic.services(0).service_id(), {absl::Hours(2)})[0];
  ASSERT_THAT(Hold(slot, mine_), IsOk());
  EXPECT_THAT(States(clinic.services(0).service_id()), ElementsAre(v1::SLOT_STATE_HELD));
  EXPECT_THAT(Suggested().suggestions(0).slots(), IsEmpty());
  clock_.Advance(absl::Minutes(9));
  EXPECT_THAT(Book(slot, theirs_), HasReason("SLOT_TAKEN"));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(States(clinic.services(0).service_id()), ElementsAre(v1::SLOT_STATE_FREE));
  EXPECT_THAT(Book(slot, theirs_), IsOk());
}

TEST_F(DirectoryPgTest, MovesByTakingTheNewTimeAndLettingTheOldOneGo) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string& service = clinic.services(0).service_id();
  const auto slots = Publish(service, {absl::Hours(2), absl::Hours(3), absl::Hours(4)});
  ASSERT_THAT(Book(slots[2], theirs_), IsOk());
  ASSERT_THAT(Book(slots[0], mine_), IsOk());
  // A move to a time that is taken keeps the old one.
  EXPECT_THAT(Book(slots[2], mine_), HasReason("SLOT_TAKEN"));
  EXPECT_THAT(States(service),
              ElementsAre(v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_FREE, v1::SLOT_STATE_BOOKED));
  // Until the referral says that it has moved, it has both.
  EXPECT_THAT(Book(slots[1], mine_), IsOk());
  EXPECT_THAT(States(service),
              ElementsAre(v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_BOOKED));
  const rpc::Call call = CallOf(ROLE_NHS_CLINICIAN, kClinic);
  EXPECT_THAT(directory_->KeepOnly(call, slots[1], mine_), IsOk());
  EXPECT_THAT(States(service),
              ElementsAre(v1::SLOT_STATE_FREE, v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_BOOKED));
  EXPECT_THAT(Book(slots[0], mine_), IsOk());
  EXPECT_THAT(directory_->Release(call, slots[0], mine_), IsOk());
  EXPECT_THAT(States(service),
              ElementsAre(v1::SLOT_STATE_FREE, v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_BOOKED));
  EXPECT_THAT(directory_->KeepOnly(call, "", mine_), IsOk());
  EXPECT_THAT(States(service),
              ElementsAre(v1::SLOT_STATE_FREE, v1::SLOT_STATE_FREE, v1::SLOT_STATE_BOOKED));
}

TEST_F(DirectoryPgTest, LetsAHoldGoButNotABooking) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string& service = clinic.services(0).service_id();
  const std::string slot = Publish(service, {absl::Hours(2)})[0];
  ASSERT_THAT(Hold(slot, mine_), IsOk());
  v1::ReleaseSlotRequest request;
  request.set_referral_id(mine_);
  const auto release = [&] {
    return Ask(&Directory::ReleaseSlot, CallOf(ROLE_OH_NURSE, kForce), request);
  };
  ASSERT_THAT(release(), IsOk());
  EXPECT_THAT(States(service), ElementsAre(v1::SLOT_STATE_FREE));
  ASSERT_THAT(Book(slot, mine_), IsOk());
  ASSERT_THAT(release(), IsOk());
  EXPECT_THAT(States(service), ElementsAre(v1::SLOT_STATE_BOOKED));
}

TEST_F(DirectoryPgTest, RefusesATimeThatHasPassedOrIsGone) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string slot = Publish(clinic.services(0).service_id(), {absl::Hours(2)})[0];
  EXPECT_THAT(Hold(ids::NewUuid(), mine_), HasReason("SLOT_NOT_FOUND"));
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(Hold(slot, mine_), HasReason("SLOT_PAST"));
}

TEST_F(DirectoryPgTest, WithdrawsFreeTimesAndNeverOneThatSomebodyHas) {
  v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const std::string service = clinic.services(0).service_id();
  const auto slots = Publish(service, {absl::Hours(2), absl::Hours(3)});
  ASSERT_THAT(Book(slots[0], mine_), IsOk());
  Publish(service, {absl::Hours(5)});
  EXPECT_THAT(States(service), ElementsAre(v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_FREE));
  // Nor by withdrawing the service.
  clinic.set_version(1);
  clinic.mutable_services(0)->set_service_id(ids::NewUuid());
  EXPECT_THAT(Put(clinic), HasReason("SLOT_TAKEN"));
  EXPECT_THAT(States(service), ElementsAre(v1::SLOT_STATE_BOOKED, v1::SLOT_STATE_FREE));
  clock_.Advance(absl::Hours(3));
  EXPECT_THAT(Put(clinic), IsOk());
}

TEST_F(DirectoryPgTest, SuggestsWithoutThePlacesThatThePatientAvoids) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  Publish(clinic.services(0).service_id(), {absl::Hours(2)});
  EXPECT_THAT(Suggested().suggestions(), SizeIs(1));
  EXPECT_FALSE(Suggested().none_before_close());
  avoided_.venues = {kClinic};
  EXPECT_THAT(Suggested().suggestions(), IsEmpty());
  EXPECT_TRUE(Suggested().none_before_close());
}

TEST_F(DirectoryPgTest, RecordsWhoseProvidersWereLookedUp) {
  Suggested();
  EXPECT_EQ(
      test_database_.Query(absl::StrCat(
          "SELECT count(*) FROM outbox WHERE destination = 'audit' AND tenant = '", kForce, "'")),
      "1");
}

TEST_F(DirectoryPgTest, DeletesTimesAMonthAfterwards) {
  const v1::DirectoryEntry clinic = Clinic();
  ASSERT_THAT(Put(clinic), IsOk());
  const auto slots = Publish(clinic.services(0).service_id(), {absl::Hours(2), absl::Hours(200)});
  ASSERT_THAT(Book(slots[0], mine_), IsOk());
  clock_.Advance(absl::Hours(24 * 32));
  ASSERT_THAT(directory_->Purge(clock_.Now()), IsOk());
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM slot"), "1");
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM slot_claim"), "0");
}

}  // namespace
}  // namespace waymark::referral
