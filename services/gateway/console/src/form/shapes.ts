// How the form of a message asks: which fields, in which order, and which only after a certain answer.
// A message that is not here is asked for whole, in the order of the API.
//
// Names are those of the .proto files; a test holds them to the API.

export interface Shape {
  // Asked at once, in this order. Unset: every field that is not under `more`.
  ask?: readonly string[];
  // Under "more, if you know it".
  more?: readonly string[];
  // Asked only while another field of the message has one of these values, by name; a flag "true" or
  // "false". Of a list: holds one of them. "*": any.
  when?: Readonly<Record<string, readonly [field: string, ...values: string[]]>>;
  // Answers of yes and no that are asked for as one list to tick: none ticked means none asked, "none
  // of these" means no to all.
  together?: readonly { readonly name: string; readonly fields: readonly string[] }[];
  // Whole parts that most do without: shown shut.
  fold?: readonly string[];
  // Of an enum only these values.
  only?: Readonly<Record<string, readonly string[]>>;
  // Lists of which none at all is an answer.
  none?: readonly string[];
  // Must be answered, beside what the API's comments call required.
  need?: readonly string[];
}

const kBites = ['WAS_BITTEN', 'BIT_ANOTHER', 'FIGHT_BITE'] as const;

const kWaive: Shape = { only: { ending: ['WAIVED', 'DECLINED', 'LOST_TO_FOLLOW_UP'] }, need: ['step_key', 'ending'] };

export const shapes: Readonly<Record<string, Shape>> = {
  'bbv.WaiveStepRequest': kWaive,
  'mental_health.WaiveStepRequest': kWaive,
  'msk.WaiveStepRequest': kWaive,
  'dental.WaiveStepRequest': kWaive,
  'bbv.TestResult': { ask: ['test', 'outcome', 'sampled_time', 'value', 'laboratory_reference'] },
  'mental_health.Referral': { ask: ['reason', 'agreed', 'fears_for_safety', 'contact_wishes'], more: ['referred_time'], need: ['reason'] },
  'mental_health.Incident': {
    ask: ['occurred_time', 'kind', 'involvement', 'handling', 'description'],
    more: ['reported_time'],
    need: ['occurred_time', 'kind'],
  },
  'mental_health.ClinicalAssessment': { need: ['assessed_time', 'urgency', 'symptoms'] },
  'mental_health.Contact': { when: { safety_plan_reviewed: ['result', 'HELD'] }, need: ['kind', 'contacted_time', 'result'] },
  'mental_health.RiskConversation': { when: { active_intent: ['reached', 'true'] }, need: ['held_time'] },
  'mental_health.SafetyPlan': {
    ask: ['agreed_time', 'warning_signs', 'coping', 'contacts', 'means', 'copy_held'],
    need: ['agreed_time', 'warning_signs', 'coping'],
  },
  'mental_health.TrimAssessment': { need: ['point', 'held_time'] },
  'mental_health.Treatment': { ask: ['kind', 'offered_time', 'preferred'], need: ['kind', 'offered_time'] },
  'mental_health.OnwardReferral': { ask: ['service', 'to', 'referred_time'], need: ['service', 'referred_time'] },
  'mental_health.Surveillance': { ask: ['roles', 'frequency', 'from_time', 'new_entrant'], need: ['roles', 'frequency', 'from_time'] },
  'mental_health.Decompression': { when: { minutes: ['declined', 'false'] }, need: ['decided_time'] },
  'mental_health.SurveillanceRound': { need: ['held_time', 'result'] },
  'mental_health.FitnessProposal': {
    when: {
      review_date: ['outcome', 'FIT_WITH_ADJUSTMENTS', 'TEMPORARILY_UNFIT', 'RECUPERATIVE_DUTY', 'ADJUSTED_DUTY', 'PERMANENT_REVIEW'],
    },
    need: ['outcome', 'proposed_time'],
  },
  'mental_health.SafetyContact': { need: ['kind', 'name'] },
  'mental_health.AddIncidentRequest': { ask: ['incident'], more: ['incident_id'] },
  'mental_health.SelfReferRequest': { ask: ['referral'], more: ['jurisdiction'] },
  'mental_health.OpenReferralRequest': { ask: ['origin', 'referral'], more: ['jurisdiction'], only: { origin: ['MANAGEMENT', 'PEER', 'GENERAL_PRACTITIONER'] }, need: ['origin'] },
  'mental_health.LogTraumaticIncidentRequest': { ask: ['incident'], more: ['jurisdiction'] },
  'mental_health.OpenSurveillanceRequest': { ask: ['surveillance'], more: ['jurisdiction'] },
  'mental_health.OpenPostventionRequest': { ask: ['learned_time'], more: ['jurisdiction'], need: ['learned_time'] },
  'msk.LogInjuryRequest': { ask: [], more: ['jurisdiction'] },
  'dental.LogDentalInjuryRequest': { ask: [], more: ['jurisdiction'] },
  'msk.Injury': {
    ask: ['incident_time', 'region', 'side', 'mechanism', 'work_ability', 'on_duty', 'assault', 'description'],
    more: ['reported_time'],
    when: {
      side: ['region', 'SHOULDER', 'UPPER_ARM', 'ELBOW', 'FOREARM', 'WRIST', 'HAND', 'FINGER_OR_THUMB', 'HIP', 'THIGH', 'KNEE', 'LOWER_LEG', 'ANKLE', 'FOOT', 'TOE', 'CHEST_WALL'],
      assault: ['mechanism', 'FALL', 'TWIST', 'BLOW', 'CRUSH', 'RESTRAINT', 'ROAD_COLLISION', 'RUNNING_OR_PURSUIT'],
    },
  },
  'msk.RedFlagCheck': { ask: ['present'], fold: ['unanswered', 'suspected'], more: ['checked_time'], none: ['present'] },
  'msk.InjuredPerson': { ask: ['injury', 'red_flags'], fold: ['absence'] },
  'msk.RecordReinjuryRequest': { ask: ['injury', 'red_flags'] },
  'msk.Care': {
    ask: ['kind', 'modality', 'region', 'red_flag_id', 'specialist', 'provider', 'waiting_since_date', 'priority', 'requested_time', 'reason'],
    when: {
      modality: ['kind', 'IMAGING'],
      region: ['kind', 'IMAGING'],
      red_flag_id: ['kind', 'IMAGING'],
      specialist: ['kind', 'IMAGING'],
      waiting_since_date: ['provider', 'NHS'],
    },
    fold: ['specialist'],
  },
  'msk.OttawaAssessment': { ask: ['assessed_time', 'exclusions'], fold: ['ankle', 'foot', 'knee'] },
  'msk.Escalation': { need: ['stage'] },
  'msk.FitNote': {
    when: { adjustments: ['statement', 'MAY_BE_FIT'], employer_can_adjust: ['statement', 'MAY_BE_FIT'] },
    need: ['statement', 'issuer'],
  },
  'msk.ReturnPlan': { ask: ['written_time', 'first_shift_date', 'agreed_by_person', 'adjustments', 'note'], fold: ['phases', 'review_dates'] },
  'msk.FitnessProposal': {
    when: {
      review_date: ['code', 'FIT_WITH_ADJUSTMENTS', 'TEMPORARILY_UNFIT', 'RECUPERATIVE', 'ADJUSTED', 'PERMANENTLY_UNFIT'],
      adjustments: ['code', 'FIT_WITH_ADJUSTMENTS', 'RECUPERATIVE', 'ADJUSTED'],
    },
    need: ['code'],
  },
  'dental.DentalInjury': {
    ask: [
      'incident_time', 'mechanism', 'danger', 'teeth', 'wounds', 'tetanus_priming', 'last_tetanus_date', 'tetanus_prone',
      'infection_risk_person', 'penicillin_allergy', 'blood_exposure',
    ],
    more: ['assault', 'tetanus_high_risk', 'description', 'reported_time'],
    together: [
      { name: 'danger', fields: ['airway_at_risk', 'uncontrolled_bleeding', 'rising_swelling', 'major_facial_injury', 'jaw_fracture', 'sepsis_suspected'] },
      { name: 'wounds', fields: ['laceration', 'severe_pain', 'local_infection'] },
    ],
    when: {
      tetanus_priming: ['laceration', 'YES'],
      last_tetanus_date: ['tetanus_priming', 'COMPLETE', 'INCOMPLETE'],
      tetanus_prone: ['laceration', 'YES'],
      infection_risk_person: ['mechanism', 'BITE'],
      penicillin_allergy: ['laceration', 'YES'],
    },
    fold: ['blood_exposure'],
    need: ['incident_time', 'mechanism'],
  },
  'dental.ToothInjury': {
    ask: ['tooth', 'injuries', 'apex', 'dry_minutes', 'medium', 'intrusion_mm', 'marginal_bone_breakdown', 'fragments'],
    when: {
      apex: [
        'injuries', 'COMPLICATED_CROWN_FRACTURE', 'CROWN_ROOT_FRACTURE_COMPLICATED', 'SUBLUXATION', 'EXTRUSIVE_LUXATION',
        'LATERAL_LUXATION', 'INTRUSIVE_LUXATION', 'AVULSION',
      ],
      dry_minutes: ['injuries', 'AVULSION'],
      medium: ['injuries', 'AVULSION'],
      intrusion_mm: ['injuries', 'INTRUSIVE_LUXATION'],
      marginal_bone_breakdown: ['injuries', 'EXTRUSIVE_LUXATION'],
      fragments: [
        'injuries', 'ENAMEL_FRACTURE', 'ENAMEL_DENTINE_FRACTURE', 'COMPLICATED_CROWN_FRACTURE', 'CROWN_ROOT_FRACTURE_UNCOMPLICATED',
        'CROWN_ROOT_FRACTURE_COMPLICATED', 'AVULSION',
      ],
    },
    need: ['tooth', 'injuries'],
  },
  'dental.BloodExposure': { when: { skin_broken: ['kind', ...kBites], drew_blood: ['kind', ...kBites] } },
  'dental.DentalContact': { ask: ['contact_time', 'adviser', 'urgency', 'override_reason', 'advice_given'], when: { override_reason: ['urgency', '*'] }, need: ['contact_time', 'adviser'] },
  'dental.AntibioticRecord': { when: { course_days: ['given', 'YES'], drug: ['given', 'YES'] }, need: ['decided_time', 'given'] },
  'dental.RecordToothCareRequest': { need: ['teeth', 'done_time', 'act'] },
  'dental.FitnessProposal': {
    when: { review_date: ['outcome', 'FIT_WITH_ADJUSTMENTS', 'TEMPORARILY_UNFIT', 'RECUPERATIVE'] },
    need: ['decided_time', 'outcome'],
  },
  'dental.ToothEnded': { when: { new_case_id: ['ending', 'INJURED_AGAIN'] }, need: ['ending'] },
  'dental.InjuredPerson': { ask: ['injury'], more: ['earlier_case_id'] },
  'workforce.IssueFitnessRequest': { ask: ['fitness', 'treating_clinician'] },
  'workforce.Fitness': {
    ask: ['code', 'from_date', 'review_date'],
    fold: ['restrictions', 'adjustments'],
    more: ['until_date'],
    when: { review_date: ['code', 'FIT_WITH_ADJUSTMENTS', 'TEMPORARILY_UNFIT', 'RECUPERATIVE', 'ADJUSTED', 'PERMANENTLY_UNFIT'] },
    need: ['code', 'from_date'],
  },
  'workforce.Adjustment': { when: { hours_percent: ['code', 'REDUCED_HOURS', 'PHASED_RETURN'] } },
};
