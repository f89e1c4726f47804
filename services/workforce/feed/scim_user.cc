#include "services/workforce/feed/scim_user.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/civil/civil.h"
#include "common/status/status.h"
#include "services/workforce/feed/person_row.h"
#include "services/workforce/feed/scim_filter.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;

absl::Status BadValue(absl::string_view attribute, absl::string_view why) {
  return status::InvalidArgument("SCIM_INVALID_VALUE", absl::StrCat(attribute, ": ", why));
}

const std::vector<ScimAttribute>& CoreAttributes() {
  static const auto& attributes = *new std::vector<ScimAttribute>{
      {"userName",
       ScimKind::kString,
       false,
       {},
       "The identity system's name of the person. Required, unique."},
      {"name",
       ScimKind::kComplex,
       false,
       {{"familyName", ScimKind::kString, false, {}, "Required."},
        {"givenName", ScimKind::kString, false, {}, "Required."},
        {"honorificPrefix"}},
       "What the person is called."},
      {"nickName", ScimKind::kString, false, {}, "What the person wants to be called."},
      {"preferredLanguage", ScimKind::kString, false, {}, "en or cy."},
      {"active", ScimKind::kBoolean, false, {}, "False: the employment has ended."},
      {"emails",
       ScimKind::kComplex,
       true,
       {{"value"}, {"type"}, {"primary", ScimKind::kBoolean}},
       "The work address; of other types none is kept."},
      {"phoneNumbers",
       ScimKind::kComplex,
       true,
       {{"value"}, {"type"}, {"primary", ScimKind::kBoolean}},
       "Types work and mobile, both at work."},
      {"externalId", ScimKind::kString, false, {}, "The client's own key."}};
  return attributes;
}
const std::vector<ScimAttribute>& EnterpriseAttributes() {
  static const auto& attributes = *new std::vector<ScimAttribute>{
      {"employeeNumber"},
      {"manager",
       ScimKind::kComplex,
       false,
       {{"value", ScimKind::kString, false, {}, "id of the manager."}},
       "Line manager."}};
  return attributes;
}
const std::vector<ScimAttribute>& PoliceAttributes() {
  static const auto& attributes = *new std::vector<ScimAttribute>{
      {"workforceType",
       ScimKind::kString,
       false,
       {},
       "officer, staff, pcso, special, volunteer, contractor. Required."},
      {"forceCode"},
      {"collarNumber"},
      {"rankOrGrade",
       ScimKind::kString,
       false,
       {},
       "constable_to_sergeant, inspector_to_chief_inspector, "
       "superintendent_and_above."},
      {"roleFamily", ScimKind::kString, false, {}, "response, custody, firearms ... other."},
      {"siteCode"},
      {"serviceStartDate", ScimKind::kDate},
      {"contractEndDate", ScimKind::kDate},
      {"fte", ScimKind::kDecimal},
      {"shiftPatternCode"},
      {"absence", ScimKind::kBoolean, false, {}, "Long absence; why is never asked."},
      {"exposureRoleFlags", ScimKind::kString, true},
      {"userId",
       ScimKind::kString,
       false,
       {},
       "The sub claim with which the person signs in. Leaving it out takes nothing away."}};
  return attributes;
}

// A value as its attribute wants it; null when there is nothing in it.
absl::StatusOr<json> Normalise(const ScimAttribute& attribute, const json& value) {
  if (value.is_null()) return json();
  if (attribute.multi) {
    // One element alone is what some clients send.
    const json elements = value.is_array() ? value : json::array({value});
    if (elements.size() > 50) return BadValue(attribute.name, "at most 50 values");
    ScimAttribute single = attribute;
    single.multi = false;
    json kept = json::array();
    for (const json& element : elements) {
      ASSIGN_OR_RETURN(json one, Normalise(single, element));
      if (!one.is_null()) kept.push_back(std::move(one));
    }
    return kept.empty() ? json() : kept;
  }
  switch (attribute.kind) {
    case ScimKind::kString:
    case ScimKind::kDate:
      if (!value.is_string()) return BadValue(attribute.name, "a string is expected");
      if (value.get_ref<const std::string&>().size() > 500)
        return BadValue(attribute.name, "too long");
      return value.get_ref<const std::string&>().empty() ? json() : value;
    case ScimKind::kBoolean:
      if (value.is_boolean()) return value;
      if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        if (absl::EqualsIgnoreCase(text, "true")) return json(true);
        if (absl::EqualsIgnoreCase(text, "false")) return json(false);
      }
      return BadValue(attribute.name, "true or false is expected");
    case ScimKind::kDecimal:
      if (!value.is_number()) return BadValue(attribute.name, "a number is expected");
      return value;
    case ScimKind::kComplex:
      break;
  }
  // A simple value for a complex attribute is its "value": manager = "id".
  const json object = value.is_string() ? json{{"value", value}} : value;
  if (!object.is_object()) return BadValue(attribute.name, "an object is expected");
  json kept = json::object();
  for (const ScimAttribute& sub : attribute.subs) {
    const json* member = FindMember(object, sub.name);
    if (member == nullptr) continue;
    ASSIGN_OR_RETURN(json one, Normalise(sub, *member));
    if (!one.is_null()) kept[std::string(sub.name)] = std::move(one);
  }
  return kept.empty() ? json() : kept;
}

absl::StatusOr<json> NormaliseAll(const std::vector<ScimAttribute>& attributes,
                                  const json& object) {
  json kept = json::object();
  for (const ScimAttribute& attribute : attributes) {
    const json* value = FindMember(object, attribute.name);
    if (value == nullptr) continue;
    ASSIGN_OR_RETURN(json one, Normalise(attribute, *value));
    if (!one.is_null()) kept[std::string(attribute.name)] = std::move(one);
  }
  return kept;
}

// Of several values the primary one, else the first, of a type (or of none).
std::string ValueOfType(const json& user, absl::string_view attribute, absl::string_view type) {
  const json* values = FindMember(user, attribute);
  if (values == nullptr || !values->is_array()) return "";
  std::string found;
  for (const json& element : *values) {
    const json* has_type = FindMember(element, "type");
    const std::string of = has_type == nullptr ? "work" : has_type->get<std::string>();
    const json* value = FindMember(element, "value");
    if (!absl::EqualsIgnoreCase(of, type) || value == nullptr) continue;
    const json* primary = FindMember(element, "primary");
    if (found.empty() || (primary != nullptr && primary->get<bool>()))
      found = value->get<std::string>();
  }
  return found;
}

// "WORKFORCE_TYPE_OFFICER" as "officer"; nothing for the unspecified.
std::string Word(absl::string_view name, absl::string_view prefix) {
  const std::string word = absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
  return word == "unspecified" ? "" : word;
}

std::string TextOf(const json& object, absl::string_view name) {
  const json* value = FindMember(object, name);
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>();
  return value->dump();
}

}  // namespace

json ScimSaidOf(const json& user) {
  json said = json::object();
  for (const char* name : {"userName", "externalId"}) {
    if (const json* value = FindMember(user, name)) said[name] = *value;
  }
  const json* police = FindMember(user, kScimPolice);
  for (const char* name : {"serviceStartDate", "contractEndDate"}) {
    const json* value = police == nullptr ? nullptr : FindMember(*police, name);
    if (value != nullptr) said[name] = *value;
  }
  return said;
}

json ScimUserOf(const ScimFacts& facts, const json& said, absl::string_view user_name) {
  const v1::Person& person = facts.person;
  const v1::Employment& employment = facts.employment;
  json user = {{"schemas", json::array({std::string(kScimUser)})}, {"active", facts.active}};
  const auto put = [](json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
  };
  put(user, "userName", said.value("userName", std::string(user_name)));
  put(user, "externalId", said.value("externalId", ""));
  json name = json::object();
  put(name, "familyName", person.name().family());
  put(name, "givenName", person.name().given());
  put(name, "honorificPrefix", person.name().title());
  if (!name.empty()) user["name"] = std::move(name);
  put(user, "nickName", person.name().known_as());
  if (person.language() == v1::LANGUAGE_ENGLISH) user["preferredLanguage"] = "en";
  if (person.language() == v1::LANGUAGE_WELSH) user["preferredLanguage"] = "cy";
  if (!person.work().email().empty()) {
    user["emails"] =
        json::array({json{{"value", person.work().email()}, {"type", "work"}, {"primary", true}}});
  }
  json phones = json::array();
  if (!person.work().phone().empty()) {
    phones.push_back(json{{"value", person.work().phone()}, {"type", "work"}});
  }
  if (!person.work().mobile().empty()) {
    phones.push_back(json{{"value", person.work().mobile()}, {"type", "mobile"}});
  }
  if (!phones.empty()) user["phoneNumbers"] = std::move(phones);

  json enterprise = json::object();
  put(enterprise, "employeeNumber", employment.employee_number());
  if (!employment.manager_subject_id().empty()) {
    enterprise["manager"] = json{{"value", employment.manager_subject_id()}};
  }
  json police = json::object();
  put(police, "workforceType",
      Word(v1::WorkforceType_Name(employment.workforce_type()), "WORKFORCE_TYPE_"));
  put(police, "forceCode", employment.force_code());
  put(police, "collarNumber", employment.collar_number());
  put(police, "rankOrGrade", Word(v1::RankBand_Name(employment.rank_band()), "RANK_BAND_"));
  put(police, "roleFamily", Word(v1::RoleFamily_Name(employment.role_family()), "ROLE_FAMILY_"));
  put(police, "siteCode", employment.site_code());
  if (employment.fte_percent() != 0) police["fte"] = employment.fte_percent() / 100.0;
  put(police, "shiftPatternCode", employment.shift_pattern());
  police["absence"] = employment.state() == v1::EMPLOYMENT_STATE_ABSENT;
  for (const int role : employment.exposure_roles()) {
    police["exposureRoleFlags"].push_back(
        Word(v1::ExposureRole_Name(static_cast<v1::ExposureRole>(role)), "EXPOSURE_ROLE_"));
  }
  put(police, "userId", person.user_id());
  put(police, "serviceStartDate", said.value("serviceStartDate", ""));
  put(police, "contractEndDate",
      facts.ends ? civil::FormatDay(*facts.ends)
                 : (facts.active ? "" : said.value("contractEndDate", "")));
  if (!enterprise.empty()) {
    user[std::string(kScimEnterprise)] = std::move(enterprise);
    user["schemas"].push_back(std::string(kScimEnterprise));
  }
  user[std::string(kScimPolice)] = std::move(police);
  user["schemas"].push_back(std::string(kScimPolice));
  return user;
}

const std::vector<ScimAttribute>* ScimAttributesOf(absl::string_view schema) {
  if (schema.empty() || absl::EqualsIgnoreCase(schema, kScimUser)) return &CoreAttributes();
  if (absl::EqualsIgnoreCase(schema, kScimEnterprise)) return &EnterpriseAttributes();
  if (absl::EqualsIgnoreCase(schema, kScimPolice)) return &PoliceAttributes();
  return nullptr;
}

const ScimAttribute* FindScimAttribute(const std::vector<ScimAttribute>& attributes,
                                       absl::string_view name) {
  for (const ScimAttribute& attribute : attributes) {
    if (absl::EqualsIgnoreCase(attribute.name, name)) return &attribute;
  }
  return nullptr;
}

absl::StatusOr<json> NormaliseScimUser(const json& user) {
  if (!user.is_object()) {
    return status::InvalidArgument("SCIM_INVALID_SYNTAX", "A User is a JSON object.");
  }
  ASSIGN_OR_RETURN(json kept, NormaliseAll(CoreAttributes(), user));
  json schemas = json::array({std::string(kScimUser)});
  for (const absl::string_view schema : {kScimEnterprise, kScimPolice}) {
    const json* extension = FindMember(user, schema);
    if (extension == nullptr || extension->is_null()) continue;
    if (!extension->is_object()) return BadValue(schema, "an object is expected");
    ASSIGN_OR_RETURN(json one, NormaliseAll(*ScimAttributesOf(schema), *extension));
    if (one.empty()) continue;
    kept[std::string(schema)] = std::move(one);
    schemas.push_back(std::string(schema));
  }
  // One primary value: the last that claims it.
  for (const char* name : {"emails", "phoneNumbers"}) {
    if (!kept.contains(name)) continue;
    bool taken = false;
    for (auto element = kept[name].rbegin(); element != kept[name].rend(); ++element) {
      if (!element->value("primary", false)) continue;
      if (taken) (*element)["primary"] = false;
      taken = true;
    }
  }
  kept["schemas"] = std::move(schemas);
  if (!kept.contains("active")) kept["active"] = true;
  if (!kept.contains("userName")) return BadValue("userName", "it is required");
  return kept;
}

absl::StatusOr<v1::FeedPerson> ToFeedPerson(const json& user, absl::string_view id,
                                            absl::string_view force, absl::CivilDay today) {
  static const json& nothing = *new json(json::object());
  const auto part = [&user](absl::string_view name) -> const json& {
    const json* found = FindMember(user, name);
    return found == nullptr ? nothing : *found;
  };
  const json& name = part("name");
  const json& enterprise = part(kScimEnterprise);
  const json& police = part(kScimPolice);
  const json* manager = FindMember(enterprise, "manager");
  const json* flags = FindMember(police, "exposureRoleFlags");
  std::string roles;
  if (flags != nullptr) {
    for (const json& flag : *flags) absl::StrAppend(&roles, flag.get<std::string>(), ";");
  }
  struct Said {
    absl::string_view field;
    absl::string_view attribute;
    std::string text;
  };
  const std::vector<Said> said = {
      {"external_id", "id", std::string(id)},
      {"family_name", "name.familyName", TextOf(name, "familyName")},
      {"given_name", "name.givenName", TextOf(name, "givenName")},
      {"title", "name.honorificPrefix", TextOf(name, "honorificPrefix")},
      {"known_as", "nickName", TextOf(user, "nickName")},
      {"user_id", "userId", TextOf(police, "userId")},
      {"language", "preferredLanguage", TextOf(user, "preferredLanguage")},
      {"active", "active", TextOf(user, "active")},
      {"work_email", "emails", ValueOfType(user, "emails", "work")},
      {"work_phone", "phoneNumbers", ValueOfType(user, "phoneNumbers", "work")},
      {"work_mobile", "phoneNumbers", ValueOfType(user, "phoneNumbers", "mobile")},
      {"employee_number", "employeeNumber", TextOf(enterprise, "employeeNumber")},
      {"manager_external_id", "manager", manager == nullptr ? "" : TextOf(*manager, "value")},
      {"workforce_type", "workforceType", TextOf(police, "workforceType")},
      {"force_code", "forceCode", TextOf(police, "forceCode")},
      {"collar_number", "collarNumber", TextOf(police, "collarNumber")},
      {"rank_band", "rankOrGrade", TextOf(police, "rankOrGrade")},
      {"role_family", "roleFamily", TextOf(police, "roleFamily")},
      {"site_code", "siteCode", TextOf(police, "siteCode")},
      {"start_date", "serviceStartDate", TextOf(police, "serviceStartDate")},
      {"end_date", "contractEndDate", TextOf(police, "contractEndDate")},
      {"fte_percent", "fte", TextOf(police, "fte")},
      {"shift_pattern", "shiftPatternCode", TextOf(police, "shiftPatternCode")},
      {"exposure_roles", "exposureRoleFlags", roles},
      {"state", "absence", TextOf(police, "absence") == "true" ? "ABSENT" : ""}};
  v1::FeedPerson person;
  const auto attribute_of = [&said](absl::string_view field) {
    for (const Said& one : said) {
      if (one.field == field) return one.attribute;
    }
    return field;
  };
  for (const Said& one : said) {
    const absl::string_view reason = SetFeedField(person, one.field, one.text);
    if (!reason.empty()) return BadValue(one.attribute, reason);
  }
  if (const auto fault = CheckFeedPerson(person, force, today)) {
    return BadValue(attribute_of(fault->field), fault->reason);
  }
  return person;
}

}  // namespace waymark::workforce
