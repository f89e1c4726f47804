// One referral, as the side that looks at it sees it: what may be done now, the clock, what was sent and
// what has happened.
import { type DescMethodUnary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { shortRef } from '../../api/ids';
import { type Person, usePerson } from '../../api/session';
import {
  CancelReasonSchema, CareHolder, DeclineReasonSchema, type ReferralCase, ReferralState, ReferralStateSchema, Side, TreatmentKindSchema,
} from '../../gen/waymark/referral/v1/referral_case_pb';
import { ConsentBasisSchema } from '../../gen/waymark/referral/v1/referral_content_pb';
import { ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { BackTo } from '../../shell/back_to';
import { useFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { dateTimeText } from '../../time/dates';
import { type ReferralKey, referralWords, useReferralWords } from '../../words/referral';
import { slugOf } from '../case/acts';
import { mayCall } from '../case/pathways';
import { Content, Result } from './content';
import { Clock, nameOf, readReferral, ReceiptLine, StateTag } from './parts';

export const actWord = (act: string) => `act_${act}` as ReferralKey;

// What the state allows, as the service says, of what this person may call.
export function actsFor(person: Person, held: ReferralCase, may: readonly string[]): string[] {
  const settles = held.unfitting.some((one) => one.settledTime === undefined) ? ['SettleMessage'] : [];
  return [...may, ...settles].filter((act) => {
    const method = ReferralService.methods.find((one) => one.name === act);
    return method !== undefined && actWord(act) in referralWords && mayCall(person, method as DescMethodUnary);
  });
}

export default function ReferralPage({ id }: { id: string }) {
  const { r } = useReferralWords();
  const person = usePerson();
  const flash = useFlash();
  const { asked, again } = useAsked((signal) => readReferral(id, signal), [id]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const held = asked.value.case;
  if (!held) return <NotFound />;
  const { need, patient } = held.content ?? {};
  const acts = actsFor(person, held, asked.value.may);
  const origin = need?.origin;
  return (
    <Page
      // A page's title stands in the browser's history and on the task bar: nobody's name may.
      title={held.side === Side.UNMATCHED ? r('unmatched') : r('ref', { ref: shortRef(id) })}
      caption={
        <>
          {patient && <strong className="wm-block">{nameOf(patient)}</strong>}
          {need?.title && <span lang="en">{need.title}</span>}
        </>
      }
      back={<BackTo href="/referrals">{r('back')}</BackTo>}
      aside={<StateTag state={held.state} />}
    >
      {flash && <p className="nhsuk-inset-text" role="status">{r(flash.kind === 'opened' ? 'drafted' : 'recorded')}</p>}
      <section className="wm-next" aria-labelledby="acts">
        {need && (
          <>
            <h2 className="nhsuk-heading-s">{r('clock')}</h2>
            <Clock need={need} />
            <p className="nhsuk-hint">{r('clock_hint')}</p>
          </>
        )}
        <Standing held={held} />
        <h2 className="nhsuk-heading-s" id="acts">{r('acts')}</h2>
        {acts.length === 0 && <p>{r('acts_none')}</p>}
        <ul className="wm-plain wm-next__acts">
          {acts.map((act, i) => (
            <li key={act}>
              <Link href={`/referrals/${id}/${slugOf(act)}`} className={`nhsuk-button ${i > 0 ? 'nhsuk-button--secondary' : ''}`}>{r(actWord(act))}</Link>
            </li>
          ))}
        </ul>
        {held.side === Side.SENT && origin && <p><Link href={`/cases/${origin.pathway}/${origin.caseId}?step=${encodeURIComponent(origin.stepKey)}`}>{r('case')}</Link></p>}
      </section>
      {held.content && held.side !== Side.UNMATCHED && <Content content={held.content} title={r(held.state === ReferralState.DRAFT ? 'drafted_what' : 'sent_what')} />}
      <Happened held={held} />
    </Page>
  );
}

// Where the referral stands, in words that say what to do about it.
function Standing({ held }: { held: ReferralCase }) {
  const { t, r, label } = useReferralWords();
  const booking = held.bookings.at(-1);
  const at = (time: Timestamp) => dateTimeText(t, timestampMs(time));
  return (
    <>
      {held.careHolder !== CareHolder.UNSPECIFIED && held.state !== ReferralState.DRAFT && <p>{r(held.careHolder === CareHolder.PROVIDER ? 'holder_provider' : 'holder_referrer')}</p>}
      {held.state === ReferralState.DECLINED && held.declined && (
        <p className="wm-closing wm-closing--shut">
          <strong>{r('declined_why', { reason: label(DeclineReasonSchema, held.declined.reason) })}.</strong>{' '}
          {[held.declined.note, held.declined.alternatives && `${r('alternatives')}: ${held.declined.alternatives}`].filter(Boolean).join(' ')}
          {held.side === Side.SENT && <span className="wm-block">{r('declined_next')}</span>}
        </p>
      )}
      {held.state === ReferralState.REDIRECTED && held.redirected && (
        <p className="wm-closing">
          <strong>{r('redirected_to', { to: [held.redirected.organisationName, held.redirected.organisationCode].filter(Boolean).join(', ') })}</strong> {held.redirected.note}
        </p>
      )}
      {held.cancelled && <p className="wm-closing">{r('cancelled_why', { reason: label(CancelReasonSchema, held.cancelled.reason) })} {held.cancelled.note}</p>}
      {booking?.startTime && (
        <p>
          <strong>{r('appointment')}: {at(booking.startTime)}</strong>
          {booking.place && `, ${booking.place}`}
          {booking.notAttended && <span className="wm-block">{r('appointment_missed')}</span>}
          {booking.calledOff && <span className="wm-block">{r('appointment_called_off')}</span>}
        </p>
      )}
      {held.followedBy !== '' && <p><Link href={`/referrals/${held.followedBy}`}>{r('followed_by')}</Link></p>}
      {held.follows !== '' && <p><Link href={`/referrals/${held.follows}`}>{r('follows')}</Link></p>}
    </>
  );
}

function Happened({ held }: { held: ReferralCase }) {
  const { t, r, label } = useReferralWords();
  const at = (time: Timestamp | undefined) => (time ? dateTimeText(t, timestampMs(time)) : '');
  const sent = held.side === Side.SENT && held.state !== ReferralState.DRAFT;
  // A provider within the suite says so itself: nothing had to carry it there.
  const received = held.milestones.find((one) => one.state === ReferralState.RECEIVED);
  return (
    <section aria-labelledby="happened">
      <h2 className="nhsuk-heading-l" id="happened">{r('answers')}</h2>
      <ul className="wm-given">
        {held.milestones.map((one, i) => (
          <li key={i}><strong>{label(ReferralStateSchema, one.state)}</strong><span className="wm-given__state">{at(one.time)}</span></li>
        ))}
      </ul>
      {held.questions.length > 0 && (
        <>
          <h3 className="nhsuk-heading-m">{r('questions')}</h3>
          <ul className="wm-given">
            {held.questions.map((one) => (
              <li key={one.questionId}>
                <strong>{one.text}</strong>
                <span className="wm-given__state">{at(one.askedTime)}</span>
                {one.answer ? <p>{one.answer}</p> : <em>{r('unanswered')}</em>}
              </li>
            ))}
          </ul>
        </>
      )}
      {held.outcomes.length > 0 && (
        <>
          <h3 className="nhsuk-heading-m">{r('outcomes')}</h3>
          <ul className="wm-given">
            {held.outcomes.map((one) => (
              <li key={one.outcomeId}>
                <span className="wm-given__state">{at(one.outcomeTime)}</span>
                {one.results.map((result, i) => <div key={i}><Result result={result} /></div>)}
                {one.treatments.map((done, i) => (
                  <div key={i}><strong>{label(TreatmentKindSchema, done.kind)}</strong> {done.detail}<span className="wm-given__state">{at(done.givenTime)}</span></div>
                ))}
                {one.summary && <p>{one.summary}</p>}
                {one.discharged && <span className="wm-block">{r('discharged')}</span>}
                {one.moreToCome && <span className="wm-block">{r('more_to_come')}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {sent && (
        <>
          <h3 className="nhsuk-heading-m">{r('receipts')}</h3>
          {held.receipts.length === 0 && <p>{received ? r('receipt_by', { when: at(received.time) }) : r('receipt_none')}</p>}
          <ul className="wm-given">
            {held.receipts.map((one, i) => (
              <li key={i}><ReceiptLine receipt={one} /></li>
            ))}
          </ul>
          <h3 className="nhsuk-heading-m">{r('disclosed')}</h3>
          <ul className="wm-given">
            {held.disclosures.map((one, i) => (
              <li key={i}>
                {r('disclosed_line', { n: one.fields.length, to: one.recipient, basis: label(ConsentBasisSchema, one.basis) })}
                <span className="wm-given__state">{at(one.disclosedTime)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {held.unfitting.length > 0 && (
        <>
          <h3 className="nhsuk-heading-m">{r('unfitting')}</h3>
          <ul className="wm-given">
            {held.unfitting.map((one) => (
              <li key={one.key}>{r('unfitting_line', { when: at(one.receivedTime) })}{one.settledTime && <span className="wm-given__state">{r('settled', { note: one.settledNote })}</span>}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
