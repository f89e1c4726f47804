#include "common/server/doorway.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/message_allocator.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/access/rule.h"
#include "common/rpc/validate.h"

namespace waymark::server {
namespace {

// Fifty people with everything that can be said of their exposures fill half of it.
constexpr size_t kLargestFromPeople = 512 << 10;

// True when the connection's certificate names one of these.
bool ComesFrom(grpc_call* call, const std::vector<std::string>& identities) {
  grpc_auth_context* auth = grpc_call_auth_context(call);
  if (auth == nullptr) return false;
  grpc_auth_property_iterator properties =
      grpc_auth_context_find_properties_by_name(auth, "peer_spiffe_id");
  bool found = false;
  while (const grpc_auth_property* property = grpc_auth_property_iterator_next(&properties)) {
    const std::string id(property->value, property->value_length);
    found = found || std::find(identities.begin(), identities.end(), id) != identities.end();
  }
  grpc_auth_context_release(auth);
  return found;
}

std::string BytesOf(grpc_byte_buffer* buffer) {
  std::string text;
  grpc_byte_buffer_reader reader;
  if (buffer == nullptr || !grpc_byte_buffer_reader_init(&reader, buffer)) return text;
  grpc_slice slice;
  while (grpc_byte_buffer_reader_next(&reader, &slice)) {
    text.append(reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)),
                GRPC_SLICE_LENGTH(slice));
    grpc_slice_unref(slice);
  }
  grpc_byte_buffer_reader_destroy(&reader);
  return text;
}

class DoorwayHandler final : public grpc::internal::MethodHandler {
 public:
  DoorwayHandler(grpc::internal::MethodHandler* inner,
                 const google::protobuf::MethodDescriptor& method)
      : inner_(inner), request_(*method.input_type()) {
    const options::v1::Rule* rule = access::RuleFor(method.full_name());
    for (int i = 0; rule != nullptr && i < rule->services_size(); ++i) {
      services_.push_back(absl::StrCat("spiffe://waymark/", rule->services(i)));
    }
  }

  void RunHandler(const HandlerParameter& parameter) override { inner_->RunHandler(parameter); }

  void* Deserialize(grpc_call* call, grpc_byte_buffer* bytes, grpc::Status* status,
                    void** handler_data) override {
    if (bytes != nullptr && grpc_byte_buffer_length(bytes) > kLargestFromPeople &&
        !ComesFrom(call, services_)) {
      grpc_byte_buffer_destroy(bytes);
      *handler_data = nullptr;
      return DeserializeMarker(call, rpc::TooLargeMarker(), status, handler_data);
    }
    // Copies references to the slices, not the bytes.
    grpc_byte_buffer* kept = bytes == nullptr ? nullptr : grpc_byte_buffer_copy(bytes);
    *handler_data = nullptr;
    void* request = inner_->Deserialize(call, bytes, status, handler_data);
    if (!status->ok()) {
      // A unary handler has made its messages already, in the call's arena, and would not destroy
      // them.
      if (*handler_data != nullptr) {
        static_cast<grpc::RpcAllocatorState*>(*handler_data)->~RpcAllocatorState();
        *handler_data = nullptr;
      }
      request = DeserializeMarker(call, rpc::MalformedMarker(request_, BytesOf(kept)), status,
                                  handler_data);
    }
    if (kept != nullptr) grpc_byte_buffer_destroy(kept);
    return request;
  }

 private:
  void* DeserializeMarker(grpc_call* call, const std::string& marker, grpc::Status* status,
                          void** handler_data) {
    grpc_slice slice = grpc_slice_from_copied_buffer(marker.data(), marker.size());
    void* request =
        inner_->Deserialize(call, grpc_raw_byte_buffer_create(&slice, 1), status, handler_data);
    grpc_slice_unref(slice);
    return request;
  }

  grpc::internal::MethodHandler* const inner_;
  const google::protobuf::Descriptor& request_;
  // Identities of the services that the method's rule names.
  std::vector<std::string> services_;
};

}  // namespace

Doorway::Doorway(const google::protobuf::ServiceDescriptor& descriptor,
                 std::shared_ptr<grpc::Service> inner)
    : inner_(std::move(inner)) {
  // GetHandler is protected; seen through our own class it may be asked of another service too.
  grpc::internal::MethodHandler* (grpc::Service::*handler_of)(int) = &Doorway::GetHandler;
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *descriptor.method(i);
    paths_.push_back(absl::StrCat("/", descriptor.full_name(), "/", method.name()));
    // The messages of a client's stream do not pass here: gRPC reads them one by one when the room
    // asks for them, each up to its own limit (rpc/intake.h).
    AddMethod(new grpc::internal::RpcServiceMethod(
        paths_.back().c_str(),
        method.client_streaming()   ? grpc::internal::RpcMethod::CLIENT_STREAMING
        : method.server_streaming() ? grpc::internal::RpcMethod::SERVER_STREAMING
                                    : grpc::internal::RpcMethod::NORMAL_RPC,
        nullptr));
    MarkMethodCallback(i, new DoorwayHandler((inner_.get()->*handler_of)(i), method));
  }
}

}  // namespace waymark::server
