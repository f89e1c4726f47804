#include "common/log/log_grpc.h"

#include <grpc/support/log.h>

#include "common/log/log.h"

namespace waymark::log {
namespace {

void Write(gpr_log_func_args* args) {
  const Level level = args->severity == GPR_LOG_SEVERITY_ERROR  ? Level::kError
                      : args->severity == GPR_LOG_SEVERITY_INFO ? Level::kInfo
                                                                : Level::kDebug;
  WriteForeign(level, args->message, {{"grpc_file", args->file}, {"grpc_line", args->line}});
}

}  // namespace

void RouteGrpcLog() {
  gpr_set_log_function(&Write);
  gpr_log_verbosity_init();  // until gRPC itself starts it drops every line
}

}  // namespace waymark::log
