#include "services/audit/leaf.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/status/status.h"

namespace waymark::audit {
namespace {

constexpr absl::string_view kFirstLine = "waymark-audit-leaf/v1";
constexpr absl::string_view kInstant = "%Y-%m-%dT%H:%M:%E6SZ";
constexpr size_t kMaxPurpose = 200;
constexpr size_t kMaxCode = 63;
constexpr size_t kMaxName = 200;
// In the content only, never in a leaf.
constexpr size_t kMaxId = 1000;
constexpr size_t kMaxReason = 10000;
constexpr int kMaxCodes = 64;

absl::string_view OrDash(absl::string_view value) { return value.empty() ? "-" : value; }

// Reads "name value" lines in their fixed order.
class Lines {
 public:
  explicit Lines(absl::string_view text) : rest_(text) {}

  // The value of the next line, which must have this name. Empty for "-".
  std::string Value(absl::string_view name) {
    const size_t end = rest_.find('\n');
    if (end == absl::string_view::npos) {
      failed_ = true;
      return "";
    }
    absl::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (!absl::ConsumePrefix(&line, name) || !absl::ConsumePrefix(&line, " ") || line.empty()) {
      failed_ = true;
    }
    return line == "-" ? "" : std::string(line);
  }
  template <typename Number>
  Number Integer(absl::string_view name) {
    Number number = 0;
    if (!absl::SimpleAtoi(Value(name), &number)) failed_ = true;
    return number;
  }
  absl::Time Instant(absl::string_view name) {
    absl::Time instant;
    std::string error;
    if (!absl::ParseTime(kInstant, Value(name), absl::UTCTimeZone(), &instant, &error)) {
      failed_ = true;
    }
    return instant;
  }
  Hash Digest(absl::string_view name) {
    std::optional<std::string> bytes = crypto::FromHex(Value(name));
    if (!bytes || bytes->size() != kHashSize) {
      failed_ = true;
      return Hash(kHashSize, '\0');
    }
    return *std::move(bytes);
  }
  void FirstLine() {
    if (!absl::ConsumePrefix(&rest_, kFirstLine) || !absl::ConsumePrefix(&rest_, "\n")) {
      failed_ = true;
    }
  }
  bool Finished() const { return !failed_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool failed_ = false;
};

bool IsPlain(absl::string_view text, size_t longest) {
  return text.size() <= longest && text != "-" &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Letters, digits and these marks: method names, object types, sources.
bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '/' || c == '-';
         });
}

bool IsUpperCode(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxCode &&
         absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

absl::Time TimeOf(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

// The enum value's name without its prefix; its number when this build knows no name.
std::string NameOf(absl::string_view name, absl::string_view prefix, int number) {
  if (name.empty()) return absl::StrCat(number);
  absl::ConsumePrefix(&name, prefix);
  return std::string(name);
}

absl::Status Invalid(absl::string_view field, absl::string_view should_be) {
  return status::InvalidArgument("EVENT_INVALID",
                                 absl::StrCat("Field ", field, " of an event ", should_be, "."));
}

absl::Status ValidateOutcome(const v1::Outcome& outcome) {
  if (!IsName(outcome.pathway())) return Invalid("outcome.pathway", "must be a name");
  if (!outcome.protocol_key().empty() && !IsName(outcome.protocol_key())) {
    return Invalid("outcome.protocol_key", "must be a name");
  }
  if (!IsUpperCode(outcome.closing())) return Invalid("outcome.closing", "must be a code");
  if (!outcome.jurisdiction().empty() && !IsUpperCode(outcome.jurisdiction())) {
    return Invalid("outcome.jurisdiction", "must be a code");
  }
  if (outcome.completed_tests_size() > kMaxCodes || outcome.measures_size() > kMaxCodes) {
    return Invalid("outcome", "has at most 64 tests and 64 measures");
  }
  for (const std::string& test : outcome.completed_tests()) {
    if (!IsUpperCode(test)) return Invalid("outcome.completed_tests", "must be codes");
  }
  for (const v1::Measure& measure : outcome.measures()) {
    if (!IsUpperCode(measure.code())) return Invalid("outcome.measures.code", "must be a code");
    if (measure.value_case() == v1::Measure::VALUE_NOT_SET) {
      return Invalid("outcome.measures.value", "must be set");
    }
    if (measure.has_finding() && measure.finding() == v1::FINDING_UNSPECIFIED) {
      return Invalid("outcome.measures.finding", "must be yes, no or not applicable");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string FormatLeaf(const Leaf& leaf) {
  return absl::StrCat(
      absl::StrCat(kFirstLine, "\nsequence ", leaf.sequence, "\nprevious ",
                   crypto::Hex(leaf.previous), "\nevent ", OrDash(leaf.event_id), "\ntenant ",
                   OrDash(leaf.tenant), "\nsource ", OrDash(leaf.source), "\nnumber ",
                   leaf.source_number, "\noccurred ",
                   absl::FormatTime(kInstant, leaf.occurred, absl::UTCTimeZone()), "\nsequenced ",
                   absl::FormatTime(kInstant, leaf.sequenced, absl::UTCTimeZone())),
      absl::StrCat("\nactor ", OrDash(leaf.actor_token), "\nroles ", OrDash(leaf.roles),
                   "\nservice ", OrDash(leaf.service), "\non-behalf-of ",
                   leaf.on_behalf_of ? "yes" : "no", "\naction ", OrDash(leaf.action), "\nmethod ",
                   OrDash(leaf.method), "\npurpose ", OrDash(leaf.purpose)),
      absl::StrCat("\nobject-type ", OrDash(leaf.object_type), "\nobject ",
                   OrDash(leaf.object_token), "\nobject-version ", leaf.object_version,
                   "\nobject-count ", leaf.object_count, "\nsubject ", OrDash(leaf.subject_token)),
      absl::StrCat("\ncommitment ", crypto::Hex(leaf.commitment), "\n"));
}

absl::StatusOr<Leaf> ParseLeaf(absl::string_view text) {
  Lines lines(text);
  Leaf leaf;
  lines.FirstLine();
  leaf.sequence = lines.Integer<uint64_t>("sequence");
  leaf.previous = lines.Digest("previous");
  leaf.event_id = lines.Value("event");
  leaf.tenant = lines.Value("tenant");
  leaf.source = lines.Value("source");
  leaf.source_number = lines.Integer<int64_t>("number");
  leaf.occurred = lines.Instant("occurred");
  leaf.sequenced = lines.Instant("sequenced");
  leaf.actor_token = lines.Value("actor");
  leaf.roles = lines.Value("roles");
  leaf.service = lines.Value("service");
  leaf.on_behalf_of = lines.Value("on-behalf-of") == "yes";
  leaf.action = lines.Value("action");
  leaf.method = lines.Value("method");
  leaf.purpose = lines.Value("purpose");
  leaf.object_type = lines.Value("object-type");
  leaf.object_token = lines.Value("object");
  leaf.object_version = lines.Integer<int64_t>("object-version");
  leaf.object_count = lines.Integer<int32_t>("object-count");
  leaf.subject_token = lines.Value("subject");
  leaf.commitment = lines.Digest("commitment");
  // Writing it again settles every other question: signs, zeros, spelling.
  if (!lines.Finished() || FormatLeaf(leaf) != text) {
    return status::InvalidArgument("LEAF_MALFORMED", "These bytes are not a leaf of the log.");
  }
  return leaf;
}

Hash Commitment(absl::string_view salt, absl::string_view content) {
  return Hash(crypto::Bytes(crypto::Sha256({salt, content})));
}

absl::Status ValidateEvent(const v1::AuditEvent& event, absl::string_view tenant,
                           absl::string_view source, absl::Time now) {
  if (!ids::IsUuid(event.event_id())) return Invalid("event_id", "must be a UUID");
  if (event.tenant() != tenant) return Invalid("tenant", "must be that of the batch");
  if (event.source() != source) return Invalid("source", "must be that of the batch");
  const absl::Time occurred = TimeOf(event.occurred_time());
  if (!event.has_occurred_time() || occurred < absl::FromUnixSeconds(946684800) ||
      occurred > now + absl::Hours(24)) {
    return Invalid("occurred_time", "must lie between 2000 and tomorrow");
  }
  const v1::Actor& actor = event.actor();
  if (actor.user_id().empty() && actor.service().empty()) {
    return Invalid("actor", "must name a user or a service");
  }
  if (actor.user_id().size() > kMaxId) return Invalid("actor.user_id", "has at most 1,000 bytes");
  if (!actor.service().empty() && !IsName(actor.service())) {
    return Invalid("actor.service", "must be a name");
  }
  // A role or action that this build does not know yet is kept by its number: a newer source must
  // not find its trail refused.
  if (event.action() == v1::ACTION_UNSPECIFIED) return Invalid("action", "must be set");
  for (const int role : actor.roles()) {
    if (role == options::v1::ROLE_UNSPECIFIED) return Invalid("actor.roles", "must be set");
  }
  if (!IsName(event.method())) return Invalid("method", "must be a method's full name");
  if (!IsPlain(event.purpose(), kMaxPurpose)) {
    return Invalid("purpose", "must be one line of at most 200 bytes");
  }
  if (!event.object_type().empty() && !IsName(event.object_type())) {
    return Invalid("object_type", "must be a name");
  }
  if (event.object_id().size() > kMaxId) return Invalid("object_id", "has at most 1,000 bytes");
  if (event.object_version() < 0) return Invalid("object_version", "must not be negative");
  if (event.object_count() < 0) return Invalid("object_count", "must not be negative");
  if (!event.subject_id().empty() && !ids::IsUuid(event.subject_id())) {
    return Invalid("subject_id", "must be a UUID");
  }
  if (event.request_id().size() > kMaxId) return Invalid("request_id", "has at most 1,000 bytes");
  if (event.reason().size() > kMaxReason) return Invalid("reason", "has at most 10,000 bytes");
  if (!event.payload_sha256().empty() && event.payload_sha256().size() != kHashSize) {
    return Invalid("payload_sha256", "must be 32 bytes");
  }
  return event.has_outcome() ? ValidateOutcome(event.outcome()) : absl::OkStatus();
}

Leaf LeafOf(const v1::AuditEvent& event) {
  Leaf leaf;
  leaf.event_id = event.event_id();
  leaf.tenant = event.tenant();
  leaf.source = event.source();
  leaf.occurred = TimeOf(event.occurred_time());
  std::vector<std::string> roles;
  for (const int role : event.actor().roles()) {
    roles.push_back(
        NameOf(options::v1::Role_Name(static_cast<options::v1::Role>(role)), "ROLE_", role));
  }
  leaf.roles = absl::StrJoin(roles, ",");
  leaf.service = event.actor().service();
  leaf.on_behalf_of = event.actor().on_behalf_of();
  leaf.action = NameOf(v1::Action_Name(event.action()), "ACTION_", event.action());
  leaf.method = event.method();
  leaf.purpose = event.purpose();
  leaf.object_type = event.object_type();
  leaf.object_version = event.object_version();
  leaf.object_count = event.object_count();
  return leaf;
}

}  // namespace waymark::audit
