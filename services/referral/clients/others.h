// The services that a referral asks and tells: the pathways, workforce, and the other side.
#ifndef WAYMARK_SERVICES_REFERRAL_CLIENTS_OTHERS_H_
#define WAYMARK_SERVICES_REFERRAL_CLIENTS_OTHERS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/casework/duties.h"
#include "services/referral/clients/sources.h"

namespace grpc {
class Channel;
}

namespace waymark::referral {

// The pathways that cases of care come from.
const std::vector<std::string>& PathwayNames();

// Channels by service name: every pathway, and workforce.
std::unique_ptr<Sources> MakeSources(
    const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels);

// Delivers a serialised OutcomeForPathway to that pathway. When the person has moved to another
// force, it goes on to the case there. That it did, or that the case refused it, is put on the
// referrer's case of the referral, over `self`, this service: a refusal is a task for a person.
casework::Teller PathwayTeller(const std::string& pathway,
                               const std::shared_ptr<grpc::Channel>& channel,
                               const std::shared_ptr<grpc::Channel>& self);

// Delivers a serialised Parcel to the other side: this service itself.
casework::Teller CounterpartTeller(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CLIENTS_OTHERS_H_
