// Opening a case of the other pathways: the form is made from the request itself.
import { create, type DescMethodUnary } from '@bufbuild/protobuf';
import { useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsked } from '../../api/asked';
import { type Trouble, troubleOf } from '../../api/errors';
import { newRequestId } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { persist } from '../../api/transport';
import { Choice } from '../../form/controls';
import { Derived, errorsByPath, initOf, type Value } from '../../form/derived';
import { useDraft } from '../../form/draft';
import { Finder, type Found } from '../../form/finder';
import { Problems } from '../../form/problems';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import type { CaseHeader } from '../../gen/waymark/casework/v1/case_pb';
import { putFlash } from '../../shell/flash';
import { Failed, Loading } from '../../shell/states';
import { useWords } from '../../words/words';
import { actLabel } from '../case/act_label';
import { openingsOf, type Pathway, served, type Served } from '../case/pathways';
import { Receipt } from './receipt';

interface Kept {
  requestId: string;
  method: string;
  person?: Found;
  value: Value;
}

type Opened = { receipts?: { caseId: string; firstAid?: string[] }[]; cases?: { header?: CaseHeader }[]; case?: { header?: CaseHeader } };

export function PathwayLog({ pathway }: { pathway: Pathway }) {
  const { asked, again } = useAsked(() => served(pathway), [pathway]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  return <Opening pathway={pathway} door={asked.value} />;
}

// The subject is found by a person, not typed: wherever the request has one it is filled in.
const kHidden = new Set(['subject_id', 'subject_ids', 'subject', 'people_of']);

function withSubject(method: DescMethodUnary, value: Value, subjectId: string): Value {
  const filled: Value = { ...value };
  for (const field of method.input.fields) {
    if (field.name === 'subject_id') filled[field.localName] = subjectId;
    if (field.fieldKind === 'list' && field.listKind === 'message' && field.message.fields.some((one) => one.name === 'subject_id')) {
      const people = (filled[field.localName] as Value[] | undefined) ?? [{}];
      filled[field.localName] = people.map((one, i) => (i === 0 ? { ...one, subjectId } : one));
    }
  }
  return filled;
}

function Opening({ pathway, door }: { pathway: Pathway; door: Served }) {
  const words = useWords();
  const { t } = words;
  const person = usePerson();
  const [, navigate] = useLocation();
  const methods = useMemo(() => openingsOf(door.service).filter((method) => /^(Log|Open)/.test(method.name)), [door]);
  const [kept, setKept] = useState<Kept>(() => ({ requestId: newRequestId(), method: methods[0]?.name ?? '', value: {} }));
  const draft = useDraft(`log-${pathway}`, kept, setKept);
  const [trouble, setTrouble] = useState<Trouble>();
  const [attempt, setAttempt] = useState(0);
  const [sending, setSending] = useState(false);
  const [receipts, setReceipts] = useState<{ caseId: string; firstAid: string[] }[]>();
  const [tried, setTried] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  const errors = useMemo(() => errorsByPath(trouble?.fields ?? []), [trouble]);
  const method = methods.find((one) => one.name === kept.method);
  if (!method) return null;
  const send = async () => {
    setTried(true);
    setTrouble(undefined);
    if (!kept.person) return;
    setSending(true);
    try {
      const value = initOf(method.input, withSubject(method, kept.value, kept.person.subjectId));
      const answer = (await persist(
        () => door.act(method, create(method.input, { ...value, requestId: kept.requestId } as Record<string, unknown>)),
        setAttempt,
      )) as unknown as Opened;
      draft.discard();
      const opened = answer.cases?.[0]?.header ?? answer.case?.header;
      if (!opened) {
        setReceipts((answer.receipts ?? []).map((one) => ({ caseId: one.caseId, firstAid: one.firstAid ?? [] })));
        return;
      }
      putFlash({ kind: 'opened', count: answer.receipts?.length ?? 1, firstAid: answer.receipts?.[0]?.firstAid ?? [] });
      navigate(`/cases/${pathway}/${opened.caseId}`);
    } catch (error) {
      const failed = troubleOf(error);
      setTrouble(failed);
      if (failed.kind !== 'offline' && failed.kind !== 'expired') setKept((before) => ({ ...before, requestId: newRequestId() }));
      requestAnimationFrame(() => summary.current?.focus());
    } finally {
      setSending(false);
      setAttempt(0);
    }
  };
  if (receipts) {
    return <Receipt receipts={receipts} again={() => { setReceipts(undefined); setKept({ requestId: newRequestId(), method: method.name, value: {} }); }} />;
  }
  return (
    <form
      noValidate
      className="wm-log__form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
      <Problems ref={summary} trouble={trouble} wrong={(trouble?.fields ?? []).map((one) => ({ key: one.field, message: one.message }))} />
      <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
      {methods.length > 1 && (
        <Choice
          name="method"
          label={t('log.what')}
          options={methods.map((one) => ({ value: one.name, label: actLabel(words, one.name) }))}
          value={kept.method}
          change={(name) => setKept((before) => ({ ...before, method: name ?? before.method, value: {} }))}
        />
      )}
      <Finder
        label={t('log.person_other')}
          mayFind={has(person, Role.OH_NURSE, Role.OH_PHYSICIAN)}
        value={kept.person}
        change={(found) => setKept(({ person: _, ...before }) => ({ ...before, ...(found && { person: found }) }))}
        error={tried && !kept.person ? t('log.missing.person') : undefined}
      />
      <Derived
        key={kept.method}
        message={method.input}
        value={kept.value}
        change={(value) => setKept((before) => ({ ...before, value }))}
        hidden={kHidden}
        errorOf={(path) => errors.get(path)}
      />
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('log.submit_other')}</button>
      <p role="status" className="wm-sending">{sending && t(attempt === 0 ? 'form.sending' : 'form.retrying', { n: attempt })}</p>
    </form>
  );
}
