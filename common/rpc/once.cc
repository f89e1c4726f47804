#include "common/rpc/once.h"

#include <optional>
#include <string>

#include "common/crypto/crypto.h"
#include "common/crypto/sealed.h"
#include "common/db/idempotency.h"
#include "common/status/status.h"

namespace waymark::rpc {

absl::Status Once(db::Transaction& txn, const crypto::KeyProvider& keys, const Call& call,
                  absl::Time real_now, const google::protobuf::Message& request,
                  google::protobuf::Message* response, absl::FunctionRef<absl::Status()> work) {
  const db::OnceKey key = {call.actor(), call.method, call.request_id,
                           std::string(crypto::Bytes(crypto::Sha256(request.SerializeAsString())))};
  const std::string binding =
      crypto::BindingOf({txn.tenant(), "answer", key.caller, key.method, key.request_id});
  response->Clear();
  ASSIGN_OR_RETURN(const std::optional<std::string> answered, db::ClaimOnce(txn, key, real_now));
  if (answered) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     crypto::OpenAlone(keys, txn.tenant(), binding, *answered));
    if (response->ParseFromString(bytes)) return absl::OkStatus();
    return status::DataLoss("ANSWER_UNREADABLE", "The stored answer cannot be read.");
  }
  RETURN_IF_ERROR(work());
  ASSIGN_OR_RETURN(const std::string sealed,
                   crypto::SealAlone(keys, txn.tenant(), binding, response->SerializeAsString()));
  return db::StoreOnce(txn, key, sealed);
}

}  // namespace waymark::rpc
