#include "services/workforce/people/disclosure_service.h"

#include <string>

#include "common/ids/ids.h"
#include "common/rpc/unary.h"
#include "common/status/status.h"
#include "services/casework/instants.h"
#include "services/workforce/people/view.h"
#include "services/workforce/store/consents.h"
#include "services/workforce/store/people.h"
#include "waymark/workforce/v1/disclosure_service.grpc.pb.h"

namespace waymark::workforce {
namespace {

constexpr size_t kMostRoutes = 5;

// The numbers of both enums are the NHS's, in the same order.
referral::v1::Sex SexOf(v1::Sex sex) { return static_cast<referral::v1::Sex>(sex); }

referral::v1::ContactKind KindOf(v1::Route route, const v1::Person& person) {
  switch (route) {
    case v1::ROUTE_PERSONAL_EMAIL:
      return referral::v1::CONTACT_KIND_EMAIL;
    case v1::ROUTE_PERSONAL_PHONE:
      return person.personal().mobile().empty() ? referral::v1::CONTACT_KIND_PHONE
                                                : referral::v1::CONTACT_KIND_MOBILE;
    case v1::ROUTE_POST:
      return referral::v1::CONTACT_KIND_POST;
    default:
      return referral::v1::CONTACT_KIND_UNSPECIFIED;  // of their work, or nothing to send by
  }
}

class Service final : public v1::DisclosureService::CallbackService {
 public:
  Service(rpc::Corridor& corridor, Desk& desk) : corridor_(corridor), desk_(desk) {}

  grpc::ServerUnaryReactor* DisclosePerson(grpc::CallbackServerContext* context,
                                           const v1::DisclosePersonRequest* request,
                                           v1::DisclosePersonResponse* response) override {
    return rpc::Unary(corridor_, context, request, response,
                      [this](const rpc::Call& call, const v1::DisclosePersonRequest& asked,
                             v1::DisclosePersonResponse* answer) {
                        return workforce::DisclosePerson(desk_, call, asked, answer);
                      });
  }

 private:
  rpc::Corridor& corridor_;
  Desk& desk_;
};

}  // namespace

referral::v1::Patient PatientOf(const v1::Person& person, const v1::Choices& choices,
                                absl::string_view alias) {
  referral::v1::Patient patient;
  const v1::Language language =
      choices.language() == v1::LANGUAGE_UNSPECIFIED ? person.language() : choices.language();
  patient.set_language(language == v1::LANGUAGE_WELSH ? referral::v1::LANGUAGE_WELSH
                                                      : referral::v1::LANGUAGE_ENGLISH);
  patient.set_sex(SexOf(person.sex()));
  if (!alias.empty()) {
    patient.set_alias(true);
    patient.set_family_name(std::string(alias));
    return patient;
  }
  patient.set_family_name(person.name().family());
  patient.set_given_name(person.name().given());
  patient.set_title(person.name().title());
  if (person.has_birth_date()) *patient.mutable_birth_date() = person.birth_date();
  const v1::NhsNumber& number = person.nhs_number();
  if (!number.number().empty() && number.status() != v1::NHS_NUMBER_STATUS_IN_DOUBT) {
    patient.set_nhs_number(number.number());
    patient.set_nhs_number_status(static_cast<referral::v1::NhsNumberStatus>(number.status()));
  }
  for (const v1::RouteTo& route : RoutesOf(person, choices)) {
    const referral::v1::ContactKind kind = KindOf(route.route(), person);
    if (kind == referral::v1::CONTACT_KIND_UNSPECIFIED) continue;
    if (static_cast<size_t>(patient.routes_size()) == kMostRoutes) break;
    referral::v1::ContactRoute& to = *patient.add_routes();
    to.set_kind(kind);
    to.set_value(route.address());
  }
  return patient;
}

bool IsWithdrawn(const std::vector<v1::Consent>& consents, absl::string_view recipient,
                 absl::Time given) {
  bool withdrawn = false;
  for (const v1::Consent& consent : consents) {
    if (consent.kind() != v1::DISCLOSURE_KIND_REFERRAL_TO_NHS) continue;
    if (!consent.recipient().empty() && consent.recipient() != recipient) continue;
    if (!consent.has_withdrawn_time())
      return false;  // one in force carries it, whatever was before
    if (casework::FromTimestamp(consent.withdrawn_time()) >= given) withdrawn = true;
  }
  return withdrawn;
}

absl::Status DisclosePerson(Desk& desk, const rpc::Call& call,
                            const v1::DisclosePersonRequest& request,
                            v1::DisclosePersonResponse* response) {
  status::FieldViolations violations;
  if (!ids::IsUuid(request.subject_id())) {
    violations.Add("subject_id", "NOT_A_UUID", "Give the person's subject id.");
  }
  if (request.recipient().empty() || request.recipient().size() > 40) {
    violations.Add("recipient", "LENGTH", "Give the provider's organisation code.");
  }
  if (request.basis() == referral::v1::CONSENT_BASIS_UNSPECIFIED) {
    violations.Add("basis", "MISSING", "Say on what basis.");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return desk.Transact(call, [&](db::Transaction& txn, const TenantKeys& keys) -> absl::Status {
    response->Clear();
    ASSIGN_OR_RETURN(const auto shown, ShownFor(txn, {request.subject_id()}));
    const auto found = shown.find(request.subject_id());
    if (found == shown.end()) {
      return status::NotFound("PERSON_NOT_FOUND", "Nobody is known by this subject id.");
    }
    const std::string& id = found->second;
    ASSIGN_OR_RETURN(const auto rows, ReadPeople(txn, {id}));
    const PersonRow& row = rows.at(id);
    if (row.state == v1::PERSON_STATE_DECEASED) {
      return status::FailedPrecondition("PERSON_DECEASED", "The person has died.");
    }
    if (row.state == v1::PERSON_STATE_PROVISIONAL) {
      return status::NotFound("PERSON_NOT_FOUND", "Nobody has been named for this subject id yet.");
    }
    ASSIGN_OR_RETURN(const std::vector<v1::Consent> consents, ConsentsOf(txn, id));
    const absl::Time given =
        request.has_given_time() ? casework::FromTimestamp(request.given_time()) : call.now;
    if (request.basis() != referral::v1::CONSENT_BASIS_VITAL_INTEREST &&
        IsWithdrawn(consents, request.recipient(), given)) {
      return status::FailedPrecondition(
          "CONSENT_REQUIRED",
          "The person has withdrawn consent to this referral. Ask them again first.");
    }
    for (const v1::Consent& consent : consents) {
      if (consent.kind() == v1::DISCLOSURE_KIND_REFERRAL_TO_NHS && !consent.has_withdrawn_time() &&
          (consent.recipient().empty() || consent.recipient() == request.recipient())) {
        response->set_consent_id(consent.consent_id());
      }
    }
    ASSIGN_OR_RETURN(
        const auto fields,
        ReadFields(txn, keys, {id},
                   {Field::kName, Field::kBirthDate, Field::kSex, Field::kNhsNumber,
                    Field::kPersonal, Field::kLanguage, Field::kChoices, Field::kAlias}));
    v1::Person person;
    person.set_state(row.state);
    v1::Choices choices;
    std::string alias;
    if (const auto values = fields.find(id); values != fields.end()) {
      RETURN_IF_ERROR(FromFields(values->second, person));
      ASSIGN_OR_RETURN(choices, ChoicesOf(values->second));
      if (const auto name = values->second.find(Field::kAlias); name != values->second.end()) {
        alias = name->second;
      }
    }
    if (row.is_protected && alias.empty()) alias = "Patient";
    *response->mutable_patient() = PatientOf(person, choices, row.is_protected ? alias : "");
    return desk.Audit(txn, call,
                      {{.action = audit::v1::ACTION_READ,
                        .object_type = "identity_for_provider",
                        .object_id = request.recipient(),
                        .subject_id = id,
                        .reason = referral::v1::ConsentBasis_Name(request.basis())}});
  });
}

std::shared_ptr<grpc::Service> MakeDisclosureService(rpc::Corridor& corridor, Desk& desk) {
  return std::make_shared<Service>(corridor, desk);
}

}  // namespace waymark::workforce
