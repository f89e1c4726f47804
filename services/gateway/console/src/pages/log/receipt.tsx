import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useNow } from '../../api/clock';
import { shortRef } from '../../api/ids';
import type { CaseReceipt } from '../../gen/waymark/bbv/v1/bbv_service_pb';
import { leftText, zonedText } from '../../time/dates';
import { useWords } from '../../words/words';

// For those who may log and not read: it is in hand, and what to do at once.
export function Receipt({ receipts, again }: { receipts: Pick<CaseReceipt, 'caseId' | 'assessmentDueTime' | 'firstAid'>[]; again: () => void }) {
  const { t } = useWords();
  const now = useNow(1000);
  const due = receipts[0]?.assessmentDueTime;
  const firstAid = receipts[0]?.firstAid ?? [];
  return (
    <>
      <div className="nhsuk-panel" role="status">
        <h2 className="nhsuk-panel__title">{t('receipt.title')}</h2>
        <div className="nhsuk-panel__body">
          {t('case.ref', { ref: shortRef(receipts[0]?.caseId ?? '') })}
        </div>
      </div>
      {due && (
        <p className="nhsuk-lede-text">
          {t('receipt.assess', { time: zonedText(t, timestampMs(due)) })} <strong>{leftText(t, timestampMs(due) - now)}</strong>
        </p>
      )}
      {firstAid.length > 0 && (
        <>
          <h2 className="nhsuk-heading-m">{t('case.first_aid')}</h2>
          <ul lang="en">{firstAid.map((line) => <li key={line}>{line}</li>)}</ul>
        </>
      )}
      <button type="button" className="nhsuk-button nhsuk-button--secondary" onClick={again}>{t('receipt.again')}</button>
    </>
  );
}
