#include "services/audit/content_keys.h"

#include <vector>

#include "common/status/status.h"
#include "services/audit/store.h"

namespace waymark::audit {
namespace {

// Far below the 2^32 values that one AES-GCM key may seal.
constexpr absl::Duration kRenewAfter = absl::Hours(24 * 30);

}  // namespace

bool ContentKeys::Usable(const Newest& newest) const {
  return newest.wrapping_version == provider_.NewestVersion() &&
         clock_.Now() < newest.created + kRenewAfter;
}

absl::Status ContentKeys::Load(absl::Time deadline, absl::string_view tenant) {
  // Two replicas may both find no usable key; the second then reads the first one's.
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::vector<store::ContentKey> rows;
    RETURN_IF_ERROR(database_.Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
      ASSIGN_OR_RETURN(rows, store::ReadContentKeys(txn));
      return absl::OkStatus();
    }));
    std::vector<std::shared_ptr<const crypto::DataKey>> keys;
    for (const store::ContentKey& row : rows) {
      ASSIGN_OR_RETURN(crypto::DataKey key,
                       provider_.Unwrap(tenant, {row.wrapping_version, row.wrapped}));
      keys.push_back(std::make_shared<const crypto::DataKey>(std::move(key)));
    }
    {
      absl::MutexLock lock(&mutex_);
      for (size_t i = 0; i < rows.size(); ++i) {
        keys_[{std::string(tenant), rows[i].key_id}] = keys[i];
      }
      if (!rows.empty()) {
        const Newest newest{{rows[0].key_id, keys[0]}, rows[0].wrapping_version, rows[0].created};
        newest_[std::string(tenant)] = newest;
        if (Usable(newest)) return absl::OkStatus();
      }
    }
    const crypto::DataKey key = crypto::NewDataKey();
    ASSIGN_OR_RETURN(crypto::WrappedKey wrapped, provider_.Wrap(tenant, key));
    const store::ContentKey row{rows.empty() ? 1 : rows[0].key_id + 1, wrapped.key_version,
                                wrapped.bytes, clock_.Now()};
    RETURN_IF_ERROR(database_.Transact(
        deadline, tenant, [&](db::Transaction& txn) { return store::InsertContentKey(txn, row); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<ContentKeyHandle> ContentKeys::Current(absl::Time deadline,
                                                      absl::string_view tenant) {
  const std::string name(tenant);
  for (int attempt = 0; attempt < 3; ++attempt) {
    {
      absl::MutexLock lock(&mutex_);
      const auto found = newest_.find(name);
      if (found != newest_.end() && Usable(found->second)) return found->second.handle;
    }
    RETURN_IF_ERROR(Load(deadline, tenant));
  }
  return status::Internal("CONTENT_KEY_MISSING", "No data key could be made for the log.");
}

absl::StatusOr<std::shared_ptr<const crypto::DataKey>> ContentKeys::Get(absl::Time deadline,
                                                                        absl::string_view tenant,
                                                                        int32_t key_id) {
  const std::pair<std::string, int32_t> name(tenant, key_id);
  for (int attempt = 0; attempt < 2; ++attempt) {
    {
      absl::MutexLock lock(&mutex_);
      const auto found = keys_.find(name);
      if (found != keys_.end()) return found->second;
    }
    RETURN_IF_ERROR(Load(deadline, tenant));
  }
  return status::DataLoss("CONTENT_KEY_MISSING", "The key of a content of the log is gone.");
}

}  // namespace waymark::audit
