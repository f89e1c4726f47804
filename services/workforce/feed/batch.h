// Takes compared rows into the tables of people: the one way in for files, typed rows and SCIM.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_BATCH_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_BATCH_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "services/casework/clients/trail.h"
#include "services/workforce/feed/store.h"
#include "services/workforce/store/people.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {

// What the changes of a batch have in common.
struct BatchOf {
  std::string run_id;
  std::string source;
  absl::CivilDay today;
  // When it becomes known: real time.
  absl::Time now;
};

// Of one transaction; one thread.
class FeedBatch {
 public:
  FeedBatch(db::Transaction& txn, const TenantKeys& keys, BatchOf of)
      : txn_(txn), keys_(keys), of_(std::move(of)) {}

  // Writes people, fields, statements and links; somebody who stands in it twice is written twice,
  // in order.
  absl::Status Add(const std::vector<ChangeRow>& changes);

  // What was done, for the audit log: one act each for those who were known, joiners counted.
  std::vector<casework::Act> TakeActs() { return std::exchange(acts_, {}); }
  int joiners() const { return joiners_; }

 private:
  absl::Status ReadHistory(const std::vector<ChangeRow>& changes);
  const Slice* Known(const std::string& employment_id, absl::CivilDay day) const;
  void AddOne(const ChangeRow& change);
  void AddLate(const ChangeRow& change);
  void AddFields(const ChangeRow& change, bool is_new);
  void Say(const ChangeRow& change, v1::Employment employment, absl::CivilDay from, bool is_new,
           bool new_person);
  absl::Status Flush();

  db::Transaction& txn_;
  const TenantKeys& keys_;
  const BatchOf of_;
  std::map<std::string, std::vector<Slice>> history_;
  std::set<std::string> people_;
  std::vector<NewPerson> people_to_add_;
  std::vector<std::string> seal_;
  std::vector<FieldsWrite> fields_;
  std::vector<Statement> statements_;
  std::vector<std::string> touched_;
  std::vector<LinkWrite> links_;
  std::vector<casework::Act> acts_;
  int joiners_ = 0;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_BATCH_H_
