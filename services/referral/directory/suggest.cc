#include "services/referral/directory/suggest.h"

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/civil/civil.h"
#include "services/casework/instants.h"
#include "services/casework/local_time.h"

namespace waymark::referral {
namespace {

using casework::FromTimestamp;

constexpr size_t kMostSuggestions = 50;
constexpr size_t kMostSlots = 5;

bool Suits(const v1::Slot& slot, const Wish& wish) {
  return wish.free_times.empty() ||
         absl::c_any_of(wish.free_times, [&slot](const v1::Period& free) {
           return FromTimestamp(free.start_time()) <= FromTimestamp(slot.start_time()) &&
                  FromTimestamp(slot.end_time()) <= FromTimestamp(free.end_time());
         });
}

bool IsAvoided(const v1::DirectoryEntry& entry, const v1::OfferedService& service,
               const Avoided& avoided) {
  return absl::c_linear_search(avoided.venues, entry.organisation_code()) ||
         (!service.site_code().empty() &&
          absl::c_linear_search(avoided.venues, service.site_code())) ||
         absl::c_linear_search(avoided.areas, OutwardCode(service.address()));
}

bool Lapsed(const v1::DirectoryEntry& entry, absl::Time at) {
  const absl::CivilDay day = absl::ToCivilDay(at, civil::London());
  return absl::c_any_of(entry.accreditations(), [day](const v1::Accreditation& one) {
    return one.has_valid_until() && casework::DayOf(one.valid_until()) < day;
  });
}

// When they would see the patient, as far as the directory knows.
std::optional<absl::Time> FirstTime(const v1::OfferedService& service,
                                    const std::vector<v1::Slot>& slots, absl::Time now) {
  if (service.publishes_slots()) {
    if (slots.empty()) return std::nullopt;
    absl::Time first = FromTimestamp(slots.front().start_time());
    for (const v1::Slot& slot : slots) first = std::min(first, FromTimestamp(slot.start_time()));
    return first;
  }
  if (service.usual_wait_days() > 0) return now + absl::Hours(24 * service.usual_wait_days());
  return std::nullopt;
}

struct Ranked {
  // Smaller is better.
  std::tuple<bool, bool, bool, bool, bool, bool, absl::Time, std::string, std::string> rank;
  v1::Suggestion suggestion;
};

Ranked RankedOf(const Candidate& candidate, const v1::OfferedService& service, const Wish& wish,
                absl::Time now) {
  const v1::DirectoryEntry& entry = candidate.entry;
  std::vector<v1::Slot> slots;
  for (const v1::Slot& slot : candidate.slots) {
    if (slot.service_id() != service.service_id()) continue;
    if (wish.closes && FromTimestamp(slot.start_time()) > *wish.closes) continue;
    slots.push_back(slot);
  }
  absl::c_stable_partition(slots, [&wish](const v1::Slot& slot) { return Suits(slot, wish); });

  Ranked ranked;
  v1::Suggestion& made = ranked.suggestion;
  v1::Provider& provider = *made.mutable_provider();
  provider.set_organisation_code(entry.organisation_code());
  provider.set_organisation_name(entry.name());
  provider.set_service_id(service.service_id());
  provider.set_service_name(service.name());
  provider.set_carrier(entry.carrier());
  made.set_kind(entry.kind());
  made.set_address(service.address());
  made.set_phone(service.phone());
  made.set_speaks_welsh(service.speaks_welsh());
  made.set_usual_wait_days(service.usual_wait_days());

  const std::optional<absl::Time> first = FirstTime(service, slots, now);
  const bool unknown = !service.publishes_slots();
  const bool too_late = first ? wish.closes && *first > *wish.closes : !unknown;
  const bool after_due = first && wish.due && *first > *wish.due;
  const bool unsuited = !slots.empty() && !Suits(slots.front(), wish);
  const bool lapsed = Lapsed(entry, first.value_or(now));
  const bool closed = service.capacity() == v1::CAPACITY_CLOSED;
  if (too_late) made.add_warnings(v1::SUGGESTION_WARNING_NO_SLOT_BEFORE_CLOSE);
  if (after_due && !too_late) made.add_warnings(v1::SUGGESTION_WARNING_AFTER_DUE);
  if (unknown) made.add_warnings(v1::SUGGESTION_WARNING_TIME_UNKNOWN);
  if (closed) made.add_warnings(v1::SUGGESTION_WARNING_CAPACITY_CLOSED);
  if (lapsed) made.add_warnings(v1::SUGGESTION_WARNING_ACCREDITATION_LAPSED);
  if (unsuited) made.add_warnings(v1::SUGGESTION_WARNING_OUTSIDE_FREE_TIMES);
  if (slots.size() > kMostSlots) slots.resize(kMostSlots);
  for (v1::Slot& slot : slots) *made.add_slots() = std::move(slot);
  ranked.rank = {too_late,
                 after_due,
                 closed,
                 lapsed,
                 unsuited,
                 wish.welsh && !service.speaks_welsh(),
                 first.value_or(absl::InfiniteFuture()),
                 entry.name(),
                 service.service_id()};
  return ranked;
}

}  // namespace

std::string OutwardCode(absl::string_view address) {
  const std::vector<absl::string_view> lines = absl::StrSplit(address, '\n');
  const std::string last = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(lines.back()));
  // The inward half is always a digit and two letters.
  if (last.size() < 5) return "";
  const absl::string_view inward = absl::string_view(last).substr(last.size() - 3);
  if (!absl::ascii_isdigit(inward[0]) || !absl::ascii_isalpha(inward[1]) ||
      !absl::ascii_isalpha(inward[2])) {
    return "";
  }
  return std::string(
      absl::StripAsciiWhitespace(absl::string_view(last).substr(0, last.size() - 3)));
}

std::vector<v1::Suggestion> Suggest(const std::vector<Candidate>& candidates, const Wish& wish,
                                    absl::Time now) {
  std::vector<Ranked> ranked;
  for (const Candidate& candidate : candidates) {
    for (const v1::OfferedService& service : candidate.entry.services()) {
      if (service.service() != wish.service) continue;
      if (!absl::c_linear_search(service.jurisdictions(), wish.jurisdiction)) continue;
      if (IsAvoided(candidate.entry, service, wish.avoided)) continue;
      ranked.push_back(RankedOf(candidate, service, wish, now));
    }
  }
  absl::c_sort(ranked, [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  if (ranked.size() > kMostSuggestions) ranked.resize(kMostSuggestions);
  std::vector<v1::Suggestion> suggestions;
  suggestions.reserve(ranked.size());
  for (Ranked& one : ranked) suggestions.push_back(std::move(one.suggestion));
  return suggestions;
}

bool NoneBeforeClose(const std::vector<v1::Suggestion>& suggestions, const Wish& wish) {
  return wish.closes && absl::c_all_of(suggestions, [](const v1::Suggestion& suggestion) {
           return absl::c_linear_search(suggestion.warnings(),
                                        v1::SUGGESTION_WARNING_NO_SLOT_BEFORE_CLOSE);
         });
}

}  // namespace waymark::referral
