// What the other side of a referral says, in any order and number, doubled and out of place:
// nothing that came is lost, nothing is applied twice, and the state is one that the table leads
// to.
#include <algorithm>
#include <set>
#include <string>

#include "common/civil/working_days.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/protocol_loader.h"
#include "services/referral/facts.h"
#include "services/referral/moves.h"
#include "services/referral/receive_answer.h"
#include "tests/fuzz/fuzz_target.h"

namespace waymark::referral {
namespace {

struct Pathway {
  casework::Protocols protocols =
      *casework::Protocols::Load("services/referral/protocols", nullptr);
  const casework::v1::Protocol& latest = **protocols.Latest("referral");
  civil::WorkingDays days = *civil::WorkingDays::Load("common/civil/bank_holidays.json");
};

v1::ReferralCase Sent(absl::Time now) {
  v1::ReferralCase sent;
  sent.mutable_header()->set_case_id("01900000-0000-7000-8000-000000000002");
  sent.mutable_header()->set_state(casework::v1::CASE_STATE_OPEN);
  sent.set_side(v1::SIDE_SENT);
  sent.set_state(v1::REFERRAL_STATE_SENT);
  sent.mutable_content()->mutable_need()->set_priority(v1::PRIORITY_URGENT);
  *sent.mutable_content()->mutable_need()->mutable_closes_time() =
      casework::ToTimestamp(now + absl::Hours(19));
  for (const v1::ReferralState state : {v1::REFERRAL_STATE_DRAFT, v1::REFERRAL_STATE_SENT}) {
    v1::Milestone& milestone = *sent.add_milestones();
    milestone.set_state(state);
    *milestone.mutable_time() = casework::ToTimestamp(now);
  }
  return sent;
}

// One byte says which answer, the next which number.
v1::Answer AnswerOf(uint8_t kind, uint8_t number) {
  v1::Answer answer;
  const auto* kinds = v1::Answer::descriptor()->oneof_decl(0);
  answer.GetReflection()->MutableMessage(&answer, kinds->field(kind % kinds->field_count()));
  answer.set_number(number % 16);
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Pathway& pathway = *new Pathway;
  casework::Call call;
  call.now = absl::FromUnixSeconds(1'790'000'000);
  call.tenant = "demo";
  call.user_id = "service:referral";
  call.act = "ReceiveAnswer";
  call.protocol = &pathway.latest;
  v1::ReferralCase record = Sent(call.now);
  std::set<int64_t> heard;
  int taken = 0;
  for (size_t at = 0; at + 1 < std::min<size_t>(size, 80); at += 2) {
    call.now += absl::Minutes(1);
    call.request_id = "01900000-0000-7000-8000-0000000000" + std::to_string(10 + at);
    v1::ReceiveAnswerRequest request;
    *request.mutable_answer() = AnswerOf(data[at], data[at + 1]);
    const int64_t number = request.answer().number();
    const ReferralChange change = ReceiveAnswer(record, request, call);
    if (!change.ok()) {
      FUZZ_REQUIRE(status::Reason(change.status()) == "MESSAGE_KNOWN");
      FUZZ_REQUIRE(number != 0 && heard.count(number) == 1);
      continue;
    }
    FUZZ_REQUIRE(number == 0 || heard.insert(number).second);
    ++taken;
    record = change->cases.front();
    // What came is applied, waits, or is a person's task.
    FUZZ_REQUIRE(record.milestones_size() - 2 + record.waiting_size() + record.unfitting_size() ==
                 taken);
    const v1::Milestone& last = *record.milestones().rbegin();
    FUZZ_REQUIRE(last.state() == record.state());
    const absl::StatusOr<casework::v1::Plan> plan =
        casework::PlanSteps(pathway.latest, FactsOf(record, pathway.latest), record.header(),
                            {.now = call.now, .cause = call.act, .working_days = &pathway.days});
    FUZZ_REQUIRE(plan.ok());
  }
  return 0;
}

}  // namespace waymark::referral
