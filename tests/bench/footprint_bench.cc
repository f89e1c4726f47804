// What each service takes when it does nothing, and how long it takes to be of use.
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/harness/suite.h"

namespace {

constexpr double kMostMegabytes = 40;
constexpr double kMostSeconds = 1;

// Resident memory of a process in megabytes, from /proc; 0 when it is gone.
double Resident(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    double kilobytes = 0;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() >= 2 && words[0] == "VmRSS:" && absl::SimpleAtod(words[1], &kilobytes)) {
      return kilobytes / 1024;
    }
  }
  return 0;
}

}  // namespace

int main() {
  auto suite = waymark::harness::Suite::Start();
  if (!suite.ok()) {
    std::fprintf(stderr, "%s\n", suite.status().ToString().c_str());
    return 1;
  }
  bool met = true;
  std::printf(
      "| idle | resident MB (beat %.0f) | start to healthy, s (beat %.0f) |\n|---|---|---|\n",
      kMostMegabytes, kMostSeconds);
  for (const std::string service : {"audit", "scheduling", "bbv"}) {
    (*suite)->KillService(service);
    const absl::Time begun = absl::Now();
    if (const absl::Status started = (*suite)->StartService(service); !started.ok()) {
      std::fprintf(stderr, "%s\n", started.ToString().c_str());
      return 1;
    }
    const double seconds = absl::ToDoubleSeconds(absl::Now() - begun);
    const double megabytes = Resident((*suite)->pid(service));
    std::printf("| %s | %.1f | %.2f |\n", service.c_str(), megabytes, seconds);
    met = met && megabytes < kMostMegabytes && seconds < kMostSeconds;
  }
  return met ? 0 : 1;
}
