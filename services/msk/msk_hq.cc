#include "services/msk/msk_hq.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "services/casework/planner.h"
#include "services/msk/thresholds.h"

namespace waymark::msk {
namespace {

constexpr int kItems = 14;
constexpr int kBestItem = 4;

}  // namespace

void CheckMskHq(absl::string_view path, casework::Fields& fields, const v1::MskHqAnswers& answers) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, ".", field); };
  if (answers.has_activity_days()) {
    fields.Range(at("activity_days"), answers.activity_days(), 0, 7);
  }
  if (answers.has_total()) {
    fields.Range(at("total"), answers.total(), 0, kItems * kBestItem);
    if (!answers.items().empty()) {
      fields.Wrong(at("items"), "BOTH_GIVEN", "Give the items or the total.");
    }
    return;
  }
  fields.Range(at("items"), answers.items_size(), kItems, kItems);
  for (int i = 0; i < answers.items_size() && i < kItems; ++i) {
    fields.Range(absl::StrCat(path, ".items[", i, "]"), answers.items(i), 0, kBestItem);
  }
}

int ScoreMskHq(const v1::MskHqAnswers& answers) {
  return answers.has_total() ? answers.total()
                             : std::accumulate(answers.items().begin(), answers.items().end(), 0);
}

bool IsImportantChange(int before, int after, const casework::v1::Protocol& protocol) {
  return after - before >= casework::Parameter(protocol, kMskHqImportantChange);
}

}  // namespace waymark::msk
