// Questionnaires: the answers are copied from the forms that the person filled in; the service scores
// them, never the console.
import { useState } from 'react';
import { Choice, Choices, type Moment, Text, When } from '../../form/controls';
import type { Value } from '../../form/derived';
import { Items } from '../../form/items';
import type { Step } from '../../gen/waymark/casework/v1/plan_pb';
import { Instrument, InstrumentSchema } from '../../gen/waymark/mental_health/v1/measures_pb';
import { BothersomenessSchema } from '../../gen/waymark/msk/v1/score_pb';
import { useWords } from '../../words/words';

// Items and highest answer of each form.
const kForms: Record<number, { count: number; max: number }> = {
  [Instrument.PHQ9]: { count: 9, max: 3 },
  [Instrument.GAD7]: { count: 7, max: 3 },
  [Instrument.PCL5]: { count: 20, max: 4 },
  [Instrument.ITQ]: { count: 18, max: 4 },
  [Instrument.TSQ]: { count: 10, max: 1 },
  [Instrument.IES_R]: { count: 22, max: 4 },
};

interface Props {
  step: Step | undefined;
  sending: boolean;
  send: (value: Value) => void;
}

const whole = (answers: (number | undefined)[] | undefined, count: number) =>
  answers !== undefined && Array.from({ length: count }, (_, i) => answers[i]).every((one) => one !== undefined);

export function MeasuresForm({ step, sending, send }: Props) {
  const { t, label } = useWords();
  const asked = (step?.tests ?? [])
    .filter((test) => test.doneTime === undefined)
    .map((test) => Instrument[test.test as keyof typeof Instrument])
    .filter((one): one is Instrument => typeof one === 'number');
  const [chosen, setChosen] = useState<Instrument[] | undefined>(asked);
  const [when, setWhen] = useState<Moment>();
  const [answers, setAnswers] = useState<Record<number, (number | undefined)[]>>({});
  const [tried, setTried] = useState(false);
  const forms = (chosen ?? []).filter((one) => kForms[one]);
  const ready = when?.ms !== undefined && forms.length > 0 && forms.every((one) => whole(answers[one], kForms[one]!.count));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!ready) return;
        send({ answers: { sheets: forms.map((instrument) => ({ instrument, completedTime: when, answers: answers[instrument] })) } });
      }}
    >
      <p className="nhsuk-hint wm-keys">{t('items.keys')}</p>
      <Choices
        name="instrument"
        label={t('items.which')}
        options={InstrumentSchema.values.filter((one) => one.number !== 0).map((one) => ({ value: one.number as Instrument, label: label(InstrumentSchema, one.number) }))}
        value={chosen}
        change={setChosen}
        error={tried && forms.length === 0 ? t('items.which_missing') : undefined}
      />
      <When name="completed_time" label={t('items.when')} ago={[0, 60, 24 * 60]} value={when} change={setWhen} error={tried && when?.ms === undefined ? t('items.when_missing') : undefined} />
      {forms.map((instrument) => (
        <Items
          key={instrument}
          name={Instrument[instrument]!}
          label={label(InstrumentSchema, instrument)}
          hint={t(instrument === Instrument.TSQ ? 'items.hint_yes' : 'items.hint')}
          {...kForms[instrument]!}
          blank
          notes={instrument === Instrument.PHQ9 ? { 9: t('items.item_9') } : {}}
          value={answers[instrument]}
          change={(value) => setAnswers((before) => ({ ...before, [instrument]: value }))}
          error={tried && !whole(answers[instrument], kForms[instrument]!.count) ? t('items.missing') : undefined}
        />
      ))}
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('items.submit')}</button>
    </form>
  );
}

type Kind = 'startBack' | 'mskHq' | 'orebro';
const kKinds: { kind: Kind; key: string; name: string }[] = [
  { kind: 'startBack', key: 'start_back', name: 'field.start_back' },
  { kind: 'mskHq', key: 'msk_hq', name: 'field.msk_hq' },
  { kind: 'orebro', key: 'orebro', name: 'field.orebro' },
];

export function ScoreForm({ step, sending, send }: Props) {
  const { t, label, word } = useWords();
  const [kind, setKind] = useState<Kind | undefined>(kKinds.find((one) => step?.key.startsWith(one.key))?.kind);
  const [when, setWhen] = useState<Moment>();
  const [items, setItems] = useState<Record<string, (number | undefined)[]>>({});
  const [bothersome, setBothersome] = useState<number>();
  const [days, setDays] = useState<string>();
  const [tried, setTried] = useState(false);
  const own = kind ? items[kind] : undefined;
  const counts = { startBack: 8, mskHq: 14, orebro: 10 };
  const complete = kind !== undefined && whole(own, counts[kind]) && (kind !== 'startBack' || bothersome !== undefined);
  const set = (value: (number | undefined)[]) => setItems((before) => ({ ...before, [kind!]: value }));
  const missing = tried && kind !== undefined && !whole(own, counts[kind]) ? t('items.missing') : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!complete || when?.ms === undefined) return;
        const value =
          kind === 'startBack'
            ? // Agree is 1 on the form, and "yes" to the service.
              { items: own!.map((one) => (one === 1 ? 1 : 2)), bothersomeness: bothersome }
            : kind === 'mskHq'
              ? { items: own, ...(days !== undefined && { activityDays: days }) }
              : { items: own };
        send({ score: { takenTime: when, answers: { case: kind, value } } });
      }}
    >
      <p className="nhsuk-hint wm-keys">{t('items.keys')}</p>
      <Choice
        name="kind"
        label={t('items.which_one')}
        options={kKinds.map((one) => ({ value: one.kind, label: word(one.name) ?? one.key }))}
        value={kind}
        change={setKind}
        error={tried && kind === undefined ? t('items.which_missing') : undefined}
      />
      <When name="taken_time" label={t('items.when')} ago={[0, 60, 24 * 60]} value={when} change={setWhen} error={tried && when?.ms === undefined ? t('items.when_missing') : undefined} />
      {kind === 'startBack' && (
        <>
          <Items name="start_back" label={t('items.of', { n: 8 })} hint={t('items.hint_agree')} count={8} max={1} value={own} change={set} error={missing} />
          <Choice
            name="bothersomeness"
            label={word('field.bothersomeness') ?? ''}
            options={BothersomenessSchema.values.filter((one) => one.number !== 0).map((one) => ({ value: one.number, label: label(BothersomenessSchema, one.number) }))}
            value={bothersome}
            change={setBothersome}
            error={tried && bothersome === undefined ? t('items.missing') : undefined}
          />
        </>
      )}
      {kind === 'mskHq' && (
        <>
          <Items name="msk_hq" label={t('items.of', { n: 14 })} hint={t('items.hint_best')} count={14} max={4} value={own} change={set} error={missing} />
          <Text name="activity_days" numeric optional label={word('field.activity_days') ?? ''} value={days} change={setDays} />
        </>
      )}
      {kind === 'orebro' && <Items name="orebro" label={t('items.of', { n: 10 })} hint={t('items.hint_marked')} count={10} max={10} value={own} change={set} error={missing} />}
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('items.submit')}</button>
    </form>
  );
}
