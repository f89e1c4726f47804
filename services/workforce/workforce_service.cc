#include "services/workforce/workforce_service.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/crypto/key_provider.h"
#include "common/db/migrate.h"
#include "common/db/tenants.h"
#include "common/outbox/housekeeping.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/casework/clients/trail.h"
#include "services/workforce/clients/handover.h"
#include "services/workforce/clients/pathways.h"
#include "services/workforce/clients/scheduling.h"
#include "services/workforce/desk.h"
#include "services/workforce/feed/hr_feed_service.h"
#include "services/workforce/fitness/fitness_service.h"
#include "services/workforce/fitness/stop.h"
#include "services/workforce/people/disclosure_service.h"
#include "services/workforce/people/duties.h"
#include "services/workforce/people/people.h"
#include "services/workforce/people/retention.h"
#include "waymark/workforce/v1/disclosure_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

// As services/audit makes the pseudonyms of its log.
constexpr char kAuditSalt[] = "waymark-pseudonym-salt-v1";
constexpr char kAuditSubjects[] = "audit-subject";

class WorkforceService final : public v1::WorkforceService::CallbackService {
 public:
  WorkforceService(rpc::Corridor& corridor, People& people)
      : corridor_(corridor), people_(people) {}

#define WAYMARK_UNARY(method)                                                                  \
  grpc::ServerUnaryReactor* method(grpc::CallbackServerContext* context,                       \
                                   const v1::method##Request* request,                         \
                                   v1::method##Response* response) override {                  \
    return rpc::Unary(                                                                         \
        corridor_, context, request, response,                                                 \
        [this](const rpc::Call& call, const v1::method##Request& asked,                        \
               v1::method##Response* answer) { return people_.method(call, asked, answer); }); \
  }
  WAYMARK_UNARY(FindPeople)
  WAYMARK_UNARY(GetPerson)
  WAYMARK_UNARY(GetEmployment)
  WAYMARK_UNARY(ListStaff)
  WAYMARK_UNARY(ResolveNames)
  WAYMARK_UNARY(ResolveRoutes)
  WAYMARK_UNARY(FindSubject)
  WAYMARK_UNARY(RegisterPerson)
  WAYMARK_UNARY(AdoptSubjects)
  WAYMARK_UNARY(ChangePerson)
  WAYMARK_UNARY(RecordEmployment)
  WAYMARK_UNARY(RecordDeath)
  WAYMARK_UNARY(GetNameHistory)
  WAYMARK_UNARY(GetMyRecord)
  WAYMARK_UNARY(SetMyChoices)
  WAYMARK_UNARY(GiveConsent)
  WAYMARK_UNARY(WithdrawConsent)
  WAYMARK_UNARY(SetProtection)
  WAYMARK_UNARY(BreakGlass)
  WAYMARK_UNARY(ListBreakGlasses)
  WAYMARK_UNARY(ReviewBreakGlass)
  WAYMARK_UNARY(RequestReidentification)
  WAYMARK_UNARY(DecideReidentification)
  WAYMARK_UNARY(GetReidentified)
  WAYMARK_UNARY(ListReidentifications)
  WAYMARK_UNARY(ListDuplicates)
  WAYMARK_UNARY(DismissDuplicate)
  WAYMARK_UNARY(MergePeople)
  WAYMARK_UNARY(UndoMerge)
  WAYMARK_UNARY(OfferTransfer)
  WAYMARK_UNARY(ListTransfers)
  WAYMARK_UNARY(AnswerTransfer)
  WAYMARK_UNARY(WithdrawTransfer)
  WAYMARK_UNARY(SetLegalHold)
  WAYMARK_UNARY(LiftLegalHold)
  WAYMARK_UNARY(ListRetention)
  WAYMARK_UNARY(RotateKeys)
  WAYMARK_UNARY(GetKeyStatus)
#undef WAYMARK_UNARY

  grpc::ServerWriteReactor<v1::ExportSubjectResponse>* ExportSubject(
      grpc::CallbackServerContext* context, const v1::ExportSubjectRequest* request) override {
    return rpc::Export<v1::ExportSubjectResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::ExportSubjectRequest& asked, auto write) {
          return people_.ExportSubject(call, asked, write);
        });
  }

 private:
  rpc::Corridor& corridor_;
  People& people_;
};

// Everything of the service that outlives a call, in the order it is built.
struct Rooms {
  Rooms(server::Ground& ground, crypto::Pseudonymiser pseudonymiser,
        v1::ListRetentionResponse schedule, std::shared_ptr<grpc::Channel> audit_channel,
        std::shared_ptr<grpc::Channel> scheduling_channel,
        const std::map<std::string, std::shared_ptr<grpc::Channel>>& pathway_channels)
      : tenants(*ground.database),
        audit_subjects(std::move(pseudonymiser)),
        vault(*ground.database, *ground.keys, ground.real_clock),
        audit("workforce", *ground.database, tenants, *ground.keys, ground.real_clock,
              std::move(audit_channel)),
        reviews(*ground.database, tenants, *ground.keys, ground.real_clock,
                std::move(scheduling_channel)),
        pathways(*ground.database, tenants, *ground.keys, pathway_channels),
        handover(*ground.database, tenants, *ground.keys, vault, ground.clock, pathways),
        desk({.database = ground.database,
              .tenants = &tenants,
              .keys = ground.keys,
              .vault = &vault,
              .audit = &audit,
              .clinical_clock = &ground.clock,
              .real_clock = &ground.real_clock}),
        retention(std::move(schedule)),
        people({.desk = &desk,
                .reviews = &reviews,
                .handover = &handover,
                .on_death = [this](db::Transaction& txn, const std::string& person_id,
                                   absl::Time now) { return Stop(txn, person_id, now); },
                .audit_subjects = &audit_subjects,
                .retention = retention}),
        housekeeper(*ground.database, tenants) {
    audit.Start();
    reviews.Start();
    pathways.Start();
    handover.Start();
  }
  ~Rooms() {
    handover.Stop();
    pathways.Stop();
    reviews.Stop();
    audit.Stop();
  }

  // What ends with a life besides the record itself.
  absl::Status Stop(db::Transaction& txn, const std::string& person_id, absl::Time now) {
    ASSIGN_OR_RETURN(const auto closed, StopFitness(txn, person_id, now));
    for (const scheduling::v1::Plan& plan : closed) {
      RETURN_IF_ERROR(reviews.AppendPlan(txn, plan));
    }
    return absl::OkStatus();
  }

  db::Tenants tenants;
  crypto::Pseudonymiser audit_subjects;
  Vault vault;
  casework::AuditTrail audit;
  Reviews reviews;
  Pathways pathways;
  Handover handover;
  Desk desk;
  v1::ListRetentionResponse retention;
  People people;
  outbox::Housekeeper housekeeper;
};

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

absl::StatusOr<server::Parts> Assemble(server::Ground& ground) {
  const server::Options& options = ground.options;
  if (ground.database == nullptr || ground.keys == nullptr || options.pseudonym_key.empty()) {
    return status::FailedPrecondition(
        "FLAG_MISSING", "Workforce needs --database-dsn-file, --keys and --pseudonym-key.");
  }
  ASSIGN_OR_RETURN(const crypto::SecretBytes root, crypto::ReadKeyFile(options.pseudonym_key));
  ASSIGN_OR_RETURN(std::vector<int32_t> versions, Versions(options.own.at("pseudonym-versions")));
  ASSIGN_OR_RETURN(
      crypto::Pseudonymiser pseudonymiser,
      crypto::Pseudonymiser::Create(root, kAuditSalt, kAuditSubjects, std::move(versions)));
  ASSIGN_OR_RETURN(v1::ListRetentionResponse schedule, LoadRetention(options.own.at("retention")));
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> audit_channel, ground.peer("audit"));
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> scheduling_channel, ground.peer("scheduling"));

  std::map<std::string, std::shared_ptr<grpc::Channel>> pathways;
  for (const std::string& name : Pathways::Names()) {
    ASSIGN_OR_RETURN(pathways[name], ground.peer(name));
  }

  auto rooms =
      std::make_shared<Rooms>(ground, std::move(pseudonymiser), std::move(schedule),
                              std::move(audit_channel), std::move(scheduling_channel), pathways);
  server::Parts parts;
  parts.services.push_back(server::Expose<v1::WorkforceService>(
      std::make_shared<WorkforceService>(ground.corridor, rooms->people)));
  parts.services.push_back(
      server::Expose<v1::DisclosureService>(MakeDisclosureService(ground.corridor, rooms->desk)));
  const auto duty = [&parts](std::string name, absl::Duration interval,
                             std::function<absl::Status()> run_once) {
    parts.duties.push_back(
        {.name = std::move(name), .interval = interval, .run_once = std::move(run_once)});
  };
  duty("keys", absl::Seconds(20), [rooms] { return TendKeys(rooms->desk); });
  duty("states", absl::Minutes(10), [rooms] { return RefreshAllStates(rooms->desk); });
  duty("reviews", absl::Minutes(1), [rooms] { return CountOverdueReviews(rooms->desk); });
  duty("retention", absl::Hours(6), [rooms] { return EraseDue(rooms->desk, rooms->retention); });
  duty("reconcile", absl::Hours(1), [rooms]() -> absl::Status {
    RETURN_IF_ERROR(rooms->audit.Reconcile());
    return rooms->reviews.Reconcile();
  });
  parts.held.push_back(rooms);
  ASSIGN_OR_RETURN(HrFeedParts feed, AssembleHrFeed(ground, rooms->desk));
  parts.services.push_back(std::move(feed.service));
  for (server::Duty& feeding : feed.duties) parts.duties.push_back(std::move(feeding));
  parts.held.push_back(std::move(feed.held));
  ASSIGN_OR_RETURN(FitnessParts fitness,
                   AssembleFitness(ground, rooms->desk,
                                   [rooms](db::Transaction& txn, const scheduling::v1::Plan& plan) {
                                     return rooms->reviews.AppendPlan(txn, plan);
                                   }));
  parts.services.push_back(std::move(fitness.service));
  for (server::Duty& one : fitness.duties) parts.duties.push_back(std::move(one));
  parts.held.push_back(std::move(fitness.held));
  return parts;
}

}  // namespace

server::Program WorkforceProgram() {
  server::Program program;
  program.name = "workforce";
  program.about =
      "People: who they are, where they work, who may see them, and what leaves for HR.";
  program.flags = {
      {"pseudonym-versions", "Live versions of the pseudonym key, such as 2,1.", "1"},
      {"retention", "The retention schedule.", "services/workforce/retention.textproto"},
  };
  program.schema = {db::CommonSchema(), {"workforce", 4, 4}};
  program.assemble = Assemble;
  return program;
}

}  // namespace waymark::workforce
