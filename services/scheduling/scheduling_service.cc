#include "services/scheduling/scheduling_service.h"

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/migrate.h"
#include "common/db/notify.h"
#include "common/db/tenants.h"
#include "common/metrics/metrics.h"
#include "common/outbox/housekeeping.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/casework/clients/trail.h"
#include "services/scheduling/clients/workforce.h"
#include "services/scheduling/duties/delivery.h"
#include "services/scheduling/duties/firing.h"
#include "services/scheduling/duties/purge.h"
#include "services/scheduling/duties/watchdog.h"
#include "services/scheduling/scheduling.h"
#include "services/scheduling/watchers.h"
#include "waymark/scheduling/v1/scheduling_service.grpc.pb.h"

namespace waymark::scheduling {
namespace {

constexpr char kChannel[] = "waymark_scheduling";

class SchedulingService final : public v1::SchedulingService::CallbackService {
 public:
  SchedulingService(rpc::Corridor& corridor, Scheduling& scheduling, Watchers& watchers)
      : corridor_(corridor), scheduling_(scheduling), watchers_(watchers) {}

#define WAYMARK_UNARY(method)                                                                      \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                           \
                                   const v1::method##Request* request,                             \
                                   v1::method##Response* response) override {                      \
    return rpc::Unary(                                                                             \
        corridor_, context, request, response,                                                     \
        [this](const rpc::Call& call, const v1::method##Request& asked,                            \
               v1::method##Response* answer) { return scheduling_.method(call, asked, answer); }); \
  }
  WAYMARK_UNARY(PutPlan)
  WAYMARK_UNARY(Reconcile)
  WAYMARK_UNARY(ListWorklist)
  WAYMARK_UNARY(AcknowledgeStep)
  WAYMARK_UNARY(ClaimStep)
  WAYMARK_UNARY(ReleaseStep)
  WAYMARK_UNARY(CompleteTask)
  WAYMARK_UNARY(Delegate)
  WAYMARK_UNARY(EndDelegation)
  WAYMARK_UNARY(ListDelegations)
  WAYMARK_UNARY(PutRotaEntry)
  WAYMARK_UNARY(DeleteRotaEntry)
  WAYMARK_UNARY(ListRota)
  WAYMARK_UNARY(SetDutyAddress)
  WAYMARK_UNARY(ActivateTenant)
  WAYMARK_UNARY(ListNotices)
  WAYMARK_UNARY(GetCompliance)
  WAYMARK_UNARY(GetServiceStatus)
#undef WAYMARK_UNARY

  grpc::ServerWriteReactor<v1::ExportWorklistResponse>* ExportWorklist(
      grpc::CallbackServerContext* context, const v1::ExportWorklistRequest* request) override {
    return rpc::Export<v1::ExportWorklistResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::ExportWorklistRequest& asked, auto write) {
          return scheduling_.ExportWorklist(call, asked, write);
        });
  }
  grpc::ServerWriteReactor<v1::WatchWorklistResponse>* WatchWorklist(
      grpc::CallbackServerContext* context, const v1::WatchWorklistRequest* request) override {
    return rpc::Watch<v1::WatchWorklistResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::WatchWorklistRequest& asked,
               std::shared_ptr<WorklistFeed> feed) {
          return watchers_.Add(call, asked, std::move(feed));
        });
  }
  grpc::ServerWriteReactor<v1::WatchNoticesResponse>* WatchNotices(
      grpc::CallbackServerContext* context, const v1::WatchNoticesRequest* request) override {
    return rpc::Watch<v1::WatchNoticesResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::WatchNoticesRequest& asked,
               std::shared_ptr<NoticesFeed> feed) {
          return watchers_.Add(call, asked, std::move(feed));
        });
  }

 private:
  rpc::Corridor& corridor_;
  Scheduling& scheduling_;
  Watchers& watchers_;
};

// What wakes whom. Copies share their state with the duties.
struct Wakes {
  server::Wake firing;
  server::Wake delivery;
  server::Wake watch;
};

// Everything of the service that outlives a call, in the order it is built.
struct Rooms {
  Rooms(server::Ground& ground, crypto::Pseudonymiser pseudonymiser, SenderOptions sending,
        const std::string& direct_dsn, std::shared_ptr<grpc::Channel> audit_channel,
        DeliveryOptions delivering)
      : webhooks(sending.transport),
        tenants(*ground.database),
        references(std::move(pseudonymiser)),
        sender(std::move(sending)),
        audit("scheduling", *ground.database, tenants, *ground.keys, ground.real_clock,
              std::move(audit_channel)),
        firing(*ground.database, ground.clock, ground.real_clock, metrics::Default(),
               {.on_fired = [this](absl::string_view tenant,
                                   const std::vector<absl::Duration>&) { Fired(tenant); }}),
        delivery(*ground.database, *ground.keys, sender, ground.clock, ground.real_clock,
                 metrics::Default(), std::move(delivering)),
        scheduling({.database = ground.database,
                    .tenants = &tenants,
                    .keys = ground.keys,
                    .references = &references,
                    .clinical_clock = &ground.clock,
                    .real_clock = &ground.real_clock,
                    .audit = &audit,
                    .firing = &firing,
                    .webhooks = webhooks,
                    .changed = [this](absl::string_view tenant,
                                      absl::Time earliest) { Changed(tenant, earliest); }}),
        watchdog(
            *ground.database, tenants, *ground.keys, references, ground.clock, ground.real_clock,
            metrics::Default(),
            [this](absl::string_view tenant, absl::Time earliest) { Changed(tenant, earliest); }),
        watchers(scheduling, [this] { wakes.watch.Notify(); }),
        housekeeper(*ground.database, tenants),
        notifier(crypto::SecretBytes(direct_dsn), kChannel),
        listener(crypto::SecretBytes(direct_dsn), kChannel, [this] { Woken(); }) {
    audit.Start();
  }
  ~Rooms() { audit.Stop(); }

  // After a commit of ours: our own loops in memory, other processes by one coalesced NOTIFY.
  void Changed(absl::string_view tenant, absl::Time earliest) {
    if (firing.SleepsPast(earliest)) wakes.firing.Notify();
    watchers.Changed(tenant);
    notifier.Notify();
  }
  void Fired(absl::string_view tenant) {
    wakes.delivery.Notify();
    watchers.Changed(tenant);
    notifier.Notify();
  }
  // Some process committed something for somebody.
  void Woken() {
    wakes.firing.Notify();
    wakes.delivery.Notify();
    watchers.Changed("");
  }

  Wakes wakes;
  const webhook::Transport webhooks;
  db::Tenants tenants;
  References references;
  Sender sender;
  casework::AuditTrail audit;
  Firing firing;
  Delivery delivery;
  Scheduling scheduling;
  Watchdog watchdog;
  Watchers watchers;
  outbox::Housekeeper housekeeper;
  db::Notifier notifier;
  db::Listener listener;
};

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) {
    return status::FailedPrecondition("FILE_UNREADABLE", absl::StrCat("Cannot read ", path, "."));
  }
  return std::string(absl::StripAsciiWhitespace(text.str()));
}

absl::StatusOr<std::vector<int32_t>> Versions(absl::string_view text) {
  std::vector<int32_t> versions;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int32_t version = 0;
    if (!absl::SimpleAtoi(part, &version)) {
      return status::FailedPrecondition(
          "FLAG_INVALID", "--pseudonym-versions is a list of numbers with commas, such as 2,1.");
    }
    versions.push_back(version);
  }
  return versions;
}

// Fires what is due, then sleeps until the next rung, a wake, or the poll.
absl::Status FireAndSleep(Rooms& rooms, const clock::Clock& real) {
  const absl::StatusOr<Firing::Look> look = rooms.firing.LookOnce();
  const absl::Duration pause =
      look.ok() ? rooms.firing.PauseBefore(look->next) : absl::Duration(absl::Seconds(1));
  if (pause > absl::ZeroDuration()) rooms.wakes.firing.WaitUntil(real.Now() + pause);
  return look.status();
}

absl::StatusOr<server::Parts> Assemble(server::Ground& ground) {
  const server::Options& options = ground.options;
  if (ground.database == nullptr || ground.keys == nullptr || options.pseudonym_key.empty()) {
    return status::FailedPrecondition(
        "FLAG_MISSING", "Scheduling needs --database-dsn-file, --keys and --pseudonym-key.");
  }
  ASSIGN_OR_RETURN(const crypto::SecretBytes root, crypto::ReadKeyFile(options.pseudonym_key));
  ASSIGN_OR_RETURN(std::vector<int32_t> versions, Versions(options.own.at("pseudonym-versions")));
  ASSIGN_OR_RETURN(
      crypto::Pseudonymiser pseudonymiser,
      crypto::Pseudonymiser::Create(root, "waymark", "scheduling", std::move(versions)));
  SenderOptions sending;
  sending.transport =
      options.production ? webhook::Transport::kTlsOnly : webhook::Transport::kTlsOrLoopback;
  sending.smtp_url = options.own.at("smtp-url");
  sending.smtp_from = options.own.at("smtp-from");
  sending.smtp_user = options.own.at("smtp-user");
  sending.console_url = options.own.at("console-url");
  if (const std::string& file = options.own.at("smtp-password-file"); !file.empty()) {
    ASSIGN_OR_RETURN(std::string password, ReadText(file));
    sending.smtp_password = crypto::SecretBytes(std::move(password));
  }
  const std::string& direct = options.own.at("direct-dsn-file");
  ASSIGN_OR_RETURN(const std::string direct_dsn,
                   ReadText(direct.empty() ? options.database_dsn_file : direct));
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> audit_channel, ground.peer("audit"));

  DeliveryOptions delivering;
  if (!absl::SimpleAtoi(options.own.at("pages-an-hour"), &delivering.pages_an_hour) ||
      delivering.pages_an_hour < 0) {
    return status::FailedPrecondition("FLAG_INVALID", "--pages-an-hour is a number, 0 or more.");
  }
  // Workforce calls us and may start after us; without it the rota alone says how to reach staff.
  if (auto channel = ground.peer("workforce"); channel.ok()) {
    delivering.find_routes = RoutesOver(*std::move(channel));
  }

  auto rooms = std::make_shared<Rooms>(ground, std::move(pseudonymiser), std::move(sending),
                                       direct_dsn, std::move(audit_channel), std::move(delivering));
  server::Parts parts;
  parts.services.push_back(server::Expose<v1::SchedulingService>(
      std::make_shared<SchedulingService>(ground.corridor, rooms->scheduling, rooms->watchers)));

  const clock::Clock& clinical = ground.clock;
  const clock::Clock& real = ground.real_clock;
  db::Database& database = *ground.database;
  const auto duty = [&parts](std::string name, absl::Duration interval, server::Wake wake,
                             std::function<absl::Status()> run_once) {
    parts.duties.push_back({.name = std::move(name),
                            .interval = interval,
                            .run_once = std::move(run_once),
                            .wake = std::move(wake)});
  };
  // Sleeps by itself, to the microsecond.
  duty("firing", absl::ZeroDuration(), rooms->wakes.firing,
       [rooms, &real] { return FireAndSleep(*rooms, real); });
  duty("delivery", absl::Seconds(1), rooms->wakes.delivery,
       [rooms] { return rooms->delivery.RunOnce(); });
  duty("watch", absl::Seconds(1), rooms->wakes.watch,
       [rooms] { return rooms->watchers.RunOnce(); });
  duty("reconcile", absl::Hours(1), server::Wake(), [rooms] { return rooms->audit.Reconcile(); });
  duty("watchdog", absl::Hours(1), server::Wake(), [rooms] { return rooms->watchdog.RunOnce(); });
  duty("purge", absl::Hours(6), server::Wake(), [rooms, &database, &clinical, &real] {
    return Purge(database, rooms->tenants, clinical.Now(), real.Now());
  });
  parts.held.push_back(rooms);
  return parts;
}

}  // namespace

server::Program SchedulingProgram() {
  server::Program program;
  program.name = "scheduling";
  program.about = "Every deadline of every pathway: tells people in time, and climbs the ladder.";
  program.flags = {
      {"direct-dsn-file",
       "File of a connection string that goes to PostgreSQL itself and not through a pooler, to be "
       "woken by other processes; --database-dsn-file when empty.",
       ""},
      {"smtp-url", "Mail server for notices: smtp://host:port or smtps://host:port.", ""},
      {"smtp-from", "Sender's address of mails.", "waymark@localhost"},
      {"smtp-user", "User at the mail server; empty for none.", ""},
      {"smtp-password-file", "File of that user's password.", ""},
      {"console-url", "Where people sign in; put into notices when given.", ""},
      {"pages-an-hour",
       "Pages to one role in an hour before further ones go out together; 0 for no limit. A hard "
       "stop always pages by itself.",
       "20"},
      {"pseudonym-versions", "Live versions of the pseudonym key, such as 2,1.", "1"},
  };
  program.schema = {db::CommonSchema(), {"scheduling", 2, 2}};
  program.assemble = Assemble;
  return program;
}

}  // namespace waymark::scheduling
