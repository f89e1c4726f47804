// Exports of the audit log, as `waymark audit verify` reads them.
#include <google/protobuf/stubs/logging.h>

#include <sstream>
#include <string>

#include "services/audit/export_for_test.h"
#include "services/audit/verify.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::audit {
namespace {

constexpr int kEntries = 5;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // protobuf would print a line about every text that is not UTF-8.
  [[maybe_unused]] static auto* const silenced = google::protobuf::SetLogHandler(nullptr);
  // The log that corpus/export/good.jsonl is an export of.
  static const TestLog& log = *new TestLog(kEntries, 2);
  static const std::string& held = *new std::string(log.Note());
  static const Hash& root = *new Hash(log.tree.Root());

  std::istringstream own_key{std::string(fuzz::Text(data, size))};
  if (const auto report = VerifyExport(own_key, {}); report.ok()) {
    FUZZ_REQUIRE(report->ok() == report->faults.empty());
    FUZZ_REQUIRE(report->faults.size() <= kMaxFaults);
    FUZZ_REQUIRE(!FormatReport(*report).empty());
  }
  // Against a reader who holds the key and a checkpoint, no export passes but the log's own.
  std::istringstream held_key{std::string(fuzz::Text(data, size))};
  const auto report =
      VerifyExport(held_key, {.keys = {TestSigner().verifier_key()}, .held = {held}});
  if (report.ok() && report->ok()) {
    FUZZ_REQUIRE(report->covered >= kEntries && report->held_verified == 1);
    FUZZ_REQUIRE(report->entries > kEntries || report->root == root);
  }
  return 0;
}

}  // namespace waymark::audit
