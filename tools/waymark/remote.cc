#include "tools/waymark/remote.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/civil/civil.h"
#include "common/ids/ids.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "common/status/status_grpc.h"
#include "google/protobuf/unknown_field_set.h"
#include "tools/services/apis.h"
#include "waymark/casework/v1/local_time.pb.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::cli {
namespace {

namespace pb = google::protobuf;

// "waymark.bbv.v1.BbvService.GetCase" and "BbvService.GetCase" and "bbv.GetCase", in lower case.
std::vector<std::string> NamesOf(const pb::MethodDescriptor& method) {
  const std::string service = absl::AsciiStrToLower(method.service()->name());
  const std::string name = absl::AsciiStrToLower(method.name());
  return {absl::AsciiStrToLower(method.full_name()), absl::StrCat(service, ".", name),
          absl::StrCat(ServiceOf(method), ".", name)};
}

absl::Status BadJson(absl::string_view message) {
  return status::InvalidArgument("JSON_INVALID", message);
}

// Writes `text` into `json` at "a.b.0.c".
absl::Status SetPath(absl::string_view set, nlohmann::json& json) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(set, absl::MaxSplits('=', 1));
  if (parts.first.empty() || !absl::StrContains(set, '=')) {
    return BadJson(absl::StrCat("--set is written field.path=value, not '", set, "'."));
  }
  nlohmann::json* here = &json;
  for (absl::string_view key : absl::StrSplit(parts.first, '.')) {
    size_t index = 0;
    if (absl::SimpleAtoi(key, &index) && !here->is_object()) {
      if (here->is_null()) *here = nlohmann::json::array();
      if (!here->is_array() || index > here->size()) {
        return BadJson(
            absl::StrCat("--set ", parts.first, ": ", key, " is not a place in a list."));
      }
      if (index == here->size()) here->push_back(nullptr);
      here = &(*here)[index];
    } else {
      if (!here->is_null() && !here->is_object()) {
        return BadJson(absl::StrCat("--set ", parts.first, ": ", key, " is inside a plain value."));
      }
      here = &(*here)[std::string(key)];
    }
  }
  auto value = nlohmann::json::parse(parts.second.begin(), parts.second.end(), nullptr, false);
  // Long digits are identifiers or int64, which JSON spells as text.
  if (value.is_discarded() || value.is_number()) value = std::string(parts.second);
  *here = std::move(value);
  return absl::OkStatus();
}

// A date that a person wrote as "2026-02-02", "today" or "today-3d" (in London) instead of a
// CivilDate's three numbers.
absl::Status ResolveDate(absl::Time now, nlohmann::json& value) {
  const std::string text = value.get<std::string>();
  absl::CivilDay day;
  if (absl::StartsWith(text, "today")) {
    day = civil::DateOf(now, civil::London());
    if (text.size() > 5) {
      absl::Duration shift;
      if (text[5] == '-' || text[5] == '+') {
        ASSIGN_OR_RETURN(shift, ParseSpan(absl::string_view(text).substr(6)));
      }
      if (shift == absl::ZeroDuration() || shift % absl::Hours(24) != absl::ZeroDuration()) {
        return BadJson("A relative date is written today, today-3d or today+2w.");
      }
      day += (text[5] == '-' ? -1 : 1) * (shift / absl::Hours(24));
    }
  } else if (!absl::ParseCivilTime(text, &day)) {
    return BadJson("A date is written 2026-02-02, today, today-3d or today+2w.");
  }
  value = {{"year", day.year()}, {"month", day.month()}, {"day", day.day()}};
  return absl::OkStatus();
}

// What follows "now" in "now-40m" or "now+2h".
absl::StatusOr<absl::Duration> ShiftOf(absl::string_view text) {
  if (text.empty()) return absl::ZeroDuration();
  if (text[0] != '-' && text[0] != '+') {
    return BadJson("A relative time is written now, now-40m or now+2h.");
  }
  ASSIGN_OR_RETURN(const absl::Duration shift, ParseSpan(text.substr(1)));
  return text[0] == '-' ? -shift : shift;
}

// An instant that a person wrote as "now+40m" instead of RFC 3339.
absl::Status ResolveInstant(absl::Time now, nlohmann::json& value) {
  const std::string text = value.get<std::string>();
  if (!absl::StartsWith(text, "now")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Duration shift, ShiftOf(absl::string_view(text).substr(3)));
  value = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now + shift, absl::UTCTimeZone());
  return absl::OkStatus();
}

// Resolves every date and instant in `tree`, by the type of its field.
absl::Status ResolveDates(absl::Time now, const pb::Descriptor& type, nlohmann::json& tree) {
  if (!tree.is_object()) return absl::OkStatus();
  for (auto& [name, value] : tree.items()) {
    const pb::FieldDescriptor* field = type.FindFieldByName(name);
    if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
    if (field == nullptr || field->message_type() == nullptr) continue;
    const std::string& kind = field->message_type()->full_name();
    const auto resolve = [&](nlohmann::json& one) {
      if (!one.is_string()) return ResolveDates(now, *field->message_type(), one);
      if (kind == "waymark.casework.v1.CivilDate") return ResolveDate(now, one);
      if (kind == "google.protobuf.Timestamp") return ResolveInstant(now, one);
      return absl::OkStatus();
    };
    if (!value.is_array()) {
      RETURN_IF_ERROR(resolve(value));
      continue;
    }
    for (nlohmann::json& one : value) RETURN_IF_ERROR(resolve(one));
  }
  return absl::OkStatus();
}

absl::Status ResolveNow(absl::Time now, pb::Message& message) {
  const pb::Descriptor* type = message.GetDescriptor();
  const pb::Reflection* reflection = message.GetReflection();
  if (type->full_name() == "waymark.casework.v1.LocalTime") {
    const pb::FieldDescriptor* field = type->FindFieldByName("civil");
    const std::string civil = reflection->GetString(message, field);
    if (!absl::StartsWith(civil, "now")) return absl::OkStatus();
    ASSIGN_OR_RETURN(const absl::Duration shift, ShiftOf(absl::string_view(civil).substr(3)));
    const absl::TimeZone zone = civil::London();
    const absl::TimeZone::CivilInfo local = zone.At(now + shift);
    reflection->SetString(&message, field,
                          absl::FormatTime("%Y-%m-%dT%H:%M:%S", now + shift, zone));
    // Said aloud, so that the hour which the clock shows twice needs no question.
    reflection->SetInt32(&message, type->FindFieldByName("utc_offset_minutes"), local.offset / 60);
    return absl::OkStatus();
  }
  std::vector<const pb::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      RETURN_IF_ERROR(ResolveNow(now, *reflection->MutableMessage(&message, field)));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      RETURN_IF_ERROR(ResolveNow(now, *reflection->MutableRepeatedMessage(&message, field, i)));
    }
  }
  return absl::OkStatus();
}

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

}  // namespace

// What reflection brought; messages made from it live no longer than this.
struct Remote::Reflected {
  // Which service was asked, and so serves what was found.
  std::string service;
  pb::DescriptorPool pool;
  pb::DynamicMessageFactory factory;
};

Remote::Remote(Settings settings, Identity identity, absl::Duration timeout)
    : settings_(std::move(settings)), identity_(std::move(identity)), timeout_(timeout) {}

Remote::~Remote() = default;

std::vector<const pb::MethodDescriptor*> LinkedMethods() {
  std::vector<const pb::MethodDescriptor*> methods;
  for (const tools::Api& api : tools::Apis()) {
    for (int i = 0; i < api.descriptor->method_count(); ++i) {
      methods.push_back(api.descriptor->method(i));
    }
  }
  return methods;
}

absl::StatusOr<const pb::MethodDescriptor*> FindLinkedMethod(absl::string_view name) {
  std::string wanted = absl::AsciiStrToLower(name);
  std::replace(wanted.begin(), wanted.end(), '/', '.');
  std::vector<std::string> near;
  const std::string last = wanted.substr(wanted.rfind('.') + 1);
  for (const pb::MethodDescriptor* method : LinkedMethods()) {
    for (const std::string& known : NamesOf(*method)) {
      if (known == wanted) return method;
    }
    const std::string plain = absl::AsciiStrToLower(method->name());
    if (absl::StrContains(plain, last) || absl::StrContains(last, plain)) {
      near.push_back(absl::StrCat(method->service()->name(), ".", method->name()));
    }
  }
  return status::NotFound(
      "METHOD_UNKNOWN",
      absl::StrCat("No method is called '", name, "'.",
                   near.empty() ? " `waymark call --list` shows them all."
                                : absl::StrCat(" Did you mean ", absl::StrJoin(near, ", "), "?")));
}

std::string ServiceOf(const pb::MethodDescriptor& method) {
  const std::vector<std::string> parts = absl::StrSplit(method.file()->package(), '.');
  return parts.size() > 1 ? parts[1] : parts[0];
}

std::vector<std::string> Pathways() {
  std::vector<std::string> names;
  for (const pb::MethodDescriptor* method : LinkedMethods()) {
    if (method->name() == "GetCase") names.push_back(ServiceOf(*method));
  }
  return names;
}

absl::StatusOr<std::vector<const pb::MethodDescriptor*>> FindOpenings(absl::string_view pathway,
                                                                      absl::string_view name) {
  // Every opening answers with a receipt for each case (services/README.md), and nothing else does.
  const auto opens = [](const pb::MethodDescriptor& method) {
    return method.output_type()->FindFieldByName("receipts") != nullptr;
  };
  std::vector<const pb::MethodDescriptor*> openings;
  for (const pb::MethodDescriptor* method : LinkedMethods()) {
    if (ServiceOf(*method) == pathway && opens(*method)) openings.push_back(method);
  }
  if (name.empty() && !openings.empty()) return openings;
  ASSIGN_OR_RETURN(const pb::MethodDescriptor* method,
                   FindLinkedMethod(absl::StrCat(pathway, ".", name)));
  if (!opens(*method)) {
    return status::InvalidArgument("NOT_AN_OPENING",
                                   absl::StrCat(method->name(), " opens no case."));
  }
  return std::vector<const pb::MethodDescriptor*>{method};
}

absl::Status FillMessage(absl::string_view json, const std::vector<std::string>& sets,
                         absl::Time now, pb::Message& message) {
  nlohmann::json tree = nlohmann::json::object();
  if (!absl::StripAsciiWhitespace(json).empty()) {
    try {
      tree =
          nlohmann::json::parse(json.begin(), json.end(), nullptr, true, /*ignore_comments=*/true);
    } catch (const nlohmann::json::parse_error& error) {
      return BadJson(error.what());
    }
  }
  for (const std::string& set : sets) RETURN_IF_ERROR(SetPath(set, tree));
  RETURN_IF_ERROR(ResolveDates(now, *message.GetDescriptor(), tree));
  const pb::FieldDescriptor* id = message.GetDescriptor()->FindFieldByName("request_id");
  if (id != nullptr && tree.is_object() && !tree.contains("request_id") &&
      !tree.contains("requestId")) {
    tree["request_id"] = ids::NewUuid();
  }
  std::string text;
  try {
    text = tree.dump();
  } catch (const nlohmann::json::exception&) {
    return BadJson("The JSON is not UTF-8.");
  }
  const auto parsed = pb::util::JsonStringToMessage(text, &message);
  if (!parsed.ok()) return BadJson(std::string(parsed.message()));
  return ResolveNow(now, message);
}

std::string ToJson(const pb::Message& message) {
  pb::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!pb::util::MessageToJsonString(message, &json, options).ok()) return message.DebugString();
  return json;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Remote::ChannelTo(absl::string_view service) {
  std::shared_ptr<grpc::Channel>& channel = channels_[std::string(service)];
  if (channel != nullptr) return channel;
  const auto found = settings_.services.find(std::string(service));
  if (found == settings_.services.end()) {
    return status::NotFound(
        "SERVICE_UNKNOWN", absl::StrCat("The configuration names no address for '", service, "'."));
  }
  channel = rpc::Connect({.target = found->second,
                          .certificates = settings_.certificates,
                          .peer = std::string(service)});
  return channel;
}

absl::StatusOr<std::string> Remote::Token(const pb::MethodDescriptor& method) const {
  Identity identity = identity_;
  if (identity.roles.empty()) {
    // A reflected method's options are unknown here, and so is its rule.
    const options::v1::Rule& rule = method.options().GetExtension(options::v1::rule);
    options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
    for (const options::v1::Grant& grant : rule.grants()) {
      for (int named : grant.roles()) {
        if (role == options::v1::ROLE_UNSPECIFIED || named == options::v1::ROLE_OH_NURSE) {
          role = static_cast<options::v1::Role>(named);
        }
      }
    }
    if (role == options::v1::ROLE_UNSPECIFIED) role = options::v1::ROLE_OH_NURSE;
    identity.roles.emplace_back(absl::StripPrefix(options::v1::Role_Name(role), "ROLE_"));
  }
  if (identity.user.empty()) {
    identity.user = absl::StrCat("demo-", absl::AsciiStrToLower(identity.roles.front()));
    std::replace(identity.user.begin(), identity.user.end(), '_', '-');
  }
  // A stream ends with its token.
  return TokenFor(settings_, identity, std::max(absl::Minutes(15), timeout_));
}

// A unary call is a stream of one, so one way of calling serves both.
absl::Status Remote::Exchange(absl::string_view service, const std::string& path,
                              const std::string& token, absl::Duration timeout,
                              const std::string& request,
                              absl::FunctionRef<bool(std::string)> each) {
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, ChannelTo(service));
  const std::unique_ptr<grpc::ClientContext> context =
      rpc::MakeContext({.deadline = absl::Now() + timeout, .token = token});
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(context.get(), path, &queue);
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  void* const tag = this;
  call->StartCall(tag);
  bool going = wait();
  if (going) {
    call->WriteLast(Bytes(request), grpc::WriteOptions(), tag);
    going = wait();
  }
  while (going) {
    grpc::ByteBuffer buffer;
    call->Read(&buffer, tag);
    going = wait();
    if (going && !each(Text(buffer))) {
      context->TryCancel();
      break;
    }
  }
  const bool stopped = going;
  grpc::Status finished;
  call->Finish(&finished, tag);
  wait();
  queue.Shutdown();
  if (stopped) return absl::OkStatus();
  return status::FromGrpc(finished);
}

// grpc.reflection.v1alpha, by its field numbers: host 1, file_containing_symbol 4 in the request;
// file_descriptor_response 4 { file_descriptor_proto 1 } in the answer. Its proto is not compiled
// in because a program that also links the reflection library would then not start.
absl::Status Remote::Reflect(absl::string_view service, absl::string_view symbol) {
  if (reflected_ == nullptr) reflected_ = std::make_unique<Reflected>();
  reflected_->service = std::string(service);
  pb::UnknownFieldSet question;
  question.AddLengthDelimited(4)->assign(symbol.data(), symbol.size());
  std::string request;
  question.SerializeToString(&request);
  std::vector<pb::FileDescriptorProto> files;
  RETURN_IF_ERROR(Exchange(service,
                           "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "",
                           timeout_, request, [&files](const std::string& bytes) {
                             pb::UnknownFieldSet answer;
                             if (!answer.ParseFromString(bytes)) return true;
                             for (int i = 0; i < answer.field_count(); ++i) {
                               if (answer.field(i).number() != 4) continue;
                               pb::UnknownFieldSet list;
                               if (!list.ParseFromString(answer.field(i).length_delimited()))
                                 continue;
                               for (int j = 0; j < list.field_count(); ++j) {
                                 if (list.field(j).number() != 1) continue;
                                 files.emplace_back();
                                 files.back().ParseFromString(list.field(j).length_delimited());
                               }
                             }
                             return true;
                           }));
  // Dependencies may come in any order: go round until nothing more can be added.
  for (bool added = true; added;) {
    added = false;
    for (const pb::FileDescriptorProto& file : files) {
      if (reflected_->pool.FindFileByName(file.name()) != nullptr) continue;
      const bool ready = std::all_of(file.dependency().begin(), file.dependency().end(),
                                     [this](const std::string& name) {
                                       return reflected_->pool.FindFileByName(name) != nullptr;
                                     });
      added |= ready && reflected_->pool.BuildFile(file) != nullptr;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const pb::MethodDescriptor*> Remote::FindMethod(absl::string_view name,
                                                               absl::string_view service) {
  auto linked = FindLinkedMethod(name);
  if (linked.ok() || service.empty()) return linked;
  std::string full(name);
  std::replace(full.begin(), full.end(), '/', '.');
  const size_t dot = full.rfind('.');
  if (dot == std::string::npos) return linked;
  RETURN_IF_ERROR(Reflect(service, full.substr(0, dot)));
  const pb::MethodDescriptor* method = reflected_->pool.FindMethodByName(full);
  if (method == nullptr) return linked;
  return method;
}

std::unique_ptr<pb::Message> Remote::NewRequest(const pb::MethodDescriptor& method) {
  pb::MessageFactory* factory = pb::MessageFactory::generated_factory();
  if (reflected_ != nullptr && method.file()->pool() == &reflected_->pool) {
    factory = &reflected_->factory;
  }
  return std::unique_ptr<pb::Message>(factory->GetPrototype(method.input_type())->New());
}

absl::StatusOr<std::unique_ptr<pb::Message>> Remote::Call(const pb::MethodDescriptor& method,
                                                          const pb::Message& request) {
  std::unique_ptr<pb::Message> answer;
  RETURN_IF_ERROR(Stream(method, request, [&answer](const pb::Message& message) {
    answer.reset(message.New());
    answer->CopyFrom(message);
    return true;
  }));
  if (answer == nullptr) return status::Internal("NO_ANSWER", "The service answered nothing.");
  return answer;
}

absl::StatusOr<Remote::Line> Remote::LineTo(const pb::MethodDescriptor& method) {
  Line line;
  ASSIGN_OR_RETURN(line.channel, ChannelTo(ServiceOf(method)));
  ASSIGN_OR_RETURN(line.token, Token(method));
  return line;
}

absl::Status Remote::Stream(const pb::MethodDescriptor& method, const pb::Message& request,
                            absl::FunctionRef<bool(const pb::Message&)> each) {
  ASSIGN_OR_RETURN(const std::string token, Token(method));
  pb::MessageFactory* factory = pb::MessageFactory::generated_factory();
  std::string service = ServiceOf(method);
  if (reflected_ != nullptr && method.file()->pool() == &reflected_->pool) {
    factory = &reflected_->factory;
    service = reflected_->service;
  }
  const std::unique_ptr<pb::Message> answer(factory->GetPrototype(method.output_type())->New());
  bool broken = false;
  RETURN_IF_ERROR(
      Exchange(service, absl::StrCat("/", method.service()->full_name(), "/", method.name()), token,
               timeout_, request.SerializeAsString(), [&](const std::string& bytes) {
                 broken = !answer->ParseFromString(bytes);
                 return !broken && each(*answer);
               }));
  if (broken) {
    return status::Internal("ANSWER_UNREADABLE",
                            "The answer does not fit this program; is its version too old?");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Remote::Health(absl::string_view service) {
  std::string state = "UNKNOWN";
  RETURN_IF_ERROR(Exchange(service, "/grpc.health.v1.Health/Check", "",
                           std::min(timeout_, absl::Seconds(3)), "",
                           [&state](const std::string& bytes) {
                             pb::UnknownFieldSet answer;
                             if (answer.ParseFromString(bytes) && answer.field_count() == 1) {
                               state = answer.field(0).varint() == 1 ? "SERVING" : "NOT_SERVING";
                             }
                             return true;
                           }));
  return state;
}

}  // namespace waymark::cli
