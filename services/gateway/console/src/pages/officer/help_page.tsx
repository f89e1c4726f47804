import { useMemo } from 'react';
import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { useWords, WordsContext } from '../../words/words';
import { PathwayLog } from '../log/pathway_log';

// An officer refers themselves: nobody but them and occupational health learns of it.
export default function HelpPage() {
  const words = useWords();
  const { t } = words;
  // The same questions, said to the person themselves.
  const own = useMemo(() => ({ ...words, word: (key: string) => words.word(`own.${key}`) ?? words.word(key) }), [words]);
  return (
    <Page title={t('help.title')} back={<BackTo href="/my-care">{t('nav.my_care')}</BackTo>}>
      <p className="nhsuk-lede-text">{t('help.lede')}</p>
      <p className="nhsuk-inset-text">{t('care.call_crisis')}</p>
      <WordsContext value={own}>
        <PathwayLog pathway="mental_health" own="SelfRefer" />
      </WordsContext>
    </Page>
  );
}
