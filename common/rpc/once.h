// A change that is repeated with the same request id is answered as it was the first time, and done
// once. For services whose changes are their own transactions; casework writes its cases' answers
// with the case.
#ifndef WAYMARK_COMMON_RPC_ONCE_H_
#define WAYMARK_COMMON_RPC_ONCE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/crypto/key_provider.h"
#include "common/db/transaction.h"
#include "common/rpc/call.h"
#include "google/protobuf/message.h"

namespace waymark::rpc {

// In the transaction of the change: answers from the store, or runs `work`, which fills `response`,
// and stores the answer sealed under the tenant's key. `real_now` is real time, not the clinical
// clock: answers are kept by it. Two more statements than `work` alone.
//
// INVALID_ARGUMENT REQUEST_ID_REUSED: the id was used for another request. DATA_LOSS: the stored
// answer does not open. Errors of `work`, with nothing stored.
absl::Status Once(db::Transaction& txn, const crypto::KeyProvider& keys, const Call& call,
                  absl::Time real_now, const google::protobuf::Message& request,
                  google::protobuf::Message* response, absl::FunctionRef<absl::Status()> work);

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_ONCE_H_
