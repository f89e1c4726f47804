// The console's files, read into memory at the start. What is served is what was found then, by its
// exact path: no path from outside ever reaches the file system.
#ifndef WAYMARK_SERVICES_GATEWAY_STATIC_FILES_H_
#define WAYMARK_SERVICES_GATEWAY_STATIC_FILES_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gateway/http.h"

namespace waymark::gateway {

class StaticFiles {
 public:
  // Nothing is served.
  StaticFiles() = default;
  // Every regular file below `folder`; links are not followed. FAILED_PRECONDITION
  // STATIC_UNREADABLE, also without an index.html or above 64 MiB.
  static absl::StatusOr<StaticFiles> Load(const std::string& folder);

  bool empty() const { return files_.empty(); }

  // GET or HEAD of `request.path`: the file, 304 when the client has it already, index.html for a
  // page of the console (a path whose last part has no dot, asked for as text/html), 404.
  HttpResponse Get(const HttpRequest& request) const;

 private:
  struct File {
    std::string type;
    std::string etag;
    // Names with a hash of their content in them never change.
    bool immutable = false;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null when it is not smaller
  };

  absl::flat_hash_map<std::string, File> files_;
};

// `bytes` compressed as gzip (RFC 1952).
std::string Gzip(absl::string_view bytes, int level);
// Whether an Accept-Encoding header takes gzip.
bool AcceptsGzip(absl::string_view header);
// Compresses an answer made for this request, when its client takes that and it is worth it.
void CompressFor(const HttpRequest& request, HttpResponse& response);

}  // namespace waymark::gateway

#endif  // WAYMARK_SERVICES_GATEWAY_STATIC_FILES_H_
