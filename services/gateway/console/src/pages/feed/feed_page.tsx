import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import { useSearchParams, Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { useSubmit } from '../../form/submit';
import { FeedEffect, FeedEffectSchema, type FeedRun, FeedRunState, FeedRunStateSchema } from '../../gen/waymark/workforce/v1/hr_feed_pb';
import { HrFeedService } from '../../gen/waymark/workforce/v1/hr_feed_service_pb';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { dateTimeText } from '../../time/dates';
import { useWords, humanised } from '../../words/words';

export default function FeedPage() {
  const [search] = useSearchParams();
  const run = search.get('run');
  return run ? <Run key={run} runId={run} /> : <Runs />;
}

const kCounts = ['joiners', 'movers', 'leavers', 'rejoiners', 'changes', 'refused'] as const;

function Runs() {
  const { t } = useWords();
  const feed = client(HrFeedService);
  const { asked, again } = useAsked(
    async (signal) => {
      const [runs, sources] = await Promise.all([feed.listFeedRuns({ pageSize: 50 }, { signal }), feed.listFeedSources({}, { signal })]);
      return { runs: runs.runs, sources: sources.sources };
    },
    [],
  );
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const { runs, sources } = asked.value;
  return (
    <Page title={t('nav.feed')}>
      <ul className="wm-cards">
        {sources.map((one) => (
          <li key={one.source} className="wm-card">
            <h2 className="nhsuk-heading-m">{one.source}</h2>
            <p><span className={`nhsuk-tag ${one.stopped ? 'nhsuk-tag--red' : 'nhsuk-tag--green'}`}>{t(one.stopped ? 'feed.stopped' : 'feed.fresh')}</span></p>
            <p>{one.lastAppliedTime ? t('feed.last', { date: dateTimeText(t, timestampMs(one.lastAppliedTime)) }) : t('feed.never')}</p>
            <p className="nhsuk-hint">{t('feed.brake', { percent: one.brakeBasisPoints / 100 })}</p>
          </li>
        ))}
      </ul>
      <h2 className="nhsuk-heading-l">{t('feed.runs')}</h2>
      {runs.length === 0 ? (
        <Empty title={t('feed.none')}><p>{t('feed.none_body')}</p></Empty>
      ) : (
        <div className="wm-scroll" role="region" aria-label={t('feed.runs')} tabIndex={0}>
          <table className="nhsuk-table wm-cases">
            <caption className="nhsuk-u-visually-hidden">{t('feed.runs')}</caption>
            <thead className="nhsuk-table__head">
              <tr>
                <th scope="col">{t('feed.run')}</th>
                <th scope="col">{t('cases.col.state')}</th>
                <th scope="col">{t('feed.rows')}</th>
                {kCounts.map((name) => <th scope="col" key={name}>{t(`feed.${name}`)}</th>)}
              </tr>
            </thead>
            <tbody className="nhsuk-table__body">
              {runs.map((run) => (
                <tr key={run.runId} className="nhsuk-table__row">
                  <td className="nhsuk-table__cell"><Link href={`/feed?run=${run.runId}`}>{run.begunTime ? dateTimeText(t, timestampMs(run.begunTime)) : run.runId}</Link></td>
                  <td className="nhsuk-table__cell"><State run={run} /></td>
                  <td className="nhsuk-table__cell">{Number(run.counts?.rows ?? 0n).toLocaleString('en-GB')}</td>
                  {kCounts.map((name) => <td key={name} className="nhsuk-table__cell">{Number(run.counts?.[name] ?? 0n).toLocaleString('en-GB')}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}

function State({ run }: { run: FeedRun }) {
  const { label } = useWords();
  const colour =
    run.state === FeedRunState.APPLIED ? 'green' : run.state === FeedRunState.BRAKED || run.state === FeedRunState.REFUSED ? 'red' : run.state === FeedRunState.PREVIEWED ? 'blue' : 'grey';
  return <span className={`nhsuk-tag nhsuk-tag--${colour}`}>{label(FeedRunStateSchema, run.state)}</span>;
}

// One run: what it would do, what it refuses, and what a person decides.
function Run({ runId }: { runId: string }) {
  const { t, label } = useWords();
  const person = usePerson();
  const feed = client(HrFeedService);
  const [effect, setEffect] = useState(FeedEffect.REFUSED);
  const { run: submit, sending: busy, trouble } = useSubmit();
  const { asked, again } = useAsked((signal) => feed.getFeedRun({ runId }, { signal }), [runId]);
  const rows = useAsked((signal) => feed.listFeedRows({ runId, effect, pageSize: 200 }, { signal }), [runId, effect]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const run = asked.value.run;
  if (!run) return <Loading />;
  const act = (name: string, send: (requestId: string) => Promise<unknown>) => submit({ name, send: ({ requestId }) => send(requestId), done: again });
  const waits = run.state === FeedRunState.PREVIEWED || run.state === FeedRunState.BRAKED;
  const leavers = run.counts?.leavers ?? 0n;
  return (
    <Page title={t('feed.run_of', { date: run.begunTime ? dateTimeText(t, timestampMs(run.begunTime)) : runId })} back={<BackTo href="/feed">{t('nav.feed')}</BackTo>} aside={<State run={run} />}>
      {run.state === FeedRunState.BRAKED && <p className="wm-unsigned">{t('feed.braked', { n: Number(leavers), of: Number(run.counts?.staffBefore ?? 0n) })}</p>}
      {run.refusal && <p className="nhsuk-error-message">{t('feed.refusal', { reason: humanised(run.refusal) })}</p>}
      <dl className="wm-facts">
        {kCounts.map((name) => <div key={name}><dt>{t(`feed.${name}`)}</dt><dd>{Number(run.counts?.[name] ?? 0n).toLocaleString('en-GB')}</dd></div>)}
      </dl>
      {trouble && <p className="nhsuk-error-message" role="alert">{trouble.message}</p>}
      {waits && has(person, Role.HR_INTEGRATION, Role.OH_LEAD) && (
        <p className="wm-next__acts">
          {run.state === FeedRunState.PREVIEWED && <button type="button" className="nhsuk-button" disabled={busy} onClick={() => void act('apply', (requestId) => feed.applyFeedRun({ requestId, runId }))}>{t('feed.apply')}</button>}
          {run.state === FeedRunState.BRAKED && has(person, Role.OH_LEAD) && <button type="button" className="nhsuk-button nhsuk-button--warning" disabled={busy} onClick={() => void act('confirm', (requestId) => feed.confirmFeedRun({ requestId, runId, leavers }))}>{t('feed.confirm', { n: Number(leavers) })}</button>}
          <button type="button" className="nhsuk-button nhsuk-button--secondary" disabled={busy} onClick={() => void act('abandon', (requestId) => feed.abandonFeedRun({ requestId, runId }))}>{t('feed.abandon')}</button>
        </p>
      )}
      <h2 className="nhsuk-heading-m" id="rows">{t('feed.lines')}</h2>
      <p>
        <label className="nhsuk-label" htmlFor="effect">{t('feed.effect')}</label>
        <select id="effect" className="nhsuk-select" value={effect} onChange={(event) => setEffect(Number(event.target.value))}>
          {FeedEffectSchema.values.filter((one) => one.number !== 0).map((one) => <option key={one.number} value={one.number}>{label(FeedEffectSchema, one.number)}</option>)}
        </select>
      </p>
      {rows.asked.state === 'there' && (
        <div className="wm-scroll" role="region" aria-labelledby="rows" tabIndex={0}>
          <table className="nhsuk-table wm-cases">
            <caption className="nhsuk-u-visually-hidden">{t('feed.lines')}</caption>
            <thead className="nhsuk-table__head"><tr><th scope="col">{t('feed.line')}</th><th scope="col">{t('feed.number')}</th><th scope="col">{t('feed.column')}</th><th scope="col">{t('feed.reason')}</th></tr></thead>
            <tbody className="nhsuk-table__body">
              {rows.asked.value.rows.map((row) => (
                <tr key={String(row.line)} className="nhsuk-table__row">
                  <td className="nhsuk-table__cell">{Number(row.line).toLocaleString('en-GB')}</td>
                  <td className="nhsuk-table__cell">{row.externalId}</td>
                  <td className="nhsuk-table__cell">{row.column}</td>
                  <td className="nhsuk-table__cell" lang="en">{row.reason && humanised(row.reason)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}
