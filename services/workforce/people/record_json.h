// A stored record as the JSON that the person it is about may have.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_RECORD_JSON_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_RECORD_JSON_H_

#include <string>

#include "absl/status/statusor.h"

namespace google::protobuf {
class Message;
}

namespace waymark::workforce {

// Fields by their names in the API. INTERNAL RECORD_UNREADABLE: it holds what JSON has no word for,
// as a day after the year 9999.
absl::StatusOr<std::string> RecordJson(const google::protobuf::Message& message);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_RECORD_JSON_H_
