#include "services/referral/fhir/primitives.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace waymark::referral::fhir {
namespace {

constexpr int64_t kBiggestInteger = std::numeric_limits<int32_t>::max();

// Takes `count` digits off the front of `text`.
bool TakeDigits(absl::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  const absl::string_view digits = text.substr(0, count);
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) return false;
  text.remove_prefix(count);
  return absl::SimpleAtoi(digits, &value);
}

bool Take(absl::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeClock(absl::string_view& text) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!TakeDigits(text, 2, hour) || !Take(text, ':') || !TakeDigits(text, 2, minute) ||
      !Take(text, ':') || !TakeDigits(text, 2, second)) {
    return false;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  if (!Take(text, '.')) return true;
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool TakeZone(absl::string_view& text) {
  if (Take(text, 'Z')) return true;
  if (!Take(text, '+') && !Take(text, '-')) return false;
  int hour = 0;
  int minute = 0;
  return TakeDigits(text, 2, hour) && Take(text, ':') && TakeDigits(text, 2, minute) &&
         hour <= 14 && minute <= 59;
}

enum class Precision { kYear, kMonth, kDay, kTime };

// How far a dateTime says when; nothing when it is none.
std::optional<Precision> PrecisionOf(absl::string_view text) {
  int year = 0;
  int month = 1;
  int day = 1;
  if (!TakeDigits(text, 4, year) || year == 0) return std::nullopt;
  if (text.empty()) return Precision::kYear;
  if (!Take(text, '-') || !TakeDigits(text, 2, month) || month < 1 || month > 12) {
    return std::nullopt;
  }
  if (text.empty()) return Precision::kMonth;
  if (!Take(text, '-') || !TakeDigits(text, 2, day)) return std::nullopt;
  if (absl::CivilDay(year, month, day).day() != day) return std::nullopt;
  if (text.empty()) return Precision::kDay;
  if (!Take(text, 'T') || !TakeClock(text) || !TakeZone(text) || !text.empty()) {
    return std::nullopt;
  }
  return Precision::kTime;
}

bool IsString(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  });
}

bool HasSpace(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_isspace);
}

bool IsCode(absl::string_view text) {
  if (!IsString(text) || absl::ascii_isspace(text.front()) || absl::ascii_isspace(text.back())) {
    return false;
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (absl::ascii_isspace(text[i]) && absl::ascii_isspace(text[i - 1])) return false;
  }
  return true;
}

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '.';
  });
}

bool IsUri(absl::string_view text) { return IsString(text) && !HasSpace(text); }

bool IsUuidUri(absl::string_view text) {
  if (!absl::StartsWith(text, "urn:uuid:") || text.size() != 45) return false;
  text.remove_prefix(9);
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i]) || absl::ascii_isupper(text[i])) {
      return false;
    }
  }
  return true;
}

bool IsOid(absl::string_view text) {
  if (!absl::StartsWith(text, "urn:oid:")) return false;
  text.remove_prefix(8);
  if (text.size() < 3 || text[0] < '0' || text[0] > '2' || text[1] != '.') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || c == '.'; }) &&
         text.back() != '.' && !absl::StrContains(text, "..");
}

bool IsBase64(absl::string_view text) {
  size_t letters = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (absl::ascii_isspace(c)) continue;
    if (c == '=') {
      ++padding;
    } else if (padding > 0 || !(absl::ascii_isalnum(c) || c == '+' || c == '/')) {
      return false;
    } else {
      ++letters;
    }
  }
  return letters > 0 && padding <= 2 && (letters + padding) % 4 == 0;
}

bool IsXhtml(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return IsString(text) && absl::StartsWith(text, "<div") && absl::EndsWith(text, ">");
}

struct Rule {
  // Exactly one of the two is set.
  bool (*text)(absl::string_view) = nullptr;
  bool (*other)(const Json&) = nullptr;
  const char* right = "";
};

bool IsWhole(const Json& value, int64_t least) {
  if (value.is_number_unsigned())
    return value.get<uint64_t>() <= uint64_t{kBiggestInteger} &&
           static_cast<int64_t>(value.get<uint64_t>()) >= least;
  return value.is_number_integer() && value.get<int64_t>() >= least &&
         value.get<int64_t>() <= kBiggestInteger;
}

const Rule* FindRule(absl::string_view type) {
  static const auto& rules = *new absl::flat_hash_map<absl::string_view, Rule>{
      {"base64Binary", {.text = &IsBase64, .right = "base64 text"}},
      {"boolean",
       {.other = [](const Json& value) { return value.is_boolean(); }, .right = "true or false"}},
      {"canonical", {.text = &IsUri, .right = "a URL without a space"}},
      {"code", {.text = &IsCode, .right = "a code without leading, trailing or double spaces"}},
      {"date",
       {.text =
            [](absl::string_view text) {
              const std::optional<Precision> precision = PrecisionOf(text);
              return precision && *precision != Precision::kTime;
            },
        .right = "a date: YYYY, YYYY-MM or YYYY-MM-DD"}},
      {"dateTime",
       {.text = [](absl::string_view text) { return PrecisionOf(text).has_value(); },
        .right = "a date, or a date and time with seconds and zone"}},
      {"decimal",
       {.other =
            [](const Json& value) {
              return value.is_number() || (value.is_binary() && IsDecimalText(NumberText(value)));
            },
        .right = "a number of at most 18 digits on each side of the point"}},
      {"id", {.text = &IsId, .right = "1 to 64 letters, digits, hyphens and points"}},
      {"instant",
       {.text = [](absl::string_view text) { return PrecisionOf(text) == Precision::kTime; },
        .right = "a date and time with seconds and zone"}},
      {"integer",
       {.other = [](const Json& value) { return IsWhole(value, -kBiggestInteger - 1); },
        .right = "a whole number"}},
      {"markdown", {.text = &IsString, .right = "text that is not empty"}},
      {"oid", {.text = &IsOid, .right = "urn:oid: and an object identifier"}},
      {"positiveInt",
       {.other = [](const Json& value) { return IsWhole(value, 1); },
        .right = "a whole number from 1"}},
      {"string", {.text = &IsString, .right = "text that is not empty"}},
      {"time",
       {.text = [](absl::string_view text) { return TakeClock(text) && text.empty(); },
        .right = "a time of day with seconds"}},
      {"unsignedInt",
       {.other = [](const Json& value) { return IsWhole(value, 0); },
        .right = "a whole number from 0"}},
      {"uri", {.text = &IsUri, .right = "a URI without a space"}},
      {"url", {.text = &IsUri, .right = "a URL without a space"}},
      {"uuid", {.text = &IsUuidUri, .right = "urn:uuid: and a UUID in lower case"}},
      {"xhtml", {.text = &IsXhtml, .right = "a div element of XHTML"}}};
  const auto found = rules.find(type);
  return found == rules.end() ? nullptr : &found->second;
}

}  // namespace

bool IsPrimitive(absl::string_view type) { return FindRule(type) != nullptr; }

const char* WrongPrimitive(absl::string_view type, const Json& value) {
  const Rule* rule = FindRule(type);
  if (rule == nullptr) return "a type that is known";
  const bool right = rule->text != nullptr
                         ? value.is_string() && rule->text(value.get_ref<const std::string&>())
                         : rule->other(value);
  return right ? nullptr : rule->right;
}

std::optional<absl::Time> ReadInstant(absl::string_view text) {
  if (PrecisionOf(text) != Precision::kTime) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::nullopt;
  return time;
}

std::optional<absl::CivilDay> ReadDay(absl::string_view text) {
  const std::optional<Precision> precision = PrecisionOf(text);
  if (precision != Precision::kDay && precision != Precision::kTime) return std::nullopt;
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text.substr(0, 10), &day)) return std::nullopt;
  return day;
}

std::string WriteInstant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S%Ez", time, absl::UTCTimeZone());
}

}  // namespace waymark::referral::fhir
