// A clinician states fitness for duty: codes and days, which the officer reads before anybody else.
import { create } from '@bufbuild/protobuf';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsked } from '../../api/asked';
import { newRequestId, shortRef } from '../../api/ids';
import { learnClock } from '../../api/service_clock';
import { client } from '../../api/transport';
import { Derived, errorsByPath, initOf, lacking, type Value } from '../../form/derived';
import { useDraft } from '../../form/draft';
import { fieldLabel } from '../../form/field_label';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { FitnessService, IssueFitnessRequestSchema } from '../../gen/waymark/workforce/v1/fitness_service_pb';
import { BackTo } from '../../shell/back_to';
import { putFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { useWords } from '../../words/words';
import { isPathway, type Pathway, pathwayName, served } from './pathways';

export default function FitnessPage({ pathway, id }: { pathway: string; id: string }) {
  return isPathway(pathway) ? <Loaded pathway={pathway} id={id} /> : <NotFound />;
}

function Loaded({ pathway, id }: { pathway: Pathway; id: string }) {
  const { asked, again } = useAsked(
    async (signal) => {
      const [answer] = await Promise.all([(await served(pathway)).cases.getCase({ caseId: id }, { signal }), learnClock(id, signal)]);
      return answer.case?.header?.subjectId ?? '';
    },
    [pathway, id],
  );
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  return asked.value === '' ? <NotFound /> : <Issue pathway={pathway} id={id} subjectId={asked.value} />;
}

interface Kept {
  requestId: string;
  value: Value;
}

const kHidden: ReadonlySet<string> = new Set();

function Issue({ pathway, id, subjectId }: { pathway: Pathway; id: string; subjectId: string }) {
  const words = useWords();
  const { t } = words;
  const [, navigate] = useLocation();
  const [kept, setKept] = useState<Kept>(() => ({ requestId: newRequestId(), value: {} }));
  const draft = useDraft(`${id}/IssueFitness`, kept, setKept);
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const [tried, setTried] = useState(false);
  const missing = useMemo(() => lacking(IssueFitnessRequestSchema, kept.value, kHidden), [kept.value]);
  const wrong = [...(trouble?.fields ?? []), ...(tried ? missing.map((one) => ({ field: one.path, message: t('form.missing', { label: fieldLabel(words, one.field) }) })) : [])];
  const errors = errorsByPath(wrong);
  const submit = () => {
    const init = initOf(IssueFitnessRequestSchema, kept.value);
    void run({
      requestId: kept.requestId,
      refused: () => setKept((before) => ({ ...before, requestId: newRequestId() })),
      send: ({ requestId }) =>
        client(FitnessService).issueFitness(
          create(IssueFitnessRequestSchema, { ...init, fitness: { ...(init.fitness as object), subjectId }, requestId, caseId: id } as Record<string, unknown>),
        ),
      done: () => {
        draft.discard();
        putFlash({ kind: 'recorded', count: 0 });
        navigate(`/cases/${pathway}/${id}`);
      },
    });
  };
  return (
    <Page title={t('issue.title')} caption={<>{pathwayName(t, pathway)}, {t('case.ref', { ref: shortRef(id) })}</>} back={<BackTo href={`/cases/${pathway}/${id}`}>{t('act.back')}</BackTo>}>
      <p className="nhsuk-inset-text">{t('issue.lede')}</p>
      {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
      <form
        noValidate
        className="wm-log__form wm-reading"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          clear();
          if (missing.length > 0) look();
          else submit();
        }}
      >
        <Problems ref={summary} trouble={trouble} wrong={wrong.map((one) => ({ key: one.field, message: one.message }))} />
        <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
        <Derived message={IssueFitnessRequestSchema} value={kept.value} change={(value) => setKept((before) => ({ ...before, value }))} errorOf={(path) => errors.get(path)} />
        <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('issue.submit')}</button>
        <Sending sending={sending} attempt={attempt} />
      </form>
    </Page>
  );
}
