#include "services/audit/merkle.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace waymark::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string FromHex(absl::string_view hex) { return absl::HexStringToBytes(hex); }
std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

// The eight leaves of the reference tree (interop.md 5.1; transparency-dev/merkle).
std::vector<std::string> ReferenceLeaves() {
  return {"",
          FromHex("00"),
          FromHex("10"),
          FromHex("2021"),
          FromHex("3031"),
          FromHex("40414243"),
          FromHex("5051525354555657"),
          FromHex("606162636465666768696a6b6c6d6e6f")};
}

// A whole tree in memory: what the proofs read their nodes from.
class Tree {
 public:
  void Append(const std::string& data) {
    const Hash hash = LeafHash(data);
    nodes_[{0, range_.size()}] = hash;
    range_.Append(hash, [&](int level, uint64_t index, const Hash& node) {
      nodes_[{level, index}] = node;
    });
  }
  absl::StatusOr<Hash> Node(int level, uint64_t index) const {
    const auto found = nodes_.find({level, index});
    if (found == nodes_.end()) return absl::NotFoundError("no such node");
    return found->second;
  }
  auto reader() const {
    return [this](int level, uint64_t index) { return Node(level, index); };
  }
  const CompactRange& range() const { return range_; }

 private:
  CompactRange range_;
  std::map<std::pair<int, uint64_t>, Hash> nodes_;
};

Tree ReferenceTree() {
  Tree tree;
  for (const std::string& leaf : ReferenceLeaves()) tree.Append(leaf);
  return tree;
}

TEST(MerkleHash, AgreesWithTheVectorsOfRfc6962) {
  EXPECT_EQ(Hex(EmptyRoot()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(LeafHash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(Hex(LeafHash("L123456")),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  EXPECT_EQ(Hex(NodeHash("N123", "N456")),
            "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
}

TEST(CompactRangeTest, HasTheKnownRootAtEverySizeOfTheReferenceTree) {
  const std::vector<std::string> leaf_hashes = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
      "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
      "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
      "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"};
  const std::vector<std::string> roots = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange range;
  EXPECT_EQ(range.Root(), EmptyRoot());
  std::vector<Hash> so_far;
  const std::vector<std::string> leaves = ReferenceLeaves();
  for (size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_EQ(Hex(LeafHash(leaves[i])), leaf_hashes[i]);
    so_far.push_back(LeafHash(leaves[i]));
    range.Append(so_far.back());
    EXPECT_EQ(Hex(range.Root()), roots[i]) << "size " << i + 1;
    EXPECT_EQ(Hex(RootOfLeaves(so_far)), roots[i]);
    EXPECT_EQ(range.size(), i + 1);
  }
}

TEST(CompactRangeTest, GoesOnFromASavedEdgeAndRefusesAnEdgeOfTheWrongLength) {
  Tree tree;
  for (int i = 0; i < 13; ++i) tree.Append(absl::StrCat("leaf ", i));
  // 13 = 8 + 4 + 1.
  absl::StatusOr<CompactRange> saved =
      CompactRange::FromEdge(13, {*tree.Node(3, 0), *tree.Node(2, 2), *tree.Node(0, 12)});
  ASSERT_TRUE(saved.ok());
  EXPECT_EQ(saved->Root(), tree.range().Root());
  tree.Append("leaf 13");
  saved->Append(LeafHash("leaf 13"));
  EXPECT_EQ(saved->Root(), tree.range().Root());
  EXPECT_FALSE(CompactRange::FromEdge(13, {EmptyRoot()}).ok());
}

TEST(Proofs, AreTheKnownOnesOfTheReferenceTree) {
  const Tree tree = ReferenceTree();
  const auto leaf = [&](uint64_t i) { return *tree.Node(0, i); };
  const Hash a = FromHex("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
  const Hash b = FromHex("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
  const Hash c = FromHex("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
  const Hash d = FromHex("837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e");
  const Hash e = FromHex("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
  const Hash r2 = *RootAt(2, tree.reader());
  const Hash r4 = *RootAt(4, tree.reader());
  EXPECT_THAT(*InclusionProof(0, 1, tree.reader()), IsEmpty());
  EXPECT_THAT(*InclusionProof(0, 7, tree.reader()), ElementsAre(leaf(1), a, d));
  EXPECT_THAT(*InclusionProof(0, 8, tree.reader()), ElementsAre(leaf(1), a, b));
  EXPECT_THAT(*InclusionProof(5, 8, tree.reader()), ElementsAre(leaf(4), c, r4));
  EXPECT_THAT(*InclusionProof(2, 3, tree.reader()), ElementsAre(r2));
  EXPECT_THAT(*InclusionProof(1, 5, tree.reader()), ElementsAre(leaf(0), a, leaf(4)));
  EXPECT_THAT(*ConsistencyProof(1, 1, tree.reader()), IsEmpty());
  EXPECT_THAT(*ConsistencyProof(1, 8, tree.reader()), ElementsAre(leaf(1), a, b));
  EXPECT_THAT(*ConsistencyProof(6, 8, tree.reader()), ElementsAre(e, c, r4));
  EXPECT_THAT(*ConsistencyProof(6, 7, tree.reader()), ElementsAre(e, leaf(6), r4));
  EXPECT_THAT(*ConsistencyProof(2, 5, tree.reader()), ElementsAre(a, leaf(4)));
}

TEST(Proofs, HoldForEveryEntryAndEveryPairOfSizesUpTo70AndForNoOther) {
  constexpr uint64_t kSize = 70;
  Tree tree;
  std::vector<Hash> roots = {EmptyRoot()};
  for (uint64_t i = 0; i < kSize; ++i) {
    tree.Append(absl::StrCat("leaf ", i));
    roots.push_back(tree.range().Root());
  }
  for (uint64_t size = 1; size <= kSize; ++size) {
    EXPECT_EQ(*RootAt(size, tree.reader()), roots[size]);
    for (uint64_t index = 0; index < size; ++index) {
      absl::StatusOr<std::vector<Hash>> proof = InclusionProof(index, size, tree.reader());
      ASSERT_TRUE(proof.ok());
      const Hash leaf = *tree.Node(0, index);
      EXPECT_TRUE(VerifyInclusion(index, size, leaf, *proof, roots[size]).ok());
      EXPECT_FALSE(VerifyInclusion((index + 1) % size, size, leaf, *proof, roots[size]).ok() &&
                   size > 1);
      EXPECT_FALSE(VerifyInclusion(index, size, leaf, *proof, roots[size - 1]).ok());
    }
    for (uint64_t first = 1; first <= size; ++first) {
      absl::StatusOr<std::vector<Hash>> proof = ConsistencyProof(first, size, tree.reader());
      ASSERT_TRUE(proof.ok());
      EXPECT_TRUE(VerifyConsistency(first, size, roots[first], roots[size], *proof).ok());
      EXPECT_FALSE(VerifyConsistency(first, size, roots[first - 1], roots[size], *proof).ok());
    }
  }
}

TEST(Proofs, RefuseToBeMadeOutsideTheTree) {
  const Tree tree = ReferenceTree();
  EXPECT_FALSE(InclusionProof(8, 8, tree.reader()).ok());
  EXPECT_FALSE(InclusionProof(0, 0, tree.reader()).ok());
  EXPECT_FALSE(ConsistencyProof(0, 8, tree.reader()).ok());
  EXPECT_FALSE(ConsistencyProof(8, 7, tree.reader()).ok());
}

// The shared vectors are outside the repository: WAYMARK_SHARED_DATA, or ../shared/data beside it.
std::filesystem::path SharedVectors(absl::string_view folder) {
  const char* given = std::getenv("WAYMARK_SHARED_DATA");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given) : std::filesystem::path("../shared/data");
  return root / "merkle" / std::string(folder);
}

std::string Decode(const nlohmann::json& value) {
  std::string bytes;
  if (value.is_string()) absl::Base64Unescape(value.get<std::string>(), &bytes);
  return bytes;
}

std::vector<std::string> DecodeProof(const nlohmann::json& value) {
  std::vector<std::string> proof;
  if (value.is_array()) {
    for (const nlohmann::json& step : value) proof.push_back(Decode(step));
  }
  return proof;
}

// Calls `check(probe)` for each vector under `folder`; false when there are none.
bool ForEachVector(absl::string_view folder,
                   const std::function<void(const nlohmann::json& probe)>& check) {
  const std::filesystem::path root = SharedVectors(folder);
  if (!std::filesystem::exists(root)) return false;
  int probes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    if (file.path().extension() != ".json") continue;
    SCOPED_TRACE(file.path().string());
    std::ifstream in(file.path());
    check(nlohmann::json::parse(in));
    ++probes;
  }
  std::printf("%d vectors in %s\n", probes, root.c_str());
  EXPECT_GT(probes, 0);
  return true;
}

TEST(VerifyInclusionTest, JudgesEveryVectorOfTransparencyDevAsItsAuthorsDo) {
  const bool found = ForEachVector("inclusion", [](const nlohmann::json& probe) {
    const absl::Status status = VerifyInclusion(
        probe["leafIdx"].get<uint64_t>(), probe["treeSize"].get<uint64_t>(),
        Decode(probe["leafHash"]), DecodeProof(probe["proof"]), Decode(probe["root"]));
    EXPECT_EQ(status.ok(), !probe["wantErr"].get<bool>()) << status;
  });
  if (!found)
    GTEST_SKIP() << "No vectors: set WAYMARK_SHARED_DATA to the folder that holds merkle/";
}

TEST(VerifyConsistencyTest, JudgesEveryVectorOfTransparencyDevAsItsAuthorsDo) {
  const bool found = ForEachVector("consistency", [](const nlohmann::json& probe) {
    const absl::Status status = VerifyConsistency(
        probe["size1"].get<uint64_t>(), probe["size2"].get<uint64_t>(), Decode(probe["root1"]),
        Decode(probe["root2"]), DecodeProof(probe["proof"]));
    EXPECT_EQ(status.ok(), !probe["wantErr"].get<bool>()) << status;
  });
  if (!found)
    GTEST_SKIP() << "No vectors: set WAYMARK_SHARED_DATA to the folder that holds merkle/";
}

TEST(VerifyInclusionTest, RefusesHashesOfTheWrongLength) {
  EXPECT_FALSE(VerifyInclusion(0, 1, "", {}, "").ok());
  EXPECT_FALSE(VerifyInclusion(0, 2, EmptyRoot(), {std::string("short")}, EmptyRoot()).ok());
}

}  // namespace
}  // namespace waymark::audit
