// What came of a referral: results and treatments, as many as there are, and a summary.
import { ResultOutcomeSchema } from '../../gen/waymark/referral/v1/referral_content_pb';
import { TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { TreatmentKindSchema } from '../../gen/waymark/referral/v1/referral_case_pb';
import { Choice, Flag, Text, When } from '../../form/controls';
import { useReferralWords } from '../../words/referral';
import { kOtherTest, kTests, type ResultTyped, type TreatmentTyped, type Values } from './act_forms';

interface Props {
  values: Values;
  set: (values: Values) => void;
  errorOf: (path: string) => string | undefined;
}

const kAgo = [60, 1440, 7 * 1440];

export function OutcomeForm({ values, set, errorOf }: Props) {
  const { r, label } = useReferralWords();
  const results = (values._results ?? []) as ResultTyped[];
  const treatments = (values._treatments ?? []) as TreatmentTyped[];
  const result = (i: number, change: Partial<ResultTyped>) => set({ ...values, _results: results.map((one, j) => (i === j ? { ...one, ...change } : one)) });
  const treatment = (i: number, change: Partial<TreatmentTyped>) => set({ ...values, _treatments: treatments.map((one, j) => (i === j ? { ...one, ...change } : one)) });
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
          <Choice name={`outcome.results[${i}].test`} label={r('result_test')} options={[...kTests.map(({ code, value }) => ({ value: code, label: label(TestCodeSchema, value) })), { value: kOtherTest, label: r('result_other') }]} value={one.test} change={(test) => result(i, { test })} error={errorOf(`outcome.results[${i}].test`)} />
          {one.test === kOtherTest && <Text name={`outcome.results[${i}].code.display`} label={r('result_name')} value={one.name} change={(name) => result(i, { name })} error={errorOf(`outcome.results[${i}].code.display`)} limit={200} />}
          <Choice name={`outcome.results[${i}].outcome`} label={r('result_showed')} options={ResultOutcomeSchema.values.filter((value) => value.number !== 0).map((value) => ({ value: value.number, label: label(ResultOutcomeSchema, value.number) }))} value={one.outcome} change={(outcome) => result(i, { outcome })} error={errorOf(`outcome.results[${i}].outcome`)} />
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
        {add(r('result_add'), `outcome.results[${results.length}].test`, () => set({ ...values, _results: [...results, {}] }))}
        {add(r('treatment_add'), `outcome.treatments[${treatments.length}].kind`, () => set({ ...values, _treatments: [...treatments, {}] }))}
      </p>
      <Text name="outcome.summary" long label={r('summary')} optional value={values['outcome.summary'] as string | undefined} change={(summary) => set({ ...values, 'outcome.summary': summary })} error={errorOf('outcome.summary')} limit={4000} />
      <Flag name="outcome.discharged" label={r('discharged')} value={values['outcome.discharged'] === true} change={(discharged) => set({ ...values, 'outcome.discharged': discharged })} />
      <Flag name="outcome.more_to_come" label={r('more_to_come')} value={values['outcome.more_to_come'] === true} change={(more) => set({ ...values, 'outcome.more_to_come': more })} />
    </>
  );
}
