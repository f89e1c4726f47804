#include "common/clock/clock.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

namespace waymark::clock {
namespace {

// Beyond any case's life; keeps a slip of the keyboard from reaching year 3000 for ever.
constexpr absl::Duration kMaxOffset = absl::Hours(24 * 366 * 50);
constexpr size_t kMaxFileBytes = 64;

absl::Status RefuseInProduction() {
#ifdef WAYMARK_PRODUCTION
  return status::FailedPrecondition("OFFSET_CLOCK_REFUSED",
                                    "This is a production build: its clock cannot be moved. Remove "
                                    "the clock offset from the configuration.");
#else
  return absl::OkStatus();
#endif
}

absl::StatusOr<absl::Duration> ReadOffset(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) {
    if (errno == ENOENT) return absl::ZeroDuration();
    return status::InvalidArgument(
        "CLOCK_OFFSET_UNREADABLE",
        absl::StrCat("Cannot read the clock offset ", path, ": ", std::strerror(errno)));
  }
  char buffer[kMaxFileBytes];
  const size_t size = std::fread(buffer, 1, sizeof(buffer), file);
  std::fclose(file);
  absl::Duration offset;
  if (size == sizeof(buffer) ||
      !absl::ParseDuration(absl::StripAsciiWhitespace(absl::string_view(buffer, size)), &offset) ||
      offset < absl::ZeroDuration() || offset > kMaxOffset) {
    return status::InvalidArgument(
        "CLOCK_OFFSET_INVALID",
        absl::StrCat(path, " must hold one duration such as 72h30m, from 0 to 50 years."));
  }
  return offset;
}

}  // namespace

absl::Time RealClock::Now() const { return absl::Now(); }

Clock& Real() {
  static RealClock clock;
  return clock;
}

absl::Time FakeClock::Now() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

void FakeClock::Set(absl::Time now) {
  std::lock_guard<std::mutex> lock(mutex_);
  now_ = now;
}

void FakeClock::Advance(absl::Duration step) {
  std::lock_guard<std::mutex> lock(mutex_);
  now_ += step;
}

OffsetClock::OffsetClock(std::string path, absl::Duration offset)
    : path_(std::move(path)), offset_(offset) {}

absl::StatusOr<std::unique_ptr<OffsetClock>> OffsetClock::Open(absl::string_view path) {
  RETURN_IF_ERROR(RefuseInProduction());
  ASSIGN_OR_RETURN(absl::Duration offset, ReadOffset(std::string(path)));
  return std::unique_ptr<OffsetClock>(new OffsetClock(std::string(path), offset));
}

absl::Time OffsetClock::Now() const { return absl::Now() + Offset(); }

absl::Duration OffsetClock::Offset() const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const auto offset = ReadOffset(path_); offset.ok()) offset_ = std::max(offset_, *offset);
  return offset_;
}

absl::StatusOr<absl::Duration> AdvanceOffset(absl::string_view path, absl::Duration step) {
  RETURN_IF_ERROR(RefuseInProduction());
  const std::string target(path);
  ASSIGN_OR_RETURN(absl::Duration offset, ReadOffset(target));
  if (step <= absl::ZeroDuration() || step > kMaxOffset || offset + step > kMaxOffset) {
    return status::InvalidArgument(
        "CLOCK_STEP_INVALID", "The clock moves forward only, and by no more than 50 years in all.");
  }
  offset += step;
  const std::string fresh = absl::StrCat(target, ".", getpid(), ".new");
  const std::string text = absl::StrCat(absl::FormatDuration(offset), "\n");
  FILE* file = std::fopen(fresh.c_str(), "we");
  bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) written = std::fclose(file) == 0 && written;
  if (!written || std::rename(fresh.c_str(), target.c_str()) != 0) {
    return status::FailedPrecondition(
        "CLOCK_OFFSET_UNWRITABLE",
        absl::StrCat("Cannot write the clock offset ", target, ": ", std::strerror(errno)));
  }
  return offset;
}

}  // namespace waymark::clock
