// A pathway as a program: what only it knows, and everything that every pathway has.
//
//   server::Program BbvProgram() {
//     return casework::ProgramOf<v1::BbvCase>(
//         {.name = "bbv",
//          .about = "Exposures to blood-borne viruses: cases and their dated path.",
//          .known_facts = &KnownFacts,
//          .facts_of = &FactsOf,
//          .serve = [](casework::Cases<v1::BbvCase>& cases) {
//            return server::Expose<v1::BbvService>(std::make_shared<BbvService>(cases));
//          }});
//   }
#ifndef WAYMARK_SERVICES_CASEWORK_PATHWAY_H_
#define WAYMARK_SERVICES_CASEWORK_PATHWAY_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/server/server.h"
#include "services/casework/cases.h"
#include "services/casework/duties.h"
#include "services/casework/facts.h"
#include "services/casework/linter.h"

namespace waymark::casework {

// Another pathway that this one tells (Change::messages), for instance to open a linked case.
struct Neighbour {
  // Its name: the messages' destination and the peer's name.
  std::string name;
  // Makes what delivers the messages: clients/<name>.h.
  std::function<Teller(std::shared_ptr<grpc::Channel> channel)> connect;
};

template <typename Case>
struct Pathway {
  // The service's name, its outbox's source and its standard protocol's key.
  std::string name;
  // One sentence for --help.
  std::string about;
  const KnownFacts& (*known_facts)() = nullptr;
  Facts (*facts_of)(const Case&, const v1::Protocol&) = nullptr;
  // The gRPC service, whose methods hand their calls to the cases.
  std::function<server::Exposed(Cases<Case>& cases)> serve;
  std::vector<Neighbour> neighbours;
  // That a case exists is itself nobody's business: metrics and log lines do not say which method
  // was called.
  bool discreet = false;
};

// A pathway's service and its cases, without their type.
struct Served {
  server::Exposed service;
  UntypedCases* cases = nullptr;
  std::shared_ptr<void> held;
};

server::Program ProgramOf(const std::string& name, std::string about,
                          const KnownFacts& (*known_facts)(), std::vector<Neighbour> neighbours,
                          std::function<Served(CasesOptions options)> serve);

// The program: flags --protocols and --bank-holidays, the schema, the relays to scheduling, audit
// and the neighbours, the duties, and the service.
template <typename Case>
server::Program ProgramOf(Pathway<Case> pathway) {
  server::Program program = ProgramOf(
      pathway.name, std::move(pathway.about), pathway.known_facts, std::move(pathway.neighbours),
      [facts_of = pathway.facts_of, serve = pathway.serve](CasesOptions options) {
        auto cases = std::make_shared<Cases<Case>>(std::move(options), facts_of);
        return Served{.service = serve(*cases), .cases = &cases->untyped(), .held = cases};
      });
  program.discreet = pathway.discreet;
  return program;
}

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_PATHWAY_H_
