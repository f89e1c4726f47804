// Short texts that come in as fields: identifiers, encodings, dates, zone names.
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "common/access/caller.h"
#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::Text(data, size);

  const std::optional<std::string> uuid = ids::NormaliseUuid(text);
  FUZZ_REQUIRE(!uuid.has_value() || (ids::IsUuid(*uuid) && *uuid == absl::AsciiStrToLower(text)));
  FUZZ_REQUIRE(!ids::IsUuid(text) || uuid == std::string(text));

  // One text for the same bytes: a decoder takes only what the encoder writes.
  if (const auto bytes = crypto::FromHex(text)) {
    FUZZ_REQUIRE(crypto::Hex(*bytes) == text);
  }
  if (const auto bytes = crypto::FromBase64(text)) FUZZ_REQUIRE(crypto::Base64(*bytes) == text);
  if (const auto bytes = crypto::FromBase64Url(text)) {
    FUZZ_REQUIRE(crypto::Base64Url(*bytes) == text);
  }
  FUZZ_REQUIRE(crypto::FromHex(crypto::Hex(text)) == std::string(text));
  FUZZ_REQUIRE(crypto::FromBase64(crypto::Base64(text)) == std::string(text));
  FUZZ_REQUIRE(crypto::FromBase64Url(crypto::Base64Url(text)) == std::string(text));

  if (const auto day = civil::ParseDay(text); day.ok()) {
    FUZZ_REQUIRE(civil::FormatDay(*day) == text);
    FUZZ_REQUIRE(civil::AddMonths(*day, 1) > *day);
  }
  // A name from outside reaches the zone database and nothing else.
  if (civil::LoadZone(text).ok()) {
    FUZZ_REQUIRE(text.size() <= 64 && text.find("..") == absl::string_view::npos);
  }
  if (access::IsTenant(text)) {
    FUZZ_REQUIRE(text.find_first_of("/'\"\\ \n") == absl::string_view::npos);
  }
  return 0;
}

}  // namespace waymark
