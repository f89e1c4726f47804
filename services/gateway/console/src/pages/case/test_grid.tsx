// What was tested and what is still to be, virus by interval.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useNow } from '../../api/clock';
import { type BbvCase, TestCode, TestCodeSchema, TestOutcome, TestOutcomeSchema, type TestResult } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { Ending, type Step } from '../../gen/waymark/casework/v1/plan_pb';
import { dateText, nearText } from '../../time/dates';
import { useWords } from '../../words/words';
import type { Key } from '../../words/en';
import { standing } from './results_form';

const kViruses: { name: Key; tests: TestCode[] }[] = [
  { name: 'virus.hiv', tests: [TestCode.HIV_AG_AB] },
  { name: 'virus.hbv', tests: [TestCode.HBSAG, TestCode.ANTI_HBC, TestCode.ANTI_HBS] },
  { name: 'virus.hcv', tests: [TestCode.HCV_AG_PCR, TestCode.HCV_AB] },
];

export function TestGrid({ held }: { held: BbvCase }) {
  const { t, label } = useWords();
  const now = useNow(60_000);
  const steps = (held.header?.plan?.steps ?? []).filter((step) => step.tests.length > 0 && step.outcome?.ending !== Ending.SUPERSEDED);
  const columns = steps.map((step) => step.key);
  const elsewhere = held.results.filter((result) => standing(result) && !columns.includes(result.stepKey));
  if (steps.length === 0 && elsewhere.length === 0) return null;
  const resultOf = (test: TestCode, stepKey: string) =>
    held.results.find((result) => standing(result) && result.test === test && result.stepKey === stepKey);

  const cell = (step: Step, tests: TestCode[]) => {
    const lines = tests.flatMap((test) => {
      const result = resultOf(test, step.key);
      const planned = step.tests.find((one) => TestCode[one.test as keyof typeof TestCode] === test);
      if (result) return [<Result key={test} result={result} />];
      if (!planned || step.outcome) return [];
      return [
        <span key={test} className="wm-grid__due">
          {label(TestCodeSchema, test)}: {step.dueTime ? t('grid.due', { date: nearText(t, timestampMs(step.dueTime), now) }) : ''}
        </span>,
      ];
    });
    return lines.length > 0 ? lines : <span className="wm-grid__none">{t('grid.not_asked')}</span>;
  };
  return (
    <section aria-labelledby="tests">
      <h2 className="nhsuk-heading-l" id="tests">{t('case.tests')}</h2>
      <div className="wm-scroll" role="region" aria-labelledby="tests" tabIndex={0}>
        <table className="nhsuk-table wm-grid">
          <caption className="nhsuk-u-visually-hidden">{t('case.tests')}</caption>
          <thead className="nhsuk-table__head">
            <tr>
              <th scope="col">{t('grid.virus')}</th>
              {steps.map((step) => <th scope="col" key={step.key} lang="en">{step.title}</th>)}
            </tr>
          </thead>
          <tbody className="nhsuk-table__body">
            {kViruses.map((virus) => (
              <tr key={virus.name} className="nhsuk-table__row">
                <th scope="row" className="nhsuk-table__header">{t(virus.name)}</th>
                {steps.map((step) => <td key={step.key} className="nhsuk-table__cell">{cell(step, virus.tests)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {elsewhere.length > 0 && (
        <>
          <h3 className="nhsuk-heading-s">{t('grid.other')}</h3>
          {elsewhere.map((result) => <Result key={result.resultId} result={result} />)}
        </>
      )}
    </section>
  );
}

function Result({ result }: { result: TestResult }) {
  const { t, label } = useWords();
  const sampled = result.sampledTime?.instant;
  const positive = result.outcome === TestOutcome.POSITIVE;
  return (
    <span className={`wm-result ${positive ? 'wm-result--positive' : ''}`}>
      {label(TestCodeSchema, result.test)}: <strong>{label(TestOutcomeSchema, result.outcome)}</strong>
      {result.value !== undefined && ` (${result.value} mIU/mL)`}
      {sampled && <span className="wm-result__when">{t('grid.sampled', { date: dateText(t, timestampMs(sampled)) })}</span>}
      {!result.conclusive && result.outcome === TestOutcome.NEGATIVE && <span className="wm-result__note">{t('grid.not_conclusive')}</span>}
      <span className="wm-result__note">{t(result.toldTime ? 'grid.told' : 'grid.untold')}</span>
    </span>
  );
}
