#include "services/audit/verify.h"

#include <sstream>
#include <utility>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/export_for_test.h"

namespace waymark::audit {
namespace {

using ::testing::HasSubstr;

VerifyOptions HeldKey() {
  VerifyOptions options;
  options.keys = {TestSigner().verifier_key()};
  return options;
}

VerifyReport Verify(const std::string& text, const VerifyOptions& options = HeldKey()) {
  std::istringstream in(text);
  absl::StatusOr<VerifyReport> report = VerifyExport(in, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *std::move(report) : VerifyReport();
}

// The first fault is this one, and the sentence for people says so.
void ExpectFirst(const VerifyReport& report, FaultKind kind, uint64_t sequence) {
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(FaultName(report.faults[0].kind), FaultName(kind)) << FormatReport(report);
  EXPECT_EQ(report.faults[0].sequence, sequence) << FormatReport(report);
  EXPECT_THAT(FormatReport(report), HasSubstr("NOT VERIFIED"));
}

// What a careful forger does after an edit: the entry's own hash is made to fit.
void EditAndRehash(v1::ExportEntry& entry, absl::string_view from, absl::string_view to) {
  const std::string before = entry.leaf();
  entry.set_leaf(absl::StrReplaceAll(before, {{from, to}}));
  ASSERT_NE(entry.leaf(), before);
  entry.set_leaf_hash(LeafHash(entry.leaf()));
}

TEST(VerifyExportTest, DerivesEverythingAgainFromAnUntouchedExport) {
  const TestLog log(10, 4);
  const VerifyReport report = Verify(log.Text());
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.tenant, "demo");
  EXPECT_EQ(report.entries, 10u);
  EXPECT_EQ(report.contents_verified, 10u);
  EXPECT_EQ(report.checkpoints_verified, 2u);
  EXPECT_EQ(report.covered, 8u);
  EXPECT_EQ(report.root, log.tree.Root());
  EXPECT_FALSE(report.key_from_export);
  EXPECT_EQ(report.sources.at("bbv").highest_number, 10);
  EXPECT_THAT(FormatReport(report), HasSubstr("VERIFIED: nothing was edited"));
  EXPECT_THAT(FormatReport(report), HasSubstr("cut off among the first 8 entries."));
  EXPECT_THAT(FormatReport(report), HasSubstr("The last 2 entries are chained"));
}

TEST(VerifyExportTest, SaysWhenItOnlyHadTheExportsOwnKey) {
  const VerifyReport report = Verify(TestLog(3, 3).Text(), VerifyOptions());
  EXPECT_TRUE(report.ok());
  EXPECT_TRUE(report.key_from_export);
  EXPECT_THAT(FormatReport(report), HasSubstr("Give the key you hold"));
}

// Whoever holds the key is not to be told "verified" of a log that anybody could have written.
TEST(VerifyExportTest, DoesNotVerifyEntriesThatNoCheckpointSigns) {
  ExpectFirst(Verify(TestLog(5, 100).Text()), FaultKind::kUnsigned, 0);
  // A checkpoint over nothing signs nothing.
  TestLog log(5, 100);
  v1::ExportLogResponse empty;
  empty.mutable_checkpoint()->set_note(
      *TestSigner().Sign(FormatCheckpoint(kTestOrigin, 0, EmptyRoot())));
  log.records.insert(log.records.end() - 1, empty);
  log.records.back().mutable_end()->set_checkpoints(1);
  ExpectFirst(Verify(log.Text()), FaultKind::kUnsigned, 0);
}

TEST(VerifyExportTest, TakesAnEmptyLog) { EXPECT_TRUE(Verify(TestLog(0, 1).Text()).ok()); }

TEST(VerifyExportTest, NamesEveryEntryThatWasEdited) {
  for (int64_t sequence = 0; sequence < 10; ++sequence) {
    TestLog log(10, 4);
    v1::ExportEntry& entry = log.Entry(sequence);
    entry.set_leaf(absl::StrReplaceAll(entry.leaf(), {{"action READ", "action CHANGE"}}));
    ExpectFirst(Verify(log.Text()), FaultKind::kEdited, sequence);
  }
}

TEST(VerifyExportTest, NamesAnEntryWhoseEveryByteMayChange) {
  TestLog log(3, 3);
  const std::string leaf = log.Entry(1).leaf();
  for (size_t i = 0; i < leaf.size(); ++i) {
    std::string changed = leaf;
    changed[i] ^= 1;
    log.Entry(1).set_leaf(changed);
    ExpectFirst(Verify(log.Text()), FaultKind::kEdited, 1);
  }
}

TEST(VerifyExportTest, NamesAnEditedEntryWhoseHashWasMadeToFit) {
  for (int64_t sequence = 0; sequence < 9; ++sequence) {
    TestLog log(10, 4);
    EditAndRehash(log.Entry(sequence), "OH_NURSE", "OH_LEAD");
    ExpectFirst(Verify(log.Text()), FaultKind::kEdited, sequence);
  }
}

TEST(VerifyExportTest, BoundsAForgerWhoMadeTheWholeChainFitByTheCheckpoints) {
  TestLog log(12, 4);
  Hash previous = EmptyRoot();
  for (int64_t sequence = 0; sequence < 12; ++sequence) {
    v1::ExportEntry& entry = log.Entry(sequence);
    Leaf leaf = *ParseLeaf(entry.leaf());
    if (sequence == 6) leaf.roles = "OH_LEAD";
    leaf.previous = previous;
    entry.set_leaf(FormatLeaf(leaf));
    previous = LeafHash(entry.leaf());
    entry.set_leaf_hash(previous);
  }
  const VerifyReport report = Verify(log.Text());
  ExpectFirst(report, FaultKind::kRewritten, 4);
  EXPECT_EQ(report.covered, 4u);
  EXPECT_THAT(report.faults[0].what, HasSubstr("entries 4 to 7"));
}

TEST(VerifyExportTest, FindsALogThatWasSignedAgainByItsForgersKey) {
  const TestLog forged(10, 4, /*seed=*/'f');
  ExpectFirst(Verify(forged.Text()), FaultKind::kCheckpointForged, 4);
}

TEST(VerifyExportTest, FindsALogSignedAgainWithItsOwnKeyByTheCheckpointThatSomebodyHolds) {
  const TestLog honest(8, 4);
  TestLog rewritten(9, 3);
  VerifyOptions options = HeldKey();
  options.held = {honest.Note()};
  EXPECT_TRUE(Verify(honest.Text(), options).ok());
  EXPECT_EQ(Verify(honest.Text(), options).held_verified, 1u);
  // The same operator, the same key, another history: only the held note knows.
  Hash previous = EmptyRoot();
  CompactRange tree;
  for (v1::ExportLogResponse& record : rewritten.records) {
    if (record.has_entry()) {
      Leaf leaf = *ParseLeaf(record.entry().leaf());
      if (leaf.sequence == 5) leaf.roles = "OH_LEAD";
      leaf.previous = previous;
      record.mutable_entry()->set_leaf(FormatLeaf(leaf));
      previous = LeafHash(record.entry().leaf());
      record.mutable_entry()->set_leaf_hash(previous);
      tree.Append(previous);
    } else if (record.has_checkpoint()) {
      record.mutable_checkpoint()->set_note(
          *TestSigner().Sign(FormatCheckpoint(kTestOrigin, tree.size(), tree.Root())));
    }
  }
  EXPECT_TRUE(Verify(rewritten.Text()).ok());
  ExpectFirst(Verify(rewritten.Text(), options), FaultKind::kRewritten, 6);
}

TEST(VerifyExportTest, NamesTheFirstEntryThatWasRemoved) {
  for (int64_t sequence = 0; sequence < 9; ++sequence) {
    TestLog log(10, 4);
    log.records.erase(log.records.begin() + log.At(sequence));
    ExpectFirst(Verify(log.Text()), FaultKind::kRemoved, sequence);
  }
  TestLog log(10, 4);
  for (const int64_t sequence : {3, 4, 5}) {
    log.records.erase(log.records.begin() + log.At(sequence));
  }
  const VerifyReport report = Verify(log.Text());
  ExpectFirst(report, FaultKind::kRemoved, 3);
  EXPECT_THAT(report.faults[0].what, HasSubstr("Entries 3 to 5 were removed"));
}

TEST(VerifyExportTest, NamesTheFirstOfTwoEntriesThatChangedPlaces) {
  for (const auto& [first, second] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 1}, {2, 3}, {1, 8}, {8, 9}, {0, 9}}) {
    TestLog log(10, 4);
    std::swap(log.records[log.At(first)], log.records[log.At(second)]);
    ExpectFirst(Verify(log.Text()), FaultKind::kReordered, first);
  }
}

TEST(VerifyExportTest, NamesAnEntryThatWasMovedToTheEnd) {
  TestLog log(10, 4);
  const v1::ExportLogResponse moved = log.records[log.At(2)];
  log.records.erase(log.records.begin() + log.At(2));
  log.records.insert(log.records.end() - 1, moved);
  ExpectFirst(Verify(log.Text()), FaultKind::kReordered, 2);
}

TEST(VerifyExportTest, NamesAnEntryThatStandsTwice) {
  TestLog log(10, 4);
  log.records.insert(log.records.begin() + log.At(5), log.records[log.At(5)]);
  ExpectFirst(Verify(log.Text()), FaultKind::kRepeated, 5);
}

TEST(VerifyExportTest, NamesTheEntryAtWhichAnythingWasCutOff) {
  TestLog log(10, 4);
  const std::string whole = log.Text();
  // The end record: the file was cut.
  TestLog cut = log;
  cut.records.pop_back();
  ExpectFirst(Verify(cut.Text()), FaultKind::kCutOff, 10);
  // Entries and end record.
  cut.records.pop_back();
  ExpectFirst(Verify(cut.Text()), FaultKind::kCutOff, 9);
  // The last entry alone.
  cut = log;
  cut.records.erase(cut.records.begin() + cut.At(9));
  ExpectFirst(Verify(cut.Text()), FaultKind::kCutOff, 9);
  // The forger also wrote a new end record, but left a checkpoint.
  cut = TestLog(8, 4);
  cut.records.erase(cut.records.begin() + cut.At(7));
  cut.records.back().mutable_end()->set_entries(7);
  ExpectFirst(Verify(cut.Text()), FaultKind::kCutOff, 7);
  // And took the checkpoints out too: the one you hold still counts more.
  TestLog shorter(6, 4);
  EXPECT_TRUE(Verify(shorter.Text()).ok());
  VerifyOptions options = HeldKey();
  options.held = {TestLog(8, 4).Note()};
  const VerifyReport report = Verify(shorter.Text(), options);
  ExpectFirst(report, FaultKind::kCutOff, 6);
  EXPECT_THAT(report.faults[0].what, HasSubstr("that you hold"));
}

TEST(VerifyExportTest, FindsAFaultWhereverTheFileIsCut) {
  const std::string whole = TestLog(6, 2).Text();
  const size_t header = whole.find('\n') + 1;
  for (size_t size = header; size + 1 < whole.size(); size += 7) {
    EXPECT_FALSE(Verify(whole.substr(0, size)).ok()) << size;
  }
}

TEST(VerifyExportTest, NamesACheckpointThatWasForgedOrTakenOut) {
  TestLog log(8, 4);
  std::string note = log.records[log.At(3) + 1].checkpoint().note();
  log.records[log.At(3) + 1].mutable_checkpoint()->set_note(
      absl::StrReplaceAll(note, {{"\n4\n", "\n3\n"}}));
  ExpectFirst(Verify(log.Text()), FaultKind::kCheckpointForged, 4);
  log.records.erase(log.records.begin() + log.At(3) + 1);
  ExpectFirst(Verify(log.Text()), FaultKind::kCheckpointMissing, 8);
}

TEST(VerifyExportTest, NamesAContentThatIsNotWhatWasCommittedTo) {
  TestLog log(5, 5);
  v1::AuditEvent event = TestEvent(3);
  event.mutable_actor()->set_user_id("somebody-else");
  log.Entry(2).set_content(event.SerializeAsString());
  ExpectFirst(Verify(log.Text()), FaultKind::kContentEdited, 2);
}

TEST(VerifyExportTest, StillVerifiesWhenAPersonWasErased) {
  TestLog log(5, 5);
  log.Entry(2).clear_salt();
  log.Entry(2).clear_content();
  log.Entry(2).set_erased(true);
  const VerifyReport report = Verify(log.Text());
  EXPECT_TRUE(report.ok()) << FormatReport(report);
  EXPECT_EQ(report.erased, 1u);
  EXPECT_EQ(report.contents_verified, 4u);
  EXPECT_EQ(report.covered, 5u);
}

// Entries that were never delivered: the log is sound, and says what it lacks.
TEST(VerifyExportTest, ReportsTheNumbersOfASourceThatNeverArrived) {
  TestLog log(3, 100);
  Hash previous = EmptyRoot();
  CompactRange tree;
  const int64_t numbers[] = {2, 3, 7};
  for (int64_t i = 0; i < 3; ++i) {
    Leaf leaf = *ParseLeaf(log.Entry(i).leaf());
    leaf.source_number = numbers[i];
    leaf.previous = previous;
    log.Entry(i).set_leaf(FormatLeaf(leaf));
    previous = LeafHash(log.Entry(i).leaf());
    log.Entry(i).set_leaf_hash(previous);
    tree.Append(previous);
  }
  v1::ExportLogResponse checkpoint;
  checkpoint.mutable_checkpoint()->set_note(
      *TestSigner().Sign(FormatCheckpoint(kTestOrigin, 3, tree.Root())));
  log.records.insert(log.records.end() - 1, checkpoint);
  log.records.back().mutable_end()->set_checkpoints(1);
  const VerifyReport report = Verify(log.Text());
  ASSERT_EQ(report.faults.size(), 2u) << FormatReport(report);
  EXPECT_EQ(report.faults[0].kind, FaultKind::kNumberMissing);
  EXPECT_THAT(report.faults[0].what, HasSubstr("Number 1 of bbv"));
  EXPECT_THAT(report.faults[1].what, HasSubstr("Numbers 4 to 6 of bbv"));
  ASSERT_EQ(report.sources.at("bbv").missing.size(), 2u);

  // A number that brought an event again has no entry, and is not missing.
  v1::ExportLogResponse repeat;
  repeat.mutable_repeat()->set_source("bbv");
  for (const int64_t number : {1, 4, 5, 6}) {
    repeat.mutable_repeat()->set_number(number);
    log.records.insert(log.records.end() - 1, repeat);
  }
  EXPECT_TRUE(Verify(log.Text()).ok());
}

TEST(VerifyExportTest, RefusesWhatIsNoExport) {
  for (const std::string text : {"", "{}\n", "not json\n", "{\"end\":{}}\n",
                                 "{\"header\":{\"format\":\"waymark-audit-export/v2\"}}\n"}) {
    std::istringstream in(text);
    EXPECT_FALSE(VerifyExport(in, HeldKey()).ok()) << text;
  }
}

TEST(VerifyExportTest, ReportsALineThatIsNoRecord) {
  const std::string text = absl::StrReplaceAll(TestLog(4, 4).Text(),
                                               {{"\"entry\":{\"sequence\":\"2\"", "\"entry\":{{"}});
  const VerifyReport report = Verify(text);
  ExpectFirst(report, FaultKind::kUnreadable, 2);
}

}  // namespace
}  // namespace waymark::audit
