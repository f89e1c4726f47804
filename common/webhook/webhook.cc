#include "common/webhook/webhook.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::webhook {
namespace {

constexpr size_t kLongestUrl = 500;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void Add(List& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

size_t Ignore(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

bool IsUrl(absl::string_view url, Transport transport) {
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
  // No user name in front of the host: it would make one address look like another.
  if (!printable || url.size() > kLongestUrl || absl::StrContains(url, '@')) return false;
  if (absl::StartsWith(url, "https://")) return url.size() > 8 && url[8] != '/';
  return transport == Transport::kTlsOrLoopback &&
         (absl::StartsWith(url, "http://127.0.0.1:") || absl::StartsWith(url, "http://127.0.0.1/"));
}

bool IsSecret(absl::string_view secret) { return secret.size() >= 32 && secret.size() <= 200; }

std::string Signature(absl::string_view secret, int64_t timestamp, absl::string_view body) {
  const crypto::Digest digest = crypto::HmacSha256(secret, {absl::StrCat(timestamp), ".", body});
  return absl::StrCat("v1=", crypto::Hex(crypto::Bytes(digest)));
}

absl::Status Send(const Post& post, absl::Time real_now) {
  if (!IsUrl(post.url, post.transport)) {
    return status::FailedPrecondition("WEBHOOK_NOT_TLS",
                                      "The webhook's address is not https: enter one that is.");
  }
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
  // Signals and threads do not mix.
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(post.timeout) / 2));
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(post.timeout)));
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");

  const int64_t timestamp = absl::ToUnixSeconds(real_now);
  const std::string signatures =
      absl::StrJoin(post.secrets, ", ", [&](std::string* out, const std::string& secret) {
        absl::StrAppend(out, Signature(secret, timestamp, post.body));
      });
  List headers;
  Add(headers, "Content-Type: application/json");
  Add(headers, absl::StrCat("Waymark-Timestamp: ", timestamp));
  Add(headers, absl::StrCat("Waymark-Signature: ", signatures));
  for (const auto& [name, value] : post.headers) Add(headers, absl::StrCat(name, ": ", value));
  curl_easy_setopt(easy.get(), CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR,
                   post.transport == Transport::kTlsOnly ? "https" : "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, post.body.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &Ignore);
  const CURLcode code = curl_easy_perform(easy.get());
  long answer = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer);
  if (code == CURLE_OK && answer >= 200 && answer < 300) return absl::OkStatus();
  return status::WithMetadata(
      status::Unavailable("WEBHOOK_NOT_TAKEN", code == CURLE_OK
                                                   ? absl::StrCat("It answered ", answer, ".")
                                                   : absl::StrCat(curl_easy_strerror(code), ".")),
      "answer", absl::StrCat(answer));
}

}  // namespace waymark::webhook
