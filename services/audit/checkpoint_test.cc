#include "services/audit/checkpoint.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace waymark::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The vector of the C2SP signed-note page.
constexpr absl::string_view kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr absl::string_view kExampleSignature =
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";

// interop.md 5.2: seed 00 01 .. 1f over the root of the eight reference leaves.
constexpr absl::string_view kOrigin = "audit.police-oh.example/log1";
constexpr absl::string_view kLogKey =
    "audit.police-oh.example/log1+50f6aadb+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
constexpr absl::string_view kCheckpoint =
    "audit.police-oh.example/log1\n"
    "8\n"
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "\n"
    "\xE2\x80\x94 audit.police-oh.example/log1 "
    "UPaq2wNdi/"
    "hWdBciN9e0fM3Loj5QwdIVOVOPsGRS6Y3e3y76HjkvV5GLF7UNuJ3zrlcZAJF6icCjRyDFRkhMtChpdAk=\n";

std::string CountingSeed() {
  std::string seed;
  for (char c = 0; c < 32; ++c) seed.push_back(c);
  return seed;
}

std::string ExampleNote() {
  return absl::StrCat("This is an example message.\n\n\xE2\x80\x94 example.com/foo ",
                      kExampleSignature, "\n");
}

TEST(VerifierKeyTest, ReadsAndWritesTheKnownKeys) {
  for (const absl::string_view vkey : {kExampleKey, kLogKey}) {
    absl::StatusOr<VerifierKey> key = ParseVerifierKey(vkey);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(FormatVerifierKey(*key), vkey);
  }
  EXPECT_EQ(ParseVerifierKey(kLogKey)->id, 0x50f6aadbu);
  EXPECT_EQ(absl::BytesToHexString(ParseVerifierKey(kLogKey)->public_key),
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
}

TEST(VerifierKeyTest, RefusesAWrongIdAnotherKindAndWhatIsNoKey) {
  EXPECT_FALSE(ParseVerifierKey(absl::StrReplaceAll(kLogKey, {{"50f6aadb", "50f6aadc"}})).ok());
  EXPECT_FALSE(ParseVerifierKey(absl::StrReplaceAll(kLogKey, {{"log1", "log2"}})).ok());
  EXPECT_FALSE(ParseVerifierKey(absl::StrReplaceAll(kLogKey, {{"+AQOh", "+BQOh"}})).ok());
  EXPECT_FALSE(ParseVerifierKey("").ok());
  EXPECT_FALSE(ParseVerifierKey("name").ok());
  EXPECT_FALSE(ParseVerifierKey("name+50f6aadb").ok());
  EXPECT_FALSE(ParseVerifierKey("name+zzzzzzzz+AQ==").ok());
  EXPECT_FALSE(ParseVerifierKey("a name+50f6aadb+AQ==").ok());
}

TEST(OpenNoteTest, VerifiesTheExampleOfTheSpecification) {
  absl::StatusOr<Note> note = OpenNote(ExampleNote(), {*ParseVerifierKey(kExampleKey)});
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->text, "This is an example message.\n");
  ASSERT_EQ(note->signed_by.size(), 1u);
  EXPECT_EQ(note->signed_by[0].name, "example.com/foo");
}

TEST(NoteSignerTest, MakesTheKnownCheckpointFromTheKnownSeed) {
  absl::StatusOr<NoteSigner> signer = NoteSigner::FromSeed(kOrigin, CountingSeed());
  ASSERT_TRUE(signer.ok());
  EXPECT_EQ(FormatVerifierKey(signer->verifier_key()), kLogKey);
  const Hash root =
      absl::HexStringToBytes("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  EXPECT_EQ(*signer->Sign(FormatCheckpoint(kOrigin, 8, root)), kCheckpoint);
}

TEST(NoteSignerTest, RefusesABadNameSeedOrText) {
  EXPECT_FALSE(NoteSigner::FromSeed("a name", CountingSeed()).ok());
  EXPECT_FALSE(NoteSigner::FromSeed("a+name", CountingSeed()).ok());
  EXPECT_FALSE(NoteSigner::FromSeed("", CountingSeed()).ok());
  EXPECT_FALSE(NoteSigner::FromSeed("name", "short").ok());
  const NoteSigner signer = *NoteSigner::FromSeed("name", CountingSeed());
  EXPECT_FALSE(signer.Sign("no line feed").ok());
  EXPECT_FALSE(signer.Sign("").ok());
  EXPECT_FALSE(signer.Sign("\xff\n").ok());
}

TEST(OpenNoteTest, ReadsTheKnownCheckpoint) {
  absl::StatusOr<Note> note = OpenNote(kCheckpoint, {*ParseVerifierKey(kLogKey)});
  ASSERT_TRUE(note.ok()) << note.status();
  absl::StatusOr<CheckpointText> checkpoint = ParseCheckpoint(note->text);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->origin, kOrigin);
  EXPECT_EQ(checkpoint->size, 8u);
  EXPECT_EQ(absl::BytesToHexString(checkpoint->root),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(OpenNoteTest, PassesOverUnknownKeysAndTakesTwentySignatures) {
  const std::string text = "witnessed\n";
  std::string note = text + "\n";
  std::vector<VerifierKey> known;
  for (int i = 0; i < 20; ++i) {
    std::string seed = CountingSeed();
    seed[0] = static_cast<char>(100 + i);
    const NoteSigner signer = *NoteSigner::FromSeed(absl::StrCat("witness/", i), seed);
    absl::StrAppend(&note, signer.Sign(text)->substr(text.size() + 1));
    if (i % 2 == 0) known.push_back(signer.verifier_key());
  }
  absl::StatusOr<Note> opened = OpenNote(note, known);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->signed_by.size(), 10u);
  EXPECT_EQ(opened->unknown, 10);
}

TEST(OpenNoteTest, CountsAKeyOnceHoweverOftenItSigned) {
  const std::string line(kCheckpoint.substr(kCheckpoint.rfind("\n\n") + 2));
  absl::StatusOr<Note> note =
      OpenNote(absl::StrCat(kCheckpoint, line, line), {*ParseVerifierKey(kLogKey)});
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->signed_by.size(), 1u);
}

TEST(OpenNoteTest, RefusesAnyChangeOfASignedByte) {
  const std::vector<VerifierKey> known = {*ParseVerifierKey(kLogKey)};
  int refused = 0;
  for (size_t i = 0; i < kCheckpoint.size(); ++i) {
    std::string changed(kCheckpoint);
    changed[i] ^= 1;
    EXPECT_FALSE(OpenNote(changed, known).ok()) << "byte " << i;
    ++refused;
  }
  EXPECT_EQ(refused, static_cast<int>(kCheckpoint.size()));
}

TEST(OpenNoteTest, SaysWhichSignatureDoesNotHoldAndWhenNobodyKnownSigned) {
  const std::string changed = absl::StrReplaceAll(kCheckpoint, {{"\n8\n", "\n9\n"}});
  EXPECT_THAT(OpenNote(changed, {*ParseVerifierKey(kLogKey)}).status().ToString(),
              HasSubstr("The signature of audit.police-oh.example/log1 does not hold"));
  EXPECT_THAT(OpenNote(kCheckpoint, {*ParseVerifierKey(kExampleKey)}).status().ToString(),
              HasSubstr("No known key signed the note"));
}

TEST(OpenNoteTest, RefusesWhatIsNoNote) {
  const std::vector<VerifierKey> known = {*ParseVerifierKey(kLogKey)};
  for (const std::string& bad : {
           std::string(),
           std::string("\n"),
           std::string("\n\n"),
           std::string("text\n"),
           std::string("text\n\nno dash\n"),
           absl::StrCat(kCheckpoint, "\n"),
           std::string(kCheckpoint.substr(0, kCheckpoint.size() - 1)),
           absl::StrCat("\x01", kCheckpoint),
           absl::StrCat("\xed\xa0\x80", kCheckpoint),
           absl::StrCat("\xc0\xaf", kCheckpoint),
           std::string("text\n\n\xE2\x80\x94 name \n"),
           std::string("text\n\n\xE2\x80\x94 name AAAA\n"),
           std::string("text\n\n\xE2\x80"),
       }) {
    EXPECT_FALSE(OpenNote(bad, known).ok()) << absl::CHexEscape(bad);
  }
}

TEST(ParseCheckpointTest, ReadsExtensionLinesAndRefusesWhatTheFormatForbids) {
  const std::string root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
  absl::StatusOr<CheckpointText> extended =
      ParseCheckpoint(absl::StrCat("origin\n0\n", root, "\none\ntwo\n"));
  ASSERT_TRUE(extended.ok());
  EXPECT_THAT(extended->extensions, ElementsAre("one", "two"));
  EXPECT_FALSE(ParseCheckpoint("").ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n8\n", root)).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("\n8\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n08\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n+8\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n-8\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n 8\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n99999999999999999999\n", root, "\n")).ok());
  EXPECT_FALSE(ParseCheckpoint("origin\n8\nAAAA\n").ok());
  EXPECT_FALSE(ParseCheckpoint(absl::StrCat("origin\n8\n", root, "\n\nextra\n")).ok());
}

}  // namespace
}  // namespace waymark::audit
