// A real database with workforce's tables, keys, and short words for calls and people.
#ifndef WAYMARK_SERVICES_WORKFORCE_TESTING_GROUND_H_
#define WAYMARK_SERVICES_WORKFORCE_TESTING_GROUND_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/database.h"
#include "common/db/tenants.h"
#include "common/rpc/call.h"
#include "common/testing/postgres_cluster.h"
#include "services/casework/clients/trail.h"
#include "services/workforce/desk.h"
#include "services/workforce/store/people.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {

inline constexpr char kTenant[] = "E23000025-test";
inline constexpr char kOtherTenant[] = "W15000001-test";
// 1 June 2026, 09:00 in London.
absl::Time Morning();
inline constexpr absl::CivilDay kToday(2026, 6, 1);

class Ground : public ::testing::Test {
 protected:
  Ground();
  ~Ground() override;

  // A call of `user` with `roles`, judged by the method's rule as the corridor does, with a
  // request_id of its own. `method` is "GetPerson" (of WorkforceService) or
  // "FitnessService.ListFitness".
  rpc::Call CallOf(const std::string& method, std::vector<options::v1::Role> roles,
                   const std::string& user = "nia", const std::string& subject = "",
                   const std::string& tenant = kTenant);
  rpc::Call CallOfService(const std::string& method, const std::string& service,
                          const std::string& tenant = kTenant);
  // In one committed transaction; a failure fails the test.
  void Run(absl::FunctionRef<absl::Status(db::Transaction&, const TenantKeys&)> work,
           const std::string& tenant = kTenant);
  // Enters somebody who works from `from` on; returns the subject id.
  std::string Enter(const v1::Person& person, const v1::Employment& employment = {},
                    absl::CivilDay from = absl::CivilDay(2020, 1, 1),
                    const std::string& tenant = kTenant);
  // The same with a name and nothing else.
  std::string Enter(const std::string& given, const std::string& family,
                    const std::string& manager = "");
  void State(const std::string& person_id, const v1::Employment& employment, absl::CivilDay from,
             int64_t source_version = 1);
  // "ACTION_READ person <subject>" of every event in the outbox, in order.
  std::vector<std::string> Events(const std::string& tenant = kTenant);

  const testing::TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
  clock::FakeClock clock_;
  db::Tenants tenants_;
  std::string key_folder_;
  std::unique_ptr<crypto::FileKeyProvider> keys_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<casework::AuditTrail> audit_;
  std::unique_ptr<Desk> desk_;
};

}  // namespace waymark::workforce

#endif  // WAYMARK_SERVICES_WORKFORCE_TESTING_GROUND_H_
