#include "services/casework/cases.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/rule.h"
#include "common/crypto/crypto.h"
#include "common/crypto/sealed.h"
#include "common/db/idempotency.h"
#include "common/db/transaction.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/outbox/outbox.h"
#include "common/outbox/sealed.h"
#include "common/status/status.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/casework/instants.h"
#include "services/casework/planner.h"
#include "services/casework/rule_text.h"
#include "services/casework/status.h"
#include "services/casework/store/case_store.h"
#include "services/casework/told.h"
#include "waymark/audit/v1/audit_entry.pb.h"

namespace waymark::casework {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kScheduling[] = "scheduling";
constexpr char kAudit[] = "audit";
constexpr int kMostCases = 200;
constexpr int kMostEvents = 200;
// What scheduling takes of one case, ended steps included.
constexpr int kMostSteps = 200;

// Fields of requests and responses by name. A request without the field reads as its default.

const FieldDescriptor* FieldOf(const Message& message, const std::string& name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

std::string GetText(const Message& message, const std::string& name) {
  const FieldDescriptor* field = FieldOf(message, name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

int64_t GetInt(const Message& message, const std::string& name) {
  const FieldDescriptor* field = FieldOf(message, name);
  if (field == nullptr) return 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      return message.GetReflection()->GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return message.GetReflection()->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return message.GetReflection()->GetEnumValue(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return message.GetReflection()->GetBool(message, field) ? 1 : 0;
    default:
      return 0;
  }
}

void SetText(const std::string& name, const std::string& value, Message& message) {
  message.GetReflection()->SetString(&message, FieldOf(message, name), value);
}

void SetMessage(const std::string& name, const Message& value, Message& message) {
  message.GetReflection()->MutableMessage(&message, FieldOf(message, name))->CopyFrom(value);
}

void AddMessage(const std::string& name, const Message& value, Message& message) {
  message.GetReflection()->AddMessage(&message, FieldOf(message, name))->CopyFrom(value);
}

// Of an answer that says at which instant it is true.
void PutAsOf(absl::Time now, Message& response) {
  if (FieldOf(response, "as_of_time") == nullptr) return;
  SetMessage("as_of_time", ToTimestamp(now), response);
}

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

// Every case in a response: its `case`, or its `cases`.
template <typename Fn>
absl::Status ForEachCase(const Descriptor* type, Message& response, Fn fn) {
  for (const char* name : {"case", "cases"}) {
    const FieldDescriptor* field = FieldOf(response, name);
    if (field == nullptr || field->message_type() != type) continue;
    const auto* reflection = response.GetReflection();
    if (!field->is_repeated()) {
      if (!reflection->HasField(response, field)) continue;
      RETURN_IF_ERROR(fn(*reflection->MutableMessage(&response, field)));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(response, field); ++i) {
      RETURN_IF_ERROR(fn(*reflection->MutableRepeatedMessage(&response, field, i)));
    }
  }
  return absl::OkStatus();
}

// Clears every message of one of `types`, at any depth. True when there was one.
bool ClearTypes(const std::set<const Descriptor*>& types, Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  bool cleared = false;
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (types.count(field->message_type()) != 0) {
      reflection->ClearField(&message, field);
      cleared = true;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        cleared |= ClearTypes(types, *reflection->MutableRepeatedMessage(&message, field, i));
      }
    } else {
      cleared |= ClearTypes(types, *reflection->MutableMessage(&message, field));
    }
  }
  return cleared;
}

std::string Sha256Of(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // The same request sent twice gives the same bytes, maps included.
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  const crypto::Digest digest = crypto::Sha256(bytes);
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

absl::Status CaseNotFound() {
  return status::NotFound("CASE_NOT_FOUND", "There is no such case for this caller.");
}

// Clinical authority first: a physician who is also a nurse acts as a physician.
constexpr options::v1::Role kByAuthority[] = {options::v1::ROLE_OH_PHYSICIAN,
                                              options::v1::ROLE_CLINICAL_LEAD,
                                              options::v1::ROLE_OH_LEAD,
                                              options::v1::ROLE_OH_NURSE,
                                              options::v1::ROLE_NHS_CLINICIAN,
                                              options::v1::ROLE_OFFICER,
                                              options::v1::ROLE_SUPERVISOR_REPORTER};

// The strongest role whose grant reaches the record; UNSPECIFIED for a service.
options::v1::Role StrongestRole(const rpc::Call& call, const access::RecordFacts& record) {
  std::set<int> roles;
  for (const options::v1::Grant& grant : call.granted.grants) {
    if (access::CheckRelation({.grants = {grant}}, call.caller, record).ok()) {
      roles.insert(grant.roles().begin(), grant.roles().end());
    }
  }
  for (const options::v1::Role role : kByAuthority) {
    if (roles.count(role) != 0) return role;
  }
  return roles.empty() ? options::v1::ROLE_UNSPECIFIED
                       : static_cast<options::v1::Role>(*roles.begin());
}

access::RecordFacts FactsForAccess(const rpc::Call& call, const v1::CaseHeader& header) {
  return {.tenant = call.caller.tenant,
          .subject_id = header.subject_id(),
          .assigned_to = header.assigned_to(),
          .hidden_from_managers = header.hidden_from_managers()};
}

// Of a case that the call opened: whoever may only report gets receipts; an officer sees their own
// case and no linked one.
bool MayReadOpened(const rpc::Call& call, const v1::CaseHeader& header) {
  if (call.granted.as_service) return true;
  const access::RecordFacts facts = FactsForAccess(call, header);
  const options::v1::Role role = StrongestRole(call, facts);
  const bool own = !facts.subject_id.empty() && facts.subject_id == call.caller.subject_id;
  return role != options::v1::ROLE_UNSPECIFIED && role != options::v1::ROLE_SUPERVISOR_REPORTER &&
         (role != options::v1::ROLE_OFFICER || own);
}

Call PureCall(const rpc::Call& call, options::v1::Role role) {
  return {.now = call.now,
          .tenant = call.caller.tenant,
          .user_id = call.actor(),
          .role = role,
          .subject_id = call.caller.subject_id.value_or(""),
          .request_id = call.request_id,
          .act = call.method.substr(call.method.rfind('.') + 1)};
}

db::OnceKey OnceOf(const rpc::Call& call, const Message& request) {
  return {.caller = call.actor(),
          .method = call.method,
          .request_id = call.request_id,
          .request_sha256 = Sha256Of(request)};
}

std::string AnswerBinding(const rpc::Call& call) {
  return crypto::BindingOf(
      {call.caller.tenant, "idempotency_key", call.actor(), call.method, call.request_id});
}

audit::v1::AuditEvent AuditEventOf(const CasesOptions& options, const rpc::Call& call,
                                   audit::v1::Action action) {
  audit::v1::AuditEvent event;
  event.set_tenant(call.caller.tenant);
  *event.mutable_occurred_time() = ToTimestamp(options.real_clock->Now());
  event.set_source(options.pathway);
  audit::v1::Actor& actor = *event.mutable_actor();
  actor.set_user_id(call.caller.is_user() ? call.caller.user_id : call.on_behalf_of);
  for (const options::v1::Role role : call.caller.roles) actor.add_roles(role);
  actor.set_service(call.caller.service);
  actor.set_on_behalf_of(!call.caller.is_user() && !call.on_behalf_of.empty());
  event.set_action(action);
  event.set_method(call.method);
  if (call.rule != nullptr) event.set_purpose(call.rule->purpose());
  event.set_request_id(call.request_id);
  return event;
}

// Counts what the act could not record, once it is committed.
void CountUnrecordedOnCommit(const v1::CaseHeader& before, const v1::CaseHeader& after,
                             db::Transaction& txn) {
  const int more = after.unrecorded_size() - before.unrecorded_size();
  if (more <= 0) return;
  static const metrics::Counter unrecorded = metrics::Default().GetCounter(
      "waymark_casework_unrecorded_total",
      "Messages of which a case could not record something: each is a step for a person.");
  txn.OnCommit([more] { unrecorded.Increment(more); });
}

void WakeOnCommit(const CasesOptions& options, db::Transaction& txn) {
  if (!options.wake) return;
  txn.OnCommit([wake = options.wake, tenant = txn.tenant()] { wake(tenant); });
}

// Appends audit events of acts that change nothing: reads and refusals.
absl::Status AppendAudit(const CasesOptions& options, db::Transaction& txn,
                         std::vector<audit::v1::AuditEvent> events) {
  std::vector<outbox::Message> messages;
  for (audit::v1::AuditEvent& event : events) {
    event.set_event_id(ids::NewUuid());
    ASSIGN_OR_RETURN(outbox::Message message,
                     outbox::Sealed(*options.keys, txn.tenant(), kAudit, event.event_id(),
                                    event.SerializeAsString()));
    messages.push_back(std::move(message));
  }
  RETURN_IF_ERROR(outbox::Append(txn, messages));
  WakeOnCommit(options, txn);
  return absl::OkStatus();
}

audit::v1::AuditEvent Refused(const CasesOptions& options, const rpc::Call& call,
                              absl::string_view reason, absl::string_view case_id,
                              absl::string_view subject_id) {
  audit::v1::AuditEvent event = AuditEventOf(options, call, audit::v1::ACTION_REFUSED);
  event.set_object_type(absl::StrCat(options.pathway, "_case"));
  event.set_object_id(std::string(case_id));
  event.set_subject_id(std::string(subject_id));
  event.set_reason(std::string(reason));
  return event;
}

// The case id of a request in its canonical spelling.
absl::StatusOr<std::string> CaseIdOf(const Message& request) {
  const std::optional<std::string> id = ids::NormaliseUuid(GetText(request, "case_id"));
  if (id) return *id;
  status::FieldViolations violations;
  violations.Add("case_id", "CASE_ID_INVALID", "A case id is a UUID.");
  return violations.ToStatus();
}

absl::StatusOr<int> PageSize(const Message& request, int standard, int most) {
  const int64_t size = GetInt(request, "page_size");
  if (size >= 0 && size <= most) return size == 0 ? standard : static_cast<int>(size);
  status::FieldViolations violations;
  violations.Add("page_size", "PAGE_SIZE_INVALID", absl::StrCat("0 to ", most, "."));
  return violations.ToStatus();
}

absl::Status BadPageToken() {
  return status::InvalidArgument("PAGE_TOKEN_INVALID",
                                 "The page token is not one of this list. Begin without one.");
}

}  // namespace

// One act on its way: what it is, and what came out of it.
struct UntypedCases::Act {
  const rpc::Call& call;
  Call pure;
  const Message& request;
  Message& response;
  // Null when the act opens cases.
  // Prepare takes its plan.
  StoredCase* before = nullptr;

  // Filled by Prepare: the cases as stored, without the words of their plans, and what is told.
  std::vector<std::unique_ptr<Message>> cases;
  std::shared_ptr<const CaseStore::Sealed> sealed;
  std::vector<outbox::Message> messages;
};

UntypedCases::UntypedCases(CasesOptions options, const Message& prototype, FactsOf facts_of)
    : options_(std::move(options)),
      prototype_(prototype),
      facts_of_(std::move(facts_of)),
      store_(std::make_unique<CaseStore>(prototype, *options_.keys)) {}

UntypedCases::~UntypedCases() = default;

absl::StatusOr<const v1::Protocol*> UntypedCases::ProtocolOf(const v1::CaseHeader& header) const {
  return options_.protocols->Find(header.protocol_key(), header.protocol_version());
}

absl::Status UntypedCases::PlanCase(const v1::Protocol& protocol, const Call& call,
                                    Message& record) const {
  v1::CaseHeader& header = MutableHeaderOf(record);
  ASSIGN_OR_RETURN(v1::Plan plan, PlanSteps(protocol, facts_of_(record, protocol), header,
                                            {.now = call.now,
                                             .cause = call.act,
                                             .case_version = header.version(),
                                             .working_days = options_.working_days,
                                             .without_words = true}));
  if (plan.steps_size() > kMostSteps) {
    // Refused here, where somebody sees it: scheduling would refuse it out of sight.
    return status::FailedPrecondition(
        "PLAN_TOO_LONG", absl::StrCat("A case has at most ", kMostSteps,
                                      " steps, ended ones included. Open another case."));
  }
  *header.mutable_plan() = std::move(plan);
  return absl::OkStatus();
}

absl::Status UntypedCases::Show(absl::Time now, Message& record) const {
  v1::CaseHeader& header = MutableHeaderOf(record);
  ASSIGN_OR_RETURN(const v1::Protocol* protocol, ProtocolOf(header));
  SetStatuses(now, *header.mutable_plan());
  header.set_stage(CurrentStage(*protocol, header.plan(), now));
  header.set_protocol_signed_off(protocol->signed_off());
  for (const FieldDescriptor* field : store_->apart()) {
    record.GetReflection()->ClearField(&record, field);
  }
  return absl::OkStatus();
}

absl::Status UntypedCases::PutWords(Message& record) const {
  v1::CaseHeader& header = MutableHeaderOf(record);
  ASSIGN_OR_RETURN(const v1::Protocol* protocol, ProtocolOf(header));
  RestoreRuleText(*protocol, *header.mutable_plan());
  return absl::OkStatus();
}

absl::Status UntypedCases::PutWordsIntoAnswer(Message& response) const {
  return ForEachCase(prototype_.GetDescriptor(), response,
                     [this](Message& record) { return PutWords(record); });
}

absl::Status UntypedCases::Prepare(Act& act, Changed changed) const {
  std::set<const Descriptor*> apart_types;
  for (const FieldDescriptor* field : store_->apart()) apart_types.insert(field->message_type());

  act.cases = std::move(changed.cases);
  std::vector<CaseToSave> saves;
  std::vector<const v1::Protocol*> protocols;
  for (const std::unique_ptr<Message>& record : act.cases) {
    v1::CaseHeader& header = MutableHeaderOf(*record);
    const bool is_new = act.before == nullptr || header.version() == 0;
    if (is_new) {
      if (header.protocol_key().empty()) header.set_protocol_key(options_.pathway);
      ASSIGN_OR_RETURN(const v1::Protocol* latest,
                       options_.protocols->Latest(header.protocol_key()));
      header.set_version(1);
      header.set_state(v1::CASE_STATE_OPEN);
      *header.mutable_opened_time() = ToTimestamp(act.call.now);
      header.set_protocol_version(latest->version());
      header.clear_plan();
    } else {
      const v1::CaseHeader& before = HeaderOf(*act.before->record);
      if (header.case_id() != before.case_id()) {
        return status::Internal("CHANGE_OF_ANOTHER_CASE", "An act changed a case it did not read.");
      }
      // A pathway's function cannot touch what is not its own.
      header.set_version(before.version() + 1);
      *header.mutable_opened_time() = before.opened_time();
      header.set_subject_id(before.subject_id());
      header.set_subject_kind(before.subject_kind());
      header.set_hidden_from_managers(before.hidden_from_managers());
      header.set_protocol_key(before.protocol_key());
      v1::CaseHeader& was = MutableHeaderOf(*act.before->record);
      if (header.protocol_version() != before.protocol_version()) {
        // What the next version does not ask for keeps the words of the version that did.
        ASSIGN_OR_RETURN(const v1::Protocol* left, ProtocolOf(before));
        RestoreRuleText(*left, *was.mutable_plan());
      }
      header.mutable_plan()->Swap(was.mutable_plan());
    }
    ASSIGN_OR_RETURN(const v1::Protocol* protocol, ProtocolOf(header));
    protocols.push_back(protocol);
    // What another force has now stays as it was let go: nothing is due here.
    if (!header.has_went_to()) RETURN_IF_ERROR(PlanCase(*protocol, act.pure, *record));
    header.clear_stage();
    header.clear_protocol_signed_off();

    CaseToSave save;
    save.before = is_new ? nullptr : act.before;
    v1::CaseEvent& event = save.event;
    event.set_event_id(act.pure.NewId(absl::StrCat("event/", header.case_id())));
    event.set_case_id(header.case_id());
    event.set_case_version(header.version());
    *event.mutable_recorded_time() = ToTimestamp(act.call.now);
    event.set_actor(act.call.caller.is_user() ? act.call.caller.user_id
                                              : absl::StrCat("service:", act.call.caller.service));
    event.set_role(act.pure.role);
    event.set_on_behalf_of(act.call.on_behalf_of);
    event.set_act(act.pure.act);
    for (const v1::Move& move : header.plan().moves()) {
      if (move.case_version() == header.version()) *event.add_moves() = move;
    }
    if (is_new) {
      // A request that opens several cases says something about several people: each case's history
      // holds only what it says about this one.
      const auto* reflection = record->GetReflection();
      const FieldDescriptor* field = FieldOf(*record, "header");
      std::unique_ptr<Message> taken_out(reflection->ReleaseMessage(record.get(), field));
      const std::unique_ptr<Message> opened = CopyOf(*record);
      reflection->SetAllocatedMessage(record.get(), taken_out.release(), field);
      const std::string whole = opened->SerializeAsString();
      if (ClearTypes(apart_types, *opened)) save.held_apart = whole;
      event.mutable_change()->PackFrom(*opened);
    } else {
      const std::unique_ptr<Message> request = CopyOf(act.request);
      if (FieldOf(*request, "request_id") != nullptr) SetText("request_id", "", *request);
      const std::string whole = request->SerializeAsString();
      if (ClearTypes(apart_types, *request)) save.held_apart = whole;
      event.mutable_change()->PackFrom(*request);
    }
    StripRuleText(*protocol, *header.mutable_plan());
    save.record = record.get();
    saves.push_back(std::move(save));
  }

  const std::string& tenant = act.call.caller.tenant;
  ASSIGN_OR_RETURN(act.sealed, store_->Seal(tenant, saves, act.call.now));
  for (size_t i = 0; i < act.cases.size(); ++i) {
    const v1::CaseHeader& header = HeaderOf(*act.cases[i]);
    ASSIGN_OR_RETURN(
        outbox::Message plan,
        outbox::Sealed(*options_.keys, tenant, kScheduling,
                       act.pure.NewId(absl::StrCat("scheduling/", header.case_id())),
                       PlanForScheduling(options_.pathway, *protocols[i], header, act.pure)
                           .SerializeAsString()));
    act.messages.push_back(std::move(plan));

    audit::v1::AuditEvent event = AuditEventOf(options_, act.call, audit::v1::ACTION_CHANGE);
    event.set_event_id(act.pure.NewId(absl::StrCat("audit/", header.case_id())));
    event.set_object_type(absl::StrCat(options_.pathway, "_case"));
    event.set_object_id(header.case_id());
    event.set_object_version(header.version());
    event.set_subject_id(header.subject_id());
    event.set_payload_sha256(CaseStore::Saved(*act.sealed)[i].event_sha256);
    const v1::CaseHeader* before =
        saves[i].before == nullptr ? nullptr : &HeaderOf(*saves[i].before->record);
    for (int d = before == nullptr ? 0 : before->decided_size(); d < header.decided_size(); ++d) {
      if (!header.decided(d).overrode_window()) continue;
      event.set_action(audit::v1::ACTION_OVERRIDE);
      event.set_reason(header.decided(d).reason());
    }
    if (header.state() == v1::CASE_STATE_CLOSED && before != nullptr &&
        before->state() != v1::CASE_STATE_CLOSED) {
      *event.mutable_outcome() = OutcomeOf(options_.pathway, header);
    }
    ASSIGN_OR_RETURN(outbox::Message told,
                     outbox::Sealed(*options_.keys, tenant, kAudit, event.event_id(),
                                    event.SerializeAsString()));
    act.messages.push_back(std::move(told));
  }
  for (size_t i = 0; i < changed.messages.size(); ++i) {
    ASSIGN_OR_RETURN(
        outbox::Message message,
        outbox::Sealed(*options_.keys, tenant, changed.messages[i].destination,
                       act.pure.NewId(absl::StrCat("message/", i)), changed.messages[i].payload));
    act.messages.push_back(std::move(message));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> UntypedCases::SealAnswer(const Act& act) const {
  return crypto::SealAlone(*options_.keys, act.call.caller.tenant, AnswerBinding(act.call),
                           act.response.SerializeAsString());
}

absl::Status UntypedCases::OpenAnswer(const rpc::Call& call, absl::string_view sealed,
                                      Message& response) const {
  ASSIGN_OR_RETURN(const std::string bytes, crypto::OpenAlone(*options_.keys, call.caller.tenant,
                                                              AnswerBinding(call), sealed));
  if (!response.ParseFromString(bytes)) {
    return status::DataLoss("ANSWER_UNREADABLE", "The stored answer cannot be read.");
  }
  return PutWordsIntoAnswer(response);
}

absl::Status UntypedCases::OpenOpened(const rpc::Call& call, absl::string_view sealed,
                                      Message& response) const {
  RETURN_IF_ERROR(OpenAnswer(call, sealed, response));
  const FieldDescriptor* cases = FieldOf(response, "cases");
  if (cases == nullptr) return absl::OkStatus();
  const auto* reflection = response.GetReflection();
  std::vector<std::unique_ptr<Message>> readable;
  while (reflection->FieldSize(response, cases) > 0) {
    std::unique_ptr<Message> last(reflection->ReleaseLast(&response, cases));
    if (MayReadOpened(call, HeaderOf(*last))) readable.push_back(std::move(last));
  }
  for (auto kept = readable.rbegin(); kept != readable.rend(); ++kept) {
    reflection->AddAllocatedMessage(&response, cases, kept->release());
  }
  return absl::OkStatus();
}

absl::Status UntypedCases::Open(const rpc::Call& call, const Message& request, Message& response,
                                Opening opening, Answering answering) {
  const std::string& tenant = call.caller.tenant;
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, tenant));
  const db::OnceKey once = OnceOf(call, request);
  // The role in which anybody may report; each case is checked below.
  Act act{.call = call,
          .pure = PureCall(call, StrongestRole(call, {.tenant = tenant})),
          .request = request,
          .response = response};
  ASSIGN_OR_RETURN(act.pure.protocol, options_.protocols->Latest(options_.pathway));
  absl::StatusOr<Changed> opened = opening(act.pure);
  if (!opened.ok()) {
    // A repeat of a request that was answered gets that answer, whatever the clock says now.
    std::optional<std::string> answer;
    RETURN_IF_ERROR(options_.database->Transact(
        call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
          ASSIGN_OR_RETURN(answer, db::FindOnce(txn, once, options_.real_clock->Now()));
          return absl::OkStatus();
        }));
    return answer ? OpenOpened(call, *answer, response) : opened.status();
  }
  for (const std::unique_ptr<Message>& record : opened->cases) {
    const v1::CaseHeader& header = HeaderOf(*record);
    if (access::CheckRelation(call.granted, call.caller, FactsForAccess(call, header)).ok()) {
      continue;
    }
    constexpr char kReason[] = "OWN_CASE_AS_STAFF";
    RETURN_IF_ERROR(options_.database->Transact(call.deadline, tenant, [&](db::Transaction& txn) {
      return AppendAudit(options_, txn,
                         {Refused(options_, call, kReason, "", header.subject_id())});
    }));
    return status::PermissionDenied(
        kReason, "Nobody opens their own case as staff. Ask a colleague, or use the role OFFICER.");
  }
  RETURN_IF_ERROR(Prepare(act, *std::move(opened)));
  answering(act.cases);
  if (FieldOf(response, "cases") != nullptr) {
    for (std::unique_ptr<Message>& record : act.cases) {
      if (!MayReadOpened(call, HeaderOf(*record))) continue;
      RETURN_IF_ERROR(Show(call.now, *record));
      response.GetReflection()->AddAllocatedMessage(&response, FieldOf(response, "cases"),
                                                    record.release());
    }
  }
  ASSIGN_OR_RETURN(const std::string answer, SealAnswer(act));
  RETURN_IF_ERROR(PutWordsIntoAnswer(response));
  db::OnceOutcome outcome;
  RETURN_IF_ERROR(
      options_.database->Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        ASSIGN_OR_RETURN(outcome, store_->Write(txn, once, answer, options_.real_clock->Now(),
                                                *act.sealed, act.messages));
        WakeOnCommit(options_, txn);
        return absl::OkStatus();
      }));
  if (outcome.first_time) return absl::OkStatus();
  response.Clear();
  return OpenOpened(call, outcome.response, response);
}

absl::Status UntypedCases::Change(const rpc::Call& call, const Message& request, Message& response,
                                  ClosedCases closed_cases, Changing changing) {
  ASSIGN_OR_RETURN(const std::string case_id, CaseIdOf(request));
  const std::string& tenant = call.caller.tenant;
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, tenant));
  const db::OnceKey once = OnceOf(call, request);
  const bool validate_only = GetInt(request, "validate_only") != 0;

  std::optional<std::string> answered_before;
  // A refusal that must be audited is committed, and answered after the commit.
  absl::Status refused;
  const auto act_on = [&](db::Transaction& txn, StoredCase& before) -> absl::Status {
    const v1::CaseHeader& header = HeaderOf(*before.record);
    const int64_t expected = GetInt(request, "expected_version");
    if (expected != 0 && expected != header.version()) {
      return status::WithMetadata(
          status::FailedPrecondition("STALE_VERSION",
                                     "The case has changed since it was read. Read it again."),
          "version", absl::StrCat(header.version()));
    }
    if (header.state() == v1::CASE_STATE_CLOSED && closed_cases == ClosedCases::kRefused) {
      return status::FailedPrecondition("CASE_CLOSED", "The case is closed. Reopen it first.");
    }
    if (header.arriving()) {
      return status::FailedPrecondition(
          "CASE_ARRIVING",
          "The force that the person comes from has not handed the case over yet. Try again in a "
          "moment; until then, it answers for the case.");
    }
    Act act{.call = call,
            .pure = PureCall(call, StrongestRole(call, FactsForAccess(call, header))),
            .request = request,
            .response = response,
            .before = &before};
    ASSIGN_OR_RETURN(act.pure.protocol, ProtocolOf(header));
    ASSIGN_OR_RETURN(Changed changed, changing(*before.record, act.pure));
    RETURN_IF_ERROR(Prepare(act, std::move(changed)));
    for (const std::unique_ptr<Message>& record : act.cases) {
      if (HeaderOf(*record).case_id() == case_id && !validate_only) {
        CountUnrecordedOnCommit(header, HeaderOf(*record), txn);
      }
    }
    response.Clear();
    for (std::unique_ptr<Message>& record : act.cases) {
      if (HeaderOf(*record).case_id() != case_id) continue;
      for (const v1::Move& move : HeaderOf(*record).plan().moves()) {
        if (move.case_version() == HeaderOf(*record).version()) {
          AddMessage("moves", move, response);
        }
      }
      RETURN_IF_ERROR(Show(call.now, *record));
      response.GetReflection()->SetAllocatedMessage(&response, record.release(),
                                                    FieldOf(response, "case"));
      break;
    }
    if (validate_only) {
      RETURN_IF_ERROR(PutWordsIntoAnswer(response));
      audit::v1::AuditEvent event = AuditEventOf(options_, call, audit::v1::ACTION_READ);
      event.set_object_type(absl::StrCat(options_.pathway, "_case"));
      event.set_object_id(case_id);
      event.set_object_version(header.version());
      event.set_subject_id(header.subject_id());
      return AppendAudit(options_, txn, {event});
    }
    ASSIGN_OR_RETURN(const std::string answer, SealAnswer(act));
    RETURN_IF_ERROR(PutWordsIntoAnswer(response));
    ASSIGN_OR_RETURN(
        const db::OnceOutcome outcome,
        store_->Write(txn, once, answer, options_.real_clock->Now(), *act.sealed, act.messages));
    if (!outcome.first_time) answered_before = outcome.response;
    WakeOnCommit(options_, txn);
    return absl::OkStatus();
  };

  RETURN_IF_ERROR(
      options_.database->Transact(call.deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        answered_before.reset();
        refused = absl::OkStatus();
        bool answered = false;
        ASSIGN_OR_RETURN(std::optional<StoredCase> before,
                         store_->LoadForChange(txn, once, case_id, answered));
        if (!before) {
          refused = CaseNotFound();
          return AppendAudit(options_, txn,
                             {Refused(options_, call, "CASE_NOT_FOUND", case_id, "")});
        }
        v1::CaseHeader& header = MutableHeaderOf(*before->record);
        if (!access::CheckRelation(call.granted, call.caller, FactsForAccess(call, header)).ok()) {
          refused = CaseNotFound();
          return AppendAudit(
              options_, txn,
              {Refused(options_, call, "CASE_NOT_FOUND", case_id, header.subject_id())});
        }
        if (answered) {
          ASSIGN_OR_RETURN(answered_before, db::FindOnce(txn, once, options_.real_clock->Now()));
          return absl::OkStatus();
        }
        absl::Status done = act_on(txn, *before);
        if (done.ok()) return done;
        // A twin that held the row lock may have been answered while this one waited.
        absl::StatusOr<std::optional<std::string>> twin =
            db::FindOnce(txn, once, options_.real_clock->Now());
        if (!twin.ok() || !twin->has_value()) return done;
        answered_before = **std::move(twin);
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(refused);
  if (!answered_before) return absl::OkStatus();
  response.Clear();
  return OpenAnswer(call, *answered_before, response);
}

absl::Status UntypedCases::Read(
    const rpc::Call& call, const Message& request, absl::string_view object_type,
    absl::FunctionRef<absl::Status(db::Transaction&, StoredCase&)> show) {
  ASSIGN_OR_RETURN(const std::string case_id, CaseIdOf(request));
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, call.caller.tenant));
  absl::Status refused;
  RETURN_IF_ERROR(options_.database->Transact(
      call.deadline, call.caller.tenant, [&](db::Transaction& txn) -> absl::Status {
        refused = absl::OkStatus();
        ASSIGN_OR_RETURN(std::optional<StoredCase> stored, store_->Load(txn, case_id));
        const std::string subject_id =
            stored ? HeaderOf(*stored->record).subject_id() : std::string();
        if (!stored || !access::CheckRelation(call.granted, call.caller,
                                              FactsForAccess(call, HeaderOf(*stored->record)))
                            .ok()) {
          refused = CaseNotFound();
          return AppendAudit(options_, txn,
                             {Refused(options_, call, "CASE_NOT_FOUND", case_id, subject_id)});
        }
        audit::v1::AuditEvent event = AuditEventOf(options_, call, audit::v1::ACTION_READ);
        event.set_object_type(std::string(object_type));
        event.set_object_id(case_id);
        event.set_object_version(HeaderOf(*stored->record).version());
        event.set_subject_id(subject_id);
        RETURN_IF_ERROR(show(txn, *stored));
        return AppendAudit(options_, txn, {event});
      }));
  return refused;
}

absl::Status UntypedCases::Get(const rpc::Call& call, const Message& request, Message& response) {
  return Read(call, request, absl::StrCat(options_.pathway, "_case"),
              [&](db::Transaction&, StoredCase& stored) -> absl::Status {
                RETURN_IF_ERROR(Show(call.now, *stored.record));
                RETURN_IF_ERROR(PutWords(*stored.record));
                response.GetReflection()->SetAllocatedMessage(&response, stored.record.release(),
                                                              FieldOf(response, "case"));
                PutAsOf(call.now, response);
                return absl::OkStatus();
              });
}

absl::Status UntypedCases::GetHeldApart(const rpc::Call& call, const Message& request,
                                        Message& response) {
  for (const FieldDescriptor* part : store_->apart()) {
    for (int i = 0; i < response.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = response.GetDescriptor()->field(i);
      if (field->message_type() != part->message_type()) continue;
      return Read(call, request, absl::StrCat(options_.pathway, "_", part->name()),
                  [&](db::Transaction&, StoredCase& stored) -> absl::Status {
                    const auto* reflection = stored.record->GetReflection();
                    if (reflection->HasField(*stored.record, part)) {
                      SetMessage(field->name(), reflection->GetMessage(*stored.record, part),
                                 response);
                    }
                    return absl::OkStatus();
                  });
    }
  }
  return status::Internal("NOTHING_HELD_APART", "The answer has no field for a part held apart.");
}

absl::Status UntypedCases::List(const rpc::Call& call, const Message& request, Message& response) {
  ListFilter filter;
  ASSIGN_OR_RETURN(const int page, PageSize(request, 50, kMostCases));
  filter.limit = page + 1;
  filter.scope = access::ScopeOf(call.granted, call.caller);
  if (const int64_t state = GetInt(request, "state"); state != 0) {
    filter.state = static_cast<v1::CaseState>(state);
  }
  if (const std::string subject = GetText(request, "subject_id"); !subject.empty()) {
    filter.subject_id = ids::NormaliseUuid(subject);
    if (!filter.subject_id) {
      status::FieldViolations violations;
      violations.Add("subject_id", "SUBJECT_ID_INVALID", "A subject id is a UUID.");
      return violations.ToStatus();
    }
  }
  if (const std::string token = GetText(request, "page_token"); !token.empty()) {
    const std::optional<std::string> text = crypto::FromBase64Url(token);
    const std::vector<std::string> parts =
        text ? std::vector<std::string>(absl::StrSplit(*text, '/')) : std::vector<std::string>();
    int64_t micros = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) || !ids::IsUuid(parts[1])) {
      return BadPageToken();
    }
    filter.after_opened = absl::FromUnixMicros(micros);
    filter.after_case_id = parts[1];
  }
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, call.caller.tenant));
  return options_.database->Transact(
      call.deadline, call.caller.tenant, [&](db::Transaction& txn) -> absl::Status {
        response.Clear();
        PutAsOf(call.now, response);
        ASSIGN_OR_RETURN(std::vector<StoredCase> cases, store_->List(txn, filter));
        if (cases.size() > static_cast<size_t>(page)) {
          cases.erase(cases.begin() + page, cases.end());
          const v1::CaseHeader& last = HeaderOf(*cases.back().record);
          SetText("next_page_token",
                  crypto::Base64Url(absl::StrCat(
                      absl::ToUnixMicros(FromTimestamp(last.opened_time())), "/", last.case_id())),
                  response);
        }
        std::set<std::string> subjects;
        for (StoredCase& stored : cases) {
          RETURN_IF_ERROR(Show(call.now, *stored.record));
          RETURN_IF_ERROR(PutWords(*stored.record));
          MutableHeaderOf(*stored.record).mutable_plan()->clear_moves();
          subjects.insert(HeaderOf(*stored.record).subject_id());
          response.GetReflection()->AddAllocatedMessage(&response, FieldOf(response, "cases"),
                                                        stored.record.release());
        }
        subjects.erase("");
        std::vector<audit::v1::AuditEvent> events;
        audit::v1::AuditEvent list = AuditEventOf(options_, call, audit::v1::ACTION_READ);
        list.set_object_type(absl::StrCat(options_.pathway, "_case_list"));
        list.set_object_count(static_cast<int>(cases.size()));
        events.push_back(list);
        for (const std::string& subject : subjects) {
          list.set_subject_id(subject);
          events.push_back(list);
        }
        return AppendAudit(options_, txn, std::move(events));
      });
}

absl::Status UntypedCases::ReadSubject(const rpc::Call& call, const Message& request,
                                       Answering answering) {
  ListFilter filter;
  filter.subject_id = ids::NormaliseUuid(GetText(request, "subject_id"));
  if (!filter.subject_id) {
    status::FieldViolations violations;
    violations.Add("subject_id", "SUBJECT_ID_INVALID", "A subject id is a UUID.");
    return violations.ToStatus();
  }
  filter.scope = access::ScopeOf(call.granted, call.caller);
  filter.limit = kMostCases;
  RETURN_IF_ERROR(options_.tenants->Ensure(call.deadline, call.caller.tenant));
  std::vector<std::unique_ptr<Message>> records;
  RETURN_IF_ERROR(options_.database->Transact(
      call.deadline, call.caller.tenant, [&](db::Transaction& txn) -> absl::Status {
        records.clear();
        filter.after_opened.reset();
        filter.after_case_id.clear();
        for (size_t found = filter.limit; found == static_cast<size_t>(filter.limit);) {
          ASSIGN_OR_RETURN(std::vector<StoredCase> cases, store_->List(txn, filter));
          found = cases.size();
          for (StoredCase& stored : cases) {
            RETURN_IF_ERROR(Show(call.now, *stored.record));
            const v1::CaseHeader& header = HeaderOf(*stored.record);
            filter.after_opened = FromTimestamp(header.opened_time());
            filter.after_case_id = header.case_id();
            records.push_back(std::move(stored.record));
          }
        }
        audit::v1::AuditEvent event = AuditEventOf(options_, call, audit::v1::ACTION_READ);
        event.set_object_type(absl::StrCat(options_.pathway, "_case_list"));
        event.set_object_count(static_cast<int>(records.size()));
        event.set_subject_id(*filter.subject_id);
        return AppendAudit(options_, txn, {event});
      }));
  std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return FromTimestamp(HeaderOf(*a).opened_time()) < FromTimestamp(HeaderOf(*b).opened_time());
  });
  answering(records);
  return absl::OkStatus();
}

absl::Status UntypedCases::ListEvents(const rpc::Call& call, const Message& request,
                                      Message& response) {
  ASSIGN_OR_RETURN(const int page, PageSize(request, 100, kMostEvents));
  int64_t after = 0;
  if (const std::string token = GetText(request, "page_token");
      !token.empty() && (!absl::SimpleAtoi(token, &after) || after < 1)) {
    return BadPageToken();
  }
  return Read(call, request, absl::StrCat(options_.pathway, "_case_history"),
              [&](db::Transaction& txn, StoredCase& stored) -> absl::Status {
                response.Clear();
                ASSIGN_OR_RETURN(std::vector<v1::CaseEvent> events,
                                 store_->Events(txn, HeaderOf(*stored.record).case_id(), stored.key,
                                                after, page + 1));
                if (events.size() > static_cast<size_t>(page)) {
                  events.resize(page);
                  SetText("next_page_token", absl::StrCat(events.back().case_version()), response);
                }
                for (const v1::CaseEvent& event : events) AddMessage("events", event, response);
                return absl::OkStatus();
              });
}

absl::Status UntypedCases::Preview(const rpc::Call& call, Message& response, Previewing previewing,
                                   absl::FunctionRef<void(const Message&)> answering) {
  Call pure = PureCall(call, StrongestRole(call, {.tenant = call.caller.tenant}));
  ASSIGN_OR_RETURN(pure.protocol, options_.protocols->Latest(options_.pathway));
  ASSIGN_OR_RETURN(const std::unique_ptr<Message> record, previewing(pure));
  v1::CaseHeader& header = MutableHeaderOf(*record);
  if (header.protocol_key().empty()) header.set_protocol_key(options_.pathway);
  ASSIGN_OR_RETURN(const v1::Protocol* protocol, options_.protocols->Latest(header.protocol_key()));
  header.set_protocol_version(protocol->version());
  header.clear_plan();
  RETURN_IF_ERROR(PlanCase(*protocol, pure, *record));
  RestoreRuleText(*protocol, *header.mutable_plan());
  SetStatuses(call.now, *header.mutable_plan());
  answering(*record);
  SetMessage("plan", header.plan(), response);
  return absl::OkStatus();
}

absl::Status UntypedCases::ListProtocols(const rpc::Call& /*call*/, Message& response) {
  const auto& files = options_.protocols->files();
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (file->second.released) AddMessage("protocols", file->second.protocol, response);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> UntypedCases::PlanAgain(absl::string_view tenant,
                                                    absl::string_view case_id,
                                                    absl::Time deadline) {
  std::string plan;
  RETURN_IF_ERROR(
      options_.database->Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        plan.clear();
        ASSIGN_OR_RETURN(std::optional<StoredCase> stored, store_->Load(txn, case_id));
        if (!stored) return absl::OkStatus();
        v1::CaseHeader& header = MutableHeaderOf(*stored->record);
        ASSIGN_OR_RETURN(const v1::Protocol* protocol, ProtocolOf(header));
        Call call;
        call.user_id = absl::StrCat("service:", options_.pathway);
        plan = PlanForScheduling(options_.pathway, *protocol, header, call).SerializeAsString();
        return absl::OkStatus();
      }));
  return plan;
}

absl::StatusOr<int> UntypedCases::EraseClosedBefore(absl::string_view tenant, absl::Time before,
                                                    int limit, absl::Time deadline) {
  int erased = 0;
  RETURN_IF_ERROR(
      options_.database->Transact(deadline, tenant, [&](db::Transaction& txn) -> absl::Status {
        erased = 0;
        ASSIGN_OR_RETURN(const auto closed, store_->ClosedBefore(txn, before, limit));
        if (closed.empty()) return absl::OkStatus();
        std::vector<std::string> ids;
        std::vector<audit::v1::AuditEvent> events;
        for (const CaseStore::IdVersion& version : closed) {
          ids.push_back(version.case_id);
          audit::v1::AuditEvent& event = events.emplace_back();
          event.set_tenant(std::string(tenant));
          *event.mutable_occurred_time() = ToTimestamp(options_.real_clock->Now());
          event.set_source(options_.pathway);
          event.mutable_actor()->set_service(options_.pathway);
          event.set_action(audit::v1::ACTION_ERASE);
          event.set_method("retention");
          event.set_purpose("The retention period of the closed case is over");
          event.set_object_type(absl::StrCat(options_.pathway, "_case"));
          event.set_object_id(version.case_id);
          event.set_object_version(version.version);
        }
        RETURN_IF_ERROR(store_->Erase(txn, ids));
        erased = static_cast<int>(ids.size());
        return AppendAudit(options_, txn, std::move(events));
      }));
  return erased;
}

}  // namespace waymark::casework
