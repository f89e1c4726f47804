import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { troubleOf } from '../../api/errors';
import { shortRef } from '../../api/ids';
import { type Person, has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { useSubmit } from '../../form/submit';
import { Role, RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { Tab, type WorklistItem } from '../../gen/waymark/scheduling/v1/worklist_pb';
import { holdStep, kHoldMinutes } from '../../shell/hold_step';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { TimeLeft } from '../../shell/time_left';
import { TabLinks } from '../../shell/tab_links';
import { nearText, spanText } from '../../time/dates';
import { useWords } from '../../words/words';
import { actHref } from '../case/acts';
import { isPathway, pathwayName } from '../case/pathways';
import { countTabs, useLiveWorklist } from './live';
import { type Named, useNames } from './names';

const kTabs = [
  { tab: Tab.ALL_OPEN, slug: 'all', name: 'worklist.tab.all' },
  { tab: Tab.OVERDUE, slug: 'overdue', name: 'worklist.tab.overdue' },
  { tab: Tab.OPEN, slug: 'now', name: 'worklist.tab.now' },
  { tab: Tab.WINDOW_CLOSED, slug: 'closed', name: 'worklist.tab.closed' },
  { tab: Tab.UPCOMING, slug: 'later', name: 'worklist.tab.later' },
] as const;

export default function WorklistPage() {
  const { t } = useWords();
  const person = usePerson();
  const [search, setSearch] = useSearchParams();
  const tab = kTabs.find(({ slug }) => slug === search.get('tab')) ?? kTabs[0];
  const mine = search.get('mine') === '1';
  const { listed, more } = useLiveWorklist({ tab: tab.tab, mine });
  const counts = useAsked((signal) => countTabs(kTabs.map((one) => one.tab), mine, signal), [mine, listed.total]);

  const href = (slug: string) => `/worklist?tab=${slug}${mine ? '&mine=1' : ''}`;
  const count = (one: Tab) => (counts.asked.state === 'there' ? counts.asked.value.get(one) : undefined);
  const refused = listed.trouble && !['offline', 'failed', 'expired'].includes(listed.trouble.kind);
  if (refused) return <Failed trouble={listed.trouble!} />;
  return (
    <Page
      title={t('nav.worklist')}
      aside={<Live connected={listed.connected} loaded={listed.loaded} />}
    >
      <div className="wm-tools">
        <TabLinks
          label={t('worklist.tabs')}
          tabs={kTabs.map((one) => ({
            href: href(one.slug),
            name: t(one.name),
            count: one === tab && listed.loaded ? listed.total : count(one.tab),
            current: one === tab,
          }))}
        />
        <div className="wm-tools__end">
          <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
            <div className="nhsuk-checkboxes__item">
              <input
                className="nhsuk-checkboxes__input"
                id="mine"
                type="checkbox"
                checked={mine}
                onChange={(event) => {
                  const on = event.target.checked;
                  setSearch((before) => {
                    const after = new URLSearchParams(before);
                    if (on) after.set('mine', '1');
                    else after.delete('mine');
                    return after;
                  });
                }}
              />
              <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor="mine">{t('worklist.mine')}</label>
            </div>
          </div>
          <Link href="/worklist/cover" className="wm-tools__link">{t('worklist.cover')}</Link>
        </div>
      </div>
      {!listed.loaded ? (
        <Loading />
      ) : listed.items.length === 0 ? (
        <Empty title={t('worklist.empty.title')}>
          <p>{t(mine ? 'worklist.empty.mine' : 'worklist.empty.body')}</p>
          <p><Link href="/log" className="nhsuk-button">{t('nav.log')}</Link></p>
        </Empty>
      ) : (
        <Lines items={listed.items} total={listed.total} more={more} />
      )}
      {listed.loaded && listed.items.length > 0 && has(person, Role.OH_LEAD, Role.CLINICAL_LEAD) && (
        <Export tab={tab.tab} mine={mine} />
      )}
    </Page>
  );
}

function Live({ connected, loaded }: { connected: boolean; loaded: boolean }) {
  const { t } = useWords();
  const state = connected ? 'live' : loaded ? 'stale' : 'connecting';
  return (
    <p className={`wm-live wm-live--${state}`} role="status">
      <span aria-hidden="true" className="wm-live__dot" />
      {t(`worklist.live.${state}`)}
    </p>
  );
}

function Export({ tab, mine }: { tab: Tab; mine: boolean }) {
  const words = useWords();
  const { t } = words;
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setSaid(t('worklist.exporting'));
    try {
      const { exportWorklist } = await import('./export');
      setSaid(t('worklist.exported', { n: await exportWorklist(words, { tab, mine }) }));
    } catch (error) {
      setSaid(troubleOf(error).message || t('failed.body'));
    } finally {
      setBusy(false);
    }
  };
  return (
    <p className="wm-export">
      <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" disabled={busy} onClick={() => void run()}>{t('worklist.export')}</button>{' '}
      <span role="status">{said}</span>
    </p>
  );
}

// Only the lines in view are in the page: a hundred thousand scroll like ten.
function Lines({ items, total, more }: { items: WorklistItem[]; total: number; more: () => Promise<void> }) {
  const { t } = useWords();
  const person = usePerson();
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [said, setSaid] = useState('');
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => 84,
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (index) => items[index]!.stepRef,
  });
  const shown = rows.getVirtualItems();
  // Of the lines around what is in view, so that scrolling asks once a screen and not once a line.
  const near = Math.floor((shown[0]?.index ?? 0) / 100) * 100;
  const names = useNames(items.slice(near, near + 300).map((item) => item.subjectId));
  const last = shown.at(-1)?.index ?? 0;
  const wantsMore = items.length < total && last >= items.length - 100;
  useEffect(() => {
    if (wantsMore) void more();
  }, [wantsMore, more, items.length]);

  return (
    <>
      <p className="nhsuk-u-visually-hidden" role="status">{said}</p>
      <div role="table" aria-label={t('nav.worklist')} aria-rowcount={total + 1} className="wm-lines">
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className="wm-line wm-line--head">
            <span role="columnheader">{t('worklist.col.left')}</span>
            <span role="columnheader">{t('worklist.col.what')}</span>
            <span role="columnheader">{t('worklist.col.who')}</span>
            <span role="columnheader"><span className="nhsuk-u-visually-hidden">{t('worklist.col.act')}</span></span>
          </div>
        </div>
        <div role="rowgroup" ref={body} className="wm-lines__body" style={{ height: rows.getTotalSize() }}>
          {shown.map((row) => (
            <div
              role="row"
              key={row.key}
              aria-rowindex={row.index + 2}
              data-index={row.index}
              ref={rows.measureElement}
              className="wm-line"
              style={{ transform: `translateY(${row.start - margin}px)` }}
            >
              <Line item={items[row.index]!} person={person} named={names.get(items[row.index]!.subjectId)} say={setSaid} />
            </div>
          ))}
        </div>
      </div>
      <p className="nhsuk-body-s wm-lines__foot">
        {items.length < total ? t('worklist.some', { n: items.length, total }) : t('worklist.whole', { total })}
      </p>
    </>
  );
}

function Line({ item, person, named, say }: { item: WorklistItem; person: Person; named: Named | undefined; say: (text: string) => void }) {
  const { t, label } = useWords();
  const { run, sending: busy, trouble } = useSubmit();
  // What the stream has not said yet, but the service has.
  const [claim, setClaim] = useState<{ by: string; seen: string }>();
  const claimedBy = claim !== undefined && claim.seen === item.claimedBy ? claim.by : item.claimedBy;
  const problem = trouble && (trouble.reason === 'STEP_CLAIMED' ? t('worklist.taken') : trouble.message);
  const scheduling = client(SchedulingService);

  const act = (send: (requestId: string) => Promise<unknown>, by: string, text: string) =>
    run({
      // By what it makes of the step: to claim it and to release it are two acts.
      name: `${item.stepRef} ${text}`,
      send: ({ requestId }) => send(requestId),
      done: () => {
        setClaim({ by, seen: item.claimedBy });
        say(text);
      },
    });
  const title = item.title || t('worklist.task');
  const mine = claimedBy === person.userId;
  const mayRelease = mine || (claimedBy !== '' && has(person, Role.OH_LEAD));
  const { stepRef } = item;
  const held = item.acknowledgedUntil && timestampMs(item.acknowledgedUntil) > nowMs() ? timestampMs(item.acknowledgedUntil) : undefined;
  const isCase = item.caseId !== '' && isPathway(item.pathway);
  const button = (text: string, of: string, press: () => void) => (
    <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" aria-label={of} disabled={busy} onClick={press}>{text}</button>
  );
  return (
    <>
      <span role="cell" className="wm-line__left">
        <TimeLeft
          due={item.dueTime && timestampMs(item.dueTime)}
          opens={item.opensTime && timestampMs(item.opensTime)}
          closes={item.closesTime && timestampMs(item.closesTime)}
        />
      </span>
      <span role="cell" className="wm-line__what">
        {item.pathway === 'referral' && item.caseId !== '' ? (
          <Link href={`/referrals/${item.caseId}`} className="wm-line__title" lang="en">{title}</Link>
        ) : !isCase ? (
          <strong lang="en">{title}</strong>
        ) : (
          <Link href={actHref(item.pathway, item.caseId, item.stepKey)} className="wm-line__title" lang="en">{title}</Link>
        )}
        <span className="wm-line__case">
          {item.subjectId !== '' && (
            <>
              <span className="wm-line__name">{named?.name ?? t('worklist.unnamed')}</span>
              {named?.alias && ` (${t('worklist.alias')})`}
              {' · '}
            </>
          )}
          {pathwayName(t, item.pathway)}
          {isCase && (
            <>
              {' · '}
              <Link href={`/cases/${item.pathway}/${item.caseId}`} aria-label={t('worklist.case_of', { ref: shortRef(item.caseId), title })}>
                {t('case.ref', { ref: shortRef(item.caseId) })}
              </Link>
            </>
          )}
        </span>
        {held !== undefined && <span className="wm-line__held">{t('worklist.acked', { time: nearText(t, held, nowMs()) })}</span>}
        {problem && <span className="nhsuk-error-message" role="alert">{problem}</span>}
      </span>
      <span role="cell" className="wm-line__who">
        {label(RoleSchema, item.responsible)}
        <span className="wm-line__claim">{claimedBy === '' ? t('worklist.nobody') : mine ? t('worklist.you') : claimedBy}</span>
      </span>
      <span role="cell" className="wm-line__act">
        {item.stepKey === ''
          ? button(t('worklist.done'), t('worklist.done_of', { title }), () => void act((requestId) => scheduling.completeTask({ requestId, stepRef }), '', t('worklist.done_said', { title })))
          : claimedBy === ''
            ? button(t('worklist.claim'), t('worklist.claim_of', { title }), () => void act((requestId) => scheduling.claimStep({ requestId, stepRef }), person.userId, t('worklist.claimed_said', { title })))
            : mayRelease && button(t('worklist.release'), t('worklist.release_of', { title }), () => void act((requestId) => scheduling.releaseStep({ requestId, stepRef }), '', t('worklist.released_said', { title })))}
        {isCase && <More item={item} title={title} say={say} run={run} busy={busy} />}
      </span>
    </>
  );
}

// What is done less often: holding the reminders while working on it, and handing the case over.
function More({ item, title, say, run, busy }: { item: WorklistItem; title: string; say: (text: string) => void; run: ReturnType<typeof useSubmit>['run']; busy: boolean }) {
  const { t, label } = useWords();
  const details = useRef<HTMLDetailsElement>(null);
  const hold = (minutes: number) =>
    run({
      ...holdStep(item.stepRef, minutes),
      done: (answer) => {
        const until = answer.acknowledgedUntil ? nearText(t, timestampMs(answer.acknowledgedUntil), nowMs()) : '';
        const next = answer.nextRungTime ? ` ${t('worklist.next_told', { role: label(RoleSchema, answer.nextAudience), time: nearText(t, timestampMs(answer.nextRungTime), nowMs()) })}` : '';
        say(t('worklist.acked_said', { title, time: until }) + next);
        if (details.current) details.current.open = false;
      },
    });
  return (
    <details
      className="wm-menu"
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        details.current.open = false;
        details.current.querySelector('summary')?.focus();
      }}
    >
      <summary aria-label={t('worklist.more_of', { title })}>{t('worklist.more')}</summary>
      <div className="wm-menu__body">
        <p id={`hold-${item.stepRef}`}>{t('worklist.ack')}</p>
        <p role="group" aria-labelledby={`hold-${item.stepRef}`} className="wm-menu__row">
          {kHoldMinutes.map((minutes) => (
            <button key={minutes} type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" disabled={busy} onClick={() => void hold(minutes)}>
              {spanText(t, minutes * 60_000)}
            </button>
          ))}
        </p>
        <p><Link href={`/cases/${item.pathway}/${item.caseId}/assign-case`}>{t('worklist.hand_over')}</Link></p>
      </div>
    </details>
  );
}
