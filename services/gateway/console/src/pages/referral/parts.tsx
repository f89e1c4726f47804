// What the list and the page of a referral both show.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { learnNow, useNow } from '../../api/clock';
import { client } from '../../api/transport';
import { CarrierSchema, HandoverSchema, type Receipt, type ReferralCase, ReferralState, ReferralStateSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import type { Need, Patient } from '../../gen/waymark/referral/v1/referral_content_pb';
import { ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { TimeLeft } from '../../shell/time_left';
import { dateTimeText, nearText, spanText } from '../../time/dates';
import '../../words/fields';
import { type ReferralKey, useReferralWords } from '../../words/referral';

const kRefused = [ReferralState.DECLINED, ReferralState.REDIRECTED, ReferralState.CANCELLED, ReferralState.DID_NOT_ATTEND];

// Nothing more is waited for. A refusal is over for the provider; the referrer still has to find another.
export function isOver(one: ReferralCase): boolean {
  if ([ReferralState.COMPLETED, ReferralState.CANCELLED].includes(one.state)) return true;
  return [ReferralState.DECLINED, ReferralState.REDIRECTED].includes(one.state) && (one.side !== 1 || one.followedBy !== '');
}

// Reads one, and what time it is at the services.
export async function readReferral(caseId: string, signal: AbortSignal) {
  const answer = await client(ReferralService).getCase({ caseId }, { signal });
  learnNow(answer.asOfTime);
  return answer;
}

// What stands in the middle of a sentence elsewhere.
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function nameOf(patient: Patient): string {
  return [patient.title, patient.givenName, patient.familyName].filter(Boolean).join(' ');
}

export function StateTag({ state }: { state: ReferralState }) {
  const { label } = useReferralWords();
  const colour = kRefused.includes(state) ? 'red' : state === ReferralState.COMPLETED ? 'green' : state === ReferralState.DRAFT ? 'grey' : 'blue';
  return <span className={`nhsuk-tag nhsuk-tag--${colour}`}>{label(ReferralStateSchema, state)}</span>;
}

// The hard stop first: who receives can do nothing about when it was due.
export function Clock({ need }: { need: Need }) {
  const { t, r } = useReferralWords();
  const now = useNow(1000);
  const closes = need.closesTime && timestampMs(need.closesTime);
  const due = need.dueTime && timestampMs(need.dueTime);
  if (closes === undefined) return due === undefined ? <span className="wm-left">{r('no_clock')}</span> : <TimeLeft due={due} />;
  const shut = now >= closes;
  const urgency = shut ? 'closed' : closes - now < 4 * 3_600_000 ? 'soon' : 'today';
  return (
    <span className={`wm-left wm-left--${urgency}`}>
      <span className="wm-left__main">{shut ? t('left.closed', { span: spanText(t, now - closes) }) : r('window', { span: spanText(t, closes - now) })}</span>
      <span className="wm-left__when">{nearText(t, closes, now)}</span>
    </span>
  );
}

const kReceipts: Record<string, ReferralKey> = { referral: 'receipt_referral', answer: 'receipt_answer', cancellation: 'receipt_cancellation', completion: 'receipt_completion' };

// What became of a message: when, how it went, whether the provider has it, and under what number of theirs.
export function ReceiptLine({ receipt }: { receipt: Receipt }) {
  const { t, r, label } = useReferralWords();
  const { time, carrier, handover, resend, acknowledgement } = receipt;
  const said = [
    time && dateTimeText(t, timestampMs(time)),
    carrier ? label(CarrierSchema, carrier) : '',
    handover ? label(HandoverSchema, handover) : '',
    resend > 0 && r('receipt_again', { n: resend }),
    acknowledgement && r('receipt_theirs', { number: acknowledgement }),
  ];
  return (
    <>
      <strong>{r(kReceipts[receipt.what] ?? 'receipt_other')}</strong>
      <span className="wm-given__state">{said.filter(Boolean).join(' · ')}</span>
    </>
  );
}
