#include <optional>

#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/fitness/room.h"

namespace waymark::workforce {
namespace {

constexpr int kMostDeadLetters = 500;

absl::Status CheckWebhook(const v1::PutFitnessWebhookRequest& request,
                          webhook::Transport transport) {
  if (request.url().empty()) return absl::OkStatus();
  status::FieldViolations violations;
  if (!webhook::IsUrl(request.url(), transport)) {
    violations.Add("url", "WEBHOOK_INVALID", "An https URL of at most 500 characters.");
  }
  if (!webhook::IsSecret(request.secret())) {
    violations.Add("secret", "WEBHOOK_INVALID", "32 to 200 characters.");
  }
  if (request.after_sequence() < -1) {
    violations.Add("after_sequence", "OUT_OF_RANGE", "-1 or more.");
  }
  return violations.ToStatus();
}

}  // namespace

absl::Status FitnessRoom::PutFitnessWebhook(const rpc::Call& call,
                                            const v1::PutFitnessWebhookRequest& request,
                                            v1::PutFitnessWebhookResponse* response) {
  RETURN_IF_ERROR(CheckWebhook(request, options_.webhooks));
  return desk_.Once(
      call, request, response, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
        if (request.url().empty()) {
          RETURN_IF_ERROR(DeleteWebhook(txn));
          return desk_.AuditChange(txn, call, "fitness_webhook", "", "");
        }
        const absl::Time now = desk_.options().real_clock->Now();
        ASSIGN_OR_RETURN(const std::optional<Delivery> before,
                         ReadWebhook(txn, keys, /*lock=*/true));
        v1::FitnessWebhook webhook;
        webhook.set_url(request.url());
        webhook.set_secret(request.secret());
        // A new address has no business with the old one's secret.
        if (before && before->webhook.url() == request.url()) {
          if (before->webhook.secret() != request.secret()) {
            webhook.set_former_secret(before->webhook.secret());
            *webhook.mutable_former_until_time() = casework::ToTimestamp(now + kSecretOverlap);
          } else {
            webhook = before->webhook;
          }
        }
        ASSIGN_OR_RETURN(const int64_t newest, LastSequence(txn));
        const int64_t begin = request.after_sequence() < 0 || request.after_sequence() > newest
                                  ? newest
                                  : request.after_sequence();
        RETURN_IF_ERROR(PutWebhook(txn, keys, webhook, begin, now));
        txn.OnCommit([this, tenant = txn.tenant()] { options_.released(tenant); });
        return desk_.AuditChange(txn, call, "fitness_webhook", "", "");
      });
}

absl::Status FitnessRoom::ResendFitness(const rpc::Call& call,
                                        const v1::ResendFitnessRequest& request,
                                        v1::ResendFitnessResponse* response) {
  return desk_.Once(call, request, response,
                    [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
                      ASSIGN_OR_RETURN(const std::optional<Delivery> webhook,
                                       ReadWebhook(txn, keys, /*lock=*/true));
                      if (!webhook)
                        return status::NotFound("WEBHOOK_UNKNOWN", "This force has no webhook.");
                      ASSIGN_OR_RETURN(const int count,
                                       ResendDeadLetters(txn, desk_.options().real_clock->Now()));
                      response->set_count(count);
                      txn.OnCommit([this, tenant = txn.tenant()] { options_.released(tenant); });
                      return desk_.AuditChange(txn, call, "fitness_webhook", "", "");
                    });
}

absl::Status FitnessRoom::GetFitnessDelivery(const rpc::Call& call,
                                             const v1::GetFitnessDeliveryRequest&,
                                             v1::GetFitnessDeliveryResponse* response) {
  return desk_.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const int64_t newest, LastSequence(txn));
    response->set_last_sequence(newest);
    ASSIGN_OR_RETURN(const std::optional<Delivery> webhook, ReadWebhook(txn, keys, /*lock=*/false));
    if (!webhook) return absl::OkStatus();
    response->set_configured(true);
    response->set_delivered_sequence(webhook->delivered_sequence);
    if (webhook->delivered) {
      *response->mutable_delivered_time() = casework::ToTimestamp(*webhook->delivered);
    }
    response->set_failed_attempts(webhook->failed_attempts);
    response->set_last_answer(webhook->last_answer);
    ASSIGN_OR_RETURN(const std::vector<int64_t> dead, DeadLetters(txn, kMostDeadLetters));
    response->mutable_undelivered_sequences()->Add(dead.begin(), dead.end());
    return absl::OkStatus();
  });
}

}  // namespace waymark::workforce
