// Linked into every program of the tsan preset. Debian's libabsl is not instrumented, so
// ThreadSanitizer does not see that absl::Mutex orders anything and reports every guarded field
// (244 false reports in two test programs, none with this). The linker's --wrap sends our own calls
// through here, where the order is told.
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"

using absl::Condition;
using absl::CondVar;
using absl::Duration;
using absl::Mutex;
using absl::Time;

extern "C" void AnnotateIgnoreReadsBegin(const char* file, int line);
extern "C" void AnnotateIgnoreReadsEnd(const char* file, int line);

namespace {

enum Change { kTakes, kGives, kGivesAndTakesAgain };

// While a mutex changes hands, Abseil evaluates the conditions of whoever waits, in whatever thread
// gives it up: reads that the mutex itself orders.
template <Change change>
class HandOver {
 public:
  explicit HandOver(void* mutex) : mutex_(mutex) {
    if (change != kTakes) __tsan_release(mutex_);
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  }
  ~HandOver() {
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    if (change != kGives) __tsan_acquire(mutex_);
  }

 private:
  void* const mutex_;
};

}  // namespace

// FUNCTION is the mangled member function of Abseil 20220623 as Debian names it; `m` its mutex.
#define WAYMARK_WRAP(CHANGE, RESULT, FUNCTION, PARAMETERS, ARGUMENTS) \
  extern "C" RESULT __real_##FUNCTION PARAMETERS;                     \
  extern "C" RESULT __wrap_##FUNCTION PARAMETERS {                    \
    const HandOver<CHANGE> hand_over(m);                              \
    return __real_##FUNCTION ARGUMENTS;                               \
  }

WAYMARK_WRAP(kTakes, void, _ZN4absl7debian35Mutex4LockEv, (Mutex * m), (m))
WAYMARK_WRAP(kTakes, void, _ZN4absl7debian35Mutex10ReaderLockEv, (Mutex * m), (m))
WAYMARK_WRAP(kGives, void, _ZN4absl7debian35Mutex6UnlockEv, (Mutex * m), (m))
WAYMARK_WRAP(kGives, void, _ZN4absl7debian35Mutex12ReaderUnlockEv, (Mutex * m), (m))
WAYMARK_WRAP(kTakes, void, _ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE,
             (Mutex * m, const Condition& c), (m, c))
WAYMARK_WRAP(kGivesAndTakesAgain, void, _ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE,
             (Mutex * m, const Condition& c), (m, c))
WAYMARK_WRAP(kGivesAndTakesAgain, bool,
             _ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE,
             (Mutex * m, const Condition& c, Duration d), (m, c, d))
WAYMARK_WRAP(kGivesAndTakesAgain, bool,
             _ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE,
             (Mutex * m, const Condition& c, Time t), (m, c, t))
WAYMARK_WRAP(kGivesAndTakesAgain, void, _ZN4absl7debian37CondVar4WaitEPNS0_5MutexE,
             (CondVar * v, Mutex* m), (v, m))
WAYMARK_WRAP(kGivesAndTakesAgain, bool,
             _ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE,
             (CondVar * v, Mutex* m, Duration d), (v, m, d))
WAYMARK_WRAP(kGivesAndTakesAgain, bool,
             _ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE,
             (CondVar * v, Mutex* m, Time t), (v, m, t))
