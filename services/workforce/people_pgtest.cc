// The rooms of WorkforceService against a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/schema_walk.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"
#include "services/workforce/people/duties.h"
#include "services/workforce/testing/people_ground.h"

namespace waymark::workforce {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kFailed = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

v1::Person SianJones() {
  v1::Person person;
  person.mutable_name()->set_given("Siân");
  person.mutable_name()->set_family("Jones");
  person.mutable_birth_date()->set_year(1985);
  person.mutable_birth_date()->set_month(3);
  person.mutable_birth_date()->set_day(9);
  person.set_sex(v1::SEX_FEMALE);
  person.mutable_nhs_number()->set_number("9000000009");
  person.mutable_work()->set_email("sian.jones@force.example");
  person.mutable_work()->set_mobile("+447700900123");
  person.mutable_personal()->set_email("sian@home.example");
  person.mutable_personal()->set_mobile("+447700900999");
  person.set_home_area("CF10");
  person.mutable_next_of_kin()->set_name("Gwilym Jones");
  person.set_language(v1::LANGUAGE_WELSH);
  person.set_user_id("sian-login");
  return person;
}

v1::Employment Constable(const std::string& manager = "") {
  v1::Employment employment;
  employment.set_employment_id(ids::NewUuid());
  employment.set_force_code(kTenant);
  employment.set_employee_number("E-1001");
  employment.set_collar_number("QX4711");
  employment.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  employment.set_rank_band(v1::RANK_BAND_CONSTABLE_TO_SERGEANT);
  employment.set_role_family(v1::ROLE_FAMILY_RESPONSE);
  employment.add_exposure_roles(v1::EXPOSURE_ROLE_BLOOD_BORNE_VIRUS);
  employment.set_site_code("CENTRAL");
  employment.set_manager_subject_id(manager);
  employment.set_fte_percent(100);
  employment.set_state(v1::EMPLOYMENT_STATE_WORKING);
  return employment;
}

using PeoplePgTest = PeopleGround;

TEST_F(PeoplePgTest, KeepsTheSchemaRules) {
  EXPECT_THAT(testing::WalkSchema(test_database_), IsEmpty());
}

TEST_F(PeoplePgTest, GivesBackWhatWasEnteredAndKeepsNoneOfItInClear) {
  v1::RegisterPersonRequest request;
  const v1::Person sian = SianJones();
  *request.mutable_name() = sian.name();
  *request.mutable_birth_date() = sian.birth_date();
  request.set_sex(sian.sex());
  *request.mutable_nhs_number() = sian.nhs_number();
  *request.mutable_work() = sian.work();
  *request.mutable_personal() = sian.personal();
  request.set_home_area(sian.home_area());
  *request.mutable_next_of_kin() = sian.next_of_kin();
  request.set_language(sian.language());
  request.set_user_id(sian.user_id());
  request.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  const auto made = Ask(&People::RegisterPerson, CallOf("RegisterPerson", {kNurse}), request);
  ASSERT_THAT(made, IsOk());
  const auto read = Get(made->person().subject_id());
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->name(), EqualsProto(sian.name()));
  EXPECT_EQ(read->nhs_number().number(), "9000000009");
  EXPECT_EQ(read->nhs_number().status(), v1::NHS_NUMBER_STATUS_SELF_DECLARED);
  EXPECT_EQ(read->personal().mobile(), "+447700900999");
  EXPECT_EQ(read->home_area(), "CF10");
  EXPECT_EQ(read->next_of_kin().name(), "Gwilym Jones");

  State(read->subject_id(), Constable(), absl::CivilDay(2020, 1, 1));
  const std::string dump = Dump();
  for (const std::string& secret :
       {std::string("Siân"), std::string("Jones"), std::string("9000000009"),
        std::string("sian.jones"), std::string("home.example"), std::string("7700900"),
        std::string("CF10"), std::string("Gwilym"), std::string("sian-login"),
        std::string("QX4711"), std::string("E-1001"), std::string("E1001")}) {
    EXPECT_FALSE(absl::StrContains(dump, secret)) << secret;
    EXPECT_FALSE(absl::StrContains(dump, crypto::Hex(secret))) << secret << " in a bytea";
  }
  EXPECT_THAT(dump, HasSubstr(read->subject_id()));
  EXPECT_THAT(Events(), Contains("ACTION_CHANGE person " + read->subject_id()));
  EXPECT_THAT(Events(), Contains("ACTION_READ person " + read->subject_id()));
}

TEST_F(PeoplePgTest, RefusesWhatIsNoNumberAndSaysSoWithoutRepeatingIt) {
  for (const char* number : {"9999999999", "3478526985", "900 000 0009", "123"}) {
    v1::RegisterPersonRequest request;
    request.mutable_name()->set_family("Jones");
    request.mutable_nhs_number()->set_number(number);
    request.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
    const auto made = Ask(&People::RegisterPerson, CallOf("RegisterPerson", {kNurse}), request);
    EXPECT_THAT(made, StatusIs(kInvalid, "INVALID_FIELDS")) << number;
    EXPECT_THAT(made.status().ToString(), Not(HasSubstr(number)));
  }
}

TEST_F(PeoplePgTest, AnswersARepeatedRequestOnce) {
  v1::RegisterPersonRequest request;
  request.mutable_name()->set_family("Twice");
  request.set_workforce_type(v1::WORKFORCE_TYPE_VOLUNTEER);
  const rpc::Call call = CallOf("RegisterPerson", {kNurse});
  const auto first = Ask(&People::RegisterPerson, call, request);
  const auto second = Ask(&People::RegisterPerson, call, request);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(*second, EqualsProto(*first));
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM person"), "1");
  request.mutable_name()->set_family("Thrice");
  EXPECT_THAT(Ask(&People::RegisterPerson, call, request), StatusIs(kInvalid, "REQUEST_ID_REUSED"));
}

TEST_F(PeoplePgTest, FindsByEveryWholeNumberAndByNameWithoutAccents) {
  const std::string sian = Enter(SianJones(), Constable());
  const auto hits = [&](auto set) {
    v1::FindPeopleRequest request;
    set(request);
    const auto found = Ask(&People::FindPeople, CallOf("FindPeople", {kNurse}), request);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> ids;
    if (found.ok()) {
      for (const v1::PersonHit& hit : found->hits()) ids.push_back(hit.subject_id());
    }
    return ids;
  };
  EXPECT_THAT(hits([](auto& r) { r.set_nhs_number("9000000009"); }), ElementsAre(sian));
  EXPECT_THAT(hits([](auto& r) { r.set_employee_number("e1001"); }), ElementsAre(sian));
  EXPECT_THAT(hits([](auto& r) { r.set_collar_number("QX4711"); }), ElementsAre(sian));
  EXPECT_THAT(hits([](auto& r) { r.set_email("SIAN@home.example"); }), ElementsAre(sian));
  EXPECT_THAT(hits([](auto& r) { r.set_family_name("JONES"); }), ElementsAre(sian));
  EXPECT_THAT(hits([](auto& r) { r.set_family_name("Jone"); }), IsEmpty());
  EXPECT_THAT(hits([](auto& r) {
                r.set_family_name("Jones");
                r.mutable_birth_date()->set_year(1986);
                r.mutable_birth_date()->set_month(3);
                r.mutable_birth_date()->set_day(9);
              }),
              IsEmpty());
  EXPECT_THAT(Events(), Contains("ACTION_READ people_search "));
}

TEST_F(PeoplePgTest, GivesACollarNumberToWhoeverWoreItOnTheDay) {
  const std::string first = Enter("Ann", "First");
  const std::string second = Enter("Ben", "Second");
  v1::Employment employment = Constable();
  State(first, employment, absl::CivilDay(2015, 1, 1));
  v1::Employment ended = employment;
  ended.set_state(v1::EMPLOYMENT_STATE_ENDED);
  ended.set_end_reason(v1::END_REASON_RETIRED);
  State(first, ended, absl::CivilDay(2019, 1, 1), 2);
  State(second, Constable(), absl::CivilDay(2021, 1, 1));
  const auto wearer = [&](int year) {
    v1::FindPeopleRequest request;
    request.set_collar_number("QX4711");
    request.mutable_as_of_date()->set_year(year);
    request.mutable_as_of_date()->set_month(6);
    request.mutable_as_of_date()->set_day(1);
    const auto found = Ask(&People::FindPeople, CallOf("FindPeople", {kNurse}), request);
    return found.ok() && found->hits_size() == 1 ? found->hits(0).subject_id() : "";
  };
  EXPECT_EQ(wearer(2014), "");
  EXPECT_EQ(wearer(2016), first);
  EXPECT_EQ(wearer(2020), "");
  EXPECT_EQ(wearer(2022), second);
}

TEST_F(PeoplePgTest, AnswersAsOfADayAndAsItWasKnownThen) {
  const std::string sian = Enter("Siân", "Jones");
  v1::Employment employment = Constable();
  State(sian, employment, absl::CivilDay(2026, 1, 1));
  const absl::Time before = clock_.Now();
  clock_.Advance(absl::Hours(24));
  // Told a day later: she had moved in March already.
  employment.set_site_code("NORTH");
  State(sian, employment, absl::CivilDay(2026, 3, 1), 2);
  const auto site = [&](int month, std::optional<absl::Time> known) {
    v1::GetEmploymentRequest request;
    request.set_subject_id(sian);
    *request.mutable_as_of_date() = casework::ToCivilDate(absl::CivilDay(2026, month, 15));
    if (known) *request.mutable_known_at_time() = casework::ToTimestamp(*known);
    const auto got = Ask(&People::GetEmployment, CallOf("GetEmployment", {kNurse}), request);
    EXPECT_THAT(got, IsOk());
    std::string sites;
    if (got.ok()) {
      for (const v1::EmploymentSlice& slice : got->slices()) {
        if (slice.employment().employment_id() == employment.employment_id()) {
          sites += slice.employment().site_code();
        }
      }
    }
    return sites;
  };
  EXPECT_EQ(site(2, std::nullopt), "CENTRAL");
  EXPECT_EQ(site(4, std::nullopt), "NORTH");
  EXPECT_EQ(site(4, before), "CENTRAL") << "nobody knew of the move then";
}

TEST_F(PeoplePgTest, ShowsAMoversNewManagerTheSameDayAndTheOldOneNoLonger) {
  const std::string old_manager = Enter("Olga", "Old");
  const std::string new_manager = Enter("Nora", "New");
  v1::Employment employment = Constable(old_manager);
  v1::Person person = SianJones();
  const std::string sian = Enter(person, employment);
  EXPECT_THAT(Names({sian}, {kManager}, "olga", old_manager), ElementsAre("Siân Jones"));
  EXPECT_THAT(Names({sian}, {kManager}, "nora", new_manager), ElementsAre(""));
  // Stated the evening before, effective tomorrow.
  employment.set_manager_subject_id(new_manager);
  State(sian, employment, kToday + 1, 2);
  EXPECT_THAT(Names({sian}, {kManager}, "olga", old_manager), ElementsAre("Siân Jones"));
  EXPECT_THAT(Names({sian}, {kManager}, "nora", new_manager), ElementsAre(""));
  // One second past midnight in London.
  clock_.Set(absl::FromCivil(absl::CivilSecond(2026, 6, 1, 23, 0, 1), absl::UTCTimeZone()));
  EXPECT_THAT(Names({sian}, {kManager}, "olga", old_manager), ElementsAre(""));
  EXPECT_THAT(Names({sian}, {kManager}, "nora", new_manager), ElementsAre("Siân Jones"));
  v1::GetEmploymentRequest request;
  request.set_subject_id(sian);
  EXPECT_THAT(Ask(&People::GetEmployment, CallOf("GetEmployment", {kManager}, "olga", old_manager),
                  request),
              StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
  EXPECT_THAT(Events(), Contains("ACTION_REFUSED person " + sian + " SUBJECT_UNKNOWN"));
  const auto staff = Ask(&People::ListStaff, CallOf("ListStaff", {kManager}, "nora", new_manager),
                         v1::ListStaffRequest());
  ASSERT_THAT(staff, IsOk());
  ASSERT_EQ(staff->staff_size(), 1);
  EXPECT_EQ(staff->staff(0).collar_number(), "QX4711");
}

TEST_F(PeoplePgTest, ShowsAManagerOfTwoRecordsTheStaffOfBoth) {
  const std::string kept = Enter("Olga", "Old");
  const std::string merged = Enter("Olga", "Twin");
  const std::string of_kept = Enter("Ann", "Kept", kept);
  const std::string of_merged = Enter("Bea", "Merged", merged);
  v1::MergePeopleRequest merge;
  merge.set_kept_subject_id(kept);
  merge.set_merged_subject_id(merged);
  ASSERT_THAT(Ask(&People::MergePeople, CallOf("MergePeople", {kLead}, "lee"), merge), IsOk());
  // Whichever of the two their sign-in names, and however it spells it.
  for (const std::string& me : {kept, merged, absl::AsciiStrToUpper(kept)}) {
    const auto staff = Ask(&People::ListStaff, CallOf("ListStaff", {kManager}, "olga", me),
                           v1::ListStaffRequest());
    ASSERT_THAT(staff, IsOk());
    std::vector<std::string> shown;
    for (const v1::StaffMember& one : staff->staff()) shown.push_back(one.subject_id());
    EXPECT_THAT(shown, UnorderedElementsAre(of_kept, of_merged)) << me;
    EXPECT_THAT(Names({of_kept, of_merged}, {kManager}, "olga", me),
                ElementsAre("Ann Kept", "Bea Merged"));
  }
}

TEST_F(PeoplePgTest, TellsARefusedPersonFromNobodyInNothingButTheAudit) {
  const std::string sian = Enter(SianJones(), Constable());
  const std::string stranger = Enter("Max", "Manager");
  v1::GetEmploymentRequest request;
  request.set_subject_id(sian);
  const auto refused =
      Ask(&People::GetEmployment, CallOf("GetEmployment", {kManager}, "max", stranger), request);
  request.set_subject_id(ids::NewUuid());
  const auto nobody =
      Ask(&People::GetEmployment, CallOf("GetEmployment", {kManager}, "max", stranger), request);
  EXPECT_EQ(refused.status(), nobody.status());
}

TEST_F(PeoplePgTest, LetsNobodyMeetThemselvesAsStaff) {
  const std::string nia = Enter("Nia", "Nurse");
  EXPECT_THAT(Get(nia, {kNurse}, "nia", nia), StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
  EXPECT_THAT(Get(nia, {kNurse, kOfficer}, "nia", nia), IsOk());
  EXPECT_THAT(Names({nia}, {kNurse}, "nia", nia), ElementsAre(""));
}

TEST_F(PeoplePgTest, ChangesOnlyWhatIsSetAndRefusesAStaleVersion) {
  const std::string sian = Enter(SianJones(), Constable());
  v1::ChangePersonRequest request;
  request.set_subject_id(sian);
  request.set_expected_version(Get(sian)->version());
  request.mutable_name()->set_given("Siân");
  request.mutable_name()->set_family("Evans");
  request.set_seal_history(true);
  const auto changed = Ask(&People::ChangePerson, CallOf("ChangePerson", {kNurse}), request);
  ASSERT_THAT(changed, IsOk());
  EXPECT_EQ(changed->person().name().family(), "Evans");
  EXPECT_EQ(changed->person().nhs_number().number(), "9000000009");
  request.clear_request_id();
  EXPECT_THAT(Ask(&People::ChangePerson, CallOf("ChangePerson", {kNurse}), request),
              StatusIs(kFailed, "STALE_VERSION"));
  // The old name finds nobody, and only the history knows it.
  v1::FindPeopleRequest find;
  find.set_family_name("Jones");
  EXPECT_EQ(Ask(&People::FindPeople, CallOf("FindPeople", {kNurse}), find)->hits_size(), 0);
  v1::GetNameHistoryRequest history;
  history.set_subject_id(sian);
  EXPECT_THAT(Ask(&People::GetNameHistory, CallOf("GetNameHistory", {kClinicalLead}), history),
              StatusIs(kInvalid, "INVALID_FIELDS"));
  history.set_reason("A result from before the change has to be matched.");
  const auto former =
      Ask(&People::GetNameHistory, CallOf("GetNameHistory", {kClinicalLead}), history);
  ASSERT_THAT(former, IsOk());
  ASSERT_EQ(former->former_size(), 1);
  EXPECT_EQ(former->former(0).name().family(), "Jones");
  EXPECT_EQ(former->former(0).sex(), v1::SEX_FEMALE);
  EXPECT_THAT(Dump(), Not(HasSubstr("Evans")));
}

TEST_F(PeoplePgTest, SendsByTheRoutesThatAPersonChose) {
  const std::string sian = Enter(SianJones(), Constable());
  EXPECT_EQ(RoutesTo(sian).routes(0).route(), v1::ROUTE_WORK_EMAIL);
  v1::SetMyChoicesRequest request;
  request.mutable_choices()->add_routes(v1::ROUTE_WORK_EMAIL);
  request.mutable_choices()->add_routes(v1::ROUTE_PERSONAL_PHONE);
  request.mutable_choices()->add_never(v1::ROUTE_WORK_EMAIL);
  v1::Avoidance& avoid = *request.mutable_choices()->add_avoid();
  avoid.set_kind(v1::AVOIDANCE_KIND_AREA);
  avoid.set_code("CF11");
  request.mutable_choices()->add_avoid_reasons("I arrested a receptionist's brother.");
  ASSERT_THAT(
      Ask(&People::SetMyChoices, CallOf("SetMyChoices", {kOfficer}, "sian-login", sian), request),
      IsOk());
  v1::Reachable reachable = RoutesTo(sian);
  ASSERT_EQ(reachable.routes_size(), 1);
  EXPECT_EQ(reachable.routes(0).address(), "+447700900999");
  // Staff read where not to send her, and never why; she reads both.
  const auto person = Get(sian);
  EXPECT_EQ(person->avoid(0).code(), "CF11");
  EXPECT_THAT(person->DebugString(), Not(HasSubstr("receptionist")));
  const auto mine = Ask(&People::GetMyRecord, CallOf("GetMyRecord", {kOfficer}, "sian-login", sian),
                        v1::GetMyRecordRequest());
  ASSERT_THAT(mine, IsOk());
  EXPECT_THAT(mine->choices().avoid_reasons(0), HasSubstr("receptionist"));
  // By sign-in, as scheduling knows its recipients.
  v1::ResolveRoutesRequest by_user;
  by_user.set_tenant(kTenant);
  by_user.add_user_ids("sian-login");
  by_user.add_user_ids("nobody");
  const auto resolved =
      Ask(&People::ResolveRoutes, CallOfService("ResolveRoutes", "scheduling"), by_user);
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->people(0).subject_id(), sian);
  // Where not to send her is for whoever sends her somewhere.
  EXPECT_EQ(resolved->people(0).avoid_size(), 0);
  const auto referring =
      Ask(&People::ResolveRoutes, CallOfService("ResolveRoutes", "referral"), by_user);
  ASSERT_THAT(referring, IsOk());
  EXPECT_EQ(referring->people(0).avoid(0).code(), "CF11");
  EXPECT_EQ(resolved->people(1).subject_id(), "");
}

TEST_F(PeoplePgTest, ReachesALeaverByPersonalRoutesAlone) {
  v1::Employment employment = Constable();
  const std::string sian = Enter(SianJones(), employment);
  employment.set_state(v1::EMPLOYMENT_STATE_ENDED);
  employment.set_end_reason(v1::END_REASON_LEFT);
  State(sian, employment, kToday, 2);
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_LEFT);
  std::vector<int> routes;
  const v1::Reachable reachable = RoutesTo(sian);
  for (const v1::RouteTo& route : reachable.routes()) routes.push_back(route.route());
  EXPECT_THAT(routes, ElementsAre(v1::ROUTE_PERSONAL_EMAIL, v1::ROUTE_PERSONAL_PHONE));
  // Rejoins: another employment of the same person.
  v1::RecordEmploymentRequest again;
  again.set_subject_id(sian);
  *again.mutable_employment() = Constable();
  again.mutable_employment()->clear_employment_id();
  *again.mutable_from_date() = casework::ToCivilDate(kToday);
  const auto joined =
      Ask(&People::RecordEmployment, CallOf("RecordEmployment", {kHr}, "hr"), again);
  ASSERT_THAT(joined, IsOk());
  EXPECT_EQ(joined->state(), v1::PERSON_STATE_ACTIVE);
  EXPECT_EQ(RoutesTo(sian).routes(0).route(), v1::ROUTE_WORK_EMAIL);
}

TEST_F(PeoplePgTest, EndsAnEmploymentOnTheDayThatWasStatedInAdvance) {
  v1::Employment employment = Constable();
  const std::string sian = Enter(SianJones(), employment);
  employment.set_state(v1::EMPLOYMENT_STATE_ENDED);
  employment.set_end_reason(v1::END_REASON_RETIRED);
  State(sian, employment, kToday + 10, 2);
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_ACTIVE);
  clock_.Advance(absl::Hours(24 * 10));
  ASSERT_THAT(RefreshAllStates(*desk_), IsOk());
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_LEFT);
}

TEST_F(PeoplePgTest, StopsEveryMessageWithTheCommitOfADeath) {
  const std::string sian = Enter(SianJones(), Constable());
  v1::RecordDeathRequest request;
  request.set_subject_id(sian);
  *request.mutable_death_date() = casework::ToCivilDate(kToday - 1);
  ASSERT_THAT(Ask(&People::RecordDeath, CallOf("RecordDeath", {kHr}, "hr"), request), IsOk());
  const v1::Reachable reachable = RoutesTo(sian);
  EXPECT_TRUE(reachable.deceased());
  EXPECT_THAT(reachable.routes(), IsEmpty());
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_DECEASED);
  request.clear_request_id();
  EXPECT_THAT(Ask(&People::RecordDeath, CallOf("RecordDeath", {kHr}, "hr"), request),
              StatusIs(kFailed, "PERSON_DECEASED"));
}

TEST_F(PeoplePgTest, TakesOverSubjectIdsInUseAndNamesThemLater) {
  const std::string used = ids::NewUuid();
  v1::AdoptSubjectsRequest adopt;
  adopt.add_subject_ids(used);
  adopt.add_subject_ids(ids::NewUuid());
  auto adopted = Ask(&People::AdoptSubjects, CallOf("AdoptSubjects", {kLead}, "lee"), adopt);
  ASSERT_THAT(adopted, IsOk());
  EXPECT_EQ(adopted->adopted_count(), 2);
  adopt.clear_request_id();
  adopted = Ask(&People::AdoptSubjects, CallOf("AdoptSubjects", {kLead}, "lee"), adopt);
  EXPECT_EQ(adopted->known_count(), 2);
  EXPECT_EQ(Get(used)->state(), v1::PERSON_STATE_PROVISIONAL);
  v1::RegisterPersonRequest name;
  name.set_subject_id(used);
  name.mutable_name()->set_family("Known");
  name.set_workforce_type(v1::WORKFORCE_TYPE_SPECIAL);
  ASSERT_THAT(Ask(&People::RegisterPerson, CallOf("RegisterPerson", {kNurse}), name), IsOk());
  EXPECT_EQ(Get(used)->state(), v1::PERSON_STATE_ACTIVE);
  name.clear_request_id();
  EXPECT_THAT(Ask(&People::RegisterPerson, CallOf("RegisterPerson", {kNurse}), name),
              StatusIs(absl::StatusCode::kAlreadyExists, "SUBJECT_EXISTS"));
}

TEST_F(PeoplePgTest, QueuesPossibleDuplicatesAndJoinsThemReversibly) {
  const std::string first = Enter(SianJones(), Constable());
  v1::RegisterPersonRequest request;
  request.mutable_name()->set_given("Sian");
  request.mutable_name()->set_family("JONES");
  *request.mutable_birth_date() = SianJones().birth_date();
  request.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  const auto made = Ask(&People::RegisterPerson, CallOf("RegisterPerson", {kNurse}), request);
  ASSERT_THAT(made, IsOk());
  const std::string second = made->person().subject_id();
  EXPECT_THAT(made->possible_duplicates(), ElementsAre(first));
  auto waiting =
      Ask(&People::ListDuplicates, CallOf("ListDuplicates", {kNurse}), v1::ListDuplicatesRequest());
  ASSERT_EQ(waiting->duplicates_size(), 1);
  EXPECT_EQ(waiting->duplicates(0).reason(), v1::DUPLICATE_REASON_SAME_NAME_AND_BIRTH);
  // Never by itself: both stand until a person says so.
  EXPECT_EQ(Get(second)->subject_id(), second);
  v1::MergePeopleRequest merge;
  merge.set_kept_subject_id(first);
  merge.set_merged_subject_id(second);
  const auto merged = Ask(&People::MergePeople, CallOf("MergePeople", {kLead}, "lee"), merge);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(Get(second)->subject_id(), first) << "both ids go on working";
  EXPECT_THAT(Names({first, second}, {kNurse}), ElementsAre("Siân Jones", "Siân Jones"));
  EXPECT_EQ(
      Ask(&People::ListDuplicates, CallOf("ListDuplicates", {kNurse}), v1::ListDuplicatesRequest())
          ->duplicates_size(),
      0);
  merge.clear_request_id();
  EXPECT_THAT(Ask(&People::MergePeople, CallOf("MergePeople", {kLead}, "lee"), merge),
              StatusIs(kFailed, "PERSON_MERGED"));
  v1::UndoMergeRequest undo;
  undo.set_merge_id(merged->merge_id());
  ASSERT_THAT(Ask(&People::UndoMerge, CallOf("UndoMerge", {kLead}, "lee"), undo), IsOk());
  EXPECT_EQ(Get(second)->subject_id(), second);
  EXPECT_EQ(Get(second)->name().family(), "JONES") << "nothing of it was lost";
  undo.clear_request_id();
  EXPECT_THAT(Ask(&People::UndoMerge, CallOf("UndoMerge", {kLead}, "lee"), undo),
              StatusIs(kNotFound, "MERGE_UNKNOWN"));
}

TEST_F(PeoplePgTest, HandsAPersonOverOnlyWithConsentAndAnswersForThemUntilTheyAreTaken) {
  const std::string sian = Enter(SianJones(), Constable());
  Run([](db::Transaction&, const TenantKeys&) { return absl::OkStatus(); }, kOtherTenant);
  v1::GiveConsentRequest give;
  give.set_kind(v1::DISCLOSURE_KIND_RECORD_TO_FORCE);
  give.set_recipient(kOtherTenant);
  v1::OfferTransferRequest offer;
  offer.set_subject_id(sian);
  offer.set_to_force(kOtherTenant);
  offer.set_consent_id(ids::NewUuid());
  EXPECT_THAT(Ask(&People::OfferTransfer, CallOf("OfferTransfer", {kLead}, "lee"), offer),
              StatusIs(kFailed, "CONSENT_MISSING"));
  const auto consent =
      Ask(&People::GiveConsent, CallOf("GiveConsent", {kOfficer}, "sian-login", sian), give);
  ASSERT_THAT(consent, IsOk());
  offer.set_consent_id(consent->consent().consent_id());
  offer.clear_request_id();
  const auto offered = Ask(&People::OfferTransfer, CallOf("OfferTransfer", {kLead}, "lee"), offer);
  ASSERT_THAT(offered, IsOk());
  offer.clear_request_id();
  EXPECT_THAT(Ask(&People::OfferTransfer, CallOf("OfferTransfer", {kLead}, "lee"), offer),
              StatusIs(kFailed, "TRANSFER_OPEN"));
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_ACTIVE);
  ASSERT_THAT(handover_->Turn(kTenant), IsOk());
  ASSERT_THAT(handover_->Turn(kTenant), IsOk());
  const auto other = [&](const char* method) {
    return CallOf(method, {kLead}, "lowri", "", kOtherTenant);
  };
  const auto theirs =
      Ask(&People::ListTransfers, other("ListTransfers"), v1::ListTransfersRequest());
  ASSERT_THAT(theirs, IsOk());
  ASSERT_EQ(theirs->transfers_size(), 1);
  EXPECT_EQ(theirs->transfers(0).display_name(), "Siân Jones");
  v1::AnswerTransferRequest answer;
  answer.set_transfer_id(theirs->transfers(0).transfer_id());
  answer.set_accept(true);
  EXPECT_THAT(Ask(&People::AnswerTransfer, CallOf("AnswerTransfer", {kLead}, "lee"), answer),
              StatusIs(kNotFound, "TRANSFER_UNKNOWN"))
      << "not by the force that offers";
  answer.clear_request_id();
  const auto taken = Ask(&People::AnswerTransfer, other("AnswerTransfer"), answer);
  ASSERT_THAT(taken, IsOk());
  const std::string there = taken->transfer().subject_id();
  EXPECT_NE(there, sian);
  EXPECT_EQ(Get(sian)->state(), v1::PERSON_STATE_ACTIVE) << "answerable until the word is here";
  ASSERT_THAT(handover_->Turn(kOtherTenant), IsOk());
  ASSERT_THAT(handover_->Turn(kOtherTenant), IsOk());
  const auto here = Get(sian);
  EXPECT_EQ(here->state(), v1::PERSON_STATE_TRANSFERRED);
  EXPECT_EQ(here->transferred_to(), kOtherTenant);
  const v1::Reachable reachable = RoutesTo(sian);
  for (const v1::RouteTo& route : reachable.routes()) {
    EXPECT_NE(route.route(), v1::ROUTE_WORK_EMAIL);
    EXPECT_NE(route.route(), v1::ROUTE_WORK_PHONE);
  }
  // Every pathway is told, whether or not there is a case.
  EXPECT_EQ(CasesSent().size(), 4);
  for (const bbv::v1::TransferCasesRequest& sent : CasesSent()) {
    EXPECT_EQ(sent.tenant(), kTenant);
    EXPECT_EQ(sent.actor().user_id(), "lee");
    EXPECT_THAT(sent.transfer().subject_ids(), ElementsAre(sian));
    EXPECT_EQ(sent.transfer().to_force(), kOtherTenant);
    EXPECT_EQ(sent.transfer().to_subject_id(), there);
    EXPECT_EQ(sent.transfer().accepted_by().user_id(), "lowri");
    EXPECT_FALSE(sent.transfer().hidden_too()) << "that takes a consent of its own";
  }
  const auto arrived = Get(there, {kNurse}, "nerys", "", kOtherTenant);
  ASSERT_THAT(arrived, IsOk());
  EXPECT_EQ(arrived->nhs_number().number(), "9000000009");
  EXPECT_EQ(arrived->work().email(), "");
  EXPECT_THAT(Get(sian, {kNurse}, "nerys", "", kOtherTenant),
              StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
}

TEST_F(PeoplePgTest, LetsNoCaseFollowWithoutTheConsentThatHoldsWhenThePersonIsTaken) {
  const std::string sian = Enter(SianJones(), Constable());
  const std::string twin = Enter(SianJones());
  v1::MergePeopleRequest merge;
  merge.set_kept_subject_id(sian);
  merge.set_merged_subject_id(twin);
  ASSERT_THAT(Ask(&People::MergePeople, CallOf("MergePeople", {kLead}, "lee"), merge), IsOk());
  Run([](db::Transaction&, const TenantKeys&) { return absl::OkStatus(); }, kOtherTenant);
  const auto give = [&](v1::DisclosureKind kind) {
    v1::GiveConsentRequest request;
    request.set_kind(kind);
    request.set_recipient(kOtherTenant);
    const auto given =
        Ask(&People::GiveConsent, CallOf("GiveConsent", {kOfficer}, "sian-login", sian), request);
    EXPECT_THAT(given, IsOk());
    return given->consent().consent_id();
  };
  const std::string record = give(v1::DISCLOSURE_KIND_RECORD_TO_FORCE);
  give(v1::DISCLOSURE_KIND_CONFIDENTIAL_CARE_TO_FORCE);
  const auto transfer = [&](bool withdraw) {
    v1::OfferTransferRequest offer;
    offer.set_subject_id(sian);
    offer.set_to_force(kOtherTenant);
    offer.set_consent_id(record);
    const auto offered =
        Ask(&People::OfferTransfer, CallOf("OfferTransfer", {kLead}, "lee"), offer);
    ASSERT_THAT(offered, IsOk());
    ASSERT_THAT(handover_->Turn(kTenant), IsOk());
    ASSERT_THAT(handover_->Turn(kTenant), IsOk());
    if (withdraw) {
      v1::WithdrawConsentRequest request;
      request.set_consent_id(record);
      ASSERT_THAT(Ask(&People::WithdrawConsent,
                      CallOf("WithdrawConsent", {kOfficer}, "sian-login", sian), request),
                  IsOk());
    }
    v1::AnswerTransferRequest answer;
    answer.set_transfer_id(offered->transfer().transfer_id());
    answer.set_accept(true);
    ASSERT_THAT(Ask(&People::AnswerTransfer,
                    CallOf("AnswerTransfer", {kLead}, "lowri", "", kOtherTenant), answer),
                IsOk());
    ASSERT_THAT(handover_->Turn(kOtherTenant), IsOk());
    ASSERT_THAT(handover_->Turn(kOtherTenant), IsOk());
  };
  transfer(/*withdraw=*/false);
  ASSERT_EQ(CasesSent().size(), 4);
  EXPECT_TRUE(CasesSent()[0].transfer().hidden_too());
  EXPECT_THAT(CasesSent()[0].transfer().subject_ids(), UnorderedElementsAre(sian, twin));
  transfer(/*withdraw=*/true);
  EXPECT_EQ(CasesSent().size(), 4) << "the person goes, their cases stay";
}

TEST_F(PeoplePgTest, ExportsEverythingHeldOnAPersonAndToThemAlsoTheirReasons) {
  const std::string sian = Enter(SianJones(), Constable());
  v1::SetMyChoicesRequest choices;
  choices.mutable_choices()->add_avoid()->set_kind(v1::AVOIDANCE_KIND_VENUE);
  choices.mutable_choices()->mutable_avoid(0)->set_code("7A4BV");
  choices.mutable_choices()->add_avoid_reasons("An ex-partner works there.");
  ASSERT_THAT(
      Ask(&People::SetMyChoices, CallOf("SetMyChoices", {kOfficer}, "sian-login", sian), choices),
      IsOk());
  const auto exported = [&](rpc::Call call, const std::string& subject) {
    v1::ExportSubjectRequest request;
    request.set_request_id(call.request_id);
    request.set_subject_id(subject);
    std::string all;
    const absl::Status status =
        people_->ExportSubject(call, request, [&](const v1::ExportSubjectResponse& section) {
          absl::StrAppend(&all, section.section(), ": ", section.json(), "\n");
          return absl::OkStatus();
        });
    EXPECT_THAT(status, IsOk());
    return all;
  };
  const std::string mine = exported(CallOf("ExportSubject", {kOfficer}, "sian-login", sian), "");
  EXPECT_THAT(mine, HasSubstr("9000000009"));
  EXPECT_THAT(mine, HasSubstr("QX4711"));
  EXPECT_THAT(mine, HasSubstr("An ex-partner works there."));
  const std::string leads = exported(CallOf("ExportSubject", {kLead}, "lee"), sian);
  EXPECT_THAT(leads, HasSubstr("7A4BV"));
  EXPECT_THAT(leads, Not(HasSubstr("ex-partner")));
  EXPECT_THAT(Events(), Contains("ACTION_EXPORT person " + sian));
}

TEST_F(PeoplePgTest, ErasesWhatIsKeptNoLongerUnlessAHoldKeepsIt) {
  v1::Employment employment = Constable();
  const std::string held = Enter(SianJones(), employment);
  const std::string gone = Enter("Gone", "Long");
  const std::string stays = Enter("Stays", "Here");
  employment.set_state(v1::EMPLOYMENT_STATE_ENDED);
  employment.set_end_reason(v1::END_REASON_LEFT);
  State(held, employment, kToday, 2);
  v1::Employment other = Constable();
  other.set_state(v1::EMPLOYMENT_STATE_ENDED);
  other.set_end_reason(v1::END_REASON_LEFT);
  Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Slice> slices,
                     ReadSlices(txn, keys, {gone}, std::nullopt, clock_.Now()));
    other.set_employment_id(slices.at(0).employment.employment_id());
    return absl::OkStatus();
  });
  State(gone, other, kToday, 2);
  v1::SetLegalHoldRequest hold;
  hold.set_subject_id(held);
  hold.set_reason("A claim is before the county court.");
  const auto set = Ask(&People::SetLegalHold, CallOf("SetLegalHold", {kLead}, "lee"), hold);
  ASSERT_THAT(set, IsOk());
  const auto schedule = LoadRetention("services/workforce/retention.textproto");
  ASSERT_THAT(schedule, IsOk());
  clock_.Set(Morning() + absl::Hours(24 * 365 * 5));
  ASSERT_THAT(EraseDue(*desk_, *schedule), IsOk());
  EXPECT_THAT(Get(gone), IsOk()) << "not yet";
  clock_.Set(Morning() + absl::Hours(24 * (365 * 6 + 3)));
  const auto listed = Ask(&People::ListRetention, CallOf("ListRetention", {kLead}, "lee"),
                          v1::ListRetentionRequest());
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->rules(0).due_count(), 1);
  EXPECT_EQ(listed->rules(0).held_count(), 1);
  ASSERT_THAT(EraseDue(*desk_, *schedule), IsOk());
  EXPECT_THAT(Get(gone), StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
  EXPECT_THAT(Get(held), IsOk());
  EXPECT_THAT(Get(stays), IsOk());
  EXPECT_THAT(Events(), Contains("ACTION_ERASE person " + gone + " left"));
  EXPECT_EQ(test_database_.Query(
                absl::StrCat("SELECT count(*) FROM person_field WHERE person_id = '", gone, "'")),
            "0");
  v1::LiftLegalHoldRequest lift;
  lift.set_hold_id(set->hold().hold_id());
  ASSERT_THAT(Ask(&People::LiftLegalHold, CallOf("LiftLegalHold", {kLead}, "lee"), lift), IsOk());
  ASSERT_THAT(EraseDue(*desk_, *schedule), IsOk());
  EXPECT_THAT(Get(held), StatusIs(kNotFound, "SUBJECT_UNKNOWN"));
}

}  // namespace
}  // namespace waymark::workforce
