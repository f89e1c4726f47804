// What every fuzz target includes. A target is one function over any bytes; it must return for all
// of them, and ends the process where a parser broke what its header promises.
#ifndef WAYMARK_TESTS_FUZZ_FUZZ_TARGET_H_
#define WAYMARK_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/string_view.h"

// The name libFuzzer calls; tests/fuzz/replay.cc calls it too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace waymark::fuzz {

inline absl::string_view Text(const uint8_t* data, size_t size) {
  return absl::string_view(reinterpret_cast<const char*>(data), size);
}

inline void Require(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
  std::abort();
}

}  // namespace waymark::fuzz

#define FUZZ_REQUIRE(condition) \
  ::waymark::fuzz::Require(static_cast<bool>(condition), #condition, __FILE__, __LINE__)

#endif  // WAYMARK_TESTS_FUZZ_FUZZ_TARGET_H_
