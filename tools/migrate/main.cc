// waymark-migrate: brings one service's database to the schema of this source tree or release.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "common/db/migrate.h"
#include "common/status/status.h"
#include "tools/services/services.h"

int main(int argc, char** argv) {
  using namespace waymark;  // NOLINT(google-build-using-namespace): a main() of ten lines
  CLI::App app("Applies the migrations of one service's database, as the role that owns it.");
  std::string service;
  std::string dsn_file;
  std::string runtime_role;
  std::string root = ".";
  app.add_option("service", service, "One of deploy/services, such as bbv")->required();
  app.add_option("--owner-dsn-file", dsn_file, "File with the owner's connection string")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--runtime-role", runtime_role, "Role that the service logs in as")->required();
  app.add_option("--root", root, "Source tree, or where the migrations are installed")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::stringstream dsn;
  dsn << std::ifstream(dsn_file).rdbuf();
  const auto lines = tools::LinesOf(service, root);
  const absl::Status status =
      lines.ok() ? db::Migrate(crypto::SecretBytes(dsn.str()), runtime_role, *lines)
                 : lines.status();
  if (status.ok()) return 0;
  std::cerr << "waymark-migrate: " << status.message() << " (" << status::Reason(status) << ")\n";
  return 1;
}
