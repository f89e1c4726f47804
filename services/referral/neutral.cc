#include "services/referral/neutral.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/referral/organisation_code.h"

namespace waymark::referral {
namespace {

// Whole words, lower case. Welsh with its common mutation.
constexpr absl::string_view kWords[] = {
    "police",       "policeman",   "policewoman",    "policing", "constable",
    "constabulary", "sergeant",    "superintendent", "pcso",     "heddlu",
    "heddwas",      "heddweision", "cwnstabl",       "gwnstabl", "custody"};

bool IsWordCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// True when `word` stands in `text` and is no part of a longer word.
bool HoldsWord(absl::string_view text, absl::string_view word) {
  if (word.empty()) return false;
  for (size_t at = text.find(word); at != absl::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !IsWordCharacter(text[at - 1])) &&
        (end == text.size() || !IsWordCharacter(text[end]))) {
      return true;
    }
  }
  return false;
}

// What stands before a collar number, and how many digits make one of it: "DC 200 J" is a shock.
struct Rank {
  absl::string_view name;
  size_t digits;
};
constexpr Rank kRanks[] = {{"pc", 3},   {"wpc", 3}, {"sgt", 3}, {"collar", 3},
                           {"pcso", 3}, {"ps", 4},  {"dc", 4},  {"ds", 4}};

// "PC 4711", "pc4711", "collar number 4711".
bool IsCollarNumber(const std::vector<std::string>& words, size_t at) {
  for (const Rank& rank : kRanks) {
    absl::string_view digits = words[at];
    if (!absl::ConsumePrefix(&digits, rank.name)) continue;
    size_t next = at + 1;
    const auto is_filler = [](const std::string& word) {
      return word == "no" || word == "number" || word == "rhif";
    };
    while (digits.empty() && next < words.size() && is_filler(words[next])) ++next;
    if (digits.empty() && next < words.size()) digits = words[next];
    if (digits.size() >= rank.digits && digits.size() <= 6 &&
        std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool NamesEmployer(absl::string_view text, absl::string_view tenant) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (HoldsWord(lower, absl::AsciiStrToLower(tenant))) return true;
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i <= lower.size(); ++i) {
    if (i < lower.size() && IsWordCharacter(lower[i])) {
      word += lower[i];
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  for (size_t i = 0; i < words.size(); ++i) {
    for (const absl::string_view known : kWords) {
      if (words[i] == known) return true;
    }
    if (IsCollarNumber(words, i)) return true;
  }
  return false;
}

bool IsCivilTitle(absl::string_view title) {
  constexpr absl::string_view kTitles[] = {"mr",   "mrs", "ms",  "miss", "mx",        "dr",
                                           "prof", "rev", "sir", "dame", "professor", "reverend"};
  const std::string lower = absl::AsciiStrToLower(absl::StripSuffix(title, "."));
  return std::find(std::begin(kTitles), std::end(kTitles), lower) != std::end(kTitles);
}

void CheckNeutral(absl::string_view field, absl::string_view text,
                  const v1::ReferralContent& content, absl::string_view tenant,
                  casework::Fields& fields) {
  if (content.has_employer() || !NamesEmployer(text, tenant)) return;
  fields.Wrong(field, "EMPLOYER_NAMED",
               "This would leave and says where the patient works. Leave that out, or record that "
               "the patient agreed to it.");
}

void CheckProvider(absl::string_view field, const v1::Provider& provider,
                   casework::Fields& fields) {
  if (!IsOrganisationCode(provider.organisation_code())) {
    fields.Wrong(absl::StrCat(field, ".organisation_code"), "MALFORMED",
                 "Give the provider's organisation code: 1 to 40 of A-Z, 0-9 and '-'.");
  }
  fields.Text(absl::StrCat(field, ".organisation_name"), provider.organisation_name(),
              casework::kLongestName);
  fields.Text(absl::StrCat(field, ".service_id"), provider.service_id(), 100);
  fields.Text(absl::StrCat(field, ".service_name"), provider.service_name(),
              casework::kLongestName);
}

}  // namespace waymark::referral
