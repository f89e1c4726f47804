#include "services/referral/fhir/rest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/referral/fhir/bars_receiver.h"
#include "services/referral/fhir/bundle.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/outcome.h"
#include "services/referral/fhir/primitives.h"
#include "services/referral/fhir/reader.h"
#include "services/referral/fhir/systems.h"

namespace waymark::referral::fhir {
namespace {

// What is served.
struct ServedType {
  const char* type;
  bool readable;
  bool searchable;
  bool updatable;
};
constexpr char kSlot[] = "Slot";
constexpr ServedType kServed[] = {{"Appointment", true, false, false},
                                  {"ServiceRequest", true, true, false},
                                  {kSlot, false, true, false},
                                  {"Task", true, true, true}};
constexpr char kProcessMessage[] = "/$process-message";

// Parameters of a search, with their type.
struct ServedParameter {
  const char* name;
  const char* type;
};
constexpr ServedParameter kParameters[] = {{"_id", "token"},
                                           {"identifier", "token"},
                                           {"patient:identifier", "token"},
                                           {"status", "token"}};
constexpr char kSlotService[] = "Schedule.actor:HealthcareService";
constexpr ServedParameter kSlotParameters[] = {
    {kSlotService, "reference"}, {"start", "date"}, {"status", "token"}};
// What the standard has every search for slots include. The directory names no practitioners.
constexpr const char* kSlotIncludes[] = {"Slot:schedule", "Schedule:actor:HealthcareService",
                                         "Schedule:actor:Practitioner"};

std::vector<ServedParameter> ParametersOf(absl::string_view type) {
  if (type == kSlot) return {std::begin(kSlotParameters), std::end(kSlotParameters)};
  return {std::begin(kParameters), std::end(kParameters)};
}

const ServedType* FindServed(absl::string_view type) {
  for (const ServedType& served : kServed) {
    if (type == served.type) return &served;
  }
  return nullptr;
}

FhirAnswer Answer(int status, const Json& body) {
  return {status, {{"content-type", kFhirMedia}}, WriteJson(body)};
}

FhirAnswer Refuse(const BarsError& error) { return Answer(error.status, OperationOutcome(error)); }

FhirAnswer Refuse(int status, absl::string_view issue, absl::string_view diagnostics) {
  BarsError error = {status, "", std::string(issue), std::string(diagnostics), ""};
  if (status == 404) error.code = "REC_NOT_FOUND";
  if (status == 400) error.code = "REC_BAD_REQUEST";
  if (status == 422) error.code = "REC_UNPROCESSABLE_ENTITY";
  return Refuse(error);
}

// Everything that is wrong with what was sent, each with its place.
FhirAnswer RefuseIssues(int status, const char* code, const std::vector<Issue>& issues) {
  Json outcome = OperationOutcome(issues);
  for (Json& issue : outcome["issue"]) {
    issue["details"] = {
        {"coding", Json::array({{{"system", "https://fhir.nhs.uk/CodeSystem/http-error-codes"},
                                 {"code", code}}})}};
  }
  return Answer(status, outcome);
}

std::string ETagOf(int64_t version) { return absl::StrCat("W/\"", version, "\""); }

// The version an If-Match or If-None-Match names; nothing when it names none.
std::optional<int64_t> VersionOf(absl::string_view etag) {
  etag = absl::StripAsciiWhitespace(etag);
  absl::ConsumePrefix(&etag, "W/");
  if (!absl::ConsumePrefix(&etag, "\"") || !absl::ConsumeSuffix(&etag, "\"")) return std::nullopt;
  int64_t version = 0;
  if (!absl::SimpleAtoi(etag, &version) || version <= 0) return std::nullopt;
  return version;
}

std::string HeaderOf(const FhirRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::string HttpDate(const v1::ReferralCase& referral) {
  const auto& time = referral.milestones_size() > 0
                         ? referral.milestones(referral.milestones_size() - 1).recorded_time()
                         : referral.header().opened_time();
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", ToTime(time), absl::UTCTimeZone());
}

// The resource of a type that the case shows as. NOT_FOUND when it has none.
absl::StatusOr<Json> Show(const std::string& type, const v1::ReferralCase& referral) {
  if (type == "Task") return TaskOfCase(referral);
  if (type == "Appointment") {
    Json appointment = AppointmentOfCase(referral);
    if (appointment.is_null()) {
      return status::NotFound("NO_APPOINTMENT", "The referral has no appointment.");
    }
    return appointment;
  }
  ASSIGN_OR_RETURN(const Json all, SearchsetOfCase(referral));
  return Member(Item(Member(all, "entry"), 0), "resource");
}

std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      plain += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

using Asked = std::vector<std::pair<std::string, std::string>>;

// In their order; a name may come twice.
Asked AllParameters(absl::string_view query) {
  Asked parameters;
  for (const absl::string_view part : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> sides =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    parameters.emplace_back(Unescape(sides.first), Unescape(sides.second));
  }
  return parameters;
}

std::map<std::string, std::string> Parameters(absl::string_view query) {
  std::map<std::string, std::string> parameters;
  for (auto& [name, value] : AllParameters(query)) parameters[name] = value;
  return parameters;
}

// The value behind "system|value" when the system is the one asked for, or none is said.
std::string TokenValue(absl::string_view token, absl::string_view system) {
  const size_t bar = token.find('|');
  if (bar == absl::string_view::npos) return std::string(token);
  const absl::string_view said = token.substr(0, bar);
  return said.empty() || SameSystem(said, system) ? std::string(token.substr(bar + 1)) : "";
}

FhirAnswer Read(const FhirRequest& request, const std::string& type, const std::string& id,
                FhirBackend& backend, const std::string& version) {
  const absl::StatusOr<v1::ReferralCase> referral = backend.Get(id);
  if (!referral.ok()) return RefuseWith(referral.status());
  if (!version.empty() && version != absl::StrCat(referral->header().version())) {
    return Refuse(404, "not-found", "Only the current version is kept as a resource.");
  }
  if (VersionOf(HeaderOf(request, "if-none-match")) == referral->header().version()) {
    return {304, {{"etag", ETagOf(referral->header().version())}}, ""};
  }
  const absl::StatusOr<Json> resource = Show(type, *referral);
  if (!resource.ok()) return RefuseWith(resource.status());
  FhirAnswer answer = Answer(200, *resource);
  answer.headers["etag"] = ETagOf(referral->header().version());
  answer.headers["last-modified"] = HttpDate(*referral);
  return answer;
}

FhirAnswer History(const FhirRequest& request, const std::string& type, const std::string& id,
                   FhirBackend& backend) {
  const absl::StatusOr<v1::ReferralCase> referral = backend.Get(id);
  if (!referral.ok()) return RefuseWith(referral.status());
  const absl::StatusOr<std::vector<casework::v1::CaseEvent>> events = backend.Events(id);
  if (!events.ok()) return RefuseWith(events.status());
  const absl::StatusOr<Json> current = Show(type, *referral);
  if (!current.ok()) return RefuseWith(current.status());
  Json entries = Json::array();
  for (auto event = events->rbegin(); event != events->rend(); ++event) {
    Json entry = {{"fullUrl", absl::StrCat(request.base_url, "/", type, "/", id)}};
    if (event->case_version() == referral->header().version()) entry["resource"] = *current;
    const bool first = event->case_version() <= 1;
    entry["request"] = {{"method", first ? "POST" : "PUT"},
                        {"url", first ? type : absl::StrCat(type, "/", id)}};
    entry["response"] = {{"status", first ? "201" : "200"},
                         {"etag", ETagOf(event->case_version())},
                         {"lastModified", WriteTime(event->recorded_time())}};
    entries.push_back(std::move(entry));
  }
  return Answer(200, {{"resourceType", "Bundle"},
                      {"type", "history"},
                      {"total", entries.size()},
                      {"entry", std::move(entries)}});
}

FhirAnswer Search(const FhirRequest& request, const std::string& type, FhirBackend& backend) {
  const bool post = request.method == "POST";
  std::map<std::string, std::string> asked = Parameters(request.query);
  for (auto& [name, value] : Parameters(post ? request.body : "")) asked[name] = value;
  const bool strict = absl::StrContains(HeaderOf(request, "prefer"), "handling=strict");
  for (const auto& parameter : asked) {
    const std::string& name = parameter.first;
    const bool known =
        name == "_count" || name == "_page" ||
        std::any_of(std::begin(kParameters), std::end(kParameters),
                    [&name](const ServedParameter& served) { return name == served.name; });
    if (!known && strict) {
      return Refuse(400, "not-supported", "One of the search parameters is not served.");
    }
  }
  if (!post && asked.count("patient:identifier") > 0) {
    return Refuse(400, "security", "Send what identifies a patient in the body: POST to _search.");
  }
  int size = 50;
  if (const auto count = asked.find("_count"); count != asked.end()) {
    if (!absl::SimpleAtoi(count->second, &size) || size < 1) {
      return Refuse(400, "value", "_count is a whole number from 1.");
    }
    size = std::min(size, kMostFound);
  }
  std::vector<v1::ReferralCase> found;
  std::string next;
  std::string id = asked.count("_id") > 0 ? asked["_id"] : "";
  if (asked.count("identifier") > 0) {
    id = TokenValue(asked["identifier"], kUriId);
    id = std::string(absl::StripPrefix(id, "urn:uuid:"));
    if (id.empty()) id = "-";  // another system's: nothing has it
  }
  if (!id.empty()) {
    if (ids::IsUuid(id)) {
      const absl::StatusOr<v1::ReferralCase> referral = backend.Get(id);
      if (referral.ok()) {
        found.push_back(*referral);
      } else if (!absl::IsNotFound(referral.status())) {
        return RefuseWith(referral.status());
      }
    }
  } else if (asked.count("patient:identifier") > 0) {
    const std::string number = TokenValue(asked["patient:identifier"], kNhsNumber);
    std::string token;
    for (int page = 0; page < kMostPages; ++page) {
      const absl::StatusOr<FhirBackend::Page> read = backend.List(kMostFound, token);
      if (!read.ok()) return RefuseWith(read.status());
      for (const v1::ReferralCase& referral : read->cases) {
        if (!number.empty() && referral.content().patient().nhs_number() == number) {
          found.push_back(referral);
        }
      }
      token = read->next;
      if (token.empty()) break;
    }
  } else {
    std::string token;
    if (!absl::WebSafeBase64Unescape(asked["_page"], &token)) {
      return Refuse(400, "value", "_page comes from the link of the page before.");
    }
    absl::StatusOr<FhirBackend::Page> read = backend.List(size, token);
    if (!read.ok()) return RefuseWith(read.status());
    found = std::move(read->cases);
    next = read->next;
  }
  Json entries = Json::array();
  int matches = 0;
  for (const v1::ReferralCase& referral : found) {
    Json shown;
    if (type == "Task") {
      shown = Json::array(
          {{{"fullUrl", absl::StrCat(request.base_url, "/Task/", referral.header().case_id())},
            {"resource", TaskOfCase(referral)},
            {"search", {{"mode", "match"}}}}});
    } else {
      const absl::StatusOr<Json> all = SearchsetOfCase(referral);
      // One that cannot be written (an alias without a telephone) does not hide the others.
      if (!all.ok()) continue;
      shown = Member(*all, "entry");
    }
    const std::string status = Text(Member(shown[0], "resource"), "status");
    if (asked.count("status") > 0 && asked["status"] != status) continue;
    ++matches;
    for (Json& entry : shown) entries.push_back(std::move(entry));
  }
  Json links =
      Json::array({{{"relation", "self"}, {"url", absl::StrCat(request.base_url, "/", type)}}});
  if (!next.empty()) {
    links.push_back({{"relation", "next"},
                     {"url", absl::StrCat(request.base_url, "/", type, "?_count=", size,
                                          "&_page=", absl::WebSafeBase64Escape(next))}});
  }
  Json bundle = {{"resourceType", "Bundle"}, {"type", "searchset"}};
  if (next.empty()) bundle["total"] = matches;
  bundle["link"] = std::move(links);
  if (!entries.empty()) bundle["entry"] = std::move(entries);
  return Answer(200, bundle);
}

// What a search for slots asks, as the standard has it.
struct SlotSearch {
  std::string service_id;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  bool free = false;
  bool busy = false;
  std::vector<std::string> includes;
};

// One "ge2026-11-22T10:00:00Z". False when it is none.
bool ReadStart(absl::string_view text, SlotSearch& search) {
  const absl::string_view prefix = text.substr(0, 2);
  const std::optional<absl::Time> time = ReadInstant(std::string(text.substr(prefix.size())));
  if (!time) return false;
  if (prefix == "ge") {
    search.from = *time;
  } else if (prefix == "gt") {
    search.from = *time + absl::Microseconds(1);
  } else if (prefix == "le") {
    search.to = *time;
  } else if (prefix == "lt") {
    search.to = *time - absl::Microseconds(1);
  } else {
    return false;
  }
  return true;
}

// By "GET Slots" of the standard's failure scenarios.
std::optional<FhirAnswer> ReadSlotSearch(const Asked& asked, bool strict, SlotSearch& search) {
  bool status_said = false;
  for (const auto& [name, value] : asked) {
    // Its own pages write it "Schedule.actor:healthcareService" and
    // "Schedule:actor:HealthcareService".
    if (absl::EqualsIgnoreCase(name, kSlotService) ||
        absl::EqualsIgnoreCase(name, "Schedule:actor:HealthcareService")) {
      search.service_id =
          std::string(absl::StripPrefix(TokenValue(value, kServiceId), "HealthcareService/"));
      if (!ids::IsUuid(search.service_id)) {
        return Refuse(400, "value", "The HealthcareService is named by its id here, a UUID.");
      }
    } else if (name == "start") {
      if (!ReadStart(value, search)) {
        return Refuse(400, "value", "start is ge, gt, le or lt and an instant with its zone.");
      }
    } else if (name == "status") {
      status_said = true;
      for (const absl::string_view one : absl::StrSplit(value, ',')) {
        search.free |= one == "free";
        search.busy |= one == "busy";
        if (one != "free" && one != "busy") {
          return Refuse(400, "value", "status is free, busy or both.");
        }
      }
    } else if (name == "_include" || absl::StartsWith(name, "_include:")) {
      search.includes.push_back(value);
    } else if (strict && name != "_count") {
      return Refuse(400, "not-supported", "One of the search parameters is not served.");
    }
  }
  if (search.service_id.empty()) {
    return Refuse(400, "required", "Say whose slots: Schedule.actor:HealthcareService.");
  }
  if (search.from == absl::InfinitePast() || search.to == absl::InfiniteFuture()) {
    return Refuse(400, "required", "Give start twice: from when (ge) and until when (le).");
  }
  if (!status_said) return Refuse(400, "required", "Say which status: free, busy or both.");
  for (const char* include : kSlotIncludes) {
    const bool there = std::any_of(
        search.includes.begin(), search.includes.end(),
        [include](const std::string& one) { return absl::EqualsIgnoreCase(one, include); });
    if (!there) return Refuse(400, "required", absl::StrCat("_include=", include, " is required."));
  }
  if (search.to < search.from) return Refuse(400, "value", "start ends before it begins.");
  if (search.to - search.from > kLongestSearch) {
    return Refuse(422, "too-costly", "Slots are searched over at most 92 days.");
  }
  return std::nullopt;
}

Json SlotJson(const v1::Slot& slot) {
  Json json = {{"resourceType", kSlot},
               {"id", slot.slot_id()},
               {"identifier", Json::array({{{"system", kSlotId}, {"value", slot.slot_id()}}})},
               {"schedule", {{"reference", absl::StrCat("Schedule/", slot.service_id())}}},
               {"status", slot.state() == v1::SLOT_STATE_FREE ? "free" : "busy"},
               {"start", WriteTime(slot.start_time())},
               {"end", WriteTime(slot.end_time())}};
  if (!slot.place().empty()) json["comment"] = slot.place();
  return json;
}

FhirAnswer SearchSlots(const FhirRequest& request, FhirBackend& backend) {
  Asked asked = AllParameters(request.query);
  if (request.method == "POST") {
    for (auto& one : AllParameters(request.body)) asked.push_back(std::move(one));
  }
  SlotSearch search;
  const bool strict = absl::StrContains(HeaderOf(request, "prefer"), "handling=strict");
  if (auto refused = ReadSlotSearch(asked, strict, search)) return *std::move(refused);
  const absl::StatusOr<FhirBackend::Times> times =
      backend.Slots(search.service_id, search.from, search.to);
  if (!times.ok()) return RefuseWith(times.status());
  Json entries = Json::array();
  const auto add = [&](const char* type, const std::string& id, Json resource, const char* mode) {
    entries.push_back({{"fullUrl", absl::StrCat(request.base_url, "/", type, "/", id)},
                       {"resource", std::move(resource)},
                       {"search", {{"mode", mode}}}});
  };
  int matches = 0;
  for (const v1::Slot& slot : times->slots) {
    if (slot.state() == v1::SLOT_STATE_FREE ? !search.free : !search.busy) continue;
    add(kSlot, slot.slot_id(), SlotJson(slot), "match");
    ++matches;
  }
  if (matches > 0) {
    const v1::OfferedService& service = times->service;
    const std::string reference = absl::StrCat("HealthcareService/", service.service_id());
    add("Schedule", service.service_id(),
        {{"resourceType", "Schedule"},
         {"id", service.service_id()},
         {"active", true},
         {"actor", Json::array({{{"reference", reference}}})},
         {"planningHorizon",
          {{"start", WriteInstant(search.from)}, {"end", WriteInstant(search.to)}}}},
        "include");
    Json healthcare = {
        {"resourceType", "HealthcareService"},
        {"id", service.service_id()},
        {"identifier", Json::array({{{"system", kServiceId}, {"value", service.service_id()}}})},
        {"active", true}};
    if (!times->organisation_code.empty()) {
      healthcare["providedBy"]["identifier"] = {{"system", kOdsCode},
                                                {"value", times->organisation_code}};
    }
    if (!times->organisation_name.empty()) {
      healthcare["providedBy"]["display"] = times->organisation_name;
    }
    if (const std::string kind = CodeOfEnum(service.service()); !kind.empty()) {
      healthcare["type"] = Json::array({ConceptOf(kCareService, kind)});
    }
    if (!service.name().empty()) healthcare["name"] = service.name();
    if (!service.phone().empty()) {
      healthcare["telecom"] = Json::array({{{"system", "phone"}, {"value", service.phone()}}});
    }
    add("HealthcareService", service.service_id(), std::move(healthcare), "include");
  }
  Json bundle = {
      {"resourceType", "Bundle"},
      {"type", "searchset"},
      {"total", matches},
      {"link",
       Json::array({{{"relation", "self"}, {"url", absl::StrCat(request.base_url, "/Slot")}}})}};
  if (!entries.empty()) bundle["entry"] = std::move(entries);
  return Answer(200, bundle);
}

FhirAnswer Update(const FhirRequest& request, const std::string& id, FhirBackend& backend) {
  const Reading reading = ReadResource(request.body);
  if (HasError(reading.issues)) return RefuseIssues(400, "REC_BAD_REQUEST", reading.issues);
  if (Text(reading.resource, "resourceType") != "Task") {
    return Refuse(400, "invariant", "The body is a Task.");
  }
  if (Text(reading.resource, "id") != id) {
    return Refuse(400, "invariant", "Task.id is the id that the path names.");
  }
  int64_t version = 0;
  if (const std::string if_match = HeaderOf(request, "if-match"); !if_match.empty()) {
    const std::optional<int64_t> named = VersionOf(if_match);
    if (!named) return Refuse(400, "value", "If-Match is an ETag of this server: W/\"3\".");
    version = *named;
  }
  const AnswerReading answers = ReadTaskAnswer(reading.resource);
  if (HasError(answers.issues)) {
    return RefuseIssues(422, "REC_UNPROCESSABLE_ENTITY", answers.issues);
  }
  const PartnerAnswer& said = answers.answers.front();
  if (said.referral_id != id) {
    return Refuse(400, "invariant", "Task.focus is the ServiceRequest with the id of the Task.");
  }
  const std::string own = ids::NormaliseUuid(HeaderOf(request, "x-request-id")).value_or("");
  const absl::StatusOr<v1::ReferralCase> after =
      backend.Act(id, version, own.empty() ? request.request_id : own, said.answer);
  if (!after.ok()) return RefuseWith(after.status());
  FhirAnswer answer = Answer(200, TaskOfCase(*after));
  answer.headers["etag"] = ETagOf(after->header().version());
  answer.headers["last-modified"] = HttpDate(*after);
  return answer;
}

// The case that an answer means: by our id, by the message it responds to, by the provider's own
// number, or by NHS number and birth date when exactly one open referral has both.
absl::StatusOr<v1::ReferralCase> Match(const PartnerAnswer& answer, FhirBackend& backend,
                                       bool report) {
  if (!answer.referral_id.empty()) {
    absl::StatusOr<v1::ReferralCase> named = backend.Get(answer.referral_id);
    // A laboratory passes on what it was told, which may be another's number.
    if (!report || !absl::IsNotFound(named.status())) return named;
  }
  const v1::MatchKeys& keys = answer.keys;
  std::optional<v1::ReferralCase> by_person;
  int persons = 0;
  std::string token;
  for (int page = 0; page < kMostPages; ++page) {
    ASSIGN_OR_RETURN(const FhirBackend::Page read, backend.List(kMostFound, token));
    for (const v1::ReferralCase& referral : read.cases) {
      if (!answer.response_to.empty() && referral.sending().message_id() == answer.response_to) {
        return referral;
      }
      if (!keys.provider_reference().empty() &&
          referral.accepted().provider_reference() == keys.provider_reference()) {
        return referral;
      }
      const v1::Patient& patient = referral.content().patient();
      if (!keys.nhs_number().empty() && patient.nhs_number() == keys.nhs_number() &&
          WriteDate(patient.birth_date()) == WriteDate(keys.birth_date()) &&
          referral.header().state() == casework::v1::CASE_STATE_OPEN) {
        by_person = referral;
        ++persons;
      }
    }
    token = read.next;
    if (token.empty()) break;
  }
  if (persons == 1) return *std::move(by_person);
  return status::NotFound("CASE_NOT_FOUND",
                          "No referral, or more than one, is meant by what the message says.");
}

// What the standard has a receiver say to validations, which nothing here is for: no request for
// one is taken, so none can be cancelled or updated; none was ever sent, so nothing answers one.
std::optional<FhirAnswer> RefuseValidation(const BarsMessage& message, BarsAction action) {
  switch (action) {
    case BarsAction::kNewValidation:
      return Refuse(422, "not-supported",
                    "Nothing is validated here: no service is offered for it.");
    case BarsAction::kCancelledValidation:
    case BarsAction::kUpdatedValidation:
      return Refuse(404, "not-found", "There is no such validation here: none is taken.");
    case BarsAction::kInterimResponse:
    case BarsAction::kFinalResponse:
    case BarsAction::kRejectedValidation:
      return Refuse(*DecideBars(message, {.response_known = false}).error);
    default:
      return std::nullopt;
  }
}

// What is known here of what the message is about.
BarsKnown KnownOf(const BarsMessage& message, const absl::StatusOr<v1::ReferralCase>& before) {
  BarsKnown known;
  known.response_known = before.ok() && before->sending().message_id() == message.response_to;
  if (before.ok() && !before->bookings().empty() &&
      before->bookings().rbegin()->has_booked_time()) {
    known.local_updated = ToTime(before->bookings().rbegin()->booked_time());
  }
  return known;
}

// A report is never sent back for want of a referral to put it on: somebody finds out.
bool IsForSomebody(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  return absl::IsNotFound(status) || reason == "ILLEGAL_MOVE" || reason == "CASE_CLOSED";
}

// Puts a report on its referral. Whoever reports on a patient has taken them on, or seen them,
// whether or not their system said so first.
absl::StatusOr<v1::ReferralCase> Report(const v1::ReferralCase& before,
                                        const std::string& request_id, const v1::Answer& report,
                                        FhirBackend& backend) {
  const std::string& id = before.header().case_id();
  absl::StatusOr<v1::ReferralCase> after = backend.Act(id, 0, request_id, report);
  if (status::Reason(after.status()) != "ILLEGAL_MOVE") return after;
  v1::Answer implied;
  if (before.state() == v1::REFERRAL_STATE_RECEIVED ||
      before.state() == v1::REFERRAL_STATE_INFORMATION_ASKED) {
    implied.mutable_accepted();
  } else if (before.state() == v1::REFERRAL_STATE_DID_NOT_ATTEND) {
    *implied.mutable_seen()->mutable_seen_time() = report.outcome().outcome_time();
  } else {
    return after;
  }
  if (!backend.Act(id, 0, ids::DeriveUuid(request_id, "implied"), implied).ok()) return after;
  return backend.Act(id, 0, request_id, report);
}

FhirAnswer ProcessMessage(const FhirRequest& request, FhirBackend& backend) {
  const BarsHeaderCheck headers = CheckBarsHeaders(request.headers);
  if (headers.error) return Refuse(*headers.error);
  const Reading reading = ReadResource(request.body);
  if (HasError(reading.issues)) return RefuseIssues(400, "REC_BAD_REQUEST", reading.issues);
  const Json& bundle = reading.resource;

  AnswerReading answers;
  std::optional<BarsMessage> message;
  if (IsReport(bundle)) {
    answers = ReadReport(bundle);
  } else {
    BarsMessageReading read = ReadBarsMessage(bundle);
    if (read.error) return Refuse(*read.error);
    message = std::move(read.message);
    // Asked once to know what the message is about, and once more with what is known of that.
    const BarsDecision likely = DecideBars(*message, {.response_known = true});
    if (likely.error) return Refuse(*likely.error);
    if (auto refused = RefuseValidation(*message, *likely.action)) return *std::move(refused);
    answers = ReadBarsAnswer(bundle, *likely.action);
  }
  if (HasError(answers.issues)) {
    return RefuseIssues(422, "REC_UNPROCESSABLE_ENTITY", answers.issues);
  }
  std::vector<Issue> said = answers.issues;
  bool kept = false;
  for (size_t i = 0; i < answers.answers.size(); ++i) {
    const PartnerAnswer& answer = answers.answers[i];
    const std::string request_id =
        i == 0 ? headers.request.request_id
               : ids::DeriveUuid(headers.request.request_id, absl::StrCat(i));
    const absl::StatusOr<v1::ReferralCase> before = Match(answer, backend, !message.has_value());
    if (message) {
      const BarsDecision decision = DecideBars(*message, KnownOf(*message, before));
      if (decision.error) return Refuse(*decision.error);
    }
    absl::StatusOr<v1::ReferralCase> after = before;
    if (before.ok()) {
      after = message ? backend.Act(before->header().case_id(), 0, request_id, answer.answer)
                      : Report(*before, request_id, answer.answer, backend);
    }
    if (!message && IsForSomebody(after.status())) {
      const absl::StatusOr<bool> matched = backend.TakeIn(request_id, answer.keys, answer.answer);
      if (!matched.ok()) return RefuseWith(matched.status());
      kept |= !*matched;
      continue;
    }
    if (!after.ok()) return RefuseWith(after.status());
    if (i == 0 && after->header().version() <= before->header().version()) {
      return Refuse(*DecideBars({}, {.request_processed = true}).error);
    }
  }
  said.push_back({Severity::kInformation, "informational", "",
                  kept ? "The message has been kept: a person finds out what it belongs to."
                       : "The message has been processed."});
  return Answer(kept ? 202 : 200, OperationOutcome(said));
}

FhirAnswer Route(const FhirRequest& request, FhirBackend& backend) {
  if (request.path == "/metadata" && request.method == "GET") {
    return Answer(200, Capabilities(request.base_url));
  }
  if (request.path == kProcessMessage) {
    if (request.method == "POST") return ProcessMessage(request, backend);
    return Refuse(405, "not-supported", "Messages are sent by POST.");
  }
  const std::vector<std::string> parts = absl::StrSplit(absl::StripPrefix(request.path, "/"), '/');
  const ServedType* served = FindServed(parts[0]);
  if (served == nullptr) {
    return Refuse(404, "not-supported", "This type of resource is not served.");
  }
  const bool get = request.method == "GET";
  const std::string type = served->type;
  const auto search = [&] {
    return type == kSlot ? SearchSlots(request, backend) : Search(request, type, backend);
  };
  if (parts.size() == 1 && get && served->searchable) return search();
  if (parts.size() == 2 && parts[1] == "_search" && served->searchable) {
    if (request.method == "POST") return search();
    return Refuse(405, "not-supported", "_search is asked by POST.");
  }
  if (parts.size() >= 2 && !ids::IsUuid(parts[1])) {
    return Refuse(404, "not-found", "There is no such resource.");
  }
  if (!served->readable) {
    return Refuse(405, "not-supported", "This interaction is not served: /metadata lists what is.");
  }
  if (parts.size() == 2 && get) return Read(request, type, parts[1], backend, "");
  if (parts.size() == 2 && request.method == "PUT" && served->updatable) {
    return Update(request, parts[1], backend);
  }
  if (parts.size() >= 3 && parts[2] == "_history" && get) {
    if (parts.size() == 3) return History(request, type, parts[1], backend);
    if (parts.size() == 4) return Read(request, type, parts[1], backend, parts[3]);
  }
  return Refuse(405, "not-supported", "This interaction is not served: /metadata lists what is.");
}

}  // namespace

FhirAnswer RefuseWith(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  BarsError error;
  error.diagnostics = std::string(status.message());
  const auto say = [&error](int code, const char* bars, const char* issue) {
    error.status = code;
    error.code = bars;
    error.issue_code = issue;
  };
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      say(404, "REC_NOT_FOUND", "not-found");
      break;
    case absl::StatusCode::kAlreadyExists:
      say(409, "REC_CONFLICT", "duplicate");
      break;
    case absl::StatusCode::kFailedPrecondition:
      if (reason == "STALE_VERSION") {
        say(412, "", "conflict");
      } else if (reason == "ILLEGAL_MOVE" || reason == "CASE_CLOSED" || reason == "SLOT_TAKEN") {
        say(409, "REC_CONFLICT", "conflict");
      } else {
        say(422, "REC_UNPROCESSABLE_ENTITY", "business-rule");
      }
      break;
    case absl::StatusCode::kInvalidArgument:
      if (reason == "REQUEST_ID_REUSED") {
        say(409, "REC_CONFLICT", "duplicate");
      } else {
        say(422, "REC_UNPROCESSABLE_ENTITY", "invalid");
      }
      break;
    case absl::StatusCode::kUnauthenticated:
      say(401, "REC_UNAUTHORIZED", "login");
      break;
    case absl::StatusCode::kPermissionDenied:
      say(403, "REC_FORBIDDEN", "forbidden");
      break;
    case absl::StatusCode::kResourceExhausted:
      say(429, "SEND_TOO_MANY_REQUESTS", "throttled");
      break;
    case absl::StatusCode::kDeadlineExceeded:
      say(408, "REC_TIMEOUT", "timeout");
      break;
    case absl::StatusCode::kUnavailable:
      say(503, "REC_SERVICE_UNAVAILABLE", "transient");
      break;
    default:
      say(500, "REC_SERVER_ERROR", "exception");
      error.diagnostics = "The request could not be carried out.";
  }
  return Refuse(error);
}

Json Capabilities(absl::string_view base_url) {
  Json resources = Json::array();
  for (const ServedType& served : kServed) {
    Json interactions = Json::array();
    if (served.readable) {
      for (const char* code : {"read", "vread", "history-instance"}) {
        interactions.push_back({{"code", code}});
      }
    }
    if (served.updatable) interactions.push_back({{"code", "update"}});
    if (served.searchable) interactions.push_back({{"code", "search-type"}});
    Json resource = {{"type", served.type},
                     {"profile", absl::StrCat(kUkProfile, served.type)},
                     {"interaction", std::move(interactions)},
                     {"versioning", !served.readable   ? "no-version"
                                    : served.updatable ? "versioned-update"
                                                       : "versioned"},
                     {"readHistory", false},
                     {"updateCreate", false}};
    if (served.type == absl::string_view(kSlot)) {
      resource["searchInclude"] =
          Json(std::vector<std::string>(std::begin(kSlotIncludes), std::end(kSlotIncludes)));
    }
    if (served.searchable) {
      Json parameters = Json::array();
      for (const ServedParameter& parameter : ParametersOf(served.type)) {
        parameters.push_back({{"name", parameter.name}, {"type", parameter.type}});
      }
      resource["searchParam"] = std::move(parameters);
    }
    resources.push_back(std::move(resource));
  }
  Json rest = {
      {"mode", "server"},
      {"security",
       {{"service",
         Json::array({ConceptOf("http://terminology.hl7.org/CodeSystem/restful-security-service",
                                "OAuth")})}}},
      {"resource", std::move(resources)},
      {"operation", Json::array({{{"name", "process-message"},
                                  {"definition",
                                   "http://hl7.org/fhir/OperationDefinition/"
                                   "MessageHeader-process-message"}}})}};
  return {{"resourceType", "CapabilityStatement"},
          {"status", "active"},
          {"date", "2026-11-22"},
          {"kind", "instance"},
          {"software", {{"name", "Waymark"}}},
          {"implementation",
           {{"description", "Referrals addressed to the caller's organisation"},
            {"url", std::string(base_url)}}},
          {"fhirVersion", "4.0.1"},
          {"format", Json::array({kFhirMedia})},
          {"rest", Json::array({std::move(rest)})}};
}

FhirAnswer HandleFhir(const FhirRequest& request, FhirBackend& backend) {
  FhirAnswer answer = Route(request, backend);
  // Echoed on every answer, so that both sides' logs meet.
  for (const char* name : {"x-request-id", "x-correlation-id"}) {
    if (const auto id = ids::NormaliseUuid(HeaderOf(request, name))) answer.headers[name] = *id;
  }
  return answer;
}

}  // namespace waymark::referral::fhir
