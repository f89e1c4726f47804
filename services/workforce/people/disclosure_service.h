// Who is referred, for providers outside the force.
#ifndef WAYMARK_SERVICES_WORKFORCE_PEOPLE_DISCLOSURE_SERVICE_H_
#define WAYMARK_SERVICES_WORKFORCE_PEOPLE_DISCLOSURE_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/corridor.h"
#include "services/workforce/desk.h"
#include "waymark/workforce/v1/disclosure_service.pb.h"
#include "waymark/workforce/v1/person.pb.h"

namespace grpc {
class Service;
}

namespace waymark::workforce {

// What a provider may know of `person`; `alias` is not empty when they are protected. Nothing of
// their work. Pure.
referral::v1::Patient PatientOf(const v1::Person& person, const v1::Choices& choices,
                                absl::string_view alias);

// Whether a consent given at `given` still carries a referral to `recipient`: nobody has withdrawn
// one since. Pure.
bool IsWithdrawn(const std::vector<v1::Consent>& consents, absl::string_view recipient,
                 absl::Time given);

absl::Status DisclosePerson(Desk& desk, const rpc::Call& call,
                            const v1::DisclosePersonRequest& request,
                            v1::DisclosePersonResponse* response);

std::shared_ptr<grpc::Service> MakeDisclosureService(rpc::Corridor& corridor, Desk& desk);

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_PEOPLE_DISCLOSURE_SERVICE_H_
