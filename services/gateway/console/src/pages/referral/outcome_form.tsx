// What came of a referral: results and treatments, as many as there are, and a summary.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { newRequestId, shortRef } from '../../api/ids';
import { ResultOutcomeSchema, type TestResult } from '../../gen/waymark/referral/v1/referral_content_pb';
import { TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { TreatmentKindSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import { Choice, Flag, Text, When } from '../../form/controls';
import { dateTimeText } from '../../time/dates';
import { useReferralWords } from '../../words/referral';
import { kOtherTest, kTests, numberOf, type ResultTyped, type TreatmentTyped, type Values } from './act_forms';

interface Props {
  values: Values;
  set: (values: Values) => void;
  errorOf: (path: string) => string | undefined;
  // Results that were given before, which one of these may take the place of.
  earlier?: TestResult[];
}

const kAgo = [60, 1440, 7 * 1440];

export function OutcomeForm({ values, set, errorOf, earlier = [] }: Props) {
  const { t, r, label } = useReferralWords();
  const results = (values._results ?? []) as ResultTyped[];
  const treatments = (values._treatments ?? []) as TreatmentTyped[];
  const result = (i: number, change: Partial<ResultTyped>) => set({ ...values, _results: results.map((one, j) => (i === j ? { ...one, ...change } : one)) });
  const treatment = (i: number, change: Partial<TreatmentTyped>) => set({ ...values, _treatments: treatments.map((one, j) => (i === j ? { ...one, ...change } : one)) });
  const nameOfTest = (known: TestResult) => {
    const found = kTests.find(({ code }) => code === known.test);
    return found ? label(TestCodeSchema, found.value) : known.code?.display || known.test;
  };
  // A correction is of the same test and, unless somebody says so, of the same sample.
  const begun = (known: TestResult | undefined): Partial<ResultTyped> =>
    known
      ? { ...(known.test ? { test: known.test } : { test: kOtherTest, name: known.code?.display }), ...(known.sampledTime && { sampled: { ms: timestampMs(known.sampledTime) } }) }
      : { withdrawn: undefined };
  const add = (text: string, first: string, press: () => void) => (
    <button
      type="button"
      className="nhsuk-button nhsuk-button--secondary wm-button--small"
      onClick={(event) => {
        const { form } = event.currentTarget;
        press();
        // On to what has just been added: it stands above the button.
        requestAnimationFrame(() => form?.querySelector<HTMLElement>(`[data-question="${CSS.escape(first)}"] input`)?.focus());
      }}
    >
      {text}
    </button>
  );
  return (
    <>
      {results.map((one, i) => (
        <div key={i} className="wm-nested" role="group" aria-label={r('result', { n: i + 1 })}>
          <h2 className="nhsuk-heading-s">{r('result', { n: i + 1 })}</h2>
          {earlier.length > 0 && (
            <Choice
              name={`outcome.results[${i}].replaces`}
              label={r('result_corrects')}
              options={[
                { value: '', label: r('result_new') },
                ...earlier.map((known) => ({ value: numberOf(known), label: [nameOfTest(known), label(ResultOutcomeSchema, known.outcome), known.sampledTime && dateTimeText(t, timestampMs(known.sampledTime))].filter(Boolean).join(', ') })),
              ]}
              value={one.replaces}
              change={(replaces) => result(i, { replaces, ...begun(earlier.find((known) => numberOf(known) === replaces)) })}
            />
          )}
          {one.replaces && <Flag name={`outcome.results[${i}].status`} label={r('result_withdrawn')} value={one.withdrawn === true} change={(withdrawn) => result(i, { withdrawn })} />}
          <Choice name={`outcome.results[${i}].test`} label={r('result_test')} options={[...kTests.map(({ code, value }) => ({ value: code, label: label(TestCodeSchema, value) })), { value: kOtherTest, label: r('result_other') }]} value={one.test} change={(test) => result(i, { test })} error={errorOf(`outcome.results[${i}].test`)} />
          {one.test === kOtherTest && <Text name={`outcome.results[${i}].code.display`} label={r('result_name')} value={one.name} change={(name) => result(i, { name })} error={errorOf(`outcome.results[${i}].code.display`)} limit={200} />}
          {!(one.replaces && one.withdrawn) && <Choice name={`outcome.results[${i}].outcome`} label={r('result_showed')} options={ResultOutcomeSchema.values.filter((value) => value.number !== 0).map((value) => ({ value: value.number, label: label(ResultOutcomeSchema, value.number) }))} value={one.outcome} change={(outcome) => result(i, { outcome })} error={errorOf(`outcome.results[${i}].outcome`)} />}
          <When name={`outcome.results[${i}].sampled_time`} label={r('result_sampled')} ago={kAgo} value={one.sampled} change={(sampled) => result(i, { sampled })} error={errorOf(`outcome.results[${i}].sampled_time`)} />
          <Text name={`outcome.results[${i}].laboratory_reference`} label={r('result_number')} optional value={one.reference} change={(reference) => result(i, { reference })} limit={200} />
          <button type="button" className="wm-link" onClick={() => set({ ...values, _results: results.filter((_, j) => i !== j) })}>{r('remove', { what: r('result', { n: i + 1 }) })}</button>
        </div>
      ))}
      {treatments.map((one, i) => (
        <div key={i} className="wm-nested" role="group" aria-label={r('treatment', { n: i + 1 })}>
          <h2 className="nhsuk-heading-s">{r('treatment', { n: i + 1 })}</h2>
          <Choice name={`outcome.treatments[${i}].kind`} label={r('treatment_what')} options={TreatmentKindSchema.values.filter((value) => value.number !== 0).map((value) => ({ value: value.number, label: label(TreatmentKindSchema, value.number) }))} value={one.kind} change={(kind) => treatment(i, { kind })} error={errorOf(`outcome.treatments[${i}].kind`)} />
          <When name={`outcome.treatments[${i}].given_time`} label={r('treatment_when')} ago={[0, 60, 1440]} value={one.given} change={(given) => treatment(i, { given })} error={errorOf(`outcome.treatments[${i}].given_time`)} />
          <Text name={`outcome.treatments[${i}].detail`} label={r('treatment_detail')} optional value={one.detail} change={(detail) => treatment(i, { detail })} error={errorOf(`outcome.treatments[${i}].detail`)} limit={200} />
          <button type="button" className="wm-link" onClick={() => set({ ...values, _treatments: treatments.filter((_, j) => i !== j) })}>{r('remove', { what: r('treatment', { n: i + 1 }) })}</button>
        </div>
      ))}
      <p className="wm-menu__row">
        {add(r('result_add'), `outcome.results[${results.length}].test`, () => set({ ...values, _results: [...results, { id: `R-${shortRef(newRequestId())}` }] }))}
        {add(r('treatment_add'), `outcome.treatments[${treatments.length}].kind`, () => set({ ...values, _treatments: [...treatments, {}] }))}
      </p>
      <Text name="outcome.summary" long label={r('summary')} optional value={values['outcome.summary'] as string | undefined} change={(summary) => set({ ...values, 'outcome.summary': summary })} error={errorOf('outcome.summary')} limit={4000} />
      <Flag name="outcome.discharged" label={r('discharged')} value={values['outcome.discharged'] === true} change={(discharged) => set({ ...values, 'outcome.discharged': discharged })} />
      <Flag name="outcome.more_to_come" label={r('more_to_come')} value={values['outcome.more_to_come'] === true} change={(more) => set({ ...values, 'outcome.more_to_come': more })} />
    </>
  );
}
