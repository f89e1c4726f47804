#include "services/gateway/static_files.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/crypto.h"
#include "common/status/status.h"

namespace waymark::gateway {
namespace {

constexpr uintmax_t kMostBytes = uintmax_t{64} * 1024 * 1024;
constexpr size_t kWorthCompressing = 512;

struct Type {
  absl::string_view ending;
  absl::string_view type;
  bool compresses;
};
constexpr std::array<Type, 14> kTypes = {{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".ico", "image/x-icon", false},
    {".woff", "font/woff", false},
    {".woff2", "font/woff2", false},
    {".wasm", "application/wasm", true},
}};

Type TypeOf(absl::string_view path) {
  for (const Type& type : kTypes) {
    if (absl::EndsWith(path, type.ending)) return type;
  }
  return {"", "application/octet-stream", false};
}

absl::Status Unreadable(absl::string_view what) {
  return status::FailedPrecondition("STATIC_UNREADABLE", what);
}

bool Matches(absl::string_view if_none_match, absl::string_view etag) {
  for (absl::string_view one : absl::StrSplit(if_none_match, ',')) {
    one = absl::StripAsciiWhitespace(one);
    absl::ConsumePrefix(&one, "W/");
    if (one == "*" || one == etag) return true;
  }
  return false;
}

}  // namespace

std::string Gzip(absl::string_view bytes, int level) {
  z_stream stream = {};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return "";
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(result == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

bool AcceptsGzip(absl::string_view header) {
  for (const absl::string_view one : absl::StrSplit(header, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(one, absl::MaxSplits(';', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), "gzip")) continue;
    absl::string_view weight = absl::StripAsciiWhitespace(parts.second);
    double value = 1;
    return !absl::ConsumePrefix(&weight, "q=") || (absl::SimpleAtod(weight, &value) && value > 0);
  }
  return false;
}

void CompressFor(const HttpRequest& request, HttpResponse& response) {
  constexpr size_t kOnePacket = 1400;
  constexpr int kQuick = 4;
  if (response.body.size() < kOnePacket || !AcceptsGzip(request.Header("accept-encoding"))) return;
  std::string small = Gzip(response.body, kQuick);
  if (small.empty() || small.size() >= response.body.size()) return;
  response.body = std::move(small);
  response.headers.emplace_back("content-encoding", "gzip");
}

absl::StatusOr<StaticFiles> StaticFiles::Load(const std::string& folder) {
  StaticFiles files;
  uintmax_t total = 0;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_symlink() || !it->is_regular_file()) continue;
    const std::string path =
        absl::StrCat("/", std::filesystem::relative(it->path(), folder).generic_string());
    total += it->file_size();
    if (total > kMostBytes) return Unreadable(absl::StrCat(folder, " holds more than 64 MiB."));
    std::ifstream stream(it->path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) return Unreadable(absl::StrCat("Cannot read a file in ", folder, "."));
    const Type type = TypeOf(path);
    const crypto::Digest digest = crypto::Sha256(bytes);
    File file = {.type = std::string(type.type),
                 .etag = absl::StrCat("\"",
                                      crypto::Base64Url(absl::string_view(
                                          reinterpret_cast<const char*>(digest.data()), 18)),
                                      "\""),
                 .immutable = absl::StartsWith(path, "/assets/")};
    if (type.compresses && bytes.size() >= kWorthCompressing) {
      std::string small = Gzip(bytes, Z_BEST_COMPRESSION);
      if (!small.empty() && small.size() < bytes.size()) {
        file.gzip = std::make_shared<const std::string>(std::move(small));
      }
    }
    file.plain = std::make_shared<const std::string>(std::move(bytes));
    files.files_[path] = std::move(file);
  }
  if (error) return Unreadable(absl::StrCat("Cannot read the folder ", folder, "."));
  if (!files.files_.contains("/index.html")) {
    return Unreadable(absl::StrCat("There is no index.html in ", folder, "."));
  }
  return files;
}

HttpResponse StaticFiles::Get(const HttpRequest& request) const {
  auto found = files_.find(request.path == "/" ? "/index.html" : request.path);
  if (found == files_.end()) {
    const absl::string_view last =
        absl::string_view(request.path).substr(request.path.rfind('/') + 1);
    // A page of the console: its own code knows which.
    if (!absl::StrContains(last, ".") && absl::StrContains(request.Header("accept"), "text/html")) {
      found = files_.find("/index.html");
    }
  }
  if (found == files_.end()) {
    return {
        .status = 404,
        .headers = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
        .body = "There is nothing at this address.\n"};
  }
  const File& file = found->second;
  const bool gzip = file.gzip != nullptr && AcceptsGzip(request.Header("accept-encoding"));
  // The compressed form is another representation, so it has another tag.
  const std::string etag =
      gzip ? absl::StrCat(file.etag.substr(0, file.etag.size() - 1), "-gzip\"") : file.etag;
  HttpResponse response = {
      .headers = {
          {"etag", etag},
          {"cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
          {"vary", "accept-encoding"}}};
  if (Matches(request.Header("if-none-match"), etag)) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("content-type", file.type);
  if (gzip) response.headers.emplace_back("content-encoding", "gzip");
  response.shared_body = gzip ? file.gzip : file.plain;
  return response;
}

}  // namespace waymark::gateway
