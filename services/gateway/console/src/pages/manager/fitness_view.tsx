import { AdjustmentCodeSchema, type Fitness, FitnessCodeSchema, RestrictionCodeSchema } from '../../gen/waymark/workforce/v1/fitness_pb';
import { civilDateText } from '../../time/dates';
import { useWords } from '../../words/words';

type Day = { year: number; month: number; day: number };

// Fitness and dates. The message it shows has no place for anything else.
export function FitnessView({ fitness }: { fitness: Fitness }) {
  const { t, label } = useWords();
  const span = (from: Day | undefined, until: Day | undefined) =>
    from && until
      ? t('fitness.from_until', { from: civilDateText(t, from), until: civilDateText(t, until) })
      : from
        ? t('fitness.from', { from: civilDateText(t, from) })
        : until
          ? t('fitness.until', { until: civilDateText(t, until) })
          : '';
  return (
    <>
      <p className="wm-next__title">{label(FitnessCodeSchema, fitness.code)}</p>
      <p>{span(fitness.fromDate, fitness.untilDate)}{fitness.reviewDate && <> {t('fitness.review', { date: civilDateText(t, fitness.reviewDate) })}</>}</p>
      {fitness.restrictions.length > 0 && (
        <>
          <h4 className="nhsuk-heading-s">{t('fitness.restrictions')}</h4>
          <ul>{fitness.restrictions.map((one) => <li key={one.code}>{label(RestrictionCodeSchema, one.code)} <span className="wm-history__when">{span(one.fromDate, one.untilDate)}</span></li>)}</ul>
        </>
      )}
      {fitness.adjustments.length > 0 && (
        <>
          <h4 className="nhsuk-heading-s">{t('fitness.adjustments')}</h4>
          <ul>
            {fitness.adjustments.map((one) => (
              <li key={one.code}>
                {label(AdjustmentCodeSchema, one.code)}
                {one.hoursPercent > 0 && ` (${one.hoursPercent} %)`} <span className="wm-history__when">{span(one.fromDate, one.untilDate)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
