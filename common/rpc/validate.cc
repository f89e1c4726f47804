#include "common/rpc/validate.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using google::protobuf::internal::WireFormatLite;

// The highest field number there is; no message of ours uses it.
constexpr int kMarkerField = 536870911;
constexpr size_t kMostViolations = 20;
// The first and last second that google.protobuf.Timestamp may hold: years 1 to 9999. PostgreSQL
// and text forms of time know no others.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;

std::string Join(absl::string_view prefix, absl::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

void CheckEnum(const EnumDescriptor& type, int number, bool on_purpose, const std::string& path,
               status::FieldViolations& violations) {
  if (violations.violations().size() >= kMostViolations) return;
  if (type.FindValueByNumber(number) == nullptr) {
    violations.Add(path, "ENUM_UNKNOWN", "This value is not known to the service.");
  } else if (number == 0 && on_purpose) {
    violations.Add(path, "ENUM_UNSPECIFIED", "Choose one of the values, not the unspecified one.");
  }
}

void CheckTimestamp(const Message& timestamp, const std::string& path,
                    status::FieldViolations& violations) {
  const Descriptor& type = *timestamp.GetDescriptor();
  const Reflection& reflection = *timestamp.GetReflection();
  const int64_t seconds = reflection.GetInt64(timestamp, type.FindFieldByNumber(1));
  const int32_t nanos = reflection.GetInt32(timestamp, type.FindFieldByNumber(2));
  if (seconds < kFirstSecond || seconds > kLastSecond || nanos < 0 || nanos > 999999999) {
    violations.Add(path, "TIMESTAMP_INVALID", "A time lies in the years 1 to 9999.");
  }
}

void Walk(const Message& message, const std::string& prefix, status::FieldViolations& violations) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const bool is_enum = field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    if (!is_enum && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string path = Join(prefix, field->name());
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size && violations.violations().size() < kMostViolations; ++i) {
      const std::string place = field->is_repeated() ? absl::StrCat(path, "[", i, "]") : path;
      if (!is_enum) {
        const Message& part = field->is_repeated()
                                  ? reflection.GetRepeatedMessage(message, field, i)
                                  : reflection.GetMessage(message, field);
        if (field->message_type()->well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP) {
          CheckTimestamp(part, place, violations);
        } else {
          Walk(part, place, violations);
        }
      } else if (field->is_repeated()) {
        CheckEnum(*field->enum_type(), reflection.GetRepeatedEnumValue(message, field, i), true,
                  place, violations);
      } else {
        // The value of a map entry is part of what was sent, like a list element.
        CheckEnum(*field->enum_type(), reflection.GetEnumValue(message, field),
                  field->has_presence() || field->containing_type()->options().map_entry(), place,
                  violations);
      }
    }
  }
}

// What MalformedMarker found, if this is its message. A client may send such a field too; it is
// refused all the same, and only what looks like a field path is repeated to it.
std::optional<std::string> MarkedFault(const Message& request) {
  const auto& unknown = request.GetReflection()->GetUnknownFields(request);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() != kMarkerField) continue;
    if (field.type() != UnknownField::TYPE_LENGTH_DELIMITED) return "";
    const std::string& path = field.length_delimited();
    const bool plain =
        path.size() <= 200 && std::all_of(path.begin(), path.end(), [](char c) {
          return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.';
        });
    return plain ? path : "";
  }
  return std::nullopt;
}

bool IsMarkedTooLarge(const Message& request) {
  const auto& unknown = request.GetReflection()->GetUnknownFields(request);
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() == kMarkerField && field.type() == UnknownField::TYPE_VARINT) return true;
  }
  return false;
}

// The path of the first text field that is not UTF-8; empty when there is none before the bytes
// stop making sense.
std::string FindBadText(const Descriptor& type, google::protobuf::io::CodedInputStream& in,
                        const std::string& prefix, int depth) {
  while (const uint32_t tag = in.ReadTag()) {
    const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    const bool delimited =
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (field == nullptr || !delimited || field->type() == FieldDescriptor::TYPE_BYTES ||
        field->is_packed()) {
      if (!WireFormatLite::SkipField(&in, tag)) return "";
      continue;
    }
    std::string path = Join(prefix, field->name());
    uint32_t size = 0;
    if (!in.ReadVarint32(&size)) return "";
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      std::string text;
      if (!in.ReadString(&text, static_cast<int>(size))) return "";
      if (!google::protobuf::internal::IsStructurallyValidUTF8(text)) return path;
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && depth < 100) {
      const auto limit = in.PushLimit(static_cast<int>(size));
      std::string found = FindBadText(*field->message_type(), in, path, depth + 1);
      if (!found.empty()) return found;
      in.PopLimit(limit);
    } else if (!in.Skip(static_cast<int>(size))) {
      return "";
    }
  }
  return "";
}

}  // namespace

absl::Status CheckRequest(const Message& request) {
  status::FieldViolations violations;
  if (IsMarkedTooLarge(request)) {
    return status::InvalidArgument("REQUEST_TOO_LARGE",
                                   "The request is larger than this method takes.");
  }
  if (const std::optional<std::string> fault = MarkedFault(request); fault.has_value()) {
    if (fault->empty()) {
      return status::InvalidArgument("MALFORMED_REQUEST",
                                     "The bytes are not a request of this method.");
    }
    violations.Add(*fault, "NOT_UTF8", "Text must be UTF-8.");
    return violations.ToStatus();
  }
  Walk(request, "", violations);
  return violations.ToStatus();
}

std::string MalformedMarker(const Descriptor& type, absl::string_view bytes) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  google::protobuf::UnknownFieldSet marker;
  marker.AddLengthDelimited(kMarkerField, FindBadText(type, in, "", 0));
  std::string message;
  marker.SerializeToString(&message);
  return message;
}

std::string TooLargeMarker() {
  google::protobuf::UnknownFieldSet marker;
  marker.AddVarint(kMarkerField, 1);
  std::string message;
  marker.SerializeToString(&message);
  return message;
}

}  // namespace waymark::rpc
