#include "services/casework/unrecorded.h"

#include <google/protobuf/text_format.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "services/casework/instants.h"

namespace waymark::casework {
namespace {

constexpr char kLook[] = R"pb(
  ladders {
    key: "look_at_outcome"
    rungs { kind: RUNG_KIND_BREACH base: RUNG_BASE_DUE audience: ROLE_OH_NURSE page: true }
    rungs {
      kind: RUNG_KIND_ESCALATION
      base: RUNG_BASE_DUE
      offset_minutes: 240
      audience: ROLE_OH_LEAD
      page: true
    }
  }
  steps {
    key: "look_at_outcome"
    title: "Something came that could not be recorded: look"
    each: "unrecorded"
    anchor { point: "came" }
    due { elapsed { hours: 4 } }
    responsible: ROLE_OH_NURSE
    ladder: "look_at_outcome"
    blocks_closing: true
    sources {
      guideline: "Waymark default, to be confirmed by the force"
      section: "nothing that came is dropped"
      evidence: EVIDENCE_LOCAL_POLICY
    }
    guidance: "Read in the history what the provider said and did. Record what is missing, or call the provider; then end this step with a note."
  }
)pb";

const v1::Protocol& Own() {
  static const auto* const own = [] {
    auto* protocol = new v1::Protocol();
    if (!google::protobuf::TextFormat::ParseFromString(kLook, protocol)) std::abort();
    return protocol;
  }();
  return *own;
}

}  // namespace

const v1::StepRule& LookRule() { return Own().steps(0); }

const v1::Ladder& LookLadder() { return Own().ladders(0); }

void KeepUnrecorded(const std::vector<std::string>& what, const Call& call,
                    v1::CaseHeader& header) {
  if (what.empty()) return;
  v1::Unrecorded& kept = *header.add_unrecorded();
  kept.set_key(absl::StrCat(header.unrecorded_size()));
  *kept.mutable_received_time() = ToTimestamp(call.now);
  for (const std::string& one : what) kept.add_what(one);
}

}  // namespace waymark::casework
