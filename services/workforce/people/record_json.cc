#include "services/workforce/people/record_json.h"

#include <google/protobuf/util/json_util.h>

#include "common/status/status.h"

namespace waymark::workforce {

absl::StatusOr<std::string> RecordJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return status::Internal("RECORD_UNREADABLE", "A stored record cannot be shown.");
  }
  return json;
}

}  // namespace waymark::workforce
