import { create, type DescMethodUnary } from '@bufbuild/protobuf';
import { useMemo, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { newRequestId, shortRef } from '../../api/ids';
import { usePerson } from '../../api/session';
import { Derived, errorsByPath, initOf, lacking, PicksContext, type Value } from '../../form/derived';
import { fieldLabel } from '../../form/field_label';
import { useDraft } from '../../form/draft';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { BackTo } from '../../shell/back_to';
import { putFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { useWords } from '../../words/words';
import { learnClock } from '../../api/service_clock';
import { actLabel } from './act_label';
import { actsOf, type AnyCase, caseTypeOf, isPathway, mayRefer, type Pathway, pathwayName, served, type Served } from './pathways';
import { methodOf } from './acts';
import { AdoptForm } from './adopt_form';
import { beginning, picksOf } from './begin';
import { Guidance } from './guidance';
import { MeasuresForm, ScoreForm } from './measures_form';
import { ResultsForm, ToldForm } from './results_form';
import type { BbvCase } from '../../gen/waymark/bbv/v1/bbv_case_pb';

export default function ActPage({ pathway, id, act }: { pathway: string; id: string; act: string }) {
  if (!isPathway(pathway)) return <NotFound />;
  return <Loaded pathway={pathway} id={id} act={methodOf(act)} />;
}

function Loaded({ pathway, id, act }: { pathway: Pathway; id: string; act: string }) {
  const { asked, again } = useAsked(
    async (signal) => {
      const pathwayServed = await served(pathway);
      const [answer] = await Promise.all([pathwayServed.cases.getCase({ caseId: id }, { signal }), learnClock(id, signal)]);
      return { pathwayServed, held: answer.case };
    },
    [pathway, id],
  );
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const { pathwayServed, held } = asked.value;
  const method = actsOf(pathwayServed.service).find((one) => one.name === act);
  if (!method || !held) return <NotFound />;
  return <Act key={String(held.header?.version)} pathway={pathway} id={id} method={method} held={held} pathwayServed={pathwayServed} reload={again} />;
}

interface Kept {
  requestId: string;
  value: Value;
}

interface Props {
  pathway: Pathway;
  id: string;
  method: DescMethodUnary;
  held: AnyCase;
  pathwayServed: Served;
  reload: () => void;
}

function Act({ pathway, id, method, held, pathwayServed, reload }: Props) {
  const words = useWords();
  const { t } = words;
  const person = usePerson();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const stepKey = search.get('step') ?? '';
  const step = held.header?.plan?.steps.find((one) => one.key === stepKey);
  const caseHref = `/cases/${pathway}/${id}`;
  const picks = useMemo(() => {
    const type = caseTypeOf(pathwayServed.service);
    return type ? picksOf(words, pathway, type, held) : {};
  }, [words, pathway, pathwayServed, held]);
  const [kept, setKept] = useState<Kept>(() => ({ requestId: newRequestId(), value: beginning(pathway, method, held, step, picks) }));
  const [tried, setTried] = useState(false);
  const draft = useDraft(`${id}/${method.name}/${stepKey}`, kept, setKept);
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const hidden = step ? kHiddenWithStep : kHidden;
  const missing = useMemo(
    () => (tried ? lacking(method.input, kept.value, hidden).map((one) => ({ field: one.path, message: t('form.missing', { label: fieldLabel(words, one.field) }) })) : []),
    [tried, method, kept.value, hidden, t, words],
  );
  const wrong = useMemo(() => [...(trouble?.fields ?? []), ...missing], [trouble, missing]);
  const errors = useMemo(() => errorsByPath(wrong), [wrong]);

  const submit = (send: () => Promise<number>) =>
    void run({
      requestId: kept.requestId,
      refused: () => setKept((before) => ({ ...before, requestId: newRequestId() })),
      send,
      done: (moved) => {
        draft.discard();
        putFlash({ kind: 'recorded', count: moved });
        navigate(caseHref);
      },
    });
  const send = (requestId: string, value: Value, version: bigint) =>
    pathwayServed.act(method, create(method.input, { ...initOf(method.input, value), requestId, caseId: id, expectedVersion: version } as Record<string, unknown>));
  const version = held.header?.version ?? 0n;
  const simply = (value: Value) => submit(async () => (await send(kept.requestId, value, version)).moves?.length ?? 0);
  const ownForm = () => {
    switch (`${pathway}.${method.name}`) {
      case 'bbv.RecordTestResult':
        return (
          <ResultsForm
            held={held as BbvCase}
            stepKey={stepKey}
            sending={sending}
            send={(results) =>
              submit(async () => {
                let seen = version;
                let moved = 0;
                for (const { requestId, value } of results) {
                  const answer = await send(requestId, { result: value }, seen);
                  seen = answer.case?.header?.version ?? 0n;
                  moved += answer.moves?.length ?? 0;
                }
                return moved;
              })
            }
          />
        );
      case 'bbv.RecordResultTold':
        return <ToldForm held={held as BbvCase} sending={sending} send={simply} />;
      case 'mental_health.RecordMeasures':
        return <MeasuresForm step={step} sending={sending} send={simply} />;
      case 'msk.RecordScore':
        return <ScoreForm step={step} sending={sending} send={simply} />;
      default:
        return method.name === 'AdoptProtocol' ? <AdoptForm held={held} method={method} served={pathwayServed} sending={sending} send={simply} /> : undefined;
    }
  };
  const own = ownForm();
  return (
    <Page
      title={actLabel(words, method.name)}
      caption={<>{pathwayName(t, pathway)}, {t('case.ref', { ref: shortRef(id) })}</>}
      back={<BackTo href={caseHref}>{t('act.back')}</BackTo>}
    >
      <div className="wm-act">
        {step && (
          <Guidance step={step}>
            {step.outcome === undefined && mayRefer(person, held.header) && <p><Link href={`${caseHref}/refer?step=${encodeURIComponent(step.key)}`}>{t('case.refer')}</Link></p>}
          </Guidance>
        )}
        <div>
          {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
          <Problems
            ref={summary}
            trouble={trouble}
            wrong={wrong.map((one) => ({ key: one.field, message: one.message }))}
          />
          {trouble?.kind === 'stale' && (
            <button type="button" className="nhsuk-button nhsuk-button--secondary" onClick={reload}>{t('act.reload')}</button>
          )}
          {own ?? (
            <form
              noValidate
              onSubmit={(event) => {
                event.preventDefault();
                setTried(true);
                clear();
                if (lacking(method.input, kept.value, hidden).length > 0) look();
                else simply(kept.value);
              }}
            >
              <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
              <PicksContext value={picks}>
                <Derived
                  message={method.input}
                  value={kept.value}
                  change={(value) => setKept((before) => ({ ...before, value }))}
                  hidden={hidden}
                  errorOf={(path) => errors.get(path)}
                />
              </PicksContext>
              <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('act.submit')}</button>
            </form>
          )}
          <Sending sending={sending} attempt={attempt} />
        </div>
      </div>
    </Page>
  );
}

const kHidden: ReadonlySet<string> = new Set();
const kHiddenWithStep = new Set(['step_key']);
