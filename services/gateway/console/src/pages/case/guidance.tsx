import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { ReactNode } from 'react';
import { Evidence, EvidenceSchema } from '../../gen/waymark/casework/v1/protocol_pb';
import type { Step } from '../../gen/waymark/casework/v1/plan_pb';
import { TimeLeft } from '../../shell/time_left';
import { useWords } from '../../words/words';

// What the protocol says of a step, and on whose authority.
export function Guidance({ step, children }: { step: Step; children?: ReactNode }) {
  const { t } = useWords();
  return (
    <section className="wm-guidance" aria-labelledby="guidance">
      <h2 className="nhsuk-heading-m" id="guidance" lang="en">{step.title}</h2>
      {step.outcome === undefined && (
        <TimeLeft
          due={step.dueTime && timestampMs(step.dueTime)}
          opens={step.opensTime && timestampMs(step.opensTime)}
          closes={step.closesTime && timestampMs(step.closesTime)}
        />
      )}
      {step.guidance && <p lang="en">{step.guidance}</p>}
      {children}
      <Sources sources={step.sources} title={t('act.sources')} />
    </section>
  );
}

export function Sources({ sources, title }: { sources: Step['sources']; title: string }) {
  const { label } = useWords();
  if (sources.length === 0) return null;
  return (
    <details className="nhsuk-details wm-details">
      <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{title}</span></summary>
      <ul className="nhsuk-details__text wm-sources">
        {sources.map((source, i) => (
          <li key={i}>
            <span lang="en">{source.guideline}{source.section && `, ${source.section}`}</span>{' '}
            <span className={`nhsuk-tag ${source.evidence === Evidence.SOURCE_READ ? 'nhsuk-tag--green' : source.evidence === Evidence.LOCAL_POLICY ? 'nhsuk-tag--blue' : 'nhsuk-tag--yellow'}`}>
              {label(EvidenceSchema, source.evidence)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
