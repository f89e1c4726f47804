#include "services/workforce/feed/person_row.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/civil/civil.h"
#include "services/casework/local_time.h"
#include "services/workforce/feed/csv.h"

namespace waymark::workforce {
namespace {

constexpr absl::string_view kDateInvalid = "DATE_INVALID";
constexpr absl::string_view kNumberInvalid = "NUMBER_INVALID";
constexpr absl::string_view kValueUnknown = "VALUE_UNKNOWN";

absl::string_view SetDate(absl::string_view text, casework::v1::CivilDate& date) {
  const auto day = civil::ParseDay(text);
  if (!day.ok()) return kDateInvalid;
  date = casework::ToCivilDate(*day);
  return "";
}

absl::string_view SetBool(absl::string_view text, bool& value) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "yes" || lower == "y" || lower == "1") {
    value = true;
  } else if (lower == "false" || lower == "no" || lower == "n" || lower == "0") {
    value = false;
  } else {
    return kValueUnknown;
  }
  return "";
}

// "public order" and "PUBLIC_ORDER" are one value.
template <typename Enum>
absl::string_view SetEnum(absl::string_view text, absl::string_view prefix,
                          bool (*parse)(const std::string&, Enum*), Enum& value) {
  const std::string name =
      absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{" ", "_"}, {"-", "_"}});
  Enum read;
  if (!parse(absl::StrCat(prefix, name), &read) || read == 0) return kValueUnknown;
  value = read;
  return "";
}

#define WAYMARK_PARSER(Enum) \
  [](const std::string& n, v1::Enum* v) { return v1::Enum##_Parse(n, v); }

absl::string_view SetLanguage(absl::string_view text, v1::FeedPerson& person) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "en" || absl::StartsWith(lower, "en-")) {
    person.set_language(v1::LANGUAGE_ENGLISH);
    return "";
  }
  if (lower == "cy" || absl::StartsWith(lower, "cy-")) {
    person.set_language(v1::LANGUAGE_WELSH);
    return "";
  }
  v1::Language value = v1::LANGUAGE_UNSPECIFIED;
  const absl::string_view reason =
      SetEnum<v1::Language>(text, "LANGUAGE_", WAYMARK_PARSER(Language), value);
  person.set_language(value);
  return reason;
}

absl::string_view SetExposureRoles(absl::string_view text, v1::Employment& employment) {
  for (const absl::string_view part : absl::StrSplit(text, absl::ByAnyChar(";|"))) {
    const absl::string_view name = absl::StripAsciiWhitespace(part);
    if (name.empty()) continue;
    v1::ExposureRole role = v1::EXPOSURE_ROLE_UNSPECIFIED;
    if (!SetEnum<v1::ExposureRole>(name, "EXPOSURE_ROLE_", WAYMARK_PARSER(ExposureRole), role)
             .empty()) {
      return kValueUnknown;
    }
    employment.add_exposure_roles(role);
  }
  return "";
}

// "60", "60%" or "0.6": HR systems write a share of full time in any of these.
absl::string_view SetFte(absl::string_view text, v1::Employment& employment) {
  const bool percent = absl::EndsWith(text, "%");
  double value = 0;
  if (!absl::SimpleAtod(absl::StripSuffix(text, "%"), &value) || !(value > 0) || value > 100) {
    return kNumberInvalid;
  }
  // 1 and 1.0 are full time; a hundredth of it is not an employment.
  if (!percent && value <= 1) value *= 100;
  employment.set_fte_percent(static_cast<int32_t>(std::lround(value)));
  return "";
}

size_t Letters(absl::string_view utf8) {
  return static_cast<size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Text that people read: any letter, but nothing that runs or hides.
absl::string_view TextReason(absl::string_view text, size_t longest) {
  if (!IsUtf8(text)) return kNotUtf8;
  if (Letters(text) > longest) return "TOO_LONG";
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return kControlCharacter;
  }
  if (IsFormula(text)) return "FORMULA";
  return "";
}

absl::string_view CodeReason(absl::string_view text, size_t longest) {
  if (text.size() > longest) return "TOO_LONG";
  if (IsFormula(text)) return "FORMULA";
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        absl::string_view("-/._ ").find(c) == absl::string_view::npos) {
      return "CHARACTER_INVALID";
    }
  }
  return "";
}

absl::string_view EmailReason(absl::string_view text) {
  if (text.empty()) return "";
  if (const absl::string_view reason = TextReason(text, 254); !reason.empty()) return reason;
  const size_t at = text.find('@');
  const absl::string_view domain = at == absl::string_view::npos ? "" : text.substr(at + 1);
  const bool right = at != 0 && domain.find('@') == absl::string_view::npos &&
                     domain.find('.') != absl::string_view::npos && domain.front() != '.' &&
                     domain.back() != '.' &&
                     text.find_first_of(" ,;<>\"") == absl::string_view::npos;
  return right ? "" : "EMAIL_INVALID";
}

// "07700 900123" and "+44 (0)7700 900123" become "+447700900123"; an extension of 3 to 6 digits
// stays as it is where `extension`.
absl::string_view SpellPhone(std::string& text, bool extension) {
  if (text.empty()) return "";
  std::string digits =
      absl::StrReplaceAll(text, {{"(0)", ""}, {" ", ""}, {"-", ""}, {"(", ""}, {")", ""}});
  if (extension && digits.size() >= 3 && digits.size() <= 6 &&
      std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
    text = digits;
    return "";
  }
  if (absl::StartsWith(digits, "00")) {
    digits.replace(0, 2, "+");
  } else if (absl::StartsWith(digits, "0")) {
    digits.replace(0, 1, "+44");
  }
  const bool right = digits.size() >= 8 && digits.size() <= 16 && digits[0] == '+' &&
                     digits[1] != '0' &&
                     std::all_of(digits.begin() + 1, digits.end(), absl::ascii_isdigit);
  if (!right) return "PHONE_INVALID";
  text = std::move(digits);
  return "";
}

bool IsDate(const casework::v1::CivilDate& date) {
  if (date.year() < 1900 || date.year() > 9998 || date.month() < 1 || date.day() < 1) return false;
  const absl::CivilDay day(date.year(), date.month(), date.day());
  return day.year() == date.year() && day.month() == date.month() && day.day() == date.day();
}

template <typename Enum>
bool InRange(Enum value, bool (*valid)(int), bool required) {
  return valid(value) && (!required || value != 0);
}

}  // namespace

const std::vector<absl::string_view>& FeedFields() {
  static const auto& fields = *new std::vector<absl::string_view>{
      "external_id",    "source_version", "effective_date",  "family_name",
      "given_name",     "known_as",       "title",           "birth_date",
      "work_email",     "work_mobile",    "work_phone",      "language",
      "user_id",        "force_code",     "employee_number", "collar_number",
      "workforce_type", "rank_band",      "role_family",     "exposure_roles",
      "site_code",      "fte_percent",    "shift_pattern",   "state",
      "end_reason",     "start_date",     "end_date",        "manager_external_id",
      "active",         "seal_history"};
  return fields;
}

absl::string_view SetFeedField(v1::FeedPerson& person, absl::string_view field,
                               absl::string_view text) {
  const auto& fields = FeedFields();
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) return "FIELD_UNKNOWN";
  text = absl::StripAsciiWhitespace(text);
  // A column of contacts that is there and empty says that there is none.
  if (absl::StartsWith(field, "work_")) person.mutable_work();
  if (text.empty()) return "";
  v1::Employment& employment = *person.mutable_employment();
  const std::string value(text);
  if (field == "external_id") person.set_external_id(value);
  if (field == "family_name") person.mutable_name()->set_family(value);
  if (field == "given_name") person.mutable_name()->set_given(value);
  if (field == "known_as") person.mutable_name()->set_known_as(value);
  if (field == "title") person.mutable_name()->set_title(value);
  if (field == "work_email") person.mutable_work()->set_email(value);
  if (field == "work_mobile") person.mutable_work()->set_mobile(value);
  if (field == "work_phone") person.mutable_work()->set_phone(value);
  if (field == "user_id") person.set_user_id(value);
  if (field == "force_code") employment.set_force_code(value);
  if (field == "employee_number") employment.set_employee_number(value);
  if (field == "collar_number") employment.set_collar_number(value);
  if (field == "site_code") employment.set_site_code(value);
  if (field == "shift_pattern") employment.set_shift_pattern(value);
  if (field == "manager_external_id") person.set_manager_external_id(value);
  if (field == "language") return SetLanguage(text, person);
  if (field == "exposure_roles") return SetExposureRoles(text, employment);
  if (field == "fte_percent") return SetFte(text, employment);
  if (field == "source_version") {
    int64_t version = 0;
    if (!absl::SimpleAtoi(text, &version)) return kNumberInvalid;
    person.set_source_version(version);
  }
  if (field == "effective_date") return SetDate(text, *person.mutable_effective_date());
  if (field == "birth_date") return SetDate(text, *person.mutable_birth_date());
  if (field == "start_date") return SetDate(text, *person.mutable_start_date());
  if (field == "end_date") return SetDate(text, *person.mutable_end_date());
  if (field == "active" || field == "seal_history") {
    bool truth = false;
    const absl::string_view reason = SetBool(text, truth);
    field == "active" ? person.set_active(truth) : person.set_seal_history(truth);
    return reason;
  }
  absl::string_view reason;
  if (field == "workforce_type") {
    auto read = v1::WORKFORCE_TYPE_UNSPECIFIED;
    reason =
        SetEnum<v1::WorkforceType>(text, "WORKFORCE_TYPE_", WAYMARK_PARSER(WorkforceType), read);
    employment.set_workforce_type(read);
  } else if (field == "rank_band") {
    auto read = v1::RANK_BAND_UNSPECIFIED;
    reason = SetEnum<v1::RankBand>(text, "RANK_BAND_", WAYMARK_PARSER(RankBand), read);
    employment.set_rank_band(read);
  } else if (field == "role_family") {
    auto read = v1::ROLE_FAMILY_UNSPECIFIED;
    reason = SetEnum<v1::RoleFamily>(text, "ROLE_FAMILY_", WAYMARK_PARSER(RoleFamily), read);
    employment.set_role_family(read);
  } else if (field == "state") {
    auto read = v1::EMPLOYMENT_STATE_UNSPECIFIED;
    reason = SetEnum<v1::EmploymentState>(text, "EMPLOYMENT_STATE_",
                                          WAYMARK_PARSER(EmploymentState), read);
    employment.set_state(read);
  } else if (field == "end_reason") {
    auto read = v1::END_REASON_UNSPECIFIED;
    reason = SetEnum<v1::EndReason>(text, "END_REASON_", WAYMARK_PARSER(EndReason), read);
    employment.set_end_reason(read);
  }
  return reason;
}

std::optional<FieldFault> CheckFeedPerson(v1::FeedPerson& person, absl::string_view force,
                                          absl::CivilDay today) {
  v1::Employment& employment = *person.mutable_employment();
  const auto required = [](absl::string_view field,
                           absl::string_view text) -> std::optional<FieldFault> {
    if (text.empty()) return FieldFault{field, "REQUIRED"};
    return std::nullopt;
  };
  if (auto fault = required("external_id", person.external_id())) return fault;
  if (auto fault = required("family_name", person.name().family())) return fault;
  if (auto fault = required("given_name", person.name().given())) return fault;
  if (employment.workforce_type() == v1::WORKFORCE_TYPE_UNSPECIFIED) {
    return FieldFault{"workforce_type", "REQUIRED"};
  }

  struct Named {
    absl::string_view field;
    absl::string_view text;
    size_t longest;
  };
  for (const Named& named : {Named{"external_id", person.external_id(), 64},
                             {"family_name", person.name().family(), 100},
                             {"given_name", person.name().given(), 100},
                             {"known_as", person.name().known_as(), 100},
                             {"title", person.name().title(), 100},
                             {"user_id", person.user_id(), 200},
                             {"manager_external_id", person.manager_external_id(), 64}}) {
    const absl::string_view reason = TextReason(named.text, named.longest);
    if (!reason.empty()) return FieldFault{named.field, reason};
  }
  for (const Named& named : {Named{"employee_number", employment.employee_number(), 40},
                             {"collar_number", employment.collar_number(), 20},
                             {"site_code", employment.site_code(), 40},
                             {"shift_pattern", employment.shift_pattern(), 20},
                             {"force_code", employment.force_code(), 64}}) {
    const absl::string_view reason = CodeReason(named.text, named.longest);
    if (!reason.empty()) return FieldFault{named.field, reason};
  }
  if (person.has_work()) {
    v1::Contacts& work = *person.mutable_work();
    if (const auto reason = EmailReason(work.email()); !reason.empty()) {
      return FieldFault{"work_email", reason};
    }
    if (const auto reason = SpellPhone(*work.mutable_mobile(), false); !reason.empty()) {
      return FieldFault{"work_mobile", reason};
    }
    if (const auto reason = SpellPhone(*work.mutable_phone(), true); !reason.empty()) {
      return FieldFault{"work_phone", reason};
    }
    // Home addresses are never taken from HR, and work has none of its own.
    work.clear_address_lines();
    work.clear_postcode();
  }

  struct Dated {
    absl::string_view field;
    bool set;
    const casework::v1::CivilDate& date;
  };
  for (const Dated& dated :
       {Dated{"birth_date", person.has_birth_date(), person.birth_date()},
        {"effective_date", person.has_effective_date(), person.effective_date()},
        {"start_date", person.has_start_date(), person.start_date()},
        {"end_date", person.has_end_date(), person.end_date()}}) {
    if (dated.set && !IsDate(dated.date)) return FieldFault{dated.field, kDateInvalid};
  }
  if (person.has_birth_date() && casework::DayOf(person.birth_date()) >= today) {
    return FieldFault{"birth_date", kDateInvalid};
  }
  // A year ahead is planning, more is a slip of the finger.
  if (person.has_effective_date() && casework::DayOf(person.effective_date()) > today + 366) {
    return FieldFault{"effective_date", kDateInvalid};
  }
  if (person.has_start_date() && person.has_end_date() &&
      casework::DayOf(person.end_date()) < casework::DayOf(person.start_date())) {
    return FieldFault{"end_date", "DATE_ORDER"};
  }

  if (!InRange(employment.workforce_type(), v1::WorkforceType_IsValid, true)) {
    return FieldFault{"workforce_type", kValueUnknown};
  }
  if (!InRange(employment.rank_band(), v1::RankBand_IsValid, false)) {
    return FieldFault{"rank_band", kValueUnknown};
  }
  if (!InRange(employment.role_family(), v1::RoleFamily_IsValid, false)) {
    return FieldFault{"role_family", kValueUnknown};
  }
  for (const int role : employment.exposure_roles()) {
    if (role == 0 || !v1::ExposureRole_IsValid(role)) {
      return FieldFault{"exposure_roles", kValueUnknown};
    }
  }
  if (!InRange(employment.state(), v1::EmploymentState_IsValid, false)) {
    return FieldFault{"state", kValueUnknown};
  }
  if (!InRange(employment.end_reason(), v1::EndReason_IsValid, false)) {
    return FieldFault{"end_reason", kValueUnknown};
  }
  if (!InRange(person.language(), v1::Language_IsValid, false)) {
    return FieldFault{"language", kValueUnknown};
  }
  if (employment.fte_percent() < 0 || employment.fte_percent() > 100) {
    return FieldFault{"fte_percent", "RANGE"};
  }
  if (person.source_version() < 0) return FieldFault{"source_version", "RANGE"};
  if (!employment.force_code().empty() && employment.force_code() != force) {
    return FieldFault{"force_code", "FORCE_FOREIGN"};
  }
  if (person.manager_external_id() == person.external_id()) {
    return FieldFault{"manager_external_id", "MANAGER_SELF"};
  }

  // One spelling of what is the same.
  employment.set_force_code(std::string(force));
  employment.clear_employment_id();
  employment.clear_manager_subject_id();
  if (employment.fte_percent() == 0) employment.set_fte_percent(100);
  auto* roles = employment.mutable_exposure_roles();
  std::sort(roles->begin(), roles->end());
  roles->erase(std::unique(roles->begin(), roles->end()), roles->end());
  if (employment.state() == v1::EMPLOYMENT_STATE_ENDED) person.set_active(false);
  if (employment.state() != v1::EMPLOYMENT_STATE_ABSENT) {
    employment.set_state(v1::EMPLOYMENT_STATE_WORKING);
  }
  return std::nullopt;
}

absl::CivilDay EffectiveDay(const v1::FeedPerson& person, absl::Time extract) {
  if (person.has_effective_date()) return casework::DayOf(person.effective_date());
  return civil::DateOf(extract, civil::London());
}

int64_t VersionOf(const v1::FeedPerson& person, absl::Time extract) {
  return person.source_version() != 0 ? person.source_version() : absl::ToUnixMicros(extract);
}

std::optional<absl::CivilDay> EndsOn(const v1::FeedPerson& person, absl::CivilDay effective) {
  std::optional<absl::CivilDay> ends;
  if (person.has_end_date()) ends = casework::DayOf(person.end_date()) + 1;
  if (!person.active() && (!ends || *ends > effective)) ends = effective;
  return ends;
}

absl::CivilDay BeginsOn(const v1::FeedPerson& person, absl::CivilDay effective) {
  return person.has_start_date() ? casework::DayOf(person.start_date()) : effective;
}

std::string PlaceText(const v1::FeedPerson& person) {
  const v1::Employment& employment = person.employment();
  return absl::StrJoin(
      {employment.site_code(), absl::StrCat(employment.role_family()),
       absl::StrJoin(employment.exposure_roles(), ","), person.manager_external_id()},
      "\x1F");
}

std::string RowText(const v1::FeedPerson& person) {
  const v1::Employment& employment = person.employment();
  const auto day = [](bool set, const casework::v1::CivilDate& date) {
    return set ? civil::FormatDay(casework::DayOf(date)) : std::string();
  };
  return absl::StrJoin({PlaceText(person),
                        person.name().family(),
                        person.name().given(),
                        person.name().known_as(),
                        person.name().title(),
                        day(person.has_birth_date(), person.birth_date()),
                        absl::StrCat(person.has_work()),
                        person.work().email(),
                        person.work().mobile(),
                        person.work().phone(),
                        absl::StrCat(person.language()),
                        person.user_id(),
                        employment.employee_number(),
                        employment.collar_number(),
                        absl::StrCat(employment.workforce_type()),
                        absl::StrCat(employment.rank_band()),
                        absl::StrCat(employment.fte_percent()),
                        employment.shift_pattern(),
                        absl::StrCat(employment.state()),
                        absl::StrCat(employment.end_reason()),
                        day(person.has_start_date(), person.start_date()),
                        day(person.has_end_date(), person.end_date()),
                        absl::StrCat(person.active())},
                       "\x1F");
}

}  // namespace waymark::workforce
