#include "services/workforce/testing/people_ground.h"

#include <grpcpp/channel.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/db/fields.h"
#include "common/outbox/sealed.h"
#include "common/testing/matchers.h"

namespace waymark::workforce {

using testing::IsOk;

PeopleGround::PeopleGround()
    : audit_subjects_(*crypto::Pseudonymiser::Create(crypto::SecretBytes(std::string(32, 'k')),
                                                     "waymark-pseudonym-salt-v1", "audit-subject",
                                                     {1})) {
  reviews_ = std::make_unique<Reviews>(*database_, tenants_, *keys_, clock_, nullptr);
  pathways_ = std::make_unique<Pathways>(*database_, tenants_, *keys_,
                                         std::map<std::string, std::shared_ptr<grpc::Channel>>());
  handover_ = std::make_unique<Handover>(*database_, tenants_, *keys_, *vault_, clock_, *pathways_);
  auto retention = LoadRetention("services/workforce/retention.textproto");
  EXPECT_THAT(retention, IsOk());
  people_ = std::make_unique<People>(PeopleOptions{.desk = desk_.get(),
                                                   .reviews = reviews_.get(),
                                                   .handover = handover_.get(),
                                                   .audit_subjects = &audit_subjects_,
                                                   .retention = *std::move(retention)});
}

absl::StatusOr<v1::Person> PeopleGround::Get(const std::string& subject, Roles roles,
                                             const std::string& user, const std::string& me,
                                             const std::string& tenant) {
  v1::GetPersonRequest request;
  request.set_subject_id(subject);
  auto got = Ask(&People::GetPerson, CallOf("GetPerson", roles, user, me, tenant), request);
  if (!got.ok()) return got.status();
  return got->person();
}

std::vector<std::string> PeopleGround::Names(const std::vector<std::string>& subjects, Roles roles,
                                             const std::string& user, const std::string& me) {
  v1::ResolveNamesRequest request;
  for (const std::string& subject : subjects) request.add_subject_ids(subject);
  const auto got = Ask(&People::ResolveNames, CallOf("ResolveNames", roles, user, me), request);
  EXPECT_THAT(got, IsOk());
  std::map<std::string, std::string> named;
  if (got.ok()) {
    for (const v1::NamedSubject& name : got->names()) {
      named[name.subject_id()] = name.display_name();
    }
  }
  std::vector<std::string> names;
  for (const std::string& subject : subjects) names.push_back(named[subject]);
  return names;
}

void PeopleGround::Protect(const std::string& subject, const std::vector<std::string>& allowed) {
  const auto person = Get(subject, {kLead}, "lee");
  ASSERT_THAT(person, IsOk());
  v1::SetProtectionRequest request;
  request.set_subject_id(subject);
  request.set_expected_version(person->version());
  request.mutable_protection()->set_active(true);
  request.mutable_protection()->set_alias("Alex Grey");
  for (const std::string& user : allowed) {
    request.mutable_protection()->add_allowed_user_ids(user);
  }
  EXPECT_THAT(Ask(&People::SetProtection, CallOf("SetProtection", {kLead}, "lee"), request),
              IsOk());
}

v1::Reachable PeopleGround::RoutesTo(const std::string& subject) {
  v1::ResolveRoutesRequest request;
  request.set_tenant(kTenant);
  request.add_subject_ids(subject);
  const auto got =
      Ask(&People::ResolveRoutes, CallOfService("ResolveRoutes", "scheduling"), request);
  EXPECT_THAT(got, IsOk());
  return got.ok() && got->people_size() == 1 ? got->people(0) : v1::Reachable();
}

std::vector<bbv::v1::TransferCasesRequest> PeopleGround::CasesSent() {
  std::vector<bbv::v1::TransferCasesRequest> sent;
  Run([&](db::Transaction& txn, const TenantKeys&) -> absl::Status {
    sent.clear();
    for (const std::string& name : Pathways::Names()) {
      ASSIGN_OR_RETURN(const pqxx::result rows,
                       txn.Exec("SELECT event_id, payload FROM outbox WHERE tenant = $1"
                                " AND destination = $2 ORDER BY appended_at",
                                txn.tenant(), name));
      for (const pqxx::row& row : rows) {
        ASSIGN_OR_RETURN(
            const std::string payload,
            outbox::Opened(*keys_, txn.tenant(), name, db::Text(row[0]), db::Bytes(row[1])));
        EXPECT_TRUE(sent.emplace_back().ParseFromString(payload));
      }
    }
    return absl::OkStatus();
  });
  return sent;
}

std::string PeopleGround::Dump() {
  std::string dump;
  const std::string tables = test_database_.Query(
      "SELECT string_agg(quote_ident(tablename), ' ') FROM pg_tables"
      " WHERE schemaname = 'public'");
  for (const absl::string_view table : absl::StrSplit(tables, ' ')) {
    absl::StrAppend(&dump, test_database_.Query(absl::StrCat(
                               "SELECT string_agg(t::text, ' ') FROM ", table, " AS t")));
  }
  return dump;
}

}  // namespace waymark::workforce
