#include "services/workforce/fitness/fitness_service.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/metrics/metrics.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/workforce/fitness/postman.h"
#include "services/workforce/fitness/room.h"
#include "services/workforce/fitness/watch.h"
#include "waymark/workforce/v1/fitness_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

class FitnessService final : public v1::FitnessService::CallbackService {
 public:
  FitnessService(rpc::Corridor& corridor, FitnessRoom& room, FitnessWatchers& watchers)
      : corridor_(corridor), room_(room), watchers_(watchers) {}

#define WAYMARK_UNARY(method)                                                                \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                     \
                                   const v1::method##Request* request,                       \
                                   v1::method##Response* response) override {                \
    return rpc::Unary(                                                                       \
        corridor_, context, request, response,                                               \
        [this](const rpc::Call& call, const v1::method##Request& asked,                      \
               v1::method##Response* answer) { return room_.method(call, asked, answer); }); \
  }
  WAYMARK_UNARY(IssueFitness)
  WAYMARK_UNARY(WithdrawFitness)
  WAYMARK_UNARY(ReleaseFitness)
  WAYMARK_UNARY(AnswerFitness)
  WAYMARK_UNARY(ProposeFitness)
  WAYMARK_UNARY(DismissFitnessProposal)
  WAYMARK_UNARY(ListFitnessTasks)
  WAYMARK_UNARY(ListStatements)
  WAYMARK_UNARY(ListFitness)
  WAYMARK_UNARY(ListFitnessReleases)
  WAYMARK_UNARY(PutFitnessWebhook)
  WAYMARK_UNARY(ResendFitness)
  WAYMARK_UNARY(GetFitnessDelivery)
#undef WAYMARK_UNARY

  grpc::ServerWriteReactor<v1::WatchFitnessResponse>* WatchFitness(
      grpc::CallbackServerContext* context, const v1::WatchFitnessRequest* request) override {
    return rpc::Watch<v1::WatchFitnessResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::WatchFitnessRequest& asked,
               std::shared_ptr<FitnessFeed> feed) {
          return watchers_.Add(call, asked, std::move(feed));
        });
  }

 private:
  rpc::Corridor& corridor_;
  FitnessRoom& room_;
  FitnessWatchers& watchers_;
};

// Everything that outlives a call, in the order it is built.
struct Rooms {
  Rooms(Desk& desk, webhook::Transport webhooks, TellScheduling tell)
      : room(desk, {.webhooks = webhooks,
                    .released =
                        [this](absl::string_view) {
                          delivery.Notify();
                          watch.Notify();
                        },
                    .tell = std::move(tell)}),
        postman(desk, room.options(), metrics::Default()),
        watchers(room, [this] { watch.Notify(); }) {}

  server::Wake delivery;
  server::Wake watch;
  FitnessRoom room;
  Postman postman;
  FitnessWatchers watchers;
};

absl::Status ExpireAll(Desk& desk, FitnessRoom& room) {
  const DeskOptions& with = desk.options();
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   with.tenants->All(absl::Now() + absl::Seconds(10)));
  absl::Status first_error;
  for (const std::string& tenant : tenants) first_error.Update(room.ExpireStatements(tenant));
  return first_error;
}

}  // namespace

absl::StatusOr<FitnessParts> AssembleFitness(server::Ground& ground, Desk& desk,
                                             TellScheduling tell) {
  auto rooms = std::make_shared<Rooms>(
      desk,
      ground.options.production ? webhook::Transport::kTlsOnly : webhook::Transport::kTlsOrLoopback,
      std::move(tell));
  FitnessParts parts;
  parts.service = server::Expose<v1::FitnessService>(
      std::make_shared<FitnessService>(ground.corridor, rooms->room, rooms->watchers));
  // Other processes release too: their work is found by looking.
  parts.duties.push_back({.name = "fitness_delivery",
                          .interval = absl::Seconds(2),
                          .run_once = [rooms] { return rooms->postman.RunOnce(); },
                          .wake = rooms->delivery});
  parts.duties.push_back({.name = "fitness_watch",
                          .interval = absl::Seconds(1),
                          .run_once = [rooms] { return rooms->watchers.RunOnce(); },
                          .wake = rooms->watch});
  parts.duties.push_back({.name = "fitness_expiry",
                          .interval = absl::Minutes(5),
                          .run_once = [rooms, &desk] { return ExpireAll(desk, rooms->room); },
                          .wake = server::Wake()});
  parts.held = rooms;
  return parts;
}

}  // namespace waymark::workforce
