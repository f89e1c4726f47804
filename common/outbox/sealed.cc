#include "common/outbox/sealed.h"

#include <utility>

#include "common/crypto/crypto.h"
#include "common/crypto/sealed.h"
#include "common/status/status.h"

namespace waymark::outbox {
namespace {

std::string BindingOf(absl::string_view tenant, absl::string_view destination,
                      absl::string_view event_id) {
  return crypto::BindingOf({tenant, "outbox", destination, event_id});
}

}  // namespace

absl::StatusOr<Message> Sealed(const crypto::KeyProvider& keys, absl::string_view tenant,
                               std::string destination, std::string event_id,
                               absl::string_view payload) {
  ASSIGN_OR_RETURN(
      std::string sealed,
      crypto::SealAlone(keys, tenant, BindingOf(tenant, destination, event_id), payload));
  return Message{.destination = std::move(destination),
                 .event_id = std::move(event_id),
                 .payload = std::move(sealed)};
}

absl::StatusOr<std::string> Opened(const crypto::KeyProvider& keys, absl::string_view tenant,
                                   absl::string_view destination, absl::string_view event_id,
                                   absl::string_view payload) {
  return crypto::OpenAlone(keys, tenant, BindingOf(tenant, destination, event_id), payload);
}

}  // namespace waymark::outbox
