#include "services/msk/orebro.h"

#include "absl/strings/str_cat.h"
#include "services/casework/planner.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

constexpr int kItems = 10;
constexpr int kWorstItem = 10;

// By number, from 1.
bool IsPositivelyWorded(int item) { return item == 3 || item == 4 || item == 8; }

}  // namespace

void CheckOrebro(absl::string_view path, casework::Fields& fields,
                 const v1::OrebroAnswers& answers) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  if (answers.has_total()) {
    fields.Range(at("total"), answers.total(), 0, kItems * kWorstItem);
    if (!answers.items().empty()) {
      fields.Wrong(at("items"), "BOTH_GIVEN", "Give the items or the total.");
    }
    return;
  }
  fields.Range(at("items"), answers.items_size(), kItems, kItems);
  for (int i = 0; i < answers.items_size() && i < kItems; ++i) {
    fields.Range(absl::StrCat(path, ".items[", i, "]"), answers.items(i), 0, kWorstItem);
  }
}

int ScoreOrebro(const v1::OrebroAnswers& answers) {
  if (answers.has_total()) return answers.total();
  int total = 0;
  for (int i = 0; i < answers.items_size(); ++i) {
    total += IsPositivelyWorded(i + 1) ? kWorstItem - answers.items(i) : answers.items(i);
  }
  return total;
}

v1::Band OrebroBand(int total, const casework::v1::Protocol& protocol) {
  return total >= casework::Parameter(protocol, kOrebroHigherRiskFrom) ? v1::BAND_HIGH_RISK
                                                                       : v1::BAND_LOW_RISK;
}

}  // namespace waymark::msk
