// Which act a step asks for, so that a task opens its exact form.
import { isPathway, type Pathway } from './pathways';

// What the form of the act begins with: a path of field names, and the name of a value or of the one
// of several that is chosen.
type Begin = Readonly<Record<string, string>>;
type Act = string | readonly [act: string, begin: Begin];

const contact = (kind: string): Act => ['RecordContact', { 'contact.kind': kind }];
const onward = (act: string): Act => ['RecordOnwardCare', { act }];
const sent: Act = ['RecordEscalation', { 'escalation.stage': 'SENT' }];
const seen: Act = ['RecordEscalation', { 'escalation.stage': 'SEEN' }];
const care = (progress: string): Act => ['RecordCareProgress', { progress }];
const tooth = (act: string): Act => ['RecordToothCare', { act }];

// By the beginning of the step's key; the longest that fits counts.
const kActs: Record<Pathway, Record<string, Act>> = {
  bbv: {
    first_aid: 'CorrectExposure',
    risk_assessment: 'RecordRiskAssessment',
    source_test: 'RecordSourceResult',
    baseline_sample: 'RecordBaselineSample',
    pep_baseline: 'RecordBaselineSample',
    pep: 'RecordPep',
    pep_early_review: ['RecordPep', { act: 'reviewed' }],
    pep_mid_review: ['RecordPep', { act: 'reviewed' }],
    pep_completion: ['RecordPep', { act: 'completed' }],
    hbv_status_check: 'CorrectExposure',
    hbv_vaccine: 'RecordVaccineDose',
    hbv_vaccine_decision: 'WaiveStep',
    hbv_course: 'RecordVaccineDose',
    hbig: 'RecordImmunoglobulin',
    tetanus_check: 'RecordTetanus',
    bite_antibiotics: 'RecordAntibiotics',
    interim_precautions: 'RecordCounselling',
    counselling: 'RecordCounselling',
    reassurance: 'RecordCounselling',
    support: 'RecordCounselling',
    family_impact: 'RecordFamilyImpact',
    test: 'RecordTestResult',
    awaited: 'RecordTestResult',
    tell: 'RecordResultTold',
    hiv_confirm: 'RecordTestResult',
    hcv_confirm: 'RecordTestResult',
    hbv_confirm: 'RecordTestResult',
    hiv_compare_baseline: 'RecordTestResult',
    hcv_compare_baseline: 'RecordTestResult',
    hbv_compare_baseline: 'RecordTestResult',
    hiv_refer: 'RecordSpecialistReferral',
    hcv_refer: 'RecordSpecialistReferral',
    hbv_refer: 'RecordSpecialistReferral',
    riddor: 'RecordRiddorReport',
  },
  mental_health: {
    risk_contact: ['RecordRiskConversation', { 'conversation.reached': 'true' }],
    firearms_suspension: 'RecordFirearmsRequest',
    safety_plan: 'RecordSafetyPlan',
    safety_plan_review: 'RecordSafetyPlanReview',
    same_shift_contact: ['RecordTrim', { act: 'first_contact_time' }],
    decompression: 'RecordDecompression',
    trim_offer: ['RecordTrim', { act: 'offered_time' }],
    trim_assessment: ['RecordTrim', { act: 'assessment', 'assessment.point': 'INDIVIDUAL' }],
    trim_one_month: ['RecordTrim', { act: 'assessment', 'assessment.point': 'ONE_MONTH' }],
    trim_three_months: ['RecordTrim', { act: 'assessment', 'assessment.point': 'THREE_MONTHS' }],
    trim_referral: ['RecordTrim', { act: 'referred_time' }],
    tsq_screen: 'RecordMeasures',
    acknowledgement: contact('ACKNOWLEDGEMENT'),
    triage: 'RecordClinicalAssessment',
    first_appointment: contact('APPOINTMENT'),
    urgent_appointment: contact('APPOINTMENT'),
    baseline_measures: 'RecordMeasures',
    active_monitoring_follow_up: contact('MONITORING_FOLLOW_UP'),
    offer_trauma_therapy: ['OfferTreatment', { 'treatment.kind': 'TRAUMA_FOCUSED_CBT' }],
    treatment_review: 'RecordMeasures',
    closing_measures: 'RecordMeasures',
    medication_review: contact('MEDICATION_REVIEW'),
    talking_therapies: onward('seen_time'),
    community_4_weeks: onward('seen_time'),
    wales_assessment_28_days: onward('seen_time'),
    wales_intervention_28_days: onward('treated_time'),
    wales_specialist_26_weeks: onward('seen_time'),
    wales_community_28_days: onward('seen_time'),
    liaison_1_hour: onward('seen_time'),
    crisis_4_hours: onward('seen_time'),
    crisis_24_hours: onward('seen_time'),
    off_duty_review: contact('OFF_DUTY_REVIEW'),
    fitness_review: 'ProposeFitness',
    recuperative_review: 'ProposeFitness',
    pre_role_screening: 'RecordSurveillanceRound',
    surveillance: 'RecordSurveillanceRound',
    postvention: contact('POSTVENTION'),
    counselling_offer: contact('COUNSELLING_OFFER'),
  },
  msk: {
    red_flag_check: 'RecordRedFlags',
    emergency_transfer: sent,
    infection_transfer: sent,
    cord_coordinator: sent,
    metastases_coordinator: sent,
    tendon_referral: sent,
    dvt_assessment: sent,
    cancer_referral: sent,
    synovitis_referral: sent,
    tendon_seen: seen,
    synovitis_seen: seen,
    red_flag_outcome: 'RecordEscalation',
    cancer_diagnosis: 'RecordEscalation',
    handback_check: ['RecordEscalation', { 'escalation.stage': 'HANDED_BACK' }],
    ces_mri_request: ['RequestCare', { 'care.kind': 'IMAGING', 'care.modality': 'MRI', 'care.provider': 'NHS' }],
    ces_mri: care('done_time'),
    cord_mri: care('done_time'),
    metastases_mri: care('done_time'),
    triage: 'RecordTriage',
    start_back: 'RecordScore',
    msk_hq: 'RecordScore',
    orebro: 'RecordScore',
    ottawa: 'RecordOttawa',
    ottawa_xray: ['RequestCare', { 'care.kind': 'IMAGING', 'care.modality': 'XRAY', 'care.provider': 'NHS' }],
    physiotherapy_request: ['RequestCare', { 'care.kind': 'PHYSIOTHERAPY' }],
    combined_programme: ['RequestCare', { 'care.kind': 'COMBINED_PROGRAMME' }],
    physiotherapy: ['RecordCareProgress', { progress: 'session', 'session.attended': 'true' }],
    care_accepted: care('accepted_time'),
    imaging: care('done_time'),
    rtt: care('clock_stopped_time'),
    fit_note: 'RecordFitNote',
    long_absence: 'PlanReturn',
    return_plan: 'PlanReturn',
    return_review: 'RecordReturnReview',
    return_four_weeks: 'RecordReturnReview',
    fitness_review: 'ProposeFitness',
    recuperative: 'ProposeFitness',
    treatment_centre: 'RecordTreatmentCentre',
    no_improvement: 'RecordPhysicianReview',
    riddor_specified_injury: ['RecordRiddorReport', { 'report.category': 'SPECIFIED_INJURY' }],
    riddor_over_seven_days: ['RecordRiddorReport', { 'report.category': 'OVER_SEVEN_DAYS' }],
  },
  dental: {
    emergency_care: ['RecordContact', { 'contact.adviser': 'EMERGENCY_DEPARTMENT' }],
    dental_contact: ['RecordContact', { 'contact.adviser': 'DENTIST' }],
    fragment_check: 'RecordFragmentCheck',
    replant: tooth('replanted'),
    reposition: tooth('repositioned'),
    home_advice: ['RecordContact', { 'contact.advice_given': 'YES' }],
    tetanus: 'RecordTetanus',
    antibiotics: 'RecordAntibiotics',
    splint_removal: tooth('splint_removed'),
    root_canal_start: tooth('root_canal_started'),
    root_filling: tooth('root_canal_filled'),
    eruption_check: 'RecordReview',
    review: 'RecordReview',
    gap_plan: tooth('gap_planned'),
    training_restriction: ['ProposeFitness', { 'proposal.outcome': 'FIT_WITH_ADJUSTMENTS' }],
    training_return: ['ProposeFitness', { 'proposal.outcome': 'FIT' }],
    riddor: 'RecordRiddorReport',
  },
};

// "trim_offer#2": the step of the second incident.
const ruleOf = (stepKey: string) => stepKey.split('#')[0]!;
// "2": which of several it is for; empty for a step that is there once.
export const itemOf = (stepKey: string) => stepKey.split('#')[1] ?? '';

function entryFor(pathway: Pathway, stepKey: string): Act | undefined {
  const rule = ruleOf(stepKey);
  const starts = Object.keys(kActs[pathway]).filter((start) => rule === start || rule.startsWith(`${start}_`));
  const longest = starts.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : kActs[pathway][longest];
}

export function actFor(pathway: Pathway, stepKey: string): string | undefined {
  const entry = entryFor(pathway, stepKey);
  return typeof entry === 'string' ? entry : entry?.[0];
}

export function beginFor(pathway: Pathway, stepKey: string): Begin {
  const entry = entryFor(pathway, stepKey);
  return entry === undefined || typeof entry === 'string' ? {} : entry[1];
}

// "RecordTestResult" <-> "record-test-result".
export const slugOf = (method: string) => method.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
export const methodOf = (slug: string) => slug.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

export function actHref(pathway: string, caseId: string, stepKey: string): string {
  const act = isPathway(pathway) ? actFor(pathway, stepKey) : undefined;
  const step = `step=${encodeURIComponent(stepKey)}`;
  return act === undefined
    ? `/cases/${pathway}/${caseId}?${step}`
    : `/cases/${pathway}/${caseId}/${slugOf(act)}?${step}`;
}
