// What a provider said by telephone, letter or mail: what is asked of it, and the request made of that.
import { AnswerRouteSchema, DeclineReason, DeclineReasonSchema, type ReferralCase, ReferralState } from '../../gen/waymark/referral/v1/referral_case_pb';
import type { ReferralKey } from '../../words/referral';
import { type Asks, nested, outcomeOf, type Values } from './act_forms';

// By the names of Answer.kind.
const kSaid: Record<string, { label: ReferralKey; asks: Asks[]; booked?: boolean }> = {
  received: { label: 'said_received', asks: [] },
  accepted: {
    label: 'said_accepted',
    asks: [
      { name: 'answer.accepted.provider_reference', label: 'f_their_reference', kind: 'text' },
      { name: 'answer.accepted.note', label: 'f_note', kind: 'long' },
    ],
  },
  declined: {
    label: 'said_declined',
    asks: [
      { name: 'answer.declined.reason', label: 'f_reason', kind: DeclineReasonSchema, need: true },
      { name: 'answer.declined.note', label: 'f_note', kind: 'long', need: (values) => values['answer.declined.reason'] === DeclineReason.OTHER },
      { name: 'answer.declined.alternatives', label: 'f_alternatives', kind: 'text' },
    ],
  },
  redirected: {
    label: 'said_redirected',
    asks: [
      { name: 'answer.redirected.organisation_code', label: 'f_code', kind: 'text', need: true },
      { name: 'answer.redirected.organisation_name', label: 'f_org', kind: 'text' },
      { name: 'answer.redirected.note', label: 'f_note', kind: 'long' },
    ],
  },
  asked: { label: 'said_asked', asks: [{ name: 'answer.asked.text', label: 'f_asked', kind: 'long', need: true }] },
  booked: { label: 'said_booked', asks: [] },
  booking_cancelled: { label: 'said_booking_cancelled', asks: [{ name: 'answer.booking_cancelled.note', label: 'f_note', kind: 'long' }], booked: true },
  not_attended: { label: 'said_not_attended', asks: [{ name: 'answer.not_attended.note', label: 'f_note', kind: 'long' }], booked: true },
  seen: {
    label: 'said_seen',
    asks: [
      { name: 'answer.seen.seen_time', label: 'f_seen', kind: 'when', need: true },
      { name: 'answer.seen.note', label: 'f_note', kind: 'long' },
    ],
  },
  outcome: { label: 'said_outcome', asks: [] },
};

export const kRecordPartnerAnswer = 'RecordPartnerAnswer';
const kBookedStart = 'answer.booked.start_time';

export const saidOf = (act: string, values: Values) => (act === kRecordPartnerAnswer ? (values._said as string | undefined) : undefined);

// An appointment can only be called off, or missed, where there is one.
export const saidChoices = (held: ReferralCase) => Object.entries(kSaid).filter(([, one]) => !one.booked || held.state === ReferralState.BOOKED);

// What stands on the form in every case, and after what was chosen.
export const kPartnerAsks: Asks[] = [
  { name: 'route', label: 'f_route', kind: AnswerRouteSchema, need: true },
  { name: 'answer.answered_by', label: 'f_answered_by', kind: 'text' },
];
export const saidAsks = (said: string | undefined): Asks[] => (said === undefined ? [] : (kSaid[said]?.asks ?? []));

export const lacksStart = (said: string | undefined, values: Values) => said === 'booked' && values[kBookedStart] === undefined;

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

export function partnerAnswerOf(said: string, values: Values, lastMs: number) {
  const typed = (nested(values, lastMs).answer ?? {}) as Record<string, unknown>;
  const name = camel(said);
  const value = said === 'outcome' ? outcomeOf(values) : (typed[name] ?? {});
  return { answer: { answeredBy: (typed.answeredBy ?? '') as string, kind: { case: name, value } } };
}
