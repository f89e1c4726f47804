import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { newRequestId } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { learnClock } from '../../api/service_clock';
import { client } from '../../api/transport';
import { Choice, Choices, Text, toLocalTime, When } from '../../form/controls';
import { useDraft } from '../../form/draft';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { Finder } from '../../form/finder';
import { SignificanceSchema, Significance } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { BbvService } from '../../gen/waymark/bbv/v1/bbv_service_pb';
import { Jurisdiction } from '../../gen/waymark/casework/v1/case_pb';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { Page } from '../../shell/page';
import { TabLinks } from '../../shell/tab_links';
import { useWords } from '../../words/words';
import type { Key } from '../../words/en';
import { putFlash } from '../../shell/flash';
import { kLoggable, isPathway, type Pathway } from '../case/pathways';
import { PathwayLog } from './pathway_log';
import { Receipt } from './receipt';
import { asksAntiHbs, type Answers, type Asking, exposureOf, kMore, kNow, missing, questionOf } from './questions';
import { Forming } from './forming';
import type { CaseReceipt } from '../../gen/waymark/bbv/v1/bbv_service_pb';

export default function LogPage({ pathway = 'bbv' }: { pathway?: string | undefined }) {
  const { t } = useWords();
  const chosen: Pathway = isPathway(pathway) ? pathway : 'bbv';
  return (
    <Page title={t(`log.title.${chosen}`)}>
      <TabLinks
        label={t('log.kinds')}
        tabs={kLoggable.map((one) => ({ href: `/log/${one}`, name: t(`log.kind.${one}`), current: one === chosen }))}
      />
      {chosen === 'bbv' ? <LogExposure /> : <PathwayLog key={chosen} pathway={chosen} />}
    </Page>
  );
}

const fresh = (): Answers => ({ requestId: newRequestId(), chosen: {}, wales: false });

function LogExposure() {
  const { t, label } = useWords();
  const person = usePerson();
  const [, navigate] = useLocation();
  const [answers, setAnswers] = useState<Answers>(fresh);
  const draft = useDraft('log-bbv', answers, setAnswers);
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const [tried, setTried] = useState(false);
  const [receipts, setReceipts] = useState<CaseReceipt[]>();

  const clinical = has(person, Role.OH_NURSE, Role.OH_PHYSICIAN);
  useEffect(() => {
    const abort = new AbortController();
    if (clinical) void learnClock('', abort.signal);
    return () => abort.abort();
  }, [clinical]);

  const change = useCallback((part: Partial<Answers>) => setAnswers((before) => ({ ...before, ...part })), []);
  const choose = useCallback(
    (key: string, value: number | number[] | undefined) =>
      setAnswers((before) => ({ ...before, chosen: { ...before.chosen, [key]: value } })),
    [],
  );
  const lacking = useMemo(() => missing(answers), [answers]);
  const errorOf = (key: string): string | undefined => {
    const said = trouble?.fields.find((one) => questionOf(one.field) === key);
    if (said) return said.message;
    return tried && lacking.includes(key) ? t(`log.missing.${key}` as Key) : undefined;
  };
  const wrong = ['person', 'when', ...kNow.map((one) => one.key), ...kMore.map((one) => one.key), 'anti_hbs']
    .map((key) => ({ key, message: errorOf(key) }))
    .filter((one): one is { key: string; message: string } => one.message !== undefined);

  const submit = () => {
    setTried(true);
    clear();
    if (lacking.length > 0) return look();
    const { exposure, source } = exposureOf(answers, toLocalTime(answers.when));
    void run({
      requestId: answers.requestId,
      refused: () => change({ requestId: newRequestId() }),
      send: ({ requestId }) =>
        client(BbvService).logExposure({
          requestId,
          jurisdiction: answers.wales ? Jurisdiction.WALES : Jurisdiction.ENGLAND,
          people: [{ subjectId: answers.person!.subjectId, exposure }],
          ...(source && { source }),
        }),
      done: (answer) => {
        draft.discard();
        const opened = answer.cases[0]?.header;
        if (opened === undefined) return setReceipts(answer.receipts);
        putFlash({ kind: 'opened', count: answer.receipts.length, firstAid: answer.receipts[0]?.firstAid ?? [] });
        navigate(`/cases/bbv/${opened.caseId}`);
      },
    });
  };

  if (receipts) return <Receipt kind="assess" receipts={receipts.map((one) => ({ caseId: one.caseId, due: one.assessmentDueTime, advice: one.firstAid }))} again={() => { setReceipts(undefined); setAnswers(fresh()); setTried(false); }} />;
  const question = (asking: Asking) => {
    if (asking.when && !asking.when(answers)) return null;
    const options = asking.type.values
      .filter((value) => value.number !== 0)
      .map((value) => ({ value: value.number, label: label(asking.type, value.number) }));
    const common = {
      name: asking.key,
      label: t(`log.q.${asking.key}` as Key),
      error: errorOf(asking.key),
    };
    const body = asking.several ? (
      <Choices
        {...common}
        options={options}
        {...(asking.none !== undefined && { none: asking.none })}
        value={answers.chosen[asking.key] as number[] | undefined}
        change={(value) => choose(asking.key, value)}
      />
    ) : (
      <Choice
        {...common}
        options={asking.first ? asking.first.map((value) => options.find((one) => one.value === value)!) : options}
        others={asking.first && options.filter((one) => !asking.first!.includes(one.value))}
        value={answers.chosen[asking.key] as number | undefined}
        change={(value) => choose(asking.key, value)}
      />
    );
    return (
      <div key={asking.key}>
        {body}
        {asking.key === 'vaccination' && asksAntiHbs(answers) && (
          <Text
            name="anti_hbs"
            numeric
            optional
            label={t('log.q.anti_hbs')}
            hint={t('log.anti_hbs_hint')}
            error={errorOf('anti_hbs')}
            value={answers.antiHbs}
            change={(value) => setAnswers(({ antiHbs: _, ...before }) => ({ ...before, ...(value !== undefined && { antiHbs: value }) }))}
          />
        )}
      </div>
    );
  };
  return (
    <div className="wm-log">
      <form
        noValidate
        className="wm-log__form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
        <Problems ref={summary} wrong={wrong} trouble={trouble} />
        <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
        <Finder
          label={t('log.person')}
          mayFind={clinical}
          value={answers.person}
          change={(found) => setAnswers(({ person: _, ...before }) => ({ ...before, ...(found && { person: found }) }))}
          error={errorOf('person')}
        />
        <When
          name="when"
          label={t('log.q.when')}
          hint={t('log.when_hint')}
          ago={[0, 10, 20, 30, 60, 120]}
          error={errorOf('when')}
          value={answers.when}
          change={(when) => setAnswers(({ when: _, ...before }) => ({ ...before, ...(when && { when }) }))}
          deadline={{ minutes: 60, label: t('log.assess') }}
        />
        {kNow.map(question)}
        <details className="nhsuk-details wm-details">
          <summary className="nhsuk-details__summary"><span className="nhsuk-details__summary-text">{t('log.more')}</span></summary>
          <div className="nhsuk-details__text">
            {kMore.map(question)}
            <Text
              name="description"
              long
              optional
              limit={4000}
              label={t('log.q.description')}
              hint={t('log.description_hint')}
              value={answers.description}
              change={(value) => setAnswers(({ description: _, ...before }) => ({ ...before, ...(value !== undefined && { description: value }) }))}
            />
            <Choice
              name="jurisdiction"
              label={t('log.q.jurisdiction')}
              options={[
                { value: 0, label: t('casework.Jurisdiction.ENGLAND') },
                { value: 1, label: t('casework.Jurisdiction.WALES') },
              ]}
              value={answers.wales ? 1 : 0}
              change={(value) => change({ wales: value === 1 })}
            />
          </div>
        </details>
        <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('log.submit')}</button>
        <Sending sending={sending} attempt={attempt} />
      </form>
      <FormingExposure answers={answers} />
    </div>
  );
}

function FormingExposure({ answers }: { answers: Answers }) {
  const { t, label } = useWords();
  const { exposure, source } = exposureOf(answers, toLocalTime(answers.when));
  const request = { jurisdiction: answers.wales ? Jurisdiction.WALES : Jurisdiction.ENGLAND, exposure, ...(source && { source }) };
  return (
    <Forming
      asked={JSON.stringify(request)}
      ready={answers.when?.ms !== undefined && answers.chosen.route !== undefined && answers.chosen.fluid !== undefined}
      wait={t('forming.wait')}
      ask={async (signal) => {
        const { plan, significance } = await client(BbvService).previewPlan(request, { signal });
        return { plan, verdict: { text: label(SignificanceSchema, significance), grave: significance === Significance.SIGNIFICANT } };
      }}
    />
  );
}
