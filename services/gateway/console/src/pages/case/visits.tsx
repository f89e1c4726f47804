import type { Step } from '../../gen/waymark/casework/v1/plan_pb';
import type { Visit } from '../../gen/waymark/dental/v1/dental_case_pb';
import { civilDateText } from '../../time/dates';
import { useWords } from '../../words/words';

// The fewest appointments that serve every tooth: worked out by the service when the case is read.
export function Visits({ visits, steps }: { visits: Visit[]; steps: Step[] }) {
  const { t } = useWords();
  if (visits.length === 0) return null;
  const titles = new Map(steps.map((step) => [step.key, step.title]));
  return (
    <section aria-labelledby="visits">
      <h2 className="nhsuk-heading-l" id="visits">{t('case.visits')}</h2>
      <ol className="wm-given">
        {visits.map((visit, i) => (
          <li key={i}>
            <strong>
              {visit.overdue
                ? t('case.visit_overdue')
                : visit.earliestDate && visit.latestDate && t('case.visit_between', { from: civilDateText(t, visit.earliestDate), until: civilDateText(t, visit.latestDate) })}
            </strong>
            <span className="wm-given__state" lang="en">{visit.stepKeys.map((key) => titles.get(key) ?? key).join(' · ')}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
