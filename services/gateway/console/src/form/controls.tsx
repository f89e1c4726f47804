// The controls of a form. Whoever fills it in often needs no mouse: with the focus in a question, a
// digit chooses and goes on to the next one.
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useNow } from '../api/clock';
import { dateTimeText, leftText, localTimeOf, spanText, zonedText } from '../time/dates';
import { useWords } from '../words/words';
import { readTime } from './read_time';

interface ControlProps<T> {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  value: T | undefined;
  change: (value: T | undefined) => void;
}

// Focuses the first control of the next question of the form.
export function goOn(from: Element) {
  const form = from.closest('form');
  if (!form) return;
  const questions = [...form.querySelectorAll('[data-question], [data-go]')].filter((one) => one.checkVisibility());
  const here = from.closest('[data-question]');
  if (!here) return;
  const next = questions[questions.indexOf(here) + 1];
  const target = next?.matches('[data-go]')
    ? next
    : next?.querySelector('input:checked, input:not([type=hidden]), textarea, select, button');
  if (target instanceof HTMLElement) {
    target.focus();
    target.closest('[data-question], [data-go]')?.scrollIntoView({ block: 'center', behavior: 'auto' });
  }
}

function Question({ name, label, hint, error, optional, children, onKeyDown }: {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean | undefined;
  children: ReactNode;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
}) {
  const { t } = useWords();
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className={`nhsuk-form-group ${error ? 'nhsuk-form-group--error' : ''}`} data-question={name} onKeyDown={onKeyDown}>
      <fieldset className="nhsuk-fieldset" aria-describedby={described || undefined}>
        <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">
          {label}
          {optional && <span className="wm-optional"> {t('form.optional')}</span>}
        </legend>
        {hint && <div className="nhsuk-hint" id={`${id}-hint`}>{hint}</div>}
        {error && (
          <span className="nhsuk-error-message" id={`${id}-error`}>
            <span className="nhsuk-u-visually-hidden">{t('form.error')} </span>{error}
          </span>
        )}
        {children}
      </fieldset>
    </div>
  );
}

export interface Option<T> {
  value: T;
  label: string;
}

interface ChoiceProps<T> extends ControlProps<T> {
  options: Option<T>[];
  // Shown on demand.
  others?: Option<T>[] | undefined;
}

const digitOf = (event: KeyboardEvent) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && /^[1-9]$/.test(event.key) ? Number(event.key) : 0;

const typesText = (target: EventTarget) =>
  (target instanceof HTMLInputElement && !['radio', 'checkbox'].includes(target.type)) ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;

export function Choice<T extends string | number>(props: ChoiceProps<T>) {
  const { t } = useWords();
  const id = useId();
  const { options, others = [], value, change } = props;
  const [wide, setWide] = useState(false);
  const all = wide || others.some((other) => other.value === value) ? [...options, ...others] : options;
  return (
    <Question
      {...props}
      onKeyDown={(event) => {
        const digit = digitOf(event);
        const option = all[digit - 1];
        if (digit === 0 || typesText(event.target)) return;
        if (option) {
          event.preventDefault();
          const from = event.currentTarget;
          // What is asked next may depend on this answer: it appears first, and at once, so that digits
          // typed in a row each find their question.
          flushSync(() => change(option.value));
          goOn(from);
        }
      }}
    >
      <div className="nhsuk-radios nhsuk-radios--small wm-options">
        {all.map((option, i) => (
          <div className="nhsuk-radios__item" key={option.value}>
            <input
              className="nhsuk-radios__input"
              type="radio"
              id={`${id}-${option.value}`}
              name={props.name}
              value={String(option.value)}
              checked={value === option.value}
              onChange={() => change(option.value)}
            />
            <label className="nhsuk-label nhsuk-radios__label" htmlFor={`${id}-${option.value}`}>
              {option.label}
              {i < 9 && <kbd className="wm-digit" aria-hidden="true">{i + 1}</kbd>}
            </label>
          </div>
        ))}
      </div>
      {all.length < options.length + others.length && (
        <button type="button" className="wm-link wm-more" onClick={() => setWide(true)}>
          {t('form.more_choices', { n: others.length })}
        </button>
      )}
    </Question>
  );
}

export function Choices<T extends string | number>(props: ControlProps<T[]> & { options: Option<T>[]; none?: T }) {
  const id = useId();
  const { options, value = [], change, none } = props;
  const toggle = (option: T) => {
    if (value.includes(option)) change(value.filter((one) => one !== option));
    else if (option === none) change([option]);
    else change([...value.filter((one) => one !== none), option]);
  };
  return (
    <Question
      {...props}
      onKeyDown={(event) => {
        const option = options[digitOf(event) - 1];
        if (option && !typesText(event.target)) {
          event.preventDefault();
          toggle(option.value);
        } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
          event.preventDefault();
          goOn(event.currentTarget);
        }
      }}
    >
      <div className="nhsuk-checkboxes nhsuk-checkboxes--small wm-options">
        {options.map((option, i) => (
          <div className="nhsuk-checkboxes__item" key={option.value}>
            <input
              className="nhsuk-checkboxes__input"
              type="checkbox"
              id={`${id}-${option.value}`}
              name={props.name}
              checked={value.includes(option.value)}
              onChange={() => toggle(option.value)}
            />
            <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor={`${id}-${option.value}`}>
              {option.label}
              {i < 9 && <kbd className="wm-digit" aria-hidden="true">{i + 1}</kbd>}
            </label>
          </div>
        ))}
      </div>
    </Question>
  );
}

function Labelled({ name, label, hint, error, optional, id, children }: {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean | undefined;
  id: string;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <div className={`nhsuk-form-group ${error ? 'nhsuk-form-group--error' : ''}`} data-question={name}>
      <label className="nhsuk-label nhsuk-label--s" htmlFor={id}>
        {label}
        {optional && <span className="wm-optional"> {t('form.optional')}</span>}
      </label>
      {hint && <div className="nhsuk-hint" id={`${id}-hint`}>{hint}</div>}
      {error && (
        <span className="nhsuk-error-message" id={`${id}-error`}>
          <span className="nhsuk-u-visually-hidden">{t('form.error')} </span>{error}
        </span>
      )}
      {children}
    </div>
  );
}

const describedBy = (id: string, hint: ReactNode, error: string | undefined) =>
  [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;

export function Text(props: ControlProps<string> & { long?: boolean; numeric?: boolean; limit?: number }) {
  const id = useId();
  const { long, numeric, limit, value = '', change, hint, error } = props;
  const common = {
    id,
    name: props.name,
    value,
    maxLength: limit,
    autoComplete: 'off',
    'aria-describedby': describedBy(id, hint, error),
    'aria-invalid': error ? true : undefined,
  };
  return (
    <Labelled {...props} id={id}>
      {long ? (
        <textarea {...common} rows={3} className="nhsuk-textarea" onChange={(event) => change(event.target.value || undefined)} />
      ) : (
        <input
          {...common}
          type="text"
          inputMode={numeric ? 'decimal' : undefined}
          className={`nhsuk-input ${numeric ? 'nhsuk-input--width-5' : ''} ${error ? 'nhsuk-input--error' : ''}`}
          onChange={(event) => change(event.target.value || undefined)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            goOn(event.currentTarget);
          }}
        />
      )}
    </Labelled>
  );
}

export function Flag({ name, label, hint, value = false, change }: ControlProps<boolean>) {
  const id = useId();
  return (
    <div className="nhsuk-form-group" data-question={name}>
      <div className="nhsuk-checkboxes nhsuk-checkboxes--small">
        <div className="nhsuk-checkboxes__item">
          <input className="nhsuk-checkboxes__input" id={id} name={name} type="checkbox" checked={value} onChange={(event) => change(event.target.checked)} aria-describedby={hint ? `${id}-hint` : undefined} />
          <label className="nhsuk-label nhsuk-checkboxes__label" htmlFor={id}>{label}</label>
          {hint && <div className="nhsuk-hint nhsuk-checkboxes__hint" id={`${id}-hint`}>{hint}</div>}
        </div>
      </div>
    </div>
  );
}

// A calendar date: "22 11 2026" in one field, as people say it.
export interface Day {
  year: number;
  month: number;
  day: number;
}

export function DateField(props: ControlProps<Day>) {
  const id = useId();
  const { value, change, hint, error } = props;
  const [text, setText] = useState({ day: value ? String(value.day) : '', month: value ? String(value.month) : '', year: value ? String(value.year) : '' });
  const { t } = useWords();
  const set = (part: 'day' | 'month' | 'year', typed: string) => {
    const next = { ...text, [part]: typed };
    setText(next);
    const [day, month, year] = [Number(next.day), Number(next.month), Number(next.year)];
    const date = new Date(Date.UTC(year, month - 1, day));
    const real = year > 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    change(real ? { year, month, day } : undefined);
  };
  return (
    <Question {...props}>
      <div className="nhsuk-date-input" id={id} aria-describedby={describedBy(id, hint, error)}>
        {(['day', 'month', 'year'] as const).map((part) => (
          <div className="nhsuk-date-input__item" key={part}>
            <label className="nhsuk-label nhsuk-date-input__label" htmlFor={`${id}-${part}`}>{t(`form.${part}`)}</label>
            <input
              id={`${id}-${part}`}
              className={`nhsuk-input nhsuk-date-input__input nhsuk-input--width-${part === 'year' ? 4 : 2}`}
              inputMode="numeric"
              autoComplete="off"
              maxLength={part === 'year' ? 4 : 2}
              value={text[part]}
              onChange={(event) => set(part, event.target.value)}
            />
          </div>
        ))}
      </div>
    </Question>
  );
}

// When something happened. Kept as the instant it means; the form sends it as the local time that
// was said, with the offset where the clock showed that time twice.
export interface Moment {
  // What was typed, if it was.
  text?: string;
  // The instant; none while what was typed means none.
  ms?: number;
}

export function toLocalTime(moment: Moment | undefined) {
  return moment?.ms === undefined ? undefined : localTimeOf(moment.ms);
}

interface WhenProps extends ControlProps<Moment> {
  // "20 minutes ago": in minutes.
  ago: number[];
  // Says what the answer means for the first deadline, in minutes from the instant.
  deadline?: { minutes: number; label: string };
}

export function When(props: WhenProps) {
  const { t } = useWords();
  const id = useId();
  const now = useNow(1000);
  const { ago, value, change, deadline } = props;
  const [other, setOther] = useState(value?.text !== undefined);
  // Which of the quick answers was given: it stays chosen while the minutes go by.
  const [picked, setPicked] = useState<number>();
  const typed = value?.text ?? '';
  const read = other && typed !== '' ? readTime(typed, now) : undefined;

  const pick = (minutes: number) => {
    setOther(false);
    setPicked(minutes);
    change({ ms: Math.floor((now - minutes * 60_000) / 60_000) * 60_000 });
  };
  const openOther = () => {
    setOther(true);
    setPicked(undefined);
    change({ text: typed });
  };
  const type = (text: string) => {
    const meant = readTime(text, now);
    change(meant.kind === 'one' ? { text, ms: meant.ms } : { text });
  };
  const echo =
    read?.kind === 'skipped'
      ? t('when.skipped')
      : read?.kind === 'future'
        ? t('when.future')
        : read?.kind === 'unclear'
          ? t('when.unclear')
          : undefined;
  return (
    <Question
      {...props}
      error={props.error ?? (typed.length > 3 ? echo : undefined)}
      onKeyDown={(event) => {
        const digit = digitOf(event);
        if (digit === 0 || typesText(event.target)) return;
        const from = event.currentTarget;
        if (digit <= ago.length) {
          event.preventDefault();
          flushSync(() => pick(ago[digit - 1]!));
          goOn(from);
        } else if (digit === ago.length + 1) {
          event.preventDefault();
          flushSync(openOther);
          from.querySelector<HTMLInputElement>('input[type=text]')?.focus();
        }
      }}
    >
      <div className="nhsuk-radios nhsuk-radios--small wm-options">
        {ago.map((minutes, i) => (
          <div className="nhsuk-radios__item" key={minutes}>
            <input className="nhsuk-radios__input" type="radio" id={`${id}-${minutes}`} name={props.name} checked={!other && picked === minutes} onChange={() => pick(minutes)} />
            <label className="nhsuk-label nhsuk-radios__label" htmlFor={`${id}-${minutes}`}>
              {minutes === 0 ? t('when.now') : t('when.ago', { span: spanText(t, minutes * 60_000) })}
              <kbd className="wm-digit" aria-hidden="true">{i + 1}</kbd>
            </label>
          </div>
        ))}
        <div className="nhsuk-radios__item">
          <input className="nhsuk-radios__input" type="radio" id={`${id}-other`} name={props.name} checked={other} onChange={openOther} />
          <label className="nhsuk-label nhsuk-radios__label" htmlFor={`${id}-other`}>
            {t('when.other')}
            <kbd className="wm-digit" aria-hidden="true">{ago.length + 1}</kbd>
          </label>
        </div>
      </div>
      {other && (
        <div className="wm-typed">
          <label className="nhsuk-label" htmlFor={`${id}-typed`}>{t('when.typed')}</label>
          <div className="nhsuk-hint" id={`${id}-typed-hint`}>{t('when.typed_hint')}</div>
          <input
            id={`${id}-typed`}
            className="nhsuk-input nhsuk-input--width-20"
            type="text"
            autoComplete="off"
            value={typed}
            aria-describedby={`${id}-typed-hint`}
            onChange={(event) => type(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              goOn(event.currentTarget);
            }}
          />
          {read?.kind === 'twice' && (
            <div className="nhsuk-radios nhsuk-radios--small wm-twice" role="group" aria-label={t('when.twice')}>
              <p>{t('when.twice')}</p>
              {read.both.map((ms) => (
                <div className="nhsuk-radios__item" key={ms}>
                  <input className="nhsuk-radios__input" type="radio" name={`${props.name}-twice`} id={`${id}-${ms}`} checked={value?.ms === ms} onChange={() => change({ text: typed, ms })} />
                  <label className="nhsuk-label nhsuk-radios__label" htmlFor={`${id}-${ms}`}>{zonedText(t, ms)}</label>
                </div>
              ))}
            </div>
          )}
        </div>
      )}
      {value?.ms !== undefined && (
        <p className="wm-echo" role="status">
          {dateTimeText(t, value.ms)}
          {deadline && (
            <strong className={now > value.ms + deadline.minutes * 60_000 ? 'wm-echo__late' : undefined}>
              {' '}{deadline.label} {leftText(t, value.ms + deadline.minutes * 60_000 - now)}
            </strong>
          )}
        </p>
      )}
    </Question>
  );
}

