// The pseudonyms under which cases, steps, subjects and measures are stored: UUIDs made from keyed
// tokens, so that equal things meet and nothing can be read from them.
#ifndef WAYMARK_SERVICES_SCHEDULING_STORE_REFERENCES_H_
#define WAYMARK_SERVICES_SCHEDULING_STORE_REFERENCES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/crypto/pseudonymiser.h"

namespace waymark::scheduling {

class References {
 public:
  explicit References(crypto::Pseudonymiser pseudonymiser)
      : pseudonymiser_(std::move(pseudonymiser)) {}

  // Each returns one UUID for every live key version, newest first, never none: new rows take the
  // first, look-ups search for all.
  std::vector<std::string> Case(absl::string_view tenant, absl::string_view case_id) const {
    return Of("case", tenant, case_id, "");
  }
  std::vector<std::string> Step(absl::string_view tenant, absl::string_view case_id,
                                absl::string_view step_key) const {
    return Of("step", tenant, case_id, step_key);
  }
  std::vector<std::string> Subject(absl::string_view tenant, absl::string_view subject_id) const {
    return Of("subject", tenant, subject_id, "");
  }
  std::vector<std::string> Measure(absl::string_view tenant, absl::string_view key) const {
    return Of("measure", tenant, key, "");
  }

 private:
  std::vector<std::string> Of(absl::string_view domain, absl::string_view tenant,
                              absl::string_view id, absl::string_view part) const;

  const crypto::Pseudonymiser pseudonymiser_;
};

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_STORE_REFERENCES_H_
