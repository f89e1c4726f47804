#include "services/referral/fhir/bundle.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

const Json& Nothing() { return Member(Json(), ""); }

}  // namespace

std::vector<const Json*> ResourcesOf(const Json& bundle, absl::string_view type) {
  std::vector<const Json*> found;
  for (const Json& entry : Member(bundle, "entry")) {
    const Json& resource = Member(entry, "resource");
    if (Text(resource, "resourceType") == type) found.push_back(&resource);
  }
  return found;
}

const Json& FirstOf(const Json& bundle, absl::string_view type) {
  for (const Json& entry : Member(bundle, "entry")) {
    const Json& resource = Member(entry, "resource");
    if (Text(resource, "resourceType") == type) return resource;
  }
  return Nothing();
}

const Json& Resolve(const Json& bundle, const Json& reference, const Json& from) {
  const std::string target = Text(reference, "reference");
  if (target.empty()) return Nothing();
  if (target[0] == '#') {
    for (const Json& contained : Member(from, "contained")) {
      if (Text(contained, "id") == target.substr(1)) return contained;
    }
    return Nothing();
  }
  for (const Json& entry : Member(bundle, "entry")) {
    const Json& resource = Member(entry, "resource");
    const std::string full_url = Text(entry, "fullUrl");
    const std::string relative =
        absl::StrCat(Text(resource, "resourceType"), "/", Text(resource, "id"));
    if (full_url == target || relative == target ||
        absl::EndsWith(full_url, absl::StrCat("/", target))) {
      return resource;
    }
  }
  return Nothing();
}

std::string CodeOf(const Json& concept_or_list, absl::string_view system) {
  if (concept_or_list.is_array()) {
    for (const Json& one : concept_or_list) {
      if (const std::string code = CodeOf(one, system); !code.empty()) return code;
    }
    return "";
  }
  for (const Json& coding : Member(concept_or_list, "coding")) {
    if (SameSystem(Text(coding, "system"), system)) return Text(coding, "code");
  }
  return "";
}

bool HasCode(const Json& concept_or_list, absl::string_view system, absl::string_view code) {
  if (concept_or_list.is_array()) {
    for (const Json& one : concept_or_list) {
      if (HasCode(one, system, code)) return true;
    }
    return false;
  }
  for (const Json& coding : Member(concept_or_list, "coding")) {
    if (SameSystem(Text(coding, "system"), system) && Text(coding, "code") == code) return true;
  }
  return false;
}

std::string IdentifierOf(const Json& resource, absl::string_view system) {
  const Json& identifiers = Member(resource, "identifier");
  if (identifiers.is_object()) {
    return SameSystem(Text(identifiers, "system"), system) ? Text(identifiers, "value") : "";
  }
  for (const Json& identifier : identifiers) {
    if (SameSystem(Text(identifier, "system"), system)) return Text(identifier, "value");
  }
  return "";
}

const Json& ExtensionOf(const Json& element, absl::string_view url) {
  for (const Json& extension : Member(element, "extension")) {
    if (Text(extension, "url") == url) return extension;
  }
  return Nothing();
}

}  // namespace waymark::referral::fhir
