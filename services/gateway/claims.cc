#include "services/gateway/claims.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/access/caller.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;

absl::Status Wrong(absl::string_view what) {
  return status::FailedPrecondition("IDENTITY_CONFIG",
                                    absl::StrCat("The identity configuration: ", what));
}

// Every member is read by name, and one that nobody reads is a misspelt one.
class Reader {
 public:
  Reader(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) Fail("is not an object");
  }

  std::string Text(const char* name, const std::string& standard = "") {
    const Json* value = Take(name);
    if (value == nullptr) return standard;
    if (!value->is_string()) Fail(absl::StrCat(name, " is not a text"));
    return value->is_string() ? value->get<std::string>() : "";
  }
  std::string Required(const char* name) {
    std::string text = Text(name);
    if (text.empty()) Fail(absl::StrCat(name, " is missing"));
    return text;
  }
  bool Bool(const char* name) {
    const Json* value = Take(name);
    if (value == nullptr) return false;
    if (!value->is_boolean()) Fail(absl::StrCat(name, " is neither true nor false"));
    return value->is_boolean() && value->get<bool>();
  }
  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    const Json* value = Take(name);
    if (value == nullptr) return texts;
    if (value->is_string()) return {value->get<std::string>()};
    if (!value->is_array()) {
      Fail(absl::StrCat(name, " is not a list of texts"));
      return texts;
    }
    for (const Json& one : *value) {
      if (one.is_string()) {
        texts.push_back(one.get<std::string>());
      } else {
        Fail(absl::StrCat(name, " is not a list of texts"));
      }
    }
    return texts;
  }
  const Json* Take(const char* name) {
    if (!object_.is_object()) return nullptr;
    taken_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  void Fail(absl::string_view what) {
    if (status_.ok()) status_ = Wrong(absl::StrCat(place_, ": ", what, "."));
  }
  absl::Status Done() {
    if (status_.ok() && object_.is_object()) {
      for (const auto& [name, value] : object_.items()) {
        if (taken_.count(name) == 0) Fail(absl::StrCat("nobody knows '", name, "'"));
      }
    }
    return status_;
  }

 private:
  const Json& object_;
  const std::string place_;
  std::set<std::string> taken_;
  absl::Status status_;
};

ClaimPath ReadPath(Reader& reader) {
  ClaimPath path = {.claim = reader.Required("claim"),
                    .select = reader.Text("select"),
                    .equals_claim = reader.Text("equals_claim"),
                    .split = reader.Text("split")};
  if (path.select.empty() != path.equals_claim.empty()) {
    reader.Fail("select and equals_claim go together");
  }
  if (path.split.size() > 1) reader.Fail("split is one character");
  return path;
}

bool IsRole(const std::string& name) {
  options::v1::Role role;
  return options::v1::Role_Parse(absl::StrCat("ROLE_", name), &role) &&
         role != options::v1::ROLE_UNSPECIFIED;
}

absl::StatusOr<Requirement> ReadRequirement(const Json& json, const std::string& place) {
  Reader reader(json, place);
  Requirement requirement;
  requirement.path = ReadPath(reader);
  if (const Json* least = reader.Take("at_least"); least != nullptr) {
    if (!least->is_number()) reader.Fail("at_least is not a number");
    requirement.at_least = least->is_number() ? least->get<double>() : 0;
  }
  requirement.any_of = reader.Texts("any_of");
  requirement.names_tenant = reader.Bool("names_tenant");
  if (requirement.at_least.has_value() + !requirement.any_of.empty() + requirement.names_tenant !=
      1) {
    reader.Fail("ask for one of at_least, any_of and names_tenant");
  }
  RETURN_IF_ERROR(reader.Done());
  return requirement;
}

absl::Status ReadTenant(const Json* json, const std::string& place, Provider& provider) {
  if (json == nullptr) return Wrong(absl::StrCat(place, ": tenant is missing."));
  Reader reader(*json, absl::StrCat(place, ".tenant"));
  provider.tenant = ReadPath(reader);
  if (const Json* values = reader.Take("values"); values != nullptr && values->is_object()) {
    for (const auto& [theirs, ours] : values->items()) {
      if (!ours.is_string() || !access::IsTenant(ours.get_ref<const std::string&>())) {
        reader.Fail("values names an organisation in a way that tokens cannot");
        continue;
      }
      provider.tenants[theirs] = ours.get<std::string>();
    }
  }
  if (provider.tenants.empty()) reader.Fail("values is missing");
  return reader.Done();
}

absl::Status ReadRoles(const Json* json, const std::string& place, Provider& provider) {
  if (json == nullptr) return Wrong(absl::StrCat(place, ": roles is missing."));
  Reader reader(*json, absl::StrCat(place, ".roles"));
  provider.roles = ReadPath(reader);
  if (const Json* values = reader.Take("values"); values != nullptr && values->is_object()) {
    Reader names(*values, absl::StrCat(place, ".roles.values"));
    for (const auto& [theirs, ours] : values->items()) {
      std::vector<std::string> roles = names.Texts(theirs.c_str());
      for (const std::string& role : roles) {
        if (!IsRole(role)) names.Fail(absl::StrCat("there is no role ", role));
      }
      provider.role_names[theirs] = std::move(roles);
    }
    RETURN_IF_ERROR(names.Done());
  }
  if (provider.role_names.empty()) reader.Fail("values is missing");
  return reader.Done();
}

absl::StatusOr<Provider> ReadProvider(const Json& json, const std::string& place) {
  Reader reader(json, place);
  Provider provider;
  provider.name = reader.Required("name");
  const bool plain = std::all_of(provider.name.begin(), provider.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!plain || provider.name.size() > 32) reader.Fail("name is a-z, 0-9 and '-'");
  provider.label = reader.Text("label", provider.name);
  provider.issuer = reader.Required("issuer");
  provider.client_id = reader.Required("client_id");
  const std::string auth = reader.Text("client_auth", "none");
  provider.secret_file = reader.Text("secret_file");
  if (auth == "none") {
    provider.client_auth = ClientAuth::kNone;
  } else if (auth == "client_secret_basic") {
    provider.client_auth = ClientAuth::kSecretBasic;
  } else if (auth == "client_secret_post") {
    provider.client_auth = ClientAuth::kSecretPost;
  } else if (auth == "private_key_jwt") {
    provider.client_auth = ClientAuth::kPrivateKeyJwt;
  } else {
    reader.Fail("client_auth is none, client_secret_basic, client_secret_post or private_key_jwt");
  }
  if ((auth == "none") != provider.secret_file.empty()) {
    reader.Fail("secret_file goes with a client_auth other than none");
  }
  if (std::vector<std::string> scopes = reader.Texts("scopes"); !scopes.empty()) {
    provider.scopes = std::move(scopes);
  }
  if (std::find(provider.scopes.begin(), provider.scopes.end(), "openid") ==
      provider.scopes.end()) {
    reader.Fail("scopes lacks openid");
  }
  provider.acr_values = reader.Text("acr_values");
  provider.userinfo = reader.Bool("userinfo");
  provider.ca_file = reader.Text("ca_file");
  provider.user = reader.Texts("user");
  if (provider.user.empty()) reader.Fail("user is missing");
  provider.display_name = reader.Text("display_name");
  provider.subject = reader.Text("subject");
  RETURN_IF_ERROR(ReadTenant(reader.Take("tenant"), place, provider));
  RETURN_IF_ERROR(ReadRoles(reader.Take("roles"), place, provider));
  if (const Json* require = reader.Take("require"); require != nullptr) {
    if (!require->is_array()) reader.Fail("require is not a list");
    for (const Json& one : *require) {
      ASSIGN_OR_RETURN(Requirement requirement,
                       ReadRequirement(one, absl::StrCat(place, ".require")));
      provider.require.push_back(std::move(requirement));
    }
  }
  RETURN_IF_ERROR(reader.Done());
  return provider;
}

bool IsLoopback(absl::string_view url) {
  for (const absl::string_view host : {"http://127.0.0.1", "http://localhost"}) {
    if (absl::StartsWith(url, host) &&
        (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/')) {
      return true;
    }
  }
  return false;
}

// The text of one value; numbers as they are written. Nothing for what is no single value.
std::optional<std::string> TextOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return absl::StrCat(value.get<int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return std::nullopt;
}

struct Step {
  const std::vector<std::string>& names;
  const std::string& select;
  const std::optional<std::string>& wanted;
};

void Walk(const Json& here, size_t at, bool selected, const Step& step,
          std::vector<std::string>& found) {
  if (here.is_array()) {
    for (const Json& one : here) {
      if (!step.select.empty() && !selected) {
        if (!one.is_object()) continue;
        const auto field = one.find(step.select);
        if (field == one.end() || !step.wanted.has_value() || TextOf(*field) != step.wanted) {
          continue;
        }
      }
      Walk(one, at, /*selected=*/true, step, found);
    }
    return;
  }
  if (at == step.names.size()) {
    // Without the list that was to be selected from, nothing was.
    if (!step.select.empty() && !selected) return;
    if (std::optional<std::string> text = TextOf(here); text.has_value()) {
      found.push_back(*std::move(text));
    }
    return;
  }
  if (!here.is_object()) return;
  if (const auto next = here.find(step.names[at]); next != here.end()) {
    Walk(*next, at + 1, selected, step, found);
  }
}

std::vector<std::string> Values(const Json& claims, const ClaimPath& path) {
  std::optional<std::string> wanted;
  if (!path.equals_claim.empty() && claims.contains(path.equals_claim)) {
    wanted = TextOf(claims[path.equals_claim]);
  }
  // A claim may itself have dots in its name (a URL does).
  const std::vector<std::string> names =
      claims.contains(path.claim) ? std::vector<std::string>{path.claim}
                                  : std::vector<std::string>(absl::StrSplit(path.claim, '.'));
  std::vector<std::string> found;
  Walk(claims, 0, false, {.names = names, .select = path.select, .wanted = wanted}, found);
  if (path.split.empty()) return found;
  std::vector<std::string> parts;
  for (const std::string& text : found) {
    for (const absl::string_view part : absl::StrSplit(text, path.split)) parts.emplace_back(part);
  }
  return parts;
}

absl::Status Denied(absl::string_view reason, absl::string_view message) {
  return status::PermissionDenied(reason, message);
}

absl::Status Check(const Requirement& requirement, const Json& claims,
                   const std::string& their_tenant) {
  const std::vector<std::string> values = Values(claims, requirement.path);
  bool holds = false;
  if (requirement.at_least.has_value()) {
    // Every value that is there, so that a list with one high level does not hide a low one.
    holds = !values.empty();
    for (const std::string& value : values) {
      double number = 0;
      holds = holds && absl::SimpleAtod(value, &number) && number >= *requirement.at_least;
    }
  } else {
    holds = std::any_of(values.begin(), values.end(), [&](const std::string& value) {
      if (requirement.names_tenant) return value == their_tenant;
      return std::find(requirement.any_of.begin(), requirement.any_of.end(), value) !=
             requirement.any_of.end();
    });
  }
  if (holds) return absl::OkStatus();
  return Denied("ASSURANCE_TOO_LOW",
                "Your sign-in is not strong enough for health records. Sign in again with your "
                "smartcard, security key or second factor.");
}

}  // namespace

const Provider* IdentityConfig::Find(absl::string_view name) const {
  for (const Provider& provider : providers) {
    if (provider.name == name) return &provider;
  }
  return nullptr;
}

absl::StatusOr<IdentityConfig> ParseIdentityConfig(absl::string_view text, bool production) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  Reader reader(json, "file");
  IdentityConfig config;
  config.development = reader.Bool("development");
  if (const Json* providers = reader.Take("providers");
      providers != nullptr && providers->is_array()) {
    for (const Json& one : *providers) {
      ASSIGN_OR_RETURN(Provider provider,
                       ReadProvider(one, absl::StrCat("providers[", config.providers.size(), "]")));
      if (config.Find(provider.name) != nullptr) reader.Fail("two providers have one name");
      config.providers.push_back(std::move(provider));
    }
  }
  if (config.providers.empty()) reader.Fail("there are no providers");
  RETURN_IF_ERROR(reader.Done());
  for (const Provider& provider : config.providers) {
    const bool https = absl::StartsWith(provider.issuer, "https://");
    if (production && (config.development || !https)) {
      return status::FailedPrecondition(
          "DEVELOPMENT_PROVIDER_REFUSED",
          "--production takes no provider for development and none that is not reached by https.");
    }
    if (!https && !(config.development && IsLoopback(provider.issuer))) {
      return Wrong(absl::StrCat(provider.name, ": issuer is not an https URL."));
    }
  }
  return config;
}

absl::StatusOr<Person> PersonOf(const Provider& provider, const Json& claims, Person* known) {
  if (!claims.is_object()) return Denied("CLAIMS_UNUSABLE", "The provider's claims are unusable.");
  Person unseen;
  Person& person = known == nullptr ? unseen : *known;
  person = {};
  std::vector<std::string> parts = {provider.name};
  for (const std::string& name : provider.user) {
    const auto found = claims.find(name);
    const std::optional<std::string> text = found == claims.end() ? std::nullopt : TextOf(*found);
    // What joins the parts may not be in them: two people would become one.
    if (!text.has_value() || text->empty() || absl::StrContains(*text, ":")) {
      return Denied("CLAIMS_UNUSABLE", "The provider did not say who you are.");
    }
    parts.push_back(*text);
  }
  const std::string user_id = absl::StrJoin(parts, ":");
  if (user_id.size() > 128 || std::any_of(user_id.begin(), user_id.end(),
                                          [](unsigned char c) { return c < 0x21 || c > 0x7e; })) {
    return Denied("CLAIMS_UNUSABLE", "The provider did not say who you are.");
  }
  person.user_id = user_id;

  std::vector<std::string> theirs = Values(claims, provider.tenant);
  std::sort(theirs.begin(), theirs.end());
  theirs.erase(std::unique(theirs.begin(), theirs.end()), theirs.end());
  const auto tenant =
      theirs.size() == 1 ? provider.tenants.find(theirs[0]) : provider.tenants.end();
  if (tenant == provider.tenants.end()) {
    return Denied("ORGANISATION_UNKNOWN",
                  "You signed in for an organisation that does not use this service.");
  }
  person.tenant = tenant->second;
  for (const Requirement& requirement : provider.require) {
    RETURN_IF_ERROR(Check(requirement, claims, theirs[0]));
  }

  const std::string first = provider.roles.claim.substr(0, provider.roles.claim.find('.'));
  if (claims.contains("_claim_names") && claims["_claim_names"].is_object() &&
      claims["_claim_names"].contains(first)) {
    return Denied("CLAIMS_OVERAGE",
                  "Your organisation's directory left your roles out. Tell its administrator to "
                  "assign application roles instead of groups.");
  }
  std::set<std::string> roles;
  for (const std::string& value : Values(claims, provider.roles)) {
    if (const auto found = provider.role_names.find(value); found != provider.role_names.end()) {
      roles.insert(found->second.begin(), found->second.end());
    }
  }
  if (roles.empty()) {
    return Denied("NO_ROLE_HERE",
                  "You have no role in this service. Ask your occupational health lead for one.");
  }
  person.roles.assign(roles.begin(), roles.end());

  if (!provider.subject.empty() && claims.contains(provider.subject)) {
    const auto subject = ids::NormaliseUuid(TextOf(claims[provider.subject]).value_or(""));
    if (!subject.has_value()) {
      return Denied("CLAIMS_UNUSABLE",
                    "The provider named your own record in a way we cannot read.");
    }
    person.subject_id = *subject;
  }
  if (!provider.display_name.empty() && claims.contains(provider.display_name)) {
    person.display_name = TextOf(claims[provider.display_name]).value_or("").substr(0, 200);
  }
  return person;
}

}  // namespace waymark::gateway
