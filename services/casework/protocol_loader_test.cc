#include "services/casework/protocol_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/crypto/crypto.h"
#include "common/testing/matchers.h"
#include "services/casework/golden.h"

namespace waymark::casework {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::waymark::testing::IsOk;
using ::waymark::testing::StatusIs;

std::string Protocol(int version) {
  return absl::StrCat("key: \"t\" version: ", version, R"pb(
    title: "T"
    stages { key: "a" title: "A" }
    steps {
      key: "one"
      title: "One"
      stage: "a"
      anchor { point: "incident" }
      due { elapsed { hours: 1 } }
      responsible: ROLE_OH_NURSE
      sources { guideline: "G" section: "1" evidence: EVIDENCE_UNVERIFIED }
    }
  )pb");
}

std::vector<std::string> Places(absl::string_view text) {
  std::vector<Fault> faults;
  ParseProtocol(text, nullptr, faults);
  std::vector<std::string> places;
  for (const Fault& fault : faults) {
    places.push_back(absl::StrCat(fault.line, ":", fault.column, " ", fault.reason));
  }
  return places;
}

TEST(ParseProtocol, ReportsEverySyntaxFaultWithLineAndColumn) {
  EXPECT_THAT(Places("key: \"t\"\n"
                     "verzion: 1\n"
                     "title: 5\n"
                     "steps {\n"
                     "  key: \"one\"\n"
                     "  responsible: ROLE_NOBODY\n"
                     "  due { elapsed { hours: x } }\n"
                     "}\n"),
              ElementsAre("2:1 SYNTAX", "3:8 SYNTAX", "6:16 SYNTAX", "7:26 SYNTAX"));
}

TEST(ParseProtocol, SurvivesAnyBytes) {
  for (const std::string& text :
       {std::string(), std::string("{{{{"), std::string("}}}}"), std::string("\"\\"),
        std::string("steps { steps {"), std::string("key: \"a\xff\""), std::string("\0\0", 2),
        std::string(2 << 20, 'x'), std::string(100'000, '{'),
        std::string("key: \"\xed\xa0\x80\"")}) {
    std::vector<Fault> faults;
    ParseProtocol(text, nullptr, faults);
    EXPECT_FALSE(faults.empty()) << text.substr(0, 20);
  }
}

TEST(ParseProtocol, PlacesWhatIsMissingFromTheWholeFileAtItsBeginning) {
  EXPECT_THAT(Places("# only a comment"),
              ElementsAre("1:1 KEY_INVALID", "1:1 PROTOCOL_INCOMPLETE", "1:1 PROTOCOL_INCOMPLETE",
                          "1:1 PROTOCOL_INCOMPLETE"));
}

class ProtocolFolder : public ::testing::Test {
 protected:
  ProtocolFolder() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              absl::StrCat("protocols-", ::testing::UnitTest::GetInstance()->random_seed(), "-",
                           ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ProtocolFolder() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  static std::string Line(const std::string& name, const std::string& content) {
    const crypto::Digest digest = crypto::Sha256(content);
    return absl::StrCat(
        crypto::Hex(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size())),
        "  ", name, "\n");
  }

  std::filesystem::path folder_;
};

TEST_F(ProtocolFolder, OffersTheHighestReleasedVersion) {
  Write("t.v1.textproto", Protocol(1));
  Write("t.v2.textproto", Protocol(2));
  Write("t.v3.textproto", Protocol(3));
  Write("RELEASED",
        "# released\n" + Line("t.v1.textproto", Protocol(1)) + Line("t.v2.textproto", Protocol(2)));
  const auto protocols = Protocols::Load(folder_.string(), nullptr);
  ASSERT_THAT(protocols, IsOk());
  EXPECT_EQ((*protocols->Latest("t"))->version(), 2);
  EXPECT_EQ((*protocols->Find("t", 1))->version(), 1);
  EXPECT_THAT(protocols->Find("t", 3), StatusIs(absl::StatusCode::kNotFound, "PROTOCOL_NOT_FOUND"));
  EXPECT_THAT(protocols->Latest("u"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(protocols->files().size(), 3);
}

TEST_F(ProtocolFolder, RefusesAReleasedFileThatChangedOrWentAway) {
  Write("t.v1.textproto", Protocol(1) + "# one harmless word\n");
  Write("RELEASED", Line("t.v1.textproto", Protocol(1)) + Line("t.v2.textproto", Protocol(2)));
  const auto protocols = Protocols::Load(folder_.string(), nullptr);
  EXPECT_THAT(protocols, StatusIs(absl::StatusCode::kInvalidArgument, "PROTOCOL_FAULTS"));
  EXPECT_THAT(std::string(protocols.status().message()),
              AllOf(HasSubstr("t.v1.textproto:1:1: RELEASED_FILE_CHANGED"),
                    HasSubstr("RELEASED:1:1: RELEASED_FILE_MISSING: t.v2.textproto")));
}

TEST_F(ProtocolFolder, ReportsTheFaultsOfEveryFile) {
  Write("a.textproto", "nonsense: 1");
  Write("b.textproto", "title: 2");
  Write("c.textproto", Protocol(1));
  Write("d.textproto", Protocol(1));
  Write("RELEASED", "c0ffee a.textproto\n");
  const auto protocols = Protocols::Load(folder_.string(), nullptr);
  EXPECT_THAT(std::string(protocols.status().message()),
              AllOf(HasSubstr("a.textproto:1:"), HasSubstr("b.textproto:1:"),
                    HasSubstr("d.textproto:1:1: VERSION_DUPLICATE"),
                    HasSubstr("RELEASED:1:1: RELEASED_INVALID")));
}

TEST_F(ProtocolFolder, SaysWhenTheFolderCannotBeRead) {
  EXPECT_THAT(Protocols::Load((folder_ / "none").string(), nullptr),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PROTOCOLS_UNREADABLE"));
}

TEST_F(ProtocolFolder, AGoldenPageShowsWhatDiffers) {
  Write("page.txt", "one\ntwo\nthree\n");
  const std::string path = (folder_ / "page.txt").string();
  EXPECT_EQ(GoldenDifference(path, "one\ntwo\nthree\n"), "");
  EXPECT_THAT(GoldenDifference(path, "one\n2\nthree\n"), HasSubstr("\n-two\n+2\n"));
  EXPECT_THAT(GoldenDifference((folder_ / "none.txt").string(), "one\n"), HasSubstr("+one\n"));
}

}  // namespace
}  // namespace waymark::casework
