import { civilOf, instantsOf } from '../time/dates';
import { useWords } from '../words/words';

const pad = (n: number) => String(n).padStart(2, '0');

// A time to come, which the quick answers of a form do not reach: as London's clock shows it.
export function MomentField({ name, label, error, ms, change }: { name: string; label: string; error?: string | undefined; ms: number | undefined; change: (ms: number | undefined) => void }) {
  const { t } = useWords();
  const c = ms === undefined ? undefined : civilOf(ms);
  return (
    <div className={`nhsuk-form-group ${error ? 'nhsuk-form-group--error' : ''}`} data-question={name}>
      <label className="nhsuk-label nhsuk-label--s" htmlFor={name}>{label}</label>
      {error && <span className="nhsuk-error-message" id={`${name}-error`}><span className="nhsuk-u-visually-hidden">{t('form.error')} </span>{error}</span>}
      <input
        id={name}
        type="datetime-local"
        className="nhsuk-input nhsuk-input--width-20"
        aria-describedby={error ? `${name}-error` : undefined}
        defaultValue={c && `${c.year}-${pad(c.month)}-${pad(c.day)}T${pad(c.hour)}:${pad(c.minute)}`}
        onChange={(event) => {
          const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(event.target.value);
          if (!found) return change(undefined);
          const [, year, month, day, hour, minute] = found.map(Number);
          change(instantsOf({ year: year!, month: month!, day: day!, hour: hour!, minute: minute! })[0]);
        }}
      />
    </div>
  );
}
