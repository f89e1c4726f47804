// What every pathway does besides answering: tells scheduling and audit, finds what got lost
// between them, wraps keys again after a rotation, and forgets what has outlived its purpose.
//
//   casework::Relays relays(...);
//   casework::Cases<v1::BbvCase> cases({..., .wake = [&](auto tenant) { relays.Wake(tenant); }},
//   ...); parts.duties = casework::CaseDuties(cases.untyped(), relays, {...}); relays.Start();
#ifndef WAYMARK_SERVICES_CASEWORK_DUTIES_H_
#define WAYMARK_SERVICES_CASEWORK_DUTIES_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/outbox/relay.h"
#include "common/server/duty.h"
#include "services/casework/cases.h"
#include "services/casework/clients/audit.h"
#include "services/casework/clients/scheduling.h"

namespace waymark::casework {

// Sends one message (Outgoing::payload) to another pathway, and returns OK once that has it for
// good. ALREADY_EXISTS counts as delivered.
using Teller = std::function<absl::Status(const std::string& payload, absl::Time deadline)>;

// True when a message was refused for what is in it, so that sending it again changes nothing: what
// it says is wrong, what it is about is not there. False for a refusal that passes by itself
// (CASE_ARRIVING, PROTOCOL_NOT_FOUND): the message waits, and those behind it do not.
bool IsRefusal(const absl::Status& status);

// The relays to scheduling, audit and other pathways, with their clients. A message that another
// pathway refuses for its content is logged, counted (waymark_casework_messages_refused_total) and
// passed over, so that it does not hold up those behind it.
class Relays {
 public:
  struct Options {
    // This service's name.
    std::string source;
    db::Database* database = nullptr;
    db::Tenants* tenants = nullptr;
    const crypto::KeyProvider* keys = nullptr;
    std::shared_ptr<grpc::Channel> scheduling;
    std::shared_ptr<grpc::Channel> audit;
    // By destination.
    std::map<std::string, Teller> others;
  };
  explicit Relays(const Options& options);

  void Start();
  void Stop();
  // After a commit that told somebody something. Cheap, from any thread.
  void Wake(absl::string_view tenant);

  SchedulingClient& scheduling() { return scheduling_; }
  AuditClient& audit() { return audit_; }
  outbox::Relay& audit_relay() { return audit_relay_; }
  const std::string& source() const { return source_; }

 private:
  const std::string source_;
  SchedulingClient scheduling_;
  AuditClient audit_;
  outbox::Relay scheduling_relay_;
  outbox::Relay audit_relay_;
  std::vector<std::unique_ptr<outbox::Relay>> other_relays_;
};

// What one reconciliation found and did.
struct Reconciled {
  int64_t cases = 0;
  // Plans put again.
  int64_t plans_sent_again = 0;
  // Runs of audit entries sent again.
  int64_t ranges_sent_again = 0;
  // Cases, or numbers, that the other side knows and this database does not: it was restored from
  // an older backup. Logged as an error and counted (waymark_casework_restored_total); a person
  // decides.
  int64_t ahead = 0;
};

// Compares one tenant's cases with scheduling and its outbox with audit, and sends again what is
// missing there. Each side is tried even when the other is away; the first error is returned.
absl::StatusOr<Reconciled> Reconcile(UntypedCases& cases, Relays& relays, absl::string_view tenant,
                                     absl::Time deadline);

struct DutyOptions {
  // For retention: case times are clinical times.
  const clock::Clock* clinical_clock = nullptr;
  // How long a closed case is kept. COSHH 2002, regulation 11: health records, 40 years.
  absl::Duration keep_closed = absl::Hours(24) * 14610;
};

// Reconciliation (at start and hourly), re-wrapping of keys (hourly, all that are due), retention
// (daily) and housekeeping of the shared tables (hourly). Everything outlives the duties.
std::vector<server::Duty> CaseDuties(UntypedCases& cases, Relays& relays, DutyOptions options);

}  // namespace waymark::casework

#endif  // WAYMARK_SERVICES_CASEWORK_DUTIES_H_
