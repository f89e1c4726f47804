#include "services/audit/leaf.h"

#include "absl/strings/str_replace.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/export_for_test.h"

namespace waymark::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1763790000);

Leaf ExampleLeaf() {
  Leaf leaf = LeafOf(TestEvent(1));
  leaf.sequence = 17;
  leaf.previous = EmptyRoot();
  leaf.source_number = 4;
  leaf.sequenced = absl::FromUnixMicros(1763786421000001);
  leaf.actor_token = "p1.actor";
  leaf.subject_token = "p2.subject";
  leaf.object_token = "p1.object";
  leaf.commitment = Commitment("salt", "content");
  return leaf;
}

TEST(LeafTest, IsTheseBytesForEver) {
  EXPECT_EQ(FormatLeaf(ExampleLeaf()),
            "waymark-audit-leaf/v1\n"
            "sequence 17\n"
            "previous e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "event 01900000-0000-7000-8000-000000000001\n"
            "tenant demo\n"
            "source bbv\n"
            "number 4\n"
            "occurred 2025-11-22T04:40:21.000000Z\n"
            "sequenced 2025-11-22T04:40:21.000001Z\n"
            "actor p1.actor\n"
            "roles OH_NURSE\n"
            "service bbv\n"
            "on-behalf-of no\n"
            "action READ\n"
            "method waymark.bbv.v1.BbvService.GetCase\n"
            "purpose Caring for the patient.\n"
            "object-type bbv_case\n"
            "object p1.object\n"
            "object-version 1\n"
            "object-count 0\n"
            "subject p2.subject\n"
            "commitment e8bcdad0a275fef01e37344175dd6de6defa8649c00fbeb9010d2403aff5089b\n");
}

TEST(LeafTest, IsReadBackExactly) {
  const std::string text = FormatLeaf(ExampleLeaf());
  absl::StatusOr<Leaf> leaf = ParseLeaf(text);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(leaf->sequence, 17u);
  EXPECT_EQ(leaf->source_number, 4);
  EXPECT_EQ(leaf->subject_token, "p2.subject");
  EXPECT_EQ(leaf->purpose, "Caring for the patient.");
  EXPECT_EQ(leaf->sequenced, absl::FromUnixMicros(1763786421000001));
  EXPECT_EQ(FormatLeaf(*leaf), text);
}

TEST(LeafTest, KeepsAnAbsentPersonAbsent) {
  Leaf leaf = ExampleLeaf();
  leaf.subject_token.clear();
  leaf.actor_token.clear();
  EXPECT_THAT(FormatLeaf(leaf), HasSubstr("\nsubject -\n"));
  absl::StatusOr<Leaf> read = ParseLeaf(FormatLeaf(leaf));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->subject_token, "");
}

TEST(LeafTest, RefusesEverySpellingButItsOwn) {
  const std::string text = FormatLeaf(ExampleLeaf());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"sequence 17", "sequence 017"},
           {"sequence 17", "sequence +17"},
           {"sequence 17", "sequence -17"},
           {"leaf/v1", "leaf/v2"},
           {"on-behalf-of no", "on-behalf-of maybe"},
           {"previous e3", "previous E3"},
           {"\nnumber 4", ""},
           {"tenant demo", "tenant "},
           {"21.000001Z", "21.0000010Z"},
           {"roles OH_NURSE\n", "roles OH_NURSE\nroles OH_LEAD\n"},
       }) {
    EXPECT_FALSE(ParseLeaf(absl::StrReplaceAll(text, {{from, to}})).ok()) << to;
  }
  EXPECT_FALSE(ParseLeaf("").ok());
  EXPECT_FALSE(ParseLeaf(text + "\n").ok());
  EXPECT_FALSE(ParseLeaf(text.substr(0, text.size() - 1)).ok());
}

TEST(LeafTest, HoldsNoIdentifierOfThePersonTheActorOrTheCase) {
  const v1::AuditEvent event = TestEvent(1);
  const std::string text = FormatLeaf(ExampleLeaf());
  EXPECT_THAT(text, Not(HasSubstr(event.subject_id())));
  EXPECT_THAT(text, Not(HasSubstr(event.actor().user_id())));
  EXPECT_THAT(text, Not(HasSubstr(event.object_id())));
}

TEST(ValidateEventTest, TakesAWholeEventAndAnActOfAServiceAlone) {
  EXPECT_TRUE(ValidateEvent(TestEvent(1), "demo", "bbv", kNow).ok());
  v1::AuditEvent event = TestEvent(2);
  event.mutable_actor()->clear_user_id();
  event.mutable_actor()->clear_roles();
  event.clear_subject_id();
  event.clear_object_id();
  EXPECT_TRUE(ValidateEvent(event, "demo", "bbv", kNow).ok());
}

TEST(ValidateEventTest, TakesWhatANewerSourceKnowsAndThisBuildDoesNot) {
  v1::AuditEvent event = TestEvent(1);
  event.mutable_actor()->add_roles(static_cast<options::v1::Role>(99));
  event.set_action(static_cast<v1::Action>(77));
  EXPECT_TRUE(ValidateEvent(event, "demo", "bbv", kNow).ok());
  EXPECT_EQ(LeafOf(event).roles, "OH_NURSE,99");
  EXPECT_EQ(LeafOf(event).action, "77");
}

TEST(ValidateEventTest, NamesTheFieldThatIsWrongAndNeverItsValue) {
  const auto refused = [](absl::string_view field, auto spoil) {
    v1::AuditEvent event = TestEvent(1);
    spoil(event);
    const absl::Status status = ValidateEvent(event, "demo", "bbv", kNow);
    EXPECT_EQ(status::Reason(status), "EVENT_INVALID") << field;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(field)));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("Smith")));
  };
  refused("event_id", [](v1::AuditEvent& e) { e.set_event_id("Smith"); });
  refused("tenant", [](v1::AuditEvent& e) { e.set_tenant("other"); });
  refused("source", [](v1::AuditEvent& e) { e.set_source("scheduling"); });
  refused("occurred_time", [](v1::AuditEvent& e) { e.clear_occurred_time(); });
  refused("occurred_time",
          [](v1::AuditEvent& e) { e.mutable_occurred_time()->set_seconds(4000000000); });
  refused("occurred_time", [](v1::AuditEvent& e) { e.mutable_occurred_time()->set_seconds(1); });
  refused("actor", [](v1::AuditEvent& e) { e.clear_actor(); });
  refused("actor.roles",
          [](v1::AuditEvent& e) { e.mutable_actor()->add_roles(options::v1::ROLE_UNSPECIFIED); });
  refused("action", [](v1::AuditEvent& e) { e.clear_action(); });
  refused("method", [](v1::AuditEvent& e) { e.set_method("two\nlines"); });
  refused("purpose", [](v1::AuditEvent& e) { e.set_purpose("Smith\nsubject p1.other"); });
  refused("purpose", [](v1::AuditEvent& e) { e.set_purpose("-"); });
  refused("object_type", [](v1::AuditEvent& e) { e.set_object_type("Smith J"); });
  refused("object_version", [](v1::AuditEvent& e) { e.set_object_version(-1); });
  refused("subject_id", [](v1::AuditEvent& e) { e.set_subject_id("Smith"); });
  refused("payload_sha256", [](v1::AuditEvent& e) { e.set_payload_sha256("Smith"); });
  refused("outcome.closing", [](v1::AuditEvent& e) {
    e.mutable_outcome()->set_pathway("bbv");
    e.mutable_outcome()->set_closing("went home to Mrs Smith");
  });
  refused("outcome.completed_tests", [](v1::AuditEvent& e) {
    e.mutable_outcome()->set_pathway("bbv");
    e.mutable_outcome()->set_closing("COMPLETED");
    e.mutable_outcome()->add_completed_tests("positive, says Smith");
  });
  refused("outcome.measures.value", [](v1::AuditEvent& e) {
    e.mutable_outcome()->set_pathway("bbv");
    e.mutable_outcome()->set_closing("COMPLETED");
    e.mutable_outcome()->add_measures()->set_code("ASSESSED_WITHIN_HOUR");
  });
}

}  // namespace
}  // namespace waymark::audit
