#include "common/db/fields.h"

#include <array>
#include <charconv>
#include <pqxx/except>

#include "absl/numeric/bits.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace waymark::db {
namespace {

constexpr int kByteaOid = 17;

void AppendQuoted(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

template <typename Items, typename AppendItem>
Literal ArrayOf(const Items& items, AppendItem append) {
  Literal literal;
  literal.text = "{";
  bool first = true;
  for (const auto& item : items) {
    if (!first) literal.text.push_back(',');
    first = false;
    append(item, &literal.text);
  }
  literal.text.push_back('}');
  return literal;
}

void AppendBigEndian(int32_t value, std::string* out) {
  const auto bits = static_cast<uint32_t>(value);
  out->push_back(static_cast<char>(bits >> 24));
  out->push_back(static_cast<char>(bits >> 16));
  out->push_back(static_cast<char>(bits >> 8));
  out->push_back(static_cast<char>(bits));
}

// array_recv: dimensions, has-nulls flag, element type, length, lower bound, then each element as
// its length (-1 for NULL) and its bytes.
template <typename Items, typename AppendItem>
std::string ByteaArrayWire(const Items& items, bool has_null, AppendItem append) {
  std::string wire;
  AppendBigEndian(items.empty() ? 0 : 1, &wire);
  AppendBigEndian(has_null ? 1 : 0, &wire);
  AppendBigEndian(kByteaOid, &wire);
  if (items.empty()) return wire;
  AppendBigEndian(static_cast<int32_t>(items.size()), &wire);
  AppendBigEndian(1, &wire);
  for (const auto& item : items) append(item, &wire);
  return wire;
}

void AppendBytes(const std::string& bytes, std::string* wire) {
  AppendBigEndian(static_cast<int32_t>(bytes.size()), wire);
  wire->append(bytes);
}

[[noreturn]] void Refuse(const pqxx::field& field, const char* wanted) {
  throw pqxx::conversion_error(absl::StrCat("column ", field.name(), " is not ", wanted));
}

absl::string_view View(const pqxx::field& field) {
  return absl::string_view(field.c_str(), field.size());
}

bool ReadDigits(absl::string_view text, size_t at, size_t count, int* out) {
  if (at + count > text.size()) return false;
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  *out = value;
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Literal UuidArray(const std::vector<std::string>& uuids) { return TextArray(uuids); }

Literal TextArray(const std::vector<std::string>& texts) {
  return ArrayOf(texts, [](const std::string& text, std::string* out) { AppendQuoted(text, out); });
}

Literal TextArray(const std::vector<std::optional<std::string>>& texts) {
  return ArrayOf(texts, [](const std::optional<std::string>& text, std::string* out) {
    if (text) {
      AppendQuoted(*text, out);
    } else {
      out->append("NULL");
    }
  });
}

Literal Int8Array(const std::vector<int64_t>& numbers) {
  return ArrayOf(numbers, [](int64_t number, std::string* out) { absl::StrAppend(out, number); });
}

Literal BoolArray(const std::vector<bool>& values) {
  return ArrayOf(values, [](bool value, std::string* out) { out->append(value ? "t" : "f"); });
}

Literal InstantArray(const std::vector<absl::Time>& instants) {
  return ArrayOf(instants, [](absl::Time instant, std::string* out) {
    AppendQuoted(InstantText(instant), out);
  });
}

Literal InstantArray(const std::vector<std::optional<absl::Time>>& instants) {
  return ArrayOf(instants, [](const std::optional<absl::Time>& instant, std::string* out) {
    if (instant) {
      AppendQuoted(InstantText(*instant), out);
    } else {
      out->append("NULL");
    }
  });
}

ByteaArray::ByteaArray(const std::vector<std::string>& values)
    : wire(ByteaArrayWire(values, false, AppendBytes)) {}

ByteaArray::ByteaArray(const std::vector<std::optional<std::string>>& values) {
  bool has_null = false;
  for (const auto& value : values) has_null = has_null || !value.has_value();
  wire = ByteaArrayWire(values, has_null,
                        [](const std::optional<std::string>& value, std::string* out) {
                          if (value) {
                            AppendBytes(*value, out);
                          } else {
                            AppendBigEndian(-1, out);
                          }
                        });
}

int64_t ToMicros(absl::Time instant) { return absl::ToUnixMicros(instant); }
absl::Time FromMicros(int64_t micros) { return absl::FromUnixMicros(micros); }

std::string InstantText(absl::Time instant) {
  if (instant == absl::InfiniteFuture()) return "infinity";
  if (instant == absl::InfinitePast()) return "-infinity";
  const absl::Time floored = FromMicros(ToMicros(instant));
  const absl::CivilSecond civil = absl::ToCivilSecond(floored, absl::UTCTimeZone());
  const int64_t micros = ToMicros(floored) - ToMicros(absl::FromCivil(civil, absl::UTCTimeZone()));
  char buffer[64];
  const bool before_christ = civil.year() < 1;
  // PostgreSQL has no year zero: the year before 1 is 1 BC.
  const auto year = static_cast<long long>(before_christ ? 1 - civil.year() : civil.year());
  snprintf(buffer, sizeof(buffer), "%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ%s", year, civil.month(),
           civil.day(), civil.hour(), civil.minute(), civil.second(), static_cast<int>(micros),
           before_christ ? " BC" : "");
  return buffer;
}

// "2026-03-29 01:30:00.5+01", "2026-03-29 01:30:00-05:30". Years before 1 are refused: no instant
// in this suite lies there, the edge refuses everything before 1900.
std::optional<absl::Time> ParseInstant(absl::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  const size_t dash = text.find('-');
  int64_t year = 0;
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(text.substr(0, dash), &year)) {
    return std::nullopt;
  }
  text.remove_prefix(dash);
  int month, day, hour, minute, second;
  if (text.size() < 15 || !ReadDigits(text, 1, 2, &month) || !ReadDigits(text, 4, 2, &day) ||
      !ReadDigits(text, 7, 2, &hour) || !ReadDigits(text, 10, 2, &minute) ||
      !ReadDigits(text, 13, 2, &second)) {
    return std::nullopt;
  }
  size_t at = 15;
  int64_t micros = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    int64_t unit = 100000;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      micros += (text[at] - '0') * unit;
      unit /= 10;
      ++at;
    }
  }
  int64_t offset = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const int sign = text[at] == '-' ? -1 : 1;
    int part = 0;
    int64_t weight = 3600;
    while (at < text.size() && weight > 0) {
      if (!ReadDigits(text, at + 1, 2, &part)) return std::nullopt;
      offset += part * weight;
      weight = weight == 3600 ? 60 : weight == 60 ? 1 : 0;
      at += 3;
    }
    offset *= sign;
  } else if (at < text.size() && text[at] == 'Z') {
    ++at;
  } else {
    return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  return absl::FromCivil(civil, absl::UTCTimeZone()) - absl::Seconds(offset) +
         absl::Microseconds(micros);
}

void Params::Add(double value) {
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  AddText(absl::string_view(buffer.data(), end.ptr - buffer.data()));
}

void Params::AddText(absl::string_view text) {
  has_zero_byte_ = has_zero_byte_ || text.find('\0') != absl::string_view::npos;
  values_.push_back({std::string(text), false, false});
}

std::string Text(const pqxx::field& field) {
  if (field.is_null()) Refuse(field, "text but NULL");
  return std::string(field.c_str(), field.size());
}

int64_t Int(const pqxx::field& field) {
  int64_t value = 0;
  if (field.is_null() || !absl::SimpleAtoi(View(field), &value)) Refuse(field, "a whole number");
  return value;
}

bool Bool(const pqxx::field& field) {
  if (!field.is_null() && View(field) == "t") return true;
  if (!field.is_null() && View(field) == "f") return false;
  Refuse(field, "true or false");
}

double Double(const pqxx::field& field) {
  double value = 0;
  if (field.is_null() || !absl::SimpleAtod(View(field), &value)) Refuse(field, "a number");
  return value;
}

std::string Bytes(const pqxx::field& field) {
  const absl::string_view text = View(field);
  if (field.is_null() || text.size() < 2 || text.size() % 2 != 0 || text[0] != '\\' ||
      text[1] != 'x') {
    Refuse(field, "bytes in hex form");
  }
  std::string bytes;
  bytes.resize(text.size() / 2 - 1);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = HexDigit(text[2 + 2 * i]);
    const int low = HexDigit(text[3 + 2 * i]);
    if (high < 0 || low < 0) Refuse(field, "bytes in hex form");
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

absl::Time Instant(const pqxx::field& field) {
  if (field.is_null()) Refuse(field, "an instant but NULL");
  const std::optional<absl::Time> instant = ParseInstant(View(field));
  if (!instant) Refuse(field, "an instant");
  return *instant;
}

absl::Time MicrosInstant(const pqxx::field& field) { return FromMicros(Int(field)); }

std::optional<std::string> OptionalBytes(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return Bytes(field);
}

}  // namespace waymark::db
