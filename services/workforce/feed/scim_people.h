// The people of a force as the users of its identity system. What SCIM says settles as a row of the
// feed does, from the source "scim"; what other sources said since is what SCIM then sees.
#ifndef WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PEOPLE_H_
#define WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PEOPLE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "services/casework/clients/trail.h"
#include "services/workforce/feed/scim.h"
#include "services/workforce/store/people.h"

namespace waymark::workforce {

// In feed_source, feed_link and employment_slice.
inline constexpr absl::string_view kScimSource = "scim";
// So many employments may end in a day before the brake looks at their share: of a force with
// thirty people every leaver is more than 2 %.
inline constexpr int64_t kScimEndsThatPass = 10;

// For one call within one transaction. Whom the caller may see is asked of relations/sight.h: a
// protected person is found by nothing, and stands as an alias where they are asked for by id.
class ScimPeople : public ScimUsers {
 public:
  // `now` is real time. When `changing`, what is read is locked and the caller has the row of the
  // source "scim" locked, so that two changes of a force come one after the other.
  ScimPeople(const rpc::Call& call, db::Transaction& txn, const TenantKeys& keys, absl::Time now,
             int brake_basis_points, bool changing);
  ~ScimPeople() override;

  absl::StatusOr<std::optional<ScimRecord>> Get(absl::string_view id) override;
  absl::StatusOr<std::vector<ScimRecord>> Find(ScimKey key, absl::string_view value) override;
  absl::StatusOr<std::string> HolderOf(absl::string_view user_name) override;
  absl::StatusOr<int64_t> Count() override;
  absl::StatusOr<std::vector<ScimRecord>> Page(int64_t offset, int64_t limit) override;
  absl::StatusOr<ScimRecord> Put(const ScimRecord& record, const v1::FeedPerson& person) override;
  absl::Status Remove(const ScimRecord& record, const v1::FeedPerson& person) override;
  std::string NewId() override;

  // What was changed, for the audit log.
  const std::vector<casework::Act>& acts() const { return acts_; }
  // Somebody whom the caller may not know of was asked for; empty: nobody was.
  const std::string& refused() const { return refused_; }
  // The first failure that is not the request's fault.
  const absl::Status& failure() const { return failure_; }

 private:
  struct Loaded;

  absl::StatusOr<std::vector<Loaded>> Load(const std::vector<std::string>& ids);
  absl::StatusOr<std::vector<ScimRecord>> Listed(const std::vector<std::string>& ids);
  absl::StatusOr<ScimRecord> Reload(const std::string& id);
  absl::Status LinkToWhatIsTrue(const Loaded& loaded, const std::string& run_id, int64_t* version);
  // What came of it; of the dead and of those who went to another force nothing is taken.
  enum class Outcome { kPassedOver, kUnchanged, kChanged };
  // `before`, unless null, takes what was known of them, where they were known.
  absl::StatusOr<Outcome> Settle(const ScimRecord& record, const v1::FeedPerson& person,
                                 std::optional<Loaded>* before);
  absl::Status CheckBrake();

  template <typename T>
  T Noted(T result);

  const rpc::Call& call_;
  db::Transaction& txn_;
  const TenantKeys& keys_;
  const absl::Time now_;
  const int brake_basis_points_;
  const bool changing_;
  const absl::CivilDay today_;
  std::vector<casework::Act> acts_;
  std::string refused_;
  absl::Status failure_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_FEED_SCIM_PEOPLE_H_
