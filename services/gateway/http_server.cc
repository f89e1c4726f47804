#include "services/gateway/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/ids/ids.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace waymark::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

constexpr size_t kReadSize = size_t{8} * 1024;
// Of a request that was refused, so that the client reads the refusal rather than a reset.
constexpr size_t kMostDrained = size_t{256} * 1024;
constexpr absl::Duration kDrainFor = absl::Milliseconds(300);

std::chrono::nanoseconds Nanos(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

metrics::Counter Refusals(const char* why) {
  return metrics::Default().GetCounter("waymark_gateway_http_refusals_total",
                                       "Connections and requests that the door refused.",
                                       {{"reason", why}});
}

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTls(const std::string& folder) {
  auto tls = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code error;
  tls->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       ssl::context::single_dh_use,
                   error);
  if (!error) tls->use_certificate_chain_file(folder + "/tls.crt", error);
  if (!error) tls->use_private_key_file(folder + "/tls.key", ssl::context::pem, error);
  if (!error && SSL_CTX_check_private_key(tls->native_handle()) != 1) {
    error = boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
  }
  if (error) {
    return status::FailedPrecondition(
        "HTTPS_CERTIFICATE", absl::StrCat("There is no tls.crt with its tls.key in ", folder, "."));
  }
  SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An answer to an offer of HTTP/2 that says what is spoken here.
  SSL_CTX_set_alpn_select_cb(
      tls->native_handle(),
      [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
         unsigned int in_size, void*) {
        static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
        unsigned char* chosen = nullptr;
        if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof(kHttp11), in, in_size) !=
            OPENSSL_NPN_NEGOTIATED) {
          return SSL_TLSEXT_ERR_ALERT_FATAL;
        }
        *out = chosen;
        return SSL_TLSEXT_ERR_OK;
      },
      nullptr);
  return tls;
}

// For the alert that every service has for its own certificate.
void ReportExpiry(ssl::context& tls) {
  std::tm end = {};
  const X509* certificate = SSL_CTX_get0_certificate(tls.native_handle());
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return;
  metrics::Default()
      .GetGauge("waymark_certificate_expiry_seconds", "Unix time at which our certificate ends.",
                {{"service", "gateway, for browsers"}})
      .Set(static_cast<double>(timegm(&end)));
}

bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

class Connection;

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  explicit State(HttpOptions given)
      : options(std::move(given)),
        context(std::max(1, options.threads)),
        acceptor(asio::make_strand(context)),
        pause(acceptor.get_executor()) {}

  const HttpOptions options;
  Handler handler;  // set before the first thread starts
  asio::io_context context;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::vector<std::thread> threads;
  int port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<int> open{0};
  absl::Mutex mutex;
  std::shared_ptr<ssl::context> tls ABSL_GUARDED_BY(mutex);
  std::map<std::string, int> by_address ABSL_GUARDED_BY(mutex);
  std::set<Connection*> live ABSL_GUARDED_BY(mutex);
  const metrics::Gauge connections_gauge = metrics::Default().GetGauge(
      "waymark_gateway_connections", "Connections of browsers and clients.");
  const metrics::Gauge limit_gauge = metrics::Default().GetGauge(
      "waymark_gateway_connections_limit", "How many of them there may be at once.");

  void Accept();
  bool Admit(const std::string& address, Connection* connection);
  void Leave(const std::string& address, Connection* connection);
  void Each(void (Connection::*act)());
  bool AwaitNone(absl::Duration within);
};

// One connection: reads a request, hands it over, writes the answer, and again. All of it runs on
// its own strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<HttpServer::State> server, tcp::socket socket,
             std::shared_ptr<ssl::context> tls, std::string address)
      : server_(std::move(server)),
        tls_(std::move(tls)),
        stream_(beast::tcp_stream(std::move(socket)), *tls_),
        address_(std::move(address)),
        write_timer_(stream_.get_executor()) {}
  ~Connection() {
    if (admitted_) server_->Leave(address_, this);
  }

  bool Admit() { return admitted_ = server_->Admit(address_, this); }

  void Run() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->Handshake(); });
  }

  // When the server stops: a connection that waits for a request is closed, another when it has
  // been answered.
  void Retire() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      self->keep_alive_ = false;
      if (self->waiting_) self->Close();
    });
  }
  void Kill() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->Close(); });
  }

  // For the exchange.
  void Post(std::function<void()> work) { asio::post(stream_.get_executor(), std::move(work)); }
  void Respond(HttpResponse response);
  void Begin(const HttpResponse& head, std::function<void()> gone);
  void Write(std::string bytes, std::function<void()> written);
  void Finish();

 private:
  const HttpOptions& options() const { return server_->options; }
  void Expire(absl::Duration after) {
    beast::get_lowest_layer(stream_).expires_after(Nanos(after));
  }

  void Handshake();
  void ReadHead();
  void ReadMore();
  void OnHead(size_t size);
  void OnRequest();
  void Refuse(int status, absl::string_view reason);
  void WriteAnswer(HttpResponse response);
  void SendBuffers(std::function<void(error_code)> then);
  void AfterAnswer(error_code error);
  void WatchForEnd();
  void Gone();
  void Drain();
  void Shutdown();
  void Close();
  std::string HeadOf(const HttpResponse& response, std::optional<size_t> length) const;

  const std::shared_ptr<HttpServer::State> server_;
  const std::shared_ptr<ssl::context> tls_;
  beast::ssl_stream<beast::tcp_stream> stream_;
  const std::string address_;
  asio::steady_timer write_timer_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  Head head_;
  std::string id_;
  bool admitted_ = false;
  bool waiting_ = false;  // for the first byte of a request
  bool keep_alive_ = true;
  bool without_body_ = false;  // the answer to HEAD
  bool streaming_ = false;
  bool finishing_ = false;
  bool writing_ = false;
  bool closed_ = false;
  size_t drained_ = 0;
  std::string out_head_;
  std::string out_body_;
  std::shared_ptr<const std::string> out_shared_;
  std::function<void()> gone_;
  std::function<void()> written_;
};

// The place of one answer; a later request of the connection has another.
class Turn final : public Exchange {
 public:
  explicit Turn(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  // A handler that forgot to answer must not hold the connection for ever.
  ~Turn() override {
    Finish();
    if (!answered_.exchange(true)) connection_->Post([c = connection_] { c->Kill(); });
  }

  void Respond(HttpResponse response) override {
    if (answered_.exchange(true)) return;
    connection_->Post([c = connection_, response = std::move(response)]() mutable {
      c->Respond(std::move(response));
    });
  }
  void Begin(HttpResponse head, std::function<void()> gone) override {
    if (answered_.exchange(true)) return;
    begun_ = true;
    connection_->Post([c = connection_, head = std::move(head), gone = std::move(gone)]() mutable {
      c->Begin(head, std::move(gone));
    });
  }
  void Write(std::string bytes, std::function<void()> written) override {
    if (!begun_) return;
    connection_->Post(
        [c = connection_, bytes = std::move(bytes), written = std::move(written)]() mutable {
          c->Write(std::move(bytes), std::move(written));
        });
  }
  void Finish() final {
    if (!begun_.exchange(false)) return;
    connection_->Post([c = connection_] { c->Finish(); });
  }

 private:
  const std::shared_ptr<Connection> connection_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> begun_{false};
};

void Connection::Handshake() {
  Expire(options().handshake_within);
  stream_.async_handshake(ssl::stream_base::server, [self = shared_from_this()](error_code error) {
    if (error) return self->Close();
    self->ReadHead();
  });
}

void Connection::ReadHead() {
  head_ = Head();
  parser_.reset();
  waiting_ = buffer_.size() == 0;
  if (waiting_ && server_->stopping) return Shutdown();
  Expire(waiting_ ? options().idle_for : options().head_within);
  if (!waiting_) {
    // Sent in advance, behind the request before.
    const absl::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (const size_t size = HeadSize(bytes); size > 0) return OnHead(size);
    if (buffer_.size() > options().head.most_bytes)
      return Refuse(431, "The headers are too large.");
  }
  ReadMore();
}

void Connection::ReadMore() {
  stream_.async_read_some(
      buffer_.prepare(kReadSize), [self = shared_from_this()](error_code error, size_t count) {
        if (error) {
          if (error == beast::error::timeout && !self->waiting_) {
            static const metrics::Counter slow = Refusals("slow_head");
            slow.Increment();
          }
          return self->Close();
        }
        self->buffer_.commit(count);
        // The time for the head runs from its first byte and no byte after it prolongs it.
        if (self->waiting_) self->Expire(self->options().head_within);
        self->waiting_ = false;
        const absl::string_view bytes(static_cast<const char*>(self->buffer_.data().data()),
                                      self->buffer_.size());
        if (const size_t size = HeadSize(bytes); size > 0) return self->OnHead(size);
        if (self->buffer_.size() > self->options().head.most_bytes) {
          return self->Refuse(431, "The headers are too large.");
        }
        self->ReadMore();
      });
}

void Connection::OnHead(size_t size) {
  id_ = ids::NewUuid();
  head_ = gateway::ReadHead(
      absl::string_view(static_cast<const char*>(buffer_.data().data()), size), options().head);
  if (head_.status != 0) return Refuse(head_.status, head_.reason);
  keep_alive_ = head_.keep_alive && !server_->stopping;
  without_body_ = head_.method == "HEAD";
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(options().head.most_bytes));
  parser_->body_limit(options().head.most_body_bytes);
  Expire(options().body_within);
  beast::http::async_read(
      stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
        if (!error) return self->OnRequest();
        if (error == beast::error::timeout) {
          static const metrics::Counter slow = Refusals("slow_body");
          slow.Increment();
          return self->Close();
        }
        const error_code any = beast::http::error::bad_method;
        if (error.category() != any.category() || error == beast::http::error::partial_message ||
            error == beast::http::error::end_of_stream) {
          return self->Close();
        }
        self->Refuse(400, "The request cannot be read.");
      });
}

void Connection::OnRequest() {
  // Nothing runs out while the answer is made: the handler has a deadline of its own.
  beast::get_lowest_layer(stream_).expires_never();
  auto message = parser_->release();
  parser_.reset();
  // Beast and the check of the head must have read the same request.
  if (absl::string_view(message.method_string().data(), message.method_string().size()) !=
          head_.method ||
      message.body().size() != head_.content_length) {
    return Refuse(400, "The request cannot be read.");
  }
  HttpRequest request = {.method = std::move(head_.method),
                         .path = std::move(head_.path),
                         .query = std::move(head_.query),
                         .headers = std::move(head_.headers),
                         .body = std::move(message.body()),
                         .address = address_,
                         .id = id_};
  server_->handler(std::move(request), std::make_shared<Turn>(shared_from_this()));
}

void Connection::Refuse(int status, absl::string_view reason) {
  static const metrics::Counter refused = Refusals("malformed");
  refused.Increment();
  keep_alive_ = false;
  drained_ = 1;
  WriteAnswer(
      {.status = status,
       .headers = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
       .body = absl::StrCat(reason, "\n")});
}

std::string Connection::HeadOf(const HttpResponse& response, std::optional<size_t> length) const {
  const auto reason = beast::http::obsolete_reason(
      beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head = absl::StrCat("HTTP/1.1 ", response.status, " ",
                                  absl::string_view(reason.data(), reason.size()), "\r\n");
  const auto add = [&head](absl::string_view name, absl::string_view value) {
    // A line break in a value would begin another header; no value of ours has one.
    if (value.find_first_of("\r\n") != absl::string_view::npos) return;
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  };
  add("date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
  for (const auto& [name, value] : options().common_headers) add(name, value);
  for (const auto& [name, value] : response.headers) add(name, value);
  if (!id_.empty()) add("x-request-id", id_);
  if (length.has_value()) {
    if (MayHaveBody(response.status)) add("content-length", absl::StrCat(*length));
  } else {
    add("transfer-encoding", "chunked");
  }
  add("connection", keep_alive_ ? "keep-alive" : "close");
  absl::StrAppend(&head, "\r\n");
  return head;
}

void Connection::Respond(HttpResponse response) {
  if (closed_) return;
  WriteAnswer(std::move(response));
}

void Connection::WriteAnswer(HttpResponse response) {
  const size_t size =
      response.shared_body != nullptr ? response.shared_body->size() : response.body.size();
  if (server_->stopping) keep_alive_ = false;
  out_head_ = HeadOf(response, size);
  out_body_.clear();
  out_shared_.reset();
  if (!without_body_ && MayHaveBody(response.status)) {
    out_body_ = std::move(response.body);
    out_shared_ = std::move(response.shared_body);
  }
  Expire(options().write_within);
  SendBuffers([this](error_code error) { AfterAnswer(error); });
}

// The caller's `then` is kept alive, with this, until the bytes are gone.
void Connection::SendBuffers(std::function<void(error_code)> then) {
  const std::string& body = out_shared_ != nullptr ? *out_shared_ : out_body_;
  // One TLS record where possible: small answers are joined.
  if (body.size() <= kReadSize && !body.empty()) {
    out_head_ += body;
    out_body_.clear();
    out_shared_.reset();
  }
  const std::string& rest = out_shared_ != nullptr ? *out_shared_ : out_body_;
  // Not an array of two: Asio 1.74 keeps the first of those as an empty buffer once it is written,
  // and Beast's TLS stream takes that for the end.
  const std::vector<asio::const_buffer> buffers = {asio::buffer(out_head_), asio::buffer(rest)};
  asio::async_write(stream_, buffers,
                    [self = shared_from_this(), then = std::move(then)](error_code error, size_t) {
                      then(error);
                    });
}

void Connection::AfterAnswer(error_code error) {
  out_head_.clear();
  out_body_.clear();
  out_shared_.reset();
  if (error) return Close();
  if (keep_alive_) return ReadHead();
  if (drained_ > 0) return Drain();
  Shutdown();
}

void Connection::Begin(const HttpResponse& head, std::function<void()> gone) {
  if (closed_) return gone();
  gone_ = std::move(gone);
  streaming_ = true;
  // What may come from the client while it is served has no place in the order of answers.
  keep_alive_ = false;
  writing_ = true;
  out_head_ = HeadOf(head, std::nullopt);
  write_timer_.expires_after(Nanos(options().write_within));
  write_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->writing_) self->Gone();
  });
  SendBuffers([this](error_code error) {
    writing_ = false;
    write_timer_.cancel();
    out_head_.clear();
    if (error) return Gone();
    if (written_) std::exchange(written_, nullptr)();
    if (finishing_) Finish();
  });
  WatchForEnd();
}

// Nothing is expected from the client while its stream is open; what comes is its end.
void Connection::WatchForEnd() {
  stream_.async_read_some(buffer_.prepare(64), [self = shared_from_this()](error_code, size_t) {
    if (self->streaming_) self->Gone();
  });
}

void Connection::Write(std::string bytes, std::function<void()> written) {
  if (closed_ || !streaming_ || finishing_) return;
  if (writing_) {
    // Only the head can be under way: the handler writes one message at a time.
    written_ = [this, bytes = std::move(bytes), written = std::move(written)]() mutable {
      Write(std::move(bytes), std::move(written));
    };
    return;
  }
  writing_ = true;
  out_head_ = absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
  write_timer_.expires_after(Nanos(options().write_within));
  write_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->writing_) {
      static const metrics::Counter slow = Refusals("slow_reader");
      slow.Increment();
      self->Gone();
    }
  });
  SendBuffers([this, written = std::move(written)](error_code error) {
    writing_ = false;
    write_timer_.cancel();
    out_head_.clear();
    if (error) return Gone();
    if (written) written();
    if (finishing_ && !writing_) Finish();
  });
}

void Connection::Finish() {
  if (closed_ || !streaming_) return;
  finishing_ = true;
  if (writing_) return;
  streaming_ = false;
  const std::function<void()> gone = std::exchange(gone_, nullptr);
  out_head_ = "0\r\n\r\n";
  Expire(options().write_within);
  SendBuffers([this](error_code) { Shutdown(); });
  if (gone) gone();
}

void Connection::Gone() {
  streaming_ = false;
  writing_ = false;
  Close();
}

void Connection::Drain() {
  if (drained_ == 1) Expire(kDrainFor);  // and no piece that comes prolongs it
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kReadSize),
                          [self = shared_from_this()](error_code error, size_t count) {
                            self->drained_ += count;
                            if (error || self->drained_ > kMostDrained) return self->Shutdown();
                            self->Drain();
                          });
}

void Connection::Shutdown() {
  if (closed_) return;
  Expire(absl::Seconds(2));
  stream_.async_shutdown([self = shared_from_this()](error_code) { self->Close(); });
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  write_timer_.cancel();
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
  written_ = nullptr;
  if (const std::function<void()> gone = std::exchange(gone_, nullptr); gone) gone();
}

void HttpServer::State::Accept() {
  acceptor.async_accept(asio::make_strand(context), [this](error_code error, tcp::socket socket) {
    if (stopping || !acceptor.is_open()) return;
    if (error) {
      // Out of file descriptors, most likely: try again shortly.
      pause.expires_after(std::chrono::milliseconds(50));
      pause.async_wait([this](error_code stopped) {
        if (!stopped) Accept();
      });
      return;
    }
    error_code ignored;
    const tcp::endpoint peer = socket.remote_endpoint(ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const int idle = 60;
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
    std::shared_ptr<ssl::context> current;
    {
      absl::MutexLock lock(&mutex);
      current = tls;
    }
    auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket),
                                                   std::move(current), peer.address().to_string());
    if (connection->Admit()) {
      connection->Run();
    } else {
      static const metrics::Counter full = Refusals("too_many_connections");
      full.Increment();
    }
    Accept();
  });
}

bool HttpServer::State::Admit(const std::string& address, Connection* connection) {
  absl::MutexLock lock(&mutex);
  if (open >= options.most_connections) return false;
  int& of_address = by_address[address];
  if (of_address >= options.most_connections_each) return false;
  ++of_address;
  live.insert(connection);
  connections_gauge.Set(++open);
  return true;
}

void HttpServer::State::Leave(const std::string& address, Connection* connection) {
  absl::MutexLock lock(&mutex);
  live.erase(connection);
  if (--by_address[address] == 0) by_address.erase(address);
  connections_gauge.Set(--open);
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(HttpOptions options) {
  const size_t colon = options.listen.rfind(':');
  int port = 0;
  error_code error;
  asio::ip::address address;
  if (colon != std::string::npos) {
    address = asio::ip::make_address(options.listen.substr(0, colon), error);
  }
  if (colon == std::string::npos || error ||
      !absl::SimpleAtoi(options.listen.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return status::FailedPrecondition(
        "LISTEN_FAILED", absl::StrCat(options.listen, " is not an IP address and a port."));
  }
  auto state = std::make_shared<State>(std::move(options));
  state->limit_gauge.Set(state->options.most_connections);
  {
    ASSIGN_OR_RETURN(auto tls, MakeTls(state->options.certificates));
    ReportExpiry(*tls);
    absl::MutexLock lock(&state->mutex);
    state->tls = std::move(tls);
  }
  const tcp::endpoint endpoint(address, static_cast<unsigned short>(port));
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return status::FailedPrecondition(
        "LISTEN_FAILED", absl::StrCat("Cannot listen on ", state->options.listen, "."));
  }
  state->port = state->acceptor.local_endpoint().port();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

void HttpServer::Serve(Handler handler) {
  state_->handler = std::move(handler);
  state_->Accept();
  for (int i = 0; i < std::max(1, state_->options.threads); ++i) {
    // The state outlives its threads: Stop joins them.
    state_->threads.emplace_back([raw = state_.get()] { raw->context.run(); });
  }
}

int HttpServer::port() const { return state_->port; }

int HttpServer::connections() const { return state_->open; }

absl::Status HttpServer::ReloadCertificates() {
  ASSIGN_OR_RETURN(auto tls, MakeTls(state_->options.certificates));
  ReportExpiry(*tls);
  absl::MutexLock lock(&state_->mutex);
  state_->tls = std::move(tls);
  return absl::OkStatus();
}

void HttpServer::State::Each(void (Connection::*act)()) {
  std::vector<std::shared_ptr<Connection>> asked;
  {
    absl::MutexLock lock(&mutex);
    for (Connection* connection : live) {
      if (auto held = connection->weak_from_this().lock(); held != nullptr) {
        asked.push_back(std::move(held));
      }
    }
  }
  for (const auto& connection : asked) (connection.get()->*act)();
}

bool HttpServer::State::AwaitNone(absl::Duration within) {
  const auto none = [this] { return open == 0; };
  absl::MutexLock lock(&mutex);
  return mutex.AwaitWithTimeout(absl::Condition(&none), within);
}

void HttpServer::Retire() {
  if (state_->stopping.exchange(true)) return;
  asio::post(state_->acceptor.get_executor(), [state = state_.get()] {
    error_code ignored;
    state->acceptor.close(ignored);
    state->pause.cancel();
  });
  state_->Each(&Connection::Retire);
  state_->AwaitNone(state_->options.stop_within);
}

void HttpServer::Stop() {
  Retire();
  if (state_->threads.empty()) return;
  state_->Each(&Connection::Kill);
  // Without a connection the threads have nothing left to do and end by themselves.
  if (!state_->AwaitNone(absl::Seconds(2))) state_->context.stop();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

}  // namespace waymark::gateway
