// Delivery to providers outside the suite, each by its own carrier. One destination of the outbox
// for each ("partner_<code>"), so that one that is away holds up nobody else's messages.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_PARTNERS_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_PARTNERS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock/clock.h"
#include "services/referral/carriers/circuit.h"
#include "waymark/referral/v1/partner.pb.h"

namespace waymark::referral {

class Partners {
 public:
  // `clock` tells when a need's window has shut; pauses are counted by real time. INVALID_ARGUMENT
  // PARTNERS_INVALID names the partner.
  static absl::StatusOr<std::unique_ptr<Partners>> Make(v1::PartnerList list,
                                                        const clock::Clock& clock);
  // Reads a PartnerList as text.
  static absl::StatusOr<std::unique_ptr<Partners>> Load(const std::string& path,
                                                        const clock::Clock& clock);

  // Organisation codes.
  std::vector<std::string> Codes() const;

  // OK when the partner's side has it (BaRS), or it lies where somebody takes it (file, letter):
  // the partner's own id for it, if it gives one, or the name of the file. Safe to repeat.
  // UNAVAILABLE PARTNER_UNAVAILABLE or FILE_NOT_WRITTEN: to be tried again; FAILED_PRECONDITION:
  // never (PARTNER_REFUSED, PARTNER_UNKNOWN, UPDATE_NOT_CARRIED, and WINDOW_CLOSED once the need's
  // hard stop has passed: a person takes over).
  absl::StatusOr<std::string> Deliver(const v1::PartnerMessage& message, absl::Time deadline);

  // True when delivery by this partner's carrier is its receipt (BaRS answers at once).
  bool Acknowledges(absl::string_view organisation_code) const;
  // True while the partner is being left alone.
  bool Paused(absl::string_view organisation_code) const;
  // UNSPECIFIED when it is no partner.
  v1::Carrier CarrierOf(absl::string_view organisation_code) const;
  // PARTNER_UNKNOWN, with what to do about it.
  static absl::Status NoCarrier();
  // OK when a referral to this provider can be carried as it says. FAILED_PRECONDITION
  // PARTNER_UNKNOWN says what to do.
  absl::Status CheckProvider(const v1::Provider& provider) const;
  // Whose patients this laboratory tests; unset when it is none of the list.
  v1::Laboratory LaboratoryOf(absl::string_view organisation_code) const;

  struct CircuitView {
    std::string organisation_code;
    v1::Carrier carrier;
    Circuit::State state;
    absl::Time retry_at;
  };
  // Also as the gauge waymark_referral_partner_circuit (0 closed, 1 half open, 2 open).
  std::vector<CircuitView> Circuits() const;

 private:
  struct Entry {
    explicit Entry(Circuit::Options options) : circuit(options) {}
    v1::Partner partner;
    Circuit circuit;
  };
  Partners(v1::PartnerList list, const clock::Clock& clock);
  absl::StatusOr<std::string> Send(Entry& entry, const v1::PartnerMessage& message,
                                   absl::Time deadline) const;
  void Show(const Entry& entry, absl::Time now) const;

  const v1::PartnerList list_;
  const clock::Clock& clock_;
  std::map<std::string, std::unique_ptr<Entry>> entries_;
};

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_PARTNERS_H_
