// Golden stories: for each, a page with every step, date and source, to be read and signed by a
// clinician. WAYMARK_UPDATE_GOLDEN=1 rewrites them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/casework/golden.h"
#include "services/dental/record_contact.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/testing/story.h"

namespace waymark::dental {
namespace {

using testing::Story;
using ::waymark::testing::IsOk;

void ExpectPage(const std::string& name, absl::string_view heading, const Story& story) {
  const std::string page = casework::RenderStory(heading, testing::Protocol(),
                                                 story.Case().header().plan(), story.now());
  EXPECT_EQ(casework::GoldenDifference(
                absl::StrCat("services/dental/protocols/stories/", name, ".txt"), page),
            "");
}

TEST(Stories, AvulsedToothInMilk) {
  Story story("2026-01-30T22:10");
  story.At("2026-01-30T22:25");
  ASSERT_THAT(story.Log("mechanism: MECHANISM_KICK assault: ANSWER_YES laceration: ANSWER_YES "
                        "tetanus_priming: TETANUS_PRIMING_COMPLETE teeth { tooth: '21' "
                        "injuries: TOOTH_INJURY_TYPE_AVULSION apex: APEX_CLOSED dry_minutes: 10 "
                        "medium: STORAGE_MEDIUM_MILK }"),
              IsOk());
  ExpectPage("avulsed_tooth_in_milk",
             "An officer is kicked in an arrest and loses an upper incisor; it is kept in milk.",
             story);
}

TEST(Stories, ThreeTeethInOneFall) {
  Story story("2026-03-28T22:30");
  story.At("2026-03-28T23:10");
  ASSERT_THAT(story.Log("mechanism: MECHANISM_FALL teeth { tooth: '11' "
                        "injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION } teeth { tooth: '12' "
                        "injuries: TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION intrusion_mm: 2 } "
                        "teeth { tooth: '22' injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE "
                        "fragments: FRAGMENTS_MISSING }"),
              IsOk());
  story.At("2026-03-29T09:00");
  ASSERT_THAT(story.Act(&RecordContact,
                        "contact { contact_time { civil: '2026-03-28T23:20' } "
                        "adviser: ADVISER_DENTIST advice_given: ANSWER_YES }"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordToothCare,
                        "teeth: '11' done_time { civil: '2026-03-29T08:30' } repositioned {}"),
              IsOk());
  ASSERT_THAT(story.Act(&RecordToothCare,
                        "teeth: '11' done_time { civil: '2026-03-29T08:40' } splinted {}"),
              IsOk());
  ExpectPage("three_teeth_in_one_fall",
             "A fall on the night of the clock change: one tooth displaced, one intruded by 2 mm, "
             "one broken with a piece that nobody finds. The day after.",
             story);
}

TEST(Stories, BleedingKnuckleInTheMouth) {
  Story story("2026-06-10T02:15");
  story.At("2026-06-10T02:30");
  ASSERT_THAT(story.Log("mechanism: MECHANISM_PUNCH assault: ANSWER_YES teeth { tooth: '31' "
                        "injuries: TOOTH_INJURY_TYPE_SUBLUXATION } blood_exposure { "
                        "kind: BLOOD_EXPOSURE_KIND_BLOOD_IN_MOUTH }"),
              IsOk());
  ExpectPage("bleeding_knuckle_in_the_mouth",
             "A punch to the mouth; the assailant's knuckle bleeds into it. The blood-borne virus "
             "case is the other service's.",
             story);
}

TEST(Stories, BabyToothKnockedOut) {
  Story story("2026-09-01T10:00");
  ASSERT_THAT(story.Log("mechanism: MECHANISM_TRAINING teeth { tooth: '55' "
                        "injuries: TOOTH_INJURY_TYPE_AVULSION medium: STORAGE_MEDIUM_MILK }"),
              IsOk());
  ExpectPage("primary_tooth_knocked_out",
             "A first tooth that had stayed is knocked out in training. It is never put back.",
             story);
}

}  // namespace
}  // namespace waymark::dental
