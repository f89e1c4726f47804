// The development clock's offset file, which any process of the machine may write.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::clock {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string& path = *new std::string(absl::StrCat(
      std::getenv("TMPDIR") == nullptr ? "/tmp" : std::getenv("TMPDIR"), "/offset-", getpid()));
  FILE* file = std::fopen(path.c_str(), "we");
  FUZZ_REQUIRE(file != nullptr);
  FUZZ_REQUIRE(std::fwrite(data, 1, size, file) == size);
  std::fclose(file);
  if (const auto clock = OffsetClock::Open(path); clock.ok()) {
    const absl::Duration offset = (*clock)->Offset();
    FUZZ_REQUIRE(offset >= absl::ZeroDuration() && offset <= absl::Hours(24 * 366 * 50));
    FUZZ_REQUIRE((*clock)->Now() >= absl::UnixEpoch());
    if (const auto moved = AdvanceOffset(path, absl::Hours(1)); moved.ok()) {
      FUZZ_REQUIRE(*moved == offset + absl::Hours(1));
    }
  }
  std::remove(path.c_str());
  return 0;
}

}  // namespace waymark::clock
