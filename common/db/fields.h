// Values on their way into and out of PostgreSQL.
//
// In: `Params` holds the values for $1, $2, ... of one statement. Out: small readers over
// pqxx::field. A reader throws what libpqxx throws (a NULL that was not expected, text that is no
// number); that is caught by Database::Transact, so use readers inside the work or guard them.
#ifndef WAYMARK_COMMON_DB_FIELDS_H_
#define WAYMARK_COMMON_DB_FIELDS_H_

#include <cstdint>
#include <optional>
#include <pqxx/result>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::db {

// Raw bytes for a bytea parameter, sent in binary: no hex, no doubling. Does not own the bytes.
struct Bytea {
  absl::string_view bytes;
};

// A text parameter already in PostgreSQL's own form, an array literal for instance.
struct Literal {
  std::string text;
};

// Arrays for `unnest($1::uuid[], $2::text[], ...)`, the only bulk insert that row-level security
// allows. The cast in the statement is needed. Text and bytea elements may be absent (NULL).
Literal UuidArray(const std::vector<std::string>& uuids);
Literal TextArray(const std::vector<std::string>& texts);
Literal TextArray(const std::vector<std::optional<std::string>>& texts);
Literal Int8Array(const std::vector<int64_t>& numbers);
Literal BoolArray(const std::vector<bool>& values);
Literal InstantArray(const std::vector<absl::Time>& instants);
Literal InstantArray(const std::vector<std::optional<absl::Time>>& instants);

// bytea[] in PostgreSQL's binary form. Owns its bytes.
struct ByteaArray {
  explicit ByteaArray(const std::vector<std::string>& values);
  explicit ByteaArray(const std::vector<std::optional<std::string>>& values);
  std::string wire;
};

// Microseconds since 1970 UTC, the precision PostgreSQL keeps; rounds down.
int64_t ToMicros(absl::Time instant);
absl::Time FromMicros(int64_t micros);
// As PostgreSQL reads a timestamptz, always in UTC: "2026-03-29T01:30:00.000001Z", "infinity".
std::string InstantText(absl::Time instant);
// Reads a timestamptz as PostgreSQL writes it with DateStyle ISO, at any offset.
std::optional<absl::Time> ParseInstant(absl::string_view text);

// The values of one statement's parameters, in order. Text that holds a zero byte cannot be sent to
// PostgreSQL; it is remembered and Exec answers INVALID_ARGUMENT with reason TEXT_HAS_ZERO_BYTE.
class Params {
 public:
  struct Value {
    std::string bytes;
    bool null = false;
    bool binary = false;
  };

  void Add(std::nullptr_t) { values_.push_back({"", true, false}); }
  void Add(std::nullopt_t) { Add(nullptr); }
  void Add(absl::string_view text) { AddText(text); }
  void Add(const std::string& text) { AddText(text); }
  void Add(const char* text) { AddText(text); }
  void Add(bool value) { AddText(value ? "t" : "f"); }
  void Add(absl::Time instant) { AddText(InstantText(instant)); }
  void Add(const Bytea& value) { values_.push_back({std::string(value.bytes), false, true}); }
  void Add(const Literal& value) { values_.push_back({value.text, false, false}); }
  void Add(const ByteaArray& value) { values_.push_back({value.wire, false, true}); }
  void Add(double value);
  template <typename T>
  std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>> Add(T value) {
    AddText(std::to_string(value));
  }
  template <typename T>
  void Add(const std::optional<T>& value) {
    if (value) {
      Add(*value);
    } else {
      Add(nullptr);
    }
  }

  size_t size() const { return values_.size(); }
  const std::vector<Value>& values() const { return values_; }
  bool has_zero_byte() const { return has_zero_byte_; }

 private:
  void AddText(absl::string_view text);

  std::vector<Value> values_;
  bool has_zero_byte_ = false;
};

// Readers. Each throws on NULL, except Optional.
std::string Text(const pqxx::field& field);
int64_t Int(const pqxx::field& field);
bool Bool(const pqxx::field& field);
double Double(const pqxx::field& field);
std::string Bytes(const pqxx::field& field);         // of a bytea
absl::Time Instant(const pqxx::field& field);        // of a timestamptz
absl::Time MicrosInstant(const pqxx::field& field);  // of a bigint of microseconds

// nullopt on NULL. T: std::string, int64_t, bool, double, absl::Time (of a timestamptz).
template <typename T>
std::optional<T> Optional(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    return Text(field);
  } else if constexpr (std::is_same_v<T, bool>) {
    return Bool(field);
  } else if constexpr (std::is_same_v<T, absl::Time>) {
    return Instant(field);
  } else if constexpr (std::is_floating_point_v<T>) {
    return Double(field);
  } else {
    static_assert(std::is_integral_v<T>);
    return static_cast<T>(Int(field));
  }
}
// nullopt on NULL, else the bytes of a bytea.
std::optional<std::string> OptionalBytes(const pqxx::field& field);

}  // namespace waymark::db

#endif  // WAYMARK_COMMON_DB_FIELDS_H_
