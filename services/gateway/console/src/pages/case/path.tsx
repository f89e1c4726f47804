// The path as a picture: each step a line on one time scale, its window a bar, and where now is. The
// words beside each line say the same.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useNow } from '../../api/clock';
import type { CaseHeader } from '../../gen/waymark/casework/v1/case_pb';
import { Ending, EndingSchema, type Step } from '../../gen/waymark/casework/v1/plan_pb';
import { TimeLeft, urgencyOf } from '../../shell/time_left';
import { dateTimeText, nearText } from '../../time/dates';
import { useWords } from '../../words/words';
import type { Key } from '../../words/en';

const kHour = 3_600_000;
const kDay = 24 * kHour;

// The first hour matters as much as the last half year: between two marks the scale is even.
const kMarks: { at: number; name: Key }[] = [
  { at: 0, name: 'path.mark.start' },
  { at: kHour, name: 'path.mark.hour' },
  { at: kDay, name: 'path.mark.day' },
  { at: 3 * kDay, name: 'path.mark.three_days' },
  { at: 7 * kDay, name: 'path.mark.week' },
  { at: 42 * kDay, name: 'path.mark.six_weeks' },
  { at: 92 * kDay, name: 'path.mark.three_months' },
  { at: 184 * kDay, name: 'path.mark.six_months' },
  { at: 366 * kDay, name: 'path.mark.year' },
  { at: 732 * kDay, name: 'path.mark.two_years' },
];

// Where an age stands, in hundredths of the width that `last` marks take.
export function placeOf(age: number, last: number): number {
  const marks = kMarks.slice(0, last + 1);
  if (age <= 0) return 0;
  for (let i = 1; i < marks.length; ++i) {
    const [from, to] = [marks[i - 1]!.at, marks[i]!.at];
    if (age <= to) return ((i - 1 + (age - from) / (to - from)) / (marks.length - 1)) * 100;
  }
  return 100;
}

const ms = (step: Step, field: 'opensTime' | 'dueTime' | 'closesTime' | 'anchorTime') =>
  step[field] && timestampMs(step[field]);

export function Path({ header, hrefOf }: { header: CaseHeader; hrefOf: (step: Step) => string | undefined }) {
  const { t } = useWords();
  const now = useNow(15_000);
  const all = header.plan?.steps ?? [];
  const steps = all.filter((step) => step.outcome?.ending !== Ending.SUPERSEDED);
  const dropped = all.filter((step) => step.outcome?.ending === Ending.SUPERSEDED);
  const starts = all.map((step) => ms(step, 'anchorTime')).filter((at): at is number => at !== undefined);
  const start = Math.min(...starts, header.openedTime ? timestampMs(header.openedTime) : now);
  const furthest = Math.max(...steps.map((step) => (ms(step, 'closesTime') ?? ms(step, 'dueTime') ?? start) - start), now - start, kDay);
  const last = Math.max(3, kMarks.findIndex((mark) => mark.at >= furthest) === -1 ? kMarks.length - 1 : kMarks.findIndex((mark) => mark.at >= furthest));
  const at = (instant: number) => placeOf(instant - start, last);
  const here = at(now);
  return (
    <section aria-labelledby="path">
      <h2 className="nhsuk-heading-l" id="path">{t('case.path')}</h2>
      <div className="wm-path">
        <TimeScale last={last}><span className="wm-path__now" style={{ left: `${here}%` }}>{t('path.now')}</span></TimeScale>
        <ol className="wm-path__steps">
          {steps.map((step) => (
            <li key={step.key} className={`wm-step wm-step--${stateOf(step, now)}`}>
              <div className="wm-step__words">
                <Title step={step} href={hrefOf(step)} />
                <State step={step} />
              </div>
              <Track step={step} at={at} here={here} now={now} marks={last} />
            </li>
          ))}
        </ol>
        <ul className="wm-path__key" aria-hidden="true">
          <li><span className="wm-key wm-key--window" />{t('path.key.window')}</li>
          <li><span className="wm-key wm-key--after" />{t('path.key.after')}</li>
          <li><span className="wm-key wm-key--due" />{t('path.key.due')}</li>
          <li><span className="wm-key wm-key--done" />{t('path.key.done')}</li>
        </ul>
      </div>
      {dropped.length > 0 && (
        <details className="nhsuk-details wm-details">
          <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{t('path.dropped', { n: dropped.length })}</span></summary>
          <ul className="nhsuk-details__text" lang="en">{dropped.map((step) => <li key={step.key}>{step.title}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

// The marks over the tracks; what each track means stands beside it in words.
export function TimeScale({ last, children }: { last: number; children?: ReactNode }) {
  const { t } = useWords();
  return (
    <div className={`wm-path__scale ${children ? '' : 'wm-path__scale--rules'}`} aria-hidden="true">
      {kMarks.slice(0, last + 1).map((mark, i) => (
        <span key={mark.at} style={{ left: `${(i / last) * 100}%` }} className={i === last ? 'wm-path__last' : undefined}>{t(mark.name)}</span>
      ))}
      {children}
    </div>
  );
}

function stateOf(step: Step, now: number): string {
  if (step.outcome) return step.outcome.ending === Ending.DONE ? 'done' : 'ended';
  return urgencyOf({ due: ms(step, 'dueTime'), opens: ms(step, 'opensTime'), closes: ms(step, 'closesTime') }, now);
}

function Title({ step, href }: { step: Step; href: string | undefined }) {
  if (step.outcome || href === undefined) return <span className="wm-step__title" lang="en">{step.title}</span>;
  return <Link className="wm-step__title" lang="en" href={href}>{step.title}</Link>;
}

function State({ step }: { step: Step }) {
  const { t, label } = useWords();
  const now = useNow(60_000);
  const { outcome } = step;
  if (!outcome) {
    return <TimeLeft due={ms(step, 'dueTime')} opens={ms(step, 'opensTime')} closes={ms(step, 'closesTime')} />;
  }
  const due = ms(step, 'dueTime');
  const ended = outcome.endedTime && timestampMs(outcome.endedTime);
  const late = outcome.ending === Ending.DONE && ended !== undefined && due !== undefined && ended > due;
  return (
    <span className="wm-step__ended">
      <span aria-hidden="true">{outcome.ending === Ending.DONE ? '✓ ' : '– '}</span>
      {label(EndingSchema, outcome.ending)}
      {ended !== undefined && ` ${nearText(t, ended, now)}`}
      {late && <span className="wm-step__late"> {t('path.done_late')}</span>}
      {outcome.overrodeWindow && <span className="wm-step__late"> {t('path.override')}</span>}
      {outcome.reason && <q className="wm-step__reason">{outcome.reason}</q>}
    </span>
  );
}

function Track({ step, at, here, now, marks }: { step: Step; at: (instant: number) => number; here: number; now: number; marks: number }) {
  const { t } = useWords();
  const due = ms(step, 'dueTime');
  const opens = ms(step, 'opensTime') ?? ms(step, 'anchorTime');
  const closes = ms(step, 'closesTime');
  const ended = step.outcome?.endedTime && timestampMs(step.outcome.endedTime);
  if (due === undefined || opens === undefined) return <div className="wm-track" aria-hidden="true" />;
  const from = at(opens);
  const aim = at(due);
  const end = closes === undefined ? aim : at(closes);
  const late = step.outcome === undefined && now > due;
  return (
    <div className="wm-track" aria-hidden="true" title={dateTimeText(t, due)}>
      {Array.from({ length: marks + 1 }, (_, i) => <span key={i} className="wm-track__mark" style={{ left: `${(i / marks) * 100}%` }} />)}
      <span className="wm-track__now" style={{ left: `${here}%` }} />
      <span className="wm-track__window" style={{ left: `${from}%`, width: `${Math.max(aim - from, 0.6)}%` }} />
      {end > aim && <span className="wm-track__after" style={{ left: `${aim}%`, width: `${end - aim}%` }} />}
      {late && <span className="wm-track__late" style={{ left: `${aim}%`, width: `${Math.max(here - aim, 0.6)}%` }} />}
      {step.outcome === undefined && <span className="wm-track__due" style={{ left: `${aim}%` }} />}
      {ended !== undefined && step.outcome?.ending === Ending.DONE && <span className="wm-track__done" style={{ left: `${at(ended)}%` }} />}
      {ended !== undefined && step.outcome?.ending !== Ending.DONE && <span className="wm-track__ended" style={{ left: `${at(ended)}%` }} />}
    </div>
  );
}
