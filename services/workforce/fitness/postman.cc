#include "services/workforce/fitness/postman.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/webhook/webhook.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/retry.h"
#include "services/workforce/fitness/statement.h"

namespace waymark::workforce {
namespace {

constexpr size_t kSideBySide = 4;
// Longer than a delivery can take, so that no second process sends what a first is sending.
constexpr absl::Duration kLease = absl::Minutes(2);
constexpr absl::Duration kTransactionLimit = absl::Seconds(10);

}  // namespace

Postman::Postman(Desk& desk, const FitnessOptions& options, metrics::Registry& registry)
    : desk_(desk),
      options_(options),
      delivered_total_(
          registry.GetCounter("waymark_workforce_fitness_delivered_total",
                              "Fitness releases that webhooks of HR systems have taken.")),
      failed_total_(registry.GetCounter("waymark_workforce_fitness_failures_total",
                                        "Attempts to deliver a fitness release that failed.")),
      given_up_total_(
          registry.GetCounter("waymark_workforce_fitness_given_up_total",
                              "Fitness releases that never arrived and became a person's task.")) {}

absl::Status Postman::RunOnce() {
  ASSIGN_OR_RETURN(const std::vector<std::string> tenants,
                   desk_.options().tenants->All(absl::Now() + kTransactionLimit));
  absl::Status first_error;
  for (size_t begin = 0; begin < tenants.size(); begin += kSideBySide) {
    const size_t end = std::min(tenants.size(), begin + kSideBySide);
    std::vector<absl::Status> outcomes(end - begin);
    std::vector<std::thread> threads;
    for (size_t i = begin; i < end; ++i) {
      threads.emplace_back([&, i] { outcomes[i - begin] = Serve(tenants[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& outcome : outcomes) first_error.Update(outcome);
  }
  return first_error;
}

absl::Status Postman::Serve(const std::string& tenant) {
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = DeliverOne(tenant);
  return more.status();
}

absl::StatusOr<bool> Postman::DeliverOne(const std::string& tenant) {
  const DeskOptions& with = desk_.options();
  const clock::Clock& real = *with.real_clock;
  ASSIGN_OR_RETURN(const std::shared_ptr<const TenantKeys> keys,
                   with.vault->KeysOf(absl::Now() + kTransactionLimit, tenant));
  std::optional<Letter> letter;
  RETURN_IF_ERROR(with.database->Transact(
      absl::Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(letter, LeaseLetter(txn, *keys, real.Now(), real.Now() + kLease));
        if (!letter || !letter->stopped) return absl::OkStatus();
        return LetterTaken(txn, *letter, real.Now());
      }));
  if (!letter) return false;
  if (letter->stopped) return true;

  const v1::FitnessWebhook& hook = letter->delivery.webhook;
  webhook::Post post{.url = hook.url(),
                     .secrets = {hook.secret()},
                     .body = WebhookBody(letter->release, tenant),
                     .transport = options_.webhooks};
  if (!hook.former_secret().empty() &&
      real.Now() < casework::FromTimestamp(hook.former_until_time())) {
    post.secrets.push_back(hook.former_secret());
  }
  const int64_t sequence = letter->release.sequence();
  post.headers = {{"Waymark-Delivery-Id", DeliveryId(tenant, sequence)},
                  {"Waymark-Sequence", absl::StrCat(sequence)}};
  const absl::Status sent = webhook::Send(post, real.Now());

  int answer = 0;
  (void)absl::SimpleAtoi(status::Metadata(sent, "answer"), &answer);
  const absl::Time now = real.Now();
  const bool hopeless =
      IsHopeless(answer, now - letter->delivery.first_failed.value_or(now)) && !letter->again;
  RETURN_IF_ERROR(with.database->Transact(
      absl::Now() + kTransactionLimit, tenant, [&](db::Transaction& txn) -> absl::Status {
        if (sent.ok()) {
          RETURN_IF_ERROR(LetterTaken(txn, *letter, now));
          return desk_.Audit(txn,
                             CallOfDuty(tenant, "ListFitnessReleases", with.clinical_clock->Now()),
                             {{.action = audit::v1::ACTION_EXPORT,
                               .object_type = "fitness_release",
                               .object_id = DeliveryId(tenant, sequence),
                               .object_count = 1,
                               .subject_id = letter->person_id}});
        }
        if (hopeless) return LetterGivenUp(txn, *letter, answer, now);
        absl::BitGen random;
        const absl::Duration pause =
            PauseAfter(letter->delivery.failed_attempts + 1, absl::Uniform(random, 0.0, 1.0));
        return LetterFailed(txn, *letter, answer, now, now + pause);
      }));
  if (sent.ok()) {
    delivered_total_.Increment();
    return true;
  }
  failed_total_.Increment();
  if (hopeless) given_up_total_.Increment();
  log::Warning("fitness release not delivered", {{"sequence", sequence},
                                                 {"attempt", letter->delivery.failed_attempts + 1},
                                                 {"reason", status::Reason(sent)},
                                                 {"why", std::string(sent.message())}});
  // One that was sent again and refused again stands back; the others go on.
  return hopeless || letter->again;
}

}  // namespace waymark::workforce
