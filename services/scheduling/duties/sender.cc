#include "services/scheduling/duties/sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/civil/civil.h"
#include "common/crypto/crypto.h"
#include "common/ids/ids.h"
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

// What mails say, in one language.
struct Words {
  const char* reminder;
  const char* breach;
  const char* escalation;
  const char* last_call;
  const char* other;
  // Before and after the number.
  const char* several;
  const char* due;
  const char* reference;
  const char* sign_in;
  const char* nobody;
  // To an officer.
  const char* officer_subject;
  const char* officer;
  const char* officer_sign_in;
  const char* officer_sign_in_at;
  const char* officer_ring;
  const char* officer_end;
  std::array<const char*, 12> months;
};

const Words& WordsIn(Language language) {
  static const Words kEnglish = {
      .reminder = "A deadline is near",
      .breach = "A deadline has come and needs attention now",
      // A ladder may climb before the deadline, too: a person is wanted today and nobody answered.
      .escalation = "Nobody has dealt with a deadline that needs attention now",
      .last_call = "Last call: a deadline is about to pass for good",
      .other = "A deadline needs attention",
      .several = "Deadlines that need attention: ",
      .due = "Due at ",
      .reference = "Its reference is ",
      .sign_in = "Sign in to see what it is about: ",
      .nobody = "This message says nothing about anybody. Please do not reply.",
      .officer_subject = "A reminder",
      .officer = "You have an appointment to arrange or to keep by ",
      .officer_sign_in = "Sign in",
      .officer_sign_in_at = "Sign in at ",
      .officer_ring = " or ring ",
      .officer_end =
          "You asked for reminders, and can stop them when you sign in. Please do not "
          "reply to this message.",
      .months = {"January", "February", "March", "April", "May", "June", "July", "August",
                 "September", "October", "November", "December"},
  };
  static const Words kWelsh = {
      .reminder = "Mae terfyn amser yn agosáu",
      .breach = "Mae terfyn amser wedi cyrraedd ac mae angen sylw nawr",
      .escalation = "Nid oes neb wedi delio â therfyn amser sydd angen sylw nawr",
      .last_call = "Galwad olaf: mae terfyn amser ar fin mynd heibio am byth",
      .other = "Mae angen sylw ar derfyn amser",
      .several = "Terfynau amser sydd angen sylw: ",
      .due = "Erbyn ",
      .reference = "Ei gyfeirnod yw ",
      .sign_in = "Mewngofnodwch i weld beth ydyw: ",
      .nobody = "Nid yw'r neges hon yn dweud dim am neb. Peidiwch ag ateb.",
      .officer_subject = "Nodyn atgoffa",
      .officer = "Mae gennych apwyntiad i'w drefnu neu i'w gadw erbyn ",
      .officer_sign_in = "Mewngofnodwch",
      .officer_sign_in_at = "Mewngofnodwch yn ",
      .officer_ring = " neu ffoniwch ",
      .officer_end =
          "Fe wnaethoch ofyn am negeseuon atgoffa, a gallwch eu stopio ar ôl "
          "mewngofnodi. Peidiwch ag ateb y neges hon.",
      .months = {"Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst",
                 "Medi", "Hydref", "Tachwedd", "Rhagfyr"},
  };
  return language == workforce::v1::LANGUAGE_WELSH ? kWelsh : kEnglish;
}

absl::string_view Sentence(v1::RungKind kind, const Words& words) {
  switch (kind) {
    case v1::RUNG_KIND_REMINDER:
      return words.reminder;
    case v1::RUNG_KIND_BREACH:
      return words.breach;
    case v1::RUNG_KIND_ESCALATION:
      return words.escalation;
    case v1::RUNG_KIND_LAST_CALL:
      return words.last_call;
    default:
      return words.other;
  }
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", casework::FromTimestamp(time), absl::UTCTimeZone());
}

std::string Link(const v1::Notice& notice, absl::string_view console_url) {
  return console_url.empty() ? "" : absl::StrCat(console_url, "/steps/", notice.step_ref());
}

// A header's text: RFC 2047 where it is not ASCII.
std::string HeaderText(absl::string_view text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
  return ascii ? std::string(text) : absl::StrCat("=?UTF-8?B?", crypto::Base64(text), "?=");
}

// `body` has lines that end in CRLF.
std::string Mail(absl::string_view from, absl::string_view to, absl::string_view subject,
                 absl::string_view id, absl::string_view body, absl::Time real_now) {
  return absl::StrCat(
      "From: <", from, ">\r\nTo: <", to, ">\r\nSubject: ", HeaderText(subject),
      "\r\nDate: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", real_now, absl::UTCTimeZone()),
      "\r\nMessage-ID: <", id, "@waymark>\r\nWaymark-Notice-Id: ", id,
      "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
      body);
}

nlohmann::ordered_json NoticeJson(const v1::Notice& notice, absl::string_view console_url) {
  nlohmann::ordered_json body = {
      {"kind", v1::RungKind_Name(notice.kind()).substr(std::strlen("RUNG_KIND_"))},
      {"rung", notice.rung()},
      {"audience", options::v1::Role_Name(notice.audience()).substr(std::strlen("ROLE_"))},
      {"step_ref", notice.step_ref()},
      {"due_time", Utc(notice.due_time())},
      {"fired_time", Utc(notice.fired_time())},
  };
  if (!console_url.empty()) body["link"] = Link(notice, console_url);
  return body;
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

std::string MailText(const v1::Notice& notice, Language language, absl::string_view from,
                     absl::string_view to, absl::string_view console_url, absl::Time real_now) {
  const Words& words = WordsIn(language);
  const absl::string_view sentence = Sentence(notice.kind(), words);
  std::string body = absl::StrCat(sentence, ".\r\n\r\n", words.due, Utc(notice.due_time()), ".\r\n",
                                  words.reference, notice.step_ref(), ".\r\n");
  if (!console_url.empty()) {
    absl::StrAppend(&body, words.sign_in, Link(notice, console_url), "\r\n");
  }
  absl::StrAppend(&body, "\r\n", words.nobody, "\r\n");
  return Mail(from, to, sentence, notice.notice_id(), body, real_now);
}

std::string DigestId(const std::vector<v1::Notice>& notices) {
  std::vector<std::string> ids;
  for (const v1::Notice& notice : notices) ids.push_back(notice.notice_id());
  std::sort(ids.begin(), ids.end());
  return ids::DeriveUuid("waymark.scheduling.digest", absl::StrJoin(ids, "/"));
}

std::string DigestText(const std::vector<v1::Notice>& notices, Language language,
                       absl::string_view from, absl::string_view to, absl::string_view console_url,
                       absl::Time real_now) {
  const Words& words = WordsIn(language);
  const std::string subject = absl::StrCat(words.several, notices.size());
  std::string body = absl::StrCat(subject, ".\r\n\r\n");
  for (const v1::Notice& notice : notices) {
    absl::StrAppend(&body, words.due, Utc(notice.due_time()), ": ", Sentence(notice.kind(), words),
                    ". ", console_url.empty() ? notice.step_ref() : Link(notice, console_url),
                    "\r\n");
  }
  absl::StrAppend(&body, "\r\n", words.nobody, "\r\n");
  return Mail(from, to, subject, DigestId(notices), body, real_now);
}

std::string ReminderText(const v1::Notice& notice, Language language, absl::string_view from,
                         absl::string_view to, absl::string_view console_url,
                         absl::string_view telephone, absl::Time real_now) {
  const Words& words = WordsIn(language);
  const absl::CivilDay day =
      absl::ToCivilDay(casework::FromTimestamp(notice.due_time()), civil::London());
  std::string body = absl::StrCat(words.officer, day.day(), " ",
                                  words.months.at(static_cast<size_t>(day.month()) - 1), " ",
                                  day.year(), ".\r\n\r\n");
  absl::StrAppend(&body, console_url.empty() ? words.officer_sign_in : words.officer_sign_in_at,
                  console_url);
  if (!telephone.empty()) absl::StrAppend(&body, words.officer_ring, telephone);
  absl::StrAppend(&body, ".\r\n\r\n", words.officer_end, "\r\n");
  return Mail(from, to, words.officer_subject, notice.notice_id(), body, real_now);
}

std::string WebhookBody(const v1::Notice& notice, absl::string_view tenant,
                        absl::string_view console_url) {
  nlohmann::ordered_json body = {{"notice_id", notice.notice_id()},
                                 {"tenant", std::string(tenant)}};
  body.update(NoticeJson(notice, console_url));
  return body.dump();
}

std::string DigestBody(const std::vector<v1::Notice>& notices, absl::string_view tenant,
                       absl::string_view console_url) {
  nlohmann::ordered_json body = {
      {"notice_id", DigestId(notices)}, {"tenant", std::string(tenant)}, {"kind", "DIGEST"}};
  for (const v1::Notice& notice : notices) {
    nlohmann::ordered_json one = {{"notice_id", notice.notice_id()}};
    one.update(NoticeJson(notice, console_url));
    body["notices"].push_back(std::move(one));
  }
  return body.dump();
}

absl::Status Sender::Send(const v1::Notice& notice, const v1::Contact& contact, Language language,
                          absl::string_view tenant, absl::Time real_now) const {
  switch (contact.channel()) {
    case v1::CHANNEL_EMAIL:
      return SendMail(MailText(notice, language, options_.smtp_from, contact.address(),
                               options_.console_url, real_now),
                      contact.address());
    case v1::CHANNEL_WEBHOOK:
      return Post(WebhookBody(notice, tenant, options_.console_url), notice.notice_id(), contact,
                  real_now);
    default:
      return absl::OkStatus();
  }
}

absl::Status Sender::SendDigest(const std::vector<v1::Notice>& notices, const v1::Contact& contact,
                                Language language, absl::string_view tenant,
                                absl::Time real_now) const {
  if (notices.size() == 1) return Send(notices.front(), contact, language, tenant, real_now);
  switch (contact.channel()) {
    case v1::CHANNEL_EMAIL:
      return SendMail(DigestText(notices, language, options_.smtp_from, contact.address(),
                                 options_.console_url, real_now),
                      contact.address());
    case v1::CHANNEL_WEBHOOK:
      return Post(DigestBody(notices, tenant, options_.console_url), DigestId(notices), contact,
                  real_now);
    default:
      return absl::OkStatus();
  }
}

absl::Status Sender::SendReminder(const v1::Notice& notice, const v1::Contact& contact,
                                  Language language, absl::string_view telephone,
                                  absl::Time real_now) const {
  return SendMail(ReminderText(notice, language, options_.smtp_from, contact.address(),
                               options_.console_url, telephone, real_now),
                  contact.address());
}

absl::Status Sender::SendMail(const std::string& text, const std::string& address) const {
  if (options_.smtp_url.empty()) {
    return status::Unavailable("CHANNEL_NOT_CONFIGURED", "No mail server is configured.");
  }
  // Addresses come from elsewhere too: none may add a line or a recipient.
  if (std::any_of(address.begin(), address.end(), [](unsigned char c) {
        return c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',';
      })) {
    return status::InvalidArgument("ADDRESS_INVALID", "The recipient's address is not one.");
  }
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

absl::Status Sender::Post(const std::string& body, absl::string_view id, const v1::Contact& contact,
                          absl::Time real_now) const {
  return webhook::Send({.url = contact.address(),
                        .secrets = {contact.secret()},
                        .body = body,
                        .headers = {{"Waymark-Notice-Id", std::string(id)}},
                        .transport = options_.transport,
                        .timeout = options_.timeout},
                       real_now);
}

}  // namespace waymark::scheduling
