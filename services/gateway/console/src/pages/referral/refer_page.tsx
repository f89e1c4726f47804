// Referring somebody for a step of their case: who could be asked, what leaves field by field and what
// does not, on what basis. Nothing is kept until it is drafted, and nothing leaves until it is sent.
import { create } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { newRequestId, shortRef } from '../../api/ids';
import { learnClock } from '../../api/service_clock';
import { has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { Choice, Choices, DateField, type Day, Flag, Text } from '../../form/controls';
import { useDraft } from '../../form/draft';
import { Problems, Sending } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { type CaseHeader, Jurisdiction, JurisdictionSchema } from '../../gen/waymark/casework/v1/case_pb';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import {
  CareService, CareServiceSchema, ConsentBasis, ConsentBasisSchema, LanguageSchema, NhsNumberStatusSchema, type Priority, PrioritySchema, ResultOutcomeSchema, ResultStatusSchema,
  type SafetyNeed, SafetyNeedSchema, SexSchema, WaitingTimeKind, WaitingTimeKindSchema,
} from '../../gen/waymark/referral/v1/referral_content_pb';
import { type Draft, DraftSchema, type PreviewField, type PreviewReferralResponse, ReferralService } from '../../gen/waymark/referral/v1/referral_service_pb';
import { BackTo } from '../../shell/back_to';
import { putFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Forbidden, Loading, NotFound } from '../../shell/states';
import { TimeLeft } from '../../shell/time_left';
import '../../words/fields';
import { previewLabels, whyIn } from '../../words/preview';
import { type ReferralKey, referralWords, useReferralWords } from '../../words/referral';
import { isPathway, type Pathway, pathwayName, served } from '../case/pathways';
import { kPartsOfDay, type PartOfDay } from './free_times';
import { capital } from './parts';
import { type ProviderTyped, providerOf, Providers } from './providers';

export default function ReferPage({ pathway, id }: { pathway: string; id: string }) {
  const person = usePerson();
  if (!has(person, Role.OH_NURSE, Role.OH_PHYSICIAN)) return <Forbidden />;
  return isPathway(pathway) ? <Loaded pathway={pathway} id={id} /> : <NotFound />;
}

function Loaded({ pathway, id }: { pathway: Pathway; id: string }) {
  const { asked, again } = useAsked(
    async (signal) => {
      const [answer] = await Promise.all([(await served(pathway)).cases.getCase({ caseId: id }, { signal }), learnClock(id, signal)]);
      return answer.case?.header;
    },
    [pathway, id],
  );
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  return asked.value ? <Refer pathway={pathway} id={id} header={asked.value} /> : <NotFound />;
}

interface Typed {
  step?: string | undefined;
  service?: CareService | undefined;
  priority?: Priority | undefined;
  provider: ProviderTyped;
  question?: string | undefined;
  safety?: SafetyNeed[] | undefined;
  name?: string | undefined;
  role?: string | undefined;
  phone?: string | undefined;
  basis?: ConsentBasis | undefined;
  employer?: boolean | undefined;
  employerName?: string | undefined;
  free?: PartOfDay[] | undefined;
  waiting?: WaitingTimeKind | undefined;
  waitingSince?: Day | undefined;
  withhold: string[];
}
interface Kept {
  requestId: string;
  typed: Typed;
}

// The kinds of care that a pathway asks for most.
const kUsual: Record<Pathway, CareService[]> = {
  bbv: [CareService.EMERGENCY_DEPARTMENT, CareService.SEXUAL_HEALTH, CareService.INFECTIOUS_DISEASES, CareService.HEPATOLOGY, CareService.PHLEBOTOMY],
  mental_health: [CareService.TALKING_THERAPIES, CareService.TRAUMA_THERAPY, CareService.PSYCHIATRY],
  msk: [CareService.PHYSIOTHERAPY, CareService.ORTHOPAEDICS, CareService.IMAGING, CareService.RESIDENTIAL_REHABILITATION],
  dental: [CareService.DENTISTRY, CareService.ORAL_SURGERY, CareService.EMERGENCY_DEPARTMENT],
};

const values = (type: typeof PrioritySchema | typeof ConsentBasisSchema | typeof SafetyNeedSchema | typeof CareServiceSchema) => type.values.map((one) => one.number).filter((one) => one !== 0);

const namesEmployer = (typed: Typed) => typed.employer === true && typed.basis === ConsentBasis.EXPLICIT;

// The waiting times of England and of Wales.
const kWaits: Partial<Record<Jurisdiction, WaitingTimeKind[]>> = {
  [Jurisdiction.WALES]: [WaitingTimeKind.WALES_RTT, WaitingTimeKind.WALES_THERAPIES, WaitingTimeKind.WALES_MENTAL_HEALTH, WaitingTimeKind.DIAGNOSTIC],
};
const kEnglishWaits = [WaitingTimeKind.RTT, WaitingTimeKind.TALKING_THERAPIES, WaitingTimeKind.DIAGNOSTIC];

function draftOf(pathway: Pathway, id: string, typed: Typed): Draft {
  return create(DraftSchema, {
    need: { pathway, caseId: id, stepKey: typed.step ?? '' },
    provider: providerOf(typed.provider),
    service: typed.service ?? 0,
    priority: typed.priority ?? 0,
    question: typed.question ?? '',
    safetyNeeds: typed.safety ?? [],
    // Where the employer is named, this is who it is; the referrer's own name is always the neutral one.
    referrer: { practitionerName: typed.name ?? '', practitionerRole: typed.role ?? '', phone: typed.phone ?? '', ...(namesEmployer(typed) && { organisationName: typed.employerName ?? '' }) },
    waitingTimes: typed.waiting ? [{ kind: typed.waiting, ...(typed.waitingSince && { startDate: typed.waitingSince }) }] : [],
    consent: { basis: typed.basis ?? 0 },
    withhold: typed.withhold,
    discloseEmployer: namesEmployer(typed),
  });
}

function Refer({ pathway, id, header }: { pathway: Pathway; id: string; header: CaseHeader }) {
  const { t, r, label } = useReferralWords();
  const person = usePerson();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const open = (header.plan?.steps ?? []).filter((one) => one.outcome === undefined);
  const [kept, setKept] = useState<Kept>(() => ({
    requestId: newRequestId(),
    typed: {
      step: open.find((one) => one.key === search.get('step'))?.key,
      provider: {},
      name: person.name,
      // As the provider reads it, whatever language this page is in.
      role: referralWords[has(person, Role.OH_PHYSICIAN) ? 'refer_role_physician' : 'refer_role_nurse'][0],
      withhold: [],
    },
  }));
  const draft = useDraft(`${id}/Refer/${search.get('step') ?? ''}`, kept, setKept);
  const { typed } = kept;
  const [shown, setShown] = useState<{ of: Typed; answer: PreviewReferralResponse }>();
  const { summary, look, run, clear, sending, attempt, trouble } = useSubmit();
  const [tried, setTried] = useState(false);
  const leaving = useRef<HTMLHeadingElement>(null);
  const set = (change: Partial<Typed>) => setKept((before) => ({ ...before, typed: { ...before.typed, ...change } }));
  const step = open.find((one) => one.key === typed.step);

  const missing: { field: string; message: string }[] = [];
  const lack = (there: unknown, field: string, name: ReferralKey) => there || missing.push({ field, message: t('form.missing', { label: r(name) }) });
  lack(step, 'step', 'refer_step');
  lack(typed.service, 'service', 'refer_service');
  lack(typed.provider.organisationCode, 'provider', 'refer_provider');
  lack(typed.priority, 'priority', 'refer_priority');
  lack(typed.phone, 'referrer.phone', 'refer_phone');
  lack(typed.basis, 'consent.basis', 'refer_consent');
  lack(!typed.waiting || typed.waitingSince, 'waiting_times[0].start_date', 'refer_waiting_since');
  lack(!namesEmployer(typed) || typed.employerName, 'referrer.organisation_name', 'refer_employer_name');
  // "draft.question" of a preview and "drafts[0].question" of a draft are the same question here.
  const wrong = [...(trouble?.fields.map((one) => ({ ...one, field: one.field.replace(/^drafts?(\[\d+\])?\./, '') })) ?? []), ...(tried ? missing : [])];
  const errorOf = (path: string) => wrong.find((one) => one.field === path)?.message;

  const preview = (of: Typed, focus: boolean) =>
    void run({
      name: 'preview',
      send: () => client(ReferralService).previewReferral({ draft: draftOf(pathway, id, of) }),
      done: (answer) => {
        setShown({ of, answer });
        if (focus) requestAnimationFrame(() => leaving.current?.focus());
      },
    });
  const keep = () =>
    void run({
      requestId: kept.requestId,
      refused: () => setKept((before) => ({ ...before, requestId: newRequestId() })),
      send: ({ requestId }) => client(ReferralService).draftReferral({ requestId, drafts: [draftOf(pathway, id, typed)] }),
      done: (answer) => {
        draft.discard();
        putFlash({ kind: 'opened', count: 1 });
        navigate(`/referrals/${answer.receipts[0]?.caseId ?? ''}`);
      },
    });
  const withhold = (path: string, on: boolean) => {
    const next = { ...typed, withhold: on ? [...typed.withhold, path] : typed.withhold.filter((one) => one !== path) };
    setKept((before) => ({ ...before, typed: next }));
    preview(next, false);
  };
  const usual = kUsual[pathway];
  const service = (value: number) => ({ value: value as CareService, label: label(CareServiceSchema, value) });
  return (
    <Page title={r('refer')} caption={<>{pathwayName(t, pathway)}, {t('case.ref', { ref: shortRef(id) })}</>} back={<BackTo href={`/cases/${pathway}/${id}`}>{r('back_case')}</BackTo>}>
      {step && (
        <div className="wm-next">
          <p className="wm-next__title" lang="en">{step.title}</p>
          <TimeLeft due={step.dueTime && timestampMs(step.dueTime)} opens={step.opensTime && timestampMs(step.opensTime)} closes={step.closesTime && timestampMs(step.closesTime)} />
          <p className="nhsuk-hint">{r('clock_hint')}</p>
        </div>
      )}
      {draft.restored && <p className="nhsuk-inset-text" role="status">{t('log.restored')}</p>}
      <form
        noValidate
        className="wm-reading"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          clear();
          if (missing.length > 0) look();
          else preview(typed, true);
        }}
      >
        <Problems ref={summary} trouble={trouble} wrong={wrong.map((one) => ({ key: one.field, message: one.message }))} />
        {(!step || !search.has('step')) && (
          <Choice name="step" label={r('refer_step')} options={open.map((one) => ({ value: one.key, label: one.title }))} value={typed.step} change={(value) => set({ step: value })} error={errorOf('step')} />
        )}
        <Choice
          name="service"
          label={r('refer_service')}
          options={usual.map(service)}
          others={values(CareServiceSchema).filter((one) => !usual.includes(one as CareService)).map(service)}
          value={typed.service}
          change={(value) => set({ service: value, provider: {} })}
          error={errorOf('service')}
        />
        <Choices name="free_times" optional label={r('refer_free')} hint={r('refer_free_hint')} options={kPartsOfDay.map((part) => ({ value: part, label: r(`free_${part}`) }))} value={typed.free} change={(free) => set({ free })} />
        {typed.service && step && (
          <Providers key={step.key} free={typed.free} subjectId={header.subjectId} service={typed.service} jurisdiction={header.jurisdiction} clock={step} value={typed.provider} change={(provider) => set({ provider })} errorOf={errorOf} />
        )}
        <Choice name="priority" label={r('refer_priority')} options={values(PrioritySchema).map((value) => ({ value: value as Priority, label: label(PrioritySchema, value) }))} value={typed.priority} change={(value) => set({ priority: value })} error={errorOf('priority')} />
        <Choice
          name="waiting_times[0].kind"
          label={r('refer_waiting')}
          hint={r('refer_waiting_hint')}
          optional
          options={[
            { value: WaitingTimeKind.UNSPECIFIED, label: r('refer_waiting_none') },
            ...(kWaits[header.jurisdiction] ?? kEnglishWaits).map((value) => ({ value, label: label(WaitingTimeKindSchema, value) })),
          ]}
          value={typed.waiting}
          change={(waiting) => set({ waiting })}
        />
        {!!typed.waiting && <DateField name="waiting_times[0].start_date" label={r('refer_waiting_since')} value={typed.waitingSince} change={(waitingSince) => set({ waitingSince })} error={errorOf('waiting_times[0].start_date')} />}
        <Text name="question" long optional label={r('refer_question')} hint={r('refer_question_hint')} value={typed.question} change={(question) => set({ question })} error={errorOf('question')} limit={4000} />
        <Choices name="safety_needs" optional label={r('refer_safety')} hint={r('refer_safety_hint')} options={values(SafetyNeedSchema).map((value) => ({ value: value as SafetyNeed, label: label(SafetyNeedSchema, value) }))} value={typed.safety} change={(safety) => set({ safety })} />
        <Text name="referrer.practitioner_name" label={r('refer_you')} value={typed.name} change={(name) => set({ name })} error={errorOf('referrer.practitioner_name')} limit={200} />
        <Text name="referrer.practitioner_role" label={r('refer_role')} value={typed.role} change={(role) => set({ role })} error={errorOf('referrer.practitioner_role')} limit={200} />
        <Text name="referrer.phone" label={r('refer_phone')} hint={r('refer_phone_hint')} value={typed.phone} change={(phone) => set({ phone })} error={errorOf('referrer.phone')} limit={30} />
        <Choice name="consent.basis" label={r('refer_consent')} options={values(ConsentBasisSchema).map((value) => ({ value: value as ConsentBasis, label: capital(label(ConsentBasisSchema, value)) }))} value={typed.basis} change={(basis) => set({ basis })} error={errorOf('consent.basis')} />
        {typed.basis === ConsentBasis.EXPLICIT && <Flag name="disclose_employer" label={r('refer_employer')} value={typed.employer === true} change={(employer) => set({ employer })} />}
        {namesEmployer(typed) && <Text name="referrer.organisation_name" label={r('refer_employer_name')} value={typed.employerName} change={(employerName) => set({ employerName })} error={errorOf('referrer.organisation_name')} limit={200} />}
        <button type="submit" className={`nhsuk-button ${shown ? 'nhsuk-button--secondary' : ''}`} data-go disabled={sending}>{r('refer_preview')}</button>
        <Sending sending={sending} attempt={attempt} />
      </form>
      {shown && (
        <section aria-labelledby="leaves">
          <h2 className="nhsuk-heading-l" id="leaves" ref={leaving} tabIndex={-1}>{r('leaves')}</h2>
          <p>{r('leaves_hint')}</p>
          {shown.answer.warnings.map((warning) => (
            <p key={warning} className="wm-closing wm-closing--shut" role="alert">{r(`warn_${warning}` in referralWords ? (`warn_${warning}` as ReferralKey) : 'warn_other')}</p>
          ))}
          <Fields fields={shown.answer.fields.filter((one) => one.leaves)} withheld={typed.withhold} withhold={withhold} busy={sending} />
          <h2 className="nhsuk-heading-l">{r('stays')}</h2>
          <Fields fields={shown.answer.fields.filter((one) => !one.leaves)} withheld={typed.withhold} withhold={withhold} busy={sending} />
          {shown.of !== typed ? (
            <p role="status" className="wm-closing">{r('refer_changed')}</p>
          ) : (
            <button type="button" className="nhsuk-button" disabled={sending} onClick={keep}>{r('refer_draft')}</button>
          )}
        </section>
      )}
    </Page>
  );
}

const kMayWithhold = /^(items|results)\.|^patient\.(nhs_number|routes)$/;
const kEnums = {
  SEX: SexSchema, LANGUAGE: LanguageSchema, SAFETY_NEED: SafetyNeedSchema, RESULT_OUTCOME: ResultOutcomeSchema, RESULT_STATUS: ResultStatusSchema, CARE_SERVICE: CareServiceSchema,
  PRIORITY: PrioritySchema, JURISDICTION: JurisdictionSchema, WAITING_TIME_KIND: WaitingTimeKindSchema, CONSENT_BASIS: ConsentBasisSchema, NHS_NUMBER_STATUS: NhsNumberStatusSchema,
};
const kNamed = new RegExp(`\\b(${Object.keys(kEnums).join('|')})_([A-Z_]+)\\b`, 'g');
// What a pathway or a person has written, in whatever language this page is.
const kWritten = /^(items\.|results\.|need$|need\.(code|anchor)|referrer)/;

function Fields({ fields, withheld, withhold, busy }: { fields: PreviewField[]; withheld: string[]; withhold: (path: string, on: boolean) => void; busy: boolean }) {
  const { r, label, lang } = useReferralWords();
  // The service names values of enums as the API does.
  const said = (value: string) =>
    value.replace(kNamed, (whole, type: keyof typeof kEnums, name: string) => {
      const found = kEnums[type].values.find((one) => one.localName === name);
      return found ? label(kEnums[type], found.number) : whole;
    });
  const nameOf = ({ path, label: english }: PreviewField) => {
    const pair = previewLabels[path];
    if (pair) return pair[lang === 'en' ? 0 : 1];
    const test = path.startsWith('results.') && TestCodeSchema.values.find((one) => one.localName === english);
    return test ? label(TestCodeSchema, test.number) : undefined;
  };
  return (
    <dl className="nhsuk-summary-list">
      {fields.map((one, i) => (
        <div key={`${one.path}/${i}`} className="nhsuk-summary-list__row">
          <dt className="nhsuk-summary-list__key" lang={nameOf(one) ? undefined : 'en'}>{nameOf(one) ?? one.label}</dt>
          <dd className="nhsuk-summary-list__value">
            <span lang={kWritten.test(one.path) ? 'en' : undefined}>{said(one.value)}</span>
            <span className="wm-given__state" lang={whyIn(lang, one.why) ? undefined : 'en'}>{whyIn(lang, one.why) ?? one.why}</span>
          </dd>
          <dd className="nhsuk-summary-list__actions">
            {kMayWithhold.test(one.path) && (one.leaves || withheld.includes(one.path)) && (
              <button type="button" className="wm-link" disabled={busy} aria-label={r(one.leaves ? 'withhold_of' : 'give_of', { what: nameOf(one) ?? one.label })} onClick={() => withhold(one.path, one.leaves)}>
                {r(one.leaves ? 'withhold' : 'give')}
              </button>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
