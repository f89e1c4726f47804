import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAsked } from '../../api/asked';
import { troubleOf } from '../../api/errors';
import { usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { useSubmit } from '../../form/submit';
import { Choices } from '../../form/controls';
import { ActionSchema } from '../../gen/waymark/audit/v1/audit_entry_pb';
import { type Access, AuditService } from '../../gen/waymark/audit/v1/audit_service_pb';
import { CaseState } from '../../gen/waymark/casework/v1/case_pb';
import { RoleSchema } from '../../gen/waymark/options/v1/rule_pb';
import { FitnessService, OfficerAnswer } from '../../gen/waymark/workforce/v1/fitness_service_pb';
import { FactCode, FactCodeSchema, type FitnessStatement, StatementState } from '../../gen/waymark/workforce/v1/fitness_pb';
import { Page } from '../../shell/page';
import { TimeLeft } from '../../shell/time_left';
import { dateTimeText, zonedText } from '../../time/dates';
import { useWords } from '../../words/words';
import { type AnyCase, kLoggable, pathwayName, type Pathway, served } from '../case/pathways';
import { FitnessView } from '../manager/fitness_view';

// What a patient sees: what happens next and by when, whom to call, what is to be accepted, and who
// looked. Each part stands or fails by itself.
export default function OfficerPage() {
  const { t } = useWords();
  return (
    <Page title={t('nav.my_care')}>
      <div className="wm-log">
        <div>
          <MyReports />
          <MyCases />
          <WhoLooked />
        </div>
        <aside className="wm-forming" aria-labelledby="call">
          <h2 className="nhsuk-heading-m" id="call">{t('care.call')}</h2>
          <p>{t('care.call_unit')}</p>
          <p>{t('care.call_urgent')}</p>
          <p>{t('care.call_crisis')}</p>
          <p>
            <Link href="/my-care/help" className="nhsuk-button nhsuk-button--secondary wm-button--small">{t('care.help')}</Link>
            <span className="nhsuk-hint wm-block">{t('care.help_hint')}</span>
          </p>
          <p><Link href="/my-care/contact">{t('care.contact')}</Link></p>
        </aside>
      </div>
    </Page>
  );
}

function MyCases() {
  const { t } = useWords();
  const { asked } = useAsked(async (signal) => {
    const all = await Promise.all(
      kLoggable.map(async (pathway) => {
        try {
          const door = await served(pathway);
          const page = await door.cases.listCases({ pageSize: 50, pageToken: '' }, { signal });
          // The list comes without history; the case itself has the whole plan.
          return await Promise.all(
            page.cases.map(async (one) => ({ pathway, held: (await door.cases.getCase({ caseId: one.header!.caseId }, { signal })).case ?? one })),
          );
        } catch (error) {
          if (troubleOf(error).kind === 'expired') throw error;
          return [];
        }
      }),
    );
    return all.flat();
  }, []);
  if (asked.state === 'loading') return <p>{t('state.loading')}</p>;
  if (asked.state === 'failed') return <p>{t('unreachable.body')}</p>;
  return (
    <section aria-labelledby="mine">
      <h2 className="nhsuk-heading-l" id="mine">{t('care.next')}</h2>
      {asked.value.length === 0 && <p>{t('care.none')}</p>}
      {asked.value.map(({ pathway, held }) => <MyCase key={held.header?.caseId} pathway={pathway} held={held} />)}
    </section>
  );
}

function MyCase({ pathway, held }: { pathway: Pathway; held: AnyCase }) {
  const { t } = useWords();
  const steps = held.header?.plan?.steps ?? [];
  const open = steps.filter((step) => !step.outcome);
  const done = steps.filter((step) => step.outcome).length;
  if (held.header?.state === CaseState.CLOSED || open.length === 0) {
    return (
      <article className="wm-next">
        <h3 className="nhsuk-heading-m">{pathwayName(t, pathway)}</h3>
        <p>{t(held.header?.state === CaseState.CLOSED ? 'care.closed' : 'care.nothing_open')}</p>
      </article>
    );
  }
  return (
    <article className="wm-next">
      <h3 className="nhsuk-heading-m">{pathwayName(t, pathway)}</h3>
      <p>{t('care.progress', { done, all: steps.length })}</p>
      <ol className="wm-forming__steps">
        {open.slice(0, 4).map((step) => (
          <li key={step.key}>
            <strong lang="en">{step.title}</strong>
            <TimeLeft due={step.dueTime && timestampMs(step.dueTime)} opens={step.opensTime && timestampMs(step.opensTime)} />
          </li>
        ))}
      </ol>
      {open.length > 4 && <p className="nhsuk-hint">{t('care.later', { n: open.length - 4 })}</p>}
    </article>
  );
}

function MyReports() {
  const { t } = useWords();
  const person = usePerson();
  const fitness = client(FitnessService);
  const { asked, again } = useAsked((signal) => fitness.listStatements({ subjectId: person.subjectId }, { signal }), [person.subjectId]);
  if (asked.state !== 'there' || asked.value.statements.length === 0) return null;
  return (
    <section aria-labelledby="reports">
      <h2 className="nhsuk-heading-l" id="reports">{t('care.reports')}</h2>
      {asked.value.statements.map((one) => <Report key={one.fitness?.statementId} statement={one} done={again} />)}
    </section>
  );
}

function Report({ statement, done }: { statement: FitnessStatement; done: () => void }) {
  const { t, label } = useWords();
  const { run, sending: busy, trouble } = useSubmit();
  const [disputing, setDisputing] = useState(false);
  const [facts, setFacts] = useState<FactCode[]>();
  const [tried, setTried] = useState(false);
  const answer = (given: OfficerAnswer) => {
    const disputedFacts = given === OfficerAnswer.DISPUTE_FACTS ? (facts ?? []) : [];
    return run({
      name: [given, ...disputedFacts].join(),
      send: ({ requestId }) =>
        client(FitnessService).answerFitness({ requestId, statementId: statement.fitness?.statementId ?? '', expectedVersion: statement.version, answer: given, disputedFacts }),
      done,
    });
  };
  const waits = statement.state === StatementState.WITH_OFFICER;
  const released = statement.state === StatementState.RELEASED;
  return (
    <article className="wm-next">
      {statement.fitness && <FitnessView fitness={statement.fitness} />}
      {statement.issuedTime && <p className="nhsuk-hint">{t('care.issued', { date: dateTimeText(t, timestampMs(statement.issuedTime)) })}</p>}
      {waits && <p>{t('care.report_ask')}</p>}
      {waits && statement.answerDueTime && <TimeLeft due={timestampMs(statement.answerDueTime)} />}
      {!waits && <p>{standing(statement.state)}</p>}
      {waits && !disputing && (
        <p className="wm-next__acts">
          <button type="button" className="nhsuk-button" disabled={busy} onClick={() => void answer(OfficerAnswer.ACCEPT)}>{t('care.accept')}</button>
          <button type="button" className="nhsuk-button nhsuk-button--secondary" disabled={busy} onClick={() => setDisputing(true)}>{t('care.dispute')}</button>
          <button type="button" className="nhsuk-button nhsuk-button--secondary" disabled={busy} onClick={() => void answer(OfficerAnswer.WITHHOLD)}>{t('care.withhold')}</button>
        </p>
      )}
      {released && (
        <p className="wm-next__acts">
          <button type="button" className="nhsuk-button nhsuk-button--secondary" disabled={busy} onClick={() => void answer(OfficerAnswer.WITHHOLD)}>{t('care.withhold_now')}</button>
        </p>
      )}
      {waits && disputing && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (facts && facts.length > 0) void answer(OfficerAnswer.DISPUTE_FACTS);
          }}
        >
          <Choices
            name="disputed_facts"
            label={t('care.facts')}
            hint={t('care.facts_hint')}
            options={FactCodeSchema.values.filter((one) => one.number !== 0).map((one) => ({ value: one.number as FactCode, label: label(FactCodeSchema, one.number) }))}
            value={facts}
            change={setFacts}
            error={tried && !facts?.length ? t('care.facts_missing') : undefined}
          />
          <p className="wm-next__acts">
            <button type="submit" className="nhsuk-button" data-go disabled={busy}>{t('care.dispute_send')}</button>
            <button type="button" className="wm-link" onClick={() => setDisputing(false)}>{t('care.cancel')}</button>
          </p>
        </form>
      )}
      {trouble && <p className="nhsuk-error-message" role="alert">{trouble.message}</p>}
    </article>
  );

  function standing(state: StatementState): string {
    switch (state) {
      case StatementState.RELEASED:
        return t('care.released');
      case StatementState.FACT_DISPUTED:
        return t('care.disputed', { facts: statement.disputedFacts.map((one) => label(FactCodeSchema, one)).join(', ') });
      case StatementState.WITHHELD:
        return t('care.withheld');
      default:
        return t('care.ended');
    }
  }
}

function WhoLooked() {
  const { t, label } = useWords();
  const { asked } = useAsked((signal) => client(AuditService).listAccesses({ pageSize: 50 }, { signal }), []);
  return (
    <section aria-labelledby="looked">
      <h2 className="nhsuk-heading-l" id="looked">{t('care.looked')}</h2>
      <p>{t('care.looked_hint')}</p>
      {asked.state === 'failed' && <p>{t('unreachable.body')}</p>}
      {asked.state === 'there' && asked.value.accesses.length === 0 && <p>{t('care.nobody_looked')}</p>}
      {asked.state === 'there' && (
        <ol className="wm-history">
          {grouped(asked.value.accesses).map(({ one, times }) => (
            <li key={String(one.sequence)}>
              <span className="wm-history__when">{one.occurredTime && zonedText(t, timestampMs(one.occurredTime))}</span>
              <span>
                <strong>{label(ActionSchema, one.action)}</strong> <span lang="en">{one.purpose}</span>{times > 1 && ` (${t('care.times', { n: times })})`}
                <span className="wm-history__who">
                  {one.actor ? one.actor.userId || one.actor.service : t('audit.erased')}
                  {one.actor && one.actor.roles.length > 0 && ` (${one.actor.roles.map((role) => label(RoleSchema, role)).join(', ')})`}
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

// A page that is kept up to date looks again and again: the same person for the same purpose within
// some minutes is one line.
function grouped(accesses: Access[]): { one: Access; times: number }[] {
  const lines: { one: Access; times: number }[] = [];
  for (const one of accesses) {
    const same = lines.find(
      (line) =>
        line.one.action === one.action &&
        line.one.purpose === one.purpose &&
        line.one.actor?.userId === one.actor?.userId &&
        line.one.actor?.service === one.actor?.service &&
        Math.abs(Number(line.one.occurredTime?.seconds ?? 0n) - Number(one.occurredTime?.seconds ?? 0n)) < 600,
    );
    if (same) same.times += 1;
    else lines.push({ one, times: 1 });
  }
  return lines;
}
