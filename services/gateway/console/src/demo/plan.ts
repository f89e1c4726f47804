// A small stand-in for the planner, for development and page tests only: the steps of an exposure with
// their usual dates. The services decide what is really asked for.
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { Fluid, Route, type Exposure } from '../gen/waymark/bbv/v1/exposure_pb';
import { type Advice, AdviceSchema, type BbvCase, ImmunoglobulinAdvice, PepIndication, Significance, VaccineAdvice } from '../gen/waymark/bbv/v1/bbv_case_pb';
import { Ending, type Plan, PlanSchema, StepSchema } from '../gen/waymark/casework/v1/plan_pb';
import { Evidence } from '../gen/waymark/casework/v1/protocol_pb';
import { Role } from '../gen/waymark/options/v1/rule_pb';

const kHour = 3_600_000;
const kDay = 24 * kHour;

const kRisky = [Route.NEEDLESTICK, Route.OTHER_SHARP, Route.BITE_SKIN_BROKEN, Route.SCRATCH_SKIN_BROKEN, Route.NON_INTACT_SKIN, Route.EYE, Route.MOUTH, Route.NOSE];
const kHarmless = [Fluid.SALIVA, Fluid.URINE, Fluid.FAECES, Fluid.SPUTUM, Fluid.TEARS, Fluid.SWEAT, Fluid.VOMIT, Fluid.NONE];

export function significanceOf(exposure: Exposure | undefined): Significance {
  if (!exposure) return Significance.UNSPECIFIED;
  const fluid = !kHarmless.includes(exposure.fluid) || exposure.visibleBlood === 1;
  return kRisky.includes(exposure.route) && fluid ? Significance.SIGNIFICANT : Significance.NOT_SIGNIFICANT;
}

export function adviceOf(exposure: Exposure | undefined): Advice {
  const significance = significanceOf(exposure);
  return create(AdviceSchema, {
    significance,
    ...(significance === Significance.SIGNIFICANT && {
      pepIndication: PepIndication.CONSIDER,
      hepatitisBVaccine: VaccineAdvice.BOOSTER,
      hepatitisBImmunoglobulin: ImmunoglobulinAdvice.NONE,
    }),
  });
}

interface Rule {
  key: string;
  title: string;
  stage: string;
  opens?: number;
  due: number;
  closes?: number;
  tests?: string[];
  always?: boolean;
  guidance: string;
  done?: (held: BbvCase) => number | undefined;
}

const at = (time: { instant?: { seconds: bigint } | undefined } | undefined) =>
  time?.instant ? Number(time.instant.seconds) * 1000 : undefined;
const told = (key: string) => (held: BbvCase) => {
  const own = held.results.filter((one) => one.stepKey === key);
  return own.length > 0 && own.every((one) => one.toldTime) ? at(own[0]!.toldTime) : undefined;
};

const kRules: Rule[] = [
  { key: 'first_aid', title: 'First aid at the scene', stage: 'first_aid', due: 15 * 60_000, always: true, guidance: 'Wash with soap and water; let it bleed gently.', done: (held) => (held.exposure && held.exposure.firstAid.length > 0 ? at(held.exposure.incidentTime) : undefined) },
  { key: 'risk_assessment', title: 'Assess the risk of blood-borne viruses', stage: 'risk_assessment', due: kHour, always: true, guidance: 'By somebody trained and competent: occupational health, or the nearest emergency or urgent treatment centre. The hour counts from the incident, not from the report.', done: (held) => at(held.riskAssessment?.assessedTime) },
  { key: 'baseline_sample', title: 'Take blood for storage', stage: 'testing', due: kDay, guidance: 'At once, for storage; tested only with consent and if a later test is positive.', done: (held) => at(held.baseline?.takenTime) },
  { key: 'pep_start', title: 'Decide on HIV PEP; start it if indicated', stage: 'prophylaxis', due: kDay, closes: 3 * kDay, guidance: 'As soon as possible, ideally within an hour of presenting. After 72 hours it is not started.', done: (held) => at(held.pep?.startedTime) ?? at(held.pep?.declinedTime) },
  { key: 'source_test', title: 'Ask the source for consent to a test', stage: 'occupational_health', due: kDay, guidance: 'HIV, hepatitis B and C; informed consent, asked by somebody other than the exposed person.' },
  { key: 'tetanus_check', title: 'Check tetanus protection', stage: 'prophylaxis', due: kDay, guidance: 'At least three doses, the last within ten years.', done: (held) => at(held.tetanus?.checkedTime) },
  { key: 'hbv_vaccine_decision', title: 'Decide on hepatitis B vaccine', stage: 'prophylaxis', due: 2 * kDay, closes: 7 * kDay, guidance: 'By the anti-HBs level.' },
  { key: 'interim_precautions', title: 'Explain the precautions until all results are in', stage: 'personal_counselling', due: 3 * kDay, guidance: 'Safer sex, no blood donation.', done: (held) => at(held.counselling[0]?.heldTime) },
  { key: 'test_6_weeks', title: 'Tests at 4 to 6 weeks', stage: 'testing', opens: 28 * kDay, due: 42 * kDay, tests: ['HCV_AG_PCR', 'HIV_AG_AB'], guidance: 'A negative HIV test is not conclusive before day 45.', done: (held) => results(held, 'test_6_weeks', 2) },
  { key: 'tell_6_weeks', title: 'Tell the patient the results: 4 to 6 weeks', stage: 'personal_counselling', opens: 42 * kDay, due: 45 * kDay, guidance: 'In person or by telephone.', done: told('test_6_weeks') },
  { key: 'test_3_months', title: 'Tests at 3 months', stage: 'testing', opens: 84 * kDay, due: 92 * kDay, tests: ['HBSAG', 'HCV_AB', 'HIV_AG_AB'], guidance: 'The last HIV test.', done: (held) => results(held, 'test_3_months', 3) },
  { key: 'test_6_months', title: 'Tests at 6 months', stage: 'testing', opens: 168 * kDay, due: 183 * kDay, tests: ['HBSAG', 'HCV_AB'], guidance: 'The last tests.', done: (held) => results(held, 'test_6_months', 2) },
];

const kCodes: Record<string, number> = { HBSAG: 1, ANTI_HBS: 2, ANTI_HBC: 3, HCV_AB: 4, HCV_AG_PCR: 5, HIV_AG_AB: 6 };

function results(held: BbvCase, key: string, needed: number): number | undefined {
  const own = held.results.filter((one) => one.stepKey === key && one.supersededBy === '');
  return own.length >= needed ? at(own[0]!.sampledTime) : undefined;
}

export function stepFor(held: BbvCase, test: number, sampled: number): string {
  const start = at(held.exposure?.incidentTime) ?? 0;
  const rule = kRules.find((one) => one.tests?.some((code) => kCodes[code] === test) && sampled - start < one.due + 20 * kDay);
  return rule?.key ?? '';
}

export function planOf(held: BbvCase, now: number): Plan {
  const start = at(held.exposure?.incidentTime) ?? now;
  const significant = significanceOf(held.exposure) === Significance.SIGNIFICANT;
  const steps = kRules
    .filter((rule) => rule.always || significant)
    .map((rule) => {
      const ended = rule.done?.(held);
      const decided = held.header?.decided.find((one) => one.stepKey === rule.key);
      const step: MessageInitShape<typeof StepSchema> = {
        key: rule.key,
        title: rule.title,
        stage: rule.stage,
        anchor: 'incident',
        anchorTime: timestampFromMs(start),
        dueTime: timestampFromMs(start + rule.due),
        responsible: Role.OH_NURSE,
        blocksClosing: true,
        revision: 1,
        guidance: rule.guidance,
        sources: [
          { guideline: 'PHE 2019, management of potential exposure to BBVs in emergency workers', section: 'follow-up', evidence: Evidence.SOURCE_READ },
          { guideline: 'Waymark default, to be confirmed by the force', section: 'due time', evidence: Evidence.LOCAL_POLICY },
        ],
        tests: (rule.tests ?? []).map((test) => {
          const result = held.results.find((one) => one.stepKey === rule.key && one.test === kCodes[test] && one.supersededBy === '');
          return { test, ...(result?.recordedTime && { doneTime: result.recordedTime }) };
        }),
        ...(rule.opens !== undefined && { opensTime: timestampFromMs(start + rule.opens) }),
        ...(rule.closes !== undefined && { closesTime: timestampFromMs(start + rule.closes) }),
        ...(decided ? { outcome: decided } : ended !== undefined && { outcome: { stepKey: rule.key, ending: Ending.DONE, endedTime: timestampFromMs(ended), recordedTime: timestampFromMs(now), role: Role.OH_NURSE } }),
      };
      return create(StepSchema, step);
    })
    .sort((a, b) => timestampMs(a.dueTime!) - timestampMs(b.dueTime!));
  return create(PlanSchema, { steps });
}
