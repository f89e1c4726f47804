#include "services/gateway/testing/browser.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/testing/test_signal.h"
#include "services/gateway/connect.h"

namespace waymark::gateway {

using Json = nlohmann::json;
using testing::Eventually;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

ProviderProcess& ProviderProcess::Shared() {
  static ProviderProcess provider;
  return provider;
}

std::string ProviderProcess::Identity(const std::string& secret_file) const {
  return absl::StrReplaceAll(ReadFile("tools/oidc/identity.json"),
                             {{"@PORT@", absl::StrCat(port_)}, {"@SECRET_FILE@", secret_file}});
}

ProviderProcess::ProviderProcess() {
  if (!std::filesystem::exists("tools/oidc/node_modules/oidc-provider")) {
    ADD_FAILURE() << "npm install --prefix tools/oidc (tools/test does it)";
    return;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "waymark-oidc-XXXXXX").string();
  folder = mkdtemp(folder.data());
  const std::string port_file = folder + "/port";
  const std::string flag = absl::StrCat("--port-file=", port_file);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open((folder + "/log").c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execlp("node", "node", "tools/oidc/provider.mjs", flag.c_str(), nullptr);
    _exit(127);
  }
  EXPECT_TRUE(Eventually(
      [&] {
        const std::string text = ReadFile(port_file);
        return absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &port_);
      },
      absl::Seconds(60)))
      << ReadFile(folder + "/log");
}

ProviderProcess::~ProviderProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

std::string Reply::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Json Reply::json() const { return Json::parse(body, nullptr, /*allow_exceptions=*/false); }

struct Browser::State {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(),
                                                                 &curl_easy_cleanup};
};

Browser::Browser(std::string origin, std::string authority)
    : state_(std::make_unique<State>()),
      origin_(std::move(origin)),
      authority_(std::move(authority)) {
  curl_easy_setopt(state_->curl.get(), CURLOPT_COOKIEFILE, "");
}
Browser::~Browser() = default;
Browser::Browser(Browser&&) noexcept = default;

Reply Browser::Send(const std::string& method, const std::string& to, const std::string& body,
                    const std::vector<std::string>& headers) {
  Reply reply;
  CURL* c = state_->curl.get();
  const std::string url = absl::StartsWith(to, "/") ? origin_ + to : to;
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_CAINFO, authority_.c_str());
  curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L);
  curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(c, CURLOPT_NOBODY, method == "HEAD" ? 1L : 0L);
  curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method == "HEAD" ? nullptr : method.c_str());
  if (method == "POST" || !body.empty()) {
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  }
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(
      c, CURLOPT_WRITEFUNCTION, +[](const char* bytes, size_t size, size_t n, std::string* into) {
        into->append(bytes, size * n);
        return size * n;
      });
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &reply.headers);
  curl_easy_setopt(
      c, CURLOPT_HEADERFUNCTION,
      +[](const char* bytes, size_t size, size_t n, std::multimap<std::string, std::string>* into) {
        const std::string line(bytes, size * n);
        if (const size_t colon = line.find(':'); colon != std::string::npos) {
          into->emplace(absl::AsciiStrToLower(line.substr(0, colon)),
                        absl::StripAsciiWhitespace(line.substr(colon + 1)));
        }
        return size * n;
      });
  const CURLcode code = curl_easy_perform(c);
  EXPECT_EQ(code, CURLE_OK) << curl_easy_strerror(code) << " " << url;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_slist_free_all(list);
  return reply;
}

Reply Browser::Post(const std::string& to, const std::string& body,
                    std::vector<std::string> headers) {
  headers.push_back("content-type: application/json");
  headers.push_back("waymark-csrf: " + csrf_);
  return Send("POST", to, body, headers);
}

std::string Browser::Choose(const std::string& person, const std::string& return_to) {
  Reply reply = Get(absl::StrCat("/auth/sign-in?return_to=", return_to));
  EXPECT_EQ(reply.status, 303) << reply.body;
  std::string at = reply.Header("location");
  const std::string provider = at.substr(0, at.find('/', 8));
  for (int hop = 0; hop < 6; ++hop) {
    reply = Get(at);
    if (reply.status != 303 && reply.status != 302) {
      // The page of people to choose from.
      EXPECT_TRUE(absl::StrContains(reply.body, "Choose who you are")) << reply.body;
      reply = Send("POST", at, absl::StrCat("person=", person),
                   {"content-type: application/x-www-form-urlencoded"});
    }
    at = reply.Header("location");
    if (absl::StartsWith(at, "/")) at = absl::StrCat(provider, at);
    if (absl::StrContains(at, "/auth/callback?")) return at;
  }
  ADD_FAILURE() << "the provider did not send us back: " << reply.body;
  return "";
}

Reply Browser::SignIn(const std::string& person, const std::string& return_to) {
  Reply reply = Get(Choose(person, return_to));
  const Json session = Session();
  csrf_ = session.value("csrf_token", "");
  return reply;
}

std::string Browser::SessionCookie() const {
  curl_slist* cookies = nullptr;
  curl_easy_getinfo(state_->curl.get(), CURLINFO_COOKIELIST, &cookies);
  std::string found;
  for (curl_slist* one = cookies; one != nullptr; one = one->next) {
    const std::vector<std::string> fields = absl::StrSplit(one->data, '\t');
    if (fields.size() > 6 && fields[5] == "__Host-waymark-session" && !fields[6].empty()) {
      found = absl::StrCat(fields[5], "=", fields[6]);
    }
  }
  curl_slist_free_all(cookies);
  return found;
}

void Browser::Plant(const std::string& cookie) {
  const std::string set =
      absl::StrCat("localhost\tFALSE\t/\tTRUE\t0\t", absl::StrReplaceAll(cookie, {{"=", "\t"}}));
  curl_easy_setopt(state_->curl.get(), CURLOPT_COOKIELIST, set.c_str());
}

struct Wire::State {
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int socket_number = -1;
  std::unique_ptr<SSL_CTX, Free> context;
  std::unique_ptr<SSL, Free> ssl;
};

Wire::Wire(int port) : state_(std::make_unique<State>()) {
  state_->socket_number = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ =
      connect(state_->socket_number, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  timeval limit = {.tv_sec = 20, .tv_usec = 0};
  setsockopt(state_->socket_number, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  state_->context.reset(SSL_CTX_new(TLS_client_method()));
  state_->ssl.reset(SSL_new(state_->context.get()));
  SSL_set_fd(state_->ssl.get(), state_->socket_number);
  connected_ = connected_ && SSL_connect(state_->ssl.get()) == 1;
}

Wire::~Wire() { Close(); }

bool Wire::Send(absl::string_view bytes) {
  return SSL_write(state_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

std::string Wire::Read(absl::string_view enough) {
  std::array<char, 4096> piece;
  while (enough.empty() || !absl::StrContains(read_, enough)) {
    const int count = SSL_read(state_->ssl.get(), piece.data(), static_cast<int>(piece.size()));
    if (count <= 0) {
      closed_ = true;
      break;
    }
    read_.append(piece.data(), count);
  }
  return read_;
}

void Wire::Close() {
  if (state_->socket_number >= 0) close(state_->socket_number);
  state_->socket_number = -1;
}

std::string StreamRequest(const std::string& path, const std::string& host, absl::string_view json,
                          const std::vector<std::string>& headers) {
  const std::string body = Envelope(0, json);
  std::string text = absl::StrCat(
      "POST ", path, " HTTP/1.1\r\nHost: ", host,
      "\r\ncontent-type: application/connect+json\r\ncontent-length: ", body.size(), "\r\n");
  for (const std::string& header : headers) absl::StrAppend(&text, header, "\r\n");
  return absl::StrCat(text, "\r\n", body);
}

}  // namespace waymark::gateway
