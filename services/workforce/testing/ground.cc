#include "services/workforce/testing/ground.h"

#include <grpcpp/channel.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
#include "common/outbox/sealed.h"
#include "common/testing/matchers.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace waymark::workforce {

using testing::IsOk;

absl::Time Morning() {
  return absl::FromCivil(absl::CivilSecond(2026, 6, 1, 8, 0, 0), absl::UTCTimeZone());
}

Ground::Ground()
    : test_database_(
          std::vector<db::MigrationLine>{{"workforce", "services/workforce/migrations"}}),
      database_(test_database_.Open()),
      clock_(Morning()),
      tenants_(*database_),
      key_folder_((std::filesystem::temp_directory_path() / ids::NewUuid()).string()) {
  EXPECT_THAT(crypto::CreateKeyFile(key_folder_), IsOk());
  auto keys = crypto::FileKeyProvider::Load(key_folder_);
  EXPECT_THAT(keys, IsOk());
  keys_ = *std::move(keys);
  vault_ = std::make_unique<Vault>(*database_, *keys_, clock_);
  audit_ = std::make_unique<casework::AuditTrail>("workforce", *database_, tenants_, *keys_, clock_,
                                                  nullptr);
  desk_ = std::make_unique<Desk>(DeskOptions{.database = database_.get(),
                                             .tenants = &tenants_,
                                             .keys = keys_.get(),
                                             .vault = vault_.get(),
                                             .audit = audit_.get(),
                                             .clinical_clock = &clock_,
                                             .real_clock = &clock_});
}

Ground::~Ground() { std::filesystem::remove_all(key_folder_); }

rpc::Call Ground::CallOf(const std::string& method, std::vector<options::v1::Role> roles,
                         const std::string& user, const std::string& subject,
                         const std::string& tenant) {
  rpc::Call call;
  call.method = absl::StrCat("waymark.workforce.v1.",
                             absl::StrContains(method, '.') ? "" : "WorkforceService.", method);
  call.rule = access::RuleFor(call.method);
  call.caller.user_id = user;
  call.caller.tenant = tenant;
  call.caller.roles = std::move(roles);
  if (!subject.empty()) call.caller.subject_id = subject;
  call.caller.service = "cli";
  if (call.rule == nullptr) {
    ADD_FAILURE() << call.method << " has no rule";
    return call;
  }
  auto granted = access::Authorise(*call.rule, call.caller, "cli");
  EXPECT_THAT(granted, IsOk());
  if (granted.ok()) call.granted = *std::move(granted);
  call.request_id = ids::NewUuid();
  call.now = clock_.Now();
  call.deadline = absl::Now() + absl::Seconds(30);
  return call;
}

rpc::Call Ground::CallOfService(const std::string& method, const std::string& service,
                                const std::string& tenant) {
  rpc::Call call;
  call.method = absl::StrCat("waymark.workforce.v1.",
                             absl::StrContains(method, '.') ? "" : "WorkforceService.", method);
  call.rule = access::RuleFor(call.method);
  call.caller.tenant = tenant;
  call.caller.service = service;
  call.granted.as_service = true;
  call.request_id = ids::NewUuid();
  call.now = clock_.Now();
  call.deadline = absl::Now() + absl::Seconds(30);
  return call;
}

void Ground::Run(absl::FunctionRef<absl::Status(db::Transaction&, const TenantKeys&)> work,
                 const std::string& tenant) {
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  EXPECT_THAT(tenants_.Ensure(deadline, tenant), IsOk());
  const auto keys = vault_->KeysOf(deadline, tenant);
  ASSERT_THAT(keys, IsOk());
  EXPECT_THAT(database_->Transact(deadline, tenant,
                                  [&](db::Transaction& txn) { return work(txn, **keys); }),
              IsOk());
}

std::string Ground::Enter(const v1::Person& person, const v1::Employment& employment,
                          absl::CivilDay from, const std::string& tenant) {
  const std::string id = person.subject_id().empty() ? ids::NewUuid() : person.subject_id();
  Run(
      [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        NewPerson row;
        row.person_id = id;
        row.workforce_type = v1::WORKFORCE_TYPE_OFFICER;
        RETURN_IF_ERROR(InsertPeople(txn, {row}, clock_.Now()));
        FieldsWrite fields;
        fields.person_id = id;
        fields.set = ToFields(person);
        fields.is_new = true;
        RETURN_IF_ERROR(WriteFields(txn, keys, {fields}));
        Statement statement;
        statement.person_id = id;
        statement.employment = employment;
        if (employment.employment_id().empty()) {
          statement.employment.set_employment_id(ids::NewUuid());
        }
        if (employment.state() == v1::EMPLOYMENT_STATE_UNSPECIFIED) {
          statement.employment.set_state(v1::EMPLOYMENT_STATE_WORKING);
        }
        statement.from = from;
        statement.source = "test";
        statement.source_version = 1;
        statement.is_new = true;
        statement.new_person = true;
        return WriteStatements(txn, keys, {statement}, kToday, clock_.Now());
      },
      tenant);
  return id;
}

std::string Ground::Enter(const std::string& given, const std::string& family,
                          const std::string& manager) {
  v1::Person person;
  person.mutable_name()->set_given(given);
  person.mutable_name()->set_family(family);
  v1::Employment employment;
  employment.set_manager_subject_id(manager);
  employment.set_site_code("HQ");
  return Enter(person, employment);
}

void Ground::State(const std::string& person_id, const v1::Employment& employment,
                   absl::CivilDay from, int64_t source_version) {
  Run([&](db::Transaction& txn, const TenantKeys& keys) {
    Statement statement;
    statement.person_id = person_id;
    statement.employment = employment;
    statement.from = from;
    statement.source = "test";
    statement.source_version = source_version;
    return WriteStatements(txn, keys, {statement}, kToday, clock_.Now());
  });
}

std::vector<std::string> Ground::Events(const std::string& tenant) {
  std::vector<std::string> events;
  Run(
      [&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
        events.clear();
        ASSIGN_OR_RETURN(const pqxx::result rows,
                         txn.Exec("SELECT event_id, payload FROM outbox WHERE tenant = $1"
                                  " AND destination = 'audit' ORDER BY event_id",
                                  txn.tenant()));
        for (const pqxx::row& row : rows) {
          const std::string id = db::Text(row[0]);
          ASSIGN_OR_RETURN(const std::string opened,
                           outbox::Opened(*keys_, txn.tenant(), "audit", id, db::Bytes(row[1])));
          audit::v1::AuditEvent event;
          event.ParseFromString(opened);
          events.push_back(absl::StrCat(audit::v1::Action_Name(event.action()), " ",
                                        event.object_type(), " ", event.subject_id(),
                                        event.reason().empty() ? "" : " ", event.reason()));
        }
        return absl::OkStatus();
      },
      tenant);
  return events;
}

}  // namespace waymark::workforce
