import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { useWords } from '../../words/words';
import { PathwayLog } from '../log/pathway_log';

// An officer refers themselves: nobody but them and occupational health learns of it.
export default function HelpPage() {
  const { t } = useWords();
  return (
    <Page title={t('help.title')} back={<BackTo href="/my-care">{t('nav.my_care')}</BackTo>}>
      <p className="nhsuk-lede-text">{t('help.lede')}</p>
      <p className="nhsuk-inset-text">{t('care.call_crisis')}</p>
      <PathwayLog pathway="mental_health" own="SelfRefer" />
    </Page>
  );
}
