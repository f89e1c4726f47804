import { useAsked } from '../../api/asked';
import { client } from '../../api/transport';
import type { Fitness } from '../../gen/waymark/workforce/v1/fitness_pb';
import { FitnessService } from '../../gen/waymark/workforce/v1/fitness_service_pb';
import type { StaffMember } from '../../gen/waymark/workforce/v1/person_pb';
import { WorkforceService } from '../../gen/waymark/workforce/v1/workforce_service_pb';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { useWords } from '../../words/words';
import { FitnessView } from './fitness_view';

// A line manager's people: fitness, restrictions and dates, and nothing besides.
export default function StaffPage() {
  const { t } = useWords();
  const { asked, again } = useAsked(async (signal) => {
    const staff: StaffMember[] = [];
    for (let token = ''; ; ) {
      const page = await client(WorkforceService).listStaff({ pageSize: 500, pageToken: token }, { signal });
      staff.push(...page.staff);
      token = page.nextPageToken;
      if (token === '' || staff.length >= 2000) break;
    }
    const fitness = new Map<string, Fitness>();
    for (let at = 0; at < staff.length; at += 500) {
      const page = await client(FitnessService).listFitness(
        { subjectIds: staff.slice(at, at + 500).map((one) => one.subjectId), pageSize: 500 },
        { signal },
      );
      for (const one of page.fitness) fitness.set(one.subjectId, one);
    }
    return { staff: staff.sort((a, b) => Number(fitness.has(b.subjectId)) - Number(fitness.has(a.subjectId)) || a.displayName.localeCompare(b.displayName)), fitness };
  }, []);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const { staff, fitness } = asked.value;
  return (
    <Page title={t('nav.my_staff')}>
      <p className="nhsuk-lede-text">{t('staff.lede')}</p>
      {staff.length === 0 ? (
        <Empty title={t('staff.empty')}><p>{t('staff.empty_body')}</p></Empty>
      ) : (
        <ul className="wm-cards">
          {staff.map((one) => {
            const state = fitness.get(one.subjectId);
            return (
              <li key={one.subjectId} className="wm-card">
                <h2 className="nhsuk-heading-m">{one.displayName} {one.collarNumber && <span className="nhsuk-caption-m">{t('find.collar', { collar: one.collarNumber })}</span>}</h2>
                {state ? <FitnessView fitness={state} /> : <p>{t('staff.no_statement')}</p>}
              </li>
            );
          })}
        </ul>
      )}
    </Page>
  );
}
