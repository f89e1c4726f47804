#include "services/mental_health/measure.h"

#include "absl/strings/str_cat.h"
#include "common/civil/civil.h"
#include "services/casework/local_time.h"
#include "services/mental_health/answers.h"
#include "services/mental_health/gad7.h"
#include "services/mental_health/ies_r.h"
#include "services/mental_health/itq.h"
#include "services/mental_health/pcl5.h"
#include "services/mental_health/phq9.h"
#include "services/mental_health/thresholds.h"
#include "services/mental_health/tsq.h"

namespace waymark::mental_health {
namespace {

struct Form {
  int items = 0;
  int largest = 0;
};

Form FormOf(v1::Instrument instrument) {
  switch (instrument) {
    case v1::INSTRUMENT_PHQ9:
      return {kPhq9Items, kPhq9Largest};
    case v1::INSTRUMENT_GAD7:
      return {kGad7Items, kGad7Largest};
    case v1::INSTRUMENT_PCL5:
      return {kPcl5Items, kPcl5Largest};
    case v1::INSTRUMENT_ITQ:
      return {kItqItems, kItqLargest};
    case v1::INSTRUMENT_TSQ:
      return {kTsqItems, kTsqLargest};
    case v1::INSTRUMENT_IES_R:
      return {kIesRItems, kIesRLargest};
    default:
      return {};
  }
}

// Days after an event from which the form can be read; 0 from the first.
int FromDays(v1::Instrument instrument, const casework::v1::Protocol& protocol) {
  switch (instrument) {
    case v1::INSTRUMENT_PCL5:
      return Whole(protocol, kPcl5FromDays);
    case v1::INSTRUMENT_ITQ:
      return Whole(protocol, kItqFromDays);
    case v1::INSTRUMENT_TSQ:
      return Whole(protocol, kTsqFromDays);
    case v1::INSTRUMENT_IES_R:
      return Whole(protocol, kIesRFromDays);
    default:
      return 0;
  }
}

v1::Answer AnswerOf(bool yes) { return yes ? v1::ANSWER_YES : v1::ANSWER_NO; }

void SetTotal(std::optional<int> total, v1::Measurement& measurement) {
  if (total) measurement.set_total(*total);
}

// Fills in what the instrument's own rule says; true when its main result can be told.
bool Read(const v1::AnswerSheet& sheet, const casework::v1::Protocol& protocol, Scored& scored) {
  const Answers answers = sheet.answers();
  v1::Measurement& measurement = scored.measurement;
  switch (sheet.instrument()) {
    case v1::INSTRUMENT_PHQ9: {
      const Phq9 score =
          ScorePhq9(answers, Whole(protocol, kPhq9BlankMost), Whole(protocol, kPhq9Item9From));
      SetTotal(score.total, measurement);
      measurement.set_severity(score.severity);
      if (score.total) {
        measurement.set_caseness(AnswerOf(*score.total >= Whole(protocol, kPhq9CasenessFrom)));
      }
      scored.item_9_asks = score.item_9_asks;
      scored.item_9_blank = score.item_9_blank;
      return score.total.has_value();
    }
    case v1::INSTRUMENT_GAD7: {
      const Gad7 score = ScoreGad7(answers, Whole(protocol, kGad7BlankMost));
      SetTotal(score.total, measurement);
      measurement.set_severity(score.severity);
      if (score.total) {
        measurement.set_caseness(AnswerOf(*score.total >= Whole(protocol, kGad7CasenessFrom)));
      }
      return score.total.has_value();
    }
    case v1::INSTRUMENT_PCL5: {
      const Pcl5 score = ScorePcl5(answers, Whole(protocol, kPcl5BorderlineFrom),
                                   Whole(protocol, kPcl5PositiveFrom));
      SetTotal(score.total, measurement);
      measurement.set_screen(score.screen);
      if (score.clusters != Finding::kUnknown) {
        measurement.set_symptom_clusters_met(AnswerOf(score.clusters == Finding::kYes));
      }
      return score.total.has_value();
    }
    case v1::INSTRUMENT_ITQ: {
      const Itq score = ScoreItq(answers);
      measurement.set_pattern(score.pattern);
      if (score.ptsd_sum) measurement.set_ptsd_sum(*score.ptsd_sum);
      if (score.self_organisation_sum) {
        measurement.set_self_organisation_sum(*score.self_organisation_sum);
      }
      return score.pattern != v1::TRAUMA_PATTERN_UNSPECIFIED;
    }
    case v1::INSTRUMENT_TSQ: {
      const Tsq score = ScoreTsq(answers);
      SetTotal(score.total, measurement);
      measurement.set_screen(score.screen);
      return score.screen != v1::SCREEN_UNSPECIFIED;
    }
    case v1::INSTRUMENT_IES_R: {
      const IesR score = ScoreIesR(answers);
      SetTotal(score.total, measurement);
      measurement.set_screen(score.screen);
      return score.total.has_value();
    }
    default:
      return false;
  }
}

}  // namespace

void CheckSheet(absl::string_view path, casework::Fields& fields, v1::AnswerSheet& sheet) {
  fields.Past(absl::StrCat(path, ".completed_time"), *sheet.mutable_completed_time());
  fields.Text(absl::StrCat(path, ".remark"), sheet.remark(), casework::kLongestReason);
  if (!fields.Choice(absl::StrCat(path, ".instrument"), sheet.instrument(),
                     v1::Instrument_IsValid)) {
    return;
  }
  const Form form = FormOf(sheet.instrument());
  const std::string answers = absl::StrCat(path, ".answers");
  if (sheet.answers_size() != form.items) {
    fields.Wrong(answers, "WRONG_COUNT",
                 absl::StrCat("Give ", form.items,
                              " answers, in the order of the form, -1 for one left blank."));
    return;
  }
  for (int i = 0; i < sheet.answers_size(); ++i) {
    if (sheet.answers(i) >= kBlank && sheet.answers(i) <= form.largest) continue;
    fields.Wrong(absl::StrCat(answers, "[", i, "]"), "OUT_OF_RANGE",
                 absl::StrCat("Give 0 to ", form.largest, ", or -1 for an item left blank."));
  }
}

Scored ScoreSheet(const v1::AnswerSheet& sheet, std::optional<absl::CivilDay> event,
                  const casework::v1::Protocol& protocol) {
  Scored scored;
  v1::Measurement& measurement = scored.measurement;
  measurement.set_instrument(sheet.instrument());
  *measurement.mutable_completed_time() = sheet.completed_time();
  measurement.set_blank(Blanks(sheet.answers()));
  const bool told = Read(sheet, protocol, scored);
  const absl::CivilDay completed =
      civil::DateOf(casework::InstantOf(sheet.completed_time()), civil::London());
  if (event && completed < *event + FromDays(sheet.instrument(), protocol)) {
    measurement.set_validity(v1::VALIDITY_TOO_EARLY);
  } else {
    measurement.set_validity(told ? v1::VALIDITY_VALID : v1::VALIDITY_INCOMPLETE);
  }
  if (measurement.validity() != v1::VALIDITY_VALID) {
    measurement.clear_severity();
    measurement.clear_screen();
    measurement.clear_pattern();
    measurement.clear_caseness();
    measurement.clear_symptom_clusters_met();
  }
  return scored;
}

std::string InstrumentName(v1::Instrument instrument) {
  return v1::Instrument_Name(instrument).substr(sizeof("INSTRUMENT_") - 1);
}

}  // namespace waymark::mental_health
