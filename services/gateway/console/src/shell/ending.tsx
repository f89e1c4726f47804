import * as gateway from '../api/gateway';
import { stay, useEnding } from '../api/session';
import { spanText } from '../time/dates';
import { useWords } from '../words/words';

// Two minutes before a session ends: nobody should find out by losing it.
export function EndingSoon() {
  const { t } = useWords();
  const ending = useEnding();
  if (ending === undefined) return null;
  const span = ending.secondsLeft < 60 ? t('ending.soon') : spanText(t, ending.secondsLeft * 1000);
  return (
    <div className="wm-band wm-band--warning" role="alert">
      <div className="nhsuk-width-container">
        <h2 className="nhsuk-heading-s">{t('ending.title', { span })}</h2>
        <p>{t(ending.final ? 'ending.final' : 'ending.body')}</p>
        <p>
          {ending.final ? (
            <a href={gateway.signInHref('/')} target="_blank" rel="noopener" className="nhsuk-button wm-button--small">
              {t('expired.new_window')}
            </a>
          ) : (
            <button type="button" className="nhsuk-button wm-button--small" onClick={() => void stay()}>{t('ending.stay')}</button>
          )}
        </p>
      </div>
    </div>
  );
}
