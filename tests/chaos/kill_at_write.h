// kill -9 of a program at a step of its work.
//
// A step is a table that the program is about to write. The table is locked in a way that lets
// readers through, pg_locks shows that the program waits there with everything before it written
// and not committed, and it is killed.
#ifndef WAYMARK_TESTS_CHAOS_KILL_AT_WRITE_H_
#define WAYMARK_TESTS_CHAOS_KILL_AT_WRITE_H_

#include <functional>
#include <string>

#include "tests/harness/suite.h"

namespace waymark::chaos {

struct WriteOf {
  std::string table;
  // A table on which the transaction that is meant has a lock already. Empty: any transaction.
  std::string beside = "idempotency_key";
};

// Runs `provoke` while nobody can write the table, and kills `service` once it waits there and
// `meanwhile` is over.
void KillAtWriteOf(
    harness::Suite& suite, const std::string& service, const WriteOf& step,
    const std::function<void()>& provoke, const std::function<void()>& meanwhile = [] {});

}  // namespace waymark::chaos

#endif  // WAYMARK_TESTS_CHAOS_KILL_AT_WRITE_H_
