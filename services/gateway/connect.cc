#include "services/gateway/connect.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"
#include "services/gateway/http_head.h"

namespace waymark::gateway {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::json;

constexpr size_t kEnvelopeHead = 5;

std::unique_ptr<pb::Message> NewMessage(const pb::Descriptor& type) {
  const pb::Message* prototype = pb::MessageFactory::generated_factory()->GetPrototype(&type);
  return std::unique_ptr<pb::Message>(prototype->New());
}

std::string Base64NoPadding(absl::string_view bytes) {
  std::string text = crypto::Base64(bytes);
  while (absl::EndsWith(text, "=")) text.pop_back();
  return text;
}

Json ErrorObject(const absl::Status& status) {
  Json error = {{"code", std::string(CodeName(status.code()))}};
  if (!status.message().empty()) error["message"] = std::string(status.message());
  Json details = Json::array();
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    const std::string type(url.substr(url.rfind('/') + 1));
    const std::string bytes(payload);
    Json detail = {{"type", type}, {"value", Base64NoPadding(bytes)}};
    if (const pb::Descriptor* descriptor =
            pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type)) {
      // For people with curl; programs read the value.
      if (const auto debug = BinaryToJson(*descriptor, bytes); debug.ok()) {
        detail["debug"] = Json::parse(*debug, nullptr, /*allow_exceptions=*/false);
      }
    }
    details.push_back(std::move(detail));
  });
  if (!details.empty()) error["details"] = std::move(details);
  return error;
}

std::string Dump(const Json& json) {
  return absl::StrReplaceAll(json.dump(-1, ' ', false, Json::error_handler_t::replace),
                             {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}});
}

// "(parts[0].shade): invalid value ..." without what was sent; empty when it names no field.
std::string PlaceIn(absl::string_view message) {
  if (!absl::StartsWith(message, "(")) return "";
  const absl::string_view place = message.substr(1, message.find(')') - 1);
  const bool plain = place.size() <= 200 && std::all_of(place.begin(), place.end(), [](char c) {
                       return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
                              c == '.' || c == '[' || c == ']';
                     });
  return plain ? std::string(place) : "";
}

}  // namespace

std::optional<ContentType> ParseContentType(absl::string_view header) {
  const std::vector<absl::string_view> parts = absl::StrSplit(header, ';');
  const std::string type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  for (size_t i = 1; i < parts.size(); ++i) {
    // The one parameter that is sent in practice.
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[i]), "charset=utf-8")) {
      return std::nullopt;
    }
  }
  if (type == "application/json") return ContentType{Codec::kJson, false};
  if (type == "application/proto") return ContentType{Codec::kProto, false};
  if (type == "application/connect+json") return ContentType{Codec::kJson, true};
  if (type == "application/connect+proto") return ContentType{Codec::kProto, true};
  return std::nullopt;
}

absl::string_view ContentTypeName(const ContentType& type) {
  if (type.codec == Codec::kJson) {
    return type.stream ? "application/connect+json" : "application/json";
  }
  return type.stream ? "application/connect+proto" : "application/proto";
}

absl::string_view CodeName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return "ok";
    case absl::StatusCode::kCancelled:
      return "canceled";
    case absl::StatusCode::kInvalidArgument:
      return "invalid_argument";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case absl::StatusCode::kNotFound:
      return "not_found";
    case absl::StatusCode::kAlreadyExists:
      return "already_exists";
    case absl::StatusCode::kPermissionDenied:
      return "permission_denied";
    case absl::StatusCode::kResourceExhausted:
      return "resource_exhausted";
    case absl::StatusCode::kFailedPrecondition:
      return "failed_precondition";
    case absl::StatusCode::kAborted:
      return "aborted";
    case absl::StatusCode::kOutOfRange:
      return "out_of_range";
    case absl::StatusCode::kUnimplemented:
      return "unimplemented";
    case absl::StatusCode::kInternal:
      return "internal";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kDataLoss:
      return "data_loss";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    default:
      return "unknown";
  }
}

int HttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string ErrorJson(const absl::Status& status) { return Dump(ErrorObject(status)); }

std::string EndOfStreamJson(const absl::Status& status) {
  if (status.ok()) return "{}";
  return Dump(Json{{"error", ErrorObject(status)}});
}

std::string Envelope(unsigned char flags, absl::string_view bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string envelope;
  envelope.reserve(kEnvelopeHead + bytes.size());
  envelope.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) {
    envelope.push_back(static_cast<char>((size >> shift) & 0xff));
  }
  envelope.append(bytes.data(), bytes.size());
  return envelope;
}

absl::StatusOr<std::string> OpenEnvelope(absl::string_view body) {
  const auto broken = [] {
    return status::InvalidArgument("ENVELOPE_BROKEN",
                                   "The body of a stream's request is one enveloped message.");
  };
  if (body.size() < kEnvelopeHead) return broken();
  if (body[0] == 1) {
    return status::Unimplemented("COMPRESSION_UNSUPPORTED", "Send messages uncompressed.");
  }
  uint32_t size = 0;
  for (size_t i = 1; i < kEnvelopeHead; ++i) {
    size = (size << 8) | static_cast<unsigned char>(body[i]);
  }
  if (body[0] != 0 || size != body.size() - kEnvelopeHead) return broken();
  return std::string(body.substr(kEnvelopeHead));
}

std::optional<absl::Duration> ParseTimeout(absl::string_view header) {
  if (header.empty()) return absl::InfiniteDuration();
  int64_t milliseconds = 0;
  const bool digits = header.size() <= 10 && std::all_of(header.begin(), header.end(), [](char c) {
                        return c >= '0' && c <= '9';
                      });
  if (!digits || !absl::SimpleAtoi(header, &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

absl::StatusOr<GetRequest> ParseGet(absl::string_view query) {
  const auto fields = ParseQuery(query);
  if (!fields.has_value()) {
    return status::InvalidArgument("QUERY_INVALID", "The query cannot be read.");
  }
  GetRequest request;
  bool base64 = false;
  bool has_message = false;
  bool has_encoding = false;
  for (const auto& [name, value] : *fields) {
    if (name == "connect") {
      if (value != "v1") {
        return status::InvalidArgument("QUERY_INVALID", "Only connect=v1 is spoken here.");
      }
    } else if (name == "encoding") {
      if (value != "json" && value != "proto") {
        return status::InvalidArgument("QUERY_INVALID", "The encoding is json or proto.");
      }
      request.codec = value == "json" ? Codec::kJson : Codec::kProto;
      has_encoding = true;
    } else if (name == "base64") {
      base64 = value == "1";
    } else if (name == "message") {
      request.message = value;
      has_message = true;
    } else if (name == "compression") {
      if (!value.empty() && value != "identity") {
        return status::Unimplemented("COMPRESSION_UNSUPPORTED", "Send messages uncompressed.");
      }
    } else {
      return status::InvalidArgument("QUERY_INVALID", "The query holds an unknown field.");
    }
  }
  if (!has_message || !has_encoding) {
    return status::InvalidArgument("QUERY_INVALID", "The query names encoding and message.");
  }
  if (base64) {
    std::string text = request.message;
    while (absl::EndsWith(text, "=")) text.pop_back();
    const std::optional<std::string> bytes = crypto::FromBase64Url(text);
    if (!bytes.has_value()) {
      return status::InvalidArgument("QUERY_INVALID", "The message is not base64url.");
    }
    request.message = *bytes;
  }
  return request;
}

absl::StatusOr<std::string> JsonToBinary(const pb::Descriptor& type, absl::string_view json) {
  const std::unique_ptr<pb::Message> message = NewMessage(type);
  const auto parsed = pb::util::JsonStringToMessage(
      pb::StringPiece(json.data(),
                      static_cast<pb::stringpiece_internal::StringPiece::size_type>(json.size())),
      message.get());
  if (!parsed.ok()) {
    const std::string place =
        PlaceIn(absl::string_view(parsed.message().data(), parsed.message().size()));
    return status::InvalidArgument(
        "JSON_INVALID", absl::StrCat("The body is not ", type.name(), " as JSON",
                                     place.empty() ? "" : absl::StrCat("; look at ", place), "."));
  }
  std::string binary;
  if (!message->SerializeToString(&binary)) {
    return status::InvalidArgument("JSON_INVALID", "The body holds text that is not UTF-8.");
  }
  return binary;
}

absl::StatusOr<std::string> BinaryToJson(const pb::Descriptor& type, absl::string_view binary) {
  const std::unique_ptr<pb::Message> message = NewMessage(type);
  std::string json;
  if (!message->ParseFromArray(binary.data(), static_cast<int>(binary.size())) ||
      !pb::util::MessageToJsonString(*message, &json).ok()) {
    return status::Internal("RESPONSE_UNREADABLE", "The service's answer could not be read.");
  }
  return json;
}

}  // namespace waymark::gateway
