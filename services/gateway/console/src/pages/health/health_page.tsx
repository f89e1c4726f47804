import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect } from 'react';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { client } from '../../api/transport';
import { AuditService } from '../../gen/waymark/audit/v1/audit_service_pb';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { HrFeedService } from '../../gen/waymark/workforce/v1/hr_feed_service_pb';
import { Page } from '../../shell/page';
import { spanText, zonedText } from '../../time/dates';
import { useWords } from '../../words/words';

// Whether the deadlines run: lag, what waits, and whether the log and the feeds keep up. Each service
// stands for itself; one that does not answer is said to be down.
export default function HealthPage() {
  const { t } = useWords();
  const scheduling = useAsked((signal) => client(SchedulingService).getServiceStatus({}, { signal }), []);
  const audit = useAsked((signal) => client(AuditService).getCheckpoint({}, { signal }), []);
  const feeds = useAsked((signal) => client(HrFeedService).listFeedSources({}, { signal }), []);
  const { again } = scheduling;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, 15_000);
    return () => clearInterval(timer);
  }, [again]);
  const status = scheduling.asked.state === 'there' ? scheduling.asked.value : undefined;
  const lag = status?.lastLag ? Number(status.lastLag.seconds) * 1000 + status.lastLag.nanos / 1e6 : undefined;
  const tick = status?.lastTickTime && timestampMs(status.lastTickTime);
  const stalled = tick !== undefined && nowMs() - tick > 60_000 && Date.now() - tick > 60_000;
  const log = audit.asked.state === 'there' ? audit.asked.value : undefined;
  const behind = log ? Number(log.sequencedSize - log.integratedSize) : 0;
  return (
    <Page title={t('nav.health')}>
      <ul className="wm-cards">
        <Service name={t('health.scheduling')} state={scheduling.asked.state} well={!!status?.active && !stalled}>
          {status && (
            <dl className="nhsuk-summary-list">
              <Line name={t('health.live')} value={t(status.active ? 'bbv.Answer.YES' : 'bbv.Answer.NO')} />
              {lag !== undefined && <Line name={t('health.lag')} value={lag < 1000 ? `${Math.round(lag)} ms` : spanText(t, lag)} />}
              {tick !== undefined && <Line name={t('health.tick')} value={zonedText(t, tick)} />}
              <Line name={t('health.due')} value={String(status.dueRungCount)} />
              <Line name={t('health.pending')} value={String(status.pendingNoticeCount)} />
              {status.nextRungTime && <Line name={t('health.next')} value={zonedText(t, timestampMs(status.nextRungTime))} />}
            </dl>
          )}
        </Service>
        <Service name={t('health.audit')} state={audit.asked.state} well={behind < 10_000}>
          {log && (
            <dl className="nhsuk-summary-list">
              <Line name={t('audit.entries')} value={Number(log.sequencedSize).toLocaleString('en-GB')} />
              <Line name={t('health.behind')} value={behind.toLocaleString('en-GB')} />
              {log.checkpoint?.signedTime && <Line name={t('audit.signed')} value={zonedText(t, timestampMs(log.checkpoint.signedTime))} />}
            </dl>
          )}
        </Service>
        <Service name={t('health.feeds')} state={feeds.asked.state} well={feeds.asked.state === 'there' && feeds.asked.value.sources.every((one) => !one.stopped)}>
          {feeds.asked.state === 'there' && (
            <dl className="nhsuk-summary-list">
              {feeds.asked.value.sources.map((one) => (
                <Line key={one.source} name={one.source} value={one.lastAppliedTime ? t('feed.last', { date: zonedText(t, timestampMs(one.lastAppliedTime)) }) : t('feed.never')} />
              ))}
            </dl>
          )}
        </Service>
      </ul>
    </Page>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div className="nhsuk-summary-list__row">
      <dt className="nhsuk-summary-list__key">{name}</dt>
      <dd className="nhsuk-summary-list__value">{value}</dd>
    </div>
  );
}

function Service({ name, state, well, children }: { name: string; state: string; well: boolean; children: React.ReactNode }) {
  const { t } = useWords();
  const word = state === 'loading' ? 'health.asking' : state === 'failed' ? 'health.down' : well ? 'health.well' : 'health.unwell';
  const colour = state === 'loading' ? 'grey' : state === 'there' && well ? 'green' : 'red';
  return (
    <li className="wm-card">
      <h2 className="nhsuk-heading-m">{name} <span className={`nhsuk-tag nhsuk-tag--${colour}`}>{t(word)}</span></h2>
      {children}
    </li>
  );
}
