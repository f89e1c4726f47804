// What has gone out of occupational health from a case: to whom somebody was referred, which reports the
// employer has, and what the person consented to.
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { client } from '../../api/transport';
import type { BbvCase } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import type { LocalTime } from '../../gen/waymark/casework/v1/local_time_pb';
import type { MentalHealthCase } from '../../gen/waymark/mental_health/v1/mental_health_case_pb';
import { OnwardServiceSchema } from '../../gen/waymark/mental_health/v1/mental_health_case_pb';
import { CareKindSchema, ModalitySchema, ProviderSchema } from '../../gen/waymark/msk/v1/care_pb';
import type { MskCase } from '../../gen/waymark/msk/v1/msk_case_pb';
import { FitnessCodeSchema, StatementState, StatementStateSchema } from '../../gen/waymark/workforce/v1/fitness_pb';
import { FitnessService } from '../../gen/waymark/workforce/v1/fitness_service_pb';
import { DisclosureKindSchema } from '../../gen/waymark/workforce/v1/person_pb';
import { WorkforceService } from '../../gen/waymark/workforce/v1/workforce_service_pb';
import { civilDateText, dateText } from '../../time/dates';
import { useWords, type Words } from '../../words/words';
import { slugOf } from './acts';
import { actLabel } from './act_label';
import type { AnyCase, Pathway } from './pathways';
import { SentReferrals, useSentReferrals } from './sent_referrals';

interface Referred {
  what: string;
  to: string;
  state: string[];
}

const on = ({ t }: Words, time: LocalTime | undefined) => (time?.instant ? dateText(t, timestampMs(time.instant)) : undefined);

// The referrals that the pathway itself records.
function referredBy(words: Words, pathway: Pathway, case_: AnyCase): Referred[] {
  const { t, label } = words;
  const said = (key: 'case.referral_seen' | 'case.referral_treated' | 'case.referral_ended', time: LocalTime | undefined) => {
    const date = on(words, time);
    return date ? [t(key, { date })] : [];
  };
  switch (pathway) {
    case 'bbv':
      return (case_ as unknown as BbvCase).specialistReferrals.map((one) => ({ what: one.test ? label(TestCodeSchema, one.test) : '', to: one.to, state: [on(words, one.referredTime) ?? ''] }));
    case 'mental_health':
      return (case_ as unknown as MentalHealthCase).onwardReferrals.map((one) => {
        const state = [...said('case.referral_seen', one.seenTime), ...said('case.referral_treated', one.treatedTime), ...said('case.referral_ended', one.endedTime)];
        return { what: label(OnwardServiceSchema, one.service), to: one.to, state: [on(words, one.referredTime) ?? '', ...(state.length > 0 ? state : [t('case.referral_waits')])] };
      });
    case 'msk':
      return (case_ as unknown as MskCase).care.map((one) => {
        const state = [...said('case.referral_treated', one.sessions[0]?.time), ...said('case.referral_seen', one.doneTime), ...said('case.referral_ended', one.cancelledTime)];
        return {
          what: one.modality ? label(ModalitySchema, one.modality) : label(CareKindSchema, one.kind),
          to: one.specialist?.service || label(ProviderSchema, one.provider),
          state: [on(words, one.requestedTime) ?? '', ...(state.length > 0 ? state : [t('case.referral_waits')])],
        };
      });
    default:
      return [];
  }
}

const kRefer: Partial<Record<Pathway, string>> = { bbv: 'RecordSpecialistReferral', mental_health: 'ReferOnward', msk: 'RequestCare' };

// What the referral service has sent comes first: it has receipts and a clock of its own.
export function Referrals({ pathway, held, mayAct }: { pathway: Pathway; held: AnyCase; mayAct: boolean }) {
  const words = useWords();
  const { t } = words;
  const act = kRefer[pathway];
  const referred = referredBy(words, pathway, held);
  const sent = useSentReferrals(held.header?.subjectId ?? '', held.header?.caseId ?? '');
  if (referred.length === 0 && act === undefined && sent.length === 0) return null;
  return (
    <section aria-labelledby="referrals">
      <h2 className="nhsuk-heading-l" id="referrals">{t('case.referrals')}</h2>
      {sent.length > 0 && <SentReferrals referrals={sent} />}
      {referred.length === 0 && sent.length === 0 && <p>{t('case.referrals_none')}</p>}
      {referred.length > 0 && (
        <ul className="wm-given">
          {referred.map((one, i) => (
            <li key={i}>
              <strong>{one.what}</strong> {one.to && t('case.referral_to', { to: one.to })}
              <span className="wm-given__state">{one.state.filter(Boolean).join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
      {mayAct && act && <p><Link href={`/cases/${pathway}/${held.header?.caseId}/${slugOf(act)}`}>{actLabel(words, act)}</Link></p>}
    </section>
  );
}

// Asked of the workforce service, each part for itself: without one the other is still shown.
export function Disclosures({ pathway, subjectId, caseId, mayIssue }: { pathway: Pathway; subjectId: string; caseId: string; mayIssue: boolean }) {
  const { t, label } = useWords();
  const { asked } = useAsked(
    async (signal) => {
      const [statements, person] = await Promise.allSettled([
        client(FitnessService).listStatements({ subjectId }, { signal }),
        client(WorkforceService).getPerson({ subjectId }, { signal }),
      ]);
      return {
        statements: statements.status === 'fulfilled' ? statements.value.statements.filter((one) => one.caseId === '' || one.caseId === caseId) : undefined,
        consents: person.status === 'fulfilled' ? (person.value.person?.consents ?? []) : undefined,
      };
    },
    [subjectId, caseId],
  );
  const date = (time: Timestamp) => dateText(t, timestampMs(time));
  if (asked.state !== 'there') return null;
  const { statements, consents } = asked.value;
  const waiting = (statements ?? []).some((one) => one.state === StatementState.WITH_OFFICER);
  const released = (statements ?? []).filter((one) => one.state !== StatementState.WITH_OFFICER);
  return (
    <section aria-labelledby="disclosed">
      <h2 className="nhsuk-heading-l" id="disclosed">{t('case.disclosed')}</h2>
      {statements !== undefined && (
        <>
          <h3 className="nhsuk-heading-s">{t('case.disclosed_reports')}</h3>
          {mayIssue && <p><Link href={`/cases/${pathway}/${caseId}/issue-fitness`}>{t('issue.title')}</Link></p>}
          {waiting && <p>{t('case.report_waits')}</p>}
          {released.length === 0 && <p>{t('case.disclosed_none')}</p>}
          <ul className="wm-given">
            {released.map((one) => (
              <li key={one.fitness?.statementId}>
                <strong>{one.fitness && t('case.report_of', { code: label(FitnessCodeSchema, one.fitness.code), date: one.fitness.fromDate ? civilDateText(t, one.fitness.fromDate) : '' })}</strong>
                <span className="wm-given__state">
                  {[label(StatementStateSchema, one.state), one.fitness?.releasedTime ? t('case.report_released', { date: date(one.fitness.releasedTime) }) : ''].filter(Boolean).join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {consents !== undefined && (
        <>
          <h3 className="nhsuk-heading-s">{t('case.disclosed_consents')}</h3>
          {consents.length === 0 && <p>{t('case.consents_none')}</p>}
          <ul className="wm-given">
            {consents.map((one) => (
              <li key={one.consentId}>
                <strong>{label(DisclosureKindSchema, one.kind)}</strong> {one.recipient && t('case.referral_to', { to: one.recipient })}
                <span className="wm-given__state">
                  {[one.givenTime ? t('case.consent_given', { date: date(one.givenTime) }) : '', one.withdrawnTime ? t('case.consent_withdrawn', { date: date(one.withdrawnTime) }) : ''].filter(Boolean).join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
