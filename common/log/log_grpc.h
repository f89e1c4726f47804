// gRPC core's own log, in our lines.
#ifndef WAYMARK_COMMON_LOG_LOG_GRPC_H_
#define WAYMARK_COMMON_LOG_LOG_GRPC_H_

namespace waymark::log {

// Sends everything gRPC core logs through this room, at its own severity. Call once in main.
void RouteGrpcLog();

}  // namespace waymark::log

#endif  // WAYMARK_COMMON_LOG_LOG_GRPC_H_
