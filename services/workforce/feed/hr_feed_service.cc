#include "services/workforce/feed/hr_feed_service.h"

#include "absl/time/clock.h"
#include "common/rpc/intake.h"
#include "common/rpc/unary.h"
#include "services/workforce/feed/feed.h"
#include "services/workforce/feed/importer.h"
#include "services/workforce/feed/scim_room.h"
#include "waymark/workforce/v1/hr_feed_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

class HrFeedService final : public v1::HrFeedService::CallbackService {
 public:
  HrFeedService(rpc::Corridor& corridor, Feed& feed, ScimRoom& scim)
      : corridor_(corridor), feed_(feed), scim_(scim) {}

#define WAYMARK_UNARY(room, method)                                                           \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                      \
                                   const v1::method##Request* request,                        \
                                   v1::method##Response* response) override {                 \
    return rpc::Unary(                                                                        \
        corridor_, context, request, response,                                                \
        [this](const rpc::Call& call, const v1::method##Request& asked,                       \
               v1::method##Response* answer) { return (room).method(call, asked, answer); }); \
  }
  WAYMARK_UNARY(feed_, GetFeedRun)
  WAYMARK_UNARY(feed_, ListFeedRuns)
  WAYMARK_UNARY(feed_, ListFeedRows)
  WAYMARK_UNARY(feed_, ApplyFeedRun)
  WAYMARK_UNARY(feed_, ConfirmFeedRun)
  WAYMARK_UNARY(feed_, AbandonFeedRun)
  WAYMARK_UNARY(feed_, PutFeedSource)
  WAYMARK_UNARY(feed_, ListFeedSources)
  WAYMARK_UNARY(scim_, ReadScim)
  WAYMARK_UNARY(scim_, ChangeScim)
#undef WAYMARK_UNARY

  grpc::ServerReadReactor<v1::SyncPeopleRequest>* SyncPeople(
      grpc::CallbackServerContext* context, v1::SyncPeopleResponse* response) override {
    return rpc::Intake<v1::SyncPeopleRequest>(
        corridor_, context, response,
        [this](const rpc::Call& call, rpc::Incoming<v1::SyncPeopleRequest>& in,
               v1::SyncPeopleResponse* answer) {
          return feed_.SyncPeople(
              call, in.first(),
              [&in](v1::SyncPeopleRequest* message) {
                return in.Next(message, absl::Now() + absl::Seconds(30));
              },
              answer);
        });
  }

 private:
  rpc::Corridor& corridor_;
  Feed& feed_;
  ScimRoom& scim_;
};

struct Rooms {
  explicit Rooms(Desk& desk) : feed(desk, [this] { wake.Notify(); }), importer(desk), scim(desk) {}
  server::Wake wake;
  Feed feed;
  Importer importer;
  ScimRoom scim;
};

}  // namespace

absl::StatusOr<HrFeedParts> AssembleHrFeed(server::Ground& ground, Desk& desk) {
  auto rooms = std::make_shared<Rooms>(desk);
  HrFeedParts parts;
  parts.service = server::Expose<v1::HrFeedService>(
      std::make_shared<HrFeedService>(ground.corridor, rooms->feed, rooms->scim));
  // Another process of this service may have received it: hence the look without a wake.
  parts.duties.push_back({.name = "feed",
                          .interval = absl::Seconds(5),
                          .run_once = [rooms] { return rooms->importer.RunOnce(); },
                          .wake = rooms->wake});
  parts.duties.push_back({.name = "feed_watch", .interval = absl::Minutes(1), .run_once = [&desk] {
                            return WatchFeeds(desk);
                          }});
  parts.duties.push_back({.name = "feed_purge", .interval = absl::Hours(6), .run_once = [&desk] {
                            return PurgeFeeds(desk);
                          }});
  parts.held = rooms;
  return parts;
}

}  // namespace waymark::workforce
