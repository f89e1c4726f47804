#include "services/dental/first_aid.h"

#include <algorithm>

#include "services/dental/record.h"
#include "services/dental/teeth.h"
#include "services/dental/urgency.h"

namespace waymark::dental {

// Omnia Dental Care, Emergencies; Dental Trauma Guide, Primary teeth, avulsion; general knowledge
// (clinical reference 4.2).
std::vector<std::string> FirstAidFor(const v1::DentalInjury& injury) {
  std::vector<std::string> advice;
  if (IsMedicalEmergency(injury, v1::FragmentCheck::default_instance())) {
    advice.push_back("Call 999 now. The teeth come after.");
  }
  const auto any = [&injury](auto holds) {
    return std::any_of(injury.teeth().begin(), injury.teeth().end(), holds);
  };
  if (any(IsReplantable)) {
    advice.push_back(
        "Adult tooth knocked out: hold it by the crown, rinse it briefly, put it back "
        "and bite on a cloth. Else keep it in milk, never dry.");
  }
  if (any([](const v1::ToothInjury& tooth) {
        return DentitionOf(tooth.tooth()) == v1::DENTITION_PRIMARY &&
               Has(tooth, v1::TOOTH_INJURY_TYPE_AVULSION);
      })) {
    advice.push_back("First tooth knocked out: do not put it back.");
  }
  if (FragmentsAreMissing(injury)) {
    advice.push_back("Look for every piece and keep it in milk. Coughing or wheezing: call 999.");
  }
  if (injury.has_blood_exposure()) {
    advice.push_back(
        "Another person's blood: rinse mouth or eye with plenty of water, do not "
        "swallow it; wash a bite with soap and water. Tell occupational health now: "
        "the first hour counts.");
  }
  advice.push_back("Press a clean cloth on what bleeds. Reach a dentist or NHS 111.");
  return advice;
}

}  // namespace waymark::dental
