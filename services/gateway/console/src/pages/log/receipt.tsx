import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { Link } from 'wouter';
import { useNow } from '../../api/clock';
import { shortRef } from '../../api/ids';
import { leftText, zonedText } from '../../time/dates';
import { useWords } from '../../words/words';

export interface Logged {
  caseId: string;
  due?: Timestamp | undefined;
  // What to do at once, in the service's words.
  advice: string[];
  // Whom it is about, for those who know the name already.
  name?: string;
  // Only for those who may read it.
  href?: string;
}

interface Props {
  // Who does what by the first deadline.
  kind: 'assess' | 'contact';
  receipts: Logged[];
  again?: () => void;
}

// For those who may log and not read, and for several cases at once: it is in hand, and what to do now.
export function Receipt({ kind, receipts, again }: Props) {
  const { t } = useWords();
  const now = useNow(1000);
  const due = receipts[0]?.due;
  const advice = receipts[0]?.advice ?? [];
  return (
    <>
      <div className="nhsuk-panel" role="status">
        <h2 className="nhsuk-panel__title">{t('receipt.title')}</h2>
        <div className="nhsuk-panel__body">
          {receipts.length > 1 ? t('receipt.cases', { n: receipts.length }) : t('case.ref', { ref: shortRef(receipts[0]?.caseId ?? '') })}
        </div>
      </div>
      {due && (
        <p className="nhsuk-lede-text">
          {t(`receipt.${kind}`, { time: zonedText(t, timestampMs(due)) })} <strong>{leftText(t, timestampMs(due) - now)}</strong>
        </p>
      )}
      {receipts.length > 1 && (
        <ul>
          {receipts.map((one) => (
            <li key={one.caseId}>
              {one.name && `${one.name}: `}
              {one.href ? <Link href={one.href}>{t('case.ref', { ref: shortRef(one.caseId) })}</Link> : t('case.ref', { ref: shortRef(one.caseId) })}
            </li>
          ))}
        </ul>
      )}
      {advice.length > 0 && (
        <>
          <h2 className="nhsuk-heading-m">{t(kind === 'assess' ? 'case.first_aid' : 'receipt.now')}</h2>
          <ul lang="en">{advice.map((line) => <li key={line}>{line}</li>)}</ul>
        </>
      )}
      {again && <button type="button" className="nhsuk-button nhsuk-button--secondary" onClick={again}>{t('receipt.again')}</button>}
    </>
  );
}
