// Cases of every pathway logged at load, as nurses would who try again until they get an answer.
#ifndef WAYMARK_TESTS_CHAOS_LOAD_H_
#define WAYMARK_TESTS_CHAOS_LOAD_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/harness/suite.h"

namespace waymark::chaos {

inline constexpr char kTenant[] = "demo";

// Puts a duty address on record and brings the tenant to life, as tools/run does.
void ActivateTenant(harness::Suite& suite);

// Pathways that a load logs, one case of each after the other.
inline const std::vector<std::string> kEveryPathway = {"bbv", "dental", "msk", "mental_health"};

// What one caller was promised: the answer said that this case exists.
struct Promise {
  std::string pathway;
  std::string request_id;
  std::string case_id;
};

// Several callers, each logging one case after another. A call that gets no answer is repeated with
// the same request id, as the contract asks.
class Load {
 public:
  // Every subject, request and incident follows from `seed`.
  Load(harness::Suite& suite, int callers, uint64_t seed,
       std::vector<std::string> pathways = {"bbv"});
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Waits until `more` further cases have been acknowledged. False when that takes longer than
  // a minute: the service does not come back.
  bool AwaitAcknowledged(int more);
  // Each caller finishes the case it is at.
  void Stop();
  // After Stop: everything that was acknowledged.
  const std::vector<Promise>& promises() const { return promises_; }
  // Answers that were neither an acknowledgement nor a reason to try again; empty when all is well.
  const std::vector<std::string>& refusals() const { return refusals_; }

 private:
  void Run(int caller, uint64_t seed);

  harness::Suite& suite_;
  const std::string token_;
  const std::vector<std::string> pathways_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> acknowledged_{0};
  std::mutex mutex_;
  std::vector<Promise> promises_;
  std::vector<std::string> refusals_;
  std::vector<std::thread> callers_;
};

// One exposure: a needlestick two hours ago, in a search.
absl::StatusOr<std::string> LogOne(harness::Suite& suite, const std::string& token,
                                   const std::string& request_id, const std::string& subject_id,
                                   absl::Duration deadline = absl::Seconds(5));

// True once nothing waits in the outbox of `service`.
bool AwaitDelivered(harness::Suite& suite, const std::string& service,
                    absl::Duration timeout = absl::Seconds(60));

// Everything that was promised is there, planned once and audited once; one sentence for each thing
// that is not.
std::vector<std::string> Faults(harness::Suite& suite, const std::vector<Promise>& promises);

}  // namespace waymark::chaos

#endif  // WAYMARK_TESTS_CHAOS_LOAD_H_
