import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { type Condition, type Offset, type Protocol, RungKindSchema, type StepRule } from '../../gen/waymark/casework/v1/protocol_pb';
import { Page } from '../../shell/page';
import { Empty, Loading } from '../../shell/states';
import { TabLinks } from '../../shell/tab_links';
import { humanised, useWords, type Words } from '../../words/words';
import { Sources } from '../case/guidance';
import { isPathway, kLoggable, type Pathway, pathwayName, served } from '../case/pathways';
import { placeOf, TimeScale } from '../case/path';

// The published paths: drawn, with the source and evidence of every step, and whether a clinician has
// signed.
export default function ProtocolsPage() {
  const { t } = useWords();
  const [search] = useSearchParams();
  const wanted = search.get('key') ?? 'bbv';
  const pathway: Pathway = isPathway(wanted) ? wanted : 'bbv';
  const { asked } = useAsked(async (signal) => (await (await served(pathway)).cases.listProtocols({}, { signal })).protocols, [pathway]);
  const [versions, setVersions] = useState<Partial<Record<Pathway, number>>>({});
  const protocols = asked.state === 'there' ? asked.value : [];
  const protocol = protocols.find((one) => one.version === versions[pathway]) ?? protocols[0];
  const before = protocol && protocols.find((one) => one.key === protocol.key && one.version === protocol.version - 1);
  return (
    <Page title={t('nav.protocols')}>
      <TabLinks label={t('log.kinds')} tabs={kLoggable.map((one) => ({ href: `/protocols?key=${one}`, name: pathwayName(t, one), current: one === pathway }))} />
      {asked.state === 'loading' && <Loading />}
      {(asked.state === 'failed' || (asked.state === 'there' && !protocol)) && <Empty title={t('protocols.none')}><p>{t('protocols.none_body')}</p></Empty>}
      {protocol && protocols.length > 1 && (
        <p>
          {protocols.map((one) => (
            <button key={`${one.key}${one.version}`} type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" aria-pressed={one === protocol} onClick={() => setVersions({ ...versions, [pathway]: one.version })}>
              {t('protocols.version', { version: one.version })}
            </button>
          ))}
        </p>
      )}
      {protocol && <Drawn protocol={protocol} before={before} />}
    </Page>
  );
}

// The offset from the anchor, in milliseconds for the drawing.
function lengthOf(offset: Offset | undefined): number {
  const kind = offset?.kind;
  const day = 86_400_000;
  switch (kind?.case) {
    case 'elapsed':
      return Number(kind.value.hours) * 3_600_000 + Number(kind.value.minutes) * 60_000;
    case 'civil':
      return kind.value.days * day + kind.value.weeks * 7 * day + kind.value.months * 30.44 * day;
    case 'working':
      return kind.value.days * 1.4 * day;
    default:
      return 0;
  }
}

function offsetText({ t }: Words, offset: Offset | undefined): string {
  const kind = offset?.kind;
  switch (kind?.case) {
    case 'elapsed': {
      const parts = [];
      if (kind.value.hours !== 0n) parts.push(t('offset.hours', { n: Number(kind.value.hours) }));
      if (kind.value.minutes !== 0n) parts.push(t('offset.minutes', { n: Number(kind.value.minutes) }));
      return parts.join(' ') || t('offset.at_once');
    }
    case 'civil':
      if (kind.value.months) return t('offset.months', { n: kind.value.months });
      if (kind.value.weeks) return t('offset.weeks', { n: kind.value.weeks });
      return kind.value.days ? t('offset.days', { n: kind.value.days }) : t('offset.same_day');
    case 'working':
      return t('offset.working', { n: kind.value.days });
    default:
      return '';
  }
}

const pointName = (point: string) => humanised(point.replace(/^step:/, ''));

function anchorText({ t }: Words, step: StepRule): string {
  const kind = step.anchor?.kind;
  if (kind?.case === 'point') return t('protocols.after', { point: pointName(kind.value) });
  if (kind?.case === 'latestOf' || kind?.case === 'earliestOf') {
    const points = kind.value.terms.map((term) => pointName(term.point)).join(', ');
    return t(kind.case === 'latestOf' ? 'protocols.after_latest' : 'protocols.after_earliest', { points });
  }
  return '';
}

function conditionText(words: Words, condition: Condition | undefined): string {
  const kind = condition?.kind;
  switch (kind?.case) {
    case 'equals':
      return `${humanised(kind.value.fact)}: ${kind.value.value.replaceAll('_', ' ')}`;
    case 'not':
      return words.t('protocols.not', { what: conditionText(words, kind.value) });
    case 'all':
      return kind.value.conditions.map((one) => conditionText(words, one)).join(` ${words.t('protocols.and')} `);
    case 'any':
      return `(${kind.value.conditions.map((one) => conditionText(words, one)).join(` ${words.t('protocols.or')} `)})`;
    default:
      return '';
  }
}

const dates = (step: StepRule | undefined) => (step ? JSON.stringify([step.opens, step.due, step.closes, step.anchor], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) : '');

function Drawn({ protocol, before }: { protocol: Protocol; before: Protocol | undefined }) {
  const words = useWords();
  const { t, label } = words;
  const earlier = new Map(before?.steps.map((step) => [step.key, step]));
  const gone = before?.steps.filter((step) => !protocol.steps.some((one) => one.key === step.key)) ?? [];
  const same = gone.length === 0 && protocol.steps.every((step) => dates(earlier.get(step.key)) === dates(step));
  return (
    <>
      <h2 className="nhsuk-heading-l" lang="en">{protocol.title}</h2>
      <p>
        <span className={`nhsuk-tag ${protocol.signedOff ? 'nhsuk-tag--green' : 'nhsuk-tag--yellow'}`}>{t(protocol.signedOff ? 'protocols.signed' : 'protocols.unsigned')}</span>{' '}
        {t('protocols.version', { version: protocol.version })}{protocol.signedOffBy && `, ${protocol.signedOffBy}`}
      </p>
      {!protocol.signedOff && <p className="wm-unsigned">{t('case.unsigned')}</p>}
      {before && <p className="nhsuk-hint">{t('protocols.compare', { version: before.version })} {same && t('protocols.same')}</p>}
      {protocol.stages.map((stage) => {
        const steps = protocol.steps.filter((step) => step.stage === stage.key);
        if (steps.length === 0) return null;
        return (
          <section key={stage.key} aria-labelledby={`stage-${stage.key}`}>
            <h3 className="nhsuk-heading-m" id={`stage-${stage.key}`} lang="en">{stage.title}</h3>
            <TimeScale last={9} />
            <ol className="wm-rules">
              {steps.map((step) => {
                const opens = placeOf(lengthOf(step.opens), 9);
                const due = placeOf(lengthOf(step.due), 9);
                const closes = step.closes ? placeOf(lengthOf(step.closes), 9) : due;
                const was = earlier.get(step.key);
                const change = !before ? '' : !was ? 'new' : dates(was) !== dates(step) ? 'moved' : '';
                return (
                  <li key={step.key} className="wm-rule">
                    <p className="wm-rule__title">
                      <strong lang="en">{step.title}</strong>{' '}
                      {change && <span className="nhsuk-tag nhsuk-tag--purple">{t(change === 'new' ? 'protocols.new' : 'protocols.moved')}</span>}
                    </p>
                    <div className="wm-track wm-track--rule" aria-hidden="true">
                      <span className="wm-track__window" style={{ left: `${opens}%`, width: `${Math.max(due - opens, 0.6)}%` }} />
                      {closes > due && <span className="wm-track__after" style={{ left: `${due}%`, width: `${closes - due}%` }} />}
                      <span className="wm-track__due" style={{ left: `${due}%` }} />
                    </div>
                    <p className="wm-rule__when">
                      {step.opens && t('protocols.opens', { offset: offsetText(words, step.opens) })} {t('protocols.due', { offset: offsetText(words, step.due) })}{' '}
                      {step.closes && t('protocols.closes', { offset: offsetText(words, step.closes) })} {anchorText(words, step)}{change === 'moved' && was && <em> {t('protocols.was', { offset: offsetText(words, was.due) })}</em>}
                      {' · '}{label(RoleSchema, step.responsible)}{step.blocksClosing && ` · ${t('protocols.blocks')}`}
                    </p>
                    {step.when && <p className="wm-rule__when" lang="en">{t('protocols.when', { what: conditionText(words, step.when) })}</p>}
                    {step.guidance && <p lang="en">{step.guidance}</p>}
                    <Sources sources={step.sources} title={t('protocols.sources', { n: step.sources.length })} />
                  </li>
                );
              })}
            </ol>
          </section>
        );
      })}
      {gone.length > 0 && <p>{t('protocols.gone', { steps: gone.map((step) => step.title).join('; ') })}</p>}
      <h3 className="nhsuk-heading-m">{t('protocols.ladders')}</h3>
      {protocol.ladders.map((ladder) => (
        <details key={ladder.key} className="nhsuk-details wm-details">
          <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text" lang="en">{humanised(ladder.key)}</span></summary>
          <ol className="nhsuk-details__text">
            {ladder.rungs.map((rung, i) => (
              <li key={i}>
                {label(RungKindSchema, rung.kind)}: {label(RoleSchema, rung.audience)},{' '}
                {t(rung.offsetMinutes < 0n ? 'protocols.rung_before' : 'protocols.rung_after', { n: Math.abs(Number(rung.offsetMinutes)) })}
                {rung.page && ` (${t('protocols.page')})`}
              </li>
            ))}
          </ol>
        </details>
      ))}
    </>
  );
}
