#include "common/rpc/corridor.h"

#include <grpcpp/server_context.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/admission.h"
#include "common/rpc/call.h"
#include "common/rpc/stream_registry.h"

namespace waymark::rpc {

std::string Call::actor() const {
  if (caller.is_user()) return caller.user_id;
  return on_behalf_of.empty() ? absl::StrCat("service:", caller.service) : on_behalf_of;
}

bool Call::cancelled() const { return context != nullptr && context->IsCancelled(); }

Corridor::Corridor(Options options)
    : options_(std::move(options)),
      metrics_(std::make_unique<CallMetrics>(options_.service)),
      streams_(std::make_unique<StreamRegistry>(options_.most_streams, options_.most_streams_each,
                                                std::max(1, options_.workers->threads() / 4))) {}

Corridor::~Corridor() {
  if (!streams_->AwaitNone(absl::Seconds(30))) log::Error("a stream never came to its end");
}

void Corridor::TendStreams() {
  streams_->Tend(options_);
  metrics_->SetStreams(streams_->size());
  metrics_->SetWaiting(options_.workers->waiting());
}

void Corridor::DrainStreams() { streams_->Drain(); }

int Corridor::open_streams() const { return streams_->size(); }

}  // namespace waymark::rpc
