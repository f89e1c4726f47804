// Every open stream of a process, so that somebody looks after them.
#ifndef WAYMARK_COMMON_RPC_STREAM_REGISTRY_H_
#define WAYMARK_COMMON_RPC_STREAM_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/corridor.h"

namespace waymark::rpc {

struct OpenStream;

class StreamRegistry {
 public:
  StreamRegistry(int most_streams, int most_streams_each, int most_exports)
      : most_streams_(most_streams),
        most_streams_each_(most_streams_each),
        most_exports_(most_exports) {}

  // False when the stream was refused, and its feed aborted; either way Remove ends it.
  bool Add(std::shared_ptr<OpenStream> stream, bool is_export);
  // Counts an added stream as this person's, until it is removed. RESOURCE_EXHAUSTED
  // TOO_MANY_STREAMS when they have as many as one may.
  absl::Status Count(const std::shared_ptr<OpenStream>& stream, std::string person);
  void ExportDone();
  void Remove(const std::shared_ptr<OpenStream>& stream);
  void Tend(const Corridor::Options& options);
  void Drain();
  int size() const;
  // gRPC counts a call as over before its reactor has heard of it, so a server that has shut down
  // may still be about to run the last reactions. Waits for them; false when they do not come.
  bool AwaitNone(absl::Duration most);

 private:
  const int most_streams_;
  const int most_streams_each_;
  const int most_exports_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::shared_ptr<OpenStream>> streams_ ABSL_GUARDED_BY(mutex_);
  // Who opened a stream, and how many each has open.
  absl::flat_hash_map<const OpenStream*, std::string> person_of_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> streams_of_ ABSL_GUARDED_BY(mutex_);
  int exports_ ABSL_GUARDED_BY(mutex_) = 0;
  // With those that were refused: all whose reactor has not come to its end.
  int alive_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace waymark::rpc

#endif  // WAYMARK_COMMON_RPC_STREAM_REGISTRY_H_
