#include "services/scheduling/store/references.h"

#include "common/crypto/crypto.h"
#include "common/ids/ids.h"

namespace waymark::scheduling {

std::vector<std::string> References::Of(absl::string_view domain, absl::string_view tenant,
                                        absl::string_view id, absl::string_view part) const {
  std::vector<std::string> references;
  for (const std::string& token :
       pseudonymiser_.LiveTokens(domain, crypto::BindingOf({tenant, id, part}))) {
    references.push_back(ids::DeriveUuid("waymark.scheduling", token));
  }
  return references;
}

}  // namespace waymark::scheduling
