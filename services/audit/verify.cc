#include "services/audit/verify.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"
#include "services/audit/leaf.h"

namespace waymark::audit {
namespace {

bool ParseLine(const std::string& line, v1::ExportLogResponse* record) {
  record->Clear();
  return google::protobuf::util::JsonStringToMessage(line, record).ok() &&
         record->record_case() != v1::ExportLogResponse::RECORD_NOT_SET;
}

// What is kept of an entry until all have been read.
struct Seen {
  uint64_t sequence = 0;
  Hash hash;
};

struct SignedRoot {
  uint64_t size = 0;
  Hash root;
  bool held = false;
};

class Verifier {
 public:
  explicit Verifier(const VerifyOptions& options) : keys_(options.keys) {}

  absl::Status Header(const v1::ExportHeader& header) {
    report_.tenant = header.tenant();
    report_.origin = header.origin();
    if (keys_.empty()) {
      absl::StatusOr<VerifierKey> key = ParseVerifierKey(header.verifier_key());
      if (!key.ok()) return key.status();
      keys_.push_back(*std::move(key));
      report_.key_from_export = true;
    }
    return absl::OkStatus();
  }

  void Entry(const v1::ExportEntry& entry) {
    const uint64_t position = entries_.size();
    Seen seen{static_cast<uint64_t>(entry.sequence()), LeafHash(entry.leaf())};
    absl::StatusOr<Leaf> leaf = ParseLeaf(entry.leaf());
    if (!leaf.ok()) {
      Add(FaultKind::kEdited, seen.sequence,
          absl::StrCat("Entry ", seen.sequence, " was edited: its bytes are not a leaf of a log."));
    } else if (seen.hash != entry.leaf_hash()) {
      Add(FaultKind::kEdited, seen.sequence,
          absl::StrCat("Entry ", seen.sequence,
                       " was edited: its bytes do not have the hash that the log stored."));
    } else {
      seen.sequence = leaf->sequence;
      CheckLeaf(entry, *leaf);
      CheckChain(*leaf);
    }
    if (entry.erased()) ++report_.erased;
    if (leaf.ok()) {
      sources_[leaf->source].numbers.push_back({leaf->source_number, seen.sequence});
      ++sources_[leaf->source].entries;
      CheckContent(entry, *leaf, seen.sequence);
    }
    if (position == 0 || seen.sequence >= past_) past_ = seen.sequence + 1;
    range_.Append(seen.hash);
    entries_.push_back(std::move(seen));
  }

  void Checkpoint(const std::string& note, bool held) {
    if (!held) ++checkpoints_read_;
    absl::StatusOr<Note> opened = OpenNote(note, keys_);
    absl::StatusOr<CheckpointText> text = opened.ok()
                                              ? ParseCheckpoint(opened->text)
                                              : absl::StatusOr<CheckpointText>(opened.status());
    if (!text.ok() || text->origin != report_.origin) {
      const absl::string_view why =
          text.ok() ? "It is a checkpoint of another log." : text.status().message();
      Add(FaultKind::kCheckpointForged, entries_.size(),
          absl::StrCat(held ? "A checkpoint that you hold" : "The checkpoint after entry ",
                       held ? "" : absl::StrCat(entries_.size()), " is not one of this log. ",
                       why));
      return;
    }
    signed_.push_back({text->size, text->root, held});
  }

  void Repeat(const v1::ExportRepeat& repeat) {
    sources_[repeat.source()].numbers.push_back({repeat.number(), std::nullopt});
  }

  void End(const v1::ExportEnd& end) { end_ = end; }
  bool ended() const { return end_.has_value(); }

  void Unreadable(uint64_t line, absl::string_view why) {
    Add(FaultKind::kUnreadable, entries_.size(),
        absl::StrCat("Line ", line, " of the export, at entry ", entries_.size(), ", ", why));
  }

  VerifyReport Finish() {
    report_.entries = entries_.size();
    report_.root = range_.Root();
    CheckOrder();
    CheckEnd();
    CheckRoots();
    std::stable_sort(faults_.begin(), faults_.end(),
                     [](const Fault& a, const Fault& b) { return a.sequence < b.sequence; });
    CheckNumbers();
    faults_.insert(faults_.end(), gaps_.begin(), gaps_.end());
    report_.faults_found = faults_.size();
    if (faults_.size() > kMaxFaults) faults_.resize(kMaxFaults);
    report_.faults = std::move(faults_);
    return std::move(report_);
  }

 private:
  struct Number {
    int64_t number = 0;
    // The entry that carries it; none when it brought an event that was there already.
    std::optional<uint64_t> sequence;
  };
  struct SourceState {
    int64_t entries = 0;
    std::vector<Number> numbers;
  };

  void Add(FaultKind kind, uint64_t sequence, std::string what) {
    faults_.push_back({kind, sequence, std::move(what)});
  }

  void CheckLeaf(const v1::ExportEntry& entry, const Leaf& leaf) {
    if (leaf.sequence != static_cast<uint64_t>(entry.sequence())) {
      Add(FaultKind::kEdited, leaf.sequence,
          absl::StrCat("Entry ", leaf.sequence, " was edited: the export gives it position ",
                       entry.sequence(), "."));
    }
    if (leaf.tenant != report_.tenant) {
      Add(FaultKind::kEdited, leaf.sequence,
          absl::StrCat("Entry ", leaf.sequence, " belongs to the log of another organisation."));
    }
  }

  void CheckContent(const v1::ExportEntry& entry, const Leaf& leaf, uint64_t sequence) {
    if (entry.salt().empty() && entry.content().empty()) return;
    v1::AuditEvent event;
    if (entry.salt().size() != kSaltSize ||
        Commitment(entry.salt(), entry.content()) != leaf.commitment) {
      Add(FaultKind::kContentEdited, sequence,
          absl::StrCat("The content of entry ", sequence,
                       " was edited: it is not what the entry committed to."));
    } else if (!event.ParseFromString(entry.content()) || event.event_id() != leaf.event_id) {
      Add(FaultKind::kContentEdited, sequence,
          absl::StrCat("The content of entry ", sequence, " is of another event."));
    } else {
      ++report_.contents_verified;
    }
  }

  // An entry that was edited together with its own hash is named by the one after it.
  void CheckChain(const Leaf& leaf) {
    if (entries_.empty()) {
      if (leaf.sequence == 0 && leaf.previous != EmptyRoot()) {
        Add(FaultKind::kEdited, 0, "Entry 0 was edited: it does not begin a log.");
      }
      return;
    }
    const Seen& before = entries_.back();
    if (leaf.sequence != before.sequence + 1 || leaf.previous == before.hash) return;
    // One whose own hash gave it away is not named twice.
    for (auto fault = faults_.rbegin(); fault != faults_.rend(); ++fault) {
      if (fault->kind == FaultKind::kEdited && fault->sequence == before.sequence) return;
      if (fault->sequence + 2 < before.sequence) break;
    }
    Add(FaultKind::kEdited, before.sequence,
        absl::StrCat("Entry ", before.sequence,
                     " was edited or put in the place of another: entry ", leaf.sequence,
                     " holds a different hash of it."));
  }

  // Every entry says its own position, so that what is missing can be told from what was moved.
  void CheckOrder() {
    std::vector<uint64_t> present;
    present.reserve(entries_.size());
    for (const Seen& seen : entries_) present.push_back(seen.sequence);
    std::sort(present.begin(), present.end());
    uint64_t expected = 0;
    for (const Seen& seen : entries_) {
      if (seen.sequence < expected) {
        const auto [first, last] = std::equal_range(present.begin(), present.end(), seen.sequence);
        if (last - first > 1) {
          Add(FaultKind::kRepeated, seen.sequence,
              absl::StrCat("Entry ", seen.sequence, " stands twice."));
        }
        continue;
      }
      auto next = std::lower_bound(present.begin(), present.end(), expected);
      if (*next < seen.sequence) {
        Add(FaultKind::kReordered, *next,
            absl::StrCat("Entry ", *next, " was reordered: it stands after entry ", seen.sequence,
                         "."));
      }
      // The first run of positions before this one that no entry claims.
      uint64_t gone = expected;
      while (*next == gone && gone < seen.sequence) {
        ++gone;
        while (*next < gone) ++next;
      }
      if (gone < seen.sequence) {
        const uint64_t last_gone = std::min(*next, seen.sequence) - 1;
        Add(FaultKind::kRemoved, gone,
            gone == last_gone
                ? absl::StrCat("Entry ", gone, " was removed.")
                : absl::StrCat("Entries ", gone, " to ", last_gone, " were removed."));
      }
      expected = seen.sequence + 1;
    }
  }

  void CheckEnd() {
    const uint64_t past = past_;
    uint64_t largest = 0;
    bool largest_held = false;
    for (const SignedRoot& root : signed_) {
      if (root.size > largest) {
        largest = root.size;
        largest_held = root.held;
      }
    }
    if (largest > past) {
      Add(FaultKind::kCutOff, past,
          absl::StrCat("The log was cut off at entry ", past, ": a signed checkpoint",
                       largest_held ? " that you hold" : "", " counts ", largest, " entries."));
    } else if (!end_) {
      Add(FaultKind::kCutOff, past,
          absl::StrCat("The export was cut off at entry ", past, ": its last record is missing."));
    } else if (static_cast<uint64_t>(end_->entries()) > past) {
      Add(FaultKind::kCutOff, past,
          absl::StrCat("The log was cut off at entry ", past, ": the export was made with ",
                       end_->entries(), " entries."));
    }
    if (end_ && static_cast<uint64_t>(end_->checkpoints()) != checkpoints_read_) {
      Add(FaultKind::kCheckpointMissing, past,
          absl::StrCat("The export was made with ", end_->checkpoints(), " checkpoints and holds ",
                       checkpoints_read_, "."));
    }
  }

  // The root at each checkpoint's size, from the leaves alone. Past the first fault no root can
  // hold, and the fault already says why.
  void CheckRoots() {
    uint64_t first_fault = UINT64_MAX;
    for (const Fault& fault : faults_) {
      if (fault.kind == FaultKind::kContentEdited || fault.kind == FaultKind::kCheckpointForged ||
          fault.kind == FaultKind::kCheckpointMissing || fault.kind == FaultKind::kUnreadable) {
        continue;
      }
      first_fault = std::min(first_fault, fault.sequence);
    }
    std::stable_sort(signed_.begin(), signed_.end(),
                     [](const SignedRoot& a, const SignedRoot& b) { return a.size < b.size; });
    CompactRange range;
    for (const SignedRoot& root : signed_) {
      if (root.size > entries_.size() || root.size > first_fault) break;
      while (range.size() < root.size) range.Append(entries_[range.size()].hash);
      if (range.Root() != root.root) {
        Add(FaultKind::kRewritten, report_.covered,
            absl::StrCat("Of the entries ", report_.covered, " to ", root.size - 1,
                         " at least one was rewritten together with its hash: the root differs "
                         "from that of the ",
                         root.held ? "checkpoint that you hold" : "signed checkpoint", " of ",
                         root.size, " entries. Everything before entry ", report_.covered,
                         " is as it was."));
        return;
      }
      report_.covered = root.size;
      ++(root.held ? report_.held_verified : report_.checkpoints_verified);
    }
    if (report_.covered == 0 && !entries_.empty() && faults_.empty()) {
      Add(FaultKind::kUnsigned, 0,
          "No checkpoint signs any of the entries: nothing shows that they are those of the log.");
    }
  }

  void CheckNumbers() {
    for (auto& [name, state] : sources_) {
      SourceSummary& summary = report_.sources[name];
      summary.entries = state.entries;
      std::stable_sort(state.numbers.begin(), state.numbers.end(),
                       [](const Number& a, const Number& b) { return a.number < b.number; });
      int64_t last = 0;
      bool last_has_entry = false;
      for (const Number& number : state.numbers) {
        if (number.number == last && number.sequence && last_has_entry) {
          gaps_.push_back(
              {FaultKind::kNumberRepeated, *number.sequence,
               absl::StrCat("Number ", last, " of ", name, " stands on a second entry, ",
                            *number.sequence, ": the service was restored from a backup.")});
        }
        if (number.number > last && number.number - last > 1) {
          v1::NumberRange range;
          range.set_first(last + 1);
          range.set_last(number.number - 1);
          gaps_.push_back(
              {FaultKind::kNumberMissing, report_.entries,
               absl::StrCat(range.first() == range.last()
                                ? absl::StrCat("Number ", range.first())
                                : absl::StrCat("Numbers ", range.first(), " to ", range.last()),
                            " of ", name, " never reached the log, or lost their entry.")});
          summary.missing.push_back(std::move(range));
        }
        last_has_entry = number.sequence.has_value() || (number.number == last && last_has_entry);
        last = number.number;
        summary.highest_number = std::max(summary.highest_number, last);
      }
    }
  }

  std::vector<VerifierKey> keys_;
  VerifyReport report_;
  std::vector<Seen> entries_;
  CompactRange range_;
  // One past the highest position that an entry claims.
  uint64_t past_ = 0;
  uint64_t checkpoints_read_ = 0;
  std::vector<SignedRoot> signed_;
  std::map<std::string, SourceState> sources_;
  std::optional<v1::ExportEnd> end_;
  std::vector<Fault> faults_;
  // Faults of completeness, after those of the log itself.
  std::vector<Fault> gaps_;
};

}  // namespace

absl::string_view FaultName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kUnreadable:
      return "unreadable";
    case FaultKind::kEdited:
      return "edited";
    case FaultKind::kContentEdited:
      return "content edited";
    case FaultKind::kRemoved:
      return "removed";
    case FaultKind::kReordered:
      return "reordered";
    case FaultKind::kRepeated:
      return "repeated";
    case FaultKind::kCutOff:
      return "cut off";
    case FaultKind::kRewritten:
      return "rewritten";
    case FaultKind::kCheckpointForged:
      return "checkpoint forged";
    case FaultKind::kCheckpointMissing:
      return "checkpoint missing";
    case FaultKind::kUnsigned:
      return "unsigned";
    case FaultKind::kNumberMissing:
      return "number missing";
    case FaultKind::kNumberRepeated:
      return "number repeated";
  }
  return "unknown";
}

std::string ExportLine(const v1::ExportLogResponse& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  // Fails only for messages that JSON cannot hold (an Any of an unknown type); ours can.
  (void)google::protobuf::util::MessageToJsonString(record, &line, options);
  line.push_back('\n');
  return line;
}

absl::StatusOr<VerifyReport> VerifyExport(std::istream& in, const VerifyOptions& options) {
  std::string line;
  v1::ExportLogResponse record;
  if (!std::getline(in, line) || !ParseLine(line, &record) || !record.has_header() ||
      record.header().format() != kExportFormat) {
    return status::InvalidArgument(
        "EXPORT_UNREADABLE", absl::StrCat("The first line is not the header of a ", kExportFormat,
                                          " export. Make one with AuditService.ExportLog."));
  }
  Verifier verifier(options);
  if (absl::Status header = verifier.Header(record.header()); !header.ok()) {
    return status::InvalidArgument(
        "EXPORT_UNREADABLE",
        "The header of the export holds no verifier key. Give the log's key yourself.");
  }
  for (uint64_t number = 2; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    if (verifier.ended()) {
      verifier.Unreadable(number, "stands after the last record.");
      break;
    }
    if (!ParseLine(line, &record)) {
      verifier.Unreadable(number, "is not a record of an export.");
      continue;
    }
    switch (record.record_case()) {
      case v1::ExportLogResponse::kEntry:
        verifier.Entry(record.entry());
        break;
      case v1::ExportLogResponse::kCheckpoint:
        verifier.Checkpoint(record.checkpoint().note(), /*held=*/false);
        break;
      case v1::ExportLogResponse::kRepeat:
        verifier.Repeat(record.repeat());
        break;
      case v1::ExportLogResponse::kEnd:
        verifier.End(record.end());
        break;
      default:
        verifier.Unreadable(number, "is a second header.");
    }
  }
  for (const std::string& note : options.held) verifier.Checkpoint(note, /*held=*/true);
  return verifier.Finish();
}

std::string FormatReport(const VerifyReport& report) {
  std::string text;
  absl::StrAppend(&text, "Log of ", report.tenant, " (", report.origin, ")\n");
  absl::StrAppend(&text, "  entries            ", report.entries, ", of which ", report.covered,
                  " are under a signed checkpoint\n");
  absl::StrAppend(&text, "  root               ", crypto::Base64(report.root), "\n");
  absl::StrAppend(&text, "  checkpoints        ", report.checkpoints_verified,
                  " of the export and ", report.held_verified, " of yours hold\n");
  absl::StrAppend(&text, "  contents           ", report.contents_verified, " verified, ",
                  report.erased, " erased\n");
  for (const auto& [name, source] : report.sources) {
    absl::StrAppend(&text, "  source ", name, ": ", source.entries, " entries, numbers 1 to ",
                    source.highest_number,
                    source.missing.empty() ? ", none missing\n" : ", with gaps\n");
  }
  if (report.key_from_export) {
    absl::StrAppend(&text,
                    "  The key was taken from the export itself. Give the key you hold to detect a "
                    "log that was signed again.\n");
  }
  if (report.ok()) {
    if (report.covered < report.entries) {
      absl::StrAppend(&text, "  The last ", report.entries - report.covered,
                      " entries are chained, but no checkpoint signs them yet.\n");
    }
    absl::StrAppend(&text, "VERIFIED: nothing was edited, removed, reordered or cut off",
                    report.covered < report.entries
                        ? absl::StrCat(" among the first ", report.covered, " entries")
                        : "",
                    ".\n");
    return text;
  }
  absl::StrAppend(&text, "NOT VERIFIED: ", report.faults_found,
                  report.faults_found == 1 ? " fault" : " faults", ", first of all:\n");
  for (const Fault& fault : report.faults) {
    absl::StrAppend(&text, "  [", FaultName(fault.kind), "] ", fault.what, "\n");
  }
  if (report.faults_found > report.faults.size()) {
    absl::StrAppend(&text, "  and ", report.faults_found - report.faults.size(), " more\n");
  }
  return text;
}

}  // namespace waymark::audit
