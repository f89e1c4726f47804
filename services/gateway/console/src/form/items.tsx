// The items of a questionnaire, as numbers copied from the form that somebody filled in: a digit
// answers one and goes on to the next.
import { type KeyboardEvent, useId } from 'react';
import { flushSync } from 'react-dom';
import { useWords } from '../words/words';
import { goOn } from './controls';

interface Props {
  name: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  count: number;
  // From 0.
  max: number;
  // An item may be left blank: -1.
  blank?: boolean;
  // By number from 1, for an item that has something to be said of it.
  notes?: Readonly<Record<number, string>>;
  value: readonly (number | undefined)[] | undefined;
  change: (value: (number | undefined)[]) => void;
}

export function Items({ name, label, hint, error, count, max, blank = false, notes = {}, value = [], change }: Props) {
  const { t } = useWords();
  const id = useId();
  const scale = [...Array.from({ length: max + 1 }, (_, i) => i), ...(blank ? [-1] : [])];
  const set = (item: number, to: number) => change(Array.from({ length: count }, (_, i) => (i === item ? to : value[i])));
  const press = (item: number) => (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^\d$/.test(event.key) ? Number(event.key) : event.key === '-' && blank ? -1 : undefined;
    if (digit === undefined || digit > max) return;
    event.preventDefault();
    const from = event.currentTarget;
    // At once, so that digits typed in a row each find their item.
    flushSync(() => set(item, digit));
    goOn(from);
  };
  return (
    <fieldset className={`wm-items ${error ? 'nhsuk-form-group--error' : ''}`} aria-describedby={hint || error ? `${id}-about` : undefined}>
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{label}</legend>
      {(hint || error) && (
        <div id={`${id}-about`}>
          {hint && <div className="nhsuk-hint">{hint}</div>}
          {error && <span className="nhsuk-error-message">{error}</span>}
        </div>
      )}
      {Array.from({ length: count }, (_, item) => (
        <div key={item} className="wm-item" data-question={`${name}.${item + 1}`} role="radiogroup" aria-labelledby={`${id}-${item}`} onKeyDown={press(item)}>
          <span className="wm-item__name" id={`${id}-${item}`}>
            {t('items.item', { n: item + 1 })}
            {notes[item + 1] && <span className="wm-item__note"> {notes[item + 1]}</span>}
          </span>
          {scale.map((step) => (
            <label key={step} className="wm-item__choice">
              <input type="radio" name={`${name}.${item + 1}`} checked={value[item] === step} onChange={() => set(item, step)} />
              <span>{step === -1 ? t('items.blank') : step}</span>
            </label>
          ))}
        </div>
      ))}
    </fieldset>
  );
}
