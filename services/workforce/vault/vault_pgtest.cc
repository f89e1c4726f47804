// Sealing and rotation against a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
#include "services/workforce/people/reindex.h"
#include "services/workforce/store/tenant_keys.h"
#include "services/workforce/testing/people_ground.h"
#include "services/workforce/vault/vault.h"

namespace waymark::workforce {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

class VaultPgTest : public PeopleGround {
 protected:
  std::shared_ptr<const TenantKeys> Keys(const std::string& tenant = kTenant) {
    auto keys = vault_->KeysOf(absl::Now() + absl::Seconds(30), tenant);
    EXPECT_THAT(keys, IsOk());
    return *keys;
  }
  int32_t Rotate() {
    v1::RotateKeysRequest request;
    const auto rotated =
        Ask(&People::RotateKeys, CallOf("RotateKeys", {kOperator}, "ops"), request);
    EXPECT_THAT(rotated, IsOk());
    return rotated.ok() ? rotated->key_version() : 0;
  }
  v1::GetKeyStatusResponse Status() {
    const auto status = Ask(&People::GetKeyStatus, CallOf("GetKeyStatus", {kOperator}, "ops"),
                            v1::GetKeyStatusRequest());
    EXPECT_THAT(status, IsOk());
    return status.ok() ? *status : v1::GetKeyStatusResponse();
  }
  // Until everybody is found by tokens of the newest key alone.
  void ReindexAll(Vault& vault, int batch) {
    for (int half = 0; half < 2; ++half) {
      int64_t done = 1;
      while (done > 0) {
        const auto keys = vault.KeysOf(absl::Now() + absl::Seconds(30), kTenant);
        ASSERT_THAT(keys, IsOk());
        const auto one =
            ReindexBatch(*database_, absl::Now() + absl::Seconds(30), **keys, clock_.Now(), batch);
        ASSERT_THAT(one, IsOk());
        done = *one;
      }
      clock_.Advance(2 * Vault::kSettle);
    }
    // Tokens are gone; now the key.
    EXPECT_THAT(ReindexBatch(*database_, absl::Now() + absl::Seconds(30), *Keys(), clock_.Now(), 1),
                IsOk());
  }
  std::vector<std::string> Find(TokenKind kind, const std::string& value) {
    std::vector<std::string> found;
    const auto keys = Keys();
    EXPECT_THAT(database_->Transact(absl::Now() + absl::Seconds(30), kTenant,
                                    [&](db::Transaction& txn) -> absl::Status {
                                      ASSIGN_OR_RETURN(
                                          found, FindByToken(txn, *keys, kind, value, kToday, 9));
                                      return absl::OkStatus();
                                    }),
                IsOk());
    return found;
  }
  std::string TokensUnder(int version) {
    return test_database_.Query(
        absl::StrCat("SELECT count(*) FROM blind_index WHERE key_version = ", version));
  }
  std::string IndexKeys() {
    return test_database_.Query(
        "SELECT string_agg(key_version::text, ' ' ORDER BY key_version) FROM tenant_key"
        " WHERE purpose = 2");
  }
  int64_t Reseal(int batch) {
    const auto resealed = vault_->ResealBatch(absl::Now() + absl::Seconds(30), *Keys(), batch);
    EXPECT_THAT(resealed, IsOk());
    return resealed.ok() ? *resealed : -1;
  }
};

TEST_F(VaultPgTest, BindsAValueToItsTenantTablePersonFieldAndVersion) {
  const auto keys = Keys();
  const Sealed sealed = keys->Seal(keys->Binding("person_field", "p", "1", "1"), "Jones");
  EXPECT_THAT(sealed.bytes, Not(HasSubstr("Jones")));
  EXPECT_EQ(*keys->Open(keys->Binding("person_field", "p", "1", "1"), 1, sealed.bytes), "Jones");
  for (const std::string& other :
       {keys->Binding("person_field", "q", "1", "1"), keys->Binding("person_field", "p", "2", "1"),
        keys->Binding("person_field", "p", "1", "2"), keys->Binding("former", "p", "1", "1"),
        BindingFor(kOtherTenant, "person_field", "p", "1", "1")}) {
    EXPECT_THAT(keys->Open(other, 1, sealed.bytes),
                StatusIs(absl::StatusCode::kDataLoss, "SEAL_BROKEN"));
  }
  EXPECT_THAT(
      Keys(kOtherTenant)->Open(keys->Binding("person_field", "p", "1", "1"), 1, sealed.bytes),
      StatusIs(absl::StatusCode::kDataLoss, "SEAL_BROKEN"));
}

TEST_F(VaultPgTest, RefusesAFieldThatWasMovedToAnotherPerson) {
  const std::string ann = Enter("Ann", "Able");
  const std::string ben = Enter("Ben", "Baker");
  test_database_.Query(absl::StrCat(
      "WITH moved AS (UPDATE person_field SET sealed = (SELECT sealed FROM person_field AS f"
      " WHERE f.person_id = '",
      ben, "' AND f.field = 1) WHERE person_id = '", ann,
      "' AND field = 1 RETURNING 1) SELECT count(*) FROM moved"));
  EXPECT_THAT(Get(ann), StatusIs(absl::StatusCode::kDataLoss, "SEAL_BROKEN"));
  EXPECT_EQ(Get(ben)->name().family(), "Baker");
}

TEST_F(VaultPgTest, MakesTokensThatDifferByKindAndTenant) {
  const auto token = [&](TokenKind kind, const std::string& tenant = kTenant) {
    return Keys(tenant)->IndexTokens(kind, "a").at(0).token;
  };
  EXPECT_EQ(token(TokenKind::kEmail), token(TokenKind::kEmail));
  EXPECT_NE(token(TokenKind::kEmail), token(TokenKind::kUserId));
  EXPECT_NE(token(TokenKind::kEmail), token(TokenKind::kEmail, kOtherTenant));
  EXPECT_EQ(Keys()->Token(TokenKind::kExternalId, "a"), Keys()->Token(TokenKind::kExternalId, "a"));
  EXPECT_NE(Keys()->Token(TokenKind::kExternalId, "a"), Keys()->Token(TokenKind::kFeedRow, "a"));
}

TEST_F(VaultPgTest, SealsUnderANewKeyOnlyOnceEverybodyKnowsIt) {
  Keys();
  EXPECT_EQ(Rotate(), 2);
  EXPECT_EQ(Keys()->sealing_version(), 1);
  Vault other(*database_, *keys_, clock_);  // another process
  clock_.Advance(Vault::kLookEvery);
  EXPECT_EQ(Keys()->sealing_version(), 1);
  clock_.Advance(Vault::kSettle - Vault::kLookEvery);
  EXPECT_EQ(Keys()->sealing_version(), 2);
  const auto theirs = other.KeysOf(absl::Now() + absl::Seconds(30), kTenant);
  ASSERT_THAT(theirs, IsOk());
  const Sealed sealed = Keys()->Seal("b", "x");
  EXPECT_EQ(sealed.key_version, 2);
  EXPECT_THAT((*theirs)->Open("b", 2, sealed.bytes), IsOk());
}

TEST_F(VaultPgTest, RotatesInBatchesAndGoesOnWhereAnotherStopped) {
  std::vector<std::string> people;
  for (int i = 0; i < 30; ++i) people.push_back(Enter(absl::StrCat("Given", i), "Family"));
  const int64_t sealed = Status().sealed_count();
  EXPECT_EQ(Rotate(), 2);
  v1::RotateKeysRequest again;
  EXPECT_THAT(Ask(&People::RotateKeys, CallOf("RotateKeys", {kOperator}, "ops"), again),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ROTATION_RUNNING"));
  clock_.Advance(Vault::kSettle);
  EXPECT_EQ(Reseal(7), 7);
  EXPECT_EQ(Status().older_count(), sealed - 7);
  // The process dies here; another one goes on, and everybody is readable in between.
  Vault other(*database_, *keys_, clock_);
  for (const std::string& id : people) EXPECT_EQ(Get(id)->name().family(), "Family");
  const auto theirs = other.KeysOf(absl::Now() + absl::Seconds(30), kTenant);
  ASSERT_THAT(theirs, IsOk());
  for (int64_t resealed = 1; resealed > 0;) {
    const auto batch = other.ResealBatch(absl::Now() + absl::Seconds(30), **theirs, 7);
    ASSERT_THAT(batch, IsOk());
    resealed = *batch;
  }
  EXPECT_EQ(Status().older_count(), std::stoll(TokensUnder(1)));
  ReindexAll(other, 7);
  EXPECT_EQ(Status().older_count(), 0);
  EXPECT_EQ(Status().oldest_version(), 2);
  EXPECT_EQ(Reseal(7), 0) << "and it is finished";
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM key_rotation WHERE finished_at IS NOT NULL"),
            "1");
  for (const std::string& id : people) EXPECT_EQ(Get(id)->name().family(), "Family");
  EXPECT_EQ(Rotate(), 3) << "the next may begin";
}

TEST_F(VaultPgTest, RotatesUnderLoadAndKillAndLosesNothing) {
  std::vector<std::string> people;
  for (int i = 0; i < 40; ++i) people.push_back(Enter("Given", absl::StrCat("Family", i)));
  Rotate();
  clock_.Advance(Vault::kSettle);
  std::atomic<bool> stop = false;
  std::atomic<int> changes = 0;
  std::atomic<int> failures = 0;
  // Writers that change names all the while; the last number each person got is theirs.
  std::vector<int> last(people.size(), 0);
  std::thread writer([&] {
    for (int round = 1; !stop; ++round) {
      for (size_t i = 0; i < people.size() && !stop; ++i) {
        const absl::Status written = database_->Transact(
            absl::Now() + absl::Seconds(30), kTenant, [&](db::Transaction& txn) -> absl::Status {
              v1::Person person;
              person.mutable_name()->set_family(absl::StrCat("Round", round));
              return WriteFields(txn, *Keys(), {{.person_id = people[i], .set = ToFields(person)}});
            });
        if (!written.ok()) {
          ++failures;
          continue;
        }
        last[i] = round;
        ++changes;
      }
    }
  });
  std::thread reader([&] {
    while (!stop) {
      for (size_t i = 0; i < people.size() && !stop; ++i) {
        std::map<std::string, Fields> read;
        const absl::Status status = database_->Transact(
            absl::Now() + absl::Seconds(30), kTenant, [&](db::Transaction& txn) -> absl::Status {
              ASSIGN_OR_RETURN(read, ReadFields(txn, *Keys(), {people[i]}));
              return absl::OkStatus();
            });
        if (!status.ok() || read.empty()) ++failures;
      }
    }
  });
  // A rotation whose every third batch is killed with its transaction.
  int killed = 0;
  int64_t resealed = 1;
  for (int batch = 0; resealed > 0; ++batch) {
    if (batch % 3 == 2) {
      const absl::Status broken = database_->Transact(
          absl::Now() + absl::Seconds(30), kTenant, [&](db::Transaction& txn) -> absl::Status {
            RETURN_IF_ERROR(txn.Exec("UPDATE person_field SET sealed = ''::bytea, key_version = 2"
                                     " WHERE tenant = $1 AND key_version = 1",
                                     txn.tenant())
                                .status());
            return absl::AbortedError("killed");
          });
      EXPECT_FALSE(broken.ok());
      ++killed;
      continue;
    }
    const auto done = vault_->ResealBatch(absl::Now() + absl::Seconds(30), *Keys(), 5);
    ASSERT_THAT(done, IsOk());
    resealed = *done;
  }
  stop = true;
  writer.join();
  reader.join();
  // What was locked by a writer at the last look.
  while (Reseal(100) > 0) {
  }
  EXPECT_GT(killed, 3);
  EXPECT_GT(changes.load(), 0);
  EXPECT_EQ(failures.load(), 0);
  ReindexAll(*vault_, 100);
  EXPECT_EQ(Status().older_count(), 0);
  for (size_t i = 0; i < people.size(); ++i) {
    const std::string expected =
        last[i] == 0 ? absl::StrCat("Family", i) : absl::StrCat("Round", last[i]);
    EXPECT_EQ(Get(people[i])->name().family(), expected);
  }
}

TEST_F(VaultPgTest, KeepsTheTokensOfBothKeysUntilNobodyNeedsTheOldOnes) {
  const std::string ann = Enter("Ann", "Able");
  Rotate();
  clock_.Advance(Vault::kLookEvery);
  const std::string ben = Enter("Ben", "Able");
  EXPECT_NE(TokensUnder(2), "0") << "a process that knows the new key writes both";
  EXPECT_THAT(Find(TokenKind::kFamilyName, "able"), ::testing::UnorderedElementsAre(ann, ben));
  EXPECT_EQ(*ReindexBatch(*database_, absl::Now() + absl::Seconds(30), *Keys(), clock_.Now(), 9), 0)
      << "not every process knows it yet";
  clock_.Advance(Vault::kSettle);
  EXPECT_EQ(*ReindexBatch(*database_, absl::Now() + absl::Seconds(30), *Keys(), clock_.Now(), 9),
            1);
  EXPECT_EQ(TokensUnder(1), TokensUnder(2));
  EXPECT_EQ(IndexKeys(), "1 2");
  ReindexAll(*vault_, 9);
  EXPECT_EQ(TokensUnder(1), "0");
  EXPECT_EQ(IndexKeys(), "2");
  EXPECT_THAT(Find(TokenKind::kFamilyName, "able"), ::testing::UnorderedElementsAre(ann, ben));
  const std::string cat = Enter("Cat", "Able");
  EXPECT_EQ(TokensUnder(1), "0");
  EXPECT_THAT(Find(TokenKind::kFamilyName, "able"), ::testing::UnorderedElementsAre(ann, ben, cat));
}

TEST_F(VaultPgTest, IsFinishedOnlyOnceTheOldIndexKeyIsGone) {
  for (int i = 0; i < 6; ++i) Enter("Ann", "Able");
  const int tokens = std::stoi(TokensUnder(1));
  Rotate();
  clock_.Advance(Vault::kSettle);
  while (Reseal(100) > 0) {
  }
  const auto reindex = [&](int batch) {
    return *ReindexBatch(*database_, absl::Now() + absl::Seconds(30), *Keys(), clock_.Now(), batch);
  };
  while (reindex(100) > 0) {
  }
  clock_.Advance(2 * Vault::kSettle);
  // As the duty does it: one after another, and the last batch is just full.
  EXPECT_EQ(reindex(tokens), tokens);
  EXPECT_EQ(Reseal(100), 0);
  EXPECT_EQ(Status().older_count(), 0);
  EXPECT_EQ(IndexKeys(), "1 2");
  EXPECT_EQ(reindex(100), 0);
  EXPECT_EQ(IndexKeys(), "2");
  EXPECT_EQ(Reseal(100), 0);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM key_rotation WHERE finished_at IS NULL"),
            "0");
}

TEST_F(VaultPgTest, FindsEverybodyAtEveryMomentWhileTheIndexKeyRotatesUnderLoadAndKill) {
  std::vector<std::string> people;
  for (int i = 0; i < 30; ++i) {
    v1::Person person;
    person.mutable_name()->set_given("Given");
    person.mutable_name()->set_family(absl::StrCat("Family", i));
    person.set_user_id(absl::StrCat("login-", i));
    people.push_back(Enter(person));
  }
  // One who writes with keys that were read before the rotation, and commits long after.
  const auto old_keys = Keys();
  std::string late;
  std::promise<void> written, go_on;
  std::thread importer([&] {
    EXPECT_THAT(
        database_->Transact(
            absl::Now() + absl::Seconds(120), kTenant,
            [&](db::Transaction& txn) -> absl::Status {
              late = ids::NewUuid();
              RETURN_IF_ERROR(InsertPeople(txn, {{.person_id = late}}, clock_.Now()));
              v1::Person person;
              person.set_user_id("late");
              RETURN_IF_ERROR(WriteFields(
                  txn, *old_keys, {{.person_id = late, .set = ToFields(person), .is_new = true}}));
              written.set_value();
              go_on.get_future().wait();
              return absl::OkStatus();
            }),
        IsOk());
  });
  written.get_future().wait();
  Rotate();
  clock_.Advance(Vault::kSettle);
  EXPECT_EQ(*ReindexBatch(*database_, absl::Now() + absl::Seconds(30), *Keys(), clock_.Now(), 5), 0)
      << "while somebody writes with the old key alone nothing begins";
  go_on.set_value();
  importer.join();

  std::atomic<bool> stop = false;
  std::atomic<int> entered = 30;
  std::atomic<int> rounds = 0;
  std::atomic<int> missed = 0;
  std::thread writer([&] {
    while (!stop) {
      const int number = entered;
      v1::Person person;
      person.mutable_name()->set_family(absl::StrCat("New", number));
      person.set_user_id(absl::StrCat("login-", number));
      const auto keys = Keys();
      const absl::Status status = database_->Transact(
          absl::Now() + absl::Seconds(30), kTenant, [&](db::Transaction& txn) -> absl::Status {
            // A change takes every token away and writes it anew.
            v1::Person changed;
            changed.mutable_name()->set_family(absl::StrCat("Round", number));
            RETURN_IF_ERROR(WriteFields(
                txn, *keys,
                {{.person_id = people[number % people.size()], .set = ToFields(changed)}}));
            const std::string id = ids::NewUuid();
            RETURN_IF_ERROR(InsertPeople(txn, {{.person_id = id}}, clock_.Now()));
            return WriteFields(txn, *keys,
                               {{.person_id = id, .set = ToFields(person), .is_new = true}});
          });
      if (status.ok()) {
        ++entered;
      } else {
        ++missed;
      }
    }
  });
  std::thread reader([&] {
    while (!stop) {
      for (int i = 0, all = entered; i < all && !stop; ++i) {
        if (Find(TokenKind::kUserId, absl::StrCat("login-", i)).size() != 1) ++missed;
      }
      ++rounds;
    }
  });
  const auto rotate = [&] {
    int killed = 0;
    for (int batch = 0; TokensUnder(1) != "0" || IndexKeys() != "2"; ++batch) {
      // Another process each time; every third is killed in the middle of its batch.
      Vault vault(*database_, *keys_, clock_);
      const auto keys = vault.KeysOf(absl::Now() + absl::Seconds(30), kTenant);
      ASSERT_THAT(keys, IsOk());
      if (batch % 3 == 2 && killed < 20) {
        const absl::Status broken = database_->Transact(
            absl::Now() + absl::Seconds(30), kTenant, [&](db::Transaction& txn) -> absl::Status {
              RETURN_IF_ERROR(LockTokensAlone(txn));
              ASSIGN_OR_RETURN(const auto some, PeopleWithoutTokens(txn, 2, "", 5));
              RETURN_IF_ERROR(Retoken(txn, **keys, some, clock_.Now()));
              RETURN_IF_ERROR(DeleteOlderTokens(txn, 2, 5).status());
              return absl::AbortedError("killed");
            });
        EXPECT_FALSE(broken.ok());
        ++killed;
        continue;
      }
      const auto done =
          ReindexBatch(*database_, absl::Now() + absl::Seconds(30), **keys, clock_.Now(), 5);
      ASSERT_THAT(done, IsOk());
      if (*done == 0) clock_.Advance(Vault::kSettle);
    }
    EXPECT_GT(killed, 3);
  };
  rotate();
  stop = true;
  writer.join();
  reader.join();
  EXPECT_GT(rounds.load(), 0);
  EXPECT_GT(entered.load(), 30);
  EXPECT_EQ(missed.load(), 0);
  EXPECT_THAT(Find(TokenKind::kUserId, "late"), ::testing::ElementsAre(late));
  for (int i = 0; i < entered; ++i) {
    EXPECT_EQ(Find(TokenKind::kUserId, absl::StrCat("login-", i)).size(), 1) << i;
  }
}

TEST_F(VaultPgTest, WrapsAnewWhenTheProvidersKeyWasRotated) {
  const std::string ann = Enter("Ann", "Able");
  ASSERT_THAT(crypto::CreateKeyFile(key_folder_), IsOk());
  ASSERT_THAT(keys_->Reload(), IsOk());
  ASSERT_THAT(vault_->Rewrap(absl::Now() + absl::Seconds(30), kTenant), IsOk());
  EXPECT_EQ(test_database_.Query("SELECT min(wrapping_version) FROM tenant_key"), "2");
  EXPECT_EQ(Get(ann)->name().family(), "Able");
  // A process that starts now unwraps them, too.
  Vault other(*database_, *keys_, clock_);
  EXPECT_THAT(other.KeysOf(absl::Now() + absl::Seconds(30), kTenant), IsOk());
}

}  // namespace
}  // namespace waymark::workforce
