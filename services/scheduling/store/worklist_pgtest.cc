#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/scheduling/domain/instants.h"
#include "services/scheduling/store/notices.h"
#include "services/scheduling/store/rota.h"
#include "services/scheduling/store/steps.h"
#include "services/scheduling/store/worklist.h"
#include "services/scheduling/testing/plan_ground.h"

namespace waymark::scheduling {
namespace {

using casework::FromTimestamp;
using casework::ToTimestamp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorklistPgTest : public PlanGround {
 protected:
  static std::vector<std::string> Keys(const WorklistLines& lines) {
    std::vector<std::string> keys;
    for (const v1::WorklistItem& item : lines.items) keys.push_back(item.step_key());
    return keys;
  }
};

TEST_F(WorklistPgTest, ShowsTheLeastTimeLeftFirst) {
  v1::Plan plan = CasePlan();
  plan.set_assigned_to("nia");
  AddStep(plan, "hiv_6w", absl::Hours(24 * 42));
  AddStep(plan, "risk_assessment", absl::Hours(1));
  AddStep(plan, "baseline", absl::Hours(4));
  Put(plan);
  clock_.Advance(absl::Minutes(61));
  const WorklistLines lines = List();
  EXPECT_THAT(Keys(lines), ElementsAre("risk_assessment", "baseline", "hiv_6w"));
  const v1::WorklistItem& first = lines.items[0];
  EXPECT_EQ(first.title(), "Title of risk_assessment");
  EXPECT_EQ(first.pathway(), "bbv");
  EXPECT_EQ(first.case_id(), kCase);
  EXPECT_EQ(first.assigned_to(), "nia");
  EXPECT_EQ(first.seconds_left(), -60);
  EXPECT_EQ(first.status(), casework::v1::STEP_STATUS_OVERDUE);
  EXPECT_THAT(lines.subjects, ElementsAre(kSubject, kSubject, kSubject));
}

// List, count and export are one query; this holds its SQL to the pure function at every boundary.
TEST_F(WorklistPgTest, DividesTheTabsLikeThePureFunctionAtEveryBoundary) {
  v1::Plan plan = CasePlan();
  for (int i = 0; i < 5; ++i) {
    v1::PlannedStep* step = AddStep(plan, absl::StrCat("step", i), absl::Hours(i));
    *step->mutable_opens_time() = ToTimestamp(Incident() + absl::Hours(i / 2));
    *step->mutable_closes_time() = ToTimestamp(Incident() + absl::Hours(2 * i));
    if (i == 3) step->clear_opens_time();
    if (i == 4) step->clear_closes_time();
  }
  Put(plan);
  for (int hour = -1; hour <= 9; ++hour) {
    for (const int micros : {-1, 0, 1}) {
      WorklistQuery query;
      query.as_of = Incident() + absl::Hours(hour) + absl::Microseconds(micros);
      query.tab = v1::TAB_ALL_OPEN;
      const WorklistLines all = List(query);
      ASSERT_THAT(all.items, SizeIs(5));
      std::map<v1::Tab, int> by_function;
      for (const v1::WorklistItem& item : all.items) {
        StepInstants instants;
        if (item.has_opens_time()) instants.opens = FromTimestamp(item.opens_time());
        instants.due = FromTimestamp(item.due_time());
        if (item.has_closes_time()) instants.closes = FromTimestamp(item.closes_time());
        ++by_function[TabAt(instants, query.as_of)];
        EXPECT_EQ(item.status(), StatusAt(instants, query.as_of));
      }
      for (const v1::Tab tab :
           {v1::TAB_OPEN, v1::TAB_OVERDUE, v1::TAB_WINDOW_CLOSED, v1::TAB_UPCOMING}) {
        query.tab = tab;
        const WorklistLines lines = List(query);
        EXPECT_EQ(lines.total, by_function[tab]) << "tab " << tab << " at " << query.as_of;
        EXPECT_THAT(lines.items, SizeIs(lines.total));
      }
    }
  }
}

TEST_F(WorklistPgTest, OfManyPagesHoldsWhatOneListHoldsWithoutGapOrRepeat) {
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 57; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    AddStep(plan, "risk_assessment", absl::Hours(1 + i % 5));
    plans.push_back(std::move(plan));
  }
  Put(plans);
  WorklistQuery query;
  query.limit = 1000;
  const WorklistLines whole = List(query);
  ASSERT_THAT(whole.items, SizeIs(57));
  EXPECT_FALSE(whole.more);
  query.limit = 10;
  std::vector<std::string> paged;
  while (true) {
    const WorklistLines page = List(query);
    EXPECT_EQ(page.total, 57);
    for (const v1::WorklistItem& item : page.items) paged.push_back(item.step_ref());
    if (!page.more) break;
    query.after = page.last;
  }
  std::vector<std::string> listed;
  for (const v1::WorklistItem& item : whole.items) listed.push_back(item.step_ref());
  EXPECT_EQ(paged, listed);
}

TEST_F(WorklistPgTest, FiltersByRoleCaseAndPerson) {
  v1::Plan plan = CasePlan();
  plan.set_assigned_to("nia");
  AddStep(plan, "risk_assessment", absl::Hours(1));
  AddStep(plan, "pep", absl::Hours(2))->set_responsible(options::v1::ROLE_OH_PHYSICIAN);
  v1::Plan other = CasePlan(ids::NewUuid());
  AddStep(other, "baseline", absl::Hours(3));
  Put({plan, other});
  WorklistQuery query;
  query.responsible = options::v1::ROLE_OH_PHYSICIAN;
  EXPECT_THAT(Keys(List(query)), ElementsAre("pep"));
  query = {};
  query.case_id = other.case_id();
  EXPECT_THAT(Keys(List(query)), ElementsAre("baseline"));
  query = {};
  query.people = {"nia"};
  EXPECT_THAT(Keys(List(query)), ElementsAre("risk_assessment", "pep"));
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, LockStep(txn, *keys_, StepRef("pep")));
    return SetClaim(txn, step, "pat");
  });
  EXPECT_THAT(Keys(List(query)), ElementsAre("risk_assessment"));
  query.people = {"nia", "pat"};
  EXPECT_EQ(List(query).total, 2);
  query.people = {"nobody"};
  EXPECT_THAT(List(query).items, IsEmpty());
  EXPECT_EQ(List(query).total, 0);
}

TEST_F(WorklistPgTest, NeverShowsPeopleTheirOwnCase) {
  v1::Plan plan = CasePlan();
  AddStep(plan, "risk_assessment", absl::Hours(1));
  Put(plan);
  WorklistQuery query;
  query.not_subject = kSubject;
  EXPECT_THAT(List(query).items, IsEmpty());
  EXPECT_EQ(List(query).total, 0);
  query.not_subject = ids::NewUuid();
  EXPECT_EQ(List(query).total, 1);
}

TEST_F(WorklistPgTest, LosesAStepWhenItEnds) {
  v1::Plan plan = CasePlan();
  AddStep(plan, "risk_assessment", absl::Hours(1));
  AddStep(plan, "baseline", absl::Hours(2));
  Put(plan);
  plan.set_case_version(2);
  End(*plan.mutable_steps(0), casework::v1::ENDING_DONE, absl::Minutes(10));
  Put(plan);
  EXPECT_THAT(Keys(List()), ElementsAre("baseline"));
}

TEST_F(WorklistPgTest, ShowsWhatHasFiredAndWhoHoldsIt) {
  Staffed();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Minutes(60));
  Look();
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const LockedStep step, LockStep(txn, *keys_, StepRef("risk_assessment")));
    EXPECT_FALSE(step.ended);
    EXPECT_EQ(step.plan.subject_id(), kSubject);
    ASSIGN_OR_RETURN(std::vector<PendingRung> rungs, LockLadder(txn, step));
    EXPECT_THAT(rungs, SizeIs(3));
    RETURN_IF_ERROR(Hold(clock_.Now(), Incident() + absl::Hours(2), rungs));
    return Acknowledge(txn, step, rungs, "nia", Incident() + absl::Hours(2));
  });
  const v1::WorklistItem item = List().items[0];
  EXPECT_EQ(item.highest_rung(), 2);
  EXPECT_EQ(FromTimestamp(item.acknowledged_until()), Incident() + absl::Hours(2));
  clock_.Set(Incident() + absl::Hours(2));
  EXPECT_FALSE(List().items[0].has_acknowledged_until());
}

TEST_F(WorklistPgTest, GivesComplianceFiguresFromTheSameInstants) {
  std::vector<v1::Plan> plans;
  for (int i = 0; i < 4; ++i) {
    v1::Plan plan = CasePlan(ids::NewUuid());
    v1::PlannedStep* step = AddStep(plan, "risk_assessment", absl::Hours(1));
    step->mutable_measure()->set_key("ASSESSED_WITHIN_HOUR");
    *step->mutable_measure()->mutable_anchor_time() = ToTimestamp(Incident());
    if (i < 2) {
      End(*step, casework::v1::ENDING_DONE, absl::Minutes(50 + 20 * i));
      *step->mutable_measure()->mutable_completed_time() = step->end().time();
    }
    if (i == 2) End(*step, casework::v1::ENDING_DECLINED, absl::Minutes(5));
    v1::PlannedStep* test = AddStep(plan, "test", absl::Hours(24 * 42));
    test->mutable_measure()->set_key("TEST_6W");
    *test->mutable_measure()->mutable_anchor_time() = ToTimestamp(Incident());
    plans.push_back(std::move(plan));
  }
  Put(plans);
  clock_.Advance(absl::Hours(2));
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const auto figures, ReadCompliance(txn, *keys_, Incident(),
                                                        Incident() + absl::Hours(1), clock_.Now()));
    EXPECT_THAT(figures, SizeIs(2));
    EXPECT_EQ(figures[0].measure(), "ASSESSED_WITHIN_HOUR");
    EXPECT_EQ(figures[0].in_time_count(), 1);
    EXPECT_EQ(figures[0].late_count(), 1);
    EXPECT_EQ(figures[0].not_done_count(), 1);
    EXPECT_EQ(figures[0].overdue_count(), 1);
    EXPECT_EQ(figures[0].median().seconds(), 50 * 60);
    EXPECT_EQ(figures[1].measure(), "TEST_6W");
    EXPECT_EQ(figures[1].to_come_count(), 4);
    ASSIGN_OR_RETURN(const auto none, ReadCompliance(txn, *keys_, Incident() - absl::Hours(1),
                                                     Incident(), clock_.Now()));
    EXPECT_THAT(none, IsEmpty());
    return absl::OkStatus();
  });
}

TEST_F(WorklistPgTest, ShowsPeopleTheirNoticesAndThoseThatFoundNobody) {
  OnDuty(options::v1::ROLE_OH_NURSE, "nia");
  GoLive();
  v1::Plan plan = CasePlan();
  AddAssessment(plan);
  Put(plan);
  clock_.Advance(absl::Minutes(45));
  Look();
  clock_.Set(Incident() + absl::Minutes(90));
  Look();
  EXPECT_EQ(Notices(), "nia:1 duty:3");
  const NoticePlace all = NoticePlace::End();
  NoticePlace none;
  none.fired = absl::InfinitePast();
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const auto nurse,
                     NoticesBefore(txn, "nia", {options::v1::ROLE_OH_NURSE}, all, 10));
    EXPECT_THAT(nurse, SizeIs(1));
    EXPECT_EQ(nurse[0].notice.rung(), 1);
    EXPECT_EQ(nurse[0].notice.step_ref(), StepRef("risk_assessment"));
    EXPECT_EQ(nurse[0].notice.state(), v1::NOTICE_STATE_DELIVERED);
    EXPECT_EQ(FromTimestamp(nurse[0].notice.due_time()), Incident() + absl::Hours(1));
    ASSIGN_OR_RETURN(
        const auto both,
        NoticesAfter(txn, "nia", {options::v1::ROLE_OH_NURSE, options::v1::ROLE_OH_LEAD}, none,
                     10));
    EXPECT_THAT(both, SizeIs(2));
    EXPECT_EQ(both[1].notice.rung(), 3);
    EXPECT_EQ(both[1].notice.state(), v1::NOTICE_STATE_PENDING);
    ASSIGN_OR_RETURN(
        const auto page,
        NoticesBefore(txn, "nia", {options::v1::ROLE_OH_NURSE, options::v1::ROLE_OH_LEAD},
                      both[1].place, 10));
    EXPECT_THAT(page, SizeIs(1));
    return absl::OkStatus();
  });
}

TEST_F(WorklistPgTest, KeepsContactsSealedAndGivesThemBack) {
  OnDuty(options::v1::ROLE_OH_NURSE, "nia", v1::CHANNEL_EMAIL, "nia@force.police.uk");
  EXPECT_EQ(test_database_.Query("SELECT string_agg(r::text, '') FROM rota_entry r").find("force"),
            std::string::npos);
  Run([&](db::Transaction& txn) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rota,
                     ListRota(txn, *keys_, Incident(), Incident() + absl::Hours(1)));
    EXPECT_THAT(rota, SizeIs(1));
    EXPECT_EQ(rota[0].contact().address(), "nia@force.police.uk");
    const std::string& entry = rota[0].rota_entry_id();
    ASSIGN_OR_RETURN(auto contacts, ReadContacts(txn, *keys_, {entry, ids::NewUuid()}));
    EXPECT_THAT(contacts, SizeIs(1)) << "the other is of nobody";
    EXPECT_EQ(contacts[entry].address(), "nia@force.police.uk");
    ASSIGN_OR_RETURN(const bool deleted, DeleteRotaEntry(txn, rota[0].rota_entry_id()));
    EXPECT_TRUE(deleted);
    ASSIGN_OR_RETURN(const bool again, DeleteRotaEntry(txn, rota[0].rota_entry_id()));
    EXPECT_FALSE(again);
    ASSIGN_OR_RETURN(const bool activated, Activate(txn, clock_.Now()));
    EXPECT_FALSE(activated) << "no duty address";
    return absl::OkStatus();
  });
}

TEST(CheckContact, TakesWorkContactsThatCanBeReached) {
  const struct {
    v1::Channel channel;
    const char* address;
    const char* secret;
    bool ok;
  } cases[] = {
      {v1::CHANNEL_CONSOLE, "", "", true},
      {v1::CHANNEL_CONSOLE, "x", "", false},
      {v1::CHANNEL_EMAIL, "oncall@force.police.uk", "", true},
      {v1::CHANNEL_EMAIL, "On Call <oncall@force.police.uk>", "", false},
      {v1::CHANNEL_EMAIL, "a@b.uk\r\nBcc: c@d.uk", "", false},
      {v1::CHANNEL_EMAIL, "oncall", "", false},
      {v1::CHANNEL_WEBHOOK, "https://hooks.force.police.uk/x", "0123456789012345678901234567890!",
       true},
      {v1::CHANNEL_WEBHOOK, "https://hooks.force.police.uk/x", "short", false},
      {v1::CHANNEL_WEBHOOK, "http://hooks.force.police.uk/x", "0123456789012345678901234567890!",
       false},
      {v1::CHANNEL_WEBHOOK, "http://127.0.0.1:80@hooks.uk/", "0123456789012345678901234567890!",
       false},
      {v1::CHANNEL_WEBHOOK, "file:///etc/passwd", "0123456789012345678901234567890!", false},
      {v1::CHANNEL_UNSPECIFIED, "", "", false},
  };
  for (const auto& c : cases) {
    v1::Contact contact;
    contact.set_channel(c.channel);
    contact.set_address(c.address);
    contact.set_secret(c.secret);
    EXPECT_EQ(CheckContact(contact, "contact", webhook::Transport::kTlsOrLoopback).ok(), c.ok)
        << c.channel << " " << c.address;
  }
}

TEST(CheckContact, InProductionTakesNoWebhookWithoutTls) {
  v1::Contact contact;
  contact.set_channel(v1::CHANNEL_WEBHOOK);
  contact.set_secret("0123456789012345678901234567890!");
  contact.set_address("http://127.0.0.1:9000/hook");
  EXPECT_THAT(CheckContact(contact, "contact", webhook::Transport::kTlsOrLoopback),
              testing::IsOk());
  EXPECT_THAT(CheckContact(contact, "contact", webhook::Transport::kTlsOnly),
              testing::StatusIs(absl::StatusCode::kInvalidArgument));
  contact.set_address("https://hooks.force.police.uk/x");
  EXPECT_THAT(CheckContact(contact, "contact", webhook::Transport::kTlsOnly), testing::IsOk());
}

}  // namespace
}  // namespace waymark::scheduling
