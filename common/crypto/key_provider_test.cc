#include "common/crypto/key_provider.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"

namespace waymark::crypto {
namespace {

class FileKeyProviderTest : public ::testing::Test {
 protected:
  FileKeyProviderTest()
      : folder_(::testing::TempDir() + "keys_" + std::to_string(getpid()) + "_" +
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
  }
  ~FileKeyProviderTest() override { std::filesystem::remove_all(folder_); }

  std::string File(int version) const { return folder_ + "/" + std::to_string(version) + ".key"; }

  void Write(const std::string& path, const std::string& bytes, mode_t mode = 0600) {
    std::ofstream(path) << bytes;
    chmod(path.c_str(), mode);
  }

  std::unique_ptr<FileKeyProvider> Loaded() {
    auto provider = FileKeyProvider::Load(folder_);
    EXPECT_TRUE(provider.ok()) << provider.status();
    return *std::move(provider);
  }

  std::string LoadReason() { return status::Reason(FileKeyProvider::Load(folder_).status()); }

  const std::string folder_;
};

std::string Hexed(const absl::StatusOr<DataKey>& key) {
  return key.ok() ? Hex(Bytes(key->Reveal())) : key.status().ToString();
}

TEST_F(FileKeyProviderTest, UnwrapsWhatItWrapped) {
  ASSERT_EQ(CreateKeyFile(folder_).value(), 1);
  const auto provider = Loaded();
  const DataKey key = NewDataKey();
  const auto wrapped = provider->Wrap("force-a", key);
  ASSERT_TRUE(wrapped.ok());
  EXPECT_EQ(wrapped->key_version, 1);
  EXPECT_EQ(wrapped->bytes.size(), 32 + kSealOverhead);
  EXPECT_EQ(Hexed(provider->Unwrap("force-a", *wrapped)), Hex(Bytes(key.Reveal())));
  // A new process with the same files.
  EXPECT_EQ(Hexed(Loaded()->Unwrap("force-a", *wrapped)), Hex(Bytes(key.Reveal())));
}

TEST_F(FileKeyProviderTest, RefusesAnotherTenantVersionOrByte) {
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  const auto provider = Loaded();
  const WrappedKey wrapped = provider->Wrap("force-a", NewDataKey()).value();
  EXPECT_EQ(status::Reason(provider->Unwrap("force-b", wrapped).status()), "KEY_BROKEN");
  EXPECT_EQ(status::Reason(provider->Unwrap("force-a", {1, wrapped.bytes}).status()), "KEY_BROKEN");
  EXPECT_EQ(status::Reason(provider->Unwrap("force-a", {3, wrapped.bytes}).status()),
            "KEY_VERSION_UNKNOWN");
  EXPECT_EQ(status::Reason(provider->Unwrap("force-a", {2, "short"}).status()), "KEY_BROKEN");
  WrappedKey changed = wrapped;
  changed.bytes[20] = static_cast<char>(changed.bytes[20] ^ 1);
  EXPECT_EQ(status::Reason(provider->Unwrap("force-a", changed).status()), "KEY_BROKEN");
}

TEST_F(FileKeyProviderTest, ARotationWrapsWithTheNewKeyAndStillOpensTheOld) {
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  const auto provider = Loaded();
  const DataKey key = NewDataKey();
  const WrappedKey old = provider->Wrap("force-a", key).value();
  ASSERT_EQ(CreateKeyFile(folder_).value(), 2);
  EXPECT_EQ(provider->NewestVersion(), 1) << "not before it is told";
  ASSERT_TRUE(provider->Reload().ok());
  EXPECT_EQ(provider->NewestVersion(), 2);
  EXPECT_EQ(provider->Wrap("force-a", key)->key_version, 2);
  EXPECT_EQ(Hexed(provider->Unwrap("force-a", old)), Hex(Bytes(key.Reveal())));
  // Once everything is wrapped again the old file may go.
  std::filesystem::remove(File(1));
  ASSERT_TRUE(provider->Reload().ok());
  EXPECT_EQ(status::Reason(provider->Unwrap("force-a", old).status()), "KEY_VERSION_UNKNOWN");
}

TEST_F(FileKeyProviderTest, ABadReloadKeepsTheKeysHeld) {
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  const auto provider = Loaded();
  const WrappedKey wrapped = provider->Wrap("force-a", NewDataKey()).value();

  std::filesystem::rename(File(2), folder_ + "/aside");
  EXPECT_EQ(status::Reason(provider->Reload()), "KEY_VERSION_WENT_BACK");
  Write(File(2), std::string(32, 'x'));
  EXPECT_EQ(status::Reason(provider->Reload()), "KEY_CHANGED");
  Write(File(2), std::string(31, 'x'));
  EXPECT_EQ(status::Reason(provider->Reload()), "KEY_SIZE");
  EXPECT_TRUE(provider->Unwrap("force-a", wrapped).ok());
  std::filesystem::rename(folder_ + "/aside", File(2));
  EXPECT_TRUE(provider->Reload().ok());
}

TEST_F(FileKeyProviderTest, RefusesAFolderItCannotTrust) {
  EXPECT_EQ(LoadReason(), "KEYS_MISSING");
  std::filesystem::create_directory(folder_);
  EXPECT_EQ(LoadReason(), "KEYS_MISSING");
  for (const char* name :
       {"/0.key", "/01.key", "/-1.key", "/x.key", "/1.key.bak", "/99999999999.key"}) {
    Write(folder_ + name, std::string(32, 'k'));
  }
  EXPECT_EQ(LoadReason(), "KEYS_MISSING");
  for (mode_t mode : {0640, 0604, 0660, 0644, 0610}) {
    Write(File(1), std::string(32, 'k'), mode);
    EXPECT_EQ(LoadReason(), "KEY_FILE_MODE") << mode;
  }
  for (size_t size : {0, 31, 33, 4096}) {
    Write(File(1), std::string(size, 'k'));
    EXPECT_EQ(LoadReason(), "KEY_SIZE") << size;
  }
  Write(File(1), std::string(32, 'k'), 0400);
  EXPECT_EQ(LoadReason(), "");
}

TEST_F(FileKeyProviderTest, AKeyFileIsPrivateAndNeverReplaced) {
  ASSERT_EQ(CreateKeyFile(folder_).value(), 1);
  struct stat info;
  ASSERT_EQ(stat(File(1).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  const std::string before = ReadKeyFile(File(1))->Reveal();
  EXPECT_EQ(status::Reason(WriteKeyFile(File(1))), "KEY_EXISTS");
  EXPECT_EQ(ReadKeyFile(File(1))->Reveal(), before);
  EXPECT_EQ(status::Reason(ReadKeyFile(File(7)).status()), "KEYS_MISSING");
  // Nothing is left beside the key.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FileKeyProviderTest, WrapsWhileKeysAreReloaded) {
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  const auto provider = Loaded();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&provider, t] {
      const std::string tenant = "force-" + std::to_string(t % 2);
      for (int i = 0; i < 500; ++i) {
        const DataKey key = NewDataKey();
        const auto wrapped = provider->Wrap(tenant, key);
        ASSERT_TRUE(wrapped.ok()) << wrapped.status();
        EXPECT_EQ(Hexed(provider->Unwrap(tenant, *wrapped)), Hex(Bytes(key.Reveal())));
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(CreateKeyFile(folder_).ok());
    ASSERT_TRUE(provider->Reload().ok());
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(FileKeyProviderTest, AnEnvelopeOpensForItsTenantAndBindingOnly) {
  ASSERT_TRUE(CreateKeyFile(folder_).ok());
  const auto provider = Loaded();
  const Envelope envelope = SealEnvelope(*provider, "force-a", "row 1", "value").value();
  EXPECT_EQ(OpenEnvelope(*provider, "force-a", "row 1", envelope).value(), "value");
  EXPECT_EQ(status::Reason(OpenEnvelope(*provider, "force-a", "row 2", envelope).status()),
            "SEAL_BROKEN");
  EXPECT_EQ(status::Reason(OpenEnvelope(*provider, "force-b", "row 1", envelope).status()),
            "KEY_BROKEN");
  const Envelope other = SealEnvelope(*provider, "force-a", "row 1", "value").value();
  EXPECT_EQ(status::Reason(
                OpenEnvelope(*provider, "force-a", "row 1", {envelope.key, other.sealed}).status()),
            "SEAL_BROKEN");
}

}  // namespace
}  // namespace waymark::crypto
