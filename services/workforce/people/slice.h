// What is true of an employment between two days. Pure.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_SLICE_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_SLICE_H_

#include <cstdint>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "waymark/workforce/v1/employment.pb.h"

namespace waymark::workforce {

// Stored as infinity.
inline constexpr absl::CivilDay kNoEnd(9999, 1, 1);

struct Slice {
  std::string slice_id;
  std::string person_id;
  v1::Employment employment;  // employment_id set
  absl::CivilDay from;
  absl::CivilDay until = kNoEnd;  // the first day on which it is not true
  absl::Time known_from = absl::InfinitePast();
  absl::Time known_until = absl::InfiniteFuture();
  std::string source;
  int64_t source_version = 0;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_SLICE_H_
