// Between protobuf timestamps and instants, to the nanosecond.
#ifndef WAYMARK_SERVICES_CASEWORK_INSTANTS_H_
#define WAYMARK_SERVICES_CASEWORK_INSTANTS_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace waymark::casework {

inline absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// Years 1 to 9999, the range of a Timestamp; anything finer than a nanosecond is cut off.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_INSTANTS_H_
