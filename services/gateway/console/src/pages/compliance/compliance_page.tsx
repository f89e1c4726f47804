import type { Duration } from '@bufbuild/protobuf/wkt';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { client } from '../../api/transport';
import type { ComplianceFigure } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { SchedulingService } from '../../gen/waymark/scheduling/v1/scheduling_service_pb';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { TabLinks } from '../../shell/tab_links';
import { spanText, zonedText } from '../../time/dates';
import '../../words/fields';
import { humanised, useWords } from '../../words/words';

const kMonths = [1, 3, 12] as const;

// How well the force keeps its deadlines: counted by scheduling from the instants of the worklist.
export default function CompliancePage() {
  const { t } = useWords();
  const [search] = useSearchParams();
  const months = kMonths.find((one) => String(one) === search.get('months')) ?? 3;
  const { asked, again } = useAsked(
    (signal) => {
      const until = nowMs();
      return client(SchedulingService).getCompliance({ fromTime: timestampFromMs(until - months * 30.5 * 86_400_000), untilTime: timestampFromMs(until) }, { signal });
    },
    [months],
  );
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const figures = asked.state === 'there' ? asked.value.figures : [];
  return (
    <Page title={t('nav.compliance')}>
      <p className="nhsuk-lede-text">{t('compliance.lede')}</p>
      <TabLinks
        label={t('compliance.period')}
        tabs={kMonths.map((one) => ({ href: `/compliance?months=${one}`, name: t(`compliance.months.${one}`), current: one === months }))}
      />
      {asked.state === 'loading' && <Loading />}
      {asked.state === 'there' && figures.length === 0 && <Empty title={t('compliance.none')}><p>{t('compliance.none_body')}</p></Empty>}
      {figures.length > 0 && <Figures figures={figures} />}
      {asked.state === 'there' && asked.value.asOfTime && <p className="nhsuk-hint">{t('compliance.as_of', { time: zonedText(t, timestampMs(asked.value.asOfTime)) })}</p>}
    </Page>
  );
}

// Of what should be done by now: what was done in time.
function shareOf(one: Pick<ComplianceFigure, 'inTimeCount' | 'lateCount' | 'overdueCount'>): number | undefined {
  const due = Number(one.inTimeCount + one.lateCount + one.overdueCount);
  return due === 0 ? undefined : Number(one.inTimeCount) / due;
}

function Figures({ figures }: { figures: ComplianceFigure[] }) {
  const { t, word } = useWords();
  const span = (duration: Duration | undefined) => (duration ? spanText(t, Number(duration.seconds) * 1000) : '');
  const count = (n: bigint) => Number(n).toLocaleString('en-GB');
  return (
    <div className="wm-scroll" role="region" aria-label={t('nav.compliance')} tabIndex={0}>
      <table className="nhsuk-table wm-cases wm-kept">
        <caption className="nhsuk-u-visually-hidden">{t('nav.compliance')}</caption>
        <thead className="nhsuk-table__head">
          <tr>
            <th scope="col">{t('compliance.measure')}</th>
            <th scope="col">{t('compliance.share')}</th>
            <th scope="col" className="wm-number">{t('compliance.in_time')}</th>
            <th scope="col" className="wm-number">{t('compliance.late')}</th>
            <th scope="col" className="wm-number">{t('compliance.overdue')}</th>
            <th scope="col" className="wm-number">{t('compliance.to_come')}</th>
            <th scope="col" className="wm-number">{t('compliance.not_done')}</th>
            <th scope="col">{t('compliance.median')}</th>
            <th scope="col">{t('compliance.ninetieth')}</th>
          </tr>
        </thead>
        <tbody className="nhsuk-table__body">
          {figures.map((one) => {
            const share = shareOf(one);
            return (
              <tr key={one.measure} className="nhsuk-table__row">
                <th scope="row" className="nhsuk-table__header">{word(`measure.${one.measure}`) ?? humanised(one.measure)}</th>
                <td className="nhsuk-table__cell">
                  {share !== undefined && (
                    <>
                      <strong>{Math.floor(share * 100)} %</strong>
                      <svg className="wm-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                        <rect className="wm-bar__whole" width="100" height="8" />
                        <rect className="wm-bar__part" width={share * 100} height="8" />
                      </svg>
                    </>
                  )}
                </td>
                <td className="nhsuk-table__cell wm-number">{count(one.inTimeCount)}</td>
                <td className="nhsuk-table__cell wm-number">{count(one.lateCount)}</td>
                <td className="nhsuk-table__cell wm-number">{count(one.overdueCount)}</td>
                <td className="nhsuk-table__cell wm-number">{count(one.toComeCount)}</td>
                <td className="nhsuk-table__cell wm-number">{count(one.notDoneCount)}</td>
                <td className="nhsuk-table__cell">{span(one.median)}</td>
                <td className="nhsuk-table__cell">{span(one.ninetiethPercentile)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
