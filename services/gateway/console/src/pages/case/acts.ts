// Which act a step asks for, so that a task opens its exact form.
import { isPathway, type Pathway } from './pathways';

// By the beginning of the step's key; the longest that fits counts.
const kActs: Record<Pathway, Record<string, string>> = {
  bbv: {
    first_aid: 'CorrectExposure',
    risk_assessment: 'RecordRiskAssessment',
    source_test: 'RecordSourceResult',
    baseline_sample: 'RecordBaselineSample',
    pep_baseline: 'RecordBaselineSample',
    pep: 'RecordPep',
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
  mental_health: {},
  msk: {},
  dental: {},
};

export function actFor(pathway: Pathway, stepKey: string): string | undefined {
  const starts = Object.keys(kActs[pathway]).filter((start) => stepKey === start || stepKey.startsWith(`${start}_`));
  const longest = starts.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : kActs[pathway][longest];
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
