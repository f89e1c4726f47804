#include "services/gateway/sessions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/caller.h"
#include "common/crypto/crypto.h"
#include "common/db/transaction.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "waymark/options/v1/rule.pb.h"

namespace waymark::gateway {
namespace {

using Json = nlohmann::json;

constexpr size_t kSecretSize = 32;
constexpr size_t kMostBelieved = 20000;
constexpr char kSignInMethod[] = "waymark.gateway.sign-in";

std::string Bytes(const crypto::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

struct Parsed {
  std::string tenant;
  std::string secret;
  std::string key;
};

std::optional<Parsed> Parse(absl::string_view cookie) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(cookie, absl::MaxSplits('.', 1));
  if (cookie.size() > 200 || !access::IsTenant(parts.first)) return std::nullopt;
  const std::optional<std::string> secret = crypto::FromBase64Url(parts.second);
  if (!secret.has_value() || secret->size() != kSecretSize) return std::nullopt;
  return Parsed{std::string(parts.first), *secret, Bytes(crypto::Sha256(*secret))};
}

// Told to the page, which sends it back in a header: another site can make the browser send the
// cookie, and cannot read this.
std::string CsrfOf(absl::string_view secret) {
  return crypto::Base64Url(Bytes(crypto::HmacSha256(secret, "waymark csrf")));
}

std::string ContentOf(const Person& person, const std::string& provider,
                      const std::string& id_token) {
  return Json{
      {"user_id", person.user_id},   {"roles", person.roles}, {"subject_id", person.subject_id},
      {"name", person.display_name}, {"provider", provider},  {"id_token", id_token}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<std::shared_ptr<const Session>> FromRow(const store::SessionRow& row,
                                                       const Parsed& parsed) {
  const Json json = Json::parse(row.content, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return status::DataLoss("SESSION_BROKEN", "The session cannot be read.");
  auto session = std::make_shared<Session>();
  session->key = row.session_hash;
  session->person = {.user_id = json.value("user_id", ""),
                     .tenant = row.tenant,
                     .roles = json.value("roles", std::vector<std::string>()),
                     .subject_id = json.value("subject_id", ""),
                     .display_name = json.value("name", "")};
  session->provider = json.value("provider", "");
  session->id_token = json.value("id_token", "");
  session->csrf = CsrfOf(parsed.secret);
  session->ends = row.ends;
  session->last_used = row.last_used;
  return session;
}

absl::Status Missing() { return status::Unauthenticated("SESSION_MISSING", "Sign in first."); }

absl::Status Expired() {
  return status::Unauthenticated("SESSION_EXPIRED", "Your session is over: sign in again.");
}

}  // namespace

rpc::Call ActAtTheDoor(const std::string& method, const Person& person) {
  // As the rule of an RPC: its purpose stands in the leaf.
  static const auto* const rule = [] {
    auto* door = new options::v1::Rule;
    door->set_purpose("Signing in and out.");
    return door;
  }();
  rpc::Call call;
  call.caller.user_id = person.user_id;
  call.caller.tenant = person.tenant;
  call.caller.service = "gateway";
  for (const std::string& name : person.roles) {
    options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
    if (options::v1::Role_Parse(absl::StrCat("ROLE_", name), &role)) {
      call.caller.roles.push_back(role);
    }
  }
  call.method = method;
  call.rule = rule;
  return call;
}

Sessions::Sessions(SessionOptions options, store::Store& store, casework::AuditTrail& trail,
                   crypto::Pseudonymiser pseudonymiser, SigningKey key, const clock::Clock& clock)
    : options_(std::move(options)),
      store_(store),
      trail_(trail),
      pseudonymiser_(std::move(pseudonymiser)),
      key_(std::move(key)),
      clock_(clock) {}

absl::StatusOr<std::string> Sessions::Create(absl::Time deadline, const Person& person,
                                             const std::string& provider,
                                             const std::string& id_token) {
  const std::string secret = crypto::RandomBytes(kSecretSize);
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(store_.InsertSession(
      deadline,
      {.tenant = person.tenant,
       .session_hash = Bytes(crypto::Sha256(secret)),
       .user_token = pseudonymiser_.Token("user", person.user_id),
       .created = now,
       .last_used = now,
       .ends = now + options_.longest,
       .content = ContentOf(person, provider, id_token)},
      [&](db::Transaction& txn) {
        return trail_.Append(
            txn, ActAtTheDoor(kSignInMethod, person),
            {{.action = audit::v1::ACTION_SIGN_IN, .object_type = "session", .object_count = 1}});
      }));
  return absl::StrCat(person.tenant, ".", crypto::Base64Url(secret));
}

absl::Status Sessions::RecordRefusal(absl::Time deadline, const Person& known,
                                     const absl::Status& why) {
  if (known.tenant.empty() || known.user_id.empty()) return absl::OkStatus();
  return store_.Write(deadline, known.tenant, [&](db::Transaction& txn) {
    return trail_.Append(txn, ActAtTheDoor(kSignInMethod, known),
                         {{.action = audit::v1::ACTION_REFUSED,
                           .object_type = "session",
                           .reason = status::Reason(why)}});
  });
}

std::shared_ptr<const Session> Sessions::Believed(absl::string_view cookie) {
  const std::optional<Parsed> parsed = Parse(cookie);
  if (!parsed.has_value()) return nullptr;
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  const auto found = believed_.find(parsed->key);
  if (found == believed_.end() || now - found->second.read >= options_.believed_for ||
      now >= found->second.session->ends ||
      found->second.session->person.tenant != parsed->tenant) {
    return nullptr;
  }
  return found->second.session;
}

absl::StatusOr<std::shared_ptr<const Session>> Sessions::Find(absl::Time deadline,
                                                              absl::string_view cookie,
                                                              bool background) {
  const std::optional<Parsed> parsed = Parse(cookie);
  if (!parsed.has_value()) return Missing();
  const absl::Time now = clock_.Now();
  const absl::StatusOr<std::optional<store::SessionRow>> found =
      store_.ReadSession(deadline, parsed->tenant, parsed->key);
  static const metrics::Counter failed = metrics::Default().GetCounter(
      "waymark_gateway_session_errors_total", "Sessions that could not be looked up.");
  if (!found.ok()) {
    failed.Increment();
    return found.status();
  }
  const std::optional<store::SessionRow>& row = *found;
  if (!row.has_value() || now >= row->ends || now >= row->last_used + options_.idle) {
    Forget(parsed->key);
    return Expired();
  }
  absl::Time noted = row->last_used;
  if (!background && now - row->last_used >= options_.note_use_every) {
    RETURN_IF_ERROR(store_.TouchSession(deadline, parsed->tenant, parsed->key, now));
    noted = now;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const Session> session, FromRow(*row, *parsed));
  absl::MutexLock lock(&mutex_);
  if (believed_.size() >= kMostBelieved) believed_.clear();
  Entry& entry = believed_[parsed->key];
  entry.session = session;
  entry.read = now;
  entry.noted = noted;
  return session;
}

absl::StatusOr<bool> Sessions::IsLive(absl::Time deadline, const std::string& tenant,
                                      const std::string& key) {
  ASSIGN_OR_RETURN(const std::optional<store::SessionRow> row,
                   store_.ReadSession(deadline, tenant, key));
  const absl::Time now = clock_.Now();
  return row.has_value() && now < row->ends && now < row->last_used + options_.idle;
}

void Sessions::Forget(const std::string& key) {
  {
    absl::MutexLock lock(&mutex_);
    believed_.erase(key);
  }
  ended_(key);
}

absl::Status Sessions::End(absl::Time deadline, const Session& session, const rpc::Call& call) {
  const absl::Status status =
      store_.DeleteSession(deadline, session.person.tenant, session.key, [&](db::Transaction& txn) {
        return trail_.Append(
            txn, call,
            {{.action = audit::v1::ACTION_SIGN_OUT, .object_type = "session", .object_count = 1}});
      });
  if (status.ok()) Forget(session.key);
  return status;
}

absl::StatusOr<int64_t> Sessions::EndAllOf(absl::Time deadline, const rpc::Call& call,
                                           const std::string& user_id) {
  const std::string& tenant = call.caller.tenant;
  ASSIGN_OR_RETURN(
      const int64_t count,
      store_.DeleteSessionsOf(deadline, tenant, pseudonymiser_.Token("user", user_id),
                              [&](db::Transaction& txn, int64_t ended) {
                                if (ended == 0) return absl::OkStatus();
                                return trail_.Append(
                                    txn, call,
                                    {{.action = audit::v1::ACTION_SIGN_OUT,
                                      .object_type = "session",
                                      // Whose, when they are somebody else's.
                                      .object_id = call.caller.user_id == user_id ? "" : user_id,
                                      .object_count = static_cast<int>(ended)}});
                              }));
  std::vector<std::string> ended;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, entry] : believed_) {
      const Person& person = entry.session->person;
      if (person.tenant == tenant && person.user_id == user_id) ended.push_back(key);
    }
  }
  for (const std::string& key : ended) Forget(key);
  return count;
}

absl::StatusOr<std::string> Sessions::Mint(const Session& session, absl::Duration valid_for,
                                           absl::Time* expiry) {
  const absl::Time now = clock_.Now();
  *expiry = std::min(now + valid_for, session.ends);
  Json claims = {{"iss", options_.issuer},
                 {"aud", options_.audience},
                 {"sub", session.person.user_id},
                 {"tenant", session.person.tenant},
                 {"roles", session.person.roles},
                 {"jti", ids::NewUuid()},
                 {"iat", absl::ToUnixSeconds(now)},
                 {"nbf", absl::ToUnixSeconds(now)},
                 {"exp", absl::ToUnixSeconds(*expiry)}};
  if (!session.person.subject_id.empty()) claims["subject_id"] = session.person.subject_id;
  return key_.Sign(claims);
}

absl::StatusOr<std::string> Sessions::CallToken(const Session& session) {
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = believed_.find(session.key);
    // A call may last half a minute, and its token longer than that.
    if (found != believed_.end() && !found->second.token.empty() &&
        found->second.token_expiry > now + options_.call_token / 2) {
      return found->second.token;
    }
  }
  absl::Time expiry;
  ASSIGN_OR_RETURN(std::string token, Mint(session, options_.call_token, &expiry));
  absl::MutexLock lock(&mutex_);
  if (const auto found = believed_.find(session.key); found != believed_.end()) {
    found->second.token = token;
    found->second.token_expiry = expiry;
  }
  return token;
}

absl::StatusOr<std::string> Sessions::StreamToken(const Session& session) {
  absl::Time expiry;
  return Mint(session, options_.stream_token, &expiry);
}

absl::Status Sessions::Tend(absl::Time deadline, const std::vector<std::string>& tenants) {
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    absl::erase_if(believed_, [&](const auto& entry) {
      return now - entry.second.read >= 10 * options_.believed_for &&
             entry.second.token_expiry <= now;
    });
  }
  RETURN_IF_ERROR(store_.PurgeSignIns(deadline, now));
  for (const std::string& tenant : tenants) {
    RETURN_IF_ERROR(store_.PurgeSessions(deadline, tenant, now, now - options_.idle));
  }
  return absl::OkStatus();
}

}  // namespace waymark::gateway
