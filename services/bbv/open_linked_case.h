#ifndef WAYMARK_SERVICES_BBV_OPEN_LINKED_CASE_H_
#define WAYMARK_SERVICES_BBV_OPEN_LINKED_CASE_H_

#include <vector>

#include "services/bbv/record.h"
#include "waymark/bbv/v1/bbv_service.pb.h"

namespace waymark::bbv {

// Opens what LogExposure would for the one person, under the id that the asking service chose, with
// a link to the case that it came from; and, when that person bit somebody, a case for them: a
// third party without identity. INVALID_FIELDS.
BbvChange OpenLinkedCase(const v1::OpenLinkedCaseRequest& request, const casework::Call& call);

// The other service learns that the case is there, and nothing of it.
void FillLinked(const std::vector<v1::BbvCase>& opened, const v1::OpenLinkedCaseRequest& request,
                v1::OpenLinkedCaseResponse& response);

}  // namespace waymark::bbv

#endif  // WAYMARK_SERVICES_BBV_OPEN_LINKED_CASE_H_
