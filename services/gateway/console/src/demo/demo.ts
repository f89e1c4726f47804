// The console against services in memory: for `npm run dev` and the page tests. Nothing of it is in
// the console that is served. The address chooses who is signed in and what happens:
// ?as=officer, ?steps=100000, ?fail=offline, ?expire=5.
import { create, type DescMethod, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createRouterTransport, type ServiceImpl } from '@connectrpc/connect';
import * as gateway from '../api/gateway';
import { answerFrom } from '../api/transport';
import { BbvService, LogExposureRequestSchema } from '../gen/waymark/bbv/v1/bbv_service_pb';
import { type BbvCase, BbvCaseSchema, RiddorCategory } from '../gen/waymark/bbv/v1/bbv_case_pb';
import { Answer, ExposureSourceSchema } from '../gen/waymark/bbv/v1/exposure_pb';
import { type CaseEvent, CaseEventSchema, CaseState, Jurisdiction, SubjectKind } from '../gen/waymark/casework/v1/case_pb';
import type { LocalTime } from '../gen/waymark/casework/v1/local_time_pb';
import { Ending } from '../gen/waymark/casework/v1/plan_pb';
import { DraftService } from '../gen/waymark/gateway/v1/draft_service_pb';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import { RungKind } from '../gen/waymark/scheduling/v1/plan_pb';
import { SchedulingService } from '../gen/waymark/scheduling/v1/scheduling_service_pb';
import { Tab, type WorklistFilter, type WorklistItem, WorklistItemSchema } from '../gen/waymark/scheduling/v1/worklist_pb';
import { WorkforceService } from '../gen/waymark/workforce/v1/workforce_service_pb';
import { instantsOf } from '../time/dates';
import { adviceOf, planOf, significanceOf, stepFor } from './plan';
import { leads, otherItems, serveThePathways } from './pathways';
import { protocol } from './protocol';
import { serveReferrals } from './referrals';
import { choices, serveTheRest, staff } from './rest';

const search = new URLSearchParams(window.location.search);
// The choices of the first page of a visit hold for the visit: going on within the console keeps them.
const as = search.get('as') ?? 'nurse';
const many = Number(search.get('steps') ?? 0);

const kRoles: Record<string, string[]> = {
  nurse: ['OH_NURSE'],
  physician: ['OH_PHYSICIAN'],
  lead: ['OH_LEAD'],
  supervisor: ['SUPERVISOR_REPORTER'],
  officer: ['OFFICER'],
  manager: ['LINE_MANAGER'],
  hr: ['HR_INTEGRATION'],
  auditor: ['AUDITOR'],
  operator: ['OPERATOR'],
  clinician: ['NHS_CLINICIAN'],
};
const kNames: Record<string, string> = {
  nurse: 'Nia Roberts', physician: 'Dr Amar Singh', lead: 'Helen Clarke', supervisor: 'Sgt Tom Ward', officer: 'PC Rhys Evans',
  manager: 'Insp Claire Hughes', hr: 'HR integration', auditor: 'Priya Shah', operator: 'Sam Okafor', clinician: 'Dr Elin Davies',
};

const kOfficer = '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101';

let expired = false;
let left = Number(search.get('left') ?? 1200);
const final = search.get('final') === '1';
if (search.has('expire')) setTimeout(() => (expired = true), Number(search.get('expire')) * 1000);

// What the gateway keeps; the tests look into it.
const kept = new Map<string, string>();
const drafts: ServiceImpl<typeof DraftService> = {
  saveDraft({ draft }) {
    kept.set(draft!.form, draft!.content);
    return {};
  },
  getDraft({ form }) {
    const content = kept.get(form);
    return content === undefined ? {} : { draft: { form, content } };
  },
  listDrafts() {
    return { drafts: [...kept.keys()].map((form) => ({ form })) };
  },
  deleteDraft({ form }) {
    kept.delete(form);
    return {};
  },
};

const now = () => Date.now();
const stamp = (ms: number): Timestamp => timestampFromMs(ms);

interface Held {
  one: BbvCase;
  events: CaseEvent[];
  source: Uint8Array;
}
const held = new Map<string, Held>();
const byRequest = new Map<string, unknown>();
const claims = new Map<string, string>();
const people = [
  { subjectId: kOfficer, family: 'Evans', given: 'Rhys', collar: '4471', born: { year: 1991, month: 4, day: 9 } },
  { subjectId: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102', family: 'Jones', given: 'Carys', collar: '2210', born: { year: 1988, month: 11, day: 30 } },
  { subjectId: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1103', family: 'Jones', given: 'Daniel', collar: '3187', born: { year: 1979, month: 2, day: 2 } },
];

// What the services do to every local time: say which instant it means.
function settle(time: LocalTime | undefined) {
  if (!time || time.civil === '') return;
  const [date, clock] = time.civil.split('T');
  const [year, month, day] = date!.split('-').map(Number);
  const [hour, minute] = clock!.split(':').map(Number);
  const instants = instantsOf({ year: year!, month: month!, day: day!, hour: hour!, minute: minute! });
  time.instant = stamp(time.utcOffsetMinutes === 0 ? instants.at(-1)! : instants[0]!);
}

function settleAll(message: unknown) {
  if (typeof message !== 'object' || message === null) return;
  if ('$typeName' in message && message.$typeName === 'waymark.casework.v1.LocalTime') return settle(message as LocalTime);
  for (const value of Object.values(message)) {
    if (Array.isArray(value)) value.forEach(settleAll);
    else settleAll(value);
  }
}

function find(caseId: string): Held {
  const found = held.get(caseId);
  if (!found) throw new ConnectError('There is no such case, or it is not for you to see.', Code.NotFound);
  return found;
}

function planned(one: BbvCase) {
  one.header!.plan = planOf(one, now());
  one.header!.stage = one.header!.plan.steps.find((step) => !step.outcome)?.stage ?? 'testing';
  one.advice = adviceOf(one.exposure);
  one.riddorCategory = RiddorCategory.NOT_YET_KNOWN;
}

function note(h: Held, act: string, moves = 0) {
  h.events.push(
    create(CaseEventSchema, {
      eventId: crypto.randomUUID(),
      caseId: h.one.header!.caseId,
      caseVersion: h.one.header!.version,
      recordedTime: stamp(now()),
      actor: as,
      role: Role.OH_NURSE,
      act,
      moves: Array.from({ length: moves }, () => ({ stepKey: 'test_6_weeks', cause: act, toDueTime: stamp(now()) })),
    }),
  );
}

function open(bytes: Uint8Array, actor = as): BbvCase[] {
  const request = fromBinary(LogExposureRequestSchema, bytes);
  settleAll(request);
  return request.people.map((person) => {
    const one = create(BbvCaseSchema, {
      header: {
        caseId: crypto.randomUUID(),
        version: 1n,
        state: CaseState.OPEN,
        subjectId: person.subjectId,
        subjectKind: SubjectKind.WORKFORCE,
        jurisdiction: request.jurisdiction,
        openedTime: stamp(now()),
        protocolKey: 'bbv',
        protocolVersion: 1,
      },
      ...(person.exposure && { exposure: person.exposure }),
    });
    planned(one);
    const h: Held = { one, events: [], source: toBinary(ExposureSourceSchema, request.source ?? create(ExposureSourceSchema)) };
    note(h, 'LogExposure');
    h.events[0]!.actor = actor;
    held.set(one.header!.caseId, h);
    return one;
  });
}

function example(minutesAgo: number, subjectId: string) {
  const c = new Date(now() - minutesAgo * 60_000);
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' }).format(c).replace(' ', 'T');
  return open(
    toBinary(
      LogExposureRequestSchema,
      create(LogExposureRequestSchema, {
        requestId: crypto.randomUUID(),
        jurisdiction: Jurisdiction.ENGLAND,
        people: [
          {
            subjectId,
            exposure: { incidentTime: { civil: local }, route: 1, fluid: 1, device: 1, depth: 2, drewBlood: Answer.YES, firstAid: [1, 3], tetanusPriming: 1, hepatitisBStatus: { vaccination: 3, antiHbsMiuPerMl: 250 }, activity: 1, site: 2 },
          },
        ],
        source: { identity: 2, injectsDrugs: Answer.YES },
      }),
    ),
  )[0]!;
}

let made: WorklistItem[] | undefined;
function theMany(): WorklistItem[] {
  made ??= Array.from({ length: many }, (_, i) =>
    create(WorklistItemSchema, {
      stepRef: `many-${i}`, caseId: [...held.keys()][0]!, pathway: 'bbv', stepKey: 'test_6_weeks', title: `Tests at 4 to 6 weeks, number ${i + 1}`,
      responsible: Role.OH_NURSE, dueTime: stamp(now() + (i - 40) * 97_000),
    }),
  );
  return made;
}

function items(filter: WorklistFilter | undefined): WorklistItem[] {
  const list: WorklistItem[] = [];
  for (const { one } of held.values()) {
    for (const step of one.header!.plan!.steps) {
      if (step.outcome || one.header!.state !== CaseState.OPEN) continue;
      list.push(
        create(WorklistItemSchema, {
          stepRef: `${step.key}@${one.header!.caseId}`,
          caseId: one.header!.caseId,
          subjectId: one.header!.subjectId,
          pathway: 'bbv',
          stepKey: step.key,
          title: step.title,
          stage: step.stage,
          responsible: step.responsible,
          ...(step.opensTime && { opensTime: step.opensTime }),
          dueTime: step.dueTime!,
          ...(step.closesTime && { closesTime: step.closesTime }),
          claimedBy: claims.get(`${step.key}@${one.header!.caseId}`) ?? '',
        }),
      );
    }
  }
  if (search.get('pathways') === 'all') list.push(...otherItems().map((item) => ({ ...item, claimedBy: claims.get(item.stepRef) ?? '' })));
  for (const item of theMany()) {
    item.claimedBy = claims.get(item.stepRef) ?? '';
    list.push(item);
  }
  const moment = now();
  const tab = (item: WorklistItem) => {
    const due = timestampMs(item.dueTime!);
    if (item.closesTime && timestampMs(item.closesTime) <= moment) return Tab.WINDOW_CLOSED;
    if (due <= moment) return Tab.OVERDUE;
    return item.opensTime && timestampMs(item.opensTime) > moment ? Tab.UPCOMING : Tab.OPEN;
  };
  return list
    .filter((item) => !filter?.tab || filter.tab === Tab.ALL_OPEN || tab(item) === filter.tab)
    .filter((item) => !filter?.mine || item.claimedBy === as)
    .filter((item) => !filter?.caseId || item.caseId === filter.caseId)
    .sort((a, b) => timestampMs(a.dueTime!) - timestampMs(b.dueTime!));
}

const watchers = new Set<() => void>();
const changed = () => watchers.forEach((wake) => wake());

// One act on a case: the same request id gets the same answer.
function act(name: string, change: (one: BbvCase, request: never) => void) {
  return (request: { requestId: string; caseId: string; expectedVersion: bigint }) => {
    const before = byRequest.get(request.requestId);
    if (before) return before as { case: BbvCase; moves: [] };
    const h = find(request.caseId);
    if (request.expectedVersion !== 0n && request.expectedVersion !== h.one.header!.version) {
      throw new ConnectError('Somebody changed the case meanwhile. Look at it again.', Code.Aborted);
    }
    settleAll(request);
    change(h.one, request as never);
    h.one.header!.version += 1n;
    planned(h.one);
    note(h, name);
    changed();
    const answer = { case: h.one, moves: [] as [] };
    byRequest.set(request.requestId, answer);
    return answer;
  };
}

// The newest first.
const sent = [{ noticeId: 'n1', stepRef: 's1', kind: RungKind.REMINDER, audience: Role.OH_NURSE, firedTime: stamp(now() - 3_600_000), dueTime: stamp(now() + 1_800_000) }];
let noticed: () => void = () => undefined;
function notice() {
  sent.unshift({ noticeId: `n${sent.length + 1}`, stepRef: 's2', kind: RungKind.BREACH, audience: Role.OH_NURSE, firedTime: stamp(now()), dueTime: stamp(now()) });
  noticed();
}

const scheduling: Partial<ServiceImpl<typeof SchedulingService>> = {
  listWorklist(request) {
    const all = items(request.filter);
    const from = Number(request.pageToken || 0);
    const size = request.pageSize || 50;
    return { items: all.slice(from, from + size), totalCount: BigInt(all.length), asOfTime: stamp(now()), nextPageToken: from + size < all.length ? String(from + size) : '' };
  },
  async *watchWorklist(request, context) {
    for (;;) {
      const all = items(request.filter);
      yield { items: all.slice(0, request.pageSize || 50), totalCount: BigInt(all.length), asOfTime: stamp(now()) };
      await new Promise<void>((resolve) => {
        const wake = () => {
          watchers.delete(wake);
          resolve();
        };
        watchers.add(wake);
        context.signal.addEventListener('abort', wake);
      });
      if (context.signal.aborted) return;
    }
  },
  listNotices() {
    return { notices: sent };
  },
  async *watchNotices(_, context) {
    for (let from = sent.length; ; from = sent.length) {
      await new Promise<void>((resolve) => {
        noticed = resolve;
        context.signal.addEventListener('abort', () => resolve());
      });
      if (context.signal.aborted) return;
      yield { notices: sent.slice(0, sent.length - from) };
    }
  },
  acknowledgeStep(request) {
    return {
      acknowledgedUntil: request.untilTime!,
      nextRungTime: timestampFromMs(timestampMs(request.untilTime!) + 60_000),
      nextAudience: Role.OH_LEAD,
    };
  },
  claimStep(request) {
    claims.set(request.stepRef, as);
    changed();
    return { claimedBy: as };
  },
  releaseStep(request) {
    claims.delete(request.stepRef);
    changed();
    return {};
  },
  ...leads,
  async *exportWorklist(request) {
    const all = items(request.filter);
    for (let at = 0; at < all.length; at += 500) yield { items: all.slice(at, at + 500), totalCount: BigInt(all.length), asOfTime: stamp(now()) };
  },
  listDelegations: () => ({ delegations: [{ delegationId: 'd1', fromPerson: as, toPerson: 'nurse.jenkins', startsTime: stamp(now()), endsTime: stamp(now() + 5 * 86_400_000) }] }),
  delegate: () => ({}),
  endDelegation: () => ({}),
  getServiceStatus: () => ({ active: true, lastTickTime: stamp(now()), lastLag: { seconds: 0n, nanos: 4_000_000 }, dueRungCount: 0n, pendingNoticeCount: 2n, nextRungTime: stamp(now() + 600_000), nowTime: stamp(now()) }),
};

const bbv: Partial<ServiceImpl<typeof BbvService>> = {
  logExposure(request) {
    const before = byRequest.get(request.requestId);
    if (before) return before as object;
    const cases = open(toBinary(LogExposureRequestSchema, request));
    const answer = {
      receipts: cases.map((one) => ({ caseId: one.header!.caseId, subjectId: one.header!.subjectId, assessmentDueTime: one.header!.plan!.steps.find((step) => step.key === 'risk_assessment')!.dueTime!, firstAid: ['Let it bleed gently, do not scrub or suck.', 'Wash with soap and water; no bleach. Cover with a waterproof plaster.'] })),
      cases: as === 'supervisor' ? [] : cases,
    };
    byRequest.set(request.requestId, answer);
    changed();
    return answer;
  },
  previewPlan(request) {
    const one = create(BbvCaseSchema, { header: {}, ...(request.exposure && { exposure: request.exposure }) });
    settleAll(one);
    return { plan: planOf(one, now()), significance: significanceOf(request.exposure), advice: adviceOf(request.exposure) };
  },
  listProtocols: () => ({ protocols: [protocol] }),
  getCase: (request) => ({ case: find(request.caseId).one }),
  listCases: (request) => ({ cases: [...held.values()].map((h) => h.one).filter((one) => !request.subjectId || one.header!.subjectId === request.subjectId) }),
  listCaseEvents: (request) => ({ events: find(request.caseId).events }),
  getSource: (request) => ({ source: fromBinary(ExposureSourceSchema, find(request.caseId).source) }),
  recordRiskAssessment: act('RecordRiskAssessment', (one, request: { riskAssessment: NonNullable<BbvCase['riskAssessment']> }) => {
    one.riskAssessment = request.riskAssessment;
  }),
  recordBaselineSample: act('RecordBaselineSample', (one, request: { baseline: NonNullable<BbvCase['baseline']> }) => {
    one.baseline = request.baseline;
  }),
  recordCounselling: act('RecordCounselling', (one, request: { conversation: BbvCase['counselling'][number] }) => {
    one.counselling.push(request.conversation);
  }),
  recordTestResult: act('RecordTestResult', (one, request: { result: BbvCase['results'][number] }) => {
    const { result } = request;
    result.resultId = crypto.randomUUID();
    result.recordedTime = stamp(now());
    result.stepKey = stepFor(one, result.test, timestampMs(result.sampledTime!.instant!));
    result.conclusive = result.test !== 6 || result.stepKey !== 'test_6_weeks';
    one.results.push(result);
  }),
  recordResultTold: act('RecordResultTold', (one, request: { resultIds: string[]; toldTime: LocalTime }) => {
    for (const result of one.results) if (request.resultIds.includes(result.resultId)) result.toldTime = request.toldTime;
  }),
  waiveStep: act('WaiveStep', (one, request: { stepKey: string; ending: Ending; reason: string }) => {
    if (request.reason === '') throw new ConnectError('Give a reason.', Code.InvalidArgument);
    one.header!.decided.push({ ...create(BbvCaseSchema, { header: { decided: [{ stepKey: request.stepKey, ending: request.ending, reason: request.reason, endedTime: stamp(now()), role: Role.OH_NURSE }] } }).header!.decided[0]! });
  }),
  closeCase: act('CloseCase', (one) => {
    one.header!.state = CaseState.CLOSED;
    one.header!.closedTime = stamp(now());
  }),
};

const workforce: Partial<ServiceImpl<typeof WorkforceService>> = {
  getMyRecord: () => choices.get(),
  setMyChoices: (request) => choices.set(request.choices),
  listStaff: () => staff(),
  getPerson: ({ subjectId }) => ({ person: { subjectId, consents: [{ consentId: 'c1', kind: 1, recipient: '', givenTime: stamp(now() - 30 * 86_400_000) }, { consentId: 'c2', kind: 2, recipient: 'RWM', givenTime: stamp(now() - 20 * 86_400_000), withdrawnTime: stamp(now() - 2 * 86_400_000) }] } }),
  findPeople(request) {
    const hits = people.filter((one) =>
      request.collarNumber ? one.collar === request.collarNumber : request.familyName ? one.family.toLowerCase() === request.familyName.toLowerCase() : false,
    );
    return { hits: hits.map((one) => ({ subjectId: one.subjectId, name: { family: one.family, given: one.given }, collarNumber: one.collar, birthDate: one.born })) };
  },
  resolveNames: (request) => ({
    names: request.subjectIds.flatMap((id) => people.filter((one) => one.subjectId === id).map((one) => ({ subjectId: id, displayName: `${one.given} ${one.family}, ${one.collar}` }))),
  }),
};


export async function start() {
  // 50 hours ago, 20 minutes ago, 50 days ago.
  const [late, fresh, long] = [example(50 * 60, people[1]!.subjectId), example(20, kOfficer), example(50 * 24 * 60, people[2]!.subjectId)];
  for (const h of held.values()) h.events.forEach((event) => (event.actor = 'nurse'));
  void late;
  void fresh;
  const h = held.get(long.header!.caseId)!;
  const early = stamp(now() - 50 * 86_400_000 + 45 * 60_000);
  h.one.riskAssessment = { ...create(BbvCaseSchema, { riskAssessment: { significance: 1, derived: 1, competence: 1, assessor: 'nurse', assessedTime: { civil: '' } } }).riskAssessment! };
  h.one.riskAssessment.assessedTime!.instant = early;
  h.one.baseline = create(BbvCaseSchema, { baseline: { takenTime: { civil: '', instant: early }, consentToTest: Answer.YES } }).baseline!;
  h.one.pep = create(BbvCaseSchema, { pep: { state: 2, declinedTime: { civil: '', instant: early } } }).pep!;
  h.one.counselling = create(BbvCaseSchema, { counselling: [{ heldTime: { civil: '', instant: early }, precautionsExplained: true }] }).counselling;
  h.one.tetanus = create(BbvCaseSchema, { tetanus: { checkedTime: { civil: '', instant: early }, given: 1 } }).tetanus!;
  h.one.results = create(BbvCaseSchema, {
    results: [
      { resultId: 'r1', test: 5, outcome: 1, stepKey: 'test_6_weeks', conclusive: true, sampledTime: { civil: '', instant: stamp(now() - 9 * 86_400_000) }, recordedTime: stamp(now() - 6 * 86_400_000) },
      { resultId: 'r2', test: 6, outcome: 1, stepKey: 'test_6_weeks', conclusive: false, sampledTime: { civil: '', instant: stamp(now() - 9 * 86_400_000) }, recordedTime: stamp(now() - 6 * 86_400_000) },
    ],
  }).results;
  h.one.header!.decided = create(BbvCaseSchema, {
    header: { decided: [{ stepKey: 'hbv_vaccine_decision', ending: Ending.WAIVED, reason: 'Anti-HBs 250 mIU/mL: protected.', endedTime: early, role: Role.OH_NURSE }] },
  }).header!.decided;
  h.one.header!.version = 6n;
  h.one.header!.openedTime = early;
  planned(h.one);
  note(h, 'RecordRiskAssessment', 2);
  note(h, 'RecordTestResult');

  // The pages of one visit know the same three cases by these names.
  const names: Record<string, string> = { late: late.header!.caseId, fresh: fresh.header!.caseId, long: long.header!.caseId };
  (window as unknown as { demoCases: unknown }).demoCases = names;
  for (const [name, id] of Object.entries(names)) {
    const was = held.get(id)!;
    held.delete(id);
    const fixed = { late: '0a7e0000-0000-4000-8000-000000000001', fresh: 'f4e50000-0000-4000-8000-000000000002', long: '10a60000-0000-4000-8000-000000000003' }[name]!;
    was.one.header!.caseId = fixed;
    held.set(fixed, was);
  }

  const fails = search.get('fail');
  answerFrom((interceptors) =>
    createRouterTransport(
      ({ service }) => {
        service(SchedulingService, scheduling);
        service(BbvService, bbv);
        service(WorkforceService, workforce);
        service(DraftService, drafts);
        serveTheRest({ service });
        serveThePathways({ service });
        serveReferrals({ service }, as === 'clinician', search);
      },
      {
        transport: {
          interceptors: [
            ...interceptors,
            (next) => async (request) => {
              if (expired) throw new ConnectError('Sign in again.', Code.Unauthenticated);
              if (fails === 'offline') throw new ConnectError('The service is down.', Code.Unavailable);
              if (fails === 'forbidden') throw new ConnectError('Not for your role.', Code.PermissionDenied);
              if (fails === 'once' && refuseOnce(request.method)) throw new ConnectError('The service is down.', Code.Unavailable);
              if (search.get('empty') === '1') {
                held.clear();
              }
              await new Promise((resolve) => setTimeout(resolve, 15));
              return next(request);
            },
          ],
        },
      },
    ),
  );
  gateway.useInstead({
    async readSession() {
      if (as === 'nobody') return 'signed_out';
      if (as === 'unreachable') return 'unreachable';
      if (expired) return 'signed_out';
      return { userId: as, name: kNames[as] ?? as, tenant: as === 'clinician' ? 'RX1' : 'E23000025-test', subjectId: as === 'officer' ? kOfficer : '', roles: kRoles[as] ?? [], secondsLeft: left, final };
    },
    async signOut() {
      return '/?as=nobody';
    },
    async stay() {
      left = 1200;
    },
  });
  Object.assign(window, { demo: { signInAgain: () => (expired = false), expire: () => (expired = true), notice, kept } });
}

// Each changing method is unavailable twice, and answers the third time.
const refusals = new Map<string, number>();
function refuseOnce(method: DescMethod): boolean {
  if (!/^(Log|Record|Waive|Close|Accept|Send)/.test(method.name)) return false;
  const before = refusals.get(method.name) ?? 0;
  refusals.set(method.name, before + 1);
  return before < 2;
}
