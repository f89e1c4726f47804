// Referrals sent, received, answered and matched a second, beside what one row of the same size
// costs.
//
//   referral_bench [referrals, 2000] [callers, 16]
//
// The service's own functions and PostgreSQL with fsync on, without gRPC: drafting and sending are
// two acts of the force, receiving is one of the provider, an answer is an act there and one here,
// and a match is an answer that names the provider's own number only.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/rule.h"
#include "common/civil/working_days.h"
#include "common/clock/clock.h"
#include "common/crypto/key_provider.h"
#include "common/db/tenants.h"
#include "common/db/transaction.h"
#include "common/ids/ids.h"
#include "common/testing/postgres_cluster.h"
#include "google/protobuf/text_format.h"
#include "services/casework/cases.h"
#include "services/casework/store/case_store.h"
#include "services/referral/facts.h"
#include "services/referral/receive_referral.h"
#include "services/referral/referral_cases.h"

namespace waymark::referral {
namespace {

constexpr char kForce[] = "demo";
constexpr char kDraft[] = R"pb(
  need { pathway: "bbv" case_id: "2c5a1f3e-8a61-4e0f-9a5e-0e1f6d2b7c01" step_key: "pep_start" }
  provider { organisation_name: "City Hospital" }
  service: CARE_SERVICE_EMERGENCY_DEPARTMENT
  priority: PRIORITY_STAT
  question: "Please assess for post-exposure prophylaxis."
  referrer { practitioner_name: "A. Nurse" phone: "+441632960001" }
  consent { basis: CONSENT_BASIS_EXPLICIT }
)pb";

template <typename M>
M Parse(const std::string& text) {
  M message;
  google::protobuf::TextFormat::ParseFromString(text, &message);
  return message;
}

class Given final : public Sources {
 public:
  absl::StatusOr<v1::PathwayContent> ReadContent(const rpc::Call&, const v1::NeedOrigin&,
                                                 v1::CareService) const override {
    auto content = Parse<v1::PathwayContent>(
        "jurisdiction: JURISDICTION_ENGLAND step_title: 'Start HIV PEP' "
        "closes_time { seconds: 1790100000 } "
        "items { key: 'exposure' kind: ITEM_KIND_EVENT text: 'needlestick, blood' }");
    content.set_subject_id(ids::NewUuid());
    return content;
  }
  absl::StatusOr<Identity> Disclose(const rpc::Call&, const std::string&, const std::string&,
                                    const v1::Consent&) const override {
    return Identity{.patient = Parse<v1::Patient>(
                        "family_name: 'Example' given_name: 'Sam' nhs_number: '9434765919' "
                        "birth_date { year: 1988 month: 4 day: 2 }")};
  }
};

rpc::Call CallOf(const std::string& method, const std::string& tenant, bool service,
                 const std::string& request_id) {
  rpc::Call call;
  call.method = absl::StrCat("waymark.referral.v1.ReferralService.", method);
  call.rule = access::RuleFor(call.method);
  call.caller.tenant = tenant;
  if (service) {
    call.caller.service = "referral";
  } else {
    call.caller.user_id = "user-1";
    call.caller.roles = {options::v1::ROLE_OH_NURSE};
  }
  call.granted =
      access::Authorise(*call.rule, call.caller, service ? "referral" : "gateway").value();
  call.request_id = request_id;
  call.now = absl::FromUnixSeconds(1'790'000'000);
  call.deadline = absl::Now() + absl::Seconds(60);
  return call;
}

// What `callers` get done of `count` things, a second. Ends the program when one fails.
double Rate(const char* what, int count, int callers, const std::function<absl::Status(int)>& act) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  const absl::Time begun = absl::Now();
  for (int c = 0; c < callers; ++c) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) {
        if (const absl::Status done = act(i); !done.ok()) {
          std::fprintf(stderr, "%s: %s\n", what, done.ToString().c_str());
          std::exit(1);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double rate = count / absl::ToDoubleSeconds(absl::Now() - begun);
  std::printf("%-28s %8.0f/s\n", what, rate);
  return rate;
}

int Run(int count, int callers) {
  auto protocols = casework::Protocols::Load("services/referral/protocols", &KnownFacts());
  auto days = civil::WorkingDays::Load("common/civil/bank_holidays.json");
  auto cluster = testing::PostgresCluster::Start({.durable = true});
  if (!protocols.ok() || !days.ok() || !cluster.ok()) {
    std::fprintf(stderr, "run from the root of the repository\n");
    return 2;
  }
  testing::TestDatabase database(
      {{std::string(casework::kCaseworkLine), std::string(casework::kCaseworkFolder)},
       {std::string(kReferralLine), std::string(kReferralFolder)}},
      **cluster);
  const std::unique_ptr<db::Database> pool = database.Open(callers);
  db::Tenants tenants(*pool);
  const std::string keys_folder = absl::StrCat("/tmp/referral-bench-keys-", ids::NewUuid());
  if (!crypto::CreateKeyFile(keys_folder).ok()) return 2;
  const auto keys = crypto::FileKeyProvider::Load(keys_folder).value();
  casework::Cases<v1::ReferralCase> cases({.pathway = "referral",
                                           .protocols = &*protocols,
                                           .working_days = &*days,
                                           .database = pool.get(),
                                           .tenants = &tenants,
                                           .keys = keys.get(),
                                           .real_clock = &clock::Real()},
                                          &FactsOf);
  const Given given;
  const Matches matches(*pool, *keys);
  // No slots are booked here.
  Directory directory({.database = pool.get(), .tenants = &tenants, .keys = keys.get()});
  ReferralCases rooms(cases, given, matches, directory, /*partners=*/nullptr);

  // A thousand providers, so that a match opens a few rows and not all.
  const auto provider = [](int i) { return absl::StrCat("RX", i % 1000); };
  std::vector<std::string> ids(count);
  std::vector<v1::ReferralCase> sent(count);
  Rate("drafted", count, callers, [&](int i) -> absl::Status {
    const rpc::Call call = CallOf("DraftReferral", kForce, false, ids::NewUuid());
    v1::DraftReferralRequest request;
    request.set_request_id(call.request_id);
    *request.add_drafts() = Parse<v1::Draft>(kDraft);
    request.mutable_drafts(0)->mutable_provider()->set_organisation_code(provider(i));
    v1::DraftReferralResponse response;
    absl::Status done = rooms.DraftReferral(call, request, &response);
    if (done.ok()) ids[i] = response.receipts(0).case_id();
    return done;
  });
  Rate("sent", count, callers, [&](int i) -> absl::Status {
    const rpc::Call call = CallOf("SendReferral", kForce, false, ids::NewUuid());
    v1::SendReferralRequest request;
    request.set_request_id(call.request_id);
    request.set_case_id(ids[i]);
    v1::SendReferralResponse response;
    absl::Status done = rooms.SendReferral(call, request, &response);
    sent[i] = std::move(*response.mutable_case_());
    return done;
  });
  Rate("received", count, callers, [&](int i) -> absl::Status {
    v1::ReceiveReferralRequest request;
    request.set_request_id(sent[i].sending().message_id());
    request.set_tenant(provider(i));
    request.set_referral_id(ids[i]);
    *request.mutable_provider() = sent[i].provider();
    *request.mutable_content() = sent[i].content();
    *request.mutable_sending() = sent[i].sending();
    request.mutable_return_route()->set_tenant(kForce);
    v1::ReceiveReferralResponse response;
    return cases.RunOpen(CallOf("ReceiveReferral", provider(i), true, request.request_id()),
                         request, &response, &ReceiveReferral, &FillReceived);
  });
  const auto answer = [&](v1::ReceiveAnswerRequest request) -> absl::Status {
    request.set_request_id(ids::NewUuid());
    request.set_tenant(kForce);
    v1::ReceiveAnswerResponse response;
    return rooms.ReceiveAnswer(CallOf("ReceiveAnswer", kForce, true, request.request_id()), request,
                               &response);
  };
  Rate("answered", count, callers, [&](int i) {
    v1::ReceiveAnswerRequest request;
    request.set_case_id(ids[i]);
    request.mutable_answer()->set_number(1);
    request.mutable_answer()->mutable_accepted()->set_provider_reference(absl::StrCat("P", i));
    return answer(std::move(request));
  });
  Rate("matched", count, callers, [&](int i) {
    v1::ReceiveAnswerRequest request;
    request.mutable_keys()->set_organisation_code(provider(i));
    request.mutable_keys()->set_provider_reference(absl::StrCat("P", i));
    request.mutable_answer()->mutable_outcome()->set_summary("First dose given.");
    return answer(std::move(request));
  });
  // One row as large as a sealed case, in a transaction of its own.
  database.Query(
      "CREATE TABLE probe (tenant text, id uuid, body bytea, PRIMARY KEY (tenant, id));"
      "GRANT INSERT ON probe TO waymark_runtime");
  const std::string body(sent[0].ByteSizeLong(), 'x');
  Rate("raw insert of one row", count, callers, [&](int) {
    return pool->Transact(absl::Now() + absl::Seconds(20), kForce, [&](db::Transaction& txn) {
      return txn
          .Exec("INSERT INTO probe VALUES ($1, $2, $3)", txn.tenant(), ids::NewUuid(),
                db::Bytea{body})
          .status();
    });
  });
  std::filesystem::remove_all(keys_folder);
  return 0;
}

}  // namespace
}  // namespace waymark::referral

int main(int argc, char** argv) {
  int count = 2000;
  int callers = 16;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &count)) return 2;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &callers)) return 2;
  return waymark::referral::Run(count, callers);
}
