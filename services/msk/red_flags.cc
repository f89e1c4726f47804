#include "services/msk/red_flags.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/ascii.h"
#include "common/ids/ids.h"

namespace waymark::msk {
namespace {

using Features = std::set<v1::Feature>;

bool Any(const Features& present, std::initializer_list<v1::Feature> of) {
  return std::any_of(of.begin(), of.end(),
                     [&present](v1::Feature one) { return present.count(one) > 0; });
}

int Count(const Features& present, std::initializer_list<v1::Feature> of) {
  return static_cast<int>(std::count_if(
      of.begin(), of.end(), [&present](v1::Feature one) { return present.count(one) > 0; }));
}

// GIRFT 2023: each by itself, whatever part the person came about. Pain in both legs is common
// after running and counts only with the spine; so does weakness of a limb, unless cancer explains
// it otherwise (cord compression, below).
bool SuggestsCaudaEquina(v1::Region region, const Features& present) {
  if (Any(present, {v1::FEATURE_SADDLE_NUMBNESS, v1::FEATURE_BLADDER_CHANGE,
                    v1::FEATURE_BOWEL_CHANGE, v1::FEATURE_SEXUAL_FUNCTION_CHANGE,
                    v1::FEATURE_BILATERAL_LEG_WEAKNESS, v1::FEATURE_PROGRESSIVE_DEFICIT})) {
    return true;
  }
  if (!IsSpine(region)) return false;
  return Any(present, {v1::FEATURE_BILATERAL_LEG_PAIN}) ||
         (Any(present, {v1::FEATURE_LIMB_WEAKNESS_OR_UNSTEADY_GAIT}) &&
          !Any(present, {v1::FEATURE_CANCER_HISTORY}));
}

// A hot swollen joint is septic until somebody has shown that it is not. Fever with a joint that
// cannot be moved, or in somebody prone to infection, is taken for the same.
bool SuggestsSepticArthritis(v1::Region region, const Features& present) {
  if (Any(present, {v1::FEATURE_HOT_SWOLLEN_JOINT})) return true;
  return !IsSpine(region) && Any(present, {v1::FEATURE_FEVER}) &&
         Any(present, {v1::FEATURE_CANNOT_MOVE_OR_BEAR_WEIGHT, v1::FEATURE_INJECTS_DRUGS,
                       v1::FEATURE_IMMUNOSUPPRESSED});
}

// A history of cancer is enough; of the other signs, which are common, it takes two.
bool SuggestsMalignancy(const Features& present) {
  return Any(present, {v1::FEATURE_CANCER_HISTORY}) ||
         Count(present,
               {v1::FEATURE_NIGHT_PAIN, v1::FEATURE_WEIGHT_LOSS, v1::FEATURE_AGE_50_OR_OVER}) >= 2;
}

}  // namespace

bool IsSpine(v1::Region region) {
  return region == v1::REGION_NECK || region == v1::REGION_THORACIC_SPINE ||
         region == v1::REGION_LOW_BACK;
}

std::vector<v1::Suspicion> DeriveSuspicions(v1::Region region, const Features& present) {
  std::vector<v1::Suspicion> found;
  const bool spine = IsSpine(region);
  const bool cancer = Any(present, {v1::FEATURE_CANCER_HISTORY});
  const bool nerves =
      Any(present, {v1::FEATURE_LIMB_WEAKNESS_OR_UNSTEADY_GAIT, v1::FEATURE_BILATERAL_LEG_WEAKNESS,
                    v1::FEATURE_PROGRESSIVE_DEFICIT});
  if (SuggestsCaudaEquina(region, present)) found.push_back(v1::SUSPICION_CAUDA_EQUINA);
  if (spine && cancer && nerves) found.push_back(v1::SUSPICION_CORD_COMPRESSION);
  if (SuggestsSepticArthritis(region, present)) found.push_back(v1::SUSPICION_SEPTIC_ARTHRITIS);
  if (spine && Any(present, {v1::FEATURE_FEVER})) found.push_back(v1::SUSPICION_SPINAL_INFECTION);
  if (Any(present, {v1::FEATURE_DEFORMITY})) {
    found.push_back(v1::SUSPICION_FRACTURE_OR_DISLOCATION);
  }
  if (Any(present, {v1::FEATURE_OPEN_WOUND_OVER_INJURY})) {
    found.push_back(v1::SUSPICION_OPEN_INJURY);
  }
  if (Any(present, {v1::FEATURE_PULSELESS_OR_COLD}) ||
      (!spine && Any(present, {v1::FEATURE_NEW_NUMBNESS}))) {
    found.push_back(v1::SUSPICION_NEUROVASCULAR_LOSS);
  }
  if (Any(present, {v1::FEATURE_PAIN_OUT_OF_PROPORTION})) {
    found.push_back(v1::SUSPICION_COMPARTMENT_SYNDROME);
  }
  if (Any(present, {v1::FEATURE_SWOLLEN_CALF})) {
    found.push_back(v1::SUSPICION_DEEP_VEIN_THROMBOSIS);
  }
  if (spine && cancer && !nerves) found.push_back(v1::SUSPICION_SPINAL_METASTASES);
  if (Count(present, {v1::FEATURE_SNAP_FELT, v1::FEATURE_WEAKNESS_SINCE_SNAP}) == 2) {
    found.push_back(v1::SUSPICION_TENDON_RUPTURE);
  }
  // Of the spine, cancer is followed as metastases above.
  if (SuggestsMalignancy(present) && !(spine && cancer)) {
    found.push_back(v1::SUSPICION_MALIGNANCY);
  }
  if (Any(present, {v1::FEATURE_PERSISTENT_JOINT_SWELLING})) {
    found.push_back(v1::SUSPICION_PERSISTENT_SYNOVITIS);
  }
  return found;
}

v1::Urgency UrgencyOf(v1::Suspicion suspicion) {
  switch (suspicion) {
    case v1::SUSPICION_SPINAL_METASTASES:
    case v1::SUSPICION_DEEP_VEIN_THROMBOSIS:
      return v1::URGENCY_SAME_DAY;
    case v1::SUSPICION_TENDON_RUPTURE:
      return v1::URGENCY_WITHIN_DAYS;
    case v1::SUSPICION_MALIGNANCY:
    case v1::SUSPICION_PERSISTENT_SYNOVITIS:
      return v1::URGENCY_REFERRAL;
    default:
      return v1::URGENCY_EMERGENCY;
  }
}

bool KeepsRoutineShut(v1::Urgency urgency) {
  return urgency == v1::URGENCY_EMERGENCY || urgency == v1::URGENCY_SAME_DAY ||
         urgency == v1::URGENCY_WITHIN_DAYS;
}

std::string SuspicionName(v1::Suspicion suspicion) {
  return absl::AsciiStrToLower(v1::Suspicion_Name(suspicion).substr(sizeof("SUSPICION_") - 1));
}

bool IsSettled(const v1::RedFlag& flag) {
  return std::any_of(flag.escalations().begin(), flag.escalations().end(),
                     [](const v1::Escalation& act) {
                       return act.stage() == v1::ESCALATION_STAGE_RULED_OUT ||
                              act.stage() == v1::ESCALATION_STAGE_HANDED_BACK;
                     });
}

const v1::Escalation* FirstReaching(const v1::RedFlag& flag, v1::EscalationStage stage) {
  for (const v1::Escalation& act : flag.escalations()) {
    if (act.stage() >= stage) return &act;
  }
  return nullptr;
}

void ApplyCheck(v1::Region region, const v1::RedFlagCheck& check, const std::string& seed,
                v1::MskCase& msk_case) {
  v1::RedFlagCheck& kept = *msk_case.add_red_flag_checks();
  kept = check;
  kept.clear_derived();
  Features present;
  for (const int feature : check.present()) present.insert(static_cast<v1::Feature>(feature));
  std::vector<v1::Suspicion> suspicions = DeriveSuspicions(region, present);
  for (const v1::Suspicion suspicion : suspicions) kept.add_derived(suspicion);
  for (const int suspicion : check.suspected()) {
    suspicions.push_back(static_cast<v1::Suspicion>(suspicion));
  }
  for (const v1::Suspicion suspicion : suspicions) {
    const bool known = std::any_of(msk_case.red_flags().begin(), msk_case.red_flags().end(),
                                   [suspicion](const v1::RedFlag& flag) {
                                     return flag.suspicion() == suspicion && !IsSettled(flag);
                                   });
    if (known) continue;
    v1::RedFlag& flag = *msk_case.add_red_flags();
    flag.set_red_flag_id(ids::DeriveUuid(seed, SuspicionName(suspicion)));
    flag.set_suspicion(suspicion);
    flag.set_urgency(UrgencyOf(suspicion));
    *flag.mutable_found_time() = check.checked_time();
  }
}

}  // namespace waymark::msk
