// What a person may have of what is held on them, against a real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/db/fields.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/store.h"
#include "services/workforce/people/lifecycle.h"
#include "services/workforce/store/break_glass.h"
#include "services/workforce/store/consents.h"
#include "services/workforce/store/holds.h"
#include "services/workforce/store/joins.h"
#include "services/workforce/store/protection.h"
#include "services/workforce/store/reidentifications.h"
#include "services/workforce/store/scim_users.h"
#include "services/workforce/store/transfers.h"
#include "services/workforce/testing/people_ground.h"
#include "waymark/workforce/v1/hr_feed.pb.h"

namespace waymark::workforce {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

// Every table of the service: the section of the export that shows what it holds on a person, or
// why there is none. A table that is not named here fails the test below.
struct InExport {
  std::string section;
  std::string why_not;
};
const std::map<std::string, InExport>& Tables() {
  static const auto* const tables = new std::map<std::string, InExport>{
      {"person", {"person", ""}},
      {"person_field", {"person", ""}},
      {"consent", {"person", ""}},
      {"former_identity", {"former_name", ""}},
      {"employment_slice", {"employment", ""}},
      {"break_glass", {"emergency_access", ""}},
      {"reidentification", {"reidentification", ""}},
      {"duplicate", {"possible_duplicate", ""}},
      {"merge", {"merge", ""}},
      {"transfer", {"transfer", ""}},
      {"legal_hold", {"legal_hold", ""}},
      {"feed_link", {"feed_link", ""}},
      {"feed_row", {"feed_row", ""}},
      {"fitness_statement", {"fitness", ""}},
      {"fitness_proposal", {"fitness", ""}},
      {"fitness_release", {"fitness", ""}},
      {"scim_user", {"scim_user", ""}},
      {"blind_index", {"", "digests of values that section person shows"}},
      {"protection_allowed", {"", "says of users whom they may see: theirs, and a danger to tell"}},
      {"fitness_dead_letter", {"", "the state of a delivery of what section fitness shows"}},
      {"fitness_counter", {"", "a number of the force"}},
      {"fitness_webhook", {"", "an address of the force"}},
      {"feed_source", {"", "a setting of the force"}},
      {"feed_run", {"", "numbers of a file, names nobody"}},
      {"feed_chunk",
       {"", "a file that is being read; its rows are section feed_row within minutes"}},
      {"tenant_key", {"", "keys of the force"}},
      {"key_rotation", {"", "keys of the force"}},
      {"idempotency_key", {"", "answers that were given, sealed, gone within days"}},
      {"outbox", {"", "messages on their way, sealed, gone once delivered"}},
      {"outbox_counter", {"", "numbers of messages"}},
      {"outbox_day", {"", "digests of a day's numbers of messages"}},
      {"inbox", {"", "numbers of messages"}},
      {"inbox_arrival", {"", "numbers of messages"}},
      {"tenant", {"", "the forces"}},
      {"schema_migration", {"", "names nobody"}},
  };
  return *tables;
}

class RightsPgTest : public PeopleGround {
 protected:
  // Fills every table with something on `me` and on `merged`, who is merged into them.
  void HoldEverythingOn(const std::string& me, const std::string& merged) {
    Run([&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
      const absl::Time now = clock_.Now();
      RETURN_IF_ERROR(QueueDuplicates(txn, {me}, now));
      for (const std::string& id : {me, merged}) {
        RETURN_IF_ERROR(SealFormerIdentity(txn, keys, {id}, now));
        v1::Consent consent;
        consent.set_consent_id(ids::NewUuid());
        consent.set_kind(v1::DISCLOSURE_KIND_RECORD_TO_FORCE);
        consent.set_recipient(kOtherTenant);
        *consent.mutable_given_time() = casework::ToTimestamp(now);
        RETURN_IF_ERROR(InsertConsent(txn, id, consent));
        v1::BreakGlassUse use;
        use.set_grant_id(ids::NewUuid());
        use.set_subject_id(id);
        use.set_opened_by("norma");
        use.set_reason("Found unconscious in custody.");
        *use.mutable_opened_time() = casework::ToTimestamp(now);
        *use.mutable_expires_time() = casework::ToTimestamp(now + absl::Hours(1));
        *use.mutable_review_due_time() = casework::ToTimestamp(now + absl::Hours(24));
        RETURN_IF_ERROR(InsertGlass(txn, keys, use));
        ReidentificationRow opened;
        opened.message.set_reidentification_id(ids::NewUuid());
        opened.message.set_pseudonym("p1.abc");
        opened.message.set_requested_by("adair");
        opened.message.set_reason("An access that looks wrong.");
        *opened.message.mutable_requested_time() = casework::ToTimestamp(now);
        RETURN_IF_ERROR(InsertReidentification(txn, keys, opened.message));
        opened.message.set_decided_by("lee");
        *opened.message.mutable_decided_time() = casework::ToTimestamp(now);
        opened.message.set_granted(true);
        *opened.message.mutable_expires_time() = casework::ToTimestamp(now + absl::Hours(1));
        opened.person_id = id;
        RETURN_IF_ERROR(DecideRow(txn, opened));
        TransferRow transfer;
        transfer.transfer_id = ids::NewUuid();
        transfer.other_force = kOtherTenant;
        transfer.person_id = id;
        transfer.state = v1::TRANSFER_STATE_OFFERED;
        transfer.offered_at = now;
        RETURN_IF_ERROR(InsertTransfer(txn, keys, transfer));
        v1::LegalHold hold;
        hold.set_hold_id(ids::NewUuid());
        hold.set_subject_id(id);
        hold.set_set_by("lee");
        *hold.mutable_set_time() = casework::ToTimestamp(now);
        RETURN_IF_ERROR(InsertHold(txn, keys, hold, "A claim before the county court."));
        RETURN_IF_ERROR(HoldFeedOn(txn, keys, id));
        const std::string name = absl::StrCat("sign-in-", id);
        RETURN_IF_ERROR(
            PutScimUser(txn, keys, id, name, "", nlohmann::json{{"userName", name}}.dump()));
        RETURN_IF_ERROR(HoldFitnessOn(txn, keys, id));
      }
      RETURN_IF_ERROR(SetProtected(txn, me, true, {"lee"}, now));
      return Join(txn, keys, {ids::NewUuid(), me, merged, v1::PERSON_STATE_ACTIVE, now},
                  "One person, two files.", "lee");
    });
  }

  absl::Status HoldFeedOn(db::Transaction& txn, const TenantKeys& keys, const std::string& id) {
    const std::string run_id = ids::NewUuid();
    v1::FeedPerson person;
    person.set_external_id(absl::StrCat("HR-", id));
    const Sealed sealed =
        keys.Seal(keys.Binding("feed_row", run_id, "1"), person.SerializeAsString());
    RETURN_IF_ERROR(
        txn.Exec("INSERT INTO feed_row (tenant, run_id, line, effect, source_version,"
                 " person_id, key_version, sealed) VALUES ($1, $2, 1, 2, 1, $3, $4, $5)",
                 txn.tenant(), run_id, id, sealed.key_version, db::Bytea{sealed.bytes})
            .status());
    return txn
        .Exec(
            "INSERT INTO feed_link (tenant, source, external_token, person_id, employment_id,"
            " row_token, place_token, source_version, effective_on, last_run_id)"
            " VALUES ($1, $2, $3, $4, $5, $3, $3, 1, '2026-05-01', $6)",
            txn.tenant(), absl::StrCat("origin-", id), db::Bytea{id}, id, ids::NewUuid(), run_id)
        .status();
  }

  absl::Status HoldFitnessOn(db::Transaction& txn, const TenantKeys& keys, const std::string& id) {
    StoredStatement stored;
    stored.person_id = id;
    v1::Fitness& fitness = *stored.statement.mutable_fitness();
    fitness.set_statement_id(ids::NewUuid());
    fitness.set_subject_id(id);
    fitness.set_code(v1::FITNESS_CODE_FIT);
    stored.statement.set_state(v1::STATEMENT_STATE_RELEASED);
    stored.statement.set_version(1);
    stored.statement.set_issued_by("pat");
    *stored.statement.mutable_issued_time() = casework::ToTimestamp(clock_.Now());
    *stored.statement.mutable_answer_due_time() = casework::ToTimestamp(clock_.Now());
    RETURN_IF_ERROR(WriteStatement(txn, keys, stored));
    v1::FitnessRelease release;
    release.set_kind(v1::RELEASE_KIND_STATEMENT);
    release.set_subject_id(id);
    *release.mutable_fitness() = fitness;
    *release.mutable_released_time() = casework::ToTimestamp(clock_.Now());
    RETURN_IF_ERROR(AppendRelease(txn, keys, id, fitness.statement_id(), release));
    StoredProposal proposal;
    proposal.proposal_id = ids::NewUuid();
    proposal.person_id = id;
    proposal.proposed = clock_.Now();
    proposal.due = clock_.Now();
    proposal.proposal.set_case_id(absl::StrCat("case-of-", id));
    return AddProposal(txn, keys, proposal);
  }

  absl::StatusOr<std::map<std::string, std::vector<std::string>>> Export(const rpc::Call& call,
                                                                         const std::string& id) {
    v1::ExportSubjectRequest request;
    request.set_request_id(call.request_id);
    request.set_subject_id(id);
    std::map<std::string, std::vector<std::string>> sections;
    RETURN_IF_ERROR(
        people_->ExportSubject(call, request, [&](const v1::ExportSubjectResponse& one) {
          EXPECT_TRUE(nlohmann::json::accept(one.json())) << one.section();
          sections[one.section()].push_back(one.json());
          return absl::OkStatus();
        }));
    return sections;
  }
};

TEST_F(RightsPgTest, ExportsWhatEveryTableHoldsOrSaysWhyNot) {
  v1::Person person;
  person.mutable_name()->set_given("Siân");
  person.mutable_name()->set_family("Jones");
  person.mutable_nhs_number()->set_number("9000000009");
  v1::Employment employment;
  employment.set_employment_id(ids::NewUuid());
  employment.set_site_code("CENTRAL");
  employment.set_state(v1::EMPLOYMENT_STATE_WORKING);
  const std::string me = Enter(person, employment);
  person.mutable_name()->set_family("Jones-Earlier");
  employment.set_employment_id(ids::NewUuid());
  employment.set_site_code("VALLEYS");
  const std::string merged = Enter(person, employment);
  HoldEverythingOn(me, merged);

  auto exported = Export(CallOf("ExportSubject", {kLead}, "lee"), me);
  ASSERT_THAT(exported, IsOk());
  std::set<std::string> tables;
  for (const absl::string_view table :
       absl::StrSplit(test_database_.Query("SELECT string_agg(tablename, ' ') FROM pg_tables"
                                           " WHERE schemaname = 'public'"),
                      ' ')) {
    tables.insert(std::string(table));
    const auto known = Tables().find(std::string(table));
    ASSERT_NE(known, Tables().end()) << table << " is new: export it, or say why not";
    const auto& [section, why_not] = known->second;
    ASSERT_NE(section.empty(), why_not.empty()) << table;
    if (section.empty()) continue;
    for (const std::string& id : {me, merged}) {
      EXPECT_NE(test_database_.Query(absl::StrCat("SELECT count(*) FROM ", table,
                                                  " AS t WHERE t::text LIKE '%", id, "%'")),
                "0")
          << "the test puts nothing on " << id << " into " << table;
    }
    EXPECT_THAT((*exported)[section], Not(::testing::IsEmpty())) << table;
  }
  for (const auto& [table, in_export] : Tables()) EXPECT_TRUE(tables.contains(table)) << table;

  // Of both records.
  EXPECT_THAT((*exported)["person"], Contains(HasSubstr("Jones-Earlier")));
  EXPECT_THAT((*exported)["person"], Contains(HasSubstr(kOtherTenant))) << "the consent";
  EXPECT_THAT((*exported)["employment"],
              AllOf(Contains(HasSubstr("CENTRAL")), Contains(HasSubstr("VALLEYS"))));
  for (const std::string& id : {me, merged}) {
    EXPECT_THAT((*exported)["feed_row"], Contains(HasSubstr("HR-" + id)));
    EXPECT_THAT((*exported)["feed_link"], Contains(HasSubstr("origin-" + id)));
    EXPECT_THAT((*exported)["scim_user"], Contains(HasSubstr("sign-in-" + id)));
    EXPECT_THAT((*exported)["fitness"], Contains(HasSubstr("case-of-" + id)));
    EXPECT_THAT((*exported)["fitness"], Contains(HasSubstr("\"subject_id\":\"" + id)));
  }
  for (const char* section : {"former_name", "emergency_access", "reidentification", "transfer",
                              "legal_hold", "feed_row", "feed_link"}) {
    EXPECT_EQ((*exported)[section].size(), 2) << section;
  }
  // Nobody else: not who asked, who judged, who may see.
  for (const auto& [section, documents] : *exported) {
    for (const char* user : {"norma", "adair", "\"lee\""}) {
      EXPECT_THAT(documents, Not(Contains(HasSubstr(user)))) << section;
    }
  }
}

TEST_F(RightsPgTest, FailsRatherThanLeaveOutWhatCannotBeShown) {
  const std::string me = Enter("Siân", "Jones");
  const std::string merged = Enter("Sian", "Jones");
  HoldEverythingOn(me, merged);
  ASSERT_THAT(Export(CallOf("ExportSubject", {kLead}, "lee"), me), IsOk());
  // A day that JSON has no word for.
  test_database_.Query("UPDATE break_glass SET expires_at = '20000-01-01'");
  EXPECT_THAT(Export(CallOf("ExportSubject", {kLead}, "lee"), me).status(),
              StatusIs(absl::StatusCode::kInternal, "RECORD_UNREADABLE"));
}

TEST_F(RightsPgTest, ExportsAProtectedPersonToNobodyWhoMayNotSeeThem) {
  const std::string me = Enter("Uma", "Covert");
  Protect(me, {"nia-cleared"});
  EXPECT_THAT(Export(CallOf("ExportSubject", {kLead}, "lee"), me).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "PERSON_PROTECTED"));
  EXPECT_THAT(Export(CallOf("ExportSubject", {kOfficer}, "uma", me), me), IsOk());
}

TEST_F(RightsPgTest, TellsWhoseOwnRecordASignInIsUnlessTwoHaveIt) {
  const auto subject_of = [&](const std::string& user_id, const std::string& tenant = kTenant) {
    v1::FindSubjectRequest request;
    request.set_tenant(tenant);
    request.set_user_id(user_id);
    const auto found =
        Ask(&People::FindSubject, CallOfService("FindSubject", "gateway", tenant), request);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->subject_id() : "";
  };
  v1::Person person;
  person.mutable_name()->set_family("Nurse");
  person.set_user_id("entra|nia");
  const std::string nia = Enter(person);
  EXPECT_EQ(subject_of("entra|nia"), nia);
  EXPECT_EQ(subject_of("entra|nobody"), "");
  EXPECT_EQ(subject_of("entra|nia", kOtherTenant), "") << "every force has its own";
  person.mutable_name()->set_family("Nurse-Earlier");
  const std::string twin = Enter(person);
  EXPECT_EQ(subject_of("entra|nia"), "") << "nobody knows which of two";
  Run([&](db::Transaction& txn, const TenantKeys& keys) {
    return Join(txn, keys, {ids::NewUuid(), nia, twin, v1::PERSON_STATE_ACTIVE, clock_.Now()},
                "One person.", "lee");
  });
  EXPECT_EQ(subject_of("entra|nia"), nia);
}

TEST_F(RightsPgTest, ReachesWhoHasASignInUnlessTwoHaveIt) {
  const auto reached = [&](const std::vector<std::string>& user_ids) {
    v1::ResolveRoutesRequest request;
    request.set_tenant(kTenant);
    for (const std::string& user : user_ids) request.add_user_ids(user);
    const auto got =
        Ask(&People::ResolveRoutes, CallOfService("ResolveRoutes", "scheduling"), request);
    EXPECT_THAT(got, IsOk());
    std::vector<std::string> people;
    for (const v1::Reachable& one : got->people()) {
      people.push_back(absl::StrCat(one.user_id(), "=", one.subject_id()));
    }
    return people;
  };
  v1::Person person;
  person.mutable_name()->set_family("Nurse");
  person.set_user_id("entra|nia");
  const std::string nia = Enter(person);
  const std::string twin = Enter(person);
  person.set_user_id("entra|ned");
  const std::string ned = Enter(person);
  EXPECT_THAT(reached({"entra|ned", "entra|nobody", "entra|nia", ""}),
              ::testing::ElementsAre("entra|ned=" + ned, "entra|nobody=", "entra|nia=", "="));
  Run([&](db::Transaction& txn, const TenantKeys& keys) {
    return Join(txn, keys, {ids::NewUuid(), nia, twin, v1::PERSON_STATE_ACTIVE, clock_.Now()},
                "One person.", "lee");
  });
  EXPECT_THAT(reached({"entra|nia", "entra|ned"}),
              ::testing::ElementsAre("entra|nia=" + nia, "entra|ned=" + ned))
      << "one person in two records";
}

}  // namespace
}  // namespace waymark::workforce
