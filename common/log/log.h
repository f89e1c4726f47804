// JSON lines to standard error, one object a line: {"time", "level", "service", "message", fields}.
// The message and the field names are compile-time constants; only values vary. Never personal or
// clinical data: a Secret has no conversion to a value, so logging it does not compile.
#ifndef WAYMARK_COMMON_LOG_LOG_H_
#define WAYMARK_COMMON_LOG_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// A text that can only be made from a literal.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  const char* text() const { return text_; }

 private:
  const char* text_;
};

// The value is kept as a view: a Field lives only as long as the call that logs it.
class Field {
 public:
  Field(Literal name, absl::string_view value) : name_(name), value_(value) {}
  Field(Literal name, std::string_view value)
      : Field(name, absl::string_view(value.data(), value.size())) {}
  Field(Literal name, const std::string& value) : Field(name, absl::string_view(value)) {}
  Field(Literal name, const char* value) : Field(name, absl::string_view(value)) {}
  Field(Literal name, std::same_as<bool> auto value) : name_(name), value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(Literal name, T value)
      : name_(name), value_(static_cast<int64_t>(value)) {}
  Field(Literal name, std::floating_point auto value)
      : name_(name), value_(static_cast<double>(value)) {}

  const char* name() const { return name_.text(); }
  const std::variant<absl::string_view, int64_t, double, bool>& value() const { return value_; }

 private:
  Literal name_;
  std::variant<absl::string_view, int64_t, double, bool> value_;
};

using Fields = std::initializer_list<Field>;

// Names the service in every later line and drops lines below `lowest`. Without it lines say
// "waymark" and start at kInfo. Call once, before other threads log.
void Configure(absl::string_view service, Level lowest = Level::kInfo);

// log::Info("case opened", {{"method", name}, {"milliseconds", 12}}). Thread-safe; each is one
// write of one whole line. Bytes that are not UTF-8 are replaced, so the line always parses.
void Debug(Literal message, Fields fields = {});
void Info(Literal message, Fields fields = {});
void Warning(Literal message, Fields fields = {});
void Error(Literal message, Fields fields = {});

// The same for a message that a library composed (gRPC core); nothing of ours calls it with text
// from a request.
void WriteForeign(Level level, absl::string_view message, Fields fields = {});

// The line as it would be written, without its newline. Pure.
std::string FormatLine(absl::Time time, Level level, absl::string_view service,
                       absl::string_view message, Fields fields);

}  // namespace waymark::log

#endif  // WAYMARK_COMMON_LOG_LOG_H_
