#include "services/referral/fhir/reader.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/r4_elements.h"

namespace waymark::referral::fhir {
namespace {

constexpr char kResource[] = "Resource";

// What every element, and every resource, has.
constexpr char kOfElements[] = "id:string extension*:Extension";
constexpr char kOfParts[] = "modifierExtension*:Extension";
constexpr char kOfResources[] =
    "id:id meta:Meta implicitRules:uri language:code text:Narrative contained*:Resource "
    "extension*:Extension modifierExtension*:Extension";
constexpr char kAnyType[] =
    "base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid|"
    "positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment|"
    "CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money|Period|"
    "Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|ContactDetail|DataRequirement|"
    "Expression|ParameterDefinition|RelatedArtifact|TriggerDefinition|UsageContext|Meta";

struct Element {
  std::string type;
  bool many = false;
  std::vector<std::string> codes;
  // "value[x]" when this is one spelling of a choice.
  std::string choice;
};

struct Shape {
  absl::flat_hash_map<std::string, Element> elements;
  // Names, with [x] for a choice.
  std::vector<std::string> required;
  bool is_resource = false;
};

using Shapes = absl::flat_hash_map<std::string, Shape>;

// One element of r4_elements.h, added to the shape of `path`.
void AddElement(const std::string& path, absl::string_view text, Shape& shape) {
  const std::pair<absl::string_view, absl::string_view> sides =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  absl::string_view name = sides.first;
  absl::string_view types = sides.second;
  const bool required = absl::ConsumeSuffix(&name, "!");
  const bool many = absl::ConsumeSuffix(&name, "*");
  std::vector<std::string> codes;
  if (const size_t bracket = types.find('('); bracket != absl::string_view::npos) {
    absl::string_view list = types.substr(bracket + 1);
    absl::ConsumeSuffix(&list, ")");
    codes = absl::StrSplit(list, '|');
    types = types.substr(0, bracket);
  }
  if (required) shape.required.emplace_back(name);
  absl::string_view stem = name;
  if (!absl::ConsumeSuffix(&stem, "[x]")) {
    std::string type(types);
    if (type == "@") {
      type = absl::StrCat(path, ".", name);
    } else if (absl::ConsumePrefix(&types, "@")) {
      type = std::string(types);
    }
    shape.elements[name] = {std::move(type), many, std::move(codes), ""};
    return;
  }
  for (const absl::string_view type : absl::StrSplit(types == "*" ? kAnyType : types, '|')) {
    std::string spelled(type);
    spelled[0] = absl::ascii_toupper(spelled[0]);
    shape.elements[absl::StrCat(stem, spelled)] = {std::string(type), many, {}, std::string(name)};
  }
}

void AddElements(const std::string& path, absl::string_view text, Shape& shape) {
  for (const absl::string_view element : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    AddElement(path, element, shape);
  }
}

Shapes MakeShapes() {
  Shapes shapes;
  std::string path;
  bool resources = true;  // the table lists resources first, then data types
  for (const absl::string_view line : absl::StrSplit(kR4Elements, '\n', absl::SkipEmpty())) {
    absl::string_view rest = line;
    if (line[0] != ' ') {
      const size_t end = line.find(' ');
      path = std::string(line.substr(0, end));
      rest = end == absl::string_view::npos ? "" : line.substr(end);
      if (path == "Address") resources = false;
      const bool part = path.find('.') != std::string::npos;
      Shape& shape = shapes[path];
      shape.is_resource = resources && !part;
      AddElements(path, shape.is_resource ? kOfResources : kOfElements, shape);
      if (part) AddElements(path, kOfParts, shape);
    }
    AddElements(path, rest, shapes[path]);
  }
  for (const char* timed : {"Timing", "Dosage"}) {
    if (shapes.contains(timed)) AddElements(timed, kOfParts, shapes[timed]);
  }
  return shapes;
}

const Shapes& AllShapes() {
  static const Shapes& shapes = *new Shapes(MakeShapes());
  return shapes;
}

const Shape* FindShape(const std::string& path) {
  const auto found = AllShapes().find(path);
  return found == AllShapes().end() ? nullptr : &found->second;
}

// A member's name as it may stand in a location: it was sent to us, so it could hold anything.
std::string Shown(const std::string& name) {
  const bool plain = name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
                       return absl::ascii_isalnum(c) || c == '_';
                     });
  return plain && !name.empty() ? name : "(unnamed)";
}

class Checker {
 public:
  std::vector<Issue> Take() { return std::move(issues_); }

  void Resource(const Json& value, const std::string& at, bool alone) {
    const std::string type = Text(value, "resourceType");
    if (!value.is_object() || type.empty()) {
      return Add("structure", at, "A resource is an object that names its resourceType.");
    }
    const Shape* shape = FindShape(type);
    if (shape == nullptr || !shape->is_resource) {
      if (alone) return Add("not-supported", at, "This type of resource is not read here.");
      return Anything(value, at);
    }
    Object(value, *shape, at.empty() ? type : at);
  }

 private:
  void Add(absl::string_view code, const std::string& at, absl::string_view diagnostics) {
    if (issues_.size() < kMostIssues) {
      issues_.push_back({Severity::kError, std::string(code), at, std::string(diagnostics)});
    }
  }

  // What holds for JSON in FHIR whatever it means: nothing is empty and nothing is null, except in
  // an array whose sibling says more.
  void Anything(const Json& value, const std::string& at) {
    if (value.is_null() || (value.is_structured() && value.empty()) ||
        (value.is_string() && value.get_ref<const std::string&>().empty())) {
      return Add("structure", at, "Nothing may be empty or null; leave the element out.");
    }
    if (value.is_object()) {
      for (const auto& [name, member] : value.items()) {
        Anything(member, absl::StrCat(at, ".", Shown(name)));
      }
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        if (!value[i].is_null()) Anything(value[i], absl::StrCat(at, "[", i, "]"));
      }
    }
  }

  void Object(const Json& value, const Shape& shape, const std::string& at) {
    if (!value.is_object()) return Add("structure", at, "This element is an object.");
    if (value.empty()) {
      return Add("structure", at, "Nothing may be empty or null; leave the element out.");
    }
    std::set<std::string> present;
    for (const auto& [name, member] : value.items()) {
      if (name == "resourceType" && shape.is_resource) continue;
      const bool sibling = name[0] == '_';
      const std::string plain = sibling ? name.substr(1) : name;
      const auto found = shape.elements.find(plain);
      const std::string here = absl::StrCat(at, ".", Shown(name));
      if (found == shape.elements.end()) {
        Add("structure", here, "R4 has no such element here.");
        continue;
      }
      const Element& element = found->second;
      const std::string& counted = element.choice.empty() ? plain : element.choice;
      const bool said = value.contains(sibling ? plain : absl::StrCat("_", plain));
      if (!present.insert(counted).second && !said) {
        Add("structure", here, "Only one of the types of this element may be given.");
      }
      if (sibling) {
        Sibling(member, element, here);
      } else {
        const auto beside = value.find(absl::StrCat("_", plain));
        Values(member, element, beside == value.end() ? Json() : *beside, here);
      }
    }
    for (const std::string& name : shape.required) {
      if (present.count(name) == 0) {
        Add("required", absl::StrCat(at, ".", name), "R4 requires this element.");
      }
    }
    if (&shape == FindShape("Extension") &&
        (present.count("value[x]") > 0) == (present.count("extension") > 0)) {
      Add("invariant", at, "An extension has either a value or extensions (ext-1).");
    }
  }

  void Values(const Json& value, const Element& element, const Json& beside,
              const std::string& at) {
    if (!element.many) {
      if (value.is_array()) return Add("structure", at, "This element does not repeat.");
      return One(value, element, at);
    }
    if (!value.is_array()) return Add("structure", at, "This element is an array.");
    if (value.empty()) {
      return Add("structure", at, "Nothing may be empty or null; leave the element out.");
    }
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i].is_null() && Item(beside, i).is_object()) continue;
      One(value[i], element, absl::StrCat(at, "[", i, "]"));
    }
  }

  void One(const Json& value, const Element& element, const std::string& at) {
    if (value.is_null()) {
      return Add("structure", at, "Nothing may be empty or null; leave the element out.");
    }
    if (element.type == kResource) return Resource(value, at, /*alone=*/false);
    if (!IsPrimitive(element.type)) {
      const Shape* shape = FindShape(element.type);
      if (shape == nullptr) return Anything(value, at);
      return Object(value, *shape, at);
    }
    if (const char* right = WrongPrimitive(element.type, value); right != nullptr) {
      return Add("value", at, absl::StrCat("This element is ", right, "."));
    }
    if (!element.codes.empty() &&
        std::find(element.codes.begin(), element.codes.end(),
                  value.get_ref<const std::string&>()) == element.codes.end()) {
      Add("code-invalid", at, "R4 does not have this code here.");
    }
  }

  // The extensions of a primitive: {"_birthDate": {"extension": [...]}}.
  void Sibling(const Json& value, const Element& element, const std::string& at) {
    if (!IsPrimitive(element.type)) return Add("structure", at, "Only primitives have a sibling.");
    static const Shape& shape = *[] {
      auto made = std::make_unique<Shape>();
      AddElements("", kOfElements, *made);
      return made.release();
    }();
    if (!element.many) return Object(value, shape, at);
    if (!value.is_array() || value.empty()) {
      return Add("structure", at, "The sibling of an array is an array.");
    }
    for (size_t i = 0; i < value.size(); ++i) {
      if (!value[i].is_null()) Object(value[i], shape, absl::StrCat(at, "[", i, "]"));
    }
  }

  std::vector<Issue> issues_;
};

}  // namespace

bool IsKnownResource(absl::string_view type) {
  const Shape* shape = FindShape(std::string(type));
  return shape != nullptr && shape->is_resource;
}

std::vector<Issue> CheckResource(const Json& resource) {
  Checker checker;
  checker.Resource(resource, "", /*alone=*/true);
  return checker.Take();
}

Reading ReadResource(absl::string_view text) {
  absl::StatusOr<Json> json = ParseJson(text);
  if (!json.ok()) {
    const std::string reason = status::Reason(json.status());
    const bool large = reason == "FHIR_TOO_LARGE" || reason == "FHIR_TOO_DEEP";
    return {Json(),
            {{Severity::kError, large ? "too-costly" : "structure", "",
              std::string(json.status().message())}}};
  }
  std::vector<Issue> issues = CheckResource(*json);
  if (HasError(issues)) return {Json(), std::move(issues)};
  return {*std::move(json), std::move(issues)};
}

}  // namespace waymark::referral::fhir
