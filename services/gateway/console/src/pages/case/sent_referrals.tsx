// The referrals that were sent for this case: where each stands, how much time its need has left, what
// left with it and on what basis.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { client } from '../../api/transport';
import { type ReferralCase, ReferralStateSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import { ConsentBasisSchema } from '../../gen/waymark/referral/v1/referral_content_pb';
import { ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { dateTimeText } from '../../time/dates';
import { useWords } from '../../words/words';
import { Clock, isOver, ReceiptLine, StateTag } from '../referral/parts';

// None where the referral service does not answer or the caller may not ask it: the rest of the case
// stands without it.
export function useSentReferrals(subjectId: string, caseId: string): ReferralCase[] {
  const { asked } = useAsked(
    async (signal) => {
      if (subjectId === '') return [];
      const page = await client(ReferralService).listCases({ subjectId, pageSize: 100 }, { signal });
      return page.cases.filter((one) => one.content?.need?.origin?.caseId === caseId);
    },
    [subjectId, caseId],
  );
  return asked.state === 'there' ? asked.value : [];
}

export function SentReferrals({ referrals }: { referrals: ReferralCase[] }) {
  const { t, label } = useWords();
  return (
    <ul className="wm-given">
      {referrals.map((one) => {
        const need = one.content?.need;
        const last = one.milestones.at(-1)?.time;
        return (
          <li key={one.header?.caseId}>
            <Link href={`/referrals/${one.header?.caseId}`}><strong lang="en">{need?.title}</strong></Link>{' '}
            {one.provider && t('case.referral_to', { to: one.provider.organisationName || one.provider.organisationCode })}{' '}
            <StateTag state={one.state} />
            {need && !isOver(one) && <Clock need={need} />}
            <span className="wm-given__state">{last && `${label(ReferralStateSchema, one.state)}: ${dateTimeText(t, timestampMs(last))}`}</span>
            {one.receipts.map((receipt, i) => <span key={i} className="wm-block"><ReceiptLine receipt={receipt} /></span>)}
            {one.disclosures.map((told, i) => (
              <span key={i} className="wm-given__state">
                {t('case.referral_left', { n: told.fields.length, to: told.recipient, basis: label(ConsentBasisSchema, told.basis) })}
                {told.disclosedTime && `, ${dateTimeText(t, timestampMs(told.disclosedTime))}`}
              </span>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
