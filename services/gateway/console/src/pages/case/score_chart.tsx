// One questionnaire over time: drawn, and beside it as a table that says the same.
import { scaleLinear } from 'd3-scale';
import { curveLinear, line } from 'd3-shape';
import { useId, useLayoutEffect, useRef, useState } from 'react';
import { dateText } from '../../time/dates';
import { useWords } from '../../words/words';

interface Point {
  at: number;
  // None when the form could not be read.
  total?: number;
  band?: string;
  change?: string;
  // Why it was not read.
  unread?: string;
}

export interface Series {
  key: string;
  name: string;
  max: number;
  better: 'down' | 'up';
  // From which total on something begins, lowest first; the first begins at 0.
  bands: { from: number; name: string }[];
  // Totals that differ by less may differ by chance. 0: not known.
  reliable: number;
  // Oldest first.
  points: Point[];
}

const kHeight = 240;
const kMargin = { top: 16, right: 16, bottom: 32, left: 34 };
// Beside the drawing, for the names of the bands; on a narrow screen the table says them.
const kNames = 128;

export function ScoreChart({ series }: { series: Series }) {
  const { t } = useWords();
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(560);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const look = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, Math.round(entry.contentRect.width))));
    look.observe(element);
    return () => look.disconnect();
  }, []);

  const read = series.points.filter((one): one is Point & { total: number } => one.total !== undefined);
  const first = read[0];
  const change = (point: Point & { total: number }) => (first && point !== first ? point.total - first.total : undefined);
  return (
    <article className="wm-score" aria-labelledby={`${id}-name`}>
      <h3 className="nhsuk-heading-m" id={`${id}-name`}>{series.name}</h3>
      <div className="wm-score__both">
        <div ref={frame} className="wm-score__frame">
          {/* One measurement is no course yet: the table has it. */}
          {read.length > 1 && <Drawing series={series} points={read} width={width} />}
          <p className="nhsuk-hint wm-score__note">
            {t(series.better === 'down' ? 'scores.better_down' : 'scores.better_up')}{' '}
            {series.reliable > 0 && read.length > 1 && t('scores.reliable', { n: series.reliable })}
          </p>
        </div>
        <table className="nhsuk-table wm-score__table">
          <caption className="nhsuk-u-visually-hidden">{series.name}: {t('scores.table')}</caption>
          <thead className="nhsuk-table__head">
            <tr>
              <th scope="col">{t('scores.when')}</th>
              <th scope="col">{t('scores.total')}</th>
              <th scope="col">{t('scores.band')}</th>
              <th scope="col">{t('scores.change')}</th>
            </tr>
          </thead>
          <tbody className="nhsuk-table__body">
            {series.points.map((point, i) => {
              const points = point.total === undefined ? undefined : change(point as Point & { total: number });
              return (
                <tr key={i} className="nhsuk-table__row">
                  <td className="nhsuk-table__cell">{dateText(t, point.at)}</td>
                  <td className="nhsuk-table__cell">{point.total ?? t('scores.invalid', { why: point.unread ?? '' })}</td>
                  <td className="nhsuk-table__cell">{point.band}</td>
                  <td className="nhsuk-table__cell">
                    {points !== undefined && `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points)}`}
                    {point.change && <span className="wm-score__change">{point.change}</span>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </article>
  );
}

function Drawing({ series, points, width }: { series: Series; points: (Point & { total: number })[]; width: number }) {
  const { t } = useWords();
  const [first, last] = [points[0]!, points.at(-1)!];
  const named = width >= 420 && series.bands.some((band) => band.name !== '');
  const right = width - kMargin.right - (named ? kNames : 0);
  const span = Math.max(last.at - first.at, 86_400_000);
  const x = scaleLinear([first.at - span * 0.04, first.at + span * 1.04], [kMargin.left, right]);
  const y = scaleLinear([0, series.max], [kHeight - kMargin.bottom, kMargin.top]);
  const path = line<Point & { total: number }>((one) => x(one.at), (one) => y(one.total)).curve(curveLinear)(points) ?? '';
  const top = (i: number) => series.bands[i + 1]?.from ?? series.max;
  const bandOf = (total: number) => [...series.bands].reverse().find((one) => total >= one.from)?.name ?? '';
  const described = t('scores.described', { name: series.name, n: points.length, first: first.total, last: last.total, max: series.max, band: bandOf(last.total) });
  return (
    <svg className="wm-score__drawing" width={width} height={kHeight} viewBox={`0 0 ${width} ${kHeight}`} role="img" aria-label={described}>
      {series.bands.map((band, i) => (
        <g key={band.from}>
          <rect className={`wm-score__band wm-score__band--${i % 2}`} x={kMargin.left} width={right - kMargin.left} y={y(top(i))} height={y(band.from) - y(top(i))} />
          {named && y(band.from) - y(top(i)) >= 14 && (
            <text className="wm-score__band-name" x={right + 8} y={(y(band.from) + y(top(i))) / 2 + 5}>{band.name}</text>
          )}
        </g>
      ))}
      {series.reliable > 0 && (
        <rect
          className="wm-score__reliable"
          x={x(first.at)}
          width={right - x(first.at)}
          y={y(Math.min(series.max, first.total + series.reliable))}
          height={y(Math.max(0, first.total - series.reliable)) - y(Math.min(series.max, first.total + series.reliable))}
        />
      )}
      {y.ticks(4).map((tick) => (
        <g key={tick} className="wm-score__tick">
          <line x1={kMargin.left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={kMargin.left - 8} y={y(tick) + 5} textAnchor="end">{tick}</text>
        </g>
      ))}
      <path className="wm-score__line" d={path} />
      {points.map((one) => (
        <g key={one.at}>
          <circle className="wm-score__point" cx={x(one.at)} cy={y(one.total)} r={6} />
          <text className="wm-score__value" x={x(one.at)} y={y(one.total) - 12} textAnchor="middle">{one.total}</text>
        </g>
      ))}
      <text className="wm-score__date" x={kMargin.left} y={kHeight - 8}>{dateText(t, first.at)}</text>
      <text className="wm-score__date" x={right} y={kHeight - 8} textAnchor="end">{dateText(t, last.at)}</text>
    </svg>
  );
}
