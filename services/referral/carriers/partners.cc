#include "services/referral/carriers/partners.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/ids.h"
#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "services/referral/carriers/bars_client.h"
#include "services/referral/carriers/file_drop.h"
#include "services/referral/carriers/letter.h"
#include "services/referral/fhir/codes.h"
#include "services/referral/fhir/referral_writer.h"
#include "services/referral/organisation_code.h"

namespace waymark::referral {
namespace {

constexpr absl::Duration kLongestAttempt = absl::Seconds(10);

absl::Status Invalid(absl::string_view code, absl::string_view what) {
  return status::InvalidArgument(
      "PARTNERS_INVALID", absl::StrCat("The partner ", code, " in the file of partners ", what));
}

absl::Status CheckPartner(const v1::Partner& partner) {
  const std::string& code = partner.organisation_code();
  if (!IsOrganisationCode(code)) return Invalid("(unnamed)", "has no organisation code.");
  switch (partner.carrier_case()) {
    case v1::Partner::kBars:
      if (partner.bars().url().empty() || partner.bars().target_value().empty() ||
          partner.bars().target_system().empty()) {
        return Invalid(code, "needs url, target_system and target_value.");
      }
      return absl::OkStatus();
    case v1::Partner::kFile:
      if (partner.file().folder().empty() || partner.file().to_mailbox().empty()) {
        return Invalid(code, "needs folder and to_mailbox.");
      }
      return absl::OkStatus();
    case v1::Partner::kLetter:
      if (partner.letter().folder().empty()) return Invalid(code, "needs folder.");
      return absl::OkStatus();
    case v1::Partner::CARRIER_NOT_SET:
      break;
  }
  return Invalid(code, "has no carrier.");
}

v1::Carrier CarrierIn(const v1::Partner& partner) {
  return partner.has_bars()   ? v1::CARRIER_BARS
         : partner.has_file() ? v1::CARRIER_FILE
                              : v1::CARRIER_LETTER;
}

absl::Status CheckLaboratory(const v1::Laboratory& laboratory) {
  const std::string& code = laboratory.organisation_code();
  if (!IsOrganisationCode(code)) return Invalid("(unnamed)", "has no organisation code.");
  if (laboratory.tenants().empty()) return Invalid(code, "tests nobody's patients: name tenants.");
  const std::string& unmatched = laboratory.unmatched_tenant();
  if (!unmatched.empty() && std::find(laboratory.tenants().begin(), laboratory.tenants().end(),
                                      unmatched) == laboratory.tenants().end()) {
    return Invalid(code, "has an unmatched_tenant that is none of its tenants.");
  }
  return absl::OkStatus();
}

fhir::ReferralToWrite WrittenOf(const v1::ReceiveReferralRequest& referral) {
  return {referral.referral_id(), referral.provider(), referral.content(), referral.sending()};
}

}  // namespace

Partners::Partners(v1::PartnerList list, const clock::Clock& clock)
    : list_(std::move(list)), clock_(clock) {
  Circuit::Options circuit;
  if (list_.has_first_pause()) circuit.first_pause = absl::Seconds(list_.first_pause().seconds());
  for (const v1::Partner& partner : list_.partners()) {
    auto entry = std::make_unique<Entry>(circuit);
    entry->partner = partner;
    Show(*entry, clock::Real().Now());
    entries_[partner.organisation_code()] = std::move(entry);
  }
}

absl::StatusOr<std::unique_ptr<Partners>> Partners::Make(v1::PartnerList list,
                                                         const clock::Clock& clock) {
  std::map<std::string, int> seen;
  for (const v1::Partner& partner : list.partners()) {
    RETURN_IF_ERROR(CheckPartner(partner));
    if (++seen[partner.organisation_code()] > 1) {
      return Invalid(partner.organisation_code(), "is there twice.");
    }
  }
  for (const v1::Laboratory& laboratory : list.laboratories()) {
    RETURN_IF_ERROR(CheckLaboratory(laboratory));
  }
  return std::unique_ptr<Partners>(new Partners(std::move(list), clock));
}

absl::StatusOr<std::unique_ptr<Partners>> Partners::Load(const std::string& path,
                                                         const clock::Clock& clock) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  v1::PartnerList list;
  if (!file || !google::protobuf::TextFormat::ParseFromString(text.str(), &list)) {
    return status::InvalidArgument("PARTNERS_INVALID",
                                   "The file of partners is not a PartnerList as text.");
  }
  return Make(std::move(list), clock);
}

std::vector<std::string> Partners::Codes() const {
  std::vector<std::string> codes;
  for (const auto& [code, entry] : entries_) codes.push_back(code);
  return codes;
}

absl::Status Partners::NoCarrier() {
  return status::FailedPrecondition(
      "PARTNER_UNKNOWN",
      "No carrier of this kind is set up for this provider. Choose another provider, or ask an "
      "operator to name it in the file of partners (--partners).");
}

bool Partners::Acknowledges(absl::string_view organisation_code) const {
  const auto found = entries_.find(std::string(organisation_code));
  return found != entries_.end() && found->second->partner.has_bars();
}

bool Partners::Paused(absl::string_view organisation_code) const {
  const auto found = entries_.find(std::string(organisation_code));
  return found != entries_.end() &&
         found->second->circuit.state(clock::Real().Now()) == Circuit::State::kOpen;
}

v1::Carrier Partners::CarrierOf(absl::string_view organisation_code) const {
  const auto found = entries_.find(std::string(organisation_code));
  return found == entries_.end() ? v1::CARRIER_UNSPECIFIED : CarrierIn(found->second->partner);
}

absl::Status Partners::CheckProvider(const v1::Provider& provider) const {
  if (provider.carrier() == CarrierOf(provider.organisation_code())) return absl::OkStatus();
  return NoCarrier();
}

v1::Laboratory Partners::LaboratoryOf(absl::string_view organisation_code) const {
  for (const v1::Laboratory& laboratory : list_.laboratories()) {
    if (laboratory.organisation_code() == organisation_code) return laboratory;
  }
  return {};
}

absl::StatusOr<std::string> Partners::Deliver(const v1::PartnerMessage& message,
                                              absl::Time deadline) {
  const auto found = entries_.find(message.referral().provider().organisation_code());
  if (found == entries_.end()) {
    return NoCarrier();
  }
  Entry& entry = *found->second;
  const v1::Need& need = message.referral().content().need();
  if (need.has_closes_time() && clock_.Now() > fhir::ToTime(need.closes_time()) &&
      !message.has_update()) {
    return status::FailedPrecondition(
        "WINDOW_CLOSED", "The need's hard stop has passed; this is a person's task now.");
  }
  const absl::Time before = clock::Real().Now();
  if (!entry.circuit.Allow(before)) {
    Show(entry, before);
    return status::WithRetryAfter(
        status::Unavailable("PARTNER_UNAVAILABLE", "The partner is being left alone for a while."),
        entry.circuit.retry_at() - before);
  }
  absl::StatusOr<std::string> sent = Send(entry, message, deadline);
  const absl::Time after = clock::Real().Now();
  // A refusal is an answer: the partner is there.
  if (absl::IsUnavailable(sent.status())) {
    entry.circuit.Failed(after);
  } else {
    entry.circuit.Succeeded();
  }
  Show(entry, after);
  metrics::Default()
      .GetCounter("waymark_referral_partner_messages_total", "Attempts to send to partners.",
                  {{"partner", found->first},
                   {"result", sent.ok()                            ? "taken"
                              : absl::IsUnavailable(sent.status()) ? "away"
                                                                   : "refused"}})
      .Increment();
  return sent;
}

absl::StatusOr<std::string> Partners::Send(Entry& entry, const v1::PartnerMessage& message,
                                           absl::Time deadline) const {
  const fhir::ReferralToWrite referral = WrittenOf(message.referral());
  const v1::Update& update = message.update();
  // That the referrer is done asks nothing of the provider.
  if (message.has_update() && !update.has_cancelled() && !update.has_answered()) return "";
  const std::string name = DropName(message.message_id(), message.resend());
  if (entry.partner.has_letter()) {
    // A cancelled letter is a telephone call.
    if (update.has_cancelled()) {
      return status::FailedPrecondition("UPDATE_NOT_CARRIED",
                                        "A letter cannot be called back; call the provider.");
    }
    const auto html = [&](LetterLanguage language) {
      return update.has_answered() ? AnswerHtml(referral, update.answered(), language)
                                   : LetterHtml(referral, language);
    };
    const v1::LetterTray& tray = entry.partner.letter();
    const std::string english = absl::StrCat(name, ".en.html");
    RETURN_IF_ERROR(DropFile(tray.folder(), english, html(LetterLanguage::kEnglish)));
    if (tray.welsh()) {
      RETURN_IF_ERROR(
          DropFile(tray.folder(), absl::StrCat(name, ".cy.html"), html(LetterLanguage::kWelsh)));
    }
    return english;
  }
  const fhir::Addressing addressing = {list_.source_system(), list_.source_value(), "1",
                                       entry.partner.bars().use_case()};
  const absl::Time updated = fhir::ToTime(update.updated_time());
  ASSIGN_OR_RETURN(
      const fhir::Json bundle,
      update.has_cancelled()  ? fhir::CancellationMessage(referral, update.cancelled(),
                                                          message.message_id(), updated, addressing)
      : update.has_answered() ? fhir::AnswerMessage(referral, update.answered(),
                                                    message.message_id(), updated, addressing)
                              : fhir::ReferralMessage(referral, addressing));
  std::string body = fhir::WriteJson(bundle);
  if (entry.partner.has_file()) {
    RETURN_IF_ERROR(DropMessage(entry.partner.file(), name, body));
    return absl::StrCat(name, ".dat");
  }
  BarsPost post;
  post.endpoint = entry.partner.bars();
  post.operator_code = list_.operator_code();
  post.request_id = message.message_id();
  post.correlation_id = referral.sending.correlation_id();
  post.use_context = absl::StrCat(post.endpoint.use_case(), "|referral|servicerequest-request|",
                                  message.has_update() ? "update" : "new");
  post.body = std::move(body);
  post.loopback = list_.loopback();
  post.timeout = std::clamp(deadline - clock::Real().Now(), absl::Seconds(1), kLongestAttempt);
  return SendBars(post);
}

void Partners::Show(const Entry& entry, absl::Time now) const {
  metrics::Default()
      .GetGauge("waymark_referral_partner_circuit",
                "Whether a partner is being sent to: 0 yes, 1 on trial, 2 not for now.",
                {{"partner", entry.partner.organisation_code()}})
      .Set(static_cast<double>(entry.circuit.state(now)));
}

std::vector<Partners::CircuitView> Partners::Circuits() const {
  std::vector<CircuitView> views;
  for (const auto& [code, entry] : entries_) {
    views.push_back({code, CarrierIn(entry->partner), entry->circuit.state(clock::Real().Now()),
                     entry->circuit.retry_at()});
  }
  return views;
}

}  // namespace waymark::referral
