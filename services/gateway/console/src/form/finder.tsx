import { useId, useState } from 'react';
import { newRequestId, shortRef } from '../api/ids';
import { troubleOf } from '../api/errors';
import { client } from '../api/transport';
import type { PersonHit } from '../gen/waymark/workforce/v1/person_pb';
import { WorkforceService } from '../gen/waymark/workforce/v1/workforce_service_pb';
import { civilDateText } from '../time/dates';
import { useWords } from '../words/words';
import { goOn } from './controls';

export interface Found {
  subjectId: string;
  // Shown, never sent with the form.
  name: string;
  collar: string;
  provisional?: boolean;
}

interface Props {
  value: Found | undefined;
  change: (value: Found | undefined) => void;
  error?: string | undefined;
  // Those who may log but not look people up type the reference they were given.
  mayFind: boolean;
  label: string;
}

export function nameOf(hit: PersonHit): string {
  const { name } = hit;
  return [name?.knownAs || name?.given, name?.family].filter(Boolean).join(' ');
}

// A collar number, an NHS number or a family name: what was typed says which.
function asked(typed: string) {
  const digits = typed.replace(/[\s-]/g, '');
  if (/^\d{10}$/.test(digits)) return { nhsNumber: digits };
  return /\d/.test(typed) ? { collarNumber: typed.trim() } : { familyName: typed.trim() };
}

export function Finder({ value, change, error, mayFind, label }: Props) {
  const { t } = useWords();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [hits, setHits] = useState<PersonHit[]>();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  const choose = (found: Found, from: Element) => {
    change(found);
    setHits(undefined);
    // The control that was used is gone with the answer; its question is not.
    const form = from.closest('form');
    const question = () => form?.querySelector('[data-question="person"]');
    requestAnimationFrame(() => requestAnimationFrame(() => question() && goOn(question()!)));
  };
  const take = (hit: PersonHit, from: Element) =>
    choose({ subjectId: hit.subjectId, name: nameOf(hit), collar: hit.collarNumber }, from);
  const find = async (from: Element) => {
    if (typed.trim() === '') return;
    if (!mayFind) {
      if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(typed.trim())) {
        choose({ subjectId: typed.trim().toLowerCase(), name: shortRef(typed.trim()), collar: '' }, from);
      } else setProblem(t('find.not_a_reference'));
      return;
    }
    setBusy(true);
    setProblem('');
    try {
      const answer = await client(WorkforceService).findPeople(asked(typed));
      if (answer.hits.length === 1) return take(answer.hits[0]!, from);
      setHits(answer.hits);
      if (answer.hits.length === 0) setProblem(t('find.nobody'));
      else if (answer.more) setProblem(t('find.more'));
    } catch (failure) {
      setHits([]);
      setProblem(troubleOf(failure).kind === 'offline' ? t('find.unavailable') : troubleOf(failure).message);
    } finally {
      setBusy(false);
    }
  };
  const provisional = (from: Element) =>
    choose({ subjectId: newRequestId(), name: t('find.provisional_name'), collar: '', provisional: true }, from);

  const said = problem || error;
  return (
    <div className={`nhsuk-form-group ${said ? 'nhsuk-form-group--error' : ''}`} data-question="person">
      {value ? (
        <>
          <div className="nhsuk-label nhsuk-label--s">{label}</div>
          <p className="wm-person">
            <strong>{value.name}</strong>
            {value.collar && <span>{t('find.collar', { collar: value.collar })}</span>}
            <button type="button" className="wm-link" onClick={() => change(undefined)}>{t('form.change')}</button>
          </p>
          {value.provisional && <p className="nhsuk-hint">{t('find.provisional_hint', { ref: shortRef(value.subjectId) })}</p>}
        </>
      ) : (
        <>
          <label className="nhsuk-label nhsuk-label--s" htmlFor={id}>{label}</label>
          <div className="nhsuk-hint" id={`${id}-hint`}>{t(mayFind ? 'find.hint' : 'find.hint_reference')}</div>
          {said && <span className="nhsuk-error-message" id={`${id}-error`} role={problem ? 'alert' : undefined}>{said}</span>}
          <div className="wm-find">
            <input
              id={id}
              name="person"
              className="nhsuk-input nhsuk-input--width-20"
              value={typed}
              autoComplete="off"
              aria-describedby={`${id}-hint${said ? ` ${id}-error` : ''}`}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                event.preventDefault();
                void find(event.currentTarget);
              }}
            />
            <button type="button" className="nhsuk-button nhsuk-button--secondary wm-button--small" disabled={busy} onClick={(event) => void find(event.currentTarget)}>
              {t('find.button')}
            </button>
          </div>
          {hits && (
            <ul className="wm-hits">
              {hits.map((hit) => (
                <li key={hit.subjectId}>
                  <button type="button" className="wm-hit" onClick={(event) => take(hit, event.currentTarget)}>
                    <strong>{nameOf(hit)}</strong>
                    <span>{t('find.collar', { collar: hit.collarNumber || '-' })}</span>
                    {hit.birthDate && <span>{t('find.born', { date: civilDateText(t, hit.birthDate) })}</span>}
                  </button>
                </li>
              ))}
              <li>
                <button type="button" className="wm-link" onClick={(event) => provisional(event.currentTarget)}>{t('find.provisional')}</button>
              </li>
            </ul>
          )}
        </>
      )}
    </div>
  );
}
