// tools/partner_simulator as a process of a test's own.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_TESTING_SIMULATOR_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_TESTING_SIMULATOR_H_

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

namespace waymark::referral::testing {

// Ends with the object. port() is 0 when it did not start.
class Simulator {
 public:
  // `receive` is its --receive.
  explicit Simulator(const std::string& receive)
      : Simulator(std::vector<std::string>{"--port", "0", "--receive", receive}) {}
  explicit Simulator(std::vector<std::string> arguments) {
    std::array<int, 2> ends = {};
    if (pipe(ends.data()) != 0) return;
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::string program = "tools/partner_simulator/simulator";
      std::vector<char*> line = {program.data()};
      for (std::string& argument : arguments) line.push_back(argument.data());
      line.push_back(nullptr);
      execv(program.c_str(), line.data());
      _exit(1);
    }
    close(ends[1]);
    FILE* out = fdopen(ends[0], "r");
    if (fscanf(out, "%d", &port_) != 1) port_ = 0;
    fclose(out);
  }
  ~Simulator() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  int port() const { return port_; }

 private:
  pid_t process_ = 0;
  int port_ = 0;
};

}  // namespace waymark::referral::testing

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_TESTING_SIMULATOR_H_
