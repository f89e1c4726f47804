// In-memory answers of the referral service and its directory: the provider's copies for a clinician, the
// referrer's cases for a nurse, and whatever is done with them during the visit.
import { clone, create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { Jurisdiction } from '../gen/waymark/casework/v1/case_pb';
import { SlotState, SuggestionWarning } from '../gen/waymark/referral/v1/directory_pb';
import { DirectoryService } from '../gen/waymark/referral/v1/directory_service_pb';
import { CareHolder, Carrier, DeclineReason, type ReferralCase, ReferralCaseSchema, ReferralState as State, Side } from '../gen/waymark/referral/v1/referral_case_pb';
import { CareService, ContactKind, Language, NhsNumberStatus, Priority, SafetyNeed, Sex, WaitingTimeKind } from '../gen/waymark/referral/v1/referral_content_pb';
import { type Draft, ReferralService } from '../gen/waymark/referral/v1/referral_service_pb';
import { kCases } from './pathways';

const kHour = 3_600_000;
const kDay = 24 * kHour;
const now = () => Date.now();
const stamp = (ms: number) => timestampFromMs(Math.floor(ms / 1000) * 1000);
const id = (n: number) => `2ef00000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const kService = '5e710000-0000-4000-8000-000000000001';

type Init = MessageInitShape<typeof ReferralCaseSchema>;
const patient = (givenName: string, familyName: string) => ({
  givenName, familyName, birthDate: { year: 1991, month: 4, day: 9 }, sex: Sex.FEMALE, nhsNumber: '9434765919', nhsNumberStatus: NhsNumberStatus.VERIFIED,
  routes: [{ kind: ContactKind.MOBILE, value: '+447700900123' }], language: Language.WELSH,
});
const referrer = { organisationName: 'Occupational health service', practitionerName: 'Nia Roberts', practitionerRole: 'Occupational health nurse', phone: '+441632960001' };

function pep() {
  return {
    patient: patient('Rhiannon', 'Evans'),
    need: {
      origin: { pathway: 'bbv', caseId: 'f4e50000-0000-4000-8000-000000000002', stepKey: 'pep_start' }, service: CareService.EMERGENCY_DEPARTMENT, title: 'Begin HIV PEP', priority: Priority.STAT,
      anchor: 'incident', anchorTime: stamp(now() - 53 * kHour), dueTime: stamp(now() - 52 * kHour), closesTime: stamp(now() + 19 * kHour), jurisdiction: Jurisdiction.WALES,
    },
    items: [
      { key: 'exposure', code: { display: 'Needlestick injury' }, value: { case: 'text', value: 'deep, hollow needle, blood seen' }, effectiveTime: stamp(now() - 53 * kHour), purpose: 'What the care is for.' },
      { key: 'source', code: { display: 'Source known to have HIV' }, value: { case: 'yes', value: true }, purpose: 'Decides on PEP.' },
    ],
    results: [{ test: 'HIV_AG_AB', outcome: 1, sampledTime: stamp(now() - 50 * kHour) }],
    safetyNeeds: [SafetyNeed.SEPARATE_WAITING], referrer, consent: { basis: 1, givenTime: stamp(now() - kHour) },
    question: 'Please assess for post-exposure prophylaxis, and test at six weeks.',
  };
}
function physiotherapy() {
  return {
    patient: patient('Carys', 'Jones'),
    need: {
      origin: { pathway: 'msk', caseId: kCases.msk, stepKey: 'physiotherapy_england' }, service: CareService.PHYSIOTHERAPY, title: 'Physiotherapy begins', priority: Priority.ROUTINE,
      dueTime: stamp(now() + 6 * kDay), jurisdiction: Jurisdiction.ENGLAND,
    },
    referrer, consent: { basis: 1 },
  };
}

const received = (n: number, state: State, content: { need?: object }, more: object = {}) =>
  create(ReferralCaseSchema, {
    header: { caseId: id(n), version: 1n, state: 1 }, side: Side.RECEIVED, state, content: { ...content, need: { ...content.need, origin: undefined } },
    provider: { organisationCode: 'RX1', organisationName: 'City Hospital', serviceId: kService, serviceName: 'Main site' },
    careHolder: state < State.ACCEPTED ? CareHolder.REFERRER : CareHolder.PROVIDER, milestones: [{ state: State.RECEIVED, time: stamp(now() - kHour) }], ...more,
  } as Init);
const disclosedTo = (recipient: string) => ({ disclosedTime: stamp(now() - 3 * kDay), recipient, basis: 1, fields: ['patient.nhs_number', 'patient.name', 'items.injury'] });
const sent = (n: number, state: State, content: { need?: object }, more: object = {}) =>
  create(ReferralCaseSchema, {
    header: { caseId: id(n), version: 1n, state: 1, subjectId: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1102' }, side: Side.SENT, state, content,
    provider: { organisationCode: 'RX1', organisationName: 'City Hospital', serviceId: kService }, careHolder: state === State.BOOKED ? CareHolder.PROVIDER : CareHolder.REFERRER,
    milestones: [{ state: State.DRAFT, time: stamp(now() - 3 * kDay) }, { state, time: stamp(now() - kDay) }],
    disclosures: [disclosedTo('RX1')],
    receipts: [{ what: 'referral', time: stamp(now() - 3 * kDay + 60_000), carrier: Carrier.WAYMARK }], ...more,
  } as Init);

const booking = { startTime: stamp(now() + 2 * kDay), endTime: stamp(now() + 2 * kDay + kHour / 2), place: 'Clinic 4' };
const theProviders = () => [
  received(11, State.ACCEPTED, physiotherapy(), { content: { ...physiotherapy(), patient: { givenName: 'Alex', familyName: 'Grey', alias: true } } }),
  received(12, State.RECEIVED, pep()),
  received(13, State.BOOKED, physiotherapy(), { bookings: [booking], milestones: [{ state: State.RECEIVED, time: stamp(now() - 3 * kDay) }, { state: State.ACCEPTED, time: stamp(now() - 2 * kDay) }, { state: State.BOOKED, time: stamp(now() - kDay) }] }),
  received(14, State.DECLINED, physiotherapy(), { declined: { reason: DeclineReason.CAPACITY } }),
];
const theReferrers = () => [
  sent(7, State.BOOKED, physiotherapy(), { provider: { organisationCode: 'RT123', organisationName: 'Northern physiotherapy service' }, bookings: [booking], disclosures: [disclosedTo('RT123')] }),
  sent(8, State.DECLINED, pep(), { declined: { reason: DeclineReason.CAPACITY, note: 'No consultant until Monday.', alternatives: 'General Hospital' } }),
  sent(9, State.INFORMATION_ASKED, { ...physiotherapy(), need: { ...physiotherapy().need, origin: { pathway: 'dental', caseId: kCases.dental, stepKey: 'review_6_weeks' }, title: 'Dental review' } }, { questions: [{ questionId: 'q1', text: 'Is the patient allergic to latex?', askedTime: stamp(now() - kHour) }] }),
  sent(10, State.OUTCOME_RECEIVED, { ...physiotherapy(), need: { ...physiotherapy().need, origin: { pathway: 'mental_health', caseId: kCases.mental_health, stepKey: 'talking_therapies' }, title: 'Talking therapies begin' } }, { outcomes: [{ outcomeId: 'o1', outcomeTime: stamp(now() - kHour), treatments: [{ kind: 4, givenTime: stamp(now() - 2 * kHour), detail: 'First session' }], summary: 'Began well.', moreToCome: true }] }),
];

const kMoves: Record<number, Partial<Record<State, string[]>>> = {
  [Side.RECEIVED]: {
    [State.RECEIVED]: ['AcceptReferral', 'DeclineReferral', 'RedirectReferral', 'AskForInformation'],
    [State.INFORMATION_ASKED]: ['AcceptReferral', 'DeclineReferral', 'RedirectReferral', 'AskForInformation'],
    [State.ACCEPTED]: ['BookReferral', 'RecordSeen', 'RecordOutcome', 'RedirectReferral'],
    [State.BOOKED]: ['BookReferral', 'CancelBooking', 'RecordNotAttended', 'RecordSeen', 'RecordOutcome'],
    [State.DID_NOT_ATTEND]: ['BookReferral', 'RecordSeen', 'DeclineReferral'],
    [State.SEEN]: ['BookReferral', 'RecordOutcome'],
    [State.OUTCOME_RECEIVED]: ['RecordOutcome', 'BookReferral'],
  },
  [Side.SENT]: {
    [State.DRAFT]: ['SendReferral', 'CancelReferral'],
    [State.SENT]: ['ResendReferral', 'CancelReferral'],
    [State.RECEIVED]: ['ResendReferral', 'CancelReferral'],
    [State.INFORMATION_ASKED]: ['AnswerQuestion', 'CancelReferral'],
    [State.DECLINED]: ['ReferAgain', 'CancelReferral'],
    [State.BOOKED]: ['CancelReferral'],
    [State.OUTCOME_RECEIVED]: ['CompleteReferral'],
  },
};

const slot = (n: number, afterMs: number) => ({ slotId: `5107${String(n).padStart(4, '0')}-0000-4000-8000-000000000000`, serviceId: kService, startTime: stamp(now() + afterMs), endTime: stamp(now() + afterMs + kHour / 2), place: `Room ${n}`, state: SlotState.FREE });

export function serveReferrals({ service }: Pick<ConnectRouter, 'service'>, receives: boolean, search: URLSearchParams) {
  const cases = search.get('empty') === '1' ? [] : receives ? theProviders() : theReferrers();
  const find = (caseId: string) => {
    const found = cases.find((one) => one.header!.caseId === caseId);
    if (!found) throw new ConnectError('There is no such referral, or it is not for you to see.', Code.NotFound);
    return found;
  };
  const answered = new Map<string, { case: ReferralCase }>();
  const act = <R extends { requestId: string; caseId: string }>(to: State | undefined, change: (one: ReferralCase, request: R) => void = () => undefined) => (request: R) => {
    const before = answered.get(request.requestId);
    if (before) return before;
    const one = find(request.caseId);
    change(one, request);
    if (to !== undefined) {
      one.state = to;
      one.milestones.push(create(ReferralCaseSchema, { milestones: [{ state: to, time: stamp(now()) }] }).milestones[0]!);
    }
    one.header!.version += 1n;
    const answer = { case: one };
    answered.set(request.requestId, answer);
    return answer;
  };
  const contentOf = (draft: Draft | undefined) => {
    const content = clone(ReferralCaseSchema, create(ReferralCaseSchema, { content: pep() } as Init)).content!;
    const { pathway = 'bbv', caseId = '', stepKey = '' } = draft?.need ?? {};
    Object.assign(content.need!.origin!, { pathway, caseId, stepKey });
    content.items = content.items.filter((item) => !draft?.withhold.includes(`items.${item.key}`));
    content.question = draft?.question ?? '';
    return content;
  };
  let drafted = 20;
  service(ReferralService, {
    listCases: (request) => ({ asOfTime: stamp(now()), cases: cases.filter((one) => !request.subjectId || receives || one.side === Side.SENT) }),
    getCase: (request) => {
      const one = find(request.caseId);
      const outside = one.side === Side.SENT && (one.provider?.carrier ?? Carrier.WAYMARK) > Carrier.WAYMARK;
      return { asOfTime: stamp(now()), case: one, may: [...(outside ? ['RecordPartnerAnswer'] : []), ...(kMoves[one.side]?.[one.state] ?? [])] };
    },
    acceptReferral: act(State.ACCEPTED, (one, request: { requestId: string; caseId: string; accepted?: ReferralCase['accepted'] }) => {
      if (request.accepted) one.accepted = request.accepted;
      one.careHolder = CareHolder.PROVIDER;
    }),
    declineReferral: act(State.DECLINED, (one, request: { requestId: string; caseId: string; declined?: ReferralCase['declined'] }) => {
      if (request.declined) one.declined = request.declined;
    }),
    redirectReferral: act(State.REDIRECTED, (one, request: { requestId: string; caseId: string; redirected?: ReferralCase['redirected'] }) => {
      if (request.redirected) one.redirected = request.redirected;
    }),
    askForInformation: act(State.INFORMATION_ASKED, (one, request: { requestId: string; caseId: string; question: string }) => {
      one.questions = create(ReferralCaseSchema, { questions: [{ questionId: 'q9', text: request.question, askedTime: stamp(now()) }] }).questions;
    }),
    bookReferral: act(State.BOOKED, (one, request: { requestId: string; caseId: string; booking?: ReferralCase['bookings'][number] }) => {
      one.bookings.push(request.booking!);
    }),
    recordNotAttended: act(State.DID_NOT_ATTEND, (one) => {
      one.bookings.at(-1)!.notAttended = true;
    }),
    cancelBooking: act(State.ACCEPTED, (one) => {
      one.bookings.at(-1)!.calledOff = true;
    }),
    recordSeen: act(State.SEEN),
    recordOutcome: act(State.OUTCOME_RECEIVED, (one, request: { requestId: string; caseId: string; outcome?: ReferralCase['outcomes'][number] }) => {
      one.outcomes.push(request.outcome!);
    }),
    sendReferral: act(State.SENT),
    resendReferral: act(undefined),
    recordPartnerAnswer: act(State.ACCEPTED),
    answerQuestion: act(State.RECEIVED, (one, request: { requestId: string; caseId: string; answer: string }) => {
      one.questions.at(-1)!.answer = request.answer;
    }),
    cancelReferral: act(State.CANCELLED, (one, request: { requestId: string; caseId: string; cancelled?: ReferralCase['cancelled'] }) => {
      if (request.cancelled) one.cancelled = request.cancelled;
    }),
    completeReferral: act(State.COMPLETED),
    referAgain: act(undefined, (one, request: { requestId: string; caseId: string; provider?: ReferralCase['provider'] }) => {
      const next = sent(++drafted, State.DRAFT, {}, { ...(request.provider && { provider: request.provider }), follows: one.header!.caseId, receipts: [], disclosures: [] });
      if (one.content) next.content = one.content;
      cases.push(next);
      one.followedBy = next.header!.caseId;
    }),
    previewReferral: ({ draft }) => {
      const content = contentOf(draft);
      const leaves = (path: string) => !draft?.withhold.includes(path);
      const field = (path: string, label: string, value: string, why: string) =>
        leaves(path) ? { path, label, value, leaves: true, why } : { path, label, value: '', leaves: false, why: 'Withheld by you.' };
      return {
        content,
        warnings: search.get('consent') === 'none' ? ['CONSENT_REQUIRED'] : [],
        fields: [
          field('patient.name', 'Name', 'Rhiannon Evans', 'So that the provider treats the right person.'),
          field('patient.sex', 'Sex', 'SEX_FEMALE', 'So that the provider treats the right person.'),
          field('patient.nhs_number', 'NHS number', '9434765919', 'So that the provider treats the right person.'),
          field('patient.routes', 'How to reach the patient', '+447700900123', "Private routes, in the patient's order."),
          field('items.exposure', 'Needlestick injury', 'Needlestick injury: deep, hollow needle, blood seen', 'What the care is for.'),
          field('items.source', 'Source known to have HIV', 'Source known to have HIV: yes', 'Decides on PEP.'),
          ...(draft?.waitingTimes ?? []).map((one) => ({ path: 'need.waiting_times', label: 'Waiting since', value: `WAITING_TIME_KIND_${WaitingTimeKind[one.kind]}, ${one.startDate?.year}`, leaves: true, why: 'A waiting time that began before goes on.' })),
          draft?.discloseEmployer
            ? { path: 'employer', label: 'Employer', value: draft.referrer?.organisationName ?? '', leaves: true, why: 'The patient agreed that the provider learns it.' }
            : { path: 'employer', label: 'Employer', value: '', leaves: false, why: 'Withheld: the provider does not need to know where the patient works.' },
          { path: 'work_contacts', label: 'Work telephone, email and address', value: '', leaves: false, why: 'Withheld: always.' },
        ],
      };
    },
    draftReferral: ({ drafts }) => {
      const made = drafts.map((draft) => {
        const one = sent(++drafted, State.DRAFT, {}, { ...(draft.provider && { provider: draft.provider }), milestones: [{ state: State.DRAFT, time: stamp(now()) }], receipts: [], disclosures: [] });
        one.content = contentOf(draft);
        return one;
      });
      cases.push(...made);
      return { cases: made, receipts: made.map((one) => ({ caseId: one.header!.caseId })) };
    },
  });
  const slots = search.get('slots') === 'none' ? [] : [slot(1, 3 * kHour), slot(2, 5 * kHour), slot(3, 30 * kHour)].map((one) => ({ ...one, state: SlotState.FREE }));
  const letGo = () => slots.filter((one) => one.state === SlotState.HELD).forEach((one) => (one.state = SlotState.FREE));
  service(DirectoryService, {
    listSlots: () => ({ slots }),
    holdSlot: ({ slotId }) => {
      const wanted = slots.find((one) => one.slotId === slotId)!;
      // ?slots=taken: somebody else was faster, once.
      if (search.get('slots') === 'taken') {
        search.delete('slots');
        wanted.state = SlotState.BOOKED;
        const reason = new TextEncoder().encode('SLOT_TAKEN');
        throw Object.assign(new ConnectError('Somebody else has this time.', Code.FailedPrecondition), { details: [{ type: 'google.rpc.ErrorInfo', value: new Uint8Array([10, reason.length, ...reason]) }] });
      }
      letGo();
      wanted.state = SlotState.HELD;
      return { slot: { ...wanted, heldUntilTime: stamp(now() + kHour / 6) } };
    },
    releaseSlot: () => {
      letGo();
      return {};
    },
    suggestProviders: ({ service: wanted, freeTimes }) => {
      const nobody = search.get('nobody') === '1';
      const outside = freeTimes.length > 0 ? [SuggestionWarning.OUTSIDE_FREE_TIMES] : [];
      return {
        noneBeforeClose: nobody,
        suggestions: [
          { provider: { organisationCode: 'RX1', organisationName: 'City Hospital', serviceId: kService, serviceName: 'Main site', carrier: Carrier.WAYMARK }, phone: '+441632960555', speaksWelsh: true, slots: nobody ? [] : [slot(1, 3 * kHour)], warnings: nobody ? [SuggestionWarning.NO_SLOT_BEFORE_CLOSE] : [] },
          { provider: { organisationCode: 'RX2', organisationName: 'General Hospital', serviceId: `${kService.slice(0, -1)}2`, serviceName: `Clinic ${wanted}`, carrier: Carrier.BARS }, usualWaitDays: 12, warnings: [SuggestionWarning.TIME_UNKNOWN, ...outside] },
        ],
      };
    },
  });
}
