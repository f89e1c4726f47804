import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Link, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { learnClock } from '../../api/service_clock';
import { shortRef } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { client } from '../../api/transport';
import { type BbvCase } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { type CaseHeader, CaseState, CaseStateSchema, SubjectKind } from '../../gen/waymark/casework/v1/case_pb';
import type { Step } from '../../gen/waymark/casework/v1/plan_pb';
import type { Visit } from '../../gen/waymark/dental/v1/dental_case_pb';
import type { MentalHealthCase } from '../../gen/waymark/mental_health/v1/mental_health_case_pb';
import type { MskCase } from '../../gen/waymark/msk/v1/msk_case_pb';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { WorkforceService } from '../../gen/waymark/workforce/v1/workforce_service_pb';
import { BackTo } from '../../shell/back_to';
import { useFlash } from '../../shell/flash';
import { Page } from '../../shell/page';
import { Failed, Loading, NotFound } from '../../shell/states';
import { TimeLeft } from '../../shell/time_left';
import { dateTimeText } from '../../time/dates';
import { useWords } from '../../words/words';
import { actFor, slugOf } from './acts';
import { actLabel } from './act_label';
import { Advice, Source } from './advice';
import { History } from './history';
import { Path } from './path';
import { actsOf, isPathway, mayCall, mayRefer, type Pathway, pathwayName, served } from './pathways';
import { Recorded } from './recorded';
import { MentalHealthScores, MskScores } from './scores';
import { Disclosures, Referrals } from './shared';
import { TestGrid } from './test_grid';
import { Visits } from './visits';

export default function CasePage({ pathway, id }: { pathway: string; id: string }) {
  return isPathway(pathway) ? <Loaded pathway={pathway} id={id} /> : <NotFound />;
}

function Loaded({ pathway, id }: { pathway: Pathway; id: string }) {
  const { t, label, word } = useWords();
  const person = usePerson();
  const [search] = useSearchParams();
  const flash = useFlash();
  const { asked, again } = useAsked(
    async (signal) => {
      const door = await served(pathway);
      const { cases } = door;
      const [answer] = await Promise.all([
        cases.getCase({ caseId: id }, { signal }),
        learnClock(id, signal),
      ]);
      return { door, held: answer.case, visits: (answer as { visits?: Visit[] }).visits ?? [] };
    },
    [pathway, id],
  );
  if (asked.state === 'loading') return <Loading />;
  if (asked.state === 'failed') return <Failed trouble={asked.trouble} again={again} />;
  const { door, held, visits } = asked.value;
  const header = held?.header;
  if (!held || !header) return <NotFound />;
  const steps = header.plan?.steps ?? [];
  const open = steps.filter((step) => step.outcome === undefined);
  const asks = search.get('step');
  const next = open.find((step) => step.key === asks) ?? open[0];
  const worksOnIt = has(person, Role.OH_NURSE, Role.OH_PHYSICIAN) && header.state === CaseState.OPEN;
  const hrefOf = (step: Step) => {
    const act = actFor(pathway, step.key);
    return act && worksOnIt ? `/cases/${pathway}/${id}/${slugOf(act)}?step=${encodeURIComponent(step.key)}` : undefined;
  };
  const closed = header.state === CaseState.CLOSED;
  const sealed = new Set(['AssignCase', 'CloseCase', 'ReopenCase', 'AdoptProtocol']);
  return (
    <Page
      title={pathwayName(t, pathway)}
      caption={t('case.ref', { ref: shortRef(id) })}
      back={<BackTo href="/worklist">{t('nav.worklist')}</BackTo>}
      aside={<span className={`nhsuk-tag ${closed ? 'nhsuk-tag--grey' : 'nhsuk-tag--blue'}`}>{label(CaseStateSchema, header.state)}</span>}
    >
      {flash && (
        <div className="nhsuk-notification-banner nhsuk-notification-banner--success" role="status" aria-labelledby="flash">
          <div className="nhsuk-notification-banner__header">
            <h2 className="nhsuk-notification-banner__title" id="flash">{t('flash.success')}</h2>
          </div>
          <div className="nhsuk-notification-banner__content">
            <p className="nhsuk-notification-banner__heading">
              {flash.kind === 'opened' ? t(flash.count > 1 ? 'flash.opened_two' : 'flash.opened') : t('flash.recorded')}
            </p>
            {flash.kind === 'recorded' && flash.count > 0 && <p>{t('flash.moved', { n: flash.count })}</p>}
            {flash.firstAid && flash.firstAid.length > 0 && (
              <ul lang="en">{flash.firstAid.map((line) => <li key={line}>{line}</li>)}</ul>
            )}
          </div>
        </div>
      )}
      {!header.protocolSignedOff && <p className="wm-unsigned">{t('case.unsigned')}</p>}
      <Who header={header} />
      {next && !closed && (
        <section className="wm-next" aria-labelledby="next">
          <h2 className="nhsuk-heading-m" id="next">{t('case.next')}</h2>
          <p className="wm-next__title" lang="en">{next.title}</p>
          <TimeLeft
            due={next.dueTime && timestampMs(next.dueTime)}
            opens={next.opensTime && timestampMs(next.opensTime)}
            closes={next.closesTime && timestampMs(next.closesTime)}
          />
          {next.guidance && <p lang="en">{next.guidance}</p>}
          {worksOnIt && (
            <p className="wm-next__acts">
              {hrefOf(next) && <Link href={hrefOf(next)!} className="nhsuk-button">{actLabel({ word }, actFor(pathway, next.key)!)}</Link>}
              {mayRefer(person, header) && <Link href={`/cases/${pathway}/${id}/refer?step=${encodeURIComponent(next.key)}`}>{t('case.refer')}</Link>}
              <Link href={`/cases/${pathway}/${id}/waive-step?step=${encodeURIComponent(next.key)}`} className="wm-waive">{t('case.waive')}</Link>
            </p>
          )}
        </section>
      )}
      {open.length === 0 && !closed && (
        <section className="wm-next">
          <h2 className="nhsuk-heading-m">{t('case.nothing_open')}</h2>
          {worksOnIt && <p><Link href={`/cases/${pathway}/${id}/close-case`} className="nhsuk-button">{t('act.CloseCase')}</Link></p>}
        </section>
      )}
      <Path header={header} hrefOf={hrefOf} />
      {pathway === 'bbv' && <TestGrid held={held as BbvCase} />}
      {pathway === 'bbv' && <Advice held={held as BbvCase} />}
      {pathway === 'mental_health' && <MentalHealthScores door={door} held={held as unknown as MentalHealthCase} mayFollow={has(person, Role.OH_NURSE, Role.OH_PHYSICIAN)} />}
      {pathway === 'msk' && <MskScores door={door} held={held as unknown as MskCase} />}
      {pathway === 'dental' && <Visits visits={visits} steps={steps} />}
      <Referrals pathway={pathway} held={held} mayAct={worksOnIt} />
      {header.subjectKind !== SubjectKind.THIRD_PARTY && header.subjectId !== '' && <Disclosures pathway={pathway} subjectId={header.subjectId} caseId={id} mayIssue={worksOnIt} />}
      <section aria-labelledby="record">
        <h2 className="nhsuk-heading-l" id="record">{t('case.record')}</h2>
        <Recorded held={held} />
        {pathway === 'bbv' && has(person, Role.OH_NURSE, Role.OH_PHYSICIAN) && <Source id={id} />}
      </section>
      {header.links.length > 0 && (
        <section aria-labelledby="links">
          <h2 className="nhsuk-heading-m" id="links">{t('case.links')}</h2>
          <ul>
            {header.links.map((link) => (
              <li key={link.caseId}>
                <Link href={`/cases/${link.pathway}/${link.caseId}`}>{pathwayName(t, link.pathway)}, {t('case.ref', { ref: shortRef(link.caseId) })}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {has(person, Role.OH_NURSE, Role.OH_PHYSICIAN) && (
        <section aria-labelledby="acts">
          <h2 className="nhsuk-heading-m" id="acts">{t('case.acts')}</h2>
          <ul className="wm-acts">
            {actsOf(door.service)
              .filter((method) => mayCall(person, method))
              .filter((method) => (closed ? method.name === 'ReopenCase' : method.name !== 'ReopenCase' && method.name !== 'WaiveStep'))
              .sort((a, b) => Number(sealed.has(a.name)) - Number(sealed.has(b.name)))
              .map((method) => (
                <li key={method.name}><Link href={`/cases/${pathway}/${id}/${slugOf(method.name)}`}>{actLabel({ word }, method.name)}</Link></li>
              ))}
          </ul>
        </section>
      )}
      <History cases={door.cases} id={id} steps={steps} version={String(header.version)} />
      <p className="nhsuk-body-s">{t('case.protocol', { key: header.protocolKey, version: header.protocolVersion })} <Link href={`/protocols?key=${header.protocolKey}`}>{t('case.protocol_link')}</Link>{worksOnIt && actsOf(door.service).some((method) => method.name === 'AdoptProtocol' && mayCall(person, method)) && <> · <Link href={`/cases/${pathway}/${id}/adopt-protocol`}>{t('case.compare')}</Link></>}</p>
    </Page>
  );
}

function Who({ header: head }: { header: CaseHeader }) {
  const { t } = useWords();
  const name = useName(head.subjectId);
  return (
    <dl className="wm-facts">
      <div><dt>{t('case.person')}</dt><dd>{head.subjectKind === SubjectKind.THIRD_PARTY ? t('case.third_party') : (name ?? t('case.ref', { ref: shortRef(head.subjectId) }))}</dd></div>
      <div><dt>{t('case.opened')}</dt><dd>{head.openedTime ? dateTimeText(t, timestampMs(head.openedTime)) : ''}</dd></div>
      <div><dt>{t('case.assigned')}</dt><dd>{head.assignedTo || t('case.unit')}</dd></div>
      {head.closedTime && <div><dt>{t('case.closed')}</dt><dd>{dateTimeText(t, timestampMs(head.closedTime))}</dd></div>}
    </dl>
  );
}

// Names live with the workforce alone; without it the case is known by its reference.
function useName(subjectId: string): string | undefined {
  const { asked } = useAsked(
    async (signal) => {
      if (subjectId === '') return undefined;
      const answer = await client(WorkforceService).resolveNames({ subjectIds: [subjectId] }, { signal });
      return answer.names[0]?.displayName;
    },
    [subjectId],
  );
  return asked.state === 'there' ? asked.value : undefined;
}
