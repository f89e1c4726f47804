// Takes one notice to one address: by mail, or to a webhook. Never a clinical word, never a name.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/secret.h"
#include "common/webhook/webhook.h"
#include "waymark/scheduling/v1/rota.pb.h"
#include "waymark/scheduling/v1/worklist.pb.h"

namespace waymark::scheduling {

struct SenderOptions {
  // smtp://host:port, or smtps:// for TLS from the first byte. Empty: mail cannot be sent.
  std::string smtp_url;
  // The sender's address.
  std::string smtp_from;
  // Empty: no sign-in.
  std::string smtp_user;
  crypto::SecretBytes smtp_password{std::string()};
  // Where the reader signs in to see what it is about. Empty: no link.
  std::string console_url;
  // What a webhook may be reached over.
  webhook::Transport transport = webhook::Transport::kTlsOrLoopback;
  // For each delivery, connecting included.
  absl::Duration timeout = absl::Seconds(15);
};

class Sender {
 public:
  explicit Sender(SenderOptions options);

  // OK once the receiving side has taken the notice: the mail server, or a webhook that answered
  // 2xx. `real_now` dates and signs it (common/webhook). An error otherwise, with a reason
  // (MAIL_NOT_SENT, WEBHOOK_NOT_TAKEN, WEBHOOK_NOT_TLS, CHANNEL_NOT_CONFIGURED) and a message that
  // holds no address. Thread-safe.
  absl::Status Send(const v1::Notice& notice, const v1::Contact& contact, absl::string_view tenant,
                    absl::Time real_now) const;

 private:
  absl::Status SendMail(const v1::Notice& notice, const std::string& address,
                        absl::Time real_now) const;
  absl::Status PostWebhook(const v1::Notice& notice, const v1::Contact& contact,
                           absl::string_view tenant, absl::Time real_now) const;

  const SenderOptions options_;
};

// True for a mail server on this machine, the only kind that may be spoken to without TLS. Pure.
bool StaysOnThisMachine(absl::string_view smtp_url);

// The mail as it is sent, headers included, lines ending in CRLF. Pure.
std::string MailText(const v1::Notice& notice, absl::string_view from, absl::string_view to,
                     absl::string_view console_url, absl::Time real_now);

// The body of a webhook call: JSON. Pure.
std::string WebhookBody(const v1::Notice& notice, absl::string_view tenant,
                        absl::string_view console_url);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_
