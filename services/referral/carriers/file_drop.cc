#include "services/referral/carriers/file_drop.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status.h"

namespace waymark::referral {
namespace {

absl::Status NotWritten(absl::string_view what) {
  return status::Unavailable("FILE_NOT_WRITTEN",
                             absl::StrCat("The exchange folder did not take the file: ", what));
}

// Whole on the disk before it has its name.
absl::Status WriteWhole(const std::filesystem::path& path, absl::string_view content) {
  const std::filesystem::path temporary =
      path.parent_path() / absl::StrCat(".", path.filename().string(), ".part");
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return NotWritten("it cannot be made.");
  bool whole = true;
  while (whole && !content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    whole = written > 0;
    if (whole) content.remove_prefix(static_cast<size_t>(written));
  }
  whole = whole && fsync(file) == 0;
  whole = close(file) == 0 && whole;
  std::error_code error;
  if (whole) {
    std::filesystem::rename(temporary, path, error);
    if (!error) return absl::OkStatus();
  }
  std::filesystem::remove(temporary, error);
  return NotWritten("it cannot be written.");
}

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace

absl::Status DropFile(const std::string& folder, const std::string& name,
                      absl::string_view content) {
  std::error_code error;
  const std::filesystem::path base(folder);
  if (!std::filesystem::is_directory(base, error)) return NotWritten("there is no such folder.");
  const std::filesystem::path marks = base / ".sent";
  std::filesystem::create_directory(marks, error);
  if (std::filesystem::exists(marks / name, error)) return absl::OkStatus();
  RETURN_IF_ERROR(WriteWhole(base / name, content));
  return WriteWhole(marks / name, "");
}

std::string DropName(absl::string_view message_id, int resend) {
  return resend == 0 ? std::string(message_id) : absl::StrCat(message_id, ".resend-", resend);
}

std::string ControlFile(const v1::FileDrop& drop, absl::string_view name) {
  return absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DTSControl>\n<Version>1.0</Version>\n"
      "<AddressType>DTS</AddressType>\n<MessageType>Data</MessageType>\n<From_DTS>",
      Escape(drop.from_mailbox()), "</From_DTS>\n<To_DTS>", Escape(drop.to_mailbox()),
      "</To_DTS>\n<Subject>Referral</Subject>\n<LocalId>", Escape(name), "</LocalId>\n<WorkflowId>",
      Escape(drop.workflow_id()),
      "</WorkflowId>\n<Encrypted>N</Encrypted>\n<Compress>Y</Compress>\n</DTSControl>\n");
}

absl::Status DropMessage(const v1::FileDrop& drop, const std::string& name,
                         absl::string_view content) {
  // The control file last: a client takes both when it sees it.
  RETURN_IF_ERROR(DropFile(drop.folder(), absl::StrCat(name, ".dat"), content));
  return DropFile(drop.folder(), absl::StrCat(name, ".ctl"), ControlFile(drop, name));
}

}  // namespace waymark::referral
