// Two acts that the derived form would make long: the results of one sample, and telling them.
import { useMemo, useState } from 'react';
import { newRequestId } from '../../api/ids';
import { Choice, Choices, type Moment, Text, When } from '../../form/controls';
import type { Value } from '../../form/derived';
import { type BbvCase, TestCode, TestCodeSchema, TestOutcome, TestOutcomeSchema, type TestResult } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { useWords } from '../../words/words';

interface ResultsProps {
  held: BbvCase;
  stepKey: string;
  sending: boolean;
  // One request for each result; their ids stay the same however often they are sent.
  send: (results: { requestId: string; value: Value }[]) => void;
}

const kQuantitative = [TestCode.ANTI_HBS];

// The tests that the step still asks for; without a step, every test there is.
function awaitedTests(held: BbvCase, stepKey: string): TestCode[] {
  const key = stepKey.replace(/^awaited_/, 'test_');
  const step = held.header?.plan?.steps.find((one) => one.key === key);
  const open = (step?.tests ?? []).filter((test) => test.doneTime === undefined);
  const codes = open.map((test) => TestCode[test.test as keyof typeof TestCode]).filter((code) => code !== undefined);
  return codes.length > 0 ? codes : TestCodeSchema.values.map((one) => one.number as TestCode).filter((code) => code !== TestCode.UNSPECIFIED);
}

export function ResultsForm({ held, stepKey, sending, send }: ResultsProps) {
  const { t, label } = useWords();
  const tests = useMemo(() => awaitedTests(held, stepKey), [held, stepKey]);
  const [when, setWhen] = useState<Moment>();
  const [outcomes, setOutcomes] = useState<Record<number, TestOutcome | undefined>>({});
  const [values, setValues] = useState<Record<number, string | undefined>>({});
  const [reference, setReference] = useState<string>();
  const [tried, setTried] = useState(false);
  const [ids] = useState<Record<number, string>>(() => Object.fromEntries(tests.map((test) => [test, newRequestId()])));
  const answered = tests.filter((test) => outcomes[test] !== undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (when?.ms === undefined || answered.length === 0) return;
        send(
          answered.map((test) => ({
            requestId: ids[test]!,
            value: {
              test,
              outcome: outcomes[test],
              sampledTime: when,
              ...(values[test] !== undefined && { value: values[test] }),
              ...(reference !== undefined && { laboratoryReference: reference }),
            },
          })),
        );
      }}
    >
      <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
      <When
        name="sampled_time"
        label={t('results.sampled')}
        hint={t('results.sampled_hint')}
        ago={[0, 24 * 60, 48 * 60]}
        value={when}
        change={setWhen}
        error={tried && when?.ms === undefined ? t('results.sampled_missing') : undefined}
      />
      {tests.map((test, i) => (
        <div key={test}>
          <Choice
            name={TestCode[test] ?? String(test)}
            label={label(TestCodeSchema, test)}
            error={tried && answered.length === 0 && i === 0 ? t('results.none') : undefined}
            options={[TestOutcome.NEGATIVE, TestOutcome.POSITIVE, TestOutcome.INDETERMINATE, TestOutcome.NOT_TESTED].map((value) => ({ value, label: label(TestOutcomeSchema, value) }))}
            value={outcomes[test]}
            change={(value) => setOutcomes((before) => ({ ...before, [test]: value }))}
          />
          {kQuantitative.includes(test) && outcomes[test] !== undefined && (
            <Text name={`${TestCode[test]}_value`} numeric optional label={t('results.value')} hint="mIU/mL" value={values[test]} change={(value) => setValues((before) => ({ ...before, [test]: value }))} />
          )}
        </div>
      ))}
      <Text name="laboratory_reference" optional label={t('field.laboratory_reference')} value={reference} change={setReference} />
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('results.submit')}</button>
    </form>
  );
}

export const standing = (result: TestResult) => result.supersededBy === '';

export function ToldForm({ held, sending, send }: { held: BbvCase; sending: boolean; send: (value: Value) => void }) {
  const { t, label } = useWords();
  const untold = held.results.filter((result) => standing(result) && result.toldTime === undefined && result.outcome !== TestOutcome.NOT_TESTED);
  const [chosen, setChosen] = useState<string[] | undefined>(untold.map((result) => result.resultId));
  const [when, setWhen] = useState<Moment>();
  const [tried, setTried] = useState(false);
  if (untold.length === 0) return <p>{t('told.none')}</p>;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (when?.ms !== undefined && chosen && chosen.length > 0) send({ resultIds: chosen, toldTime: when });
      }}
    >
      <Choices
        name="result_ids"
        label={t('told.which')}
        options={untold.map((result) => ({ value: result.resultId, label: `${label(TestCodeSchema, result.test)}: ${label(TestOutcomeSchema, result.outcome)}` }))}
        value={chosen}
        change={setChosen}
        error={tried && !chosen?.length ? t('told.which_missing') : undefined}
      />
      <When name="told_time" label={t('told.when')} ago={[0, 15, 60]} value={when} change={setWhen} error={tried && when?.ms === undefined ? t('told.when_missing') : undefined} />
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('told.submit')}</button>
    </form>
  );
}
