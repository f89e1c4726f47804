// Sealing and rotation against a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/testing/matchers.h"
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
  EXPECT_EQ(Keys()->Token(TokenKind::kEmail, "a"), Keys()->Token(TokenKind::kEmail, "a"));
  EXPECT_NE(Keys()->Token(TokenKind::kEmail, "a"), Keys()->Token(TokenKind::kUserId, "a"));
  EXPECT_NE(Keys()->Token(TokenKind::kEmail, "a"),
            Keys(kOtherTenant)->Token(TokenKind::kEmail, "a"));
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
  EXPECT_EQ(Status().older_count(), 0);
  EXPECT_EQ(Status().oldest_version(), 2);
  EXPECT_EQ(test_database_.Query("SELECT count(*) FROM key_rotation WHERE finished_at IS NOT NULL"
                                 " AND resealed_count > 0"),
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
  EXPECT_EQ(Status().older_count(), 0);
  for (size_t i = 0; i < people.size(); ++i) {
    const std::string expected =
        last[i] == 0 ? absl::StrCat("Family", i) : absl::StrCat("Round", last[i]);
    EXPECT_EQ(Get(people[i])->name().family(), expected);
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
