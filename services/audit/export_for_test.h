// Builds a log and its export in memory, and puts lines of it wrong. For tests.
#ifndef WAYMARK_SERVICES_AUDIT_EXPORT_FOR_TEST_H_
#define WAYMARK_SERVICES_AUDIT_EXPORT_FOR_TEST_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "services/audit/checkpoint.h"
#include "services/audit/leaf.h"
#include "services/audit/merkle.h"
#include "services/audit/verify.h"

namespace waymark::audit {

inline constexpr absl::string_view kTestOrigin = "audit.waymark.example/demo";

inline NoteSigner TestSigner(char seed = 'k') {
  return *NoteSigner::FromSeed(kTestOrigin, std::string(32, seed));
}

inline v1::AuditEvent TestEvent(int number) {
  v1::AuditEvent event;
  event.set_event_id(absl::StrCat("01900000-0000-7000-8000-", absl::Dec(number, absl::kZeroPad12)));
  event.set_tenant("demo");
  event.mutable_occurred_time()->set_seconds(1763786420 + number);
  event.set_source("bbv");
  event.mutable_actor()->set_user_id("nurse-1");
  event.mutable_actor()->add_roles(options::v1::ROLE_OH_NURSE);
  event.mutable_actor()->set_service("bbv");
  event.set_action(v1::ACTION_READ);
  event.set_method("waymark.bbv.v1.BbvService.GetCase");
  event.set_purpose("Caring for the patient.");
  event.set_object_type("bbv_case");
  event.set_object_id("01900000-0000-7000-8000-00000000aaaa");
  event.set_object_version(1);
  event.set_subject_id("01900000-0000-7000-8000-00000000bbbb");
  return event;
}

// A log of `size` entries with a checkpoint after every `every` of them.
class TestLog {
 public:
  TestLog(int size, int every, char seed = 'k') : seed_(seed) {
    v1::ExportLogResponse header;
    header.mutable_header()->set_format(std::string(kExportFormat));
    header.mutable_header()->set_tenant("demo");
    header.mutable_header()->set_origin(std::string(kTestOrigin));
    header.mutable_header()->set_verifier_key(FormatVerifierKey(TestSigner(seed).verifier_key()));
    records.push_back(header);
    Hash previous = EmptyRoot();
    for (int i = 0; i < size; ++i) {
      const v1::AuditEvent event = TestEvent(i + 1);
      Leaf leaf = LeafOf(event);
      leaf.sequence = i;
      leaf.previous = previous;
      leaf.source_number = i + 1;
      leaf.sequenced = absl::FromUnixSeconds(1763786500 + i);
      leaf.actor_token = "p1.actor";
      leaf.subject_token = "p1.subject";
      leaf.object_token = "p1.object";
      v1::ExportLogResponse record;
      v1::ExportEntry* entry = record.mutable_entry();
      entry->set_salt(std::string(kSaltSize, static_cast<char>(i)));
      entry->set_content(event.SerializeAsString());
      leaf.commitment = Commitment(entry->salt(), entry->content());
      entry->set_sequence(i);
      entry->set_leaf(FormatLeaf(leaf));
      previous = LeafHash(entry->leaf());
      entry->set_leaf_hash(previous);
      records.push_back(record);
      tree.Append(previous);
      if ((i + 1) % every == 0) {
        v1::ExportLogResponse checkpoint;
        checkpoint.mutable_checkpoint()->set_note(Note());
        records.push_back(checkpoint);
        ++checkpoints;
      }
    }
    v1::ExportLogResponse end;
    end.mutable_end()->set_entries(size);
    end.mutable_end()->set_checkpoints(checkpoints);
    records.push_back(end);
  }

  std::string Note() const {
    return *TestSigner(seed_).Sign(FormatCheckpoint(kTestOrigin, tree.size(), tree.Root()));
  }
  // The record of one entry.
  v1::ExportEntry& Entry(int64_t sequence) { return *records[At(sequence)].mutable_entry(); }
  size_t At(int64_t sequence) const {
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].has_entry() && records[i].entry().sequence() == sequence) return i;
    }
    return records.size();
  }
  std::string Text() const {
    std::string text;
    for (const v1::ExportLogResponse& record : records) text += ExportLine(record);
    return text;
  }

  std::vector<v1::ExportLogResponse> records;
  CompactRange tree;
  int checkpoints = 0;

 private:
  char seed_;
};

}  // namespace waymark::audit

#endif  // WAYMARK_SERVICES_AUDIT_EXPORT_FOR_TEST_H_
