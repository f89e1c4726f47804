// Who a provider's claims make somebody here: the configuration of the identity providers, and the
// pure function from claims to a person. Entra ID for forces, NHS CIS2 for clinicians and any other
// OpenID provider differ only in this configuration.
#ifndef WAYMARK_SERVICES_GATEWAY_CLAIMS_H_
#define WAYMARK_SERVICES_GATEWAY_CLAIMS_H_

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace waymark::gateway {

// Where a value is found in the claims: `claim` is a path of names with dots; a list on the way is
// gone through element by element. With `select`, only those elements of the path's first list
// count whose field of that name equals the text of the claim `equals_claim` (of CIS2's roles the
// one that the person selected). With `split`, each text found is cut at that character.
struct ClaimPath {
  std::string claim;
  std::string select;
  std::string equals_claim;
  std::string split;
};

// Something that must hold before anybody is signed in: the level of assurance, above all. Exactly
// one of the three is set.
struct Requirement {
  ClaimPath path;
  std::optional<double> at_least;
  std::vector<std::string> any_of;
  // The organisation's own name for the tenant is among the values.
  bool names_tenant = false;
};

enum class ClientAuth { kNone, kSecretBasic, kSecretPost, kPrivateKeyJwt };

struct Provider {
  std::string name;   // "force": in addresses and logs
  std::string label;  // on the button
  std::string issuer;
  std::string client_id;
  ClientAuth client_auth = ClientAuth::kNone;
  std::string secret_file;  // the secret, or the private JWK
  std::vector<std::string> scopes = {"openid"};
  std::string acr_values;
  bool userinfo = false;  // claims of the UserInfo endpoint come on top
  std::string ca_file;

  // Joined by ':' in this order: what identifies a person for good ("tid" and "oid" of Entra ID,
  // "sub" elsewhere), never an e-mail address.
  std::vector<std::string> user;
  std::string display_name;  // a claim; shown to the person themselves and kept nowhere else
  std::string subject;       // a claim with the caller's own workforce subject; may be empty
  ClaimPath tenant;
  std::map<std::string, std::string> tenants;  // the provider's name -> ours
  ClaimPath roles;
  std::map<std::string, std::vector<std::string>> role_names;  // the provider's -> ours
  std::vector<Requirement> require;
};

struct IdentityConfig {
  // The local provider of tools/run and the tests: plain http on this machine is allowed.
  bool development = false;
  std::vector<Provider> providers;

  const Provider* Find(absl::string_view name) const;
};

// Reads the file that --identity names (services/gateway/README.md shows one).
// FAILED_PRECONDITION IDENTITY_CONFIG with a sentence saying what is wrong;
// DEVELOPMENT_PROVIDER_REFUSED when `production` and the file is for development or a provider is
// not reached by https.
absl::StatusOr<IdentityConfig> ParseIdentityConfig(absl::string_view json, bool production);

struct Person {
  std::string user_id;  // "<provider>:<...>"
  std::string tenant;
  std::vector<std::string> roles;  // "OH_NURSE"
  std::string subject_id;          // may be empty
  std::string display_name;
};

// PERMISSION_DENIED, and nobody is signed in: ASSURANCE_TOO_LOW, ORGANISATION_UNKNOWN (none or
// several), NO_ROLE_HERE, CLAIMS_OVERAGE (Entra ID left the roles out of the token),
// CLAIMS_UNUSABLE. `known` then holds what was established until the refusal: whose log it is for.
absl::StatusOr<Person> PersonOf(const Provider& provider, const nlohmann::json& claims,
                                Person* known = nullptr);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_CLAIMS_H_
