#include "common/crypto/key_provider.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace waymark::crypto {
namespace {

constexpr size_t kKeySize = 32;
constexpr absl::string_view kSuffix = ".key";
// Tenants are organisations, some hundreds at most; beyond this a key is derived at each use, so a
// caller that invents tenants cannot fill the memory.
constexpr size_t kMaxTenantKeys = 4096;

absl::Status CannotAccess(absl::string_view path) {
  return status::FailedPrecondition(
      "KEY_FILE_UNREADABLE", absl::StrCat("Cannot read or write ", path, ": ", strerror(errno)));
}

// The version in "<version>.key"; nothing for any other name ("01.key" too: one version, one name).
std::optional<int32_t> VersionOf(absl::string_view name) {
  int32_t version = 0;
  if (!absl::ConsumeSuffix(&name, kSuffix) || !absl::SimpleAtoi(name, &version) || version < 1 ||
      name != absl::StrCat(version)) {
    return std::nullopt;
  }
  return version;
}

absl::StatusOr<std::vector<int32_t>> VersionsIn(const std::string& folder) {
  std::vector<int32_t> versions;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (auto version = VersionOf(entries->path().filename().string())) {
      versions.push_back(*version);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return status::FailedPrecondition("KEY_FILE_UNREADABLE",
                                      absl::StrCat("Cannot read ", folder, ": ", error.message()));
  }
  return versions;
}

std::string PathOf(absl::string_view folder, int32_t version) {
  return absl::StrCat(folder, "/", version, kSuffix);
}

// Makes a new name in `folder` survive a power cut.
absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return CannotAccess(folder);
  absl::Cleanup closer = [fd] { close(fd); };
  if (fsync(fd) != 0) return CannotAccess(folder);
  return absl::OkStatus();
}

std::string TenantBinding(absl::string_view tenant, int32_t version) {
  return BindingOf({"waymark/data-key", tenant, absl::StrCat(version)});
}

}  // namespace

absl::StatusOr<SecretBytes> ReadKeyFile(absl::string_view path) {
  const std::string name(path);
  const int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return status::NotFound("KEYS_MISSING", absl::StrCat("There is no key file ", path, "."));
  }
  if (fd < 0) return CannotAccess(path);
  absl::Cleanup closer = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) return CannotAccess(path);
  if ((info.st_mode & 077) != 0) {
    return status::FailedPrecondition(
        "KEY_FILE_MODE",
        absl::StrCat(path, " can be used by others than its owner; run: chmod 600 ", path));
  }
  // One byte more than a key, to see that the file ends there. Left at full size until the Secret
  // owns it, so that no copy stays behind.
  std::string bytes(kKeySize + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotAccess(path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size != kKeySize) {
    Wipe(bytes.data(), bytes.size());
    return status::FailedPrecondition("KEY_SIZE",
                                      absl::StrCat(path, " must hold exactly 32 bytes."));
  }
  bytes.resize(kKeySize);
  return SecretBytes(std::move(bytes));
}

absl::Status WriteKeyFile(absl::string_view path) {
  const std::string name(path);
  // Written whole under another name, then linked to its own: link() never replaces a file, and a
  // process that dies half-way leaves no short key behind.
  const std::string fresh = absl::StrCat(path, ".", getpid(), ".new");
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return CannotAccess(fresh);
  absl::Cleanup remover = [&fresh] { unlink(fresh.c_str()); };
  const DataKey key = NewDataKey();
  const bool written =
      write(fd, key.Reveal().data(), kKeySize) == static_cast<ssize_t>(kKeySize) && fsync(fd) == 0;
  if (close(fd) != 0 || !written) return CannotAccess(fresh);
  if (link(fresh.c_str(), name.c_str()) != 0) {
    if (errno != EEXIST) return CannotAccess(path);
    return status::AlreadyExists("KEY_EXISTS",
                                 absl::StrCat(path, " exists; a key file is never replaced."));
  }
  return SyncFolder(std::filesystem::path(name).parent_path().string());
}

absl::StatusOr<int32_t> CreateKeyFile(absl::string_view folder) {
  const std::string name(folder);
  if (mkdir(name.c_str(), 0700) != 0 && errno != EEXIST) return CannotAccess(folder);
  ASSIGN_OR_RETURN(std::vector<int32_t> versions, VersionsIn(name));
  int32_t next = 1;
  for (int32_t version : versions) next = std::max(next, version + 1);
  RETURN_IF_ERROR(WriteKeyFile(PathOf(folder, next)));
  return next;
}

absl::StatusOr<std::unique_ptr<FileKeyProvider>> FileKeyProvider::Load(absl::string_view folder) {
  std::unique_ptr<FileKeyProvider> provider(new FileKeyProvider(std::string(folder)));
  RETURN_IF_ERROR(provider->Reload());
  return provider;
}

absl::Status FileKeyProvider::Reload() {
  ASSIGN_OR_RETURN(std::vector<int32_t> versions, VersionsIn(folder_));
  if (versions.empty()) {
    return status::FailedPrecondition("KEYS_MISSING",
                                      absl::StrCat(folder_, " holds no key file such as 1.key."));
  }
  Keys fresh;
  for (int32_t version : versions) {
    ASSIGN_OR_RETURN(SecretBytes bytes, ReadKeyFile(PathOf(folder_, version)));
    ASSIGN_OR_RETURN(DataKey key, DataKeyFromBytes(bytes.Reveal()));
    fresh[version] = std::make_shared<const DataKey>(std::move(key));
  }
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [version, key] : keys_) {
    auto found = fresh.find(version);
    if (found != fresh.end() &&
        !ConstantTimeEquals(Bytes(key->Reveal()), Bytes(found->second->Reveal()))) {
      return status::FailedPrecondition(
          "KEY_CHANGED", absl::StrCat(PathOf(folder_, version),
                                      " has changed in place. Put the old bytes back and add the "
                                      "new key as the next version."));
    }
  }
  if (!keys_.empty() && fresh.rbegin()->first < keys_.rbegin()->first) {
    return status::FailedPrecondition(
        "KEY_VERSION_WENT_BACK",
        absl::StrCat(PathOf(folder_, keys_.rbegin()->first), " is missing. Put it back."));
  }
  keys_ = std::move(fresh);
  tenant_keys_.clear();
  return absl::OkStatus();
}

std::shared_ptr<const DataKey> FileKeyProvider::TenantKey(absl::string_view tenant,
                                                          int32_t version) const {
  std::pair<int32_t, std::string> name(version, std::string(tenant));
  std::lock_guard<std::mutex> lock(mutex_);
  if (auto found = tenant_keys_.find(name); found != tenant_keys_.end()) return found->second;
  auto key = keys_.find(version);
  if (key == keys_.end()) return nullptr;
  const SecretBytes derived = Hkdf(Bytes(key->second->Reveal()), /*salt=*/"",
                                   absl::StrCat("waymark/tenant-key/", tenant), kKeySize);
  auto tenant_key = std::make_shared<const DataKey>(*DataKeyFromBytes(derived.Reveal()));
  if (tenant_keys_.size() < kMaxTenantKeys) tenant_keys_.emplace(std::move(name), tenant_key);
  return tenant_key;
}

absl::StatusOr<WrappedKey> FileKeyProvider::Wrap(absl::string_view tenant,
                                                 const DataKey& key) const {
  const int32_t version = NewestVersion();
  std::shared_ptr<const DataKey> tenant_key = TenantKey(tenant, version);
  // Reload never lets the newest version go, only a newer one come.
  if (tenant_key == nullptr) return status::Unavailable("KEYS_MISSING", "Keys are being replaced.");
  return WrappedKey{version,
                    Seal(*tenant_key, TenantBinding(tenant, version), Bytes(key.Reveal()))};
}

absl::StatusOr<DataKey> FileKeyProvider::Unwrap(absl::string_view tenant,
                                                const WrappedKey& wrapped) const {
  std::shared_ptr<const DataKey> tenant_key = TenantKey(tenant, wrapped.key_version);
  if (tenant_key == nullptr) {
    return status::FailedPrecondition(
        "KEY_VERSION_UNKNOWN", absl::StrCat("Key version ", wrapped.key_version,
                                            " is not held. Restore its key file, then reload."));
  }
  auto opened =
      crypto::Open(*tenant_key, TenantBinding(tenant, wrapped.key_version), wrapped.bytes);
  if (!opened.ok()) {
    return status::DataLoss("KEY_BROKEN",
                            "A wrapped key does not open: it was altered, belongs to another "
                            "tenant, or its key file was replaced.");
  }
  const SecretBytes bytes(*std::move(opened));
  return DataKeyFromBytes(bytes.Reveal());
}

int32_t FileKeyProvider::NewestVersion() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return keys_.rbegin()->first;
}

absl::StatusOr<Envelope> SealEnvelope(const KeyProvider& keys, absl::string_view tenant,
                                      absl::string_view binding, absl::string_view plaintext) {
  const DataKey key = NewDataKey();
  ASSIGN_OR_RETURN(WrappedKey wrapped, keys.Wrap(tenant, key));
  return Envelope{std::move(wrapped), Seal(key, binding, plaintext)};
}

absl::StatusOr<std::string> OpenEnvelope(const KeyProvider& keys, absl::string_view tenant,
                                         absl::string_view binding, const Envelope& envelope) {
  ASSIGN_OR_RETURN(DataKey key, keys.Unwrap(tenant, envelope.key));
  return Open(key, binding, envelope.sealed);
}

}  // namespace waymark::crypto
