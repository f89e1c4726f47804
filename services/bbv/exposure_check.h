// What an exposure and its source must look like, wherever they come in.
#ifndef WAYMARK_SERVICES_BBV_EXPOSURE_CHECK_H_
#define WAYMARK_SERVICES_BBV_EXPOSURE_CHECK_H_

#include "absl/strings/string_view.h"
#include "services/casework/fields.h"
#include "waymark/bbv/v1/exposure.pb.h"

namespace waymark::bbv {

// Checks every field under `path` ("people[0].exposure") and fills in the instants. Time of the
// report: now, when it is left out.
void CheckExposure(absl::string_view path, casework::Fields& fields, v1::Exposure& exposure);

// Nothing of the source is required: often nothing is known.
void CheckSource(absl::string_view path, casework::Fields& fields,
                 const v1::ExposureSource& source);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_EXPOSURE_CHECK_H_
