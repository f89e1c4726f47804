// Opening a case of the other pathways: the form is made from the request itself, and asks only what the
// answers so far make matter.
import { create, type DescMessage, type DescMethodUnary } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useAsked } from '../../api/asked';
import { newRequestId } from '../../api/ids';
import { learnClock } from '../../api/service_clock';
import { has, usePerson } from '../../api/session';
import { Choice, type Moment } from '../../form/controls';
import { Derived, errorsByPath, initOf, lacking, type Value } from '../../form/derived';
import { useDraft } from '../../form/draft';
import { fieldLabel } from '../../form/field_label';
import { Finder, type Found } from '../../form/finder';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { type CaseHeader, Jurisdiction } from '../../gen/waymark/casework/v1/case_pb';
import type { Plan } from '../../gen/waymark/casework/v1/plan_pb';
import { putFlash } from '../../shell/flash';
import { Failed, Forbidden, Loading } from '../../shell/states';
import { useWords, type Words } from '../../words/words';
import { put } from '../case/begin';
import { mayCall, openingsOf, type Pathway, served, type Served } from '../case/pathways';
import { type Formed, Forming } from './forming';
import { kKinds, type Kind } from './kinds';
import { type Logged, Receipt } from './receipt';

type Other = Exclude<Pathway, 'bbv'>;

interface Props {
  pathway: Other;
  // Only this kind, about whoever is signed in.
  own?: string;
}

export function PathwayLog({ pathway, own }: Props) {
  const { asked, again } = useAsked(() => served(pathway), [pathway]);
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  return <Opening pathway={pathway} door={asked.value} {...(own !== undefined && { own })} />;
}

interface Affected {
  found: Found;
  value: Value;
}

interface Kept {
  requestId: string;
  method: string;
  people: Affected[];
  value: Value;
}

// What the services answer to an opening, by whatever names they have for it.
interface Opened {
  receipts?: {
    caseId: string;
    subjectId?: string;
    firstAid?: string[];
    doNow?: string[];
    helpNow?: string[];
    firstContactDueTime?: Timestamp;
    firstStepDueTime?: Timestamp;
    contactDueTime?: Timestamp;
  }[];
  cases?: { header?: CaseHeader }[];
}

const kPerson: ReadonlySet<string> = new Set(['subject_id']);

const peopleField = (message: DescMessage) => message.fields.find((field) => field.name === 'people');

function answered(value: Value, path: string): boolean {
  let at: unknown = value;
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return at !== undefined && (typeof at !== 'object' || (at as Moment).ms !== undefined);
}

function Opening({ pathway, door, own }: { pathway: Other; door: Served; own?: string }) {
  const words = useWords();
  const { t } = words;
  const person = usePerson();
  const [, navigate] = useLocation();
  const methods = useMemo(() => new Map(openingsOf(door.service).map((method) => [method.name, method])), [door]);
  const kinds = kKinds[pathway].filter((one) => {
    const method = methods.get(one.method);
    return method !== undefined && mayCall(person, method) && (own === undefined || one.method === own);
  });
  const fresh = (kind: Kind | undefined): Kept => {
    const method = kind && methods.get(kind.method);
    let value: Value = { jurisdiction: Jurisdiction.ENGLAND };
    if (method) for (const [path, name] of Object.entries(kind.begin ?? {})) value = put(method.input, value, path.split('.'), name);
    return { requestId: newRequestId(), method: kind?.method ?? '', people: [], value };
  };
  const [kept, setKept] = useState<Kept>(() => fresh(kinds[0]));
  const draft = useDraft(own ? `own-${own}` : `log-${pathway}`, kept, setKept);
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const [receipts, setReceipts] = useState<Logged[]>();
  const [tried, setTried] = useState(false);
  const clinical = has(person, Role.OH_NURSE, Role.OH_PHYSICIAN);
  useEffect(() => {
    const abort = new AbortController();
    if (clinical) void learnClock('', abort.signal);
    return () => abort.abort();
  }, [clinical]);

  const kind = kinds.find((one) => one.method === kept.method);
  const method = methods.get(kept.method);
  const listed = method && peopleField(method.input)?.message;
  const hidden = useMemo(() => new Set(['subject_id', 'people', ...(own ? ['referred_time'] : []), ...(kind?.hidden ?? [])]), [kind, own]);
  // Without the person the rest may be said already: what is asked of one is kept for whoever it is.
  const first: Affected = kept.people[0] ?? { found: kNobody, value: {} };
  const missing = useMemo(() => {
    if (!tried || !method || !kind) return [];
    const said = (path: string, message: string) => ({ field: path, message });
    const of = (message: DescMessage, value: Value, without: ReadonlySet<string>, path: string) =>
      lacking(message, value, without, path).map((one) => said(one.path, t('form.missing', { label: fieldLabel(words, one.field) })));
    return [
      ...(own === undefined && kept.people.filter((one) => one.found.subjectId !== '').length === 0 ? [said('person', t('log.missing.person_other'))] : []),
      ...of(method.input, kept.value, hidden, ''),
      ...(listed && kind.people === 'one' ? of(listed, first.value, kPerson, 'people[0].') : []),
      ...(listed && kind.people === 'many' ? kept.people.flatMap((one, i) => of(listed, one.value, kPerson, `people[${i}].`)) : []),
    ];
  }, [tried, method, kind, kept, hidden, listed, first, t, words, own]);
  const wrong = useMemo(() => [...(trouble?.fields ?? []), ...missing], [trouble, missing]);
  const errors = useMemo(() => errorsByPath(wrong), [wrong]);
  if (!method || !kind) return <Forbidden />;

  const submit = () => {
    const known = kept.people.filter((one) => one.found.subjectId !== '');
    const request = {
      ...initOf(method.input, kept.value),
      requestId: kept.requestId,
      ...(listed
        ? { people: known.map((one) => ({ ...initOf(listed, one.value), subjectId: one.found.subjectId })) }
        : own === undefined && { subjectId: known[0]!.found.subjectId }),
    };
    void run({
      requestId: kept.requestId,
      refused: () => setKept((before) => ({ ...before, requestId: newRequestId() })),
      send: () => door.act(method, create(method.input, request as Record<string, unknown>)),
      done: (answer) => {
        draft.discard();
        // An officer reads of their own case on their own page.
        const logged = receiptsOf(answer as unknown as Opened, pathway, known, own === undefined);
        if (logged.length === 1 && logged[0]!.href) {
          putFlash({ kind: 'opened', count: 1, firstAid: logged[0]!.advice });
          navigate(logged[0]!.href);
        } else setReceipts(logged);
      },
    });
  };
  if (receipts) {
    return (
      <Receipt
        kind={kind.receipt}
        receipts={receipts}
        {...(own === undefined && {
          again: () => {
            setReceipts(undefined);
            setTried(false);
            setKept(fresh(kind));
          },
        })}
      />
    );
  }
  const errorOf = (path: string) => errors.get(path);
  const setPeople = (people: Affected[]) => setKept((before) => ({ ...before, people }));
  const top = (
    <Derived key={kept.method} message={method.input} value={kept.value} change={(value) => setKept((before) => ({ ...before, value }))} hidden={hidden} errorOf={errorOf} />
  );
  const finder = (
    <Finder
      label={t('log.person_other')}
      mayFind={clinical}
      value={first.found.subjectId === '' ? undefined : first.found}
      change={(found) => setPeople([{ ...first, found: found ?? kNobody }])}
      error={errors.get('person')}
    />
  );
  return (
    <div className={kind.preview ? 'wm-log' : undefined}>
      <form
        noValidate
        className="wm-log__form wm-reading"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          clear();
          if (isWhole()) submit();
          else look();
        }}
      >
        {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
        <Problems ref={summary} trouble={trouble} wrong={wrong.map((one) => ({ key: one.field, message: one.message }))} />
        <p className="nhsuk-hint wm-keys">{t('log.keys')}</p>
        {kinds.length > 1 && (
          <Choice
            name="method"
            label={t('log.what')}
            options={kinds.map((one) => ({ value: one.method, label: t(one.name) }))}
            value={kept.method}
            change={(name) => {
              setTried(false);
              clear();
              // Who it is about stays.
              setKept((before) => ({ ...fresh(kinds.find((one) => one.method === name)), people: before.people }));
            }}
          />
        )}
        {kind.people === 'many' && listed ? (
          <>
            {top}
            <Many people={kept.people} message={listed} change={setPeople} mayFind={clinical} errorOf={errorOf} error={errors.get('person')} />
          </>
        ) : (
          <>
            {own === undefined && finder}
            {kind.people === 'one' && listed && (
              <Derived message={listed} value={first.value} change={(value) => setPeople([{ ...first, value }])} hidden={kPerson} errorOf={errorOf} path="people[0]." />
            )}
            {top}
          </>
        )}
        <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t(own ? 'log.submit_own' : 'log.submit_other')}</button>
        <Sending sending={sending} attempt={attempt} />
      </form>
      {kind.preview && (
        <FormingPath
          door={door}
          preview={kind.preview}
          message={kind.preview.take === 'person' && listed ? listed : method.input}
          value={kind.preview.take === 'person' ? first.value : kept.value}
          jurisdiction={(kept.value.jurisdiction as Jurisdiction | undefined) ?? Jurisdiction.ENGLAND}
        />
      )}
    </div>
  );

  function isWhole(): boolean {
    if (!method || !kind) return false;
    const somebody = own !== undefined || kept.people.some((one) => one.found.subjectId !== '');
    return (
      somebody &&
      lacking(method.input, kept.value, hidden).length === 0 &&
      (!listed || (kind.people === 'one' ? [first] : kept.people).every((one) => lacking(listed, one.value, kPerson).length === 0))
    );
  }
}

const kNobody: Found = { subjectId: '', name: '', collar: '' };

function receiptsOf(answer: Opened, pathway: Pathway, people: Affected[], linked: boolean): Logged[] {
  const readable = new Set(linked ? (answer.cases ?? []).map((one) => one.header?.caseId) : []);
  return (answer.receipts ?? []).map((one) => {
    const name = people.find(({ found }) => found.subjectId === one.subjectId)?.found.name;
    return {
      caseId: one.caseId,
      due: one.firstContactDueTime ?? one.firstStepDueTime ?? one.contactDueTime,
      advice: one.firstAid ?? one.doNow ?? one.helpNow ?? [],
      ...(name !== undefined && { name }),
      ...(readable.has(one.caseId) && { href: `/cases/${pathway}/${one.caseId}` }),
    };
  });
}

// Several people of one event: each found, each with their own questions.
function Many({ people, message, change, mayFind, errorOf, error }: {
  people: Affected[];
  message: DescMessage;
  change: (people: Affected[]) => void;
  mayFind: boolean;
  errorOf: (path: string) => string | undefined;
  error: string | undefined;
}) {
  const { t } = useWords();
  const known = people.filter((one) => one.found.subjectId !== '');
  return (
    <fieldset className="wm-group">
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--m">{t('log.people')}</legend>
      <p role="status" className="nhsuk-hint">{t('log.people_so_far', { n: known.length })}</p>
      {known.map((one, i) => (
        <fieldset className="wm-nested wm-group" key={one.found.subjectId}>
          <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">
            {one.found.name} {one.found.collar && <span className="wm-optional">{t('find.collar', { collar: one.found.collar })}</span>}
          </legend>
          <Derived message={message} value={one.value} change={(value) => change(known.map((old, at) => (at === i ? { ...old, value } : old)))} hidden={kPerson} errorOf={errorOf} path={`people[${i}].`} />
          <button type="button" className="wm-link" onClick={() => change(known.filter((_, at) => at !== i))}>{t('log.remove_person', { name: one.found.name })}</button>
        </fieldset>
      ))}
      <Finder
        key={known.length}
        label={t(known.length === 0 ? 'log.person_other' : 'log.person_next')}
        mayFind={mayFind}
        value={undefined}
        change={(found) => found && !known.some((one) => one.found.subjectId === found.subjectId) && change([...known, { found, value: {} }])}
        error={error}
      />
    </fieldset>
  );
}

function FormingPath({ door, preview, message, value, jurisdiction }: {
  door: Served;
  preview: NonNullable<Kind['preview']>;
  message: DescMessage;
  value: Value;
  jurisdiction: Jurisdiction;
}) {
  const words = useWords();
  const method = door.service.methods.find((one): one is DescMethodUnary => one.name === 'PreviewPlan' && one.methodKind === 'unary');
  const whole = initOf(message, value);
  const request: Value = { jurisdiction };
  for (const name of preview.fields) {
    const field = message.fields.find((one) => one.name === name);
    if (field && whole[field.localName] !== undefined) request[field.localName] = whole[field.localName];
  }
  if (!method) return null;
  return (
    <Forming
      asked={JSON.stringify(request)}
      ready={preview.needs.every((path) => answered(value, path))}
      wait={words.t(preview.wait)}
      ask={async (signal) => {
        const answer = (await door.act(method, create(method.input, request as Record<string, unknown>), { signal })) as unknown as { plan?: Plan; advice?: { urgency?: number } };
        return { plan: answer.plan, verdict: urgencyOf(words, method, answer.advice?.urgency) };
      }}
    />
  );
}

// How soon, where the pathway's rules say it: the first two of each scale are emergencies.
function urgencyOf(words: Words, method: DescMethodUnary, urgency: number | undefined): Formed['verdict'] {
  const type = method.output.fields.find((field) => field.name === 'advice')?.message?.fields.find((field) => field.name === 'urgency')?.enum;
  return type && urgency ? { text: words.label(type, urgency), grave: urgency <= 2 } : undefined;
}
