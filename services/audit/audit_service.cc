#include "services/audit/audit_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/migrate.h"
#include "common/db/tenants.h"
#include "common/outbox/housekeeping.h"
#include "common/rpc/stream.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/audit/content_keys.h"
#include "services/audit/integrator.h"
#include "services/audit/log.h"
#include "services/audit/queries.h"
#include "services/audit/recheck.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"

namespace waymark::audit {
namespace {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  AuditService(rpc::Corridor& corridor, std::shared_ptr<Queries> queries)
      : corridor_(corridor), queries_(std::move(queries)) {}

  grpc::ServerUnaryReactor* AppendEntries(grpc::CallbackServerContext* context,
                                          const v1::AppendEntriesRequest* request,
                                          v1::AppendEntriesResponse* response) override {
    return Run(context, request, response, &Queries::AppendEntries);
  }
  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return Run(context, request, response, &Queries::GetCheckpoint);
  }
  grpc::ServerUnaryReactor* ListCheckpoints(grpc::CallbackServerContext* context,
                                            const v1::ListCheckpointsRequest* request,
                                            v1::ListCheckpointsResponse* response) override {
    return Run(context, request, response, &Queries::ListCheckpoints);
  }
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::GetInclusionProofResponse* response) override {
    return Run(context, request, response, &Queries::GetInclusionProof);
  }
  grpc::ServerUnaryReactor* GetConsistencyProof(
      grpc::CallbackServerContext* context, const v1::GetConsistencyProofRequest* request,
      v1::GetConsistencyProofResponse* response) override {
    return Run(context, request, response, &Queries::GetConsistencyProof);
  }
  grpc::ServerUnaryReactor* SearchEntries(grpc::CallbackServerContext* context,
                                          const v1::SearchEntriesRequest* request,
                                          v1::SearchEntriesResponse* response) override {
    return Run(context, request, response, &Queries::SearchEntries);
  }
  grpc::ServerUnaryReactor* ListAccesses(grpc::CallbackServerContext* context,
                                         const v1::ListAccessesRequest* request,
                                         v1::ListAccessesResponse* response) override {
    return Run(context, request, response, &Queries::ListAccesses);
  }
  grpc::ServerUnaryReactor* ListOutcomes(grpc::CallbackServerContext* context,
                                         const v1::ListOutcomesRequest* request,
                                         v1::ListOutcomesResponse* response) override {
    return Run(context, request, response, &Queries::ListOutcomes);
  }
  grpc::ServerUnaryReactor* Reconcile(grpc::CallbackServerContext* context,
                                      const v1::ReconcileRequest* request,
                                      v1::ReconcileResponse* response) override {
    return Run(context, request, response, &Queries::Reconcile);
  }
  grpc::ServerUnaryReactor* EraseSubject(grpc::CallbackServerContext* context,
                                         const v1::EraseSubjectRequest* request,
                                         v1::EraseSubjectResponse* response) override {
    return Run(context, request, response, &Queries::EraseSubject);
  }
  grpc::ServerWriteReactor<v1::ExportLogResponse>* ExportLog(
      grpc::CallbackServerContext* context, const v1::ExportLogRequest* request) override {
    return rpc::Export<v1::ExportLogResponse>(
        corridor_, context, request,
        [this](const rpc::Call& call, const v1::ExportLogRequest& asked, auto write) {
          return queries_->ExportLog(call, asked, write);
        });
  }

 private:
  template <class Request, class Response>
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, const Request* request,
                                Response* response,
                                absl::Status (Queries::*method)(const rpc::Call&, const Request&,
                                                                Response*)) {
    return rpc::Unary(
        corridor_, context, request, response,
        [this, method](const rpc::Call& call, const Request& asked, Response* answer) {
          return (*queries_.*method)(call, asked, answer);
        });
  }

  rpc::Corridor& corridor_;
  const std::shared_ptr<Queries> queries_;
};

// Everything of the service that outlives a call, in the order it is built.
struct Rooms {
  Rooms(server::Ground& ground, Pseudonyms pseudonyms, Signer signer, HighWater high_water)
      : tenants(*ground.database),
        keys(*ground.database, *ground.keys, ground.real_clock),
        pseudonyms(std::move(pseudonyms)),
        signer(std::move(signer)),
        integrator(*ground.database, tenants, this->signer, std::move(high_water),
                   ground.real_clock),
        log(*ground.database, tenants, keys, this->pseudonyms, ground.real_clock,
            [this](absl::string_view tenant) { integrator.Mark(tenant); }),
        queries(*ground.database, tenants, keys, this->pseudonyms, log, integrator, this->signer,
                ground.real_clock),
        recheck(*ground.database, tenants),
        housekeeper(*ground.database, tenants) {}

  db::Tenants tenants;
  ContentKeys keys;
  Pseudonyms pseudonyms;
  Signer signer;
  Integrator integrator;
  Log log;
  Queries queries;
  Recheck recheck;
  outbox::Housekeeper housekeeper;
};

const std::vector<server::Flag>& Flags() {
  static const auto* const flags = new std::vector<server::Flag>{
      {"signing-key", "File of the 32-byte Ed25519 seed that signs checkpoints.", ""},
      {"origin", "First line of every checkpoint, before the organisation.", "waymark.local/audit"},
      {"pseudonym-versions", "Live versions of the pseudonym keys, such as 2,1.", "1"},
      {"high-water",
       "Folder that remembers what was last signed, outside the database and its backups.", ""},
  };
  return *flags;
}

// As given, else the flag's standard.
std::string Own(const server::Options& options, absl::string_view name) {
  const auto given = options.own.find(std::string(name));
  if (given != options.own.end()) return given->second;
  for (const server::Flag& flag : Flags()) {
    if (flag.name == name) return flag.standard;
  }
  return "";
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

absl::StatusOr<server::Parts> Assemble(server::Ground& ground) {
  const server::Options& options = ground.options;
  if (ground.database == nullptr || ground.keys == nullptr || options.pseudonym_key.empty() ||
      Own(options, "signing-key").empty()) {
    return status::FailedPrecondition(
        "FLAG_MISSING",
        "The audit log needs --database-dsn-file, --keys, --pseudonym-key and --signing-key.");
  }
  ASSIGN_OR_RETURN(const crypto::SecretBytes root, crypto::ReadKeyFile(options.pseudonym_key));
  ASSIGN_OR_RETURN(const std::vector<int32_t> versions,
                   Versions(Own(options, "pseudonym-versions")));
  ASSIGN_OR_RETURN(Pseudonyms pseudonyms, Pseudonyms::Create(root, versions));
  ASSIGN_OR_RETURN(crypto::SecretBytes seed, crypto::ReadKeyFile(Own(options, "signing-key")));
  auto rooms = std::make_shared<Rooms>(ground, std::move(pseudonyms),
                                       Signer(Own(options, "origin"), std::move(seed)),
                                       HighWater(Own(options, "high-water")));
  server::Parts parts;
  parts.services.push_back(server::Expose<v1::AuditService>(std::make_shared<AuditService>(
      ground.corridor, std::shared_ptr<Queries>(rooms, &rooms->queries))));
  // Once a second: a log that grows all the time has one checkpoint a second, a quiet one has one
  // for each change.
  server::Duty integrate;
  integrate.name = "integrate";
  integrate.interval = absl::Seconds(1);
  integrate.run_once = [rooms] { return rooms->integrator.RunOnce(); };
  parts.duties.push_back(std::move(integrate));
  // A log of a million entries is hashed again every two hours.
  server::Duty recheck;
  recheck.name = "recheck";
  recheck.interval = absl::Minutes(1);
  recheck.run_once = [rooms] { return rooms->recheck.RunOnce(); };
  parts.duties.push_back(std::move(recheck));
  parts.held.push_back(rooms);
  return parts;
}

}  // namespace

server::Program AuditProgram() {
  server::Program program;
  program.name = "audit";
  program.about = "Every change and every read of clinical data, provably complete.";
  program.flags = Flags();
  program.schema = {db::CommonSchema(), {"audit", 1, 1}};
  program.assemble = Assemble;
  return program;
}

}  // namespace waymark::audit
