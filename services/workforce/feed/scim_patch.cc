#include "services/workforce/feed/scim_patch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/workforce/feed/scim_filter.h"
#include "services/workforce/feed/scim_user.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;

constexpr size_t kMostOperations = 100;

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return status::InvalidArgument(reason, message);
}

bool IsReadOnly(absl::string_view name) {
  return absl::EqualsIgnoreCase(name, "id") || absl::EqualsIgnoreCase(name, "meta") ||
         absl::EqualsIgnoreCase(name, "groups");
}

// The member in the spelling of the schema, made when it is not there.
json& Member(json& object, absl::string_view name) {
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (absl::EqualsIgnoreCase(it.key(), name)) return it.value();
  }
  return object[std::string(name)];
}

void Erase(json& object, absl::string_view name) {
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (absl::EqualsIgnoreCase(it.key(), name)) {
      object.erase(it);
      return;
    }
  }
}

void Merge(json& object, const json& value) {
  if (!object.is_object()) object = json::object();
  for (auto it = value.begin(); it != value.end(); ++it) Member(object, it.key()) = it.value();
}

// A value that is set primary takes it from the others.
void TakePrimary(json& elements, const json& winner) {
  const json* primary = FindMember(winner, "primary");
  if (primary == nullptr || !(*primary == json(true) || *primary == json("True"))) return;
  for (json& element : elements) {
    if (element.is_object() && element != winner) Erase(element, "primary");
  }
}

enum class Op { kAdd, kReplace, kRemove };

class Patch {
 public:
  explicit Patch(json& resource) : resource_(resource) {}

  absl::Status Apply(Op op, absl::string_view path_text, const json& value) {
    ASSIGN_OR_RETURN(ScimTarget target, ScimTarget::Parse(path_text));
    const ScimPath& path = target.path;
    if (path.schema.empty() && IsReadOnly(path.attribute)) {
      return Refuse("SCIM_MUTABILITY", "id, meta and groups cannot be changed.");
    }
    if (path.schema.empty() && absl::EqualsIgnoreCase(path.attribute, "schemas")) {
      return absl::OkStatus();
    }
    // "urn:...:User" alone splits as schema "urn:..." and attribute "User".
    const std::string whole = absl::StrCat(path.schema, ":", path.attribute);
    if (ScimAttributesOf(whole) != nullptr && !path.schema.empty()) {
      return ApplyToExtension(op, whole, value);
    }
    const std::vector<ScimAttribute>* attributes = ScimAttributesOf(path.schema);
    // What is not kept is passed over: an identity system sends what it was told to send to
    // everybody.
    if (attributes == nullptr) return absl::OkStatus();
    const ScimAttribute* attribute = FindScimAttribute(*attributes, path.attribute);
    if (attribute == nullptr) return absl::OkStatus();
    const ScimAttribute* sub = nullptr;
    if (!path.sub.empty()) {
      sub = FindScimAttribute(attribute->subs, path.sub);
      if (attribute->kind != ScimKind::kComplex) {
        return Refuse("SCIM_INVALID_PATH", "The attribute has no parts.");
      }
      if (sub == nullptr) return absl::OkStatus();
    }
    if (target.filter && !attribute->multi) {
      return Refuse("SCIM_INVALID_PATH", "Only a multi-valued attribute takes a filter.");
    }
    json& holder = path.schema.empty() ? resource_ : Extension(path.schema);
    if (attribute->multi) return ApplyToMany(op, target, *attribute, sub, holder, value);
    return ApplyToOne(op, *attribute, sub, holder, value);
  }

 private:
  json& Extension(absl::string_view schema) {
    json& extension = Member(
        resource_, absl::EqualsIgnoreCase(schema, kScimEnterprise) ? kScimEnterprise : kScimPolice);
    if (!extension.is_object()) extension = json::object();
    return extension;
  }

  absl::Status ApplyToExtension(Op op, const std::string& schema, const json& value) {
    if (absl::EqualsIgnoreCase(schema, kScimUser))
      return Refuse("SCIM_INVALID_PATH", "A schema is no attribute.");
    if (op == Op::kRemove) {
      Erase(resource_, schema);
      return absl::OkStatus();
    }
    if (!value.is_object()) return Refuse("SCIM_INVALID_VALUE", "An extension is an object.");
    Merge(Extension(schema), value);
    return absl::OkStatus();
  }

  absl::Status ApplyToOne(Op op, const ScimAttribute& attribute, const ScimAttribute* sub,
                          json& holder, const json& value) {
    if (sub == nullptr && op == Op::kRemove) {
      Erase(holder, attribute.name);
    } else if (sub == nullptr && attribute.kind == ScimKind::kComplex && value.is_object()) {
      Merge(Member(holder, attribute.name), value);
    } else if (sub == nullptr) {
      Member(holder, attribute.name) = value;
    } else if (op == Op::kRemove) {
      json& member = Member(holder, attribute.name);
      if (member.is_object()) Erase(member, sub->name);
    } else {
      json& member = Member(holder, attribute.name);
      if (!member.is_object()) member = json::object();
      Member(member, sub->name) = value;
    }
    return absl::OkStatus();
  }

  absl::Status ApplyToMany(Op op, const ScimTarget& target, const ScimAttribute& attribute,
                           const ScimAttribute* sub, json& holder, const json& value) {
    json& elements = Member(holder, attribute.name);
    if (!elements.is_array()) elements = json::array();
    if (!target.filter && sub == nullptr) {
      if (op == Op::kRemove) return RemoveFrom(elements, value);
      json given = value.is_array() ? value : json::array({value});
      if (op == Op::kReplace) elements = json::array();
      for (const json& one : given) {
        if (std::find(elements.begin(), elements.end(), one) != elements.end()) continue;
        elements.push_back(one);
        TakePrimary(elements, one);
      }
      return absl::OkStatus();
    }
    bool found = false;
    json kept = json::array();
    json winner;
    for (json element : elements) {
      const bool hit = !target.filter || target.filter->Matches(element);
      found = found || hit;
      if (hit && op == Op::kRemove && sub == nullptr) continue;
      if (hit && !element.is_object() && sub != nullptr) element = json{{"value", element}};
      if (hit && op == Op::kRemove) {
        Erase(element, sub->name);
      } else if (hit && sub != nullptr) {
        Member(element, sub->name) = value;
        winner = element;
      } else if (hit) {
        if (!value.is_object()) return Refuse("SCIM_INVALID_VALUE", "An object is expected.");
        Merge(element, value);
        winner = element;
      }
      kept.push_back(std::move(element));
    }
    if (!found && op == Op::kReplace) {
      return Refuse("SCIM_NO_TARGET", "No value matches the path's filter.");
    }
    if (!found && op == Op::kAdd) {
      json element = json::object();
      // `emails[type eq "work"].value` names the type of the element that it wants.
      if (target.filter) {
        const auto equality = target.filter->equality();
        if (!equality) return Refuse("SCIM_NO_TARGET", "No value matches the path's filter.");
        element[equality->attribute] = equality->value;
      }
      if (sub != nullptr) {
        Member(element, sub->name) = value;
      } else if (value.is_object()) {
        Merge(element, value);
      }
      winner = element;
      kept.push_back(std::move(element));
    }
    elements = std::move(kept);
    if (winner.is_object()) TakePrimary(elements, winner);
    return absl::OkStatus();
  }

  // All of them, or those that are named.
  static absl::Status RemoveFrom(json& elements, const json& value) {
    if (value.is_null()) {
      elements = json::array();
      return absl::OkStatus();
    }
    const json given = value.is_array() ? value : json::array({value});
    json kept = json::array();
    for (const json& element : elements) {
      if (std::find(given.begin(), given.end(), element) == given.end()) kept.push_back(element);
    }
    elements = std::move(kept);
    return absl::OkStatus();
  }

  json& resource_;
};

}  // namespace

absl::Status ApplyScimPatch(const json& body, json& resource) {
  const json* operations = FindMember(body, "Operations");
  if (operations == nullptr || !operations->is_array() || operations->empty() ||
      operations->size() > kMostOperations) {
    return Refuse("SCIM_INVALID_SYNTAX", "A PatchOp has 1 to 100 Operations.");
  }
  json changed = resource;
  Patch patch(changed);
  for (const json& operation : *operations) {
    const json* name = FindMember(operation, "op");
    const json* path = FindMember(operation, "path");
    const json* value = FindMember(operation, "value");
    if (name == nullptr || !name->is_string() || (path != nullptr && !path->is_string())) {
      return Refuse("SCIM_INVALID_SYNTAX", "An operation has an op, and a path that is a string.");
    }
    const std::string& text = name->get_ref<const std::string&>();
    Op op = Op::kAdd;
    if (absl::EqualsIgnoreCase(text, "replace")) {
      op = Op::kReplace;
    } else if (absl::EqualsIgnoreCase(text, "remove")) {
      op = Op::kRemove;
    } else if (!absl::EqualsIgnoreCase(text, "add")) {
      return Refuse("SCIM_INVALID_SYNTAX", "op is add, replace or remove.");
    }
    if (op != Op::kRemove && value == nullptr) {
      return Refuse("SCIM_INVALID_VALUE", "add and replace need a value.");
    }
    static const json& none = *new json();
    if (path != nullptr) {
      RETURN_IF_ERROR(patch.Apply(op, path->get<std::string>(), value == nullptr ? none : *value));
      continue;
    }
    if (op == Op::kRemove) return Refuse("SCIM_NO_TARGET", "remove needs a path.");
    if (!value->is_object())
      return Refuse("SCIM_INVALID_VALUE", "Without a path the value is an object.");
    for (auto it = value->begin(); it != value->end(); ++it) {
      RETURN_IF_ERROR(patch.Apply(op, it.key(), it.value()));
    }
  }
  resource = std::move(changed);
  return absl::OkStatus();
}

}  // namespace waymark::workforce
