import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useAsked } from '../../api/asked';
import { shortRef } from '../../api/ids';
import { has, usePerson } from '../../api/session';
import { Finder, type Found } from '../../form/finder';
import { CaseState, CaseStateSchema, SubjectKind } from '../../gen/waymark/casework/v1/case_pb';
import { Role } from '../../gen/waymark/options/v1/rule_pb';
import { Page } from '../../shell/page';
import { Empty, Failed, Loading } from '../../shell/states';
import { TabLinks } from '../../shell/tab_links';
import { dateText } from '../../time/dates';
import { useWords } from '../../words/words';
import { useNames } from '../worklist/names';
import { type AnyCase, isPathway, kLoggable, type Pathway, served } from './pathways';

// The cases of one pathway: everybody's, or one person's.
export default function CasesPage() {
  const { t, label } = useWords();
  const person = usePerson();
  const [search] = useSearchParams();
  const wanted = search.get('pathway') ?? 'bbv';
  const pathway: Pathway = isPathway(wanted) ? wanted : 'bbv';
  const [found, setFound] = useState<Found>();
  const subjectId = found?.subjectId ?? '';
  const [more, setMore] = useState<{ of: string; cases: AnyCase[]; token: string }>();
  const of = `${pathway}/${subjectId}`;
  const { asked, again } = useAsked(
    async (signal) => {
      const { cases } = await served(pathway);
      return cases.listCases({ pageSize: 50, pageToken: '', subjectId }, { signal });
    },
    [pathway, subjectId],
  );
  const first = asked.state === 'there' ? asked.value : undefined;
  const cases = [...(first?.cases ?? []), ...(more?.of === of ? more.cases : [])];
  const token = more?.of === of ? more.token : (first?.nextPageToken ?? '');
  const names = useNames(cases.map((one) => one.header?.subjectId ?? ''));
  return (
    <Page title={t('nav.cases')}>
      <TabLinks
        label={t('log.kinds')}
        tabs={kLoggable.map((one) => ({ href: `/cases?pathway=${one}`, name: t(`pathway.${one}`), current: one === pathway }))}
      />
      <form className="wm-narrow" onSubmit={(event) => event.preventDefault()}>
        <Finder label={t('cases.find')}
          mayFind={has(person, Role.OH_NURSE, Role.OH_PHYSICIAN, Role.OH_LEAD, Role.CLINICAL_LEAD)} value={found} change={setFound} />
      </form>
      {asked.state === 'loading' && <Loading />}
      {asked.state === 'failed' && <Failed trouble={asked.trouble} again={again} />}
      {first && cases.length === 0 && (
        <Empty title={t('cases.empty')}><p>{t('cases.empty_body')}</p></Empty>
      )}
      {cases.length > 0 && (
        <table className="nhsuk-table nhsuk-table-responsive wm-cases">
          <caption className="nhsuk-u-visually-hidden">{t('nav.cases')}</caption>
          <thead className="nhsuk-table__head">
            <tr>
              <th scope="col">{t('cases.col.case')}</th>
              <th scope="col">{t('case.person')}</th>
              <th scope="col">{t('case.opened')}</th>
              <th scope="col">{t('cases.col.state')}</th>
              <th scope="col">{t('case.assigned')}</th>
            </tr>
          </thead>
          <tbody className="nhsuk-table__body">
            {cases.map(({ header }) => header && (
              <tr key={header.caseId} className="nhsuk-table__row">
                <td className="nhsuk-table__cell"><Link href={`/cases/${pathway}/${header.caseId}`}>{t('case.ref', { ref: shortRef(header.caseId) })}</Link></td>
                <td className="nhsuk-table__cell">{header.subjectKind === SubjectKind.THIRD_PARTY ? t('case.third_party') : (names.get(header.subjectId)?.name ?? t('worklist.unnamed'))}</td>
                <td className="nhsuk-table__cell">{header.openedTime && dateText(t, timestampMs(header.openedTime))}</td>
                <td className="nhsuk-table__cell"><span className={`nhsuk-tag ${header.state === CaseState.OPEN ? 'nhsuk-tag--blue' : 'nhsuk-tag--grey'}`}>{label(CaseStateSchema, header.state)}</span></td>
                <td className="nhsuk-table__cell">{header.assignedTo || t('case.unit')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {token !== '' && (
        <button
          type="button"
          className="nhsuk-button nhsuk-button--secondary"
          onClick={() => {
            void served(pathway)
              .then((door) => door.cases.listCases({ pageSize: 50, pageToken: token, subjectId }))
              .then((page) => setMore({ of, cases: [...(more?.of === of ? more.cases : []), ...page.cases], token: page.nextPageToken }));
          }}
        >
          {t('cases.more')}
        </button>
      )}
    </Page>
  );
}
