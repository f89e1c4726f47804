#include "common/server/flags.h"

#include <CLI/CLI.hpp>
#include <deque>

#include "absl/strings/str_cat.h"
#include "common/db/migrate.h"

namespace waymark::server {

std::optional<int> ParseFlags(int argc, char** argv, const Program& program, Options& options) {
  CLI::App app{program.about, absl::StrCat("waymark-", program.name)};
  app.set_config("--config", "", "Flags as name=value lines; those given here win");
  app.set_version_flag("--version", WAYMARK_VERSION);
  app.add_option("--listen", options.listen, "host:port to serve on; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--port-file", options.port_file, "Write the port that was bound to this file");
  app.add_option("--database-dsn-file", options.database_dsn_file,
                 "File with the connection string of the runtime role");
  app.add_option("--workers", options.workers, "Calls in progress at once")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  app.add_option("--background-connections", options.background_connections,
                 "Database connections for duties, beside one a worker")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--certificates", options.certificates,
                 "Folder with tls.crt, tls.key and ca.crt; a link that is swapped whole")
      ->required();
  app.add_option("--jwks", options.jwks, "Keys that sign tokens: a file or an https URL")
      ->required();
  app.add_option("--issuer", options.issuer, "Who issues tokens (`iss`)")->required();
  app.add_option("--audience", options.audience, "Whom tokens are for (`aud`)")
      ->capture_default_str();
  app.add_option("--keys", options.keys, "Folder of the keys that wrap data keys");
  app.add_option("--pseudonym-key", options.pseudonym_key,
                 "File of the root that pseudonyms are derived from");
  app.add_option("--metrics", options.metrics, "host:port for Prometheus; none without it");
  app.add_option("--metrics-port-file", options.metrics_port_file,
                 "Write the metrics port that was bound to this file");
  app.add_option("--clock-offset-file", options.clock_offset_file,
                 "Development only: moves case time forward");
  app.add_flag("--production", options.production, "Refuse development aids");
  double refresh = absl::ToDoubleSeconds(options.refresh_certificates);
  double pause = absl::ToDoubleSeconds(options.drain_pause);
  double stop = absl::ToDoubleSeconds(options.stop_within);
  app.add_option("--refresh-certificates-seconds", refresh, "How often TLS files are read again")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--drain-pause-seconds", pause, "At a stop, how long load balancers get to notice")
      ->check(CLI::Range(0, 300))
      ->capture_default_str();
  app.add_option("--stop-within-seconds", stop, "At a stop, how long calls get to finish")
      ->check(CLI::Range(1, 300))
      ->capture_default_str();
  std::vector<std::string> peers;
  app.add_option("--peer", peers, "service=host:port of a service this one calls; repeat");
  std::deque<std::string> own;  // CLI11 keeps pointers
  for (const Flag& flag : program.flags) {
    own.push_back(flag.standard);
    CLI::Option* option = app.add_option(absl::StrCat("--", flag.name), own.back(), flag.help);
    if (!flag.standard.empty()) option->capture_default_str();
  }
  try {
    app.parse(argc, argv);
    for (const std::string& peer : peers) {
      const size_t equals = peer.find('=');
      if (equals == std::string::npos || equals == 0 || equals + 1 == peer.size()) {
        throw CLI::ValidationError("--peer", absl::StrCat(peer, " is not service=host:port"));
      }
      options.peers[peer.substr(0, equals)] = peer.substr(equals + 1);
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.refresh_certificates = absl::Seconds(refresh);
  options.drain_pause = absl::Seconds(pause);
  options.stop_within = absl::Seconds(stop);
  for (size_t i = 0; i < program.flags.size(); ++i) options.own[program.flags[i].name] = own[i];
  return std::nullopt;
}

}  // namespace waymark::server
