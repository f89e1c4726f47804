// The referrals of the caller's organisation, the least clinical time left first: for a clinician those
// that were received, for occupational health those that it sent.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { learnNow } from '../../api/clock';
import { shortRef } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { type ReferralCase, Side } from '../../gen/waymark/referral/v1/referral_case_pb';
import { CareServiceSchema } from '../../gen/waymark/referral/v1/referral_content_pb';
import { ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { TabLinks } from '../../shell/tab_links';
import { useReferralWords } from '../../words/referral';
import { Clock, isOver, nameOf, StateTag } from './parts';

const kPages = 10;
const kLookAgainMs = 60_000;

async function everyReferral(signal: AbortSignal): Promise<ReferralCase[]> {
  const all: ReferralCase[] = [];
  for (let page = 0, token = ''; page === 0 || (token !== '' && page < kPages); ++page) {
    const answer = await client(ReferralService).listCases({ pageSize: 200, pageToken: token }, { signal });
    learnNow(answer.asOfTime);
    all.push(...answer.cases);
    token = answer.nextPageToken;
  }
  return all;
}

function lastsUntil(one: ReferralCase): number {
  const until = one.content?.need?.closesTime ?? one.content?.need?.dueTime;
  // What fits nowhere waits for a person, and comes first.
  return one.side === Side.UNMATCHED ? 0 : until ? timestampMs(until) : Infinity;
}

export default function InboxPage() {
  const { t, r, label } = useReferralWords();
  const person = usePerson();
  const [search] = useSearchParams();
  const done = search.get('tab') === 'done';
  const receives = has(person, Role.NHS_CLINICIAN);
  const { asked, again } = useAsked(everyReferral, []);
  useEffect(() => {
    const timer = setInterval(again, kLookAgainMs);
    return () => clearInterval(timer);
  }, [again]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const open = asked.value.filter((one) => !isOver(one)).sort((a, b) => lastsUntil(a) - lastsUntil(b));
  const over = asked.value.filter(isOver).reverse();
  const shown = done ? over : open;
  return (
    <Page title={t('nav.referrals')}>
      <p>{r(receives ? 'lede_received' : 'lede_sent')}</p>
      <TabLinks
        label={r('tabs')}
        tabs={[
          { href: '/referrals', name: r('tab_open'), count: open.length, current: !done },
          { href: '/referrals?tab=done', name: r('tab_done'), count: over.length, current: done },
        ]}
      />
      {shown.length === 0 ? (
        <Empty title={r('empty')}><p>{r(receives ? 'empty_received' : 'empty_sent')}</p></Empty>
      ) : (
        <ul className="wm-given">
          {shown.map((one) => {
            const { need } = one.content ?? {};
            const id = one.header?.caseId ?? '';
            return (
              <li key={id} className="wm-referral">
                <Link href={`/referrals/${id}`} className="wm-line__title">
                  {one.side === Side.UNMATCHED ? r('unmatched') : <span lang="en">{need?.title || r('ref', { ref: shortRef(id) })}</span>}
                </Link>{' '}
                <StateTag state={one.state} />
                {one.content?.patient && <span className="wm-block"><strong>{nameOf(one.content.patient)}</strong>{one.content.patient.alias && ` (${r('alias')})`}</span>}
                {need && !isOver(one) && <Clock need={need} />}
                <span className="wm-given__state">
                  {[need?.service ? label(CareServiceSchema, need.service) : '', one.side === Side.SENT ? one.provider?.organisationName || one.provider?.organisationCode : one.provider?.serviceName].filter(Boolean).join(' · ')}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Page>
  );
}

