import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useAsked } from '../../api/asked';
import type { Move, Step } from '../../gen/waymark/casework/v1/plan_pb';
import { RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { dateTimeText } from '../../time/dates';
import { useWords } from '../../words/words';
import { actLabel } from './act_label';
import type { CaseClient } from './pathways';

// Every act on the case, newest first, and what each moved.
export function History({ cases, id, steps, version }: { cases: CaseClient; id: string; steps: Step[]; version: string }) {
  const { t, label, word } = useWords();
  const { asked } = useAsked(
    async (signal) => {
      const events = [];
      for (let token = ''; ; ) {
        const page = await cases.listCaseEvents({ caseId: id, pageSize: 200, pageToken: token }, { signal });
        events.push(...page.events);
        token = page.nextPageToken;
        if (token === '' || events.length > 2000) return events.sort((a, b) => Number(b.caseVersion - a.caseVersion));
      }
    },
    [id, version],
  );
  const titles = new Map(steps.map((step) => [step.key, step.title]));
  return (
    <section aria-labelledby="history">
      <h2 className="nhsuk-heading-l" id="history">{t('case.history')}</h2>
      {asked.state === 'failed' && <p>{asked.trouble.kind === 'forbidden' ? t('forbidden.body') : t('failed.body')}</p>}
      {asked.state === 'there' && (
        <ol className="wm-history">
          {asked.value.map((event) => (
            <li key={event.eventId}>
              <span className="wm-history__when">{event.recordedTime && dateTimeText(t, timestampMs(event.recordedTime))}</span>
              <span className="wm-history__what">
                <strong>{actLabel({ word }, event.act)}</strong>
                <span className="wm-history__who">{event.actor} ({label(RoleSchema, event.role)})</span>
                {event.moves.length > 0 && (
                  <details className="nhsuk-details wm-details">
                    <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{t('flash.moved', { n: event.moves.length })}</span></summary>
                    <ul className="nhsuk-details__text">
                      {event.moves.map((move, i) => <li key={i}><span lang="en">{titles.get(move.stepKey) ?? move.stepKey}</span>: <Moved move={move} /></li>)}
                    </ul>
                  </details>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

export function Moved({ move }: { move: Move }) {
  const { t } = useWords();
  const from = move.fromDueTime && dateTimeText(t, timestampMs(move.fromDueTime));
  const to = move.toDueTime && dateTimeText(t, timestampMs(move.toDueTime));
  if (!from) return <>{t('moved.added', { to: to ?? '' })}</>;
  return <>{to ? t('moved.moved', { from, to }) : t('moved.dropped')}</>;
}
