#include "services/scheduling/domain/recipients.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace waymark::scheduling {
namespace {

bool Runs(absl::Time starts, absl::Time ends, absl::Time now) {
  return starts <= now && now < ends;
}

// How far a duty lies from `now`; zero while it runs.
absl::Duration Distance(const Duty& duty, absl::Time now) {
  if (now < duty.starts) return duty.starts - now;
  return now < duty.ends ? absl::ZeroDuration() : now - duty.ends;
}

const Duty* NearestDuty(const std::string& person, const std::vector<Duty>& rota, absl::Time now) {
  const Duty* nearest = nullptr;
  for (const Duty& duty : rota) {
    if (duty.person != person) continue;
    if (nearest == nullptr || Distance(duty, now) < Distance(*nearest, now)) nearest = &duty;
  }
  return nearest;
}

}  // namespace

std::string CoveredBy(const std::string& person, const std::vector<Cover>& cover, absl::Time now) {
  std::set<std::string> seen = {person};
  std::string current = person;
  while (true) {
    const auto next = std::find_if(cover.begin(), cover.end(), [&](const Cover& one) {
      return one.from_person == current && Runs(one.starts, one.ends, now);
    });
    if (next == cover.end()) return current;
    if (!seen.insert(next->to_person).second) return person;
    current = next->to_person;
  }
}

std::vector<std::string> ActsFor(const std::string& person, const std::vector<Cover>& cover,
                                 absl::Time now) {
  std::set<std::string> people = {person};
  for (const Cover& one : cover) {
    if (CoveredBy(one.from_person, cover, now) == person) people.insert(one.from_person);
  }
  return {people.begin(), people.end()};
}

std::vector<Recipient> RecipientsAt(const std::vector<Duty>& rota, const std::vector<Cover>& cover,
                                    absl::Time now) {
  std::vector<Recipient> recipients;
  for (const Duty& duty : rota) {
    if (!Runs(duty.starts, duty.ends, now)) continue;
    const std::string person = CoveredBy(duty.person, cover, now);
    const Duty* reached = person == duty.person ? &duty : NearestDuty(person, rota, now);
    Recipient recipient{.role = duty.role, .person = person};
    if (reached != nullptr && reached->channel != v1::CHANNEL_CONSOLE) {
      recipient.rota_entry_id = reached->rota_entry_id;
      recipient.channel = reached->channel;
    }
    recipients.push_back(std::move(recipient));
  }
  // Of two entries for one role and person the one that leaves the console stays.
  const auto key = [](const Recipient& r) { return std::tie(r.role, r.person); };
  std::stable_sort(recipients.begin(), recipients.end(),
                   [&](const Recipient& a, const Recipient& b) {
                     if (key(a) != key(b)) return key(a) < key(b);
                     return a.channel > b.channel;
                   });
  recipients.erase(
      std::unique(recipients.begin(), recipients.end(),
                  [&](const Recipient& a, const Recipient& b) { return key(a) == key(b); }),
      recipients.end());
  return recipients;
}

}  // namespace waymark::scheduling
