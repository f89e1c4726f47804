// The whole suite as real processes, for tests that look at it from the outside: one private
// PostgreSQL, one database a service, development keys and certificates, and the service programs.
#ifndef WAYMARK_TESTS_HARNESS_SUITE_H_
#define WAYMARK_TESTS_HARNESS_SUITE_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/testing/postgres_cluster.h"
#include "waymark/options/v1/rule.pb.h"

namespace grpc {
class Channel;
}

namespace waymark::harness {

// A port for something that others must name before it starts: free now, and no other test's while
// this process lives.
int FreePort();

struct SuiteOptions {
  // fsync on, as in production: for chaos and benches.
  bool durable = false;
  // Which of deploy/services are started, in their order. A peer that is not among them is away.
  std::vector<std::string> services = {"audit", "scheduling", "bbv"};
  // More flags for a service, by its name.
  std::map<std::string, std::vector<std::string>> flags;
  // Calls in progress at once in each service.
  int workers = 8;
};

// Who a token is for.
struct Person {
  std::string user_id = "nurse-1";
  std::string tenant = "demo";
  std::vector<options::v1::Role> roles = {options::v1::ROLE_OH_NURSE};
  // Empty: none.
  std::string subject_id;
  absl::Duration valid_for = absl::Hours(1);
  std::string audience = "waymark";
};

class Suite {
 public:
  // Returns when every service is healthy. Programs are taken from the build folder of the running
  // test.
  static absl::StatusOr<std::unique_ptr<Suite>> Start(SuiteOptions options = {});
  // Kills what still runs, by process id.
  ~Suite();
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  // Starts `service` on the port it had before, if any, and waits until it is healthy.
  absl::Status StartService(const std::string& service);
  // SIGKILL, and waits until the process is gone.
  void KillService(const std::string& service);
  // SIGTERM, and waits; the exit code.
  int StopService(const std::string& service);
  pid_t pid(const std::string& service) const;

  // A channel to `service` whose certificate says `as`.
  std::shared_ptr<grpc::Channel> Connect(const std::string& service,
                                         const std::string& as = "cli") const;
  int port(const std::string& service) const { return ports_.at(service); }
  int metrics_port(const std::string& service) const { return metrics_ports_.at(service); }
  std::string Token(const Person& person = {}) const;

  // Moves the clinical clock of every service forward.
  absl::Status AdvanceClock(absl::Duration by);

  testing::PostgresCluster& postgres() { return *cluster_; }
  testing::TestDatabase& database(const std::string& service) { return *databases_.at(service); }
  // Holds keys/, tls/, logs and port files.
  const std::string& folder() const { return folder_; }
  // What `service` shows Prometheus under `name`, all labels together; 0 when there is none.
  double Metric(const std::string& service, absl::string_view name) const;
  // The end of a service's log, for the message of a failed expectation.
  std::string Log(const std::string& service) const;

 private:
  Suite() = default;
  std::vector<std::string> CommandLine(const std::string& service) const;
  absl::Status AwaitHealthy(const std::string& service);

  SuiteOptions options_;
  std::string folder_;
  std::unique_ptr<testing::PostgresCluster> cluster_;
  std::map<std::string, std::unique_ptr<testing::TestDatabase>> databases_;
  std::map<std::string, int> ports_;
  // Services that one of the suite calls, and that the suite does without.
  std::map<std::string, std::vector<std::string>> absent_;
  std::map<std::string, int> metrics_ports_;
  std::map<std::string, pid_t> pids_;
};

}  // namespace waymark::harness

#endif  // WAYMARK_TESTS_HARNESS_SUITE_H_
