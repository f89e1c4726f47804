#include "services/workforce/feed/scim_filter.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::workforce {
namespace {

using nlohmann::json;

constexpr size_t kLongestFilter = 2000;
constexpr int kDeepest = 30;

absl::Status BadFilter() {
  return status::InvalidArgument("SCIM_INVALID_FILTER",
                                 "The filter is not one of RFC 7644 section 3.4.2.2.");
}

enum class Op { kAnd, kOr, kNot, kValuePath, kPr, kEq, kNe, kCo, kSw, kEw, kGt, kLt, kGe, kLe };

std::optional<Op> OpNamed(absl::string_view word) {
  static constexpr std::pair<absl::string_view, Op> kOps[] = {
      {"pr", Op::kPr}, {"eq", Op::kEq}, {"ne", Op::kNe}, {"co", Op::kCo}, {"sw", Op::kSw},
      {"ew", Op::kEw}, {"gt", Op::kGt}, {"lt", Op::kLt}, {"ge", Op::kGe}, {"le", Op::kLe}};
  for (const auto& [name, op] : kOps) {
    if (absl::EqualsIgnoreCase(word, name)) return op;
  }
  return std::nullopt;
}

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '$';
}

// The keys of the client and of the service are exact, everything else is not (RFC 7643 section 4).
bool IsCaseExact(const ScimPath& path) {
  return path.schema.empty() && (absl::EqualsIgnoreCase(path.attribute, "id") ||
                                 absl::EqualsIgnoreCase(path.attribute, "externalId"));
}

std::string TextOf(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  // Entra writes booleans as "True".
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool Compare(Op op, const json& have, const json& want, bool exact) {
  if (have.is_object() || have.is_array()) return false;
  if (want.is_null()) return op == Op::kNe;
  if (have.is_number() && want.is_number()) {
    const double a = have.get<double>(), b = want.get<double>();
    switch (op) {
      case Op::kEq:
        return a == b;
      case Op::kNe:
        return a != b;
      case Op::kGt:
        return a > b;
      case Op::kLt:
        return a < b;
      case Op::kGe:
        return a >= b;
      case Op::kLe:
        return a <= b;
      default:
        break;
    }
  }
  std::string a = TextOf(have), b = TextOf(want);
  if (!exact || have.is_boolean()) {
    absl::AsciiStrToLower(&a);
    absl::AsciiStrToLower(&b);
  }
  switch (op) {
    case Op::kEq:
      return a == b;
    case Op::kNe:
      return a != b;
    case Op::kCo:
      return absl::StrContains(a, b);
    case Op::kSw:
      return absl::StartsWith(a, b);
    case Op::kEw:
      return absl::EndsWith(a, b);
    case Op::kGt:
      return a > b;
    case Op::kLt:
      return a < b;
    case Op::kGe:
      return a >= b;
    case Op::kLe:
      return a <= b;
    default:
      return false;
  }
}

bool IsPresent(const json& value) {
  return !value.is_null() && !((value.is_array() || value.is_object()) && value.empty()) &&
         !(value.is_string() && value.get_ref<const std::string&>().empty());
}

}  // namespace

const json* FindMember(const json& object, absl::string_view name) {
  if (!object.is_object()) return nullptr;
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (absl::EqualsIgnoreCase(it.key(), name)) return &it.value();
  }
  return nullptr;
}

// Of a complex element without a sub-attribute its "value".
std::vector<const json*> ScimValuesAt(const json& resource, const ScimPath& path) {
  const json* at = &resource;
  if (!path.schema.empty()) at = FindMember(*at, path.schema);
  if (at != nullptr) at = FindMember(*at, path.attribute);
  if (at == nullptr) return {};
  std::vector<const json*> elements;
  if (at->is_array()) {
    for (const json& element : *at) elements.push_back(&element);
  } else {
    elements.push_back(at);
  }
  std::vector<const json*> values;
  for (const json* element : elements) {
    const json* value = element;
    if (!path.sub.empty()) {
      value = FindMember(*element, path.sub);
    } else if (element->is_object() && FindMember(*element, "value") != nullptr) {
      value = FindMember(*element, "value");
    }
    if (value != nullptr) values.push_back(value);
  }
  return values;
}

struct ScimFilter::Node {
  Op op = Op::kAnd;
  ScimPath path;
  json value;
  std::vector<std::unique_ptr<Node>> parts;

  bool Matches(const json& resource) const {
    switch (op) {
      case Op::kAnd:
        return parts[0]->Matches(resource) && parts[1]->Matches(resource);
      case Op::kOr:
        return parts[0]->Matches(resource) || parts[1]->Matches(resource);
      case Op::kNot:
        return !parts[0]->Matches(resource);
      case Op::kValuePath: {
        const json* at = &resource;
        if (!path.schema.empty()) at = FindMember(*at, path.schema);
        if (at != nullptr) at = FindMember(*at, path.attribute);
        if (at == nullptr) return false;
        if (!at->is_array()) return parts[0]->Matches(*at);
        for (const json& element : *at) {
          if (parts[0]->Matches(element)) return true;
        }
        return false;
      }
      default:
        break;
    }
    const std::vector<const json*> values = ScimValuesAt(resource, path);
    bool any = false;
    for (const json* have : values) {
      if (op == Op::kPr ? IsPresent(*have) : Compare(op, *have, value, IsCaseExact(path)))
        any = true;
    }
    // What is not there is not equal to anything (but null).
    if (values.empty() && op == Op::kNe) return !value.is_null();
    if (values.empty() && op == Op::kEq) return value.is_null();
    return any;
  }
};

class ScimFilterParser {
 public:
  explicit ScimFilterParser(absl::string_view text) : text_(text) {}

  absl::StatusOr<ScimFilter> Whole() {
    if (text_.size() > kLongestFilter) return BadFilter();
    ASSIGN_OR_RETURN(std::unique_ptr<ScimFilter::Node> root, Or(0));
    Space();
    if (at_ != text_.size()) return BadFilter();
    return ScimFilter(std::move(root));
  }

  absl::StatusOr<ScimTarget> Target() {
    if (text_.size() > kLongestFilter) return BadFilter();
    ScimTarget target;
    Space();
    ASSIGN_OR_RETURN(target.path, Path());
    if (Take('[')) {
      ASSIGN_OR_RETURN(std::unique_ptr<ScimFilter::Node> inner, Or(0));
      Space();
      if (!Take(']')) return BadFilter();
      target.filter = ScimFilter(std::move(inner));
      if (Take('.')) {
        target.path.sub = Name();
        if (target.path.sub.empty()) return BadPath();
      }
    }
    Space();
    if (at_ != text_.size()) return BadPath();
    return target;
  }

 private:
  using NodePtr = std::unique_ptr<ScimFilter::Node>;

  static absl::Status BadPath() {
    return status::InvalidArgument("SCIM_INVALID_PATH",
                                   "The path is not one of RFC 7644 section 3.5.2.");
  }

  absl::StatusOr<NodePtr> Or(int depth) {
    if (depth > kDeepest) return BadFilter();
    ASSIGN_OR_RETURN(NodePtr left, And(depth));
    while (Word("or")) {
      ASSIGN_OR_RETURN(NodePtr right, And(depth));
      left = Join(Op::kOr, std::move(left), std::move(right));
      if (++parts_ > kDeepest) return BadFilter();
    }
    return left;
  }
  absl::StatusOr<NodePtr> And(int depth) {
    ASSIGN_OR_RETURN(NodePtr left, One(depth));
    while (Word("and")) {
      ASSIGN_OR_RETURN(NodePtr right, One(depth));
      left = Join(Op::kAnd, std::move(left), std::move(right));
      if (++parts_ > kDeepest) return BadFilter();
    }
    return left;
  }
  absl::StatusOr<NodePtr> One(int depth) {
    Space();
    const size_t before = at_;
    if (Word("not")) {
      Space();
      if (Take('(')) {
        ASSIGN_OR_RETURN(NodePtr inner, Group(depth));
        auto node = std::make_unique<ScimFilter::Node>();
        node->op = Op::kNot;
        node->parts.push_back(std::move(inner));
        return node;
      }
      at_ = before;  // an attribute called "not"
    }
    if (Take('(')) return Group(depth);
    auto node = std::make_unique<ScimFilter::Node>();
    ASSIGN_OR_RETURN(node->path, Path());
    if (Take('[')) {
      ASSIGN_OR_RETURN(NodePtr inner, Or(depth + 1));
      Space();
      if (!Take(']') || !node->path.sub.empty()) return BadFilter();
      node->op = Op::kValuePath;
      node->parts.push_back(std::move(inner));
      return node;
    }
    Space();
    const std::optional<Op> op = OpNamed(Name());
    if (!op) return BadFilter();
    node->op = *op;
    if (*op == Op::kPr) return node;
    Space();
    ASSIGN_OR_RETURN(node->value, Value());
    const bool order = *op == Op::kGt || *op == Op::kLt || *op == Op::kGe || *op == Op::kLe;
    if (order && (node->value.is_boolean() || node->value.is_null())) return BadFilter();
    return node;
  }
  absl::StatusOr<NodePtr> Group(int depth) {
    ASSIGN_OR_RETURN(NodePtr inner, Or(depth + 1));
    Space();
    if (!Take(')')) return BadFilter();
    return inner;
  }

  absl::StatusOr<ScimPath> Path() {
    ScimPath path;
    const size_t from = at_;
    if (absl::StartsWithIgnoreCase(text_.substr(at_), "urn:")) {
      while (at_ < text_.size() &&
             (IsNameByte(text_[at_]) || text_[at_] == ':' || text_[at_] == '.')) {
        ++at_;
      }
      absl::string_view whole = text_.substr(from, at_ - from);
      const size_t colon = whole.rfind(':');
      path.schema = std::string(whole.substr(0, colon));
      absl::string_view rest = whole.substr(colon + 1);
      const size_t dot = rest.find('.');
      path.attribute = std::string(rest.substr(0, dot));
      if (dot != absl::string_view::npos) path.sub = std::string(rest.substr(dot + 1));
      if (absl::EqualsIgnoreCase(path.schema, kScimUser)) path.schema.clear();
      if (dot != absl::string_view::npos && path.sub.empty()) return BadPath();
    } else {
      path.attribute = Name();
      if (Take('.')) {
        path.sub = Name();
        if (path.sub.empty()) return BadPath();
      }
    }
    if (path.attribute.empty()) return BadPath();
    return path;
  }

  absl::StatusOr<json> Value() {
    const size_t from = at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
      if (at_ >= text_.size()) return BadFilter();
      ++at_;
    } else {
      while (at_ < text_.size() &&
             (IsNameByte(text_[at_]) || text_[at_] == '.' || text_[at_] == '+')) {
        ++at_;
      }
    }
    const std::string part(text_.substr(from, at_ - from));
    json value = json::parse(part, nullptr, false);
    if (value.is_discarded() || value.is_structured()) {
      // Some clients write True.
      value = json::parse(absl::AsciiStrToLower(part), nullptr, false);
      if (!value.is_boolean()) return BadFilter();
    }
    return value;
  }

  static NodePtr Join(Op op, NodePtr left, NodePtr right) {
    auto node = std::make_unique<ScimFilter::Node>();
    node->op = op;
    node->parts.push_back(std::move(left));
    node->parts.push_back(std::move(right));
    return node;
  }
  std::string Name() {
    const size_t from = at_;
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }
  // A word that stands alone.
  bool Word(absl::string_view word) {
    Space();
    if (!absl::EqualsIgnoreCase(text_.substr(at_, word.size()), word)) return false;
    const size_t after = at_ + word.size();
    if (after < text_.size() && text_[after] != ' ' && text_[after] != '(') return false;
    at_ = after;
    return true;
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void Space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  const absl::string_view text_;
  size_t at_ = 0;
  int parts_ = 0;
};

ScimFilter::ScimFilter(std::unique_ptr<Node> root) : root_(std::move(root)) {}
ScimFilter::ScimFilter(ScimFilter&&) noexcept = default;
ScimFilter& ScimFilter::operator=(ScimFilter&&) noexcept = default;
ScimFilter::~ScimFilter() = default;

absl::StatusOr<ScimFilter> ScimFilter::Parse(absl::string_view text) {
  return ScimFilterParser(text).Whole();
}

bool ScimFilter::Matches(const json& resource) const { return root_->Matches(resource); }

std::optional<ScimFilter::Equality> ScimFilter::equality() const {
  if (root_->op != Op::kEq || !root_->value.is_string() || !root_->path.schema.empty() ||
      !root_->path.sub.empty()) {
    return std::nullopt;
  }
  return Equality{absl::AsciiStrToLower(root_->path.attribute), root_->value.get<std::string>()};
}

std::vector<ScimFilter::Equality> ScimFilter::equalities() const {
  std::vector<Equality> found;
  Collect(*root_, "", found);
  return found;
}

// `of` is the multi-valued attribute whose elements the node is asked about.
void ScimFilter::Collect(const Node& node, absl::string_view of, std::vector<Equality>& found) {
  if (node.op == Op::kAnd) {
    for (const auto& part : node.parts) Collect(*part, of, found);
    return;
  }
  if (node.op == Op::kValuePath) return Collect(*node.parts[0], node.path.attribute, found);
  if (node.op != Op::kEq || !node.value.is_string()) return;
  std::string name =
      absl::StrCat(node.path.schema, node.path.schema.empty() ? "" : ":", of, of.empty() ? "" : ".",
                   node.path.attribute, node.path.sub.empty() ? "" : ".", node.path.sub);
  absl::AsciiStrToLower(&name);
  found.push_back({std::move(name), node.value.get<std::string>()});
}

absl::StatusOr<ScimTarget> ScimTarget::Parse(absl::string_view text) {
  return ScimFilterParser(text).Target();
}

}  // namespace waymark::workforce
