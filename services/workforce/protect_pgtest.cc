// Who is kept from whom: protected people, other forces, emergency access, pseudonyms.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/casework/local_time.h"
#include "services/workforce/testing/people_ground.h"

namespace waymark::workforce {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kFailed = absl::StatusCode::kFailedPrecondition;

constexpr char kReason[] = "She is unconscious in the emergency department.";

class ProtectPgTest : public PeopleGround {
 protected:
  ProtectPgTest() {
    manager_ = Enter("Max", "Manager");
    v1::Person person;
    person.mutable_name()->set_given("Undine");
    person.mutable_name()->set_family("Covert");
    person.mutable_birth_date()->set_year(1990);
    person.mutable_birth_date()->set_month(1);
    person.mutable_birth_date()->set_day(2);
    person.mutable_nhs_number()->set_number("9876543210");
    person.mutable_work()->set_email("undine.covert@force.example");
    person.mutable_personal()->set_email("undine@home.example");
    v1::Employment employment;
    employment.set_employee_number("EMP777");
    employment.set_collar_number("QX777");
    employment.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
    employment.set_site_code("SECRETSITE");
    employment.set_manager_subject_id(manager_);
    hidden_ = Enter(person, employment);
    // Somebody like her, so that a pair of possible duplicates waits.
    v1::Person twin;
    twin.mutable_name()->set_given("Tessa");
    twin.mutable_name()->set_family("Twin");
    v1::Employment same_number;
    same_number.set_employee_number("EMP777");
    twin_ = Enter(twin, same_number);
    Run([&](db::Transaction& txn, const TenantKeys&) {
      return QueueDuplicates(txn, {hidden_, twin_}, clock_.Now());
    });
    Protect(hidden_, {"nia-cleared"});
  }

  // One call of every method of WorkforceService about `subject`: what it answers, as text, and its
  // status. By method name.
  struct Answer {
    absl::Status status;
    std::string text;
  };
  using Caller = std::function<rpc::Call(const std::string& method)>;
  std::map<std::string, Answer> WalkEveryMethod(const std::string& subject, const Caller& as);

  std::string manager_;
  std::string hidden_;
  std::string twin_;
};

std::map<std::string, ProtectPgTest::Answer> ProtectPgTest::WalkEveryMethod(
    const std::string& subject, const Caller& as) {
  std::map<std::string, Answer> answers;
  const auto walk = [&](const std::string& method, auto room, auto request) {
    const auto got = Ask(room, as(method), request);
    answers[method] = {got.status(), got.ok() ? got->DebugString() : ""};
  };
  const auto today = casework::ToCivilDate(kToday);
  int finds = 0;
  for (const auto& set : std::vector<std::function<void(v1::FindPeopleRequest&)>>{
           [](auto& r) { r.set_nhs_number("9876543210"); },
           [](auto& r) { r.set_employee_number("EMP777"); },
           [](auto& r) { r.set_collar_number("QX777"); },
           [](auto& r) { r.set_email("undine@home.example"); },
           [](auto& r) { r.set_email("undine.covert@force.example"); },
           [](auto& r) { r.set_family_name("Covert"); }}) {
    v1::FindPeopleRequest find;
    set(find);
    const auto got = Ask(&People::FindPeople, as("FindPeople"), find);
    Answer& all = answers["FindPeople"];
    all.status = got.status();
    all.text += got.ok() ? got->DebugString() : "";
    ++finds;
  }
  EXPECT_EQ(finds, 6);
  v1::GetPersonRequest get;
  get.set_subject_id(subject);
  walk("GetPerson", &People::GetPerson, get);
  v1::GetEmploymentRequest employment;
  employment.set_subject_id(subject);
  walk("GetEmployment", &People::GetEmployment, employment);
  walk("ListStaff", &People::ListStaff, v1::ListStaffRequest());
  v1::ResolveNamesRequest names;
  names.add_subject_ids(subject);
  walk("ResolveNames", &People::ResolveNames, names);
  v1::ChangePersonRequest change;
  change.set_subject_id(subject);
  change.set_expected_version(1);
  change.set_home_area("AB1");
  walk("ChangePerson", &People::ChangePerson, change);
  v1::RecordEmploymentRequest record;
  record.set_subject_id(subject);
  record.mutable_employment()->set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  record.mutable_employment()->set_state(v1::EMPLOYMENT_STATE_WORKING);
  *record.mutable_from_date() = today;
  walk("RecordEmployment", &People::RecordEmployment, record);
  v1::RecordDeathRequest death;
  death.set_subject_id(subject);
  *death.mutable_death_date() = today;
  walk("RecordDeath", &People::RecordDeath, death);
  v1::GetNameHistoryRequest history;
  history.set_subject_id(subject);
  history.set_reason(kReason);
  walk("GetNameHistory", &People::GetNameHistory, history);
  v1::ListDuplicatesRequest duplicates;
  walk("ListDuplicates", &People::ListDuplicates, duplicates);
  v1::DismissDuplicateRequest dismiss;
  dismiss.set_duplicate_id(ids::DeriveUuid(std::min(hidden_, twin_), std::max(hidden_, twin_)));
  walk("DismissDuplicate", &People::DismissDuplicate, dismiss);
  v1::MergePeopleRequest merge;
  merge.set_kept_subject_id(twin_);
  merge.set_merged_subject_id(subject);
  walk("MergePeople", &People::MergePeople, merge);
  v1::OfferTransferRequest offer;
  offer.set_subject_id(subject);
  offer.set_to_force(kOtherTenant);
  offer.set_consent_id(ids::NewUuid());
  walk("OfferTransfer", &People::OfferTransfer, offer);
  v1::SetProtectionRequest protect;
  protect.set_subject_id(subject);
  protect.set_expected_version(0);
  walk("SetProtection", &People::SetProtection, protect);
  v1::SetLegalHoldRequest hold;
  hold.set_subject_id(subject);
  hold.set_reason(kReason);
  walk("SetLegalHold", &People::SetLegalHold, hold);
  v1::ExportSubjectRequest export_request;
  const rpc::Call call = as("ExportSubject");
  export_request.set_request_id(call.request_id);
  export_request.set_subject_id(subject);
  Answer& exported = answers["ExportSubject"];
  exported.status =
      people_->ExportSubject(call, export_request, [&](v1::ExportSubjectResponse section) {
        exported.text += section.DebugString();
        return absl::OkStatus();
      });
  v1::BreakGlassRequest glass;
  glass.set_subject_id(subject);
  glass.set_reason(kReason);
  walk("BreakGlass", &People::BreakGlass, glass);
  walk("ListBreakGlasses", &People::ListBreakGlasses, v1::ListBreakGlassesRequest());
  v1::ReviewBreakGlassRequest review;
  review.set_grant_id(ids::NewUuid());
  walk("ReviewBreakGlass", &People::ReviewBreakGlass, review);
  v1::UndoMergeRequest undo;
  undo.set_merge_id(ids::NewUuid());
  walk("UndoMerge", &People::UndoMerge, undo);
  v1::RequestReidentificationRequest ask;
  ask.set_pseudonym(audit_subjects_.Token("subject", absl::StrCat(kTenant, "/", subject)));
  ask.set_reason(kReason);
  walk("RequestReidentification", &People::RequestReidentification, ask);
  v1::DecideReidentificationRequest decide;
  decide.set_reidentification_id(ids::NewUuid());
  walk("DecideReidentification", &People::DecideReidentification, decide);
  v1::GetReidentifiedRequest reidentified;
  reidentified.set_reidentification_id(ids::NewUuid());
  walk("GetReidentified", &People::GetReidentified, reidentified);
  walk("ListReidentifications", &People::ListReidentifications, v1::ListReidentificationsRequest());
  walk("ListTransfers", &People::ListTransfers, v1::ListTransfersRequest());
  v1::AnswerTransferRequest answer;
  answer.set_transfer_id(ids::NewUuid());
  walk("AnswerTransfer", &People::AnswerTransfer, answer);
  v1::WithdrawTransferRequest withdraw;
  withdraw.set_transfer_id(ids::NewUuid());
  walk("WithdrawTransfer", &People::WithdrawTransfer, withdraw);
  v1::LiftLegalHoldRequest lift;
  lift.set_hold_id(ids::NewUuid());
  walk("LiftLegalHold", &People::LiftLegalHold, lift);
  walk("ListRetention", &People::ListRetention, v1::ListRetentionRequest());
  // Last: another force may enter somebody of its own under the same id.
  v1::RegisterPersonRequest again;
  again.set_subject_id(subject);
  again.mutable_name()->set_family("Namesake");
  again.set_workforce_type(v1::WORKFORCE_TYPE_OFFICER);
  walk("RegisterPerson", &People::RegisterPerson, again);
  return answers;
}

// Methods that reach nobody but the caller, or only ids and counts; each has a test of its own.
const std::set<std::string>& NotWalked() {
  static const auto* const methods = new std::set<std::string>{
      "FindSubject", "ResolveRoutes",   "AdoptSubjects", "GetMyRecord", "SetMyChoices",
      "GiveConsent", "WithdrawConsent", "RotateKeys",    "GetKeyStatus"};
  return *methods;
}

// A call that no rule stops: the rooms themselves must keep what is to be kept.
rpc::Call WithEveryGrant(rpc::Call call, const std::string& method) {
  call.granted = access::Granted();
  options::v1::Grant grant;
  for (const options::v1::Role role : call.caller.roles) grant.add_roles(role);
  grant.set_relation(options::v1::RELATION_SAME_FORCE);
  call.granted.grants.push_back(grant);
  call.method = absl::StrCat("waymark.workforce.v1.WorkforceService.", method);
  call.request_id = ids::NewUuid();
  return call;
}

TEST_F(ProtectPgTest, WalksEveryMethodThereIs) {
  const auto answers = WalkEveryMethod(hidden_, [&](const std::string& method) {
    return WithEveryGrant(CallOf("GetPerson", {kNurse, kLead, kClinicalLead}, "someone"), method);
  });
  const auto* service = v1::FindPeopleRequest::descriptor()->file()->service(0);
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string& name = service->method(i)->name();
    EXPECT_EQ(answers.count(name) + NotWalked().count(name), 1u) << name;
  }
}

TEST_F(ProtectPgTest, ShowsAProtectedPersonByTheirAliasAndFindsThemByNothing) {
  const auto answers = WalkEveryMethod(hidden_, [&](const std::string& method) {
    return WithEveryGrant(CallOf("GetPerson", {kNurse, kLead, kClinicalLead, kAuditor}, "someone"),
                          method);
  });
  for (const auto& [method, answer] : answers) {
    if (method == "ListDuplicates" || method == "FindPeople") {
      // Somebody who shares a number may be found; never the one who is protected.
      EXPECT_THAT(answer.text, Not(HasSubstr(hidden_))) << method;
    } else {
      EXPECT_THAT(answer.text, Not(HasSubstr("Covert"))) << method;
      EXPECT_THAT(answer.text, Not(HasSubstr("Undine"))) << method;
    }
    EXPECT_THAT(answer.text, Not(HasSubstr("SECRETSITE"))) << method;
    EXPECT_THAT(answer.text, Not(HasSubstr("QX777"))) << method;
    EXPECT_THAT(answer.text, Not(HasSubstr("9876543210"))) << method;
    EXPECT_THAT(answer.text, Not(HasSubstr("undine"))) << method;
  }
  EXPECT_THAT(answers.at("GetPerson").text, HasSubstr("Alex Grey"));
  EXPECT_THAT(answers.at("ResolveNames").text, HasSubstr("Alex Grey"));
  for (const char* method : {"GetEmployment", "ChangePerson", "RecordEmployment", "RecordDeath",
                             "GetNameHistory", "ExportSubject"}) {
    EXPECT_THAT(answers.at(method).status, StatusIs(kDenied, "PERSON_PROTECTED")) << method;
  }
  // The record is as it was.
  EXPECT_EQ(Get(hidden_, {kNurse}, "nia-cleared")->name().family(), "Covert");
}

TEST_F(ProtectPgTest, KeepsThemFromTheirManagerAndHrAsWell) {
  EXPECT_THAT(Names({hidden_}, {kManager}, "max", manager_), ElementsAre("Alex Grey"));
  for (const auto& [roles, user, me] :
       {std::tuple<Roles, std::string, std::string>({kManager}, "max", manager_),
        std::tuple<Roles, std::string, std::string>({kHr}, "hr", "")}) {
    const auto staff =
        Ask(&People::ListStaff, CallOf("ListStaff", roles, user, me), v1::ListStaffRequest());
    ASSERT_THAT(staff, IsOk());
    EXPECT_THAT(staff->DebugString(), Not(HasSubstr("SECRETSITE")));
    EXPECT_THAT(staff->DebugString(), Not(HasSubstr("QX777")));
    EXPECT_THAT(staff->DebugString(), HasSubstr("Alex Grey"));
  }
}

TEST_F(ProtectPgTest, OpensToThoseOnTheListAndToThePerson) {
  EXPECT_EQ(Get(hidden_, {kNurse}, "nia-cleared")->name().family(), "Covert");
  v1::FindPeopleRequest find;
  find.set_nhs_number("9876543210");
  EXPECT_EQ(
      Ask(&People::FindPeople, CallOf("FindPeople", {kNurse}, "nia-cleared"), find)->hits_size(),
      1);
  const auto mine = Ask(&People::GetMyRecord, CallOf("GetMyRecord", {kOfficer}, "undine", hidden_),
                        v1::GetMyRecordRequest());
  ASSERT_THAT(mine, IsOk());
  EXPECT_EQ(mine->person().name().family(), "Covert");
  EXPECT_FALSE(mine->person().has_protection()) << "who may see her is not for her screen";
}

TEST_F(ProtectPgTest, KeepsEveryForceFromEveryOther) {
  Run([](db::Transaction&, const TenantKeys&) { return absl::OkStatus(); }, kOtherTenant);
  const std::string before = test_database_.Query(
      absl::StrCat("SELECT string_agg(p::text, ' ' ORDER BY person_id) FROM person AS p WHERE"
                   " tenant = '",
                   kTenant, "'"));
  for (const std::string& subject : {hidden_, twin_}) {
    const auto answers = WalkEveryMethod(subject, [&](const std::string& method) {
      return WithEveryGrant(CallOf("GetPerson", {kNurse, kLead, kClinicalLead, kAuditor},
                                   "nia-cleared", "", kOtherTenant),
                            method);
    });
    for (const auto& [method, answer] : answers) {
      EXPECT_THAT(answer.text, Not(HasSubstr("Covert"))) << method;
      EXPECT_THAT(answer.text, Not(HasSubstr("Alex Grey"))) << method;
      EXPECT_THAT(answer.text, Not(HasSubstr("EMP777"))) << method;
      EXPECT_THAT(answer.text, Not(HasSubstr("Tessa"))) << method;
    }
    for (const char* method :
         {"GetPerson", "GetEmployment", "GetNameHistory", "ChangePerson", "RecordEmployment",
          "RecordDeath", "BreakGlass", "SetProtection", "SetLegalHold", "ExportSubject"}) {
      EXPECT_FALSE(answers.at(method).status.ok()) << method;
    }
  }
  EXPECT_EQ(test_database_.Query(
                absl::StrCat("SELECT string_agg(p::text, ' ' ORDER BY person_id) FROM person AS p"
                             " WHERE tenant = '",
                             kTenant, "'")),
            before)
      << "nothing of this force has changed";
}

TEST_F(ProtectPgTest, BreaksTheGlassForATimeOnAReasonAndHasItReviewedByAnother) {
  v1::BreakGlassRequest request;
  request.set_subject_id(hidden_);
  request.set_reason("short");
  EXPECT_THAT(Ask(&People::BreakGlass, CallOf("BreakGlass", {kNurse}, "nia"), request),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  request.set_reason(kReason);
  request.set_minutes(30);
  EXPECT_EQ(Get(hidden_)->name().family(), "");
  const auto opened = Ask(&People::BreakGlass, CallOf("BreakGlass", {kNurse}, "nia"), request);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(Get(hidden_)->name().family(), "Covert");
  EXPECT_EQ(Get(hidden_, {kNurse}, "norma")->name().family(), "") << "one user alone";
  // A second person is told: a step goes to scheduling in the same commit.
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM outbox WHERE destination = 'scheduling'"),
            "1");
  EXPECT_THAT(Events(),
              Contains(absl::StrCat("ACTION_OVERRIDE break_glass ", hidden_, " ", kReason)));
  clock_.Advance(absl::Minutes(30));
  EXPECT_EQ(Get(hidden_)->name().family(), "");

  v1::ReviewBreakGlassRequest review;
  review.set_grant_id(opened->use().grant_id());
  review.set_justified(false);
  review.set_note("The emergency department had her name already.");
  EXPECT_THAT(Ask(&People::ReviewBreakGlass, CallOf("ReviewBreakGlass", {kLead}, "nia"), review),
              StatusIs(kDenied, "SAME_PERSON"));
  review.clear_request_id();
  const auto reviewed =
      Ask(&People::ReviewBreakGlass, CallOf("ReviewBreakGlass", {kLead}, "lee"), review);
  ASSERT_THAT(reviewed, IsOk());
  EXPECT_EQ(reviewed->use().reviewed_by(), "lee");
  EXPECT_THAT(reviewed->use().reason(), HasSubstr("had her name already"));
  review.clear_request_id();
  EXPECT_THAT(Ask(&People::ReviewBreakGlass, CallOf("ReviewBreakGlass", {kLead}, "lou"), review),
              StatusIs(kFailed, "REVIEW_DONE"));
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM outbox WHERE destination = 'scheduling'"),
            "2");
  request.clear_request_id();
  request.set_subject_id(twin_);
  EXPECT_THAT(Ask(&People::BreakGlass, CallOf("BreakGlass", {kNurse}, "nia"), request),
              StatusIs(kFailed, "PERSON_NOT_PROTECTED"));
}

TEST_F(ProtectPgTest, OpensAPseudonymOnlyForTwoPeopleAndForATime) {
  v1::RequestReidentificationRequest request;
  request.set_pseudonym(audit_subjects_.Token("subject", absl::StrCat(kTenant, "/", twin_)));
  request.set_reason("A complaint names entry 4711 of the log.");
  const auto asked = Ask(&People::RequestReidentification,
                         CallOf("RequestReidentification", {kAuditor}, "ada"), request);
  ASSERT_THAT(asked, IsOk());
  const std::string id = asked->reidentification().reidentification_id();
  v1::GetReidentifiedRequest get;
  get.set_reidentification_id(id);
  EXPECT_THAT(Ask(&People::GetReidentified, CallOf("GetReidentified", {kAuditor}, "ada"), get),
              StatusIs(kDenied, "GRANT_EXPIRED"));
  v1::DecideReidentificationRequest decide;
  decide.set_reidentification_id(id);
  decide.set_grant(true);
  decide.set_minutes(15);
  EXPECT_THAT(Ask(&People::DecideReidentification, CallOf("DecideReidentification", {kLead}, "ada"),
                  decide),
              StatusIs(kDenied, "SAME_PERSON"));
  decide.clear_request_id();
  ASSERT_THAT(Ask(&People::DecideReidentification, CallOf("DecideReidentification", {kLead}, "lee"),
                  decide),
              IsOk());
  const auto got = Ask(&People::GetReidentified, CallOf("GetReidentified", {kAuditor}, "ada"), get);
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->subject_id(), twin_);
  EXPECT_EQ(got->display_name(), "Tessa Twin");
  EXPECT_THAT(Ask(&People::GetReidentified, CallOf("GetReidentified", {kLead}, "lee"), get),
              StatusIs(kNotFound, "REQUEST_UNKNOWN"));
  clock_.Advance(absl::Minutes(15));
  EXPECT_THAT(Ask(&People::GetReidentified, CallOf("GetReidentified", {kAuditor}, "ada"), get),
              StatusIs(kDenied, "GRANT_EXPIRED"));
  EXPECT_THAT(Events(), Contains(HasSubstr("ACTION_OVERRIDE reidentification " + twin_)));
  decide.clear_request_id();
  EXPECT_THAT(Ask(&People::DecideReidentification, CallOf("DecideReidentification", {kLead}, "lou"),
                  decide),
              StatusIs(kFailed, "REQUEST_DECIDED"));
  // A token of another force is nobody's here.
  request.clear_request_id();
  request.set_pseudonym(audit_subjects_.Token("subject", absl::StrCat(kOtherTenant, "/", twin_)));
  const auto other = Ask(&People::RequestReidentification,
                         CallOf("RequestReidentification", {kAuditor}, "ada"), request);
  decide.clear_request_id();
  decide.set_reidentification_id(other->reidentification().reidentification_id());
  EXPECT_THAT(Ask(&People::DecideReidentification, CallOf("DecideReidentification", {kLead}, "lee"),
                  decide),
              StatusIs(kNotFound, "PSEUDONYM_UNKNOWN"));
}

}  // namespace
}  // namespace waymark::workforce
