#include "services/workforce/clients/pathways.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/time/time.h"
#include "common/ids/ids.h"
#include "common/outbox/outbox.h"
#include "common/outbox/sealed.h"
#include "common/rpc/client.h"
#include "common/status/status.h"
#include "waymark/bbv/v1/bbv_service.grpc.pb.h"
#include "waymark/dental/v1/dental_service.grpc.pb.h"
#include "waymark/mental_health/v1/mental_health_service.grpc.pb.h"
#include "waymark/msk/v1/msk_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

// What is told, whoever is told it.
struct Moved {
  std::string request_id;
  std::string tenant;
  const casework::v1::Actor& offered_by;
  const casework::v1::CaseTransfer& transfer;
};

// One pathway: how its request is written, and how it is sent.
struct Pathway {
  std::string name;
  std::string (*write)(const Moved& moved);
  absl::Status (*send)(const std::shared_ptr<grpc::Channel>& channel, const std::string& payload,
                       absl::Time deadline);
};

template <typename Service, typename Request, typename Response>
Pathway PathwayOf(const std::string& name) {
  return {.name = name,
          .write =
              [](const Moved& moved) {
                Request request;
                request.set_request_id(moved.request_id);
                request.set_tenant(moved.tenant);
                *request.mutable_actor() = moved.offered_by;
                *request.mutable_transfer() = moved.transfer;
                return request.SerializeAsString();
              },
          .send = [](const std::shared_ptr<grpc::Channel>& channel, const std::string& payload,
                     absl::Time deadline) -> absl::Status {
            Request request;
            if (!request.ParseFromString(payload)) {
              return status::DataLoss("MESSAGE_UNREADABLE",
                                      "A message in the outbox cannot be read.");
            }
            Response response;
            const auto stub = Service::NewStub(channel);
            return rpc::Invoke({.deadline = deadline}, [&](grpc::ClientContext* context) {
              return stub->TransferCases(context, request, &response);
            });
          }};
}

const std::vector<Pathway>& All() {
  static const auto* const all = new std::vector<Pathway>{
      PathwayOf<bbv::v1::BbvService, bbv::v1::TransferCasesRequest, bbv::v1::TransferCasesResponse>(
          "bbv"),
      PathwayOf<mental_health::v1::MentalHealthService, mental_health::v1::TransferCasesRequest,
                mental_health::v1::TransferCasesResponse>("mental_health"),
      PathwayOf<msk::v1::MskService, msk::v1::TransferCasesRequest, msk::v1::TransferCasesResponse>(
          "msk"),
      PathwayOf<dental::v1::DentalService, dental::v1::TransferCasesRequest,
                dental::v1::TransferCasesResponse>("dental")};
  return *all;
}

}  // namespace

Pathways::Pathways(db::Database& database, db::Tenants& tenants, const crypto::KeyProvider& keys,
                   const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels)
    : keys_(keys) {
  for (const Pathway& pathway : All()) {
    const auto found = channels.find(pathway.name);
    if (found == channels.end()) continue;
    told_.emplace_back(new Told{
        .name = pathway.name,
        .relay = outbox::Relay(
            database, tenants, {.destination = pathway.name},
            [&keys, &pathway, channel = found->second](absl::string_view tenant,
                                                       const std::vector<outbox::Numbered>& batch,
                                                       absl::Time deadline) -> absl::Status {
              for (const outbox::Numbered& one : batch) {
                ASSIGN_OR_RETURN(
                    const std::string payload,
                    outbox::Opened(keys, tenant, pathway.name, one.event_id, one.payload));
                RETURN_IF_ERROR(pathway.send(channel, payload, deadline));
              }
              return absl::OkStatus();
            })});
  }
}

Pathways::~Pathways() = default;

std::vector<std::string> Pathways::Names() {
  std::vector<std::string> names;
  for (const Pathway& pathway : All()) names.push_back(pathway.name);
  return names;
}

absl::Status Pathways::TransferCases(db::Transaction& txn, const casework::v1::Actor& offered_by,
                                     const casework::v1::CaseTransfer& transfer) {
  std::vector<outbox::Message> messages;
  for (const Pathway& pathway : All()) {
    const std::string id = ids::DeriveUuid(transfer.transfer_id(), pathway.name);
    ASSIGN_OR_RETURN(outbox::Message message,
                     outbox::Sealed(keys_, txn.tenant(), pathway.name, id,
                                    pathway.write({.request_id = id,
                                                   .tenant = txn.tenant(),
                                                   .offered_by = offered_by,
                                                   .transfer = transfer})));
    messages.push_back(std::move(message));
  }
  RETURN_IF_ERROR(outbox::Append(txn, messages));
  txn.OnCommit([this, tenant = txn.tenant()] {
    for (const auto& told : told_) told->relay.Wake(tenant);
  });
  return absl::OkStatus();
}

void Pathways::Start() {
  for (const auto& told : told_) told->relay.Start();
}

void Pathways::Stop() {
  for (const auto& told : told_) told->relay.Stop();
}

}  // namespace waymark::workforce
