// The acceptance vectors of the clinical reference 4.5 (D), each through the functions behind the
// API, the planner and the released protocol file. The incident is on Friday 30 January 2026.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "services/dental/record_tooth_care.h"
#include "services/dental/testing/story.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::dental {
namespace {

using testing::Story;
using ::waymark::testing::IsOk;

constexpr char kYearly[] = " 2028-01-30 2029-01-30 2030-01-30 2031-01-30";

struct Vector {
  const char* id;
  // Of tooth 11.
  const char* injury;
  // Empty: no splint.
  const char* splint_off;
  const char* reviews;
  bool yearly;
};

class Table : public ::testing::TestWithParam<Vector> {};

TEST_P(Table, IsPlannedAsIadt2020Says) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log(std::string("teeth { tooth: '11' ") + GetParam().injury + " }"), IsOk());
  EXPECT_EQ(story.SplintOff("11"), GetParam().splint_off);
  EXPECT_EQ(story.Reviews("11"),
            std::string(GetParam().reviews) + (GetParam().yearly ? kYearly : ""));
}

constexpr char kAvulsionReviews[] = "2026-02-13 2026-02-27 2026-04-30 2026-07-30 2027-01-30";
constexpr char kLuxationReviews[] =
    "2026-02-13 2026-02-27 2026-03-27 2026-04-24 2026-07-30 2027-01-30";
constexpr char kRootReviews[] =
    "2026-02-27 2026-03-13..2026-03-27 2026-05-30 2026-07-30 2027-01-30";

INSTANTIATE_TEST_SUITE_P(
    Iadt, Table,
    ::testing::Values(
        Vector{"D1",
               "injuries: TOOTH_INJURY_TYPE_AVULSION apex: APEX_CLOSED dry_minutes: 40 "
               "medium: STORAGE_MEDIUM_MILK",
               "2026-02-13", kAvulsionReviews, true},
        Vector{"D3", "injuries: TOOTH_INJURY_TYPE_AVULSION dry_minutes: 61", "2026-02-13",
               kAvulsionReviews, true},
        Vector{"D4", "injuries: TOOTH_INJURY_TYPE_AVULSION dry_minutes: 60", "2026-02-13",
               kAvulsionReviews, true},
        Vector{"AvulsionOpenApex", "injuries: TOOTH_INJURY_TYPE_AVULSION apex: APEX_OPEN",
               "2026-02-13", "2026-02-13 2026-02-28 2026-03-30 2026-04-30 2026-07-30 2027-01-30",
               true},
        Vector{"AvulsionWithAlveolarFracture",
               "injuries: TOOTH_INJURY_TYPE_AVULSION injuries: TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE",
               "2026-02-27",
               "2026-02-13 2026-02-27 2026-03-13..2026-03-27 2026-04-30 2026-05-30 2026-07-30 "
               "2027-01-30",
               true},
        Vector{"D6", "injuries: TOOTH_INJURY_TYPE_LATERAL_LUXATION", "2026-02-27", kLuxationReviews,
               true},
        Vector{"D7", "injuries: TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION", "2026-02-13",
               kLuxationReviews, true},
        Vector{"ExtrusionWithBoneBreakdown",
               "injuries: TOOTH_INJURY_TYPE_EXTRUSIVE_LUXATION marginal_bone_breakdown: ANSWER_YES",
               "2026-03-13", kLuxationReviews, true},
        Vector{"D8",
               "injuries: TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION apex: APEX_CLOSED intrusion_mm: 5",
               "2026-02-27", kLuxationReviews, true},
        Vector{"D9", "injuries: TOOTH_INJURY_TYPE_ROOT_FRACTURE_MIDDLE_THIRD", "2026-02-27",
               kRootReviews, true},
        Vector{"RootFractureApicalThird", "injuries: TOOTH_INJURY_TYPE_ROOT_FRACTURE_APICAL_THIRD",
               "2026-02-27", kRootReviews, true},
        Vector{"RootFractureCervicalThird",
               "injuries: TOOTH_INJURY_TYPE_ROOT_FRACTURE_CERVICAL_THIRD", "2026-05-30",
               kRootReviews, true},
        Vector{"D11", "injuries: TOOTH_INJURY_TYPE_ALVEOLAR_FRACTURE", "2026-02-27", kRootReviews,
               true},
        Vector{"Concussion", "injuries: TOOTH_INJURY_TYPE_CONCUSSION", "", "2026-02-27 2027-01-30",
               false},
        Vector{"SubluxationWithoutSplint", "injuries: TOOTH_INJURY_TYPE_SUBLUXATION", "",
               "2026-02-13 2026-04-24 2026-07-30 2027-01-30", false},
        Vector{"EnamelInfraction", "injuries: TOOTH_INJURY_TYPE_ENAMEL_INFRACTION", "", "", false},
        Vector{"EnamelFracture", "injuries: TOOTH_INJURY_TYPE_ENAMEL_FRACTURE", "",
               "2026-03-13..2026-03-27 2027-01-30", false},
        Vector{"D14", "injuries: TOOTH_INJURY_TYPE_ENAMEL_DENTINE_FRACTURE", "",
               "2026-03-13..2026-03-27 2027-01-30", false},
        Vector{"D15", "injuries: TOOTH_INJURY_TYPE_COMPLICATED_CROWN_FRACTURE", "",
               "2026-03-13..2026-03-27 2026-04-30 2026-07-30 2027-01-30", false},
        Vector{"D16", "injuries: TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_COMPLICATED", "",
               "2026-02-06 2026-03-13..2026-03-27 2026-04-30 2026-07-30 2027-01-30", true},
        Vector{"D16Uncomplicated", "injuries: TOOTH_INJURY_TYPE_CROWN_ROOT_FRACTURE_UNCOMPLICATED",
               "", "2026-02-06 2026-03-13..2026-03-27 2026-04-30 2026-07-30 2027-01-30", true}),
    [](const auto& info) { return std::string(info.param.id); });

TEST(D1, TheRootCanalIsBegunWithinTwoWeeksAndEveryVisitIsOneAppointment) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION "
                        "apex: APEX_CLOSED dry_minutes: 40 medium: STORAGE_MEDIUM_MILK }"),
              IsOk());
  EXPECT_EQ(story.Due("root_canal_start#11"), "2026-02-13 23:59:59 GMT");
  EXPECT_EQ(story.Due("dental_contact_emergency"), "2026-01-30 11:00 GMT");
  EXPECT_EQ(story.Due("replant#11"), "2026-01-30 11:00 GMT");
  EXPECT_EQ(story.Visits(),
            "2026-02-13 2026-02-27 2026-04-30 2026-07-30 2027-01-30 2028-01-30 2029-01-30 "
            "2030-01-30 2031-01-30");
  EXPECT_EQ(story.Advice("11").pdl(), v1::PDL_VIABILITY_MAYBE_VIABLE);
  EXPECT_FALSE(story.Advice("11").poor_prognosis());
  EXPECT_EQ(story.Case().advice().antibiotics(), v1::ANTIBIOTIC_ADVICE_GIVE);
  EXPECT_TRUE(story.Plans("tetanus"));
  // Kept in milk: the tooth is there.
  EXPECT_FALSE(story.Plans("fragment_check"));
}

TEST(D3AndD4, SixtyMinutesDryAreTooMany) {
  for (const auto& [minutes, pdl] :
       {std::pair(59, v1::PDL_VIABILITY_MAYBE_VIABLE), std::pair(60, v1::PDL_VIABILITY_NON_VIABLE),
        std::pair(61, v1::PDL_VIABILITY_NON_VIABLE)}) {
    Story story("2026-01-30T10:00");
    ASSERT_THAT(story.Log(absl::StrCat(
                    "teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_AVULSION dry_minutes: ",
                    minutes, " }")),
                IsOk());
    EXPECT_EQ(story.Advice("11").pdl(), pdl) << minutes;
    EXPECT_EQ(story.Advice("11").poor_prognosis(), minutes >= 60) << minutes;
    // It is put back all the same.
    EXPECT_EQ(story.Advice("11").replant(), v1::REPLANT_ADVICE_REPLANT);
  }
}

TEST(D8, FiveMillimetresAreRepositioned) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_INTRUSIVE_LUXATION "
                        "apex: APEX_CLOSED intrusion_mm: 5 }"),
              IsOk());
  EXPECT_EQ(story.Advice("11").intrusion(), v1::INTRUSION_ACTION_SURGICAL_OR_ORTHODONTIC);
  EXPECT_EQ(story.Due("reposition#11"), "2026-01-31 10:00 GMT");
  EXPECT_FALSE(story.Plans("eruption_check_8_weeks#11"));
}

TEST(D12, ASplintedSubluxationLosesItsSplintAfterTwoWeeks) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log("teeth { tooth: '11' injuries: TOOTH_INJURY_TYPE_SUBLUXATION }"), IsOk());
  story.At("2026-01-30T12:00");
  ASSERT_THAT(story.Act(&RecordToothCare,
                        "teeth: '11' done_time { civil: '2026-01-30T11:30' } splinted {}"),
              IsOk());
  EXPECT_EQ(story.SplintOff("11"), "2026-02-13");
  EXPECT_EQ(story.Reviews("11"), "2026-02-13 2026-04-24 2026-07-30 2027-01-30");
}

TEST(D19, AChippedCrownWithoutPainIsSeenWithinSevenDays) {
  Story story("2026-01-30T10:00");
  ASSERT_THAT(story.Log("teeth { tooth: '21' injuries: TOOTH_INJURY_TYPE_ENAMEL_FRACTURE "
                        "fragments: FRAGMENTS_FOUND } severe_pain: ANSWER_NO"),
              IsOk());
  EXPECT_EQ(story.Case().advice().urgency(), v1::URGENCY_ROUTINE);
  EXPECT_EQ(story.Due("dental_contact_routine"), "2026-02-06 23:59:59 GMT");
  EXPECT_FALSE(story.Plans("dental_contact_urgent"));
  EXPECT_FALSE(story.Plans("fragment_check"));
}

TEST(D20, AnothersBloodInTheMouthAsksForABloodBorneVirusCaseWithinTheHour) {
  Story story("2026-01-30T10:00");
  story.At("2026-01-30T10:20");
  ASSERT_THAT(story.Log("mechanism: MECHANISM_PUNCH assault: ANSWER_YES blood_exposure { "
                        "kind: BLOOD_EXPOSURE_KIND_BLOOD_IN_MOUTH }"),
              IsOk());
  ASSERT_EQ(story.messages().size(), 1u);
  EXPECT_EQ(story.messages()[0].destination, "bbv");
  bbv::v1::OpenLinkedCaseRequest request;
  ASSERT_TRUE(request.ParseFromString(story.messages()[0].payload));
  const v1::DentalCase& dental = story.Case();
  EXPECT_EQ(request.case_id(), dental.injury().blood_exposure().bbv_case_id());
  EXPECT_EQ(request.case_id(), dental.header().links(0).case_id());
  EXPECT_EQ(request.from().case_id(), dental.header().case_id());
  EXPECT_EQ(request.tenant(), "demo");
  EXPECT_EQ(request.person().subject_id(), dental.header().subject_id());
  const bbv::v1::Exposure& exposure = request.person().exposure();
  EXPECT_EQ(exposure.route(), bbv::v1::ROUTE_MOUTH);
  EXPECT_EQ(exposure.fluid(), bbv::v1::FLUID_BLOOD);
  // Its hour counts from the incident, whenever it is delivered.
  EXPECT_EQ(exposure.incident_time().civil(), "2026-01-30T10:00");
  EXPECT_TRUE(exposure.has_reported_time());
}

}  // namespace
}  // namespace waymark::dental
