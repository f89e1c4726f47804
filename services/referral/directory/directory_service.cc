#include "services/referral/directory/directory_service.h"

#include <utility>

#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/referral/clients/avoidances.h"
#include "waymark/referral/v1/directory_service.grpc.pb.h"

namespace waymark::referral {
namespace {

class DirectoryService final : public v1::DirectoryService::CallbackService {
 public:
  DirectoryService(rpc::Corridor& corridor, Directory& directory)
      : corridor_(corridor), directory_(directory) {}

#define WAYMARK_UNARY(method)                                                                     \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                          \
                                   const v1::method##Request* request,                            \
                                   v1::method##Response* response) override {                     \
    return rpc::Unary(                                                                            \
        corridor_, context, request, response,                                                    \
        [this](const rpc::Call& call, const v1::method##Request& asked,                           \
               v1::method##Response* answer) { return directory_.method(call, asked, answer); }); \
  }
  WAYMARK_UNARY(PutEntry)
  WAYMARK_UNARY(ListEntries)
  WAYMARK_UNARY(SuggestProviders)
  WAYMARK_UNARY(PutSlots)
  WAYMARK_UNARY(ListSlots)
  WAYMARK_UNARY(HoldSlot)
  WAYMARK_UNARY(ReleaseSlot)
#undef WAYMARK_UNARY

 private:
  rpc::Corridor& corridor_;
  Directory& directory_;
};

struct Rooms {
  Rooms(server::Ground& ground, std::shared_ptr<grpc::Channel> workforce)
      : tenants(*ground.database),
        trail("referral", *ground.database, tenants, *ground.keys, ground.real_clock, nullptr),
        directory({.database = ground.database,
                   .tenants = &tenants,
                   .keys = ground.keys,
                   .real_clock = &ground.real_clock,
                   .trail = &trail,
                   .avoided = AvoidedOver(std::move(workforce))}) {}

  db::Tenants tenants;
  // Without a channel: the referrals' relay carries what it appends.
  casework::AuditTrail trail;
  Directory directory;
};

}  // namespace

absl::StatusOr<DirectoryParts> AssembleDirectory(server::Ground& ground) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> workforce, ground.peer("workforce"));
  auto rooms = std::make_shared<Rooms>(ground, std::move(workforce));
  const clock::Clock& clinical = ground.clock;
  return DirectoryParts{
      .service = server::Expose<v1::DirectoryService>(
          std::make_shared<DirectoryService>(ground.corridor, rooms->directory)),
      .purge = {.name = "purge_slots",
                .interval = absl::Hours(6),
                .run_once = [rooms, &clinical] { return rooms->directory.Purge(clinical.Now()); }},
      .directory = &rooms->directory,
      .held = rooms};
}

}  // namespace waymark::referral
