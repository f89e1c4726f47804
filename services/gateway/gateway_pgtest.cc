// The gateway as a process would run it: real TLS, PostgreSQL, a back end over mTLS, and the real
// OpenID provider of tools/oidc. What an attacker can send is sent as bytes.
#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client.h"
#include "common/rpc/unary.h"
#include "common/server/testing/echo.h"
#include "common/server/testing/pki.h"
#include "common/status/status_grpc.h"
#include "common/testing/matchers.h"
#include "common/testing/postgres_cluster.h"
#include "common/testing/schema_walk.h"
#include "common/testing/test_signal.h"
#include "services/gateway/connect.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/browser.h"
#include "waymark/audit/v1/audit_service.grpc.pb.h"
#include "waymark/gateway/v1/draft_service.pb.h"
#include "waymark/gateway/v1/gateway_service.grpc.pb.h"
#include "waymark/workforce/v1/workforce_service.grpc.pb.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;
namespace echo = testing::v1;
using WatchFeed = std::shared_ptr<rpc::Feed<echo::WatchResponse>>;

constexpr char kEcho[] = "/waymark.testing.v1.EchoService/Echo";
constexpr char kChange[] = "/waymark.testing.v1.EchoService/Change";
constexpr char kWatch[] = "/waymark.testing.v1.EchoService/Watch";

int CountOf(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != absl::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

class GatewayPgTest : public ::testing::Test {
 protected:
  GatewayPgTest() {
    signal(SIGPIPE, SIG_IGN);  // as in server::Main
    setup_.apis = {{"bbv", echo::EchoRequest::descriptor()->file()->service(0)}};
    setup_.clock = &clock_;
    setup_.sessions.believed_for = absl::Milliseconds(200);
    setup_.http.stop_within = absl::Seconds(2);
    StartBackEnd();
    options_ = surroundings_.OptionsFor("gateway");
    options_.listen = "127.0.0.1:0";
    options_.database_dsn_file =
        surroundings_.WriteFile("gateway.dsn", database_.runtime_dsn().Reveal());
    options_.peers["bbv"] = absl::StrCat("127.0.0.1:", back_end_->port());
    options_.own["token-key"] = Private("token.jwk", surroundings_.token_key().private_jwk);
    options_.own["http-port-file"] = surroundings_.folder() + "/http.port";
    options_.own["identity"] = surroundings_.WriteFile(
        "identity.json",
        ProviderProcess::Shared().Identity(Private("oidc.secret", ProviderProcess::kSecret)));
    const std::string console = surroundings_.folder() + "/console";
    std::filesystem::create_directories(console + "/assets");
    surroundings_.WriteFile("console/index.html", "<!doctype html><title>Waymark</title>");
    surroundings_.WriteFile("console/assets/app-1a2b.js", std::string(4000, 'x'));
    surroundings_.WriteFile("console/assets/large-3c4d.js", std::string(300000, 'x'));
    surroundings_.WriteFile("secret.txt", "the secret outside");
    std::filesystem::create_symlink(surroundings_.folder() + "/secret.txt", console + "/link.txt");
    options_.own["console"] = console;
    authority_ = options_.certificates + "/ca.crt";
  }
  ~GatewayPgTest() override {
    // The front before the back, as in an orderly stop.
    gateway_.reset();
    back_end_.reset();
  }

  std::string Private(absl::string_view name, absl::string_view text) const {
    std::string path = surroundings_.WriteFile(name, text);
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    return path;
  }

  void StartBackEnd() {
    absl::StatusOr<std::unique_ptr<server::Server>> started = server::Server::Start(
        {.name = "bbv",
         .about = "A back end.",
         .assemble = [this](server::Ground& ground) -> absl::StatusOr<server::Parts> {
           auto service = std::make_shared<testing::EchoServer>(ground.corridor);
           service->on_watch = [this](const rpc::Call&, WatchFeed feed) {
             absl::MutexLock lock(&mutex_);
             feeds_.push_back(std::move(feed));
             return absl::OkStatus();
           };
           echo_ = service.get();
           return server::Parts{.services = {server::Expose<echo::EchoService>(service)}};
         }},
        surroundings_.OptionsFor("bbv"));
    ASSERT_THAT(started, IsOk());
    back_end_ = *std::move(started);
  }
  void Start() {
    absl::StatusOr<std::unique_ptr<server::Server>> started =
        server::Server::Start(GatewayProgram(setup_), options_);
    ASSERT_THAT(started, IsOk());
    gateway_ = *std::move(started);
    ASSERT_TRUE(absl::SimpleAtoi(
        absl::StripAsciiWhitespace(ReadFile(options_.own["http-port-file"])), &port_));
    origin_ = absl::StrCat("https://localhost:", port_);
  }

  Browser NewBrowser() const { return {origin_, authority_}; }
  std::string Bearer() const {
    return absl::StrCat("authorization: Bearer ", surroundings_.TokenFor({"OH_NURSE"}));
  }
  std::string Host() const { return absl::StrCat("Host: localhost:", port_, "\r\n"); }
  // The whole answer to some bytes, and whether the connection was closed after it.
  std::string Exchange(absl::string_view bytes) const {
    Wire wire(port_);
    EXPECT_TRUE(wire.connected());
    wire.Send(bytes);
    return wire.Read();
  }
  // A stream opened with the cookies of `browser`, or with a token.
  std::unique_ptr<Wire> OpenWatch(const std::vector<std::string>& headers) const {
    auto wire = std::make_unique<Wire>(port_);
    EXPECT_TRUE(wire->connected());
    EXPECT_TRUE(wire->Send(
        StreamRequest(kWatch, absl::StrCat("localhost:", port_),
                      absl::StrCat(R"({"requestId": ")", ids::NewUuid(), R"("})"), headers)));
    return wire;
  }
  WatchFeed Feed(size_t number) {
    EXPECT_TRUE(Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return feeds_.size() > number;
    }));
    absl::MutexLock lock(&mutex_);
    return feeds_.size() > number ? feeds_[number] : nullptr;
  }
  static void Offer(const WatchFeed& feed, const std::string& text) {
    echo::WatchResponse response;
    response.set_text(text);
    EXPECT_TRUE(feed->Offer(response));
  }

  testing::TestDatabase database_{{{"gateway", "services/gateway/migrations"}}};
  testing::Surroundings surroundings_;
  clock::FakeClock clock_{absl::Now()};
  absl::Mutex mutex_;
  std::deque<WatchFeed> feeds_ ABSL_GUARDED_BY(mutex_);
  testing::EchoServer* echo_ = nullptr;
  GatewaySetup setup_;
  server::Options options_;
  std::string authority_;
  std::string origin_;
  int port_ = 0;
  std::unique_ptr<server::Server> back_end_;
  std::unique_ptr<server::Server> gateway_;
};

TEST_F(GatewayPgTest, SignsInCallsAndSignsOut) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  EXPECT_EQ(browser.Session()["signed_in"], false);
  EXPECT_EQ(browser.Post(kEcho).status, 401);

  const Reply back = browser.SignIn("nurse", "/cases/1");
  EXPECT_EQ(back.status, 303) << back.body;
  EXPECT_EQ(back.Header("location"), origin_ + "/cases/1");
  std::string set;
  for (auto [it, end] = back.headers.equal_range("set-cookie"); it != end; ++it) {
    if (absl::StartsWith(it->second, "__Host-waymark-session=")) set = it->second;
  }
  EXPECT_THAT(set, HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Strict"));
  const Json session = browser.Session();
  EXPECT_EQ(session["user_id"], "demo:nurse");
  EXPECT_EQ(session["tenant"], "demo");
  EXPECT_EQ(session["name"], "Nia Evans");
  EXPECT_EQ(session["roles"], Json::array({"OH_NURSE"}));
  EXPECT_EQ(session["subject_id"], "0190a000-0000-7000-8000-0000000000aa");

  // The back end verifies the token and sees the same person.
  rpc::Call seen;
  echo_->on_echo = [&](const rpc::Call& call, const echo::EchoRequest& request,
                       echo::EchoResponse* response) {
    seen = call;
    response->set_text(request.text());
    return absl::OkStatus();
  };
  const Reply reply = browser.Post(kEcho, R"({"text": "hello"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["text"], "hello");
  EXPECT_EQ(reply.Header("cache-control"), "no-store");
  EXPECT_EQ(seen.caller.user_id, "demo:nurse");
  EXPECT_EQ(seen.caller.subject_id, "0190a000-0000-7000-8000-0000000000aa");
  EXPECT_EQ(seen.caller.tenant, "demo");

  // Nothing of the person or the secret is readable in the table.
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "1");
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session s"
                            " WHERE s::text LIKE '%nurse%' OR s::text LIKE '%Nia%'"),
            "0");

  EXPECT_EQ(browser.Post("/auth/sign-out").status, 200);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "0");
  EXPECT_EQ(browser.SessionCookie(), "");
  EXPECT_EQ(browser.Post(kEcho).status, 401);
}

TEST_F(GatewayPgTest, SpeaksConnectInBothCodecsWithTheSameErrors) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser client = NewBrowser();
  const auto post = [&](const std::string& path, const std::string& body, const std::string& type,
                        std::vector<std::string> more = {}) {
    more.push_back(Bearer());
    more.push_back("content-type: " + type);
    return client.Send("POST", path, body, more);
  };
  echo::EchoRequest request;
  request.set_text("binary");
  const Reply binary = post(kEcho, request.SerializeAsString(), "application/proto");
  EXPECT_EQ(binary.Header("content-type"), "application/proto");
  echo::EchoResponse response;
  ASSERT_TRUE(response.ParseFromString(binary.body));
  EXPECT_EQ(response.text(), "binary");

  // The service's own refusal, with its reason and details.
  const Reply refused = post(kChange, R"({"text": "no request id"})", "application/json");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.json()["code"], "invalid_argument");
  EXPECT_EQ(refused.json()["details"][0]["type"], "google.rpc.ErrorInfo");
  EXPECT_THAT(refused.json()["details"][0]["debug"]["reason"].get<std::string>(), Not(IsEmpty()));
  EXPECT_EQ(post(kChange, absl::StrCat(R"({"text": "a", "requestId": ")", ids::NewUuid(), R"("})"),
                 "application/json")
                .status,
            200);

  EXPECT_EQ(post(kEcho, R"({"txet": 1})", "application/json").json()["code"], "invalid_argument");
  EXPECT_EQ(post(kEcho, "\xff\xff", "application/proto").json()["code"], "invalid_argument");
  EXPECT_EQ(post(kEcho, "{}", "text/plain").status, 415);
  EXPECT_EQ(post(kEcho, "{}", "application/connect+json").status, 415);
  EXPECT_EQ(post(kEcho, "{}", "application/json", {"content-encoding: gzip"}).status, 501);
  EXPECT_EQ(post(kEcho, "{}", "application/json", {"connect-protocol-version: 2"}).status, 400);
  EXPECT_EQ(post(kEcho, "{}", "application/json", {"connect-timeout-ms: soon"}).status, 400);
  const Reply late = post(kEcho, "{}", "application/json", {"connect-timeout-ms: 0"});
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(late.json()["code"], "deadline_exceeded");

  // Long answers are compressed for those who take it.
  const std::string text(5000, 'a');
  const Reply small = post(kEcho, absl::StrCat(R"({"text": ")", text, R"("})"), "application/json",
                           {"accept-encoding: gzip"});
  EXPECT_EQ(small.Header("content-encoding"), "gzip");
  EXPECT_LT(small.body.size(), 500u);

  const Reply get = client.Get(
      absl::StrCat(kEcho, "?connect=v1&encoding=json&message=%7B%22text%22%3A%22g%22%7D"),
      {Bearer()});
  EXPECT_EQ(get.json()["text"], "g");
  const Reply change =
      client.Get(absl::StrCat(kChange, "?connect=v1&encoding=json&message=%7B%7D"), {Bearer()});
  EXPECT_EQ(change.status, 405);
  EXPECT_EQ(change.Header("allow"), "POST");
}

TEST_F(GatewayPgTest, ServesNoMethodThatIsNotForPeople) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser client = NewBrowser();
  const auto call = [&](const std::string& path) {
    return client.Send("POST", path, "{}", {Bearer(), "content-type: application/json"});
  };
  EXPECT_EQ(call("/waymark.testing.v1.EchoService/Deliver").json()["code"], "permission_denied");
  EXPECT_EQ(call("/waymark.testing.v1.EchoService/Unruled").status, 404);
  EXPECT_EQ(call("/waymark.testing.v1.EchoService/Nothing").status, 404);
  EXPECT_EQ(call("/waymark.testing.v1.EchoService").status, 404);
  EXPECT_EQ(call("/grpc.health.v1.Health/Check").status, 405);
  EXPECT_EQ(call("/fhir/ServiceRequest").status, 405);
}

TEST_F(GatewayPgTest, RefusesForgedAndExpiredTokens) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser client = NewBrowser();
  const auto with = [&](const std::string& token) {
    return client
        .Send("POST", kEcho, "{}",
              {absl::StrCat("authorization: ", token), "content-type: application/json"})
        .json()["code"];
  };
  const std::string good = surroundings_.TokenFor({"OH_NURSE"});
  EXPECT_EQ(with(absl::StrCat("Bearer ", good.substr(0, good.size() - 4), "AAAA")),
            "unauthenticated");
  EXPECT_EQ(with("Bearer "), "unauthenticated");
  EXPECT_EQ(with("Basic YTpi"), "unauthenticated");
  access::DevelopmentClaims claims = surroundings_.Claims();
  claims.expiry = absl::Now() - absl::Minutes(5);
  EXPECT_EQ(with("Bearer " + surroundings_.Token(claims)), "unauthenticated");
  claims = surroundings_.Claims();
  claims.audience = "other";
  EXPECT_EQ(with("Bearer " + surroundings_.Token(claims)), "unauthenticated");
  const access::DevelopmentKey theirs = *access::MakeDevelopmentKey("test-key");
  EXPECT_EQ(
      with("Bearer " + *access::MintDevelopmentToken(theirs.private_jwk, surroundings_.Claims())),
      "unauthenticated");
  EXPECT_EQ(with("Bearer " + surroundings_.TokenFor({"LINE_MANAGER"})), "permission_denied");
}

TEST_F(GatewayPgTest, TakesNoRequestThatAnotherSiteMade) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  const std::string json = "content-type: application/json";
  const std::string csrf = "waymark-csrf: " + browser.csrf();
  const auto send = [&](std::vector<std::string> headers) {
    return browser.Send("POST", kEcho, "{}", std::move(headers)).status;
  };
  EXPECT_EQ(send({json, csrf}), 200);
  EXPECT_EQ(send({json, csrf, "origin: " + origin_, "sec-fetch-site: same-origin"}), 200);
  EXPECT_EQ(send({json}), 403);
  EXPECT_EQ(send({json, "waymark-csrf: "}), 403);
  EXPECT_EQ(send({json, csrf + "x"}), 403);
  EXPECT_EQ(send({json, csrf, "origin: https://evil.test"}), 403);
  EXPECT_EQ(send({json, csrf, "origin: null"}), 403);
  EXPECT_EQ(send({json, csrf, "sec-fetch-site: cross-site"}), 403);
  EXPECT_EQ(send({json, csrf, "sec-fetch-site: same-site"}), 403);
  // What a form of another site can send.
  EXPECT_EQ(send({"content-type: text/plain"}), 415);
  // The token of somebody else's session.
  Browser other = NewBrowser();
  ASSERT_EQ(other.SignIn("officer").status, 303);
  EXPECT_EQ(send({json, "waymark-csrf: " + other.csrf()}), 403);
  // Signing somebody out from another site is no prank either.
  EXPECT_EQ(browser.Send("POST", "/auth/sign-out", "", {}).status, 403);
  EXPECT_EQ(browser.Send("GET", "/auth/sign-out", "", {}).status, 405);
  EXPECT_EQ(browser.Get("/auth/session", {"sec-fetch-site: cross-site"}).status, 403);
  EXPECT_EQ(browser.Session()["signed_in"], true);
  // No permission for other origins to read anything.
  EXPECT_EQ(browser.Send("OPTIONS", kEcho, "", {"origin: https://evil.test"})
                .Header("access-control-allow-origin"),
            "");
}

TEST_F(GatewayPgTest, GivesEverySignInASecretOfItsOwn) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser victim = NewBrowser();
  // Planted: well formed, and of the attacker's own session.
  Browser attacker = NewBrowser();
  ASSERT_EQ(attacker.SignIn("officer").status, 303);
  const std::string planted = attacker.SessionCookie();
  victim.Plant(planted);
  const std::string callback = victim.Choose("nurse");
  const Reply back = victim.Get(callback);
  EXPECT_EQ(back.status, 303) << back.body;
  const std::string fresh = victim.SessionCookie();
  EXPECT_NE(fresh, "");
  EXPECT_NE(fresh, planted);
  // What was planted is over, and knows nothing of the victim.
  const auto is_signed_in = [this](const std::string& cookie) {
    return NewBrowser().Get("/auth/session", {"cookie: " + cookie}).json()["signed_in"];
  };
  EXPECT_EQ(is_signed_in(planted), false);
  EXPECT_EQ(is_signed_in(fresh), true);
  // Again: another secret, and the one before is over.
  ASSERT_EQ(victim.SignIn("nurse").status, 303);
  EXPECT_NE(victim.SessionCookie(), fresh);
  EXPECT_EQ(is_signed_in(fresh), false);
  // Invented ones are nobody's; two are none.
  for (const std::string& invented :
       {std::string("demo.AAAA"), "demo." + std::string(43, 'A'), std::string("x"),
        std::string("../demo.A"), "other." + fresh.substr(fresh.find('.') + 1)}) {
    EXPECT_EQ(is_signed_in("__Host-waymark-session=" + invented), false) << invented;
  }
  const std::string live = victim.SessionCookie();
  EXPECT_EQ(is_signed_in(live), true);
  EXPECT_EQ(is_signed_in(absl::StrCat(live, "; ", live)), false);
}

TEST_F(GatewayPgTest, RefusesReplayedAndForgedStatesAndCodes) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  const std::string callback = browser.Choose("nurse");
  // In another browser it is not good at all, and then no longer in this one.
  Browser thief = NewBrowser();
  EXPECT_EQ(thief.Get(callback).status, 401);
  EXPECT_EQ(thief.Get(callback, {"cookie: __Host-waymark-sign-in=" + std::string(43, 'A')}).status,
            401);
  EXPECT_EQ(browser.Get(callback).status, 401);
  EXPECT_EQ(browser.SessionCookie(), "");

  const std::string second = browser.Choose("nurse");
  EXPECT_EQ(browser.Get(second).status, 303);
  EXPECT_EQ(browser.Get(second).status, 401) << "replayed";

  // A forged code, a code of another sign-in, another state, another provider's answer, none.
  Browser fresh = NewBrowser();
  const auto forged = [&](absl::string_view from, absl::string_view to) {
    std::string url = fresh.Choose("nurse");
    const size_t at = url.find(std::string(from));
    EXPECT_NE(at, std::string::npos) << url;
    const size_t end = std::min(url.find('&', at), url.size());
    url.replace(at, end - at, std::string(to));
    const Reply reply = fresh.Get(url);
    EXPECT_THAT(reply.body, Not(HasSubstr("<script")));
    return reply.status;
  };
  EXPECT_EQ(forged("code=", "code=forged"), 401);
  EXPECT_EQ(
      forged("code=", second.substr(second.find("code="), second.find('&') - second.find("code="))),
      401);
  EXPECT_EQ(forged("state=", "state=" + std::string(43, 'A')), 401);
  EXPECT_EQ(forged("state=", "state=%3Cscript%3E"), 401);
  EXPECT_EQ(forged("iss=", "iss=https%3A%2F%2Fevil.test"), 401);
  EXPECT_EQ(forged("code=", "error=%3Cscript%3Ealert(1)%3C/script%3E"), 401);
  EXPECT_EQ(fresh.SessionCookie(), "");
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "1");

  // After ten minutes nobody comes back.
  const std::string stale = fresh.Choose("nurse");
  clock_.Advance(absl::Minutes(11));
  EXPECT_EQ(fresh.Get(stale).status, 401);
}

TEST_F(GatewayPgTest, SignsNobodyInWhoIsTooWeaklyAssuredOrNotOneOfOurs) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (const auto& [person, reason] :
       std::vector<std::pair<std::string, std::string>>{{"weak", "ASSURANCE_TOO_LOW"},
                                                        {"stranger", "ORGANISATION_UNKNOWN"},
                                                        {"nobody", "NO_ROLE_HERE"}}) {
    Browser browser = NewBrowser();
    const Reply reply = browser.SignIn(person);
    EXPECT_EQ(reply.status, 403);
    EXPECT_THAT(reply.body, HasSubstr(reason));
    EXPECT_EQ(browser.SessionCookie(), "");
  }
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "0");
}

TEST_F(GatewayPgTest, LeadsBackToPagesOfThisSiteOnly) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (const char* elsewhere :
       {"https%3A%2F%2Fevil.test", "%2F%2Fevil.test", "%2F%5Cevil.test", "javascript%3Aalert(1)"}) {
    Browser browser = NewBrowser();
    EXPECT_EQ(browser.SignIn("nurse", elsewhere).Header("location"), origin_ + "/") << elsewhere;
  }
}

TEST_F(GatewayPgTest, EndsASessionThatIsNotUsedAndAnyAfterAShift) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  clock_.Advance(absl::Minutes(19));
  EXPECT_EQ(browser.Post("/auth/session").status, 200);
  clock_.Advance(absl::Minutes(19));
  EXPECT_EQ(browser.Session()["signed_in"], true);  // looking is no use of it
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(browser.Session()["reason"], "SESSION_EXPIRED");
  EXPECT_EQ(browser.Post(kEcho).status, 401);

  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  for (int i = 0; i < 39; ++i) {
    clock_.Advance(absl::Minutes(15));
    ASSERT_EQ(browser.Post("/auth/session").status, 200) << i;
  }
  clock_.Advance(absl::Minutes(16));
  EXPECT_EQ(browser.Post("/auth/session").status, 401);
}

TEST_F(GatewayPgTest, StreamsUntilTheSessionIsSignedOutEverywhere) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser desk = NewBrowser();
  Browser phone = NewBrowser();
  ASSERT_EQ(desk.SignIn("nurse").status, 303);
  ASSERT_EQ(phone.SignIn("nurse").status, 303);
  const auto watch = OpenWatch({"cookie: " + desk.SessionCookie(), "waymark-csrf: " + desk.csrf()});
  const WatchFeed feed = Feed(0);
  ASSERT_NE(feed, nullptr);
  for (const char* text : {"first", "second", "third"}) {
    Offer(feed, text);
    EXPECT_THAT(watch->Read(absl::StrCat(R"({"text":")", text, R"("})")), HasSubstr(text));
  }
  EXPECT_FALSE(watch->closed());

  EXPECT_EQ(phone.Post("/auth/sign-out-everywhere").status, 200);
  const std::string all = watch->Read();
  EXPECT_THAT(all, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(all, HasSubstr("content-type: application/connect+json"));
  EXPECT_THAT(all, HasSubstr("SESSION_EXPIRED"));
  EXPECT_TRUE(Eventually([&] { return feed->ended(); })) << "the back end still sends";
  EXPECT_EQ(desk.Session()["signed_in"], false);
  EXPECT_EQ(desk.Post(kEcho).status, 401);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "0");
}

TEST_F(GatewayPgTest, EndsAStreamWhoseSessionWasEndedElsewhere) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  const auto watch =
      OpenWatch({"cookie: " + browser.SessionCookie(), "waymark-csrf: " + browser.csrf()});
  ASSERT_NE(Feed(0), nullptr);
  // What another replica does.
  database_.Query("DELETE FROM session RETURNING 1");
  EXPECT_THAT(watch->Read(), HasSubstr("SESSION_EXPIRED"));
}

TEST_F(GatewayPgTest, LetsAnOperatorSignSomebodyOut) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  const auto stub =
      v1::GatewayService::NewStub(surroundings_.Channel("cli", gateway_->port(), "gateway"));
  v1::EndSessionsRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_user_id("demo:nurse");
  v1::EndSessionsResponse response;
  const auto end = [&](const std::string& role, const std::string& tenant) {
    return rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20),
                        .token = surroundings_.TokenFor({role}, tenant, "operator-1")},
                       [&](grpc::ClientContext* context) {
                         return stub->EndSessions(context, request, &response);
                       });
  };
  EXPECT_THAT(end("OH_NURSE", "demo"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(end("OPERATOR", "elsewhere"), IsOk());
  EXPECT_EQ(response.ended_count(), 0);
  EXPECT_EQ(browser.Session()["signed_in"], true);
  EXPECT_THAT(end("OPERATOR", "demo"), IsOk());
  EXPECT_EQ(response.ended_count(), 1);
  EXPECT_EQ(browser.Session()["signed_in"], false);
}

// Takes what the gateway's relay brings.
class Log final : public audit::v1::AuditService::CallbackService {
 public:
  explicit Log(rpc::Corridor& corridor) : corridor_(corridor) {}

  grpc::ServerUnaryReactor* AppendEntries(grpc::CallbackServerContext* context,
                                          const audit::v1::AppendEntriesRequest* request,
                                          audit::v1::AppendEntriesResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const audit::v1::AppendEntriesRequest& asked,
                             audit::v1::AppendEntriesResponse* answer) {
                        absl::MutexLock lock(&mutex_);
                        EXPECT_EQ(call.caller.service, "gateway");
                        EXPECT_EQ(asked.source(), "gateway");
                        for (const audit::v1::NumberedEvent& one : asked.events()) {
                          EXPECT_TRUE(events_.emplace_back().ParseFromString(one.event()));
                          answer->set_highest_contiguous_number(one.number());
                        }
                        return absl::OkStatus();
                      });
  }

  // As "ACTION method actor object count reason", once there are that many.
  std::vector<std::string> Lines(size_t count) {
    EXPECT_TRUE(Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return events_.size() >= count;
    }));
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> lines;
    for (const audit::v1::AuditEvent& event : events_) {
      EXPECT_EQ(event.tenant(), "demo");
      EXPECT_EQ(event.purpose().empty(), false);
      lines.push_back(absl::StrCat(audit::v1::Action_Name(event.action()), " ", event.method(), " ",
                                   event.actor().user_id(), " [", event.object_id(), "] ",
                                   event.object_count(), " ", event.reason()));
    }
    return lines;
  }

 private:
  rpc::Corridor& corridor_;
  absl::Mutex mutex_;
  std::vector<audit::v1::AuditEvent> events_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(GatewayPgTest, TellsTheAuditLogWhoSignedInAndOutAndWhoWasRefused) {
  std::shared_ptr<Log> log;
  auto audit = server::Server::Start(
      {.name = "audit",
       .about = "Takes what comes.",
       .assemble = [&](server::Ground& ground) -> absl::StatusOr<server::Parts> {
         log = std::make_shared<Log>(ground.corridor);
         return server::Parts{.services = {server::Expose<audit::v1::AuditService>(log)}};
       }},
      surroundings_.OptionsFor("audit"));
  ASSERT_THAT(audit, IsOk());
  options_.peers["audit"] = absl::StrCat("127.0.0.1:", (*audit)->port());
  ASSERT_NO_FATAL_FAILURE(Start());

  Browser browser = NewBrowser();
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  // Signing in once more ends the session before.
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  EXPECT_EQ(browser.Post("/auth/sign-out").status, 200);
  EXPECT_EQ(browser.Post("/auth/sign-out").status, 200) << "again: there is nothing to write down";
  Browser weak = NewBrowser();
  EXPECT_EQ(weak.SignIn("weak").status, 403);
  // Another organisation's person is in nobody's log here.
  Browser stranger = NewBrowser();
  EXPECT_EQ(stranger.SignIn("stranger").status, 403);
  ASSERT_EQ(browser.SignIn("nurse").status, 303);
  Browser phone = NewBrowser();
  ASSERT_EQ(phone.SignIn("nurse").status, 303);
  EXPECT_EQ(phone.Post("/auth/sign-out-everywhere").status, 200);
  Browser home = NewBrowser();
  ASSERT_EQ(home.SignIn("officer").status, 303);
  const auto stub =
      v1::GatewayService::NewStub(surroundings_.Channel("cli", gateway_->port(), "gateway"));
  v1::EndSessionsRequest request;
  request.set_request_id(ids::NewUuid());
  request.set_user_id("demo:officer");
  v1::EndSessionsResponse response;
  EXPECT_THAT(rpc::Invoke({.deadline = absl::Now() + absl::Seconds(20),
                           .token = surroundings_.TokenFor({"OPERATOR"}, "demo", "operator-1")},
                          [&](grpc::ClientContext* context) {
                            return stub->EndSessions(context, request, &response);
                          }),
              IsOk());
  EXPECT_THAT(log->Lines(10),
              ::testing::ElementsAre(
                  "ACTION_SIGN_IN waymark.gateway.sign-in demo:nurse [] 1 ",
                  "ACTION_SIGN_OUT waymark.gateway.sign-in demo:nurse [] 1 ",
                  "ACTION_SIGN_IN waymark.gateway.sign-in demo:nurse [] 1 ",
                  "ACTION_SIGN_OUT waymark.gateway.sign-out demo:nurse [] 1 ",
                  "ACTION_REFUSED waymark.gateway.sign-in demo:weak [] 0 ASSURANCE_TOO_LOW",
                  "ACTION_SIGN_IN waymark.gateway.sign-in demo:nurse [] 1 ",
                  "ACTION_SIGN_IN waymark.gateway.sign-in demo:nurse [] 1 ",
                  "ACTION_SIGN_OUT waymark.gateway.sign-out-everywhere demo:nurse [] 2 ",
                  "ACTION_SIGN_IN waymark.gateway.sign-in demo:officer [] 1 ",
                  "ACTION_SIGN_OUT waymark.gateway.v1.GatewayService.EndSessions operator-1 "
                  "[demo:officer] 1 "));
  gateway_.reset();
}

// Knows the lead.
class Register final : public workforce::v1::WorkforceService::CallbackService {
 public:
  explicit Register(rpc::Corridor& corridor) : corridor_(corridor) {}

  grpc::ServerUnaryReactor* FindSubject(grpc::CallbackServerContext* context,
                                        const workforce::v1::FindSubjectRequest* request,
                                        workforce::v1::FindSubjectResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [](const rpc::Call&, const workforce::v1::FindSubjectRequest& asked,
                         workforce::v1::FindSubjectResponse* answer) -> absl::Status {
                        EXPECT_EQ(asked.tenant(), "demo");
                        if (asked.user_id() == "demo:lead") answer->set_subject_id(kRecord);
                        EXPECT_NE(asked.user_id(), "demo:both");
                        EXPECT_NE(asked.user_id(), "demo:nurse") << "the provider has said it";
                        return absl::OkStatus();
                      });
  }
  static constexpr char kRecord[] = "0190a000-0000-7000-8000-0000000000cc";

 private:
  rpc::Corridor& corridor_;
};

TEST_F(GatewayPgTest, LearnsWhoseOwnRecordStaffHaveWhenTheirProviderDoesNotSay) {
  auto workforce = server::Server::Start(
      {.name = "workforce",
       .about = "Knows the lead.",
       .assemble = [](server::Ground& ground) -> absl::StatusOr<server::Parts> {
         return server::Parts{.services = {server::Expose<workforce::v1::WorkforceService>(
                                  std::make_shared<Register>(ground.corridor))}};
       }},
      surroundings_.OptionsFor("workforce"));
  ASSERT_THAT(workforce, IsOk());
  options_.peers["workforce"] = absl::StrCat("127.0.0.1:", (*workforce)->port());
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto own_record = [](Browser browser, const std::string& person) -> std::string {
    EXPECT_EQ(browser.SignIn(person).status, 303) << person;
    const auto session = nlohmann::json::parse(browser.Get("/auth/session").body, nullptr,
                                               /*allow_exceptions=*/false);
    return session.value("subject_id", "");
  };
  EXPECT_EQ(own_record(NewBrowser(), "lead"), Register::kRecord);
  EXPECT_EQ(own_record(NewBrowser(), "nurse"), "0190a000-0000-7000-8000-0000000000aa");
  // What would open a record to an officer is for the provider alone to say.
  EXPECT_EQ(own_record(NewBrowser(), "both"), "");
  // Without workforce the unit works on.
  workforce->reset();
  EXPECT_EQ(own_record(NewBrowser(), "lead"), "");
  EXPECT_THAT(metrics::Default().Text(),
              HasSubstr("waymark_gateway_sign_ins_unrecognised_total 1\n"));
  gateway_.reset();
}

TEST_F(GatewayPgTest, MeasuresWhatTheAlertsAskFor) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto shows = [](const std::string& line) {
    return Eventually([&] { return absl::StrContains(metrics::Default().Text(), line); });
  };
  EXPECT_TRUE(shows("waymark_gateway_provider_reachable{provider=\"demo\"} 1\n"));
  EXPECT_TRUE(shows("waymark_gateway_connections_limit 2048\n"));
  EXPECT_TRUE(shows("waymark_certificate_expiry_seconds{service=\"gateway, for browsers\"}"));

  // A stream of a quarter of an hour is no slow call.
  const auto calls = [] {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(metrics::Default().Text(), '\n')) {
      if (absl::StartsWith(line, "waymark_gateway_http_call_seconds_count")) {
        lines.emplace_back(line);
      }
    }
    return lines;
  };
  const auto before = calls();
  const auto watch = OpenWatch({Bearer()});
  const WatchFeed feed = Feed(0);
  ASSERT_NE(feed, nullptr);
  feed->Finish(absl::OkStatus());
  watch->Read();
  EXPECT_TRUE(shows("waymark_gateway_streams_ended_total{code=\"ok\",service_called=\"bbv\"}"));
  EXPECT_EQ(calls(), before);
  gateway_.reset();

  // A provider that is away.
  options_.own["identity"] = surroundings_.WriteFile(
      "away.json", absl::StrReplaceAll(ProviderProcess::Shared().Identity(
                                           Private("oidc2.secret", ProviderProcess::kSecret)),
                                       {{absl::StrCat(ProviderProcess::Shared().port()), "1"}}));
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_TRUE(shows("waymark_gateway_provider_reachable{provider=\"demo\"} 0\n"));
}

TEST_F(GatewayPgTest, SignsNobodyInWithoutATrail) {
  ASSERT_NO_FATAL_FAILURE(Start());
  database_.Query("DROP TABLE outbox; SELECT 1");
  Browser browser = NewBrowser();
  EXPECT_EQ(browser.SignIn("nurse").status, 500);
  EXPECT_EQ(browser.SessionCookie(), "");
  EXPECT_EQ(database_.Query("SELECT count(*) FROM session"), "0");
}

class DraftPgTest : public GatewayPgTest {
 protected:
  ~DraftPgTest() override { gateway_.reset(); }
  // Another replica keeps the drafts.
  void StartWithDrafts() {
    setup_.apis.push_back({"gateway", v1::GetDraftRequest::descriptor()->file()->service(0)});
    auto started = server::Server::Start(GatewayProgram(setup_), options_);
    ASSERT_THAT(started, IsOk());
    replica_ = *std::move(started);
    options_.peers["gateway"] = absl::StrCat("127.0.0.1:", replica_->port());
    ASSERT_NO_FATAL_FAILURE(Start());
  }
  static Reply Draft(Browser& browser, const std::string& method, Json message) {
    if (method == "SaveDraft" || method == "DeleteDraft") message["requestId"] = ids::NewUuid();
    return browser.Post("/waymark.gateway.v1.DraftService/" + method, message.dump());
  }
  static Reply Save(Browser& browser, const std::string& form, const std::string& content) {
    return Draft(browser, "SaveDraft", {{"draft", {{"form", form}, {"content", content}}}});
  }
  static Json Get(Browser& browser, const std::string& form) {
    const Reply reply = Draft(browser, "GetDraft", {{"form", form}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }

  std::unique_ptr<server::Server> replica_;
};

TEST_F(DraftPgTest, KeepsADraftOverTheEndOfTheSessionForItsOwnerAlone) {
  ASSERT_NO_FATAL_FAILURE(StartWithDrafts());
  Browser desk = NewBrowser();
  ASSERT_EQ(desk.SignIn("nurse").status, 303);
  EXPECT_EQ(Get(desk, "log-bbv"), Json::object());
  const Reply saved = Save(desk, "log-bbv", R"({"fluid": "blood"})");
  EXPECT_EQ(saved.status, 200) << saved.body;
  EXPECT_EQ(Save(desk, "log-bbv", R"({"fluid": "blood", "depth": 2})").status, 200);
  EXPECT_EQ(Save(desk, "log-msk", "{}").status, 200);
  EXPECT_EQ(database_.Query("SELECT count(*) FROM draft"), "2");

  clock_.Advance(absl::Minutes(21));
  EXPECT_EQ(Save(desk, "log-bbv", "late").status, 401);
  clock_.Advance(-absl::Minutes(21));  // a token of the future is refused
  ASSERT_EQ(desk.SignIn("nurse").status, 303);
  EXPECT_EQ(Get(desk, "log-bbv")["draft"]["content"], R"({"fluid": "blood", "depth": 2})");

  // Neither a colleague, nor a lead, nor the same person of another organisation.
  for (const char* other : {"physician", "lead", "officer"}) {
    Browser theirs = NewBrowser();
    ASSERT_EQ(theirs.SignIn(other).status, 303);
    EXPECT_EQ(Get(theirs, "log-bbv"), Json::object()) << other;
    EXPECT_EQ(Draft(theirs, "ListDrafts", Json::object()).json(), Json::object()) << other;
    EXPECT_EQ(Draft(theirs, "DeleteDraft", {{"form", "log-bbv"}}).status, 200);
  }
  // No answer that these may receive can hold a clinical word.
  for (const char* other : {"manager", "hr", "operator", "auditor"}) {
    Browser theirs = NewBrowser();
    ASSERT_EQ(theirs.SignIn(other).status, 303);
    const bool reports = absl::string_view(other) == "manager";  // who is a reporter as well
    EXPECT_EQ(Save(theirs, "log-bbv", "{}").status, reports ? 200 : 403) << other;
  }
  const Reply elsewhere = desk.Send(
      "POST", "/waymark.gateway.v1.DraftService/GetDraft", R"({"form": "log-bbv"})",
      {"content-type: application/json",
       "authorization: Bearer " + surroundings_.TokenFor({"OH_NURSE"}, "other", "demo:nurse")});
  EXPECT_EQ(elsewhere.body, "{}");

  const Json list = Draft(desk, "ListDrafts", Json::object()).json();
  ASSERT_EQ(list["drafts"].size(), 2U);
  EXPECT_FALSE(list["drafts"][0].contains("content"));
  EXPECT_EQ(Draft(desk, "DeleteDraft", {{"form", "log-bbv"}}).status, 200);
  EXPECT_EQ(Draft(desk, "DeleteDraft", {{"form", "log-bbv"}}).status, 200);
  EXPECT_EQ(Get(desk, "log-bbv"), Json::object());
}

TEST_F(DraftPgTest, HoldsNothingReadableAndForgetsAfterAWeek) {
  ASSERT_NO_FATAL_FAILURE(StartWithDrafts());
  Browser desk = NewBrowser();
  ASSERT_EQ(desk.SignIn("nurse").status, 303);
  EXPECT_EQ(Save(desk, "needlestick-form", "HIV positive source").status, 200);
  for (const char* word : {"nurse", "needlestick", "HIV"}) {
    EXPECT_EQ(
        database_.Query(absl::StrCat("SELECT count(*) FROM draft d WHERE d::text LIKE '%", word,
                                     "%' OR encode(d.sealed, 'escape') LIKE '%", word, "%'")),
        "0");
  }
  // A row under another name does not open.
  database_.Query("UPDATE draft SET form_token = form_token || 'x' RETURNING 1");
  EXPECT_EQ(Draft(desk, "ListDrafts", Json::object()).status, 500);
  database_.Query("UPDATE draft SET form_token = rtrim(form_token, 'x') RETURNING 1");
  EXPECT_EQ(Draft(desk, "ListDrafts", Json::object()).status, 200);

  database_.Query(
      "UPDATE draft SET saved_at = saved_at - interval '169 hours',"
      " expires_at = expires_at - interval '169 hours' RETURNING 1");
  EXPECT_EQ(Get(desk, "needlestick-form"), Json::object());
  EXPECT_EQ(database_.Query("SELECT count(*) FROM draft"), "1");
  gateway_.reset();  // duties run at the start
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_TRUE(Eventually([&] { return database_.Query("SELECT count(*) FROM draft") == "0"; }));
}

TEST_F(DraftPgTest, HoldsItsLimits) {
  ASSERT_NO_FATAL_FAILURE(StartWithDrafts());
  Browser desk = NewBrowser();
  ASSERT_EQ(desk.SignIn("nurse").status, 303);
  EXPECT_EQ(Save(desk, "", "{}").status, 400);
  EXPECT_EQ(Save(desk, std::string(301, 'f'), "{}").status, 400);
  EXPECT_EQ(Save(desk, "form", std::string(64 * 1024, 'x')).status, 200);
  EXPECT_THAT(Save(desk, "form", std::string(64 * 1024 + 1, 'x')).body,
              HasSubstr("DRAFT_TOO_LARGE"));
  for (int i = 1; i < 50; ++i) {
    ASSERT_EQ(Save(desk, absl::StrCat("form-", i), "{}").status, 200) << i;
  }
  const Reply one_more = Save(desk, "one more", "{}");
  EXPECT_EQ(one_more.status, 429);
  EXPECT_THAT(one_more.body, HasSubstr("TOO_MANY_DRAFTS"));
  EXPECT_EQ(Save(desk, "form-7", "still").status, 200);
  Browser other = NewBrowser();
  ASSERT_EQ(other.SignIn("physician").status, 303);
  EXPECT_EQ(Save(other, "one more", "{}").status, 200);
}

TEST_F(GatewayPgTest, HoldsManyStreamsWithoutAThreadEach) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
  };
  std::vector<std::unique_ptr<Wire>> open;
  const auto before = threads();
  for (int person = 0; person < 10; ++person) {
    const std::string token =
        surroundings_.TokenFor({"OH_NURSE"}, "demo", absl::StrCat("nurse-", person));
    for (int i = 0; i < 10; ++i) {
      open.push_back(OpenWatch({"authorization: Bearer " + token}));
    }
  }
  ASSERT_NE(Feed(99), nullptr);
  EXPECT_LE(threads(), before + 8);
  for (size_t i = 0; i < 100; ++i) Offer(Feed(i), "all");
  for (const auto& wire : open) EXPECT_THAT(wire->Read(R"({"text":"all"})"), HasSubstr("all"));
  // One person's are bounded.
  const std::string token = surroundings_.TokenFor({"OH_NURSE"}, "demo", "nurse-0");
  for (int i = 0; i < 2; ++i) open.push_back(OpenWatch({"authorization: Bearer " + token}));
  ASSERT_NE(Feed(101), nullptr);
  EXPECT_THAT(OpenWatch({"authorization: Bearer " + token})->Read("TOO_MANY_CALLS"),
              HasSubstr("resource_exhausted"));
  // A browser that goes away lets go of the back end.
  open.front()->Close();
  EXPECT_TRUE(Eventually([&] {
    absl::MutexLock lock(&mutex_);
    return std::count_if(feeds_.begin(), feeds_.end(),
                         [](const WatchFeed& feed) { return feed->ended(); }) == 1;
  }));
  // At a stop they are told.
  gateway_->Stop();
  gateway_.reset();
  EXPECT_THAT(open.back()->Read(), HasSubstr("SERVER_STOPPING"));
}

TEST_F(GatewayPgTest, PassesTheEndOfAStreamOn) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto watch = OpenWatch({Bearer()});
  Offer(Feed(0), "last");
  Feed(0)->Finish(status::FailedPrecondition("RATHER_NOT", "Not now."));
  const std::string all = watch->Read();
  EXPECT_THAT(all, HasSubstr(R"({"text":"last"})"));
  EXPECT_THAT(all, HasSubstr("failed_precondition"));
  EXPECT_THAT(all, HasSubstr("RATHER_NOT"));
  EXPECT_TRUE(absl::EndsWith(all, "\r\n0\r\n\r\n")) << all;
  // Without a right to it, the refusal comes the same way.
  EXPECT_THAT(OpenWatch({"authorization: Bearer x"})->Read("unauthenticated"),
              HasSubstr("HTTP/1.1 200"));
}

TEST_F(GatewayPgTest, AnswersSmuggledRequestsOnceAndCloses) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const std::string hidden = absl::StrCat("GET /healthz HTTP/1.1\r\n", Host(), "\r\n");
  const std::string post = absl::StrCat("POST ", kEcho, " HTTP/1.1\r\n", Host(), Bearer(),
                                        "\r\ncontent-type: application/json\r\n");
  const std::vector<std::pair<std::string, std::string>> attacks = {
      {absl::StrCat(post, "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    hidden),
       "411"},
      {absl::StrCat(post, "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
                    hidden),
       "411"},
      {absl::StrCat(post, "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", hidden), "411"},
      {absl::StrCat(post, "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", hidden), "400"},
      {absl::StrCat(post, "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", hidden), "400"},
      {absl::StrCat(post, "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}", hidden), "400"},
      {absl::StrCat(post, "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", hidden), "400"},
      {absl::StrCat(post, "Content-Length: 2, 2\r\n\r\n{}", hidden), "400"},
      {absl::StrCat(post, "Content-Length: 2\n\r\n{}", hidden), "400"},
      {absl::StrCat("GET / HTTP/1.1\n", Host(), "\r\n", hidden), "400"},
      {absl::StrCat("GET /healthz HTTP/1.1\r\n", Host(), "X: a\nGET /healthz HTTP/1.1\r\n\r\n",
                    hidden),
       "400"},
      {absl::StrCat("GET /healthz HTTP/1.1\r\n", Host(), "Host: evil.test\r\n\r\n", hidden), "400"},
      {absl::StrCat("GET /healthz HTTP/1.0\r\n", Host(), "\r\n", hidden), "505"},
      {absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", hidden), "505"},
  };
  for (const auto& [bytes, status] : attacks) {
    const std::string answer = Exchange(bytes);
    EXPECT_TRUE(absl::StartsWith(answer, absl::StrCat("HTTP/1.1 ", status))) << bytes << "\n->\n"
                                                                             << answer;
    EXPECT_EQ(CountOf(answer, "HTTP/1.1 "), 1) << bytes;
  }
  // What follows an honest length is the next request, answered in order.
  Wire wire(port_);
  wire.Send(absl::StrCat(post, "Content-Length: 2\r\n\r\n{}", hidden,
                         "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(CountOf(wire.Read(), "HTTP/1.1 200"), 3);
}

TEST_F(GatewayPgTest, KnowsNoOtherHost) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_THAT(Exchange("GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"),
              HasSubstr("HTTP/1.1 421"));
}

TEST_F(GatewayPgTest, LosesPatienceWithSlowClientsAndServesTheOthers) {
  setup_.http.head_within = absl::Milliseconds(300);
  setup_.http.body_within = absl::Milliseconds(300);
  setup_.http.handshake_within = absl::Milliseconds(500);
  setup_.http.idle_for = absl::Milliseconds(600);
  setup_.http.most_connections_each = 20;
  ASSERT_NO_FATAL_FAILURE(Start());
  std::vector<std::unique_ptr<Wire>> slow;
  for (int i = 0; i < 15; ++i) {
    slow.push_back(std::make_unique<Wire>(port_));
    ASSERT_TRUE(slow.back()->connected());
    slow.back()->Send("GET / HTTP/1.1\r\nHo");
  }
  Browser browser = NewBrowser();
  EXPECT_EQ(browser.Get("/healthz").status, 200);
  // Bytes that keep coming prolong nothing: a byte is sent whenever the socket takes one, and the
  // server closes all the same.
  for (const auto& wire : slow) {
    const absl::Time began = absl::Now();
    while (absl::Now() - began < absl::Seconds(10) && wire->Send("x")) {
    }
    EXPECT_EQ(CountOf(wire->Read(), "HTTP/1.1 200"), 0);
    EXPECT_TRUE(wire->closed());
  }
  // A body that never comes, and a connection that says nothing.
  Wire body(port_);
  body.Send(absl::StrCat("POST ", kEcho, " HTTP/1.1\r\n", Host(), "Content-Length: 9\r\n\r\n{"));
  EXPECT_EQ(CountOf(body.Read(), "HTTP/1.1"), 0);
  EXPECT_TRUE(body.closed());
  Wire silent(port_);
  silent.Read();
  EXPECT_TRUE(silent.closed());
  slow.clear();
  // Too many from one place are refused, the earlier ones served.
  std::vector<std::unique_ptr<Wire>> many;
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    many.push_back(std::make_unique<Wire>(port_));
    refused += many.back()->connected() ? 0 : 1;
  }
  EXPECT_GE(refused, 5);
}

TEST_F(GatewayPgTest, ReadsNoHeaderOrBodyThatIsTooLarge) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const std::string large(20000, 'a');
  EXPECT_THAT(Exchange(absl::StrCat("GET / HTTP/1.1\r\n", Host(), "X: ", large, "\r\n\r\n")),
              HasSubstr("HTTP/1.1 431"));
  EXPECT_THAT(Exchange(absl::StrCat("GET / HTTP/1.1\r\n", Host(), "X: ", large)),
              HasSubstr("HTTP/1.1 431"));
  EXPECT_THAT(
      Exchange(absl::StrCat("GET /?", std::string(9000, 'a'), " HTTP/1.1\r\n", Host(), "\r\n")),
      HasSubstr("HTTP/1.1 414"));
  std::string many;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&many, "a", i, ": b\r\n");
  EXPECT_THAT(Exchange(absl::StrCat("GET / HTTP/1.1\r\n", Host(), many, "\r\n")),
              HasSubstr("HTTP/1.1 431"));
  EXPECT_THAT(Exchange(absl::StrCat("POST ", kEcho, " HTTP/1.1\r\n", Host(),
                                    "Content-Length: 1073741824\r\n\r\n", std::string(4096, '{'))),
              HasSubstr("HTTP/1.1 413"));
}

TEST_F(GatewayPgTest, ReachesNoFileOutsideTheConsole) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (const char* path :
       {"/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt", "/link.txt", "//etc/passwd", "/./../secret.txt", "/assets",
        "/assets/", "/index.html/../../secret.txt"}) {
    const std::string answer =
        Exchange(absl::StrCat("GET ", path, " HTTP/1.1\r\n", Host(), "Connection: close\r\n\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("the secret"))) << path;
    EXPECT_THAT(answer.substr(0, 12), ::testing::AnyOf("HTTP/1.1 400", "HTTP/1.1 404")) << path;
  }
}

TEST_F(GatewayPgTest, ServesTheConsoleWithTagsAndCompressed) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Browser browser = NewBrowser();
  const Reply page = browser.Get("/");
  EXPECT_THAT(page.body, HasSubstr("<title>Waymark</title>"));
  EXPECT_EQ(page.Header("cache-control"), "no-cache");
  EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("script-src 'self';"));
  EXPECT_THAT(page.Header("content-security-policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page.Header("strict-transport-security"), HasSubstr("max-age="));
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(browser.Get("/", {"if-none-match: " + page.Header("etag")}).status, 304);
  EXPECT_EQ(browser.Get("/cases/42", {"accept: text/html"}).body, page.body);
  EXPECT_EQ(browser.Get("/cases/42", {"accept: application/json"}).status, 404);

  const Reply script = browser.Get("/assets/app-1a2b.js", {"accept-encoding: br, gzip"});
  EXPECT_EQ(script.Header("content-encoding"), "gzip");
  EXPECT_THAT(script.Header("cache-control"), HasSubstr("immutable"));
  EXPECT_LT(script.body.size(), 100u);
  const Reply plain = browser.Get("/assets/app-1a2b.js", {"accept-encoding: gzip;q=0"});
  EXPECT_EQ(plain.body.size(), 4000u);
  EXPECT_NE(plain.Header("etag"), script.Header("etag"));
  // More than one TLS record and more than any buffer on the way.
  EXPECT_EQ(browser.Get("/assets/large-3c4d.js", {"accept-encoding: identity"}).body.size(),
            300000u);
  const Reply head = browser.Send("HEAD", "/assets/app-1a2b.js");
  EXPECT_EQ(head.Header("content-length"), "4000");
  EXPECT_EQ(browser.Send("POST", "/", "").status, 405);
}

TEST_F(GatewayPgTest, GivesNoScriptBackThatWasSentToIt) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const std::string script = "<script>alert(1)</script>";
  const std::string encoded = "%3Cscript%3Ealert(1)%3C/script%3E";
  Browser browser = NewBrowser();
  for (const std::string& path :
       {"/auth/sign-in?provider=" + encoded, "/auth/sign-in?return_to=/" + encoded,
        "/auth/callback?error=" + encoded, "/auth/callback?state=a&code=" + encoded,
        "/nothing?x=" + encoded, std::string(kEcho) + "?connect=" + encoded}) {
    const Reply reply = browser.Get(
        path, {"user-agent: " + script, "x-request-id: " + script, "referer: " + script, Bearer()});
    EXPECT_THAT(reply.body, Not(HasSubstr("<script"))) << path;
    for (const auto& [name, value] : reply.headers) {
      EXPECT_THAT(value, Not(HasSubstr("<script"))) << name;
    }
    EXPECT_EQ(reply.Header("x-content-type-options"), "nosniff");
    EXPECT_THAT(reply.Header("content-security-policy"), HasSubstr("default-src 'none'"));
  }
  // In a field it comes back as it was sent, as JSON that no browser takes for a page.
  const Reply reply = browser.Send("POST", kEcho, Json{{"text", script}}.dump(),
                                   {Bearer(), "content-type: application/json"});
  EXPECT_EQ(reply.json()["text"], script);
  EXPECT_EQ(reply.Header("content-type"), "application/json");
}

TEST_F(GatewayPgTest, StartsInProductionOnlyWithARealProvider) {
  options_.production = true;
  EXPECT_THAT(server::Server::Start(GatewayProgram(setup_), options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PEER_NOT_CONFIGURED"))
      << "nobody would hear who signs in";
  options_.peers["audit"] = "127.0.0.1:1";
  EXPECT_THAT(server::Server::Start(GatewayProgram(setup_), options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DEVELOPMENT_PROVIDER_REFUSED"));
  options_.own.erase("identity");
  EXPECT_THAT(server::Server::Start(GatewayProgram(setup_), options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "FLAG_INVALID"));
  options_.production = false;
  std::filesystem::permissions(options_.own["token-key"], std::filesystem::perms(0644));
  EXPECT_THAT(server::Server::Start(GatewayProgram(setup_), options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "KEY_FILE_MODE"));
}

TEST_F(GatewayPgTest, KeepsTheRulesOfEveryTable) {
  testing::Exempt exempt = testing::CommonExempt();
  exempt["sign_in"] = "nobody is known yet; two hashes and a sealed text";
  EXPECT_THAT(testing::WalkSchema(database_, exempt), IsEmpty());
}

}  // namespace
}  // namespace waymark::gateway
