#include "services/workforce/feed/scim.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/workforce/feed/scim_filter.h"
#include "services/workforce/feed/scim_patch.h"
#include "services/workforce/feed/scim_user.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;

constexpr char kMedia[] = "application/scim+json";
constexpr char kList[] = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
constexpr char kError[] = "urn:ietf:params:scim:api:messages:2.0:Error";
constexpr char kBulkResponse[] = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
constexpr char kCoreSchema[] = "urn:ietf:params:scim:schemas:core:2.0:";

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

ScimResponse Answer(int code, const json& body) {
  return {code, {{"content-type", kMedia}}, Dump(body)};
}

ScimResponse Refuse(int code, absl::string_view scim_type, absl::string_view detail) {
  json body = {
      {"schemas", {kError}}, {"status", absl::StrCat(code)}, {"detail", std::string(detail)}};
  if (!scim_type.empty()) body["scimType"] = std::string(scim_type);
  return Answer(code, body);
}

ScimResponse RefuseWith(const absl::Status& status) {
  static const auto& types = *new std::map<std::string, const char*>{
      {"SCIM_INVALID_FILTER", "invalidFilter"}, {"SCIM_INVALID_PATH", "invalidPath"},
      {"SCIM_INVALID_VALUE", "invalidValue"},   {"SCIM_INVALID_SYNTAX", "invalidSyntax"},
      {"SCIM_NO_TARGET", "noTarget"},           {"SCIM_MUTABILITY", "mutability"}};
  const auto type = types.find(status::Reason(status));
  const std::string detail(status.message());
  if (status::Reason(status) == "SCIM_BRAKE") {
    ScimResponse brake = Refuse(403, "", detail);
    brake.refuses_all = true;
    return brake;
  }
  if (type != types.end()) return Refuse(400, type->second, detail);
  if (absl::IsAlreadyExists(status)) return Refuse(409, "uniqueness", detail);
  if (absl::IsInvalidArgument(status)) return Refuse(400, "invalidValue", detail);
  if (absl::IsPermissionDenied(status)) return Refuse(403, "", detail);
  if (absl::IsFailedPrecondition(status)) return Refuse(409, "", detail);
  if (absl::IsUnavailable(status)) return Refuse(503, "", detail);
  return Refuse(500, "", "The request could not be carried out.");
}

std::optional<std::string> Decode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      int byte = 0;
      if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2])) ||
          !absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
        return std::nullopt;
      }
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    }
  }
  return decoded;
}

// What a list is asked for, by query or by POST to .search.
struct Question {
  std::string filter;
  std::string sort_by;
  bool descending = false;
  int64_t start = 1;
  int64_t count = 100;
  std::vector<std::string> attributes;
  std::vector<std::string> excluded;
};

std::vector<std::string> Names(absl::string_view text) {
  std::vector<std::string> names;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const absl::string_view name = absl::StripAsciiWhitespace(part);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

absl::Status BadQuery() {
  return status::InvalidArgument("SCIM_INVALID_VALUE", "The query cannot be read.");
}

absl::StatusOr<Question> QuestionOf(absl::string_view query) {
  Question question;
  for (const absl::string_view part : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const std::optional<std::string> name = Decode(pair.first), value = Decode(pair.second);
    if (!name || !value) return BadQuery();
    if (absl::EqualsIgnoreCase(*name, "filter")) question.filter = *value;
    if (absl::EqualsIgnoreCase(*name, "sortBy")) question.sort_by = *value;
    if (absl::EqualsIgnoreCase(*name, "sortOrder")) {
      question.descending = absl::EqualsIgnoreCase(*value, "descending");
    }
    if (absl::EqualsIgnoreCase(*name, "attributes")) question.attributes = Names(*value);
    if (absl::EqualsIgnoreCase(*name, "excludedAttributes")) question.excluded = Names(*value);
    if (absl::EqualsIgnoreCase(*name, "startIndex") && !absl::SimpleAtoi(*value, &question.start)) {
      return BadQuery();
    }
    if (absl::EqualsIgnoreCase(*name, "count") && !absl::SimpleAtoi(*value, &question.count)) {
      return BadQuery();
    }
  }
  return question;
}

absl::StatusOr<Question> QuestionIn(const json& body) {
  Question question;
  const auto names = [](const json* list, std::vector<std::string>& into) {
    if (list == nullptr || !list->is_array()) return;
    for (const json& name : *list) {
      if (name.is_string()) into.push_back(name.get<std::string>());
    }
  };
  std::string order;
  for (const auto& [name, into] : {std::pair<const char*, std::string*>{"filter", &question.filter},
                                   {"sortBy", &question.sort_by},
                                   {"sortOrder", &order}}) {
    const json* text = FindMember(body, name);
    if (text == nullptr) continue;
    if (!text->is_string()) return BadQuery();
    *into = text->get<std::string>();
  }
  question.descending = absl::EqualsIgnoreCase(order, "descending");
  for (const auto& [name, into] : {std::pair<const char*, int64_t*>{"startIndex", &question.start},
                                   {"count", &question.count}}) {
    const json* number = FindMember(body, name);
    if (number == nullptr) continue;
    if (!number->is_number_integer()) return BadQuery();
    *into = number->get<int64_t>();
  }
  names(FindMember(body, "attributes"), question.attributes);
  names(FindMember(body, "excludedAttributes"), question.excluded);
  return question;
}

std::string ETag(int64_t version) { return absl::StrCat("W/\"", version, "\""); }

// True when one of the listed tags is the version's, weak or strong.
bool Covers(absl::string_view header, int64_t version) {
  for (const absl::string_view part : absl::StrSplit(header, ',')) {
    const absl::string_view tag = absl::StripAsciiWhitespace(part);
    if (tag == "*" || absl::StripPrefix(tag, "W/") == absl::StripPrefix(ETag(version), "W/")) {
      return true;
    }
  }
  return false;
}

class Scim {
 public:
  Scim(const ScimContext& context, ScimUsers& users) : context_(context), users_(users) {}

  ScimResponse Handle(const ScimRequest& request) {
    if (request.body.size() > kBiggestScimPayload) {
      return Refuse(413, "", "The body is larger than maxPayloadSize.");
    }
    const std::vector<std::string> parts = absl::StrSplit(request.path, '/', absl::SkipEmpty());
    const std::string first = parts.empty() ? "" : parts[0];
    if (first == "ServiceProviderConfig" || first == "ResourceTypes" || first == "Schemas") {
      if (request.method != "GET") return Refuse(405, "", "Only GET is served here.");
      if (absl::StrContains(absl::AsciiStrToLower(request.query), "filter=")) {
        return Refuse(403, "", "What is discovered cannot be filtered.");
      }
      return Discover(parts);
    }
    if (first == "Me") return Refuse(501, "", "/Me is not served.");
    if (first == "Groups") {
      return Refuse(501, "", "Groups are not served: site, role and manager come with the user.");
    }
    if (first == "Bulk" && parts.size() == 1) {
      return request.method == "POST" ? Bulk(request)
                                      : Refuse(405, "", "Only POST is served here.");
    }
    if (parts.size() == 1 && first == ".search") return Search(request);
    if (first != "Users" || parts.size() > 2) return Refuse(404, "", "There is no such endpoint.");
    if (parts.size() == 1) {
      if (request.method == "GET") return List(QuestionOf(request.query));
      if (request.method == "POST") return Create(request);
      return Refuse(405, "", "Only GET and POST are served here.");
    }
    if (parts[1] == ".search") return Search(request);
    if (request.method == "GET") return Get(request, parts[1]);
    if (request.method == "PUT") return Replace(request, parts[1]);
    if (request.method == "PATCH") return Patch(request, parts[1]);
    if (request.method == "DELETE") return Delete(request, parts[1]);
    return Refuse(405, "", "Only GET, PUT, PATCH and DELETE are served here.");
  }

 private:
  // ---- Discovery

  json MetaOf(absl::string_view type, absl::string_view path) const {
    return {{"resourceType", std::string(type)},
            {"location", absl::StrCat(context_.base_url, path)}};
  }

  static json AttributesOf(const std::vector<ScimAttribute>& attributes) {
    json list = json::array();
    for (const ScimAttribute& attribute : attributes) {
      static constexpr const char* kTypes[] = {"string", "boolean", "decimal", "string", "complex"};
      const bool user_name = attribute.name == "userName";
      json one = {{"name", std::string(attribute.name)},
                  {"type", kTypes[static_cast<int>(attribute.kind)]},
                  {"multiValued", attribute.multi},
                  {"description", std::string(attribute.about)},
                  {"required", user_name},
                  {"caseExact", attribute.name == "externalId"},
                  {"mutability", "readWrite"},
                  {"returned", "default"},
                  {"uniqueness", user_name ? "server" : "none"}};
      if (!attribute.subs.empty()) one["subAttributes"] = AttributesOf(attribute.subs);
      list.push_back(std::move(one));
    }
    return list;
  }

  json SchemaOf(absl::string_view urn) const {
    std::vector<ScimAttribute> attributes = *ScimAttributesOf(urn);
    // A common attribute: it belongs to every resource and to no schema (RFC 7643 section 3.1).
    attributes.erase(
        std::remove_if(attributes.begin(), attributes.end(),
                       [](const ScimAttribute& one) { return one.name == "externalId"; }),
        attributes.end());
    return {{"schemas", {absl::StrCat(kCoreSchema, "Schema")}},
            {"id", std::string(urn)},
            {"name", urn == kScimUser     ? "User"
                     : urn == kScimPolice ? "PoliceUser"
                                          : "EnterpriseUser"},
            {"description", "What is kept of a user."},
            {"attributes", AttributesOf(attributes)},
            {"meta", MetaOf("Schema", absl::StrCat("/Schemas/", urn))}};
  }

  json UserType() const {
    return {{"schemas", {absl::StrCat(kCoreSchema, "ResourceType")}},
            {"id", "User"},
            {"name", "User"},
            {"endpoint", "/Users"},
            {"description", "Somebody who works for the force."},
            {"schema", std::string(kScimUser)},
            {"schemaExtensions",
             {{{"schema", std::string(kScimEnterprise)}, {"required", false}},
              {{"schema", std::string(kScimPolice)}, {"required", true}}}},
            {"meta", MetaOf("ResourceType", "/ResourceTypes/User")}};
  }

  ScimResponse Discover(const std::vector<std::string>& parts) const {
    if (parts[0] == "ServiceProviderConfig" && parts.size() == 1) {
      return Answer(200, {{"schemas", {absl::StrCat(kCoreSchema, "ServiceProviderConfig")}},
                          {"patch", {{"supported", true}}},
                          {"bulk",
                           {{"supported", true},
                            {"maxOperations", kMostScimOperations},
                            {"maxPayloadSize", kBiggestScimPayload}}},
                          {"filter", {{"supported", true}, {"maxResults", kMostScimResults}}},
                          {"changePassword", {{"supported", false}}},
                          {"sort", {{"supported", true}}},
                          {"etag", {{"supported", true}}},
                          {"authenticationSchemes",
                           {{{"type", "oauthbearertoken"},
                             {"name", "OAuth bearer token"},
                             {"description", "A token of the force's identity provider."}}}},
                          {"meta", MetaOf("ServiceProviderConfig", "/ServiceProviderConfig")}});
    }
    std::vector<json> all;
    if (parts[0] == "ResourceTypes") {
      all = {UserType()};
    } else if (parts[0] == "Schemas") {
      for (const absl::string_view urn : {kScimUser, kScimEnterprise, kScimPolice}) {
        all.push_back(SchemaOf(urn));
      }
    }
    if (parts.size() == 1 && !all.empty()) return ListOf(all, static_cast<int64_t>(all.size()), 1);
    for (const json& one : all) {
      if (parts.size() == 2 && absl::EqualsIgnoreCase(one["id"].get<std::string>(), parts[1])) {
        return Answer(200, one);
      }
    }
    return Refuse(404, "", "There is no such schema or type.");
  }

  static ScimResponse ListOf(const std::vector<json>& resources, int64_t total, int64_t start) {
    json body = {{"schemas", {kList}},
                 {"totalResults", total},
                 {"itemsPerPage", resources.size()},
                 {"startIndex", start}};
    if (!resources.empty()) body["Resources"] = resources;
    return Answer(200, body);
  }

  // ---- One user

  std::string LocationOf(absl::string_view id) const {
    return absl::StrCat(context_.base_url, "/Users/", id);
  }

  json ResourceOf(const ScimRecord& record) const {
    json user = json::parse(record.shown.empty() ? record.resource : record.shown, nullptr, false);
    if (!user.is_object()) user = json::object();
    user["id"] = record.id;
    const auto instant = [](absl::Time time) {
      return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
    };
    user["meta"] = {{"resourceType", "User"},
                    {"created", instant(record.created)},
                    {"lastModified", instant(record.changed)},
                    {"location", LocationOf(record.id)},
                    {"version", ETag(record.version)}};
    return user;
  }

  // With the attributes that are asked for; id, schemas and meta always stay.
  static json Project(json user, const Question& question) {
    const auto named = [](const std::vector<std::string>& names, absl::string_view name) {
      return std::any_of(names.begin(), names.end(), [name](const std::string& one) {
        // "name.familyName" and "urn:...:User:manager" ask for what they are part of.
        return absl::EqualsIgnoreCase(one, name) ||
               absl::StartsWithIgnoreCase(one, absl::StrCat(name, ".")) ||
               absl::StartsWithIgnoreCase(one, absl::StrCat(name, ":"));
      });
    };
    const auto whole = [](const std::vector<std::string>& names, absl::string_view name) {
      return std::any_of(names.begin(), names.end(), [name](const std::string& one) {
        return absl::EqualsIgnoreCase(one, name);
      });
    };
    json kept = json::object();
    for (auto it = user.begin(); it != user.end(); ++it) {
      const bool always = it.key() == "id" || it.key() == "schemas";
      if (!always && !question.attributes.empty() && !named(question.attributes, it.key()))
        continue;
      if (!always && whole(question.excluded, it.key())) continue;
      kept[it.key()] = it.value();
    }
    return kept;
  }

  ScimResponse AnswerUser(int code, const ScimRecord& record, const Question& question = {}) const {
    ScimResponse response = Answer(code, Project(ResourceOf(record), question));
    response.headers["etag"] = ETag(record.version);
    response.headers["location"] = LocationOf(record.id);
    response.shown = {record.id};
    return response;
  }

  static ScimResponse NoUser() { return Refuse(404, "", "There is no such user."); }

  ScimResponse Get(const ScimRequest& request, absl::string_view id) {
    const auto question = QuestionOf(request.query);
    if (!question.ok()) return RefuseWith(question.status());
    const auto record = users_.Get(id);
    if (!record.ok()) return RefuseWith(record.status());
    if (!*record) return NoUser();
    const auto match = request.headers.find("if-none-match");
    if (match != request.headers.end() && Covers(match->second, (*record)->version)) {
      return {304, {{"etag", ETag((*record)->version)}}, ""};
    }
    return AnswerUser(200, **record, *question);
  }

  // Stores what `user` says under `record`'s id. The record is as it stands after it.
  absl::Status Store(const json& user, ScimRecord& record) {
    ASSIGN_OR_RETURN(const json kept, NormaliseScimUser(user));
    ASSIGN_OR_RETURN(const v1::FeedPerson person,
                     ToFeedPerson(kept, record.id, context_.force, context_.today));
    ASSIGN_OR_RETURN(const std::string holder,
                     users_.HolderOf(kept["userName"].get_ref<const std::string&>()));
    if (!holder.empty() && holder != record.id) {
      return status::AlreadyExists("SCIM_UNIQUENESS", "There is a user of this userName.");
    }
    std::string resource = Dump(kept);
    // An identity system sends the same again and again.
    if (record.version > 0 && resource == record.resource) return absl::OkStatus();
    record.resource = std::move(resource);
    ASSIGN_OR_RETURN(record, users_.Put(record, person));
    return absl::OkStatus();
  }

  ScimResponse Create(const ScimRequest& request) {
    const json user = json::parse(request.body, nullptr, false);
    if (!user.is_object()) return Refuse(400, "invalidSyntax", "The body is no JSON object.");
    const json* active = FindMember(user, "active");
    if (active != nullptr && (*active == json(false) || *active == json("False"))) {
      return Refuse(400, "invalidValue",
                    "active: somebody who does not work for the force is not taken in.");
    }
    ScimRecord record;
    record.id = users_.NewId();
    if (const absl::Status stored = Store(user, record); !stored.ok()) return RefuseWith(stored);
    return AnswerUser(201, record);
  }

  // The record that a change is meant for, or the answer that refuses it.
  std::optional<ScimRecord> ToChange(const ScimRequest& request, absl::string_view id,
                                     ScimResponse& refusal) {
    auto record = users_.Get(id);
    if (!record.ok()) {
      refusal = RefuseWith(record.status());
      return std::nullopt;
    }
    if (!*record) {
      refusal = NoUser();
      return std::nullopt;
    }
    const auto match = request.headers.find("if-match");
    if (match != request.headers.end() && !Covers(match->second, (*record)->version)) {
      refusal = Refuse(412, "", "The user has changed since this version.");
      return std::nullopt;
    }
    return *std::move(record);
  }

  ScimResponse Replace(const ScimRequest& request, absl::string_view id) {
    ScimResponse refusal;
    std::optional<ScimRecord> record = ToChange(request, id, refusal);
    if (!record) return refusal;
    const json user = json::parse(request.body, nullptr, false);
    if (!user.is_object()) return Refuse(400, "invalidSyntax", "The body is no JSON object.");
    const json* own = FindMember(user, "id");
    if (own != nullptr && *own != json(record->id)) {
      return Refuse(400, "mutability", "id cannot be changed.");
    }
    if (const absl::Status stored = Store(user, *record); !stored.ok()) return RefuseWith(stored);
    return AnswerUser(200, *record);
  }

  ScimResponse Patch(const ScimRequest& request, absl::string_view id) {
    ScimResponse refusal;
    std::optional<ScimRecord> record = ToChange(request, id, refusal);
    if (!record) return refusal;
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return Refuse(400, "invalidSyntax", "The body is no JSON object.");
    json user = json::parse(record->resource, nullptr, false);
    if (const absl::Status patched = ApplyScimPatch(body, user); !patched.ok()) {
      return RefuseWith(patched);
    }
    if (const absl::Status stored = Store(user, *record); !stored.ok()) return RefuseWith(stored);
    return AnswerUser(200, *record);
  }

  ScimResponse Delete(const ScimRequest& request, absl::string_view id) {
    ScimResponse refusal;
    const std::optional<ScimRecord> record = ToChange(request, id, refusal);
    if (!record) return refusal;
    json user = json::parse(record->resource, nullptr, false);
    user["active"] = false;
    const auto person = ToFeedPerson(user, record->id, context_.force, context_.today);
    if (!person.ok()) return RefuseWith(person.status());
    if (const absl::Status removed = users_.Remove(*record, *person); !removed.ok()) {
      return RefuseWith(removed);
    }
    return {204, {}, ""};
  }

  // ---- Lists

  ScimResponse Search(const ScimRequest& request) {
    if (request.method != "POST") return Refuse(405, "", "Only POST is served here.");
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return Refuse(400, "invalidSyntax", "The body is no JSON object.");
    return List(QuestionIn(body));
  }

  ScimResponse List(const absl::StatusOr<Question>& question) {
    if (!question.ok()) return RefuseWith(question.status());
    const int64_t start = std::max<int64_t>(question->start, 1);
    const int64_t count = std::clamp<int64_t>(question->count, 0, kMostScimResults);
    std::optional<ScimFilter> filter;
    if (!question->filter.empty()) {
      auto parsed = ScimFilter::Parse(question->filter);
      if (!parsed.ok()) return Refuse(400, "invalidFilter", parsed.status().message());
      filter = *std::move(parsed);
    }
    const bool in_order = question->sort_by.empty() && !question->descending;
    if (!filter && in_order) {
      // The page alone is opened.
      const auto total = users_.Count();
      if (!total.ok()) return RefuseWith(total.status());
      std::vector<ScimRecord> page;
      if (count > 0) {
        auto read = users_.Page(start - 1, count);
        if (!read.ok()) return RefuseWith(read.status());
        page = *std::move(read);
      }
      return PageOf(page, *total, start, *question);
    }
    absl::StatusOr<std::vector<ScimRecord>> hits = HitsOf(filter);
    if (!hits.ok()) {
      if (status::Reason(hits.status()) == "SCIM_TOO_MANY") {
        return Refuse(400, "tooMany", hits.status().message());
      }
      return RefuseWith(hits.status());
    }
    if (!question->sort_by.empty()) {
      auto target = ScimTarget::Parse(question->sort_by);
      if (!target.ok() || target->filter) return Refuse(400, "invalidPath", "sortBy is no path.");
      Sort(*hits, target->path);
    }
    if (question->descending) std::reverse(hits->begin(), hits->end());
    const auto all = static_cast<int64_t>(hits->size());
    const int64_t from = std::min(start - 1, all);
    const int64_t until = std::min(from + count, all);
    return PageOf({hits->begin() + from, hits->begin() + until}, all, start, *question);
  }

  ScimResponse PageOf(const std::vector<ScimRecord>& records, int64_t total, int64_t start,
                      const Question& question) const {
    std::vector<json> page;
    std::vector<std::string> shown;
    for (const ScimRecord& record : records) {
      page.push_back(Project(ResourceOf(record), question));
      shown.push_back(record.id);
    }
    ScimResponse response = ListOf(page, total, start);
    response.shown = std::move(shown);
    return response;
  }

  // Everybody whom the filter means. What identity systems ask before every change is a look-up;
  // what no index knows is a walk through everybody, if they are few enough.
  absl::StatusOr<std::vector<ScimRecord>> HitsOf(const std::optional<ScimFilter>& filter) {
    static const auto& keys = *new std::map<std::string, ScimKey>{
        {"username", ScimKey::kUserName},
        {"externalid", ScimKey::kExternalId},
        {"emails", ScimKey::kEmail},
        {"emails.value", ScimKey::kEmail},
        {absl::StrCat(absl::AsciiStrToLower(kScimEnterprise), ":employeenumber"),
         ScimKey::kEmployeeNumber}};
    std::vector<ScimRecord> hits;
    const auto take = [&](std::vector<ScimRecord> records) {
      for (ScimRecord& record : records) {
        if (!filter || filter->Matches(ResourceOf(record))) hits.push_back(std::move(record));
      }
    };
    if (filter) {
      for (const ScimFilter::Equality& one : filter->equalities()) {
        if (one.attribute == "id") {
          ASSIGN_OR_RETURN(std::optional<ScimRecord> record, users_.Get(one.value));
          if (record && filter->Matches(ResourceOf(*record))) hits.push_back(*std::move(record));
          return hits;
        }
        const auto key = keys.find(one.attribute);
        if (key == keys.end()) continue;
        ASSIGN_OR_RETURN(std::vector<ScimRecord> found, users_.Find(key->second, one.value));
        take(std::move(found));
        return hits;
      }
    }
    ASSIGN_OR_RETURN(const int64_t total, users_.Count());
    if (total > kMostScimWalked) {
      return status::ResourceExhausted(
          "SCIM_TOO_MANY",
          "Too many users to look at each. Filter by userName, externalId, id, emails.value or "
          "employeeNumber with eq, or page through all of them without a filter.");
    }
    constexpr int64_t kAtOnce = 500;
    for (int64_t offset = 0; offset < total; offset += kAtOnce) {
      ASSIGN_OR_RETURN(std::vector<ScimRecord> page, users_.Page(offset, kAtOnce));
      take(std::move(page));
    }
    return hits;
  }

  // Ascending, whatever the case; those without a value come last (RFC 7644 section 3.4.2.3).
  void Sort(std::vector<ScimRecord>& records, const ScimPath& path) const {
    std::vector<std::pair<std::pair<bool, std::string>, ScimRecord>> keyed;
    for (ScimRecord& record : records) {
      const json user = ResourceOf(record);
      const std::vector<const json*> values = ScimValuesAt(user, path);
      std::string key;
      if (!values.empty()) {
        key = values[0]->is_string() ? absl::AsciiStrToLower(values[0]->get<std::string>())
                                     : Dump(*values[0]);
      }
      keyed.push_back({{values.empty(), std::move(key)}, std::move(record)});
    }
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 0; i < keyed.size(); ++i) records[i] = std::move(keyed[i].second);
  }

  // ---- Bulk

  // Every "bulkId:x" becomes the id of what x made; false when one is not made yet.
  static bool Resolve(json& value, const std::map<std::string, std::string>& made) {
    if (value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      if (!absl::StartsWith(text, "bulkId:")) return true;
      const auto id = made.find(text.substr(7));
      if (id == made.end()) return false;
      value = id->second;
      return true;
    }
    if (!value.is_structured()) return true;
    for (json& member : value) {
      if (!Resolve(member, made)) return false;
    }
    return true;
  }

  ScimResponse Bulk(const ScimRequest& request) {
    const json body = json::parse(request.body, nullptr, false);
    const json* operations = FindMember(body, "Operations");
    if (operations == nullptr || !operations->is_array()) {
      return Refuse(400, "invalidSyntax", "A BulkRequest has Operations.");
    }
    if (operations->size() > static_cast<size_t>(kMostScimOperations)) {
      return Refuse(413, "tooMany", "More than maxOperations.");
    }
    const json* limit = FindMember(body, "failOnErrors");
    const int64_t most_errors =
        limit != nullptr && limit->is_number_integer() ? limit->get<int64_t>() : INT64_MAX;
    std::map<std::string, std::string> made;
    json results = json::array();
    int64_t errors = 0;
    for (const json& operation : *operations) {
      if (errors >= most_errors) break;
      const auto text = [&operation](absl::string_view name) {
        const json* value = FindMember(operation, name);
        return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
      };
      const std::string method = absl::AsciiStrToUpper(text("method"));
      const std::string bulk_id = text("bulkId");
      ScimRequest one{.method = method, .path = text("path")};
      if (const std::string version = text("version"); !version.empty()) {
        one.headers["if-match"] = version;
      }
      const json* data = FindMember(operation, "data");
      json resolved = data == nullptr ? json() : *data;
      const size_t reference = one.path.find("bulkId:");
      bool known = Resolve(resolved, made);
      if (reference != std::string::npos) {
        const auto id = made.find(one.path.substr(reference + 7));
        known = known && id != made.end();
        if (id != made.end()) one.path = one.path.substr(0, reference) + id->second;
      }
      one.body = data == nullptr ? "" : Dump(resolved);
      ScimResponse response;
      const bool served = absl::StartsWith(one.path, "/Users") && method != "GET" &&
                          !absl::EndsWith(one.path, ".search");
      if (!served) {
        response = Refuse(400, "invalidPath", "Only changes of /Users come in bulk.");
      } else if (method == "POST" && bulk_id.empty()) {
        response = Refuse(400, "invalidSyntax", "A POST in bulk has a bulkId.");
      } else if (!known) {
        response = Refuse(409, "", "A bulkId is named that nothing before has made.");
      } else {
        response = Handle(one);
      }
      json result = {{"method", method}, {"status", absl::StrCat(response.status)}};
      if (!bulk_id.empty()) result["bulkId"] = bulk_id;
      if (const auto location = response.headers.find("location");
          location != response.headers.end()) {
        result["location"] = location->second;
        if (method == "POST") {
          made[bulk_id] = location->second.substr(location->second.rfind('/') + 1);
        }
      } else if (response.status < 300) {
        result["location"] = absl::StrCat(context_.base_url, one.path);
      }
      if (const auto tag = response.headers.find("etag"); tag != response.headers.end()) {
        result["version"] = tag->second;
      }
      if (response.status >= 400) {
        ++errors;
        result["response"] = json::parse(response.body, nullptr, false);
      }
      results.push_back(std::move(result));
      // The transaction is of no more use, or the whole is too much.
      if (response.status >= 500 || response.refuses_all) return response;
    }
    return Answer(200, {{"schemas", {kBulkResponse}}, {"Operations", results}});
  }

  const ScimContext& context_;
  ScimUsers& users_;
};

}  // namespace

ScimResponse HandleScim(const ScimRequest& request, const ScimContext& context, ScimUsers& users) {
  return Scim(context, users).Handle(request);
}

}  // namespace waymark::workforce
