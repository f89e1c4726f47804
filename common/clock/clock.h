// Where the time comes from. Pure code takes `now` as an argument; whoever hands it that argument
// holds a Clock. Tokens, TLS, leases and retries use RealClock whatever the others show.
#ifndef WAYMARK_COMMON_CLOCK_CLOCK_H_
#define WAYMARK_COMMON_CLOCK_CLOCK_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace waymark::clock {

class Clock {
 public:
  virtual ~Clock() = default;
  // Thread-safe. May step back when the machine's own clock is set.
  virtual absl::Time Now() const = 0;
};

class RealClock final : public Clock {
 public:
  absl::Time Now() const override;
};

// A RealClock that lives as long as the process.
Clock& Real();

// Stands still until told. For tests.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override;
  void Set(absl::Time now);
  void Advance(absl::Duration step);

 private:
  mutable std::mutex mutex_;  // guards what follows
  absl::Time now_;
};

// Development only: real time plus an offset kept in a file that all services on the machine share,
// so that six months pass in seconds. The offset only grows; a missing file means none. The file is
// read at every look (some 5 us), so who moved it and then asks a service is answered at the new
// time.
class OffsetClock final : public Clock {
 public:
  // FAILED_PRECONDITION OFFSET_CLOCK_REFUSED in a production build (WAYMARK_PRODUCTION);
  // INVALID_ARGUMENT when the file exists and does not hold an offset.
  static absl::StatusOr<std::unique_ptr<OffsetClock>> Open(absl::string_view path);

  // A file that turned unreadable or smaller while running is ignored: time goes on from where it
  // was.
  absl::Time Now() const override;
  absl::Duration Offset() const;

 private:
  OffsetClock(std::string path, absl::Duration offset);

  const std::string path_;
  mutable std::mutex mutex_;  // guards what follows
  mutable absl::Duration offset_;
};

// Moves the shared offset forward by `step` (more than zero) and returns the new total. The file
// holds one absl::Duration such as "4320h0m0s" and is replaced in one rename, so a reader never
// sees half of it. Two writers at once may lose one step: it is a person's tool. Refused like Open.
absl::StatusOr<absl::Duration> AdvanceOffset(absl::string_view path, absl::Duration step);

}  // namespace waymark::clock

#endif  // WAYMARK_COMMON_CLOCK_CLOCK_H_
