// Stands between gRPC and a generated CallbackService, and changes one thing: bytes that do not
// parse still walk down the corridor.
//
// gRPC 1.51 answers them itself, before any of our code runs, with UNIMPLEMENTED and an empty text:
// no token asked for, nothing counted, and a client that sent Latin-1 learns nothing. The doorway
// gives the handler an empty request that carries a marker instead (common/rpc/validate.h), so that
// the call is refused like any other wrong request, after the caller has shown who they are.
//
// A request that is larger than any person's need be is treated alike, and not read at all: a
// megabyte of empty messages takes forty of memory, before anybody has asked who sent it. Only the
// services that a method names may send it batches of gRPC's full 4 MiB.
#ifndef WAYMARK_COMMON_SERVER_DOORWAY_H_
#define WAYMARK_COMMON_SERVER_DOORWAY_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <memory>
#include <string>

namespace waymark::server {

class Doorway final : public grpc::Service {
 public:
  // `inner` implements `descriptor` with the callback API only (unary and server streaming).
  Doorway(const google::protobuf::ServiceDescriptor& descriptor,
          std::shared_ptr<grpc::Service> inner);

 private:
  const std::shared_ptr<grpc::Service> inner_;
  std::deque<std::string> paths_;  // gRPC keeps pointers into these
};

}  // namespace waymark::server

#endif  // WAYMARK_COMMON_SERVER_DOORWAY_H_
