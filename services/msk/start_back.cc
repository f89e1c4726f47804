#include "services/msk/start_back.h"

#include "absl/strings/str_cat.h"
#include "services/casework/planner.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

constexpr int kAgreeItems = 8;
// Items 1 to 4 are the physical part; from index 4 on, with bothersomeness, the psychosocial one.
constexpr int kFirstPsychosocial = 4;

}  // namespace

void CheckStartBack(absl::string_view path, casework::Fields& fields,
                    const v1::StartBackAnswers& answers) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  if (answers.has_totals()) {
    const v1::StartBackTotals& totals = answers.totals();
    fields.Range(at("totals.total"), totals.total(), 0, kAgreeItems + 1);
    fields.Range(at("totals.psychosocial"), totals.psychosocial(), 0,
                 kAgreeItems + 1 - kFirstPsychosocial);
    if (totals.psychosocial() > totals.total() ||
        totals.total() - totals.psychosocial() > kFirstPsychosocial) {
      fields.Wrong(at("totals.total"), "IMPOSSIBLE",
                   "The psychosocial part is within the total, and the rest of it is at most 4.");
    }
    if (!answers.items().empty()) {
      fields.Wrong(at("items"), "BOTH_GIVEN", "Give the items or the totals.");
    }
    return;
  }
  fields.Range(at("items"), answers.items_size(), kAgreeItems, kAgreeItems);
  for (int i = 0; i < answers.items_size() && i < kAgreeItems; ++i) {
    if (answers.items(i) == v1::ANSWER_YES || answers.items(i) == v1::ANSWER_NO) continue;
    fields.Wrong(absl::StrCat(path, ".items[", i, "]"), "MISSING", "Agree is yes, disagree is no.");
  }
  fields.Choice(at("bothersomeness"), answers.bothersomeness(), v1::Bothersomeness_IsValid);
}

StartBack ScoreStartBack(const v1::StartBackAnswers& answers,
                         const casework::v1::Protocol& protocol) {
  StartBack score;
  if (answers.has_totals()) {
    score.total = answers.totals().total();
    score.psychosocial = answers.totals().psychosocial();
  } else {
    const bool bothered = answers.bothersomeness() == v1::BOTHERSOMENESS_VERY_MUCH ||
                          answers.bothersomeness() == v1::BOTHERSOMENESS_EXTREMELY;
    score.total = score.psychosocial = bothered ? 1 : 0;
    for (int i = 0; i < answers.items_size(); ++i) {
      if (answers.items(i) != v1::ANSWER_YES) continue;
      ++score.total;
      if (i >= kFirstPsychosocial) ++score.psychosocial;
    }
  }
  if (score.total < casework::Parameter(protocol, kStartBackRiskFromTotal)) {
    score.band = v1::BAND_LOW_RISK;
  } else {
    score.band = score.psychosocial >= casework::Parameter(protocol, kStartBackHighFromPsychosocial)
                     ? v1::BAND_HIGH_RISK
                     : v1::BAND_MEDIUM_RISK;
  }
  return score;
}

}  // namespace waymark::msk
