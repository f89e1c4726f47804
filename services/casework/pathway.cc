#include "services/casework/pathway.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/civil/working_days.h"
#include "common/db/migrate.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "common/status/status.h"
#include "services/casework/protocol_loader.h"
#include "services/casework/store/case_store.h"
#include "waymark/casework/v1/handover.pb.h"

namespace waymark::casework {
namespace {

// What the cases stand on, in the order in which it is built.
struct Rooms {
  Rooms(Protocols published, civil::WorkingDays days, db::Database& database, Relays::Options told)
      : protocols(std::move(published)),
        working_days(std::move(days)),
        tenants(database),
        relays([&] {
          told.tenants = &tenants;
          return std::move(told);
        }()) {}
  ~Rooms() { relays.Stop(); }

  const Protocols protocols;
  const civil::WorkingDays working_days;
  db::Tenants tenants;
  Relays relays;
};

// Tells this service itself: of a case that goes to another force. Until scheduling has the
// deadlines of the copy, the relay asks again.
Teller HandoverTeller(const std::shared_ptr<UntypedCases*>& cases, const clock::Clock& clinical) {
  return [cases, &clinical](const std::string& payload, absl::Time deadline) -> absl::Status {
    v1::CaseHandover handover;
    if (!handover.ParseFromString(payload)) {
      return status::DataLoss("MESSAGE_UNREADABLE", "A message in the outbox cannot be read.");
    }
    const absl::Status done = (*cases)->HandOver(handover, clinical.Now(), deadline);
    return status::Reason(done) == "HANDOVER_WAITS" ? outbox::NotYet(done.message()) : done;
  };
}

// Where the package puts it, else where it is in a checkout.
std::string Installed(const std::string& installed, const std::string& checkout) {
  std::error_code ignored;
  return std::filesystem::exists(installed, ignored) ? installed : checkout;
}

}  // namespace

server::Program ProgramOf(const std::string& name, std::string about,
                          const KnownFacts& (*known_facts)(), std::vector<Neighbour> neighbours,
                          std::function<Served(CasesOptions options)> serve) {
  server::Program program;
  program.name = name;
  program.about = std::move(about);
  program.flags = {
      {"protocols", "Folder of the pathway's protocols and their list RELEASED.",
       Installed(absl::StrCat("/usr/share/waymark/protocols/", name),
                 absl::StrCat("services/", name, "/protocols"))},
      {"bank-holidays", "Bank holidays, as https://www.gov.uk/bank-holidays.json.",
       Installed("/usr/share/waymark/bank_holidays.json", "common/civil/bank_holidays.json")},
  };
  program.schema = {db::CommonSchema(), CaseworkSchema()};
  program.assemble =
      [name, known_facts, neighbours = std::move(neighbours),
       serve = std::move(serve)](server::Ground& ground) -> absl::StatusOr<server::Parts> {
    if (ground.database == nullptr || ground.keys == nullptr) {
      return status::FailedPrecondition(
          "FLAG_MISSING", absl::StrCat("waymark-", name, " needs --database-dsn-file and --keys."));
    }
    ASSIGN_OR_RETURN(Protocols protocols,
                     Protocols::Load(ground.options.own.at("protocols"), &known_facts()));
    RETURN_IF_ERROR(protocols.Latest(name).status());
    ASSIGN_OR_RETURN(civil::WorkingDays days,
                     civil::WorkingDays::Load(ground.options.own.at("bank-holidays")));
    Relays::Options told = {.source = name, .database = ground.database, .keys = ground.keys};
    ASSIGN_OR_RETURN(told.scheduling, ground.peer("scheduling"));
    ASSIGN_OR_RETURN(told.audit, ground.peer("audit"));
    for (const Neighbour& neighbour : neighbours) {
      ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, ground.peer(neighbour.name));
      told.others[neighbour.name] = neighbour.connect(std::move(channel));
    }
    const auto cases = std::make_shared<UntypedCases*>(nullptr);
    told.others[name] = HandoverTeller(cases, ground.clock);
    auto rooms = std::make_shared<Rooms>(std::move(protocols), std::move(days), *ground.database,
                                         std::move(told));
    Served served = serve(
        {.pathway = name,
         .protocols = &rooms->protocols,
         .working_days = &rooms->working_days,
         .database = ground.database,
         .tenants = &rooms->tenants,
         .keys = ground.keys,
         .real_clock = &ground.real_clock,
         .corridor = &ground.corridor,
         .wake = [&relays = rooms->relays](absl::string_view tenant) { relays.Wake(tenant); }});
    *cases = served.cases;
    rooms->relays.Start();
    server::Parts parts;
    parts.services.push_back(std::move(served.service));
    parts.duties = CaseDuties(*served.cases, rooms->relays, {.clinical_clock = &ground.clock});
    parts.held.push_back(std::move(rooms));
    parts.held.push_back(std::move(served.held));
    return parts;
  };
  return program;
}

}  // namespace waymark::casework
