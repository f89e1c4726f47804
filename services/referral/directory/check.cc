#include "services/referral/directory/check.h"

#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/ids/ids.h"
#include "common/status/status.h"
#include "services/casework/instants.h"

namespace waymark::referral {
namespace {

using casework::FromTimestamp;

constexpr absl::Duration kLongestPeriod = absl::Hours(24 * 92 + 1);

bool IsOrganisationCode(const std::string& code) {
  return code.size() >= 3 && code.size() <= 40 && absl::c_all_of(code, [](char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

void CheckText(const std::string& text, size_t least, size_t most, const std::string& field,
               status::FieldViolations& violations) {
  if (text.size() < least || text.size() > most) {
    violations.Add(field, "LENGTH", absl::StrCat(least, " to ", most, " bytes."));
  }
}

void CheckService(const v1::OfferedService& service, const std::string& at,
                  status::FieldViolations& violations) {
  if (!ids::IsUuid(service.service_id())) {
    violations.Add(at + ".service_id", "NOT_A_UUID", "A lower-case UUID of your choice.");
  }
  if (service.service() == v1::CARE_SERVICE_UNSPECIFIED ||
      !v1::CareService_IsValid(service.service())) {
    violations.Add(at + ".service", "REQUIRED", "What kind of care it gives.");
  }
  CheckText(service.name(), 1, 200, at + ".name", violations);
  if (service.jurisdictions().empty()) {
    violations.Add(at + ".jurisdictions", "REQUIRED", "England, Wales or both.");
  }
  CheckText(service.site_code(), 0, 40, at + ".site_code", violations);
  CheckText(service.address(), 0, 300, at + ".address", violations);
  CheckText(service.phone(), 0, 30, at + ".phone", violations);
  if (service.usual_wait_days() < 0 || service.usual_wait_days() > 3660) {
    violations.Add(at + ".usual_wait_days", "OUT_OF_RANGE", "0 to 3,660.");
  }
}

void CheckPeriod(const v1::Period& period, status::FieldViolations& violations) {
  const absl::Duration length =
      FromTimestamp(period.end_time()) - FromTimestamp(period.start_time());
  if (!period.has_start_time() || !period.has_end_time() || length <= absl::ZeroDuration() ||
      length > kLongestPeriod) {
    violations.Add("period", "OUT_OF_RANGE", "A start, and an end at most 92 days after it.");
  }
}

}  // namespace

absl::Status Check(const v1::DirectoryEntry& entry) {
  status::FieldViolations violations;
  if (!IsOrganisationCode(entry.organisation_code())) {
    violations.Add("entry.organisation_code", "INVALID",
                   "An ODS code: 3 to 40 of A-Z, 0-9 and '-'.");
  }
  CheckText(entry.name(), 1, 200, "entry.name", violations);
  if (entry.kind() == v1::PROVIDER_KIND_UNSPECIFIED) {
    violations.Add("entry.kind", "REQUIRED", "NHS, police charity or private.");
  }
  if (entry.carrier() == v1::CARRIER_UNSPECIFIED) {
    violations.Add("entry.carrier", "REQUIRED", "How it receives referrals.");
  }
  CheckText(entry.commissioner_code(), 0, 40, "entry.commissioner_code", violations);
  if (entry.accreditations_size() > 20) {
    violations.Add("entry.accreditations", "TOO_MANY", "At most 20.");
  }
  for (int i = 0; i < entry.accreditations_size(); ++i) {
    CheckText(entry.accreditations(i).body(), 1, 100,
              absl::StrCat("entry.accreditations[", i, "].body"), violations);
  }
  if (entry.services().empty() || entry.services_size() > 50) {
    violations.Add("entry.services", "COUNT", "1 to 50 services.");
  }
  std::set<std::string> ids;
  for (int i = 0; i < entry.services_size(); ++i) {
    const std::string at = absl::StrCat("entry.services[", i, "]");
    CheckService(entry.services(i), at, violations);
    if (!ids.insert(entry.services(i).service_id()).second) {
      violations.Add(at + ".service_id", "REPEATED", "Each service has an id of its own.");
    }
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::PutSlotsRequest& request) {
  status::FieldViolations violations;
  if (!ids::IsUuid(request.service_id())) {
    violations.Add("service_id", "NOT_A_UUID", "The id of a service in the directory.");
  }
  CheckPeriod(request.period(), violations);
  if (request.slots_size() > 1000) violations.Add("slots", "TOO_MANY", "At most 1,000.");
  std::set<std::string> ids;
  for (int i = 0; i < request.slots_size(); ++i) {
    const v1::Slot& slot = request.slots(i);
    const std::string at = absl::StrCat("slots[", i, "]");
    if (!ids::IsUuid(slot.slot_id())) {
      violations.Add(at + ".slot_id", "NOT_A_UUID", "A lower-case UUID of your choice.");
    }
    if (!ids.insert(slot.slot_id()).second) {
      violations.Add(at + ".slot_id", "REPEATED", "Each slot has an id of its own.");
    }
    const absl::Time start = FromTimestamp(slot.start_time());
    if (!slot.has_start_time() || !slot.has_end_time() || FromTimestamp(slot.end_time()) <= start) {
      violations.Add(at + ".end_time", "REQUIRED", "A start, and an end after it.");
    } else if (start < FromTimestamp(request.period().start_time()) ||
               start >= FromTimestamp(request.period().end_time())) {
      violations.Add(at + ".start_time", "OUT_OF_RANGE", "It begins within the period.");
    }
    CheckText(slot.place(), 0, 100, at + ".place", violations);
  }
  return violations.ToStatus();
}

absl::Status Check(const v1::ListSlotsRequest& request) {
  status::FieldViolations violations;
  if (!ids::IsUuid(request.service_id())) {
    violations.Add("service_id", "NOT_A_UUID", "The id of a service in the directory.");
  }
  CheckPeriod(request.period(), violations);
  return violations.ToStatus();
}

absl::Status Check(const v1::SuggestProvidersRequest& request) {
  status::FieldViolations violations;
  if (!ids::IsUuid(request.subject_id())) {
    violations.Add("subject_id", "NOT_A_UUID", "The patient's subject id.");
  }
  if (request.service() == v1::CARE_SERVICE_UNSPECIFIED) {
    violations.Add("service", "REQUIRED", "What kind of care is needed.");
  }
  if (request.jurisdiction() == casework::v1::JURISDICTION_UNSPECIFIED) {
    violations.Add("jurisdiction", "REQUIRED", "England or Wales.");
  }
  if (request.free_times_size() > 60) violations.Add("free_times", "TOO_MANY", "At most 60.");
  return violations.ToStatus();
}

}  // namespace waymark::referral
