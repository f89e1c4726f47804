#include "services/scheduling/duties/sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::scheduling {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

void Add(List& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

Easy NewEasy(absl::Duration timeout) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Easy easy(curl_easy_init());
  // Signals and threads do not mix.
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(timeout) / 2));
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(timeout)));
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  return easy;
}

struct Upload {
  absl::string_view rest;
  static size_t Read(char* to, size_t size, size_t count, void* upload) {
    absl::string_view& rest = static_cast<Upload*>(upload)->rest;
    const size_t bytes = std::min(size * count, rest.size());
    std::memcpy(to, rest.data(), bytes);
    rest.remove_prefix(bytes);
    return bytes;
  }
};

absl::string_view Sentence(v1::RungKind kind) {
  switch (kind) {
    case v1::RUNG_KIND_REMINDER:
      return "A deadline is near";
    case v1::RUNG_KIND_BREACH:
      return "A deadline has come and needs attention now";
    case v1::RUNG_KIND_ESCALATION:
      // A ladder may climb before the deadline, too: a person is wanted today and nobody answered.
      return "Nobody has dealt with a deadline that needs attention now";
    case v1::RUNG_KIND_LAST_CALL:
      return "Last call: a deadline is about to pass for good";
    default:
      return "A deadline needs attention";
  }
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", casework::FromTimestamp(time), absl::UTCTimeZone());
}

std::string Link(const v1::Notice& notice, absl::string_view console_url) {
  return console_url.empty() ? "" : absl::StrCat(console_url, "/steps/", notice.step_ref());
}

}  // namespace

Sender::Sender(SenderOptions options) : options_(std::move(options)) {}

bool StaysOnThisMachine(absl::string_view smtp_url) {
  if (!absl::ConsumePrefix(&smtp_url, "smtp://")) return false;
  // A host may begin like ours and go on ("localhost.example"), and so may a user name.
  if (!absl::ConsumePrefix(&smtp_url, "127.0.0.1") &&
      !absl::ConsumePrefix(&smtp_url, "localhost")) {
    return false;
  }
  if (absl::ConsumePrefix(&smtp_url, ":")) {
    smtp_url.remove_prefix(std::min(smtp_url.find_first_not_of("0123456789"), smtp_url.size()));
  }
  return smtp_url.empty() || smtp_url == "/";
}

std::string MailText(const v1::Notice& notice, absl::string_view from, absl::string_view to,
                     absl::string_view console_url, absl::Time real_now) {
  const absl::string_view sentence = Sentence(notice.kind());
  std::string text = absl::StrCat(
      "From: <", from, ">\r\nTo: <", to, ">\r\nSubject: ", sentence,
      "\r\nDate: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", real_now, absl::UTCTimeZone()),
      "\r\nMessage-ID: <", notice.notice_id(),
      "@waymark>\r\nWaymark-Notice-Id: ", notice.notice_id(),
      "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\n");
  absl::StrAppend(&text, sentence, ".\r\n\r\nDue at ", Utc(notice.due_time()),
                  ".\r\nIts reference is ", notice.step_ref(), ".\r\n");
  if (!console_url.empty()) {
    absl::StrAppend(&text, "Sign in to see what it is about: ", Link(notice, console_url), "\r\n");
  }
  absl::StrAppend(&text, "\r\nThis message says nothing about anybody. Please do not reply.\r\n");
  return text;
}

std::string WebhookBody(const v1::Notice& notice, absl::string_view tenant,
                        absl::string_view console_url) {
  nlohmann::ordered_json body = {
      {"notice_id", notice.notice_id()},
      {"tenant", std::string(tenant)},
      {"kind", v1::RungKind_Name(notice.kind()).substr(std::strlen("RUNG_KIND_"))},
      {"rung", notice.rung()},
      {"audience", options::v1::Role_Name(notice.audience()).substr(std::strlen("ROLE_"))},
      {"step_ref", notice.step_ref()},
      {"due_time", Utc(notice.due_time())},
      {"fired_time", Utc(notice.fired_time())},
  };
  if (!console_url.empty()) body["link"] = Link(notice, console_url);
  return body.dump();
}

absl::Status Sender::Send(const v1::Notice& notice, const v1::Contact& contact,
                          absl::string_view tenant, absl::Time real_now) const {
  switch (contact.channel()) {
    case v1::CHANNEL_EMAIL:
      return SendMail(notice, contact.address(), real_now);
    case v1::CHANNEL_WEBHOOK:
      return PostWebhook(notice, contact, tenant, real_now);
    default:
      return absl::OkStatus();
  }
}

absl::Status Sender::SendMail(const v1::Notice& notice, const std::string& address,
                              absl::Time real_now) const {
  if (options_.smtp_url.empty()) {
    return status::Unavailable("CHANNEL_NOT_CONFIGURED", "No mail server is configured.");
  }
  const std::string text =
      MailText(notice, options_.smtp_from, address, options_.console_url, real_now);
  Easy easy = NewEasy(options_.timeout);
  curl_easy_setopt(easy.get(), CURLOPT_URL, options_.smtp_url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // To another machine only under TLS; a mail server on this one may do without.
  curl_easy_setopt(
      easy.get(), CURLOPT_USE_SSL,
      static_cast<long>(StaysOnThisMachine(options_.smtp_url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!options_.smtp_user.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_USERNAME, options_.smtp_user.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, options_.smtp_password.Reveal().c_str());
  }
  const std::string from = absl::StrCat("<", options_.smtp_from, ">");
  List recipients;
  Add(recipients, absl::StrCat("<", address, ">"));
  Upload upload{text};
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, &Upload::Read);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return absl::OkStatus();
  long answer = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
  return status::Unavailable("MAIL_NOT_SENT", absl::StrCat(curl_easy_strerror(code),
                                                           "; the mail server's last "
                                                           "answer was ",
                                                           answer, "."));
}

absl::Status Sender::PostWebhook(const v1::Notice& notice, const v1::Contact& contact,
                                 absl::string_view tenant, absl::Time real_now) const {
  return webhook::Send({.url = contact.address(),
                        .secrets = {contact.secret()},
                        .body = WebhookBody(notice, tenant, options_.console_url),
                        .headers = {{"Waymark-Notice-Id", notice.notice_id()}},
                        .transport = options_.transport,
                        .timeout = options_.timeout},
                       real_now);
}

}  // namespace waymark::scheduling
