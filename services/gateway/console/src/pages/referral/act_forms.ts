// What each act on a referral asks. Names are the paths of the request, so that what a service finds wrong
// leads to its question.
import type { DescEnum } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Moment } from '../../form/controls';
import { CancelReasonSchema, DeclineReason, DeclineReasonSchema, type ReferralCase, TreatmentKind } from '../../gen/waymark/referral/v1/referral_case_pb';
import { ResultStatus, type TestResult } from '../../gen/waymark/referral/v1/referral_content_pb';
import { TestCode, TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import type { ReferralKey } from '../../words/referral';

export type Values = Record<string, unknown>;

export interface Asks {
  name: string;
  label: ReferralKey;
  kind: 'text' | 'long' | 'when' | DescEnum;
  need?: boolean | ((values: Values) => boolean);
}

export const kAsks: Record<string, Asks[]> = {
  AcceptReferral: [
    { name: 'accepted.provider_reference', label: 'f_reference', kind: 'text' },
    { name: 'accepted.note', label: 'f_note', kind: 'long' },
  ],
  DeclineReferral: [
    { name: 'declined.reason', label: 'f_reason', kind: DeclineReasonSchema, need: true },
    { name: 'declined.note', label: 'f_note', kind: 'long', need: (values) => values['declined.reason'] === DeclineReason.OTHER },
    { name: 'declined.alternatives', label: 'f_alternatives', kind: 'text' },
  ],
  RedirectReferral: [
    { name: 'redirected.organisation_code', label: 'f_code', kind: 'text', need: true },
    { name: 'redirected.organisation_name', label: 'f_org', kind: 'text' },
    { name: 'redirected.note', label: 'f_note', kind: 'long' },
  ],
  AskForInformation: [{ name: 'question', label: 'f_question', kind: 'long', need: true }],
  CancelBooking: [{ name: 'booking_cancelled.note', label: 'f_note', kind: 'long' }],
  RecordNotAttended: [{ name: 'not_attended.note', label: 'f_note', kind: 'long' }],
  RecordSeen: [
    { name: 'seen.seen_time', label: 'f_seen', kind: 'when', need: true },
    { name: 'seen.note', label: 'f_note', kind: 'long' },
  ],
  AnswerQuestion: [{ name: 'answer', label: 'f_answer', kind: 'long', need: true }],
  CancelReferral: [
    { name: 'cancelled.reason', label: 'f_reason', kind: CancelReasonSchema, need: true },
    { name: 'cancelled.note', label: 'f_note', kind: 'long' },
  ],
  CompleteReferral: [{ name: 'completed.note', label: 'f_note', kind: 'long' }],
  SettleMessage: [{ name: 'note', label: 'f_settle', kind: 'long', need: true }],
};

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

// A moment is chosen to the minute. Within that of the last thing that happened it was after it.
const settled = (ms: number, lastMs: number) => timestampFromMs(ms < lastMs && lastMs - ms < 60_000 ? lastMs + 1 : ms);

// "declined.reason": 22 -> { declined: { reason: 22 } }, with moments as timestamps.
export function nested(values: Values, lastMs = 0): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined || path.startsWith('_')) continue;
    const parts = path.split('.').map(camel);
    let into = whole;
    for (const part of parts.slice(0, -1)) into = (into[part] ??= {}) as Record<string, unknown>;
    into[parts.at(-1)!] = typeof value === 'object' && value !== null && 'ms' in value ? settled((value as { ms: number }).ms, lastMs) : value;
  }
  return whole;
}

// One result or treatment of an outcome while it is typed.
export interface ResultTyped {
  // Made when it is added: its number where the laboratory gives none, which a later correction names.
  id?: string | undefined;
  // The number of the result that it takes the place of; empty: none.
  replaces?: string | undefined;
  withdrawn?: boolean | undefined;
  test?: string | undefined;
  name?: string | undefined;
  outcome?: number | undefined;
  sampled?: Moment | undefined;
  reference?: string | undefined;
}
export interface TreatmentTyped {
  kind?: TreatmentKind | undefined;
  given?: Moment | undefined;
  detail?: string | undefined;
}

// What a correction names.
export const numberOf = (result: TestResult) => result.resultId || result.laboratoryReference;

// The results of a referral that still stand and can be named.
export function standing(held: ReferralCase): TestResult[] {
  const all = held.outcomes.flatMap((one) => one.results);
  const replaced = new Set(all.map((one) => one.replaces));
  return all.filter((one) => numberOf(one) !== '' && !replaced.has(numberOf(one)) && one.status !== ResultStatus.ENTERED_IN_ERROR);
}

// The tests that a pathway waits for, by the codes that it knows them by.
export const kTests = TestCodeSchema.values.filter((one) => one.number !== 0).map((one) => ({ code: one.localName, value: one.number as TestCode }));
export const kOtherTest = 'OTHER';

// When it was said is for the service to say: this device's clock may be ahead of it.
export function outcomeOf(values: Values) {
  const results = (values._results ?? []) as ResultTyped[];
  const treatments = (values._treatments ?? []) as TreatmentTyped[];
  const time = (moment: Moment | undefined) => (moment?.ms === undefined ? undefined : timestampFromMs(moment.ms));
  return {
    summary: (values['outcome.summary'] ?? '') as string,
    discharged: values['outcome.discharged'] === true,
    moreToCome: values['outcome.more_to_come'] === true,
    results: results.map((one) => ({
      // A test without a code of the suite's own goes by its name.
      ...(one.test === kOtherTest ? { code: { system: 'urn:waymark:text', code: one.name ?? '', display: one.name ?? '' } } : { test: one.test ?? '' }),
      resultId: one.reference || (one.id ?? ''),
      replaces: one.replaces ?? '',
      status: one.replaces ? (one.withdrawn ? ResultStatus.ENTERED_IN_ERROR : ResultStatus.CORRECTED) : ResultStatus.FINAL,
      outcome: one.replaces && one.withdrawn ? 0 : (one.outcome ?? 0),
      ...(time(one.sampled) && { sampledTime: time(one.sampled)! }),
      laboratoryReference: one.reference ?? '',
    })),
    treatments: treatments.map((one) => ({ kind: one.kind ?? 0, detail: one.detail ?? '', ...(time(one.given) && { givenTime: time(one.given)! }) })),
  };
}
