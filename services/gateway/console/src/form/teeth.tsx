// The teeth of the mouth to choose from, as they face whoever looks: FDI numbers, upper right first.
import { useId, useState } from 'react';
import { useWords } from '../words/words';

const kPermanent = [
  ['18', '17', '16', '15', '14', '13', '12', '11'],
  ['21', '22', '23', '24', '25', '26', '27', '28'],
  ['48', '47', '46', '45', '44', '43', '42', '41'],
  ['31', '32', '33', '34', '35', '36', '37', '38'],
] as const;
const kPrimary = [
  ['55', '54', '53', '52', '51'],
  ['61', '62', '63', '64', '65'],
  ['85', '84', '83', '82', '81'],
  ['71', '72', '73', '74', '75'],
] as const;
const kQuadrants = ['teeth.upper_right', 'teeth.upper_left', 'teeth.lower_right', 'teeth.lower_left'] as const;

interface Props {
  name: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  chosen: readonly string[];
  toggle: (tooth: string) => void;
  // Only these may be chosen. Unset: any.
  among?: readonly string[];
}

export function TeethChart({ name, label, hint, error, chosen, toggle, among }: Props) {
  const { t } = useWords();
  const id = useId();
  const [milk, setMilk] = useState(() => [...chosen, ...(among ?? [])].some((tooth) => tooth >= '51'));
  const rows = milk ? kPrimary : kPermanent;
  return (
    <fieldset
      className={`nhsuk-fieldset wm-teeth ${error ? 'nhsuk-form-group--error' : ''}`}
      data-question={name}
      aria-describedby={`${id}-hint${error ? ` ${id}-error` : ''}`}
    >
      <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">{label}</legend>
      <div className="nhsuk-hint" id={`${id}-hint`}>{hint ?? t('teeth.hint')}</div>
      {error && <span className="nhsuk-error-message" id={`${id}-error`}>{error}</span>}
      <div className="wm-mouth">
        {rows.map((teeth, quadrant) => (
          <div key={quadrant} className="wm-mouth__quadrant" role="group" aria-label={t(kQuadrants[quadrant]!)}>
            <span className="wm-mouth__name" aria-hidden="true">{t(kQuadrants[quadrant]!)}</span>
            {teeth.map((tooth) => (
              <button
                key={tooth}
                type="button"
                className="wm-tooth"
                aria-pressed={chosen.includes(tooth)}
                aria-label={t('teeth.tooth', { tooth })}
                disabled={among !== undefined && !among.includes(tooth)}
                onClick={() => toggle(tooth)}
              >
                {tooth}
              </button>
            ))}
          </div>
        ))}
      </div>
      {among === undefined && (
        <button type="button" className="wm-link wm-more" onClick={() => setMilk(!milk)}>{t(milk ? 'teeth.permanent' : 'teeth.milk')}</button>
      )}
    </fieldset>
  );
}
