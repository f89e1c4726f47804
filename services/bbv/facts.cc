#include "services/bbv/facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/civil/civil.h"
#include "services/bbv/bite_antibiotics.h"
#include "services/bbv/hcv_risk.h"
#include "services/bbv/pep_indication.h"
#include "services/bbv/pep_rules.h"
#include "services/bbv/record.h"
#include "services/bbv/riddor.h"
#include "services/bbv/significance.h"
#include "services/bbv/thresholds.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"

namespace waymark::bbv {
namespace {

using casework::EndDone;
using casework::Facts;
using casework::InstantOf;
using casework::SetBool;
using casework::v1::ENDING_DECLINED;
using casework::v1::ENDING_DONE;

constexpr absl::string_view kLastTestStep = "test_6_months";
// Test steps whose results are told, supported and chased on their own; a step's key is "test_" and
// one of these. Everything else is "other".
constexpr absl::string_view kGroups[] = {"6_weeks", "3_months", "6_months", "hiv_after_pep"};
constexpr absl::string_view kOther = "other";

std::string GroupOf(absl::string_view step_key) {
  for (const absl::string_view group : kGroups) {
    if (step_key == absl::StrCat("test_", group)) return std::string(group);
  }
  return std::string(kOther);
}

bool IsKnown(v1::SourceVirus virus) {
  return virus == v1::SOURCE_VIRUS_POSITIVE || virus == v1::SOURCE_VIRUS_NEGATIVE;
}

// Before this many days a result shows what was there before the incident.
bool IsBaseline(const v1::BbvCase& bbv_case, const v1::TestResult& result, double baseline_days) {
  return InstantOf(result.sampled_time()) < IncidentOf(bbv_case) + baseline_days * absl::Hours(24);
}

void ReadExposure(const v1::BbvCase& bbv_case, Facts& facts) {
  const v1::Exposure& exposure = bbv_case.exposure();
  const bool significant = SignificanceOf(bbv_case) == v1::SIGNIFICANCE_SIGNIFICANT;
  facts.values["significance"] = significant ? "significant" : "not_significant";
  casework::ReadHeader(bbv_case.header(), facts);
  SetBool(facts, "wound", IsWound(exposure.route()));
  SetBool(facts, "continuing_risk", HasContinuingRisk(bbv_case));
  facts.points["incident"] = IncidentOf(bbv_case);
  facts.points["report"] = InstantOf(exposure.reported_time());
  const bool given = std::any_of(
      exposure.first_aid().begin(), exposure.first_aid().end(),
      [](int aid) { return aid != v1::FIRST_AID_NONE && aid != v1::FIRST_AID_UNSPECIFIED; });
  // At the scene: nobody writes down the minute, so it counts from the incident.
  if (given) End(facts, "first_aid", ENDING_DONE, IncidentOf(bbv_case));
  if (bbv_case.has_risk_assessment()) {
    End(facts, "risk_assessment", ENDING_DONE,
        InstantOf(bbv_case.risk_assessment().first_assessed_time()));
  }
}

void ReadSource(const v1::BbvCase& bbv_case, Facts& facts) {
  const v1::ExposureSource& source = bbv_case.source();
  switch (source.identity()) {
    case v1::SOURCE_IDENTITY_KNOWN:
      facts.values["source"] = source.consented_to_test() == v1::ANSWER_NO ? "refused" : "known";
      break;
    case v1::SOURCE_IDENTITY_REFUSED:
      facts.values["source"] = "refused";
      break;
    case v1::SOURCE_IDENTITY_UNKNOWN:
      facts.values["source"] = "unknown";
      break;
    default:
      break;
  }
  SetBool(facts, "source_clear", IsSourceClear(source));
  SetBool(facts, "source_infected", IsSourceInfected(source));
  SetBool(facts, "hcv_high_risk", IsHighHcvRisk(source));
  if (IsKnown(source.hepatitis_b()) && IsKnown(source.hepatitis_c()) && IsKnown(source.hiv())) {
    End(facts, "source_test", ENDING_DONE,
        source.has_tested_time() ? casework::FromTimestamp(source.tested_time())
                                 : InstantOf(bbv_case.exposure().reported_time()));
  }
}

void ReadPep(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol, Facts& facts) {
  const v1::PepCourse& pep = bbv_case.pep();
  v1::PepIndication indication = bbv_case.risk_assessment().pep_indication();
  if (indication == v1::PEP_INDICATION_UNSPECIFIED) {
    indication =
        DerivePepIndication(bbv_case.exposure(), bbv_case.source(), SignificanceOf(bbv_case));
  }
  switch (indication) {
    case v1::PEP_INDICATION_RECOMMENDED:
    case v1::PEP_INDICATION_CONSIDER:
      facts.values["pep"] = "indicated";
      break;
    case v1::PEP_INDICATION_UNSPECIFIED:
      facts.values["pep"] = "undecided";
      break;
    default:
      facts.values["pep"] = "not_indicated";
  }
  const std::optional<absl::Time> end = PepEnd(bbv_case);
  SetBool(facts, "pep_started", end.has_value());
  SetBool(facts, "pep_running", end == absl::InfiniteFuture());
  SetBool(facts, "pep_side_effects", !pep.side_effects().empty());
  SetBool(
      facts, "hiv_test_moved_out",
      end && *end != absl::InfiniteFuture() &&
          HivTestMovesOut(IncidentOf(bbv_case), *end, casework::Parameter(protocol, kHivTestMonths),
                          casework::Parameter(protocol, kHivWindowDays)));
  if (!end) {
    if (pep.state() == v1::PEP_STATE_DECLINED) {
      End(facts, "pep_start", ENDING_DECLINED, InstantOf(pep.declined_time()));
    }
    return;
  }
  const absl::Time start = InstantOf(pep.started_time());
  facts.points["pep_start"] = start;
  EndDone(facts, "pep_start", start, pep.override_reason());
  if (*end != absl::InfiniteFuture()) facts.points["pep_end"] = *end;
  if (pep.state() == v1::PEP_STATE_COMPLETED) End(facts, "pep_completion", ENDING_DONE, *end);
  const absl::CivilDay first_day = civil::DateOf(start, civil::London());
  for (const casework::v1::LocalTime& review : pep.reviewed_times()) {
    const absl::Time held = InstantOf(review);
    const bool mid = civil::DateOf(held, civil::London()) - first_day >=
                     casework::Parameter(protocol, kPepMidReviewFromDays);
    End(facts, mid ? "pep_mid_review" : "pep_early_review", ENDING_DONE, held);
  }
}

std::string ScheduleOf(v1::VaccineCourse course) {
  switch (course) {
    case v1::VACCINE_COURSE_VERY_RAPID:
      return "very_rapid";
    case v1::VACCINE_COURSE_BOOSTER:
      return "booster";
    case v1::VACCINE_COURSE_COMPLETION:
      return "completion";
    default:
      return "accelerated";
  }
}

void ReadHepatitisB(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol,
                    Facts& facts) {
  const v1::HepBStatus& status = bbv_case.exposure().hepatitis_b_status();
  SetBool(facts, "hbv_status_known",
          status.vaccination() != v1::HEP_B_VACCINATION_UNSPECIFIED &&
              status.vaccination() != v1::HEP_B_VACCINATION_UNKNOWN);
  SetBool(facts, "hbv_protected", IsProtectedFromHepatitisB(status, HepatitisBLimitsOf(protocol)));
  const HepatitisBAdvice advice = AdviseHepatitisB(bbv_case, protocol);
  switch (advice.vaccine) {
    case v1::VACCINE_ADVICE_ACCELERATED_COURSE:
    case v1::VACCINE_ADVICE_ONE_DOSE_AND_FINISH:
    case v1::VACCINE_ADVICE_BOOSTER:
      facts.values["hbv_vaccine"] = "give";
      break;
    case v1::VACCINE_ADVICE_CONSIDER_COURSE:
    case v1::VACCINE_ADVICE_CONSIDER_BOOSTER:
      facts.values["hbv_vaccine"] = "consider";
      break;
    case v1::VACCINE_ADVICE_START_COURSE:
    case v1::VACCINE_ADVICE_COMPLETE_COURSE:
      facts.values["hbv_vaccine"] = "routine";
      break;
    default:
      facts.values["hbv_vaccine"] = "none";
  }
  switch (advice.immunoglobulin) {
    case v1::IMMUNOGLOBULIN_ADVICE_ONE_DOSE:
      facts.values["hbig"] = "one";
      break;
    case v1::IMMUNOGLOBULIN_ADVICE_TWO_DOSES:
      facts.values["hbig"] = "two";
      break;
    default:
      facts.values["hbig"] = "none";
  }
  if (!bbv_case.vaccine_doses().empty()) {
    facts.values["hbv_schedule"] = ScheduleOf(bbv_case.vaccine_doses(0).course());
  }
  for (const v1::VaccineDose& dose : bbv_case.vaccine_doses()) {
    const absl::Time given = InstantOf(dose.given_time());
    const std::string number = absl::StrCat(dose.number());
    facts.points["hbv_dose_" + number] = given;
    if (dose.number() > 1) {
      for (const std::string& step :
           {"hbv_vaccine_" + number, "hbv_vaccine_" + number + "_very_rapid",
            std::string("hbv_course_completion")}) {
        End(facts, step, ENDING_DONE, given);
      }
      continue;
    }
    for (const char* step : {"hbv_vaccine_1", "hbv_vaccine_decision", "hbv_vaccine_routine"}) {
      EndDone(facts, step, given, dose.override_reason());
    }
  }
  SetBool(facts, "hbig_given", !bbv_case.immunoglobulin().empty());
  for (int i = 0; i < bbv_case.immunoglobulin_size() && i < 2; ++i) {
    const v1::Immunoglobulin& given = bbv_case.immunoglobulin(i);
    const absl::Time time = InstantOf(given.given_time());
    EndDone(facts, i == 0 ? "hbig_1" : "hbig_2", time, given.override_reason());
    if (i == 0) facts.points["hbig_1"] = time;
    facts.points["hbig_last"] = time;
  }
}

void ReadBaselineAndWound(const v1::BbvCase& bbv_case, Facts& facts) {
  SetBool(facts, "baseline_stored", bbv_case.has_baseline());
  if (bbv_case.has_baseline()) {
    const absl::Time taken = InstantOf(bbv_case.baseline().taken_time());
    End(facts, "baseline_sample", ENDING_DONE, taken);
    if (bbv_case.baseline().pep_baseline_taken() == v1::ANSWER_YES) {
      End(facts, "pep_baseline", ENDING_DONE, taken);
    }
  }
  if (bbv_case.has_tetanus()) {
    End(facts, "tetanus_check", ENDING_DONE, InstantOf(bbv_case.tetanus().checked_time()));
  }
  switch (DeriveAntibiotics(bbv_case.exposure())) {
    case v1::ANTIBIOTIC_ADVICE_OFFER:
      facts.values["antibiotics"] = "offer";
      break;
    case v1::ANTIBIOTIC_ADVICE_CONSIDER:
      facts.values["antibiotics"] = "consider";
      break;
    default:
      facts.values["antibiotics"] = "none";
  }
  if (bbv_case.has_antibiotics()) {
    End(facts, "bite_antibiotics", ENDING_DONE, InstantOf(bbv_case.antibiotics().decided_time()));
  }
}

// The conversation that ended a step: the first held or declined on `since`'s date or later.
void EndByConversation(const google::protobuf::RepeatedPtrField<v1::Conversation>& conversations,
                       absl::Time since, const std::string& step, Facts& facts) {
  const absl::CivilDay day = civil::DateOf(since, civil::London());
  for (const v1::Conversation& conversation : conversations) {
    const absl::Time held = InstantOf(conversation.held_time());
    if (civil::DateOf(held, civil::London()) < day) continue;
    End(facts, step, conversation.declined() ? ENDING_DECLINED : ENDING_DONE, held);
    return;
  }
}

void ReadSupport(const v1::BbvCase& bbv_case, Facts& facts) {
  const absl::Time incident = IncidentOf(bbv_case);
  EndByConversation(bbv_case.counselling(), incident, "counselling", facts);
  EndByConversation(bbv_case.counselling(), incident, "reassurance", facts);
  EndByConversation(bbv_case.family_impact(), incident, "family_impact", facts);
  for (const v1::Conversation& conversation : bbv_case.counselling()) {
    if (!conversation.precautions_explained()) continue;
    End(facts, "interim_precautions", ENDING_DONE, InstantOf(conversation.held_time()));
    break;
  }
}

// Results by the step they belong to.
void ReadResults(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol,
                 Facts& facts) {
  struct Group {
    absl::Time first_recorded = absl::InfiniteFuture();
    absl::Time last_recorded = absl::InfinitePast();
    absl::Time first_untold = absl::InfiniteFuture();
    absl::Time last_told = absl::InfinitePast();
  };
  std::map<std::string, Group> groups;
  const double window_days = casework::Parameter(protocol, kHivWindowDays);
  const std::optional<absl::Time> pep_end = PepEnd(bbv_case);
  bool hiv_closed = false;

  const absl::Time symptoms = bbv_case.seroconversion_symptoms().empty()
                                  ? absl::InfiniteFuture()
                                  : InstantOf(*bbv_case.seroconversion_symptoms().rbegin());
  SetBool(facts, "symptoms", symptoms != absl::InfiniteFuture());
  if (symptoms != absl::InfiniteFuture()) facts.points["symptoms"] = symptoms;

  for (const v1::TestResult& result : bbv_case.results()) {
    if (!Stands(result) || result.outcome() == v1::TEST_OUTCOME_NOT_TESTED) continue;
    const absl::Time sampled = InstantOf(result.sampled_time());
    const absl::Time recorded = casework::FromTimestamp(result.recorded_time());
    const std::string step = TestStepOf(protocol, facts, result.test(), sampled);
    Group& group = groups[GroupOf(step)];
    group.first_recorded = std::min(group.first_recorded, recorded);
    group.last_recorded = std::max(group.last_recorded, recorded);
    if (result.has_told_time()) {
      group.last_told = std::max(group.last_told, InstantOf(result.told_time()));
    } else {
      group.first_untold = std::min(group.first_untold, recorded);
    }
    if (!IsFinal(result)) continue;
    const std::string test = TestName(result.test());
    const auto note = [&facts, &test, sampled](const std::string& key) {
      const auto [at, added] = facts.tests_done[key].emplace(test, sampled);
      if (!added) at->second = std::min(at->second, sampled);
    };
    if (!step.empty()) note(step);
    // A test taken because of symptoms counts for the schedule too, when it falls into a window.
    if (sampled >= symptoms) note("test_symptoms");
    if (result.test() == v1::TEST_CODE_HIV_AG_AB) {
      // The six-month test falls away when one was done at three months (or later, after PEP) that
      // can be relied on.
      const bool at_three_months = step == "test_3_months" || step == "test_hiv_after_pep";
      const bool reliable =
          result.outcome() == v1::TEST_OUTCOME_POSITIVE ||
          HivNegativeIsConclusive(sampled, IncidentOf(bbv_case), pep_end, window_days);
      hiv_closed |= at_three_months && reliable;
    }
  }
  SetBool(facts, "hiv_closed", hiv_closed);

  for (const auto& [name, group] : groups) {
    const bool all_told = group.first_untold == absl::InfiniteFuture();
    facts.points["result_" + name] = all_told ? group.first_recorded : group.first_untold;
    if (!all_told) continue;
    End(facts, "tell_" + name, ENDING_DONE, group.last_told);
    facts.points["told_" + name] = group.last_told;
    EndByConversation(bbv_case.counselling(), group.last_told, "support_" + name, facts);
  }

  for (const v1::SampleTaken& sample : bbv_case.samples()) {
    const std::string name = GroupOf(sample.step_key());
    facts.points["sample_" + name] = InstantOf(sample.taken_time());
  }
}

const casework::v1::StepRule* FindRule(const casework::v1::Protocol& protocol,
                                       absl::string_view key) {
  for (const casework::v1::StepRule& rule : protocol.steps()) {
    if (rule.key() == key) return &rule;
  }
  return nullptr;
}

// Every test that the step asks for of this case has a result.
bool PanelDone(const casework::v1::Protocol& protocol, const Facts& facts,
               absl::string_view step_key) {
  const casework::v1::StepRule* rule = FindRule(protocol, step_key);
  if (rule == nullptr) return false;
  const auto done = facts.tests_done.find(std::string(step_key));
  return std::all_of(
      rule->panel().begin(), rule->panel().end(), [&](const casework::v1::PanelTest& test) {
        return !casework::Holds(test.when(), facts) ||
               (done != facts.tests_done.end() && done->second.count(test.test()) != 0);
      });
}

// A sample whose results have all come is no longer waited for.
void EndAwaitedSamples(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol,
                       Facts& facts) {
  for (const v1::SampleTaken& sample : bbv_case.samples()) {
    if (!PanelDone(protocol, facts, sample.step_key())) continue;
    const std::string group = GroupOf(sample.step_key());
    absl::Time last = InstantOf(sample.taken_time());
    for (const v1::TestResult& result : bbv_case.results()) {
      if (IsFinal(result) && GroupOf(TestStepOf(protocol, facts, result.test(),
                                                InstantOf(result.sampled_time()))) == group) {
        last = std::max(last, casework::FromTimestamp(result.recorded_time()));
      }
    }
    End(facts, "awaited_" + group, ENDING_DONE, last);
  }
}

struct VirusName {
  Virus virus;
  const char* name;
};
constexpr VirusName kViruses[] = {
    {Virus::kHiv, "hiv"}, {Virus::kHepatitisC, "hcv"}, {Virus::kHepatitisB, "hbv"}};

// What a positive result asks for: confirm, compare with the stored baseline, refer.
void ReadPositives(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol,
                   Facts& facts) {
  const double baseline_days = casework::Parameter(protocol, kBaselineDays);
  absl::Time diagnosis = absl::InfiniteFuture();
  for (const auto& [virus, name] : kViruses) {
    const v1::TestResult* first = nullptr;
    const v1::TestResult* baseline = nullptr;
    for (const v1::TestResult& result : bbv_case.results()) {
      if (!IsFinal(result) || VirusOf(result.test()) != virus) continue;
      if (IsBaseline(bbv_case, result, baseline_days)) {
        if (baseline == nullptr || result.outcome() == v1::TEST_OUTCOME_POSITIVE) {
          baseline = &result;
        }
      }
      if (result.outcome() == v1::TEST_OUTCOME_POSITIVE && first == nullptr) first = &result;
    }
    SetBool(facts, std::string(name) + "_positive", first != nullptr);
    if (first == nullptr) continue;
    const absl::Time found = casework::FromTimestamp(first->recorded_time());
    const std::string prefix = name;
    facts.points[prefix + "_positive"] = found;
    for (const v1::TestResult& result : bbv_case.results()) {
      if (&result == first || !IsFinal(result) || VirusOf(result.test()) != virus ||
          IsBaseline(bbv_case, result, baseline_days) ||
          InstantOf(result.sampled_time()) < InstantOf(first->sampled_time())) {
        continue;
      }
      End(facts, prefix + "_confirm", ENDING_DONE, casework::FromTimestamp(result.recorded_time()));
      break;
    }
    if (baseline != nullptr) {
      End(facts, prefix + "_compare_baseline", ENDING_DONE,
          casework::FromTimestamp(baseline->recorded_time()));
    }
    for (const v1::SpecialistReferral& referral : bbv_case.specialist_referrals()) {
      if (VirusOf(referral.test()) != virus) continue;
      for (const char* step : {"_refer", "_refer_wales"}) {
        End(facts, prefix + step, ENDING_DONE, InstantOf(referral.referred_time()));
      }
      break;
    }
    const bool there_before =
        baseline != nullptr && baseline->outcome() == v1::TEST_OUTCOME_POSITIVE;
    if (!there_before) diagnosis = std::min(diagnosis, found);
  }
  SetBool(facts, "infection_acquired", diagnosis != absl::InfiniteFuture());
  if (diagnosis != absl::InfiniteFuture()) facts.points["diagnosis"] = diagnosis;
}

void ReadRiddor(const v1::BbvCase& bbv_case, Facts& facts) {
  const absl::CivilDay accident = civil::DateOf(IncidentOf(bbv_case), civil::London());
  int longest = 0;
  for (const v1::Incapacity& spell : bbv_case.incapacities()) {
    longest = std::max(longest, DaysOfIncapacity(accident, casework::DayOf(spell.first_date()),
                                                 casework::DayOf(spell.last_date())));
  }
  SetBool(facts, "over_seven_days", IsOverSevenDays(longest));
  for (const v1::RiddorReport& report : bbv_case.riddor_reports()) {
    const absl::Time reported = InstantOf(report.reported_time());
    switch (report.category()) {
      case v1::RIDDOR_CATEGORY_DANGEROUS_OCCURRENCE:
        End(facts, "riddor_dangerous_occurrence", ENDING_DONE, reported);
        break;
      case v1::RIDDOR_CATEGORY_DISEASE:
        End(facts, "riddor_disease", ENDING_DONE, reported);
        break;
      case v1::RIDDOR_CATEGORY_OVER_SEVEN_DAYS:
        End(facts, "riddor_over_seven_days", ENDING_DONE, reported);
        break;
      default:
        break;
    }
  }
}

// The instant from which a step with tests can be done; nothing while its anchor is not known.
std::optional<absl::Time> OpensAt(const casework::v1::StepRule& rule, const Facts& facts) {
  std::optional<absl::Time> anchor;
  const auto point = [&facts](const std::string& name) -> std::optional<absl::Time> {
    const auto found = facts.points.find(name);
    if (found == facts.points.end()) return std::nullopt;
    return found->second;
  };
  if (rule.anchor().has_latest_of()) {
    for (const casework::v1::AnchorTerm& term : rule.anchor().latest_of().terms()) {
      const std::optional<absl::Time> time = point(term.point());
      if (!time && !term.optional_term()) return std::nullopt;
      if (!time) continue;
      const auto shifted =
          casework::AddOffset(*time, term.offset(), casework::DayEdge::kSameClock, nullptr);
      if (!shifted.ok()) return std::nullopt;
      if (!anchor || *shifted > *anchor) anchor = *shifted;
    }
  } else {
    anchor = point(rule.anchor().point());
  }
  if (!anchor || !rule.has_opens()) return anchor;
  const auto opens = casework::AddOffset(*anchor, rule.opens(), casework::DayEdge::kStart, nullptr);
  if (!opens.ok()) return std::nullopt;
  return *opens;
}

}  // namespace

casework::Facts FactsOf(const v1::BbvCase& bbv_case, const casework::v1::Protocol& protocol) {
  Facts facts;
  ReadExposure(bbv_case, facts);
  ReadSource(bbv_case, facts);
  ReadPep(bbv_case, protocol, facts);
  ReadHepatitisB(bbv_case, protocol, facts);
  ReadBaselineAndWound(bbv_case, facts);
  ReadSupport(bbv_case, facts);
  ReadResults(bbv_case, protocol, facts);
  ReadPositives(bbv_case, protocol, facts);
  EndAwaitedSamples(bbv_case, protocol, facts);
  ReadRiddor(bbv_case, facts);
  return facts;
}

std::string TestStepOf(const casework::v1::Protocol& protocol, const casework::Facts& facts,
                       v1::TestCode test, absl::Time sampled) {
  const std::string name = TestName(test);
  const casework::v1::StepRule* latest = nullptr;
  absl::Time latest_opens = absl::InfinitePast();
  for (const casework::v1::StepRule& rule : protocol.steps()) {
    const bool asks =
        std::any_of(rule.panel().begin(), rule.panel().end(),
                    [&name](const casework::v1::PanelTest& asked) { return asked.test() == name; });
    // Symptoms open a step of their own beside the schedule; it must not take results from it.
    if (!asks || rule.anchor().point() == "symptoms" || !casework::Holds(rule.when(), facts)) {
      continue;
    }
    const std::optional<absl::Time> opens = OpensAt(rule, facts);
    if (opens && *opens <= sampled && *opens >= latest_opens) {
      latest = &rule;
      latest_opens = *opens;
    }
  }
  return latest == nullptr ? "" : latest->key();
}

v1::RiddorCategory RiddorOf(const v1::BbvCase& bbv_case, const casework::Facts& facts,
                            const casework::v1::Protocol& protocol) {
  return DeriveRiddor({.workforce = IsWorkforce(bbv_case),
                       .significant = SignificanceOf(bbv_case) == v1::SIGNIFICANCE_SIGNIFICANT,
                       .source_infected = IsTrue(facts, "source_infected"),
                       .source_clear = IsTrue(facts, "source_clear"),
                       .infection_acquired = IsTrue(facts, "infection_acquired"),
                       .over_seven_days = IsTrue(facts, "over_seven_days"),
                       .last_test_done = PanelDone(protocol, facts, kLastTestStep)});
}

std::string TestName(v1::TestCode test) {
  return v1::TestCode_Name(test).substr(sizeof("TEST_CODE_") - 1);
}

const casework::KnownFacts& KnownFacts() {
  static const auto* const known = [] {
    auto* facts = new casework::KnownFacts;
    facts->values = {{"significance", {"significant", "not_significant"}},
                     {"source", {"known", "refused", "unknown"}},
                     {"pep", {"indicated", "undecided", "not_indicated"}},
                     {"hbv_vaccine", {"give", "consider", "routine", "none"}},
                     {"hbv_schedule", {"accelerated", "very_rapid", "booster", "completion"}},
                     {"hbig", {"one", "two", "none"}},
                     {"antibiotics", {"offer", "consider", "none"}}};
    casework::KnowHeader(*facts);
    casework::KnowBooleans({"wound",
                            "continuing_risk",
                            "source_clear",
                            "source_infected",
                            "hcv_high_risk",
                            "pep_started",
                            "pep_running",
                            "pep_side_effects",
                            "hiv_test_moved_out",
                            "hbv_status_known",
                            "hbv_protected",
                            "hbig_given",
                            "baseline_stored",
                            "symptoms",
                            "hiv_closed",
                            "hiv_positive",
                            "hcv_positive",
                            "hbv_positive",
                            "infection_acquired",
                            "over_seven_days"},
                           *facts);
    facts->points = {"incident",   "report",     "pep_start",    "pep_end",      "hbv_dose_1",
                     "hbv_dose_2", "hbv_dose_3", "hbv_dose_4",   "hbig_1",       "hbig_last",
                     "symptoms",   "diagnosis",  "hiv_positive", "hcv_positive", "hbv_positive"};
    std::vector<std::string> groups = {std::string(kOther)};
    for (const absl::string_view group : kGroups) groups.emplace_back(group);
    for (const std::string& group : groups) {
      facts->points.insert("sample_" + group);
      facts->points.insert("result_" + group);
      facts->points.insert("told_" + group);
    }
    for (int test = v1::TEST_CODE_HBSAG; test <= v1::TestCode_MAX; ++test) {
      facts->tests.insert(TestName(static_cast<v1::TestCode>(test)));
    }
    facts->parameters = {kPepWindowHours,          kPepGapHours,
                         kPepCourseDays,           kPepMidReviewFromDays,
                         kHivWindowDays,           kHivTestMonths,
                         kHbigWindowHours,         kHbvVaccineWindowHours,
                         kHbvNonResponderBelow,    kHbvProtectedFrom,
                         kHbvBoosterAfterMonths,   kTetanusBoosterYears,
                         kTetanusImmunoglobulinIu, kTetanusImmunoglobulinLateIu,
                         kTetanusLateHours,        kBaselineDays,
                         kBaselineKeepMonths};
    return facts;
  }();
  return *known;
}

}  // namespace waymark::bbv
