// Takes notices to an address: by mail, or to a webhook. Never a clinical word, never a name.
#ifndef WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_
#define WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/crypto/secret.h"
#include "common/webhook/webhook.h"
#include "waymark/scheduling/v1/rota.pb.h"
#include "waymark/scheduling/v1/worklist.pb.h"
#include "waymark/workforce/v1/person.pb.h"

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

using Language = workforce::v1::Language;

class Sender {
 public:
  explicit Sender(SenderOptions options);

  // OK once the receiving side has taken the notice: the mail server, or a webhook that answered
  // 2xx. `real_now` dates and signs it (common/webhook). An error otherwise, with a reason
  // (MAIL_NOT_SENT, WEBHOOK_NOT_TAKEN, WEBHOOK_NOT_TLS, CHANNEL_NOT_CONFIGURED, ADDRESS_INVALID)
  // and a message that holds no address. Thread-safe.
  absl::Status Send(const v1::Notice& notice, const v1::Contact& contact, Language language,
                    absl::string_view tenant, absl::Time real_now) const;
  // The same for several of one recipient, in one message; at least one.
  absl::Status SendDigest(const std::vector<v1::Notice>& notices, const v1::Contact& contact,
                          Language language, absl::string_view tenant, absl::Time real_now) const;
  // To the officer whom the notice's step is about, by mail. `telephone` is where they may ring;
  // empty: they are only told to sign in.
  absl::Status SendReminder(const v1::Notice& notice, const v1::Contact& contact, Language language,
                            absl::string_view telephone, absl::Time real_now) const;

 private:
  absl::Status SendMail(const std::string& text, const std::string& address) const;
  absl::Status Post(const std::string& body, absl::string_view id, const v1::Contact& contact,
                    absl::Time real_now) const;

  const SenderOptions options_;
};

// True for a mail server on this machine, the only kind that may be spoken to without TLS. Pure.
bool StaysOnThisMachine(absl::string_view smtp_url);

// Mails as they are sent, headers included, lines ending in CRLF; Welsh where `language` says so,
// else English. Pure.
std::string MailText(const v1::Notice& notice, Language language, absl::string_view from,
                     absl::string_view to, absl::string_view console_url, absl::Time real_now);
std::string DigestText(const std::vector<v1::Notice>& notices, Language language,
                       absl::string_view from, absl::string_view to, absl::string_view console_url,
                       absl::Time real_now);
std::string ReminderText(const v1::Notice& notice, Language language, absl::string_view from,
                         absl::string_view to, absl::string_view console_url,
                         absl::string_view telephone, absl::Time real_now);

// The same whatever the order of the notices, so that a receiver may drop what it has seen. Pure.
std::string DigestId(const std::vector<v1::Notice>& notices);

// The bodies of webhook calls: JSON. Pure.
std::string WebhookBody(const v1::Notice& notice, absl::string_view tenant,
                        absl::string_view console_url);
std::string DigestBody(const std::vector<v1::Notice>& notices, absl::string_view tenant,
                       absl::string_view console_url);

}  // namespace waymark::scheduling

#endif  // WAYMARK_SERVICES_SCHEDULING_DUTIES_SENDER_H_
