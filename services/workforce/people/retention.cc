#include "services/workforce/people/retention.h"

#include <google/protobuf/text_format.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/civil/civil.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

absl::Status Unreadable(absl::string_view why) {
  return status::FailedPrecondition("RETENTION_UNREADABLE",
                                    absl::StrCat("The retention schedule: ", why));
}

// Whose period began before this day is let go today.
absl::CivilDay PeriodBegan(const v1::RetentionRule& rule, absl::CivilDay today) {
  return civil::AddMonths(today, -(rule.years() * 12 + rule.months()));
}

}  // namespace

absl::StatusOr<v1::ListRetentionResponse> LoadRetention(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) return Unreadable(absl::StrCat("cannot read ", path, "."));
  v1::ListRetentionResponse schedule;
  if (!google::protobuf::TextFormat::ParseFromString(text.str(), &schedule)) {
    return Unreadable(absl::StrCat(path, " is no schedule."));
  }
  for (const v1::RetentionRule& rule : schedule.rules()) {
    if (!IsRetentionKey(rule.key()))
      return Unreadable(absl::StrCat("nobody knows the key ", rule.key(), "."));
    if (rule.years() * 12 + rule.months() < 1) {
      return Unreadable(absl::StrCat(rule.key(), " has no period."));
    }
    if (rule.basis().empty()) return Unreadable(absl::StrCat(rule.key(), " has no basis."));
  }
  return schedule;
}

absl::StatusOr<std::vector<std::string>> DueForErasure(db::Transaction& txn,
                                                       const v1::RetentionRule& rule,
                                                       absl::CivilDay today, int limit) {
  return LapsedPeople(txn, rule.key(), PeriodBegan(rule, today), limit);
}

absl::StatusOr<LapsedCount> CountLapsed(db::Transaction& txn, const v1::RetentionRule& rule,
                                        absl::CivilDay today) {
  return CountLapsed(txn, rule.key(), PeriodBegan(rule, today));
}

}  // namespace waymark::workforce
