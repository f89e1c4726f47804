import type { Ref } from 'react';
import type { Trouble } from '../api/errors';
import { useWords } from '../words/words';
import type { Sent } from './submit';

interface Props {
  ref: Ref<HTMLDivElement>;
  wrong: { key: string; message: string }[];
  trouble: Trouble | undefined;
}

// What has to be put right, each leading to its question. What was typed stays.
export function Problems({ ref, wrong, trouble }: Props) {
  const { t } = useWords();
  const general = trouble !== undefined && (wrong.length === 0 || trouble.fields.length === 0);
  if (wrong.length === 0 && !trouble) return null;
  const message =
    trouble?.kind === 'offline'
      ? t('form.offline')
      : trouble?.kind === 'expired'
        ? t('expired.body')
        : trouble?.kind === 'forbidden'
          ? t('forbidden.body')
          : trouble?.message || t('failed.body');
  return (
    <div className="nhsuk-error-summary" role="alert" tabIndex={-1} ref={ref}>
      <h2 className="nhsuk-error-summary__title">{t('form.problem')}</h2>
      <div className="nhsuk-error-summary__body">
        {general && <p>{message}</p>}
        <ul className="nhsuk-list nhsuk-error-summary__list">
          {wrong.map(({ key, message: text }) => (
            <li key={key}>
              <a
                href={`#${key}`}
                onClick={(event) => {
                  event.preventDefault();
                  const question = document.querySelector(`[data-question="${CSS.escape(key)}"]`);
                  question?.querySelector<HTMLElement>('input, textarea, select, button')?.focus();
                  question?.scrollIntoView({ block: 'center' });
                }}
              >
                {text}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

// That it is on its way, and that it takes longer.
export function Sending({ sending, attempt }: Pick<Sent, 'sending' | 'attempt'>) {
  const { t } = useWords();
  return <p role="status" className="wm-sending">{sending && t(attempt === 0 ? 'form.sending' : 'form.retrying', { n: attempt })}</p>;
}
