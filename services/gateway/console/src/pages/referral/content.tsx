// What a referral says. Titles and clinical texts come from the services in English.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { ReactNode } from 'react';
import {
  CareServiceSchema, type ClinicalItem, ConsentBasisSchema, ContactKind, LanguageSchema, NhsNumberStatusSchema, PrioritySchema, type ReferralContent,
  ResultOutcomeSchema, ResultStatus, ResultStatusSchema, SafetyNeedSchema, SexSchema, type TestResult, WaitingTimeKindSchema,
} from '../../gen/waymark/referral/v1/referral_content_pb';
import { TestCodeSchema } from '../../gen/waymark/bbv/v1/bbv_case_pb';
import { civilDateText, dateTimeText } from '../../time/dates';
import { useReferralWords, type Say } from '../../words/referral';
import { capital, nameOf } from './parts';

function valueOf(r: Say, item: ClinicalItem): string {
  switch (item.value.case) {
    case 'text':
      return item.value.value;
    case 'quantity':
      return `${item.value.value.exact || item.value.value.value} ${item.value.value.unit}`;
    case 'coded':
      return item.value.value.display;
    case 'yes':
      return r(item.value.value ? 'yes' : 'no');
    default:
      return '';
  }
}

function Rows({ rows }: { rows: [name: string, value: ReactNode][] }) {
  const said = rows.filter(([, value]) => value !== '' && value !== undefined && value !== false);
  return (
    <dl className="nhsuk-summary-list">
      {said.map(([name, value]) => (
        <div key={name} className="nhsuk-summary-list__row">
          <dt className="nhsuk-summary-list__key">{name}</dt>
          <dd className="nhsuk-summary-list__value">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Result({ result }: { result: TestResult }) {
  const { t, label } = useReferralWords();
  const { quantity } = result;
  const known = TestCodeSchema.values.find((one) => one.number !== 0 && one.localName === result.test);
  return (
    <>
      <strong>{known ? label(TestCodeSchema, known.number) : <span lang="en">{result.code?.display || result.test}</span>}</strong>{' '}
      {[result.outcome ? label(ResultOutcomeSchema, result.outcome) : '', result.status > ResultStatus.FINAL ? label(ResultStatusSchema, result.status) : '', quantity ? `${quantity.exact || quantity.value} ${quantity.unit}` : ''].filter(Boolean).join(', ')}
      {result.sampledTime && <span className="wm-given__state">{dateTimeText(t, timestampMs(result.sampledTime))}</span>}
    </>
  );
}

export function Content({ content, title }: { content: ReferralContent; title: string }) {
  const { t, r, label } = useReferralWords();
  const { patient, need, referrer, consent } = content;
  const nhs = patient?.nhsNumber.replace(/(\d{3})(\d{3})(\d{4})/, '$1 $2 $3') ?? '';
  return (
    <section aria-labelledby="content">
      <h2 className="nhsuk-heading-l" id="content">{title}</h2>
      {patient && (
        <>
          <h3 className="nhsuk-heading-m">{r('patient')}</h3>
          {patient.alias && <p className="nhsuk-inset-text">{r('protected')}</p>}
          <Rows
            rows={[
              [r('name'), nameOf(patient)],
              [r('born'), patient.birthDate && civilDateText(t, patient.birthDate)],
              [r('sex'), patient.sex !== 0 && label(SexSchema, patient.sex)],
              [r('nhs'), nhs !== '' && `${nhs}${patient.nhsNumberStatus ? ` (${label(NhsNumberStatusSchema, patient.nhsNumberStatus)})` : ''}`],
              [
                r('reach'),
                patient.routes.length > 0 && (
                  <>
                    {patient.routes.map((route) => (
                      <span key={route.value} className="wm-block">
                        {route.kind === ContactKind.MOBILE || route.kind === ContactKind.PHONE ? <a href={`tel:${route.value}`}>{route.value}</a> : route.value}
                      </span>
                    ))}
                  </>
                ),
              ],
              [r('language'), patient.language !== 0 && label(LanguageSchema, patient.language)],
            ]}
          />
        </>
      )}
      {need && (
        <>
          <h3 className="nhsuk-heading-m">{r('need')}</h3>
          <Rows
            rows={[
              [r('need'), <span lang="en">{need.title}</span>],
              [r('service'), need.service !== 0 && label(CareServiceSchema, need.service)],
              [r('priority'), need.priority !== 0 && label(PrioritySchema, need.priority)],
              [r('counts_from'), need.anchorTime && `${dateTimeText(t, timestampMs(need.anchorTime))}`],
              [r('waiting'), need.waitingTimes.map((one) => `${label(WaitingTimeKindSchema, one.kind)} ${one.startDate ? r('since', { date: civilDateText(t, one.startDate) }) : ''}`).join('; ')],
              [r('question'), content.question],
              [r('around'), content.safetyNeeds.map((one) => label(SafetyNeedSchema, one)).join('; ')],
            ]}
          />
        </>
      )}
      {content.items.length > 0 && (
        <>
          <h3 className="nhsuk-heading-m">{r('clinical')}</h3>
          <ul className="wm-given" lang="en">
            {content.items.map((item) => (
              <li key={item.key}>
                <strong>{item.code?.display}</strong> {valueOf(r, item)}
                {item.effectiveTime && <span className="wm-given__state">{dateTimeText(t, timestampMs(item.effectiveTime))}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {content.results.length > 0 && (
        <>
          <h3 className="nhsuk-heading-m">{r('earlier_results')}</h3>
          <ul className="wm-given">{content.results.map((result, i) => <li key={i}><Result result={result} /></li>)}</ul>
        </>
      )}
      <Rows
        rows={[
          [
            r('referrer'),
            referrer && (
              <>
                <span lang="en">{[referrer.organisationName, referrer.practitionerName, referrer.practitionerRole].filter(Boolean).join(', ')}</span>
                {referrer.phone && <a className="wm-block" href={`tel:${referrer.phone}`}>{referrer.phone}</a>}
              </>
            ),
          ],
          [r('consent'), consent && consent.basis !== 0 && capital(label(ConsentBasisSchema, consent.basis))],
          [r('employer'), content.employer?.organisationName],
        ]}
      />
    </section>
  );
}
