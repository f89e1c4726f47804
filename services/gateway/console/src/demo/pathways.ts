// In-memory answers of the mental health, muscle and bone, and dental services: one case of each, and
// whatever is opened or recorded during the visit.
import { create, type DescMessage, type DescService, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from '@connectrpc/connect';
import { CaseState, Jurisdiction, SubjectKind, type CaseHeader } from '../gen/waymark/casework/v1/case_pb';
import { Ending, PlanSchema, StepSchema } from '../gen/waymark/casework/v1/plan_pb';
import { Evidence, ProtocolSchema } from '../gen/waymark/casework/v1/protocol_pb';
import { DentalCaseSchema } from '../gen/waymark/dental/v1/dental_case_pb';
import { DentalService } from '../gen/waymark/dental/v1/dental_service_pb';
import { MentalHealthCaseSchema } from '../gen/waymark/mental_health/v1/mental_health_case_pb';
import { MentalHealthService } from '../gen/waymark/mental_health/v1/mental_health_service_pb';
import { Change, Instrument, Screen, Severity, Validity } from '../gen/waymark/mental_health/v1/measures_pb';
import { MskCaseSchema } from '../gen/waymark/msk/v1/msk_case_pb';
import { MskService } from '../gen/waymark/msk/v1/msk_service_pb';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import { Channel, type RotaEntry, RotaEntrySchema } from '../gen/waymark/scheduling/v1/rota_pb';
import type { SchedulingService } from '../gen/waymark/scheduling/v1/scheduling_service_pb';
import { type WorklistItem, WorklistItemSchema } from '../gen/waymark/scheduling/v1/worklist_pb';
import { actsOf, openingsOf, type Pathway } from '../pages/case/pathways';

const kHour = 3_600_000;
const kDay = 24 * kHour;
const now = () => Date.now();
const stamp = (ms: number) => timestampFromMs(Math.floor(ms / 1000) * 1000);
const local = (ms: number) => ({ civil: '', instant: stamp(ms) });

const kSubject = '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102';
export const kCases: Record<Exclude<Pathway, 'bbv'>, string> = {
  mental_health: '3e470000-0000-4000-8000-000000000004',
  msk: '35500000-0000-4000-8000-000000000005',
  dental: 'de470000-0000-4000-8000-000000000006',
};

type Line = [key: string, title: string, stage: string, dueMs: number, more?: { doneMs?: number; opensMs?: number; closesMs?: number; tests?: string[]; guidance?: string }];

function planOf(start: number, lines: Line[]) {
  return create(PlanSchema, {
    steps: lines.map(([key, title, stage, dueMs, more = {}]) => {
      const step: MessageInitShape<typeof StepSchema> = {
        key, title, stage, anchor: 'incident', anchorTime: stamp(start), dueTime: stamp(start + dueMs), responsible: Role.OH_NURSE, blocksClosing: true, revision: 1,
        guidance: more.guidance ?? '',
        sources: [{ guideline: 'Waymark default, to be confirmed by the force', section: 'due time', evidence: Evidence.LOCAL_POLICY }],
        tests: (more.tests ?? []).map((test) => ({ test })),
        ...(more.opensMs !== undefined && { opensTime: stamp(start + more.opensMs) }),
        ...(more.closesMs !== undefined && { closesTime: stamp(start + more.closesMs) }),
        ...(more.doneMs !== undefined && { outcome: { stepKey: key, ending: Ending.DONE, endedTime: stamp(start + more.doneMs), recordedTime: stamp(start + more.doneMs), role: Role.OH_NURSE } }),
      };
      return step;
    }),
  });
}

const kLines: Record<Exclude<Pathway, 'bbv'>, Line[]> = {
  mental_health: [
    ['trim_offer#1', 'Make TRiM contact and offer TRiM (1)', 'trim', 72 * kHour, { doneMs: 30 * kHour }],
    ['trim_assessment#1', 'TRiM individual assessment (1)', 'trim', 7 * kDay, { doneMs: 5 * kDay }],
    ['triage', 'Triage', 'assessment', 10 * kDay, { doneMs: 9 * kDay }],
    ['trim_one_month#1', 'TRiM follow-up at one month (1)', 'trim', 31 * kDay, { opensMs: 24 * kDay, doneMs: 30 * kDay }],
    ['treatment_review', 'Review the treatment and the step of care', 'treatment', 103 * kDay, { opensMs: 90 * kDay, tests: ['PHQ9', 'GAD7'], guidance: 'Both forms again. No reliable improvement: step up, or change.' }],
    ['trim_three_months#1', 'TRiM third contact at three months (1)', 'trim', 105 * kDay, { opensMs: 85 * kDay }],
    ['talking_therapies_18_weeks#1', 'Talking Therapies: first appointment within 18 weeks (1)', 'onward', 150 * kDay],
  ],
  msk: [
    ['red_flag_check', 'Ask for the red flags', 'door', kHour, { doneMs: 40 * 60_000 }],
    ['triage', 'Triage', 'triage', 3 * kDay, { doneMs: 2 * kDay }],
    ['start_back', 'STarT Back', 'triage', 3 * kDay, { doneMs: 2 * kDay }],
    ['physiotherapy_routine#physiotherapy 1', 'Physiotherapy begins (physiotherapy 1)', 'treatment', 24 * kDay, { doneMs: 15 * kDay }],
    ['msk_hq_6_weeks', 'MSK-HQ again, and discharge', 'outcome', 44 * kDay, { opensMs: 35 * kDay, guidance: 'The same form as at the start. Better by six points or more is a change that matters.' }],
    ['return_review#1', 'Review the return (1)', 'work', 46 * kDay],
  ],
  dental: [
    ['dental_contact_emergency', 'Reach a dental adviser within the hour', 'first_care', kHour, { doneMs: 25 * 60_000 }],
    ['replant#21', 'Put the tooth back (21)', 'first_care', kHour, { doneMs: 40 * 60_000 }],
    ['tetanus', 'Check tetanus protection', 'prophylaxis', kDay, { doneMs: 6 * kHour }],
    ['root_canal_start#21', 'Begin root canal treatment (21)', 'endodontics', 14 * kDay, { opensMs: 7 * kDay, guidance: 'Before the splint comes off.' }],
    ['splint_removal_2_weeks#21', 'Remove the splint (21)', 'splinting', 14 * kDay, { opensMs: 12 * kDay }],
    ['review_2_weeks#11', 'Review the tooth at 2 weeks (11)', 'follow_up', 15 * kDay, { opensMs: 12 * kDay }],
    ['review_4_weeks#21', 'Review the tooth at 4 weeks (21)', 'follow_up', 28 * kDay, { opensMs: 24 * kDay }],
    ['review_1_year#21', 'Review the tooth at 1 year (21)', 'follow_up', 366 * kDay, { opensMs: 340 * kDay }],
  ],
};

function headerOf(pathway: Exclude<Pathway, 'bbv'>, caseId: string, subjectId: string, start: number): MessageInitShape<typeof import('../gen/waymark/casework/v1/case_pb').CaseHeaderSchema> {
  return {
    caseId, version: 3n, state: CaseState.OPEN, subjectId, subjectKind: SubjectKind.WORKFORCE, jurisdiction: Jurisdiction.ENGLAND, openedTime: stamp(start),
    protocolKey: pathway, protocolVersion: 1, plan: planOf(start, kLines[pathway]),
  };
}

const measured = (instrument: Instrument, day: number, total: number, more: object = {}) => ({
  measurementId: `m-${instrument}-${day}`, instrument, completedTime: local(now() - day * kDay), recordedTime: stamp(now() - day * kDay), validity: Validity.VALID, total, ...more,
});

const starts = { mental_health: now() - 100 * kDay, msk: now() - 40 * kDay, dental: now() - 12 * kDay };
const mental = create(MentalHealthCaseSchema, {
  header: headerOf('mental_health', kCases.mental_health, kSubject, starts.mental_health),
  origin: 5,
  incidents: [{ number: 1, occurredTime: local(starts.mental_health), kind: 5, involvement: 1, handling: 1 }],
  measurements: [
    measured(Instrument.PHQ9, 91, 17, { severity: Severity.MODERATELY_SEVERE, caseness: 1, reliableChange: 6 }),
    measured(Instrument.PHQ9, 70, 15, { severity: Severity.MODERATELY_SEVERE, caseness: 1, reliableChange: 6, changeFromFirst: -2, change: Change.NONE_RELIABLE }),
    measured(Instrument.PHQ9, 42, 10, { severity: Severity.MODERATE, caseness: 1, reliableChange: 6, changeFromFirst: -7, change: Change.RELIABLE_IMPROVEMENT }),
    measured(Instrument.PHQ9, 14, 6, { severity: Severity.MILD, caseness: 2, reliableChange: 6, changeFromFirst: -11, change: Change.RELIABLE_IMPROVEMENT }),
    measured(Instrument.GAD7, 91, 14, { severity: Severity.MODERATE, caseness: 1, reliableChange: 4 }),
    measured(Instrument.GAD7, 42, 9, { severity: Severity.MILD, caseness: 1, reliableChange: 4, changeFromFirst: -5, change: Change.RELIABLE_IMPROVEMENT }),
    measured(Instrument.GAD7, 14, 7, { severity: Severity.MILD, caseness: 2, reliableChange: 4, changeFromFirst: -7, change: Change.RELIABLE_IMPROVEMENT }),
    { ...measured(Instrument.PCL5, 91, 0, { reliableChange: 5 }), validity: Validity.TOO_EARLY, total: undefined as never },
    measured(Instrument.PCL5, 60, 44, { screen: Screen.POSITIVE, reliableChange: 5 }),
    measured(Instrument.PCL5, 14, 28, { screen: Screen.NEGATIVE, reliableChange: 5, changeFromFirst: -16, change: Change.RELIABLE_IMPROVEMENT }),
    { ...measured(Instrument.ITQ, 60, 0), total: undefined as never, ptsdSum: 16, selfOrganisationSum: 9, pattern: 2 },
    measured(Instrument.TSQ, 79, 7, { screen: Screen.POSITIVE }),
    measured(Instrument.IES_R, 80, 41, { screen: Screen.POSITIVE }),
    measured(Instrument.IES_R, 20, 22, { screen: Screen.NEGATIVE }),
  ].map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as typeof one),
  treatments: [{ number: 1, kind: 5, offeredTime: local(starts.mental_health + 11 * kDay), startedTime: local(starts.mental_health + 60 * kDay) }],
  onwardReferrals: [{ number: 1, service: 1, referredTime: local(now() - 40 * kDay), to: 'Cardiff and Vale primary mental health' }],
});
const msk = create(MskCaseSchema, {
  header: headerOf('msk', kCases.msk, kSubject, starts.msk),
  injury: { incidentTime: local(starts.msk), region: 15, side: 2, mechanism: 5, assault: 1, onDuty: 1, workAbility: 2 },
  redFlagChecks: [{ checkedTime: local(starts.msk + 40 * 60_000) }],
  scores: [
    { scoreId: 's1', takenTime: local(starts.msk + 2 * kDay), answers: { case: 'mskHq', value: {} }, total: 27 },
    { scoreId: 's2', takenTime: local(starts.msk + 20 * kDay), answers: { case: 'mskHq', value: {} }, total: 31, importantChange: 2 },
    { scoreId: 's3', takenTime: local(starts.msk + 38 * kDay), answers: { case: 'mskHq', value: {} }, total: 42, importantChange: 1 },
    { scoreId: 's4', takenTime: local(starts.msk + 2 * kDay), answers: { case: 'startBack', value: {} }, total: 5, psychosocial: 2, band: 2 },
    { scoreId: 's5', takenTime: local(starts.msk + 2 * kDay), answers: { case: 'orebro', value: {} }, total: 44, band: 1 },
  ],
  care: [{ careId: 'c1', kind: 1, provider: 1, priority: 1, requestedTime: local(starts.msk + 3 * kDay), acceptedTime: local(starts.msk + 5 * kDay), sessions: [{ time: local(starts.msk + 15 * kDay), attended: true }] }],
  redFlags: [],
  advice: { urgency: 5, routineCareOpen: 1, daysLost: 9 },
});
const dental = create(DentalCaseSchema, {
  header: headerOf('dental', kCases.dental, kSubject, starts.dental),
  injury: {
    incidentTime: local(starts.dental), mechanism: 2, assault: 1, airwayAtRisk: 2, uncontrolledBleeding: 2, laceration: 1, tetanusPriming: 1,
    teeth: [{ tooth: '21', dentition: 1, injuries: [16], apex: 1, dryMinutes: 12, medium: 1, fragments: 2 }, { tooth: '11', dentition: 1, injuries: [12], apex: 1 }],
  },
  contact: { contactTime: local(starts.dental + 25 * 60_000), adviser: 1, derived: 2 },
  care: [{ tooth: '21', replantedTime: local(starts.dental + 40 * 60_000), splintedTime: local(starts.dental + kHour) }],
  advice: { urgency: 2, teeth: [{ tooth: '21', replant: 1, pdl: 1 }], trainingRestricted: true },
});

const day = (ms: number) => {
  const date = new Date(ms);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};
const visits = [
  { earliestDate: day(starts.dental + 12 * kDay), latestDate: day(starts.dental + 14 * kDay), stepKeys: ['root_canal_start#21', 'splint_removal_2_weeks#21', 'review_2_weeks#11'] },
  { earliestDate: day(starts.dental + 24 * kDay), latestDate: day(starts.dental + 28 * kDay), stepKeys: ['review_4_weeks#21'] },
];

// Who may log and not read: chosen by the first address of a visit.
const kReads = new URLSearchParams(window.location.search).get('as') !== 'supervisor';

type AnyHeld = { header?: CaseHeader };

// Everything that a pathway's service answers: what is opened is there, what is recorded counts up.
function serving(service: DescService, pathway: Exclude<Pathway, 'bbv'>, type: DescMessage, first: AnyHeld, extra: object = {}) {
  const held = new Map<string, AnyHeld>([[first.header!.caseId, first]]);
  const find = (id: string) => {
    const one = held.get(id);
    if (!one) throw new ConnectError('There is no such case.', Code.NotFound);
    return one;
  };
  const answers: Record<string, unknown> = {
    listCases: () => ({ cases: [...held.values()] }),
    getCase: ({ caseId }: { caseId: string }) => ({ case: find(caseId), ...extra }),
    listCaseEvents: ({ caseId }: { caseId: string }) => ({ events: [{ eventId: 'e1', caseVersion: 1n, act: 'LogInjury', actor: 'nurse', role: Role.OH_NURSE, recordedTime: find(caseId).header!.openedTime }] }),
    previewPlan: () => ({ plan: planOf(now() - 20 * 60_000, kLines[pathway].map(([key, title, stage, due, more]) => [key, title, stage, due, { ...more, doneMs: undefined as never }])), advice: { urgency: 2 } }),
    listProtocols: () => ({
      protocols: [
        create(ProtocolSchema, {
          key: pathway, version: 1, title: pathway,
          parameters: [
            ['phq9_caseness_from', 10], ['gad7_caseness_from', 8], ['pcl5_borderline_from', 31], ['pcl5_positive_from', 33],
            ['msk_hq_important_change', 6], ['start_back_risk_from_total', 4], ['orebro_higher_risk_from', 50],
          ].map(([key, value]) => ({ key: String(key), value: Number(value) })),
        }),
      ],
    }),
    getScoreTrend: () => ({ lines: [] }),
  };
  for (const method of openingsOf(service)) {
    answers[method.localName] = (request: { people?: { subjectId: string }[]; subjectId?: string }) => {
      const people = request.people ?? [{ subjectId: request.subjectId ?? kSubject }];
      const cases = people.map(({ subjectId }) => {
        const id = crypto.randomUUID();
        const start = now() - 60_000;
        const one = create(type, { header: { ...headerOf(pathway, id, subjectId, start), plan: planOf(start, kLines[pathway].map(([key, title, stage, due]) => [key, title, stage, due])) } } as never) as AnyHeld;
        held.set(id, one);
        return one;
      });
      const due = { firstContactDueTime: stamp(now() + 2 * kHour), firstStepDueTime: stamp(now() + 2 * kHour), contactDueTime: stamp(now() + kHour) };
      return {
        cases: kReads ? cases : [],
        receipts: cases.map((one) => ({ caseId: one.header!.caseId, subjectId: one.header!.subjectId, ...due, helpNow: ['In danger now: 999. Round the clock: NHS 111 option 2.'], doNow: ['Rest it, and keep weight off it until somebody has looked.'], firstAid: ['Hold a tooth by its crown. Milk, not water.'] })),
      };
    };
  }
  for (const method of actsOf(service)) {
    answers[method.localName] = (request: { caseId: string; validateOnly?: boolean; stepKey?: string }) => {
      const one = find(request.caseId);
      if (request.validateOnly) return { case: one, moves: [{ stepKey: one.header!.plan!.steps[0]!.key, toDueTime: stamp(now() + kDay), fromDueTime: stamp(now()) }] };
      one.header!.version += 1n;
      if (method.name === 'CloseCase') one.header!.state = CaseState.CLOSED;
      return { case: one, moves: [] };
    };
  }
  return answers as Partial<ServiceImpl<typeof service>>;
}

export function serveThePathways({ service }: Pick<ConnectRouter, 'service'>) {
  service(MentalHealthService, serving(MentalHealthService, 'mental_health', MentalHealthCaseSchema, mental));
  service(MskService, serving(MskService, 'msk', MskCaseSchema, msk));
  service(DentalService, serving(DentalService, 'dental', DentalCaseSchema, dental, { visits }));
}

// Their open steps, for a worklist of every pathway.
export function otherItems(): WorklistItem[] {
  return Object.entries({ mental_health: mental, msk, dental }).flatMap(([pathway, one]) =>
    one.header!.plan!.steps
      .filter((step) => !step.outcome)
      .map((step) =>
        create(WorklistItemSchema, {
          stepRef: `${step.key}@${one.header!.caseId}`, caseId: one.header!.caseId, subjectId: one.header!.subjectId, pathway, stepKey: step.key, title: step.title,
          responsible: step.responsible, dueTime: step.dueTime!, ...(step.opensTime && { opensTime: step.opensTime }),
        }),
      ),
  );
}

const entry = (rotaEntryId: string, role: Role, person: string, from: number, days: number, address: string) =>
  create(RotaEntrySchema, { rotaEntryId, role, person, startsTime: stamp(now() + from * kDay), endsTime: stamp(now() + (from + days) * kDay), contact: { channel: Channel.EMAIL, address } });
let entries: RotaEntry[] = [
  entry('e1', Role.OH_NURSE, 'nurse.roberts', -1, 3, 'nurse@force.example'),
  entry('e2', Role.OH_PHYSICIAN, 'dr.singh', -3, 7, 'physician@force.example'),
  entry('e3', Role.OH_NURSE, 'nurse.jenkins', 2, 3, 'jenkins@force.example'),
];
let duty = 'duty@force.example';

const figure = (measure: string, inTime: number, late: number, overdue: number, toCome: number, notDone: number, median: number, ninetieth: number) => ({
  measure, inTimeCount: BigInt(inTime), lateCount: BigInt(late), overdueCount: BigInt(overdue), toComeCount: BigInt(toCome), notDoneCount: BigInt(notDone),
  median: { seconds: BigInt(median), nanos: 0 }, ninetiethPercentile: { seconds: BigInt(ninetieth), nanos: 0 },
});

export const leads: Partial<ServiceImpl<typeof SchedulingService>> = {
  listRota: () => ({ entries, dutyAddress: { channel: Channel.EMAIL, address: duty }, active: true }),
  putRotaEntry(request) {
    entries = [...entries.filter((one) => one.rotaEntryId !== request.entry!.rotaEntryId), request.entry!];
    return { entry: request.entry! };
  },
  deleteRotaEntry(request) {
    entries = entries.filter((one) => one.rotaEntryId !== request.rotaEntryId);
    return {};
  },
  setDutyAddress(request) {
    duty = request.contact!.address;
    return {};
  },
  getCompliance: () => ({
    figures: [
      figure('ASSESSED_WITHIN_HOUR', 118, 9, 1, 2, 3, 2040, 3480),
      figure('PEP_DOOR_TO_DOSE', 17, 2, 0, 0, 1, 5400, 9000),
      figure('RED_FLAGS_ASKED_WITHIN_HOUR', 64, 11, 0, 0, 0, 1500, 4200),
      figure('TEST_6_WEEKS', 71, 6, 4, 22, 5, 3_456_000, 3_628_800),
      figure('TRIM_OFFERED_WITHIN_72_HOURS', 43, 1, 0, 6, 2, 86_400, 216_000),
      figure('DENTAL_CONTACT_WITHIN_HOUR', 5, 2, 0, 0, 0, 2400, 5400),
    ],
    asOfTime: stamp(now()),
  }),
};
