// One act on a referral, on either side.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsked } from '../../api/asked';
import { newRequestId } from '../../api/ids';
import { usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { Choice, type Moment, Text, When } from '../../form/controls';
import { useDraft } from '../../form/draft';
import { MomentField } from '../../form/moment_field';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { type ReferralCase, Side } from '../../gen/waymark/referral/v1/referral_case_pb';
import { ResultStatus } from '../../gen/waymark/referral/v1/referral_content_pb';
import { ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { BackTo } from '../../shell/back_to';
import { putFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { dateTimeText } from '../../time/dates';
import { type ReferralKey, referralWords, useReferralWords } from '../../words/referral';
import { methodOf } from '../case/acts';
import { type Asks, kAsks, nested, outcomeOf, standing, type Values } from './act_forms';
import { BookingForm } from './booking_form';
import { OutcomeForm } from './outcome_form';
import { kPartnerAsks, kRecordPartnerAnswer, lacksStart, partnerAnswerOf, saidAsks, saidChoices, saidOf } from './partner_answer';
import { Clock, isOver, nameOf, readReferral } from './parts';
import { type ProviderTyped, providerOf, Providers } from './providers';
import { actsFor, actWord } from './referral_page';

type Send = (request: object) => Promise<{ case?: ReferralCase }>;

export default function ActPage({ id, act }: { id: string; act: string }) {
  const person = usePerson();
  const name = methodOf(act);
  const { asked, again } = useAsked((signal) => readReferral(id, signal), [id]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const held = asked.value.case;
  if (!held || !actsFor(person, held, asked.value.may).includes(name)) return <NotFound />;
  return <Act key={String(held.header?.version)} id={id} act={name} held={held} reload={again} />;
}

interface Kept {
  requestId: string;
  values: Values;
}

const open = (held: ReferralCase) => held.questions.filter((one) => one.answer === '');

function beginning(act: string, held: ReferralCase): Values {
  if (act === 'AnswerQuestion') return { question_id: open(held)[0]?.questionId };
  if (act === 'SettleMessage') return { key: held.unfitting.find((one) => one.settledTime === undefined)?.key };
  return {};
}

function Act({ id, act, held, reload }: { id: string; act: string; held: ReferralCase; reload: () => void }) {
  const { t, r, label } = useReferralWords();
  const [, navigate] = useLocation();
  const [kept, setKept] = useState<Kept>(() => ({ requestId: newRequestId(), values: beginning(act, held) }));
  const draft = useDraft(`${id}/${act}`, kept, setKept);
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const taken = trouble?.reason === 'SLOT_TAKEN';
  const [tried, setTried] = useState(false);
  const { values } = kept;
  const set = (next: Values) => setKept((before) => ({ ...before, values: next }));
  const said = saidOf(act, values);
  const asks = act === kRecordPartnerAnswer ? [...kPartnerAsks, ...saidAsks(said)] : (kAsks[act] ?? []);
  const isNeeded = (one: Asks) => (typeof one.need === 'function' ? one.need(values) : one.need === true);

  const missing: { field: string; message: string }[] = [];
  const lack = (field: string, name: ReferralKey) => missing.push({ field, message: t('form.missing', { label: r(name) }) });
  for (const one of asks) {
    const value = values[one.name];
    const there = one.kind === 'when' ? (value as Moment | undefined)?.ms !== undefined : value !== undefined && value !== '';
    if (isNeeded(one) && !there) lack(one.name, one.label);
  }
  if (act === 'BookReferral' && values['booking.start_time'] === undefined) lack('booking.start_time', 'slot');
  if (act === 'ReferAgain' && !(values._provider as ProviderTyped | undefined)?.organisationCode) lack('provider', 'refer_provider');
  if (act === 'MatchAnswer' && values.referral_id === undefined) lack('referral_id', 'f_match');
  if (act === kRecordPartnerAnswer && said === undefined) lack('answer', 'f_said');
  if (lacksStart(said, values)) lack('answer.booked.start_time', 'slot');
  const gives = act === 'RecordOutcome' || said === 'outcome';
  if (gives) {
    const came = outcomeOf(values);
    if (came.results.length + came.treatments.length === 0 && came.summary === '' && !came.discharged) missing.push({ field: 'outcome.summary', message: r('outcome_missing') });
    came.results.forEach((one, i) => {
      if (!('test' in one ? one.test : one.code.code)) lack(`outcome.results[${i}].test`, 'result_test');
      if (one.outcome === 0 && one.status !== ResultStatus.ENTERED_IN_ERROR) lack(`outcome.results[${i}].outcome`, 'result_showed');
      if (!('sampledTime' in one)) lack(`outcome.results[${i}].sampled_time`, 'result_sampled');
    });
    came.treatments.forEach((one, i) => {
      if (one.kind === 0) lack(`outcome.treatments[${i}].kind`, 'treatment_what');
      if (!('givenTime' in one)) lack(`outcome.treatments[${i}].given_time`, 'treatment_when');
    });
  }
  // The outcome's form is the same on both sides.
  const fields = (trouble?.fields ?? []).map((one) => ({ ...one, field: one.field.replace(/^answer\.outcome\./, 'outcome.') }));
  const wrong = [...fields, ...(tried ? missing : [])];
  const errorOf = (path: string) => wrong.find((one) => one.field === path)?.message;

  const submit = () => {
    const last = Math.max(0, ...held.milestones.map((one) => (one.time ? timestampMs(one.time) : 0)));
    const method = ReferralService.methods.find((one) => one.name === act)!;
    const door = client(ReferralService) as unknown as Record<string, Send>;
    void run({
      requestId: kept.requestId,
      refused: () => setKept((before) => ({ ...before, requestId: newRequestId() })),
      send: ({ requestId }) =>
        door[method.localName]!({
          ...nested(values, last),
          ...(act === 'RecordOutcome' && { outcome: outcomeOf(values) }),
          ...(said !== undefined && partnerAnswerOf(said, values, last)),
          ...(act === 'ReferAgain' && { provider: providerOf((values._provider ?? {}) as ProviderTyped) }),
          requestId,
          caseId: id,
          expectedVersion: held.header?.version ?? 0n,
        }),
      done: (answer) => {
        draft.discard();
        putFlash({ kind: act === 'ReferAgain' ? 'opened' : 'recorded', count: 0 });
        navigate(`/referrals/${(act === 'ReferAgain' && answer.case?.followedBy) || id}`);
      },
    });
  };
  const say = `say_${act}`;
  const { need, patient } = held.content ?? {};
  return (
    <Page title={r(actWord(act))} caption={patient && nameOf(patient)} back={<BackTo href={`/referrals/${id}`}>{r('back_one')}</BackTo>}>
      {need && <Clock need={need} />}
      {say in referralWords && <p className="nhsuk-inset-text">{r(say as ReferralKey)}</p>}
      {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
      <form
        noValidate
        className="wm-reading"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          clear();
          if (missing.length > 0) look();
          else submit();
        }}
      >
        <Problems ref={summary} trouble={taken ? { ...trouble, message: r('slot_taken') } : trouble} wrong={wrong.map((one) => ({ key: one.field, message: one.message }))} />
        {trouble?.kind === 'stale' && <button type="button" className="nhsuk-button nhsuk-button--secondary" onClick={reload}>{t('act.reload')}</button>}
        {act === 'BookReferral' && <BookingForm held={held} values={values} set={set} errorOf={errorOf} taken={taken ? trouble : undefined} />}
        {act === kRecordPartnerAnswer && (
          <Choice name="answer" label={r('f_said')} options={saidChoices(held).map(([value, one]) => ({ value, label: r(one.label) }))} value={said} change={(next) => set({ ...values, _said: next })} error={errorOf('answer')} />
        )}
        {said === 'booked' && (
          <>
            <MomentField name="answer.booked.start_time" label={r('slot_time')} ms={(values['answer.booked.start_time'] as { ms: number } | undefined)?.ms} error={errorOf('answer.booked.start_time')} change={(ms) => set({ ...values, 'answer.booked.start_time': ms === undefined ? undefined : { ms } })} />
            <Text name="answer.booked.place" label={r('slot_place')} optional value={values['answer.booked.place'] as string | undefined} change={(place) => set({ ...values, 'answer.booked.place': place })} error={errorOf('answer.booked.place')} limit={200} />
          </>
        )}
        {gives && <OutcomeForm values={values} set={set} errorOf={errorOf} earlier={standing(held)} />}
        {act === 'ReferAgain' && need && (
          <>
            <Providers subjectId={held.header?.subjectId ?? ''} service={need.service} jurisdiction={need.jurisdiction} clock={need} value={(values._provider ?? {}) as ProviderTyped} change={(provider) => set({ ...values, _provider: provider })} errorOf={errorOf} />
            <Text name="question" long optional label={r('refer_question')} hint={r('refer_question_hint')} value={values.question as string | undefined} change={(question) => set({ ...values, question })} error={errorOf('question')} limit={4000} />
          </>
        )}
        {act === 'MatchAnswer' && <Match value={values.referral_id as string | undefined} change={(referral) => set({ ...values, referral_id: referral })} error={errorOf('referral_id')} />}
        {act === 'AnswerQuestion' && open(held).length === 1 && <p><strong>{open(held)[0]!.text}</strong></p>}
        {act === 'AnswerQuestion' && open(held).length > 1 && (
          <Choice name="question_id" label={r('f_which')} options={open(held).map((one) => ({ value: one.questionId, label: one.text }))} value={values.question_id as string | undefined} change={(question) => set({ ...values, question_id: question })} />
        )}
        {act === 'SettleMessage' && held.unfitting.length > 1 && (
          <Choice
            name="key"
            label={r('f_message')}
            options={held.unfitting.filter((one) => !one.settledTime).map((one) => ({ value: one.key, label: r('unfitting_line', { when: one.receivedTime ? dateTimeText(t, timestampMs(one.receivedTime)) : '' }) }))}
            value={values.key as string | undefined}
            change={(key) => set({ ...values, key })}
          />
        )}
        {asks.map((one) => {
          const common = { name: one.name, label: r(one.label), optional: !isNeeded(one), error: errorOf(one.name) };
          if (one.kind === 'when') return <When key={one.name} {...common} ago={[0, 60]} value={values[one.name] as Moment | undefined} change={(value) => set({ ...values, [one.name]: value })} />;
          if (one.kind === 'text' || one.kind === 'long') {
            return <Text key={one.name} {...common} long={one.kind === 'long'} value={values[one.name] as string | undefined} change={(value) => set({ ...values, [one.name]: value })} />;
          }
          const type = one.kind;
          return (
            <Choice
              key={one.name}
              {...common}
              options={type.values.filter((value) => value.number !== 0).map((value) => ({ value: value.number, label: label(type, value.number) }))}
              value={values[one.name] as number | undefined}
              change={(value) => set({ ...values, [one.name]: value })}
            />
          );
        })}
        <button type="submit" className="nhsuk-button" data-go disabled={sending}>{r(actWord(act))}</button>
        <Sending sending={sending} attempt={attempt} />
      </form>
    </Page>
  );
}

function Match({ value, change, error }: { value: string | undefined; change: (id: string | undefined) => void; error: string | undefined }) {
  const { t, r } = useReferralWords();
  const { asked } = useAsked((signal) => client(ReferralService).listCases({ pageSize: 200 }, { signal }), []);
  const options = useMemo(
    () =>
      (asked.state === 'there' ? asked.value.cases : [])
        .filter((one) => one.side === Side.SENT && !isOver(one))
        .map((one) => ({ value: one.header?.caseId ?? '', label: [one.content?.patient && nameOf(one.content.patient), one.content?.need?.title, one.provider?.organisationName].filter(Boolean).join(', ') })),
    [asked],
  );
  if (asked.state === 'loading') return <p role="status">{t('state.loading')}</p>;
  return <Choice name="referral_id" label={r('f_match')} options={options} value={value} change={change} error={error} />;
}
