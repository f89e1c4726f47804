#include "common/db/tenants.h"

#include "common/status/status.h"

namespace waymark::db {
namespace {

constexpr char kInsert[] = "INSERT INTO tenant (tenant) VALUES ($1) ON CONFLICT DO NOTHING";
constexpr char kAll[] = "SELECT tenant FROM tenant ORDER BY tenant";

}  // namespace

absl::Status Tenants::Ensure(absl::Time deadline, absl::string_view tenant) {
  {
    absl::MutexLock lock(&mutex_);
    if (known_.contains(tenant)) return absl::OkStatus();
  }
  RETURN_IF_ERROR(database_.Transact(
      deadline, tenant, [&](Transaction& txn) { return txn.Exec(kInsert, tenant).status(); }));
  absl::MutexLock lock(&mutex_);
  known_.emplace(tenant);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Tenants::All(absl::Time deadline) {
  std::vector<std::string> tenants;
  RETURN_IF_ERROR(database_.TransactWithoutTenant(deadline, [&](Transaction& txn) {
    tenants.clear();
    ASSIGN_OR_RETURN(const pqxx::result rows, txn.Exec(kAll));
    for (const pqxx::row& row : rows) tenants.push_back(Text(row[0]));
    return absl::OkStatus();
  }));
  return tenants;
}

}  // namespace waymark::db
